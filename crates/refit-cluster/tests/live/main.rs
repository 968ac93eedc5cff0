//! The live world against an API server that answers from a script.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what builds a test may fail it"
)]

mod acting;
mod connecting;
mod observing;
mod scripted;
