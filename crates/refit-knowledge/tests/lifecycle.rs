//! Every row of the API table at every minor, against a second reading of it.
//!
//! The reading here is written from what the columns mean, on purpose without
//! any of the code under test: it splits the text itself and keeps minors as
//! plain numbers.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::api::ApiStatus;
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;

const TABLE: &str = include_str!("../../../knowledge/kubernetes/api-lifecycle.csv");

/// The part of a row that says where the kind stands at a minor.
struct Row {
    api: String,
    introduced: u16,
    deprecated: Option<u16>,
    removed: Option<u16>,
}

fn number(text: &str) -> Option<u16> {
    text.trim_start_matches("<=")
        .strip_prefix("1.")?
        .parse()
        .ok()
}

fn rows() -> Vec<Row> {
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            // Only the notes may hold a comma, and they come last.
            let values: Vec<&str> = line.splitn(columns.len(), ',').collect();
            let value = |name: &str| values[columns.iter().position(|c| *c == name).unwrap()];
            let group = value("group");
            let slash = if group.is_empty() { "" } else { "/" };
            Row {
                api: format!("{group}{slash}{} {}", value("version"), value("kind")),
                introduced: number(value("introduced")).unwrap(),
                deprecated: number(value("deprecated")),
                removed: number(value("removed")),
            }
        })
        .collect()
}

/// What the row says of a minor: gone beats discouraged beats there beats to come.
fn reading(row: &Row, minor: u16) -> &'static str {
    if row.removed.is_some_and(|removed| removed <= minor) {
        return "removed";
    }
    if minor < row.introduced {
        return "to come";
    }
    if row.deprecated.is_some_and(|deprecated| deprecated <= minor) {
        return "deprecated";
    }
    "served"
}

#[test]
fn every_row_at_every_minor() {
    let apis = Knowledge::embedded().apis();
    let rows = rows();
    assert_eq!(rows.len(), apis.len());
    let mut seen = 0;
    for row in &rows {
        let api: GroupVersionKind = row.api.parse().unwrap();
        for minor in 16..=37 {
            let found = match apis.status_at(&api, Minor::new(1, minor)) {
                ApiStatus::NotYetServed { introduced } => {
                    assert_eq!(introduced.minor(), row.introduced);
                    "to come"
                }
                ApiStatus::Served => "served",
                ApiStatus::Deprecated { since, .. } => {
                    assert_eq!(Some(since.minor()), row.deprecated);
                    "deprecated"
                }
                ApiStatus::Removed { in_minor } => {
                    assert_eq!(Some(in_minor.minor()), row.removed);
                    "removed"
                }
                ApiStatus::Unknown(_) | ApiStatus::NotBuiltIn => "not known",
            };
            assert_eq!(found, reading(row, minor), "{} at 1.{minor}", row.api);
            seen += 1;
        }
    }
    assert_eq!(seen, rows.len() * 22);
}

/// Counts of what the issue and the sources speak of, so that rows cannot get
/// lost without anybody noticing.
#[test]
fn as_many_as_the_sources_have() {
    let rows = rows();
    assert_eq!(rows.len(), 231);
    let removed_in = |minor: u16| rows.iter().filter(|row| row.removed == Some(minor)).count();
    // 1.16, 1.22, 1.25 and 1.35 hold five, three, one and one that are no resources.
    let found: Vec<usize> = (16..=37).map(removed_in).collect();
    assert_eq!(
        found,
        [
            18, 1, 0, 1, 1, 3, 26, 6, 2, 9, 3, 5, 0, 3, 0, 9, 7, 1, 6, 4, 1, 6
        ]
    );
}
