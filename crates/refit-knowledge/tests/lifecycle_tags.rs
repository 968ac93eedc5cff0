//! The table of API versions against what upstream states beside the types, column
//! by column. Every disagreement is explained in the ledger; one that is not, and
//! an explanation that is not needed, fail.
//!
//! Reads only checked-in files; `cargo xtask knowledge second-sources --api` makes
//! the one of upstream.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::api::{Lifecycle, Since};
use refit_knowledge::table::{Record, Schema, Table};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::BTreeMap;

const TAGS: &str = include_str!("../../../knowledge/second-sources/lifecycle-tags.csv");
const LEDGER: &str = include_str!("../../../knowledge/second-sources/ledger-lifecycle.csv");

const TAGS_SCHEMA: Schema = Schema {
    format: "refit-knowledge/lifecycle-tags/1",
    columns: &[
        "group",
        "version",
        "kind",
        "first_tag",
        "last_tag",
        "introduced",
        "deprecated",
        "removed",
        "replacement",
    ],
    key: 3,
};

const LEDGER_SCHEMA: Schema = Schema {
    format: "refit-knowledge/ledger-lifecycle/1",
    columns: &[
        "group", "version", "kind", "column", "stated", "here", "reason",
    ],
    key: 4,
};

fn name(record: Record<'_>) -> GroupVersionKind {
    GroupVersionKind {
        group: record.text("group").to_owned(),
        version: record.text("version").to_owned(),
        kind: record.text("kind").to_owned(),
    }
}

/// What the table says in one column.
fn here(life: &Lifecycle, column: &str) -> String {
    let text = |minor: Option<Minor>| minor.map_or_else(String::new, |minor| minor.to_string());
    match column {
        "introduced" => match life.introduced {
            Since::Exactly(minor) => minor.to_string(),
            Since::AtLatest(minor) => format!("<={minor}"),
        },
        "deprecated" => text(life.deprecated),
        "removed" => text(life.removal.map(|removal| removal.in_minor)),
        _ => life
            .replacement
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    }
}

#[test]
fn what_upstream_states_of_each_kind() {
    let apis = Knowledge::embedded().apis();
    let tags = Table::read("lifecycle-tags.csv", TAGS, &TAGS_SCHEMA).unwrap();
    let ledger = Table::read("ledger-lifecycle.csv", LEDGER, &LEDGER_SCHEMA).unwrap();
    let mut explained: BTreeMap<(GroupVersionKind, &str), (&str, &str)> = BTreeMap::new();
    for record in ledger.records() {
        assert!(!record.text("reason").is_empty());
        let says = (record.text("stated"), record.text("here"));
        explained.insert((name(record), record.text("column")), says);
    }
    let (rows, mut compared, mut problems) = (explained.len(), 0, Vec::new());
    for record in tags.records() {
        let api = name(record);
        let Some(life) = apis.lifecycle(&api) else {
            problems.push(format!("{api}: no row here"));
            continue;
        };
        for column in ["introduced", "deprecated", "removed", "replacement"] {
            let stated = record.text(column);
            // Upstream leaves most successors out; those come from history.
            if column == "replacement" && stated.is_empty() {
                continue;
            }
            compared += 1;
            let here = here(life, column);
            let told = explained.remove(&(api.clone(), column));
            match told {
                None if here == stated => {}
                Some(told) if told == (stated, here.as_str()) && here != stated => {}
                None => problems.push(format!(
                    "{api} {column}: upstream states {stated:?}, here stands {here:?}"
                )),
                Some(told) => problems.push(format!(
                    "{api} {column}: explained as {told:?}, and it is {stated:?} and {here:?}"
                )),
            }
        }
    }
    for (api, column) in explained.keys() {
        problems.push(format!("{api} {column}: explained, and not there"));
    }
    println!("{compared} statements of upstream: {rows} differ and are explained");
    assert_eq!(problems, [""; 0]);
    assert!(compared > 500, "{compared}");
}
