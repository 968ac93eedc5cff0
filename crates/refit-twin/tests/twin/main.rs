//! The twin against what was recorded of the real thing.

mod acts;
mod eviction;
mod juju;
mod rehearsal;
mod roll;
mod support;
