//! Tests that need more than one room.

pub mod house;
