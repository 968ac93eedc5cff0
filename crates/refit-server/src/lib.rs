//! What Refit offers over HTTP: the twin's Kubernetes endpoint; later the HTTP
//! API and the pages.

mod listen;
mod twin;

pub use listen::{Served, serve};
pub use twin::twin_endpoint;
