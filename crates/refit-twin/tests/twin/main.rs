//! The twin against what was recorded of the real thing.

mod eviction;
mod support;
