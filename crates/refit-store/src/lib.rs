//! The journal and every other event stream, on SQLite and in memory.
