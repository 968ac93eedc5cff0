//! Plans for projects, carried out from the first step to the verified end: by
//! the real hands, through stand-ins for the tools, with a failure at every step.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

mod cluedin;
mod desk;
