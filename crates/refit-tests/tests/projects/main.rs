//! Plans for projects: from what programs show to a workflow that people approve.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

mod broken;
mod canonical;
mod canonical_run;
mod cluedin;
mod commands;
mod eks;
mod guide;
mod k3s;
mod laws;
mod osism;
mod support;
