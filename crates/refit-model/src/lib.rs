//! The nouns of Refit.
//!
//! Everything that the rooms of the house hand to each other is defined here:
//! versions, the snapshot of a landscape, conditions over it, steps, templates,
//! plans, findings, objections, events. The one verb is *judging*: whether a
//! condition holds in a snapshot, and where a step stands ([`standing`]).
//!
//! This crate does no I/O and knows no clock, no randomness, no async runtime
//! and no Kubernetes client. Times are values that somebody else observed.

pub mod act;
pub mod assessment;
pub mod budget;
pub mod code;
pub mod command;
pub mod condition;
pub mod duration;
pub mod environment;
pub mod event;
pub mod expression;
pub mod fingerprint;
pub mod governance;
pub mod guide;
pub mod hash;
pub mod inventory;
pub mod juju;
pub mod kubernetes;
pub mod lint;
pub mod look;
pub mod name;
pub mod object;
pub mod overlay;
pub mod path;
pub mod plan;
pub mod plan_overlay;
pub mod policy;
pub mod query;
pub mod rehearsal;
pub mod report;
pub mod review;
pub mod seen;
pub mod selector;
pub mod snapshot;
pub mod standing;
pub mod step;
pub mod template;
pub mod verification;
pub mod version;
pub mod visible;
pub mod waiver;

/// The `apiVersion` of every file kind that Refit reads and writes.
pub const API_VERSION: &str = "refit.dev/v1alpha1";
