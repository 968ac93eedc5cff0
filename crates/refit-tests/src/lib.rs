//! Tests that need more than one room.

pub mod crashing;
pub mod effects;
pub mod house;
pub mod landscapes;
