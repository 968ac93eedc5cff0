//! From one Kubernetes object to what an upgrade needs to know of it.
//!
//! One function per kind, each over one object as JSON. They are used for files
//! and for objects read from a live cluster alike. A field that is missing
//! becomes a gap in the reading; an object that cannot be named is refused.
//! What needs several objects at once is in [`link`] and in [`gathering`].

pub mod api_service;
pub mod application;
pub mod budget;
pub mod component;
mod coverage;
pub mod definition;
pub mod distilled;
pub mod distribution;
mod doubled;
mod evidence;
mod field;
pub mod gathering;
pub(crate) mod kinds;
mod lineage;
pub mod link;
pub mod node;
mod parts;
mod placement;
pub mod pod;
pub mod quantity;
mod released;
pub(crate) mod scaler;
pub mod service;
pub mod settings;
pub mod volume;
pub mod webhook;
pub mod workload;

pub(crate) use field::untextual;
pub use field::{key, name, newest_time, owner};

/// Why an object cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct Refused {
    /// The field, as a path.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}
