//! The real Kubernetes client against the twin's endpoint, over TCP.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what builds a test may fail it"
)]

mod acting;
mod harbour;
mod looking;
mod plan;
