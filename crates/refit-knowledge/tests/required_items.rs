//! The bar of the family: every release note that asks somebody to act, and every
//! deprecation, is a typed fact or has its stated reason.
//!
//! Reads only checked-in files. `second-sources/release-notes.csv` is the list of
//! what has to be there, by minor and pull request.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::behaviour::{Basis, Behaviour, Detector};
use refit_knowledge::table::{Schema, Table};
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};

const REQUIRED: &str = include_str!("../../../knowledge/second-sources/release-notes.csv");

const SCHEMA: Schema = Schema {
    format: "refit-knowledge/release-notes/1",
    columns: &["minor", "pr", "why"],
    key: 2,
};

/// Every item that has to be there, and why.
fn required() -> BTreeMap<(Minor, u32), String> {
    let table = Table::read("release-notes.csv", REQUIRED, &SCHEMA).unwrap();
    table
        .records()
        .map(|record| {
            let item = (
                record.value("minor", "a minor").unwrap(),
                record.value("pr", "a pull request").unwrap(),
            );
            (item, record.required("why").unwrap().to_owned())
        })
        .collect()
}

fn item(fact: &Behaviour) -> (Minor, u32) {
    (fact.id.minor, fact.id.pull_request)
}

/// Run with `--nocapture` to see the counts.
#[test]
fn every_required_item_is_a_fact_or_has_its_reason() {
    let required = required();
    let count = |why: &str| {
        required
            .values()
            .filter(|text| text.split('+').any(|part| part == why))
            .count()
    };
    assert_eq!((count("action-required"), count("deprecation")), (133, 149));
    let facts = Knowledge::embedded().behaviours().all();
    let (mut shown, mut reasoned) = (BTreeSet::new(), BTreeSet::new());
    for fact in facts {
        match &fact.detector {
            Detector::Always | Detector::AnyOf(_) => shown.insert(item(fact)),
            Detector::Nothing(_) => reasoned.insert(item(fact)),
        };
    }
    let missing: Vec<_> = required
        .keys()
        .filter(|item| !shown.contains(item) && !reasoned.contains(item))
        .collect();
    assert_eq!(missing, Vec::<&(Minor, u32)>::new());
    let shown = required.keys().filter(|item| shown.contains(item)).count();
    println!(
        "{} required items (133 action-required, 149 deprecations): {shown} with a detector, {} with a reason why no cluster shows them; {} facts in all",
        required.len(),
        required.len() - shown,
        facts.len()
    );
}

#[test]
fn no_fact_rests_on_a_note_that_the_list_does_not_have() {
    let required = required();
    for fact in Knowledge::embedded().behaviours().all() {
        match fact.basis {
            Basis::ReleaseNote | Basis::ReleaseNoteAndTree => {
                assert!(required.contains_key(&item(fact)), "{}", fact.id);
            }
            Basis::Tree => assert!(!fact.notes.is_empty(), "{}", fact.id),
        }
    }
}
