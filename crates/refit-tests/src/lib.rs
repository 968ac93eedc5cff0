//! Tests that need more than one room.

pub mod crashing;
pub mod house;
