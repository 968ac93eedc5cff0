//! A simulated landscape made of rules, in seeded virtual time.
//!
//! A [`Twin`] is made from a snapshot. It moves only when it is told to
//! ([`Twin::advance_to`]), draws only from its seed, and answers like the
//! landscape it stands for: as a `World` to the executor ([`SharedTwin`]), and as
//! a Kubernetes API server to anything that speaks to one.
//!
//! What it models, it models exactly: evictions, budgets and the workload
//! controllers are tested against recorded answers of a real control plane.
//! What it does not model, a rehearsal names.

mod agenda;
mod api;
mod controllers;
mod disruption;
mod drain;
mod eviction;
mod incidents;
mod juju;
mod kubelet;
mod load;
mod namespaces;
mod observe;
mod options;
mod random;
mod rehearse;
mod scheduler;
mod shelf;
mod state;
mod twin;
mod upkeep;
mod webhook;
mod world;

pub use api::{ApiRequest, ApiResponse, Method};
pub use options::{Fault, FaultKind, Rate, TwinOptions};
pub use rehearse::{
    RehearsalOptions, RehearseError, as_far_as_modelled, options_for, play, rehearse,
};
pub use twin::{Effect, Twin, TwinError};
pub use world::SharedTwin;
