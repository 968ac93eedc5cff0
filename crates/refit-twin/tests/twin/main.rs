//! The twin against what was recorded of the real thing.

#![cfg(test)]

mod acts;
mod eviction;
mod juju;
mod rehearsal;
mod roll;
mod support;
