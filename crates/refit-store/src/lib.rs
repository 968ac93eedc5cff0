//! The journal and every other event stream, on SQLite.
//!
//! The statements are such that PostgreSQL accepts them as well: it will join
//! behind the same port and the same conformance suite. The journal in memory is
//! [`refit_executor::MemoryJournal`].
//!
//! Times are kept in whole microseconds, which both databases can do exactly.

mod journal;
mod schema;
mod sqlite;

pub use schema::VERSION;
pub use sqlite::{IfMissing, OpenError, SqliteJournal};
