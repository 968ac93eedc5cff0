//! The laws of the design, one file each, over landscapes drawn by lot.

mod caution;
mod crash;
mod fixpoint;
mod interpreter;
mod safety;
mod sameness;
mod second_opinion;
