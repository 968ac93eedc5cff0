//! The tables, and their version.

/// The version of the tables that this build reads and writes. A change of
/// meaning raises it and adds a step that brings older tables up to it.
pub const VERSION: i64 = 1;

/// What makes the tables of version 1.
///
/// Times are microseconds since the epoch: an integer means the same in every
/// database. The head of each stream stands in a row of its own, so that the
/// place of the last event is known without reading any. A lease's row outlives
/// the lease, because its number may never be used again; a holder of NULL
/// means that it was given back.
pub(crate) const TABLES: [&str; 4] = [
    "CREATE TABLE refit_schema (version BIGINT NOT NULL)",
    "CREATE TABLE streams (
        name TEXT NOT NULL PRIMARY KEY,
        head BIGINT NOT NULL
    )",
    "CREATE TABLE events (
        stream TEXT NOT NULL REFERENCES streams (name),
        seq BIGINT NOT NULL,
        at_us BIGINT NOT NULL,
        actor TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (stream, seq)
    )",
    "CREATE TABLE leases (
        target TEXT NOT NULL PRIMARY KEY,
        epoch BIGINT NOT NULL,
        holder TEXT,
        expires_us BIGINT NOT NULL
    )",
];

pub(crate) const SET_VERSION: &str = "INSERT INTO refit_schema (version) VALUES ($1)";
pub(crate) const GET_VERSION: &str = "SELECT MAX(version) FROM refit_schema";

pub(crate) const GET_LEASE: &str = "SELECT epoch, holder, expires_us FROM leases WHERE target = $1";
pub(crate) const PUT_LEASE: &str =
    "INSERT INTO leases (target, epoch, holder, expires_us) VALUES ($1, $2, $3, $4)
     ON CONFLICT (target) DO UPDATE
     SET epoch = excluded.epoch, holder = excluded.holder, expires_us = excluded.expires_us";
pub(crate) const RENEW_LEASE: &str =
    "UPDATE leases SET expires_us = $1 WHERE target = $2 AND epoch = $3 AND holder = $4";
pub(crate) const GIVE_BACK_LEASE: &str =
    "UPDATE leases SET holder = NULL WHERE target = $1 AND epoch = $2 AND holder = $3";

pub(crate) const GET_HEAD: &str = "SELECT head FROM streams WHERE name = $1";
pub(crate) const ADD_STREAM: &str = "INSERT INTO streams (head, name) VALUES ($1, $2)";
pub(crate) const ADVANCE: &str = "UPDATE streams SET head = $1 WHERE name = $2 AND head = $3";
pub(crate) const ADVANCE_UNDER_LEASE: &str =
    "UPDATE streams SET head = $1 WHERE name = $2 AND head = $3
     AND EXISTS (SELECT 1 FROM leases WHERE target = $4 AND epoch = $5 AND holder = $6)";
pub(crate) const ADD_EVENT: &str =
    "INSERT INTO events (stream, seq, at_us, actor, body) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const READ_EVENTS: &str =
    "SELECT seq, at_us, actor, body FROM events WHERE stream = $1 AND seq > $2 ORDER BY seq";

/// A prefix is searched as a range and not with LIKE, whose wildcards would
/// have to be escaped. Both columns compare by bytes.
pub(crate) const STREAMS_FROM: &str = "SELECT name FROM streams WHERE name >= $1 ORDER BY name";
pub(crate) const STREAMS_BETWEEN: &str =
    "SELECT name FROM streams WHERE name >= $1 AND name < $2 ORDER BY name";

/// The first text behind every text that begins with `prefix`; nothing when
/// there is none, as for the empty prefix.
pub(crate) fn behind(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        // The scalar values skip the surrogates, and so does this.
        let next = match u32::from(last) {
            0xD7FF => 0xE000,
            code => code.saturating_add(1),
        };
        if let Some(next) = char::from_u32(next) {
            kept.push(next);
            return Some(kept);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_range_is_right_behind_its_prefix() {
        for (prefix, end) in [
            ("run/", Some("run0")),
            ("a%", Some("a&")),
            ("z", Some("{")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{10FFFF}", None),
            ("", None),
        ] {
            assert_eq!(behind(prefix).as_deref(), end, "{prefix:?}");
            if let Some(end) = end {
                assert!(format!("{prefix}\u{10FFFF}\u{10FFFF}").as_str() < end);
            }
        }
    }
}
