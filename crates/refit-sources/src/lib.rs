//! Decodes what others write: manifests, Helm releases, kubectl dumps, juju status.
//!
//! Pure over bytes: [`read`] is given the contents of files and returns a
//! [`Snapshot`] with what they show, gaps for what they do not, and notes for
//! their authors. Every object knows its file, line and column. Input is not
//! trusted: nesting, expansion and unpacking are bounded, and a document that
//! cannot be read costs that document alone.
//!
//! The functions of [`kube`] each distil one object; they serve objects that
//! were read from a live cluster as well.

pub mod archive;
mod chart;
pub mod guide;
pub mod helm;
mod identity;
pub mod inflate;
pub mod interest;
mod json;
pub mod juju;
pub mod kube;
mod list;
mod own;
mod reading;
mod tally;
mod unrendered;
mod walk;
mod watch;
mod weight;
mod words;
pub mod yaml;

pub use interest::Interest;
pub use reading::{Decoded, Note, ReadOptions, Reader, Reading, SourceFile, decode, read};
pub use tally::{Progress, Tally};
pub use unrendered::is_unrendered;
pub use watch::Watch;

#[cfg(doc)]
use refit_model::snapshot::Snapshot;
