//! The laws of the design, one file each, over landscapes drawn by lot.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

mod caution;
mod crash;
mod fixpoint;
mod interpreter;
mod paths;
mod safety;
mod sameness;
mod second_opinion;
