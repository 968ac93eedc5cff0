//! The kinds of every minor against what two other projects say, and against
//! the table's own dates. Every disagreement is explained in the ledger; a
//! disagreement that is not, and an explanation that is not needed, fail.
//!
//! Reads only checked-in files. `cargo xtask knowledge second-sources` makes them.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::api::ApiStatus;
use refit_knowledge::table::{Record, Schema, Table};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};

const KUBERNETES_VALIDATE: &str =
    include_str!("../../../knowledge/second-sources/kubernetes-validate.csv");
const K8S_OPENAPI: &str = include_str!("../../../knowledge/second-sources/k8s-openapi.csv");
const LEDGER: &str = include_str!("../../../knowledge/second-sources/ledger.csv");

const SECOND_SOURCE: Schema = Schema {
    format: "refit-knowledge/second-source/1",
    columns: &["group", "version", "kind", "minors"],
    key: 3,
};

const LEDGER_SCHEMA: Schema = Schema {
    format: "refit-knowledge/ledger/1",
    columns: &[
        "second_source",
        "group",
        "version",
        "kind",
        "minors",
        "side",
        "reason",
    ],
    key: 6,
};

/// Which kinds each minor has.
type Kinds = BTreeMap<Minor, BTreeSet<GroupVersionKind>>;

/// Minors written as `1.10..1.21 1.25..1.37`.
fn spans(text: &str) -> BTreeSet<Minor> {
    text.split_whitespace()
        .flat_map(|span| {
            let (first, last) = span.split_once("..").unwrap();
            let (first, last): (Minor, Minor) = (first.parse().unwrap(), last.parse().unwrap());
            assert!(first <= last, "{span}");
            std::iter::once(first).chain(first.up_to(last))
        })
        .collect()
}

fn name(record: Record<'_>) -> GroupVersionKind {
    GroupVersionKind {
        group: record.text("group").to_owned(),
        version: record.text("version").to_owned(),
        kind: record.text("kind").to_owned(),
    }
}

/// What a second source says, for the minors that it covers.
fn said_by(file: &str, text: &str) -> Kinds {
    let table = Table::read(file, text, &SECOND_SOURCE).unwrap();
    let covered = text
        .lines()
        .find_map(|line| line.strip_prefix("# minors: "))
        .unwrap();
    let mut kinds: Kinds = spans(covered)
        .into_iter()
        .map(|m| (m, BTreeSet::new()))
        .collect();
    for record in table.records() {
        for minor in spans(record.text("minors")) {
            kinds.get_mut(&minor).unwrap().insert(name(record));
        }
    }
    kinds
}

/// One thing that one side has and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Disagreement {
    second_source: &'static str,
    api: GroupVersionKind,
    minor: Minor,
    side: &'static str,
}

fn compare(second_source: &'static str, there: &Kinds, here: &Kinds) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (minor, there) in there {
        let here = &here[minor];
        let sides = [
            ("only-there", there.difference(here)),
            ("only-here", here.difference(there)),
        ];
        for (side, kinds) in sides {
            found.extend(kinds.map(|api| Disagreement {
                second_source,
                api: api.clone(),
                minor: *minor,
                side,
            }));
        }
    }
    found
}

/// All kinds per minor that the table's OpenAPI columns give.
fn table_documents(minors: impl Iterator<Item = Minor>) -> Kinds {
    let apis = Knowledge::embedded().apis();
    minors
        .map(|minor| (minor, apis.kinds_at(minor).cloned().collect()))
        .collect()
}

/// The table's dates and its OpenAPI columns must tell the same story, for the
/// kinds that have both.
fn table_dates(documents: &Kinds) -> Kinds {
    let apis = Knowledge::embedded().apis();
    let served = |minor: Minor| {
        apis.lifecycles()
            .filter(|lifecycle| lifecycle.openapi.is_some())
            .filter(|lifecycle| {
                matches!(
                    apis.status_at(&lifecycle.api, minor),
                    ApiStatus::Served | ApiStatus::Deprecated { .. }
                )
            })
            .map(|lifecycle| lifecycle.api.clone())
            .collect()
    };
    documents
        .keys()
        .map(|minor| (*minor, served(*minor)))
        .collect()
}

fn disagreements() -> Vec<Disagreement> {
    let validate = said_by("kubernetes-validate.csv", KUBERNETES_VALIDATE);
    let openapi = said_by("k8s-openapi.csv", K8S_OPENAPI);
    assert_eq!(
        validate.len(),
        28,
        "kubernetes-validate covers 1.10 to 1.37"
    );
    assert_eq!(openapi.len(), 5, "k8s-openapi covers 1.33 to 1.37");
    let here = table_documents(validate.keys().copied());
    let (first, last) = Knowledge::embedded().covers();
    let covered: Kinds = here
        .iter()
        .filter(|(minor, _)| **minor >= first && **minor <= last)
        .map(|(minor, kinds)| (*minor, kinds.clone()))
        .collect();
    let mut all = compare("kubernetes-validate", &validate, &here);
    all.extend(compare("k8s-openapi", &openapi, &here));
    all.extend(compare("openapi-span", &covered, &table_dates(&covered)));
    all
}

/// Whether `value` is what a ledger column means: itself, `*`, or `*` and an end.
fn fits(pattern: &str, value: &str) -> bool {
    pattern
        .strip_prefix('*')
        .map_or(pattern == value, |end| value.ends_with(end))
}

fn explains(row: Record<'_>, what: &Disagreement) -> bool {
    let minors = row.text("minors");
    row.text("second_source") == what.second_source
        && row.text("side") == what.side
        && fits(row.text("group"), &what.api.group)
        && fits(row.text("version"), &what.api.version)
        && fits(row.text("kind"), &what.api.kind)
        && (minors == "*" || spans(minors).contains(&what.minor))
}

/// Disagreements that no row of `ledger` explains, and rows that explain none.
fn audit(ledger: &Table, found: &[Disagreement]) -> (Vec<String>, Vec<String>) {
    let unexplained = found
        .iter()
        .filter(|what| !ledger.records().any(|row| explains(row, what)))
        .map(|what| format!("{what:?}"))
        .collect();
    let mut needless = Vec::new();
    for row in ledger.records() {
        let explained: BTreeSet<Minor> = found
            .iter()
            .filter(|what| explains(row, what))
            .map(|what| what.minor)
            .collect();
        let minors = row.text("minors");
        // A row that names minors must be needed in each of them.
        let needed = !explained.is_empty() && (minors == "*" || spans(minors) == explained);
        if !needed {
            needless.push(format!(
                "{} {} {minors}",
                row.text("second_source"),
                name(row)
            ));
        }
    }
    (unexplained, needless)
}

#[test]
fn every_disagreement_is_explained_and_every_explanation_needed() {
    let ledger = Table::read("ledger.csv", LEDGER, &LEDGER_SCHEMA).unwrap();
    for row in ledger.records() {
        assert!(row.text("reason").len() > 20, "{} has no reason", name(row));
    }
    let (unexplained, needless) = audit(&ledger, &disagreements());
    assert_eq!(unexplained, Vec::<String>::new(), "not in the ledger");
    assert_eq!(
        needless,
        Vec::<String>::new(),
        "no longer needed in the ledger"
    );
}

/// The comparison can fail: one kind fewer, one more, and one explanation too many.
#[test]
fn the_audit_sees_what_is_wrong() {
    let pod: GroupVersionKind = "v1 Pod".parse().unwrap();
    let minor = Minor::new(1, 33);
    let with = Kinds::from([(minor, BTreeSet::from([pod.clone()]))]);
    let without = Kinds::from([(minor, BTreeSet::new())]);
    let head: String = LEDGER
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    let ledger =
        |rows: &str| Table::read("ledger.csv", &format!("{head}{rows}"), &LEDGER_SCHEMA).unwrap();
    let reason = "a reason long enough to be one";
    let row = format!("x,,v1,Pod,1.33..1.33,only-there,{reason}\n");

    let missing = compare("x", &with, &without);
    assert_eq!(audit(&ledger(""), &missing).0.len(), 1);
    assert_eq!(audit(&ledger(&row), &missing), (vec![], vec![]));
    // Explained for the other side only.
    assert_eq!(
        audit(&ledger(&row), &compare("x", &without, &with)).0.len(),
        1
    );
    // Explained and no longer there; explained for more minors than it is there.
    assert_eq!(audit(&ledger(&row), &[]).1.len(), 1);
    assert_eq!(
        audit(&ledger(&row.replace("1.33..1.33", "1.33..1.34")), &missing)
            .1
            .len(),
        1
    );
}

/// An announced removal counts only as long as the newest sources announce it.
#[test]
fn scheduled_removals_are_stated_by_the_newest_minor() {
    let knowledge = Knowledge::embedded();
    let (_, last) = knowledge.covers();
    for lifecycle in knowledge.apis().lifecycles() {
        if let Some(removal) = lifecycle.removal
            && removal.decision == refit_knowledge::api::Decision::Scheduled
        {
            assert_eq!(removal.stated_by, last, "{}", lifecycle.api);
            assert!(removal.in_minor > last, "{}", lifecycle.api);
        }
    }
}
