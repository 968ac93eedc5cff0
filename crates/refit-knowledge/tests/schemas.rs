//! The fields of every definition of every minor against what two other
//! projects have, hashed. Every disagreement is explained in the ledger.
//!
//! Reads only checked-in files. `cargo xtask knowledge second-sources` makes
//! them, and `cargo xtask knowledge verify` names the lines that differ.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::schema::Span;
use refit_knowledge::table::{Record, Schema, Table};
use refit_model::version::Minor;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

const SECOND: &str = include_str!("../../../knowledge/second-sources/schemas.csv");
const LEDGER: &str = include_str!("../../../knowledge/second-sources/schema-ledger.csv");

const SECOND_SCHEMA: Schema = Schema {
    format: "refit-knowledge/second-source-schemas/1",
    columns: &["second_source", "minor", "definitions", "lines", "sha256"],
    key: 2,
};

const LEDGER_SCHEMA: Schema = Schema {
    format: "refit-knowledge/schema-ledger/1",
    columns: &[
        "second_source",
        "definition",
        "field",
        "what",
        "minors",
        "side",
        "reason",
    ],
    key: 5,
};

/// A definition, a field of it or nothing, and what is said of that.
type Line = [String; 3];

/// What the facts say of one minor, in the words of a second source.
fn ours(second_source: &str, minor: Minor) -> BTreeSet<Line> {
    let mut lines = BTreeSet::new();
    for definition in Knowledge::embedded().schemas().definitions_at(minor) {
        let name = definition.name();
        let mut say = |field: &str, what: &str| {
            lines.insert([name, field, what].map(str::to_owned));
        };
        say("", "definition");
        for field in definition.fields() {
            // The types of the crate are Rust's: only the names can be compared.
            if second_source == "k8s-openapi" {
                say(field.name, "field");
                continue;
            }
            say(field.name, field.shape);
            if field.required {
                say(field.name, "required");
            }
        }
    }
    lines
}

fn fits(pattern: &str, value: &str) -> bool {
    pattern
        .split_once('*')
        .map_or(pattern == value, |(start, end)| {
            value.starts_with(start) && value.ends_with(end)
        })
}

/// What the second source must say, by the facts and the ledger. A row that
/// takes or adds nothing is returned by its definition.
fn expected(
    ledger: &[Record<'_>],
    second_source: &str,
    minor: Minor,
) -> (BTreeSet<Line>, Vec<String>) {
    let mut lines = ours(second_source, minor);
    let mut needless = Vec::new();
    for row in ledger {
        let span: Span = row.value("minors", "a span").unwrap();
        if row.text("second_source") != second_source || !span.holds(minor) {
            continue;
        }
        let columns = ["definition", "field", "what"].map(|column| row.text(column));
        let before = lines.len();
        match row.text("side") {
            "only-here" => lines.retain(|line| {
                !std::iter::zip(columns, line).all(|(pattern, value)| fits(pattern, value))
            }),
            "only-there" => {
                lines.insert(columns.map(str::to_owned));
            }
            side => panic!("{side} is no side"),
        }
        if lines.len() == before {
            needless.push(format!("{} in {minor}", columns.join(" ")));
        }
    }
    (lines, needless)
}

fn hash(lines: &BTreeSet<Line>) -> String {
    let text: String = lines.iter().map(|line| line.join(" ") + "\n").collect();
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn both_second_sources_have_the_same_schemas() {
    let second = Table::read("schemas.csv", SECOND, &SECOND_SCHEMA).unwrap();
    let ledger = Table::read("schema-ledger.csv", LEDGER, &LEDGER_SCHEMA).unwrap();
    let ledger: Vec<Record<'_>> = ledger.records().collect();
    let mut minors = Vec::new();
    for row in second.records() {
        let minor: Minor = row.value("minor", "a minor").unwrap();
        let source = row.text("second_source");
        let (lines, needless) = expected(&ledger, source, minor);
        assert_eq!(needless, Vec::<String>::new(), "{source}: needless rows");
        let definitions = lines.iter().filter(|[_, field, _]| field.is_empty());
        assert_eq!(
            [
                definitions.count().to_string(),
                lines.len().to_string(),
                hash(&lines)
            ],
            ["definitions", "lines", "sha256"].map(|column| row.text(column).to_owned()),
            "{source} says otherwise of {minor}; `cargo xtask knowledge verify` names the lines"
        );
        minors.push((source.to_owned(), minor));
    }
    let all = |source: &str, first, last: Minor| -> Vec<(String, Minor)> {
        let first = Minor::new(1, first);
        std::iter::once(first)
            .chain(first.up_to(last))
            .map(|minor| (source.to_owned(), minor))
            .collect()
    };
    let (_, last) = Knowledge::embedded().covers();
    let wanted = [
        all("k8s-openapi", 33, last),
        all("kubernetes-validate", 16, last),
    ]
    .concat();
    assert_eq!(minors, wanted, "every minor that both cover is compared");
}

/// The kinds of this family are those of the API table's documents, which a test
/// of their own compares with the second sources.
#[test]
fn kinds_are_those_of_the_api_table() {
    let knowledge = Knowledge::embedded();
    let (first, last) = knowledge.covers();
    for minor in std::iter::once(first).chain(first.up_to(last)) {
        let here: BTreeSet<_> = knowledge
            .schemas()
            .kinds_at(minor)
            .map(|(kind, _)| kind)
            // What the table leaves out: see kubernetes/api-lifecycle-left-out.csv
            // and the ledger of the kinds.
            .filter(|kind| {
                !kind.kind.ends_with("List")
                    && ![
                        "DeleteOptions",
                        "WatchEvent",
                        "Status",
                        "APIGroup",
                        "APIVersions",
                    ]
                    .contains(&kind.kind.as_str())
            })
            .collect();
        let table: BTreeSet<_> = knowledge.apis().kinds_at(minor).collect();
        let missing: Vec<_> = table.difference(&here).collect();
        assert!(missing.is_empty(), "{minor}: {missing:?}");
        let more: Vec<_> = here.difference(&table).collect();
        assert!(more.is_empty(), "{minor}: {more:?}");
    }
}
