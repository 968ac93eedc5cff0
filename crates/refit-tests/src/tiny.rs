//! A world of one node and one Juju application, and plans for it: small enough
//! that everything which can go wrong in it can be tried.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

pub mod plans;
pub mod world;
