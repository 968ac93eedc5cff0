//! Snapshots from live systems and the real `World`.
//!
//! What it observes is decoded by `refit-sources`, what it means is judged in
//! `refit-model`; this crate asks the Kubernetes API and sends it what a step
//! wants done. It is an edge: it knows the network and the clock.
//!
//! The client never repeats a request by itself (see [`client`]). Answers are
//! bounded: 64 MiB each, 30 s each, 10 s to connect, and an act by its deadline.

mod collection;
mod connect;
mod cordon;
mod decode;
mod drain;
mod eviction;
mod list;
mod look;
mod offered;
mod permits;
mod program;
mod refusal;
mod surroundings;
mod survey;
mod text;
mod warning;
mod wire;
mod world;

pub use collection::{HelmReleases, Read, Reads, reads};
pub use connect::{Access, ConnectError, ConnectOptions, Contexts, contexts};
pub use cordon::CORDONED_BY;
pub use offered::ApiFacts;
pub use permits::{Right, acts};
pub use program::{ToolWorld, look_through};
pub use surroundings::Surroundings;
pub use wire::client;
pub use world::{Hands, LiveWorld, Survey};
