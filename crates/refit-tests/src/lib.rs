//! Tests that need more than one room.

pub mod crashing;
pub mod effects;
pub mod hiding;
pub mod histories;
pub mod house;
pub mod interpreter;
pub mod landscapes;
pub mod line;
pub mod programs;
pub mod stand_in;
pub mod tiny;
