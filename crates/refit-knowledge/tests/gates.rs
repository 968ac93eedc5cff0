//! The feature gates against two sources that know nothing of how ours are
//! extracted: the list that upstream generates, and an older extraction by
//! others. And what the table says of changes that are known to matter.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_knowledge::gates::{
    At, Component, GateSet, GateStage, GateStatus, Lock, Refusal, Settings, Switch, What,
};
use refit_knowledge::table::{Record, Schema, Table};
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};

const UPSTREAM: &str = include_str!("../../../knowledge/second-sources/upstream-gates.csv");
const MINED: &str = include_str!("../../../knowledge/second-sources/mined-gates.csv");
const LEDGER: &str = include_str!("../../../knowledge/second-sources/ledger-gates.csv");

/// Also in xtask, which writes them.
const SECOND: Schema = Schema {
    format: "refit-knowledge/second-gates/1",
    columns: &["gate", "minors", "stage", "default", "locked"],
    key: 2,
};
const LEDGER_SCHEMA: Schema = Schema {
    format: "refit-knowledge/ledger-gates/1",
    columns: &["second_source", "gate", "minors", "side", "reason"],
    key: 4,
};

/// What is said of each gate in each minor, in the words of the second sources.
type Said = BTreeMap<(String, Minor), String>;

/// Minors written as `1.10..1.21 1.25..1.37`.
fn minors(text: &str) -> BTreeSet<Minor> {
    text.split_whitespace()
        .flat_map(|span| {
            let (first, last) = span.split_once("..").unwrap();
            let (first, last): (Minor, Minor) = (first.parse().unwrap(), last.parse().unwrap());
            std::iter::once(first).chain(first.up_to(last))
        })
        .collect()
}

fn there(file: &str, text: &str) -> Said {
    let table = Table::read(file, text, &SECOND).unwrap();
    let mut said = Said::new();
    for record in table.records() {
        let words = ["stage", "default", "locked"].map(|column| record.text(column));
        for minor in minors(record.text("minors")) {
            let key = (record.text("gate").to_owned(), minor);
            assert_eq!(said.insert(key, words.join(" ")), None);
        }
    }
    said
}

/// What the newest patch of each minor has.
fn here(asked: &BTreeSet<Minor>) -> Said {
    let gates = Knowledge::embedded().gates();
    let mut said = Said::new();
    for (gate, _) in gates.of(GateSet::Kubernetes) {
        for minor in asked {
            let state = match gates.status(Component::KubeApiserver, gate, *minor) {
                GateStatus::Known(state) | GateStatus::NotKnownHere(state) => state,
                GateStatus::Absent { .. } => continue,
                GateStatus::NotCovered => panic!("{minor} is not covered"),
            };
            let stage = match state.stage {
                // No list has what cannot be set.
                GateStage::PreAlpha => continue,
                GateStage::Alpha => "alpha",
                GateStage::Beta => "beta",
                GateStage::Ga => "ga",
                GateStage::Deprecated => "deprecated",
            };
            let locked = match state.lock {
                Lock::Free => "false",
                Lock::ToDefault => "true",
            };
            let words = format!("{stage} {} {locked}", state.default);
            said.insert((gate.to_owned(), *minor), words);
        }
    }
    said
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Disagreement {
    second_source: &'static str,
    gate: String,
    minor: Minor,
    side: &'static str,
}

fn compare(second_source: &'static str, there: &Said, here: &Said) -> Vec<Disagreement> {
    let keys: BTreeSet<_> = there.keys().chain(here.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let side = match (there.get(key), here.get(key)) {
                (Some(there), Some(here)) if there == here => return None,
                (Some(_), Some(_)) => "differs",
                (Some(_), None) => "only-there",
                (None, Some(_) | None) => "only-here",
            };
            Some(Disagreement {
                second_source,
                gate: key.0.clone(),
                minor: key.1,
                side,
            })
        })
        .collect()
}

fn explains(row: Record<'_>, what: &Disagreement) -> bool {
    let span = row.text("minors");
    row.text("second_source") == what.second_source
        && row.text("gate") == what.gate
        && row.text("side") == what.side
        && (span == "*" || minors(span).contains(&what.minor))
}

/// Disagreements that no row of `ledger` explains, and rows that explain none.
fn audit(ledger: &Table, found: &[Disagreement]) -> (Vec<String>, Vec<String>) {
    let unexplained = found
        .iter()
        .filter(|what| !ledger.records().any(|row| explains(row, what)))
        .map(|what| format!("{what:?}"))
        .collect();
    let needless = ledger
        .records()
        .filter(|row| {
            let explained: BTreeSet<Minor> = found
                .iter()
                .filter(|what| explains(*row, what))
                .map(|what| what.minor)
                .collect();
            let span = row.text("minors");
            // A row that names minors must be needed in each of them.
            explained.is_empty() || (span != "*" && minors(span) != explained)
        })
        .map(|row| format!("{} {}", row.text("second_source"), row.text("gate")))
        .collect();
    (unexplained, needless)
}

#[test]
fn every_disagreement_is_explained_and_every_explanation_needed() {
    let mut found = Vec::new();
    for (name, file, text, first) in [
        ("upstream", "upstream-gates.csv", UPSTREAM, 33),
        ("mined", "mined-gates.csv", MINED, 16),
    ] {
        let there = there(file, text);
        let asked: BTreeSet<Minor> = there.keys().map(|(_, minor)| *minor).collect();
        let expected: BTreeSet<Minor> = (first..=37).map(|minor| Minor::new(1, minor)).collect();
        assert_eq!(asked, expected, "{name}");
        found.extend(compare(name, &there, &here(&asked)));
    }
    let ledger = Table::read("ledger-gates.csv", LEDGER, &LEDGER_SCHEMA).unwrap();
    for row in ledger.records() {
        assert!(
            row.text("reason").len() > 20,
            "{} has no reason",
            row.text("gate")
        );
    }
    let (unexplained, needless) = audit(&ledger, &found);
    assert_eq!(unexplained, Vec::<String>::new(), "not in the ledger");
    assert_eq!(
        needless,
        Vec::<String>::new(),
        "no longer needed in the ledger"
    );
}

/// The comparison can fail: on either side, on a value, and on an explanation
/// too many.
#[test]
fn the_audit_sees_what_is_wrong() {
    let key = ("Gate".to_owned(), Minor::new(1, 36));
    let with = |words: &str| Said::from([(key.clone(), words.to_owned())]);
    let head: String = LEDGER
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    let ledger = |rows: &str| {
        Table::read("ledger-gates.csv", &format!("{head}{rows}"), &LEDGER_SCHEMA).unwrap()
    };
    let row = "x,Gate,1.36..1.36,differs,a reason long enough to be one\n";
    let differs = compare("x", &with("beta true false"), &with("ga true true"));
    assert_eq!(audit(&ledger(""), &differs).0.len(), 1);
    assert_eq!(audit(&ledger(row), &differs), (vec![], vec![]));
    assert_eq!(audit(&ledger(row), &[]).1.len(), 1);
    assert_eq!(compare("x", &with("a"), &with("a")), []);
    for (there, here) in [(with("a"), Said::new()), (Said::new(), with("a"))] {
        let found = compare("x", &there, &here);
        assert_eq!(audit(&ledger(row), &found).0.len(), 1);
    }
}

fn release(text: &str) -> KubeVersion {
    text.parse().unwrap()
}

/// A hole between two spans says that the gate was not there. Only those have
/// one that were carried back into patches of minors after whose .0 they came.
#[test]
fn gates_that_come_back_are_few() {
    let gates = Knowledge::embedded().gates();
    let mut back = BTreeSet::new();
    for set in [GateSet::Kubernetes, GateSet::Kubeadm] {
        for (gate, states) in gates.of(set) {
            for pair in states.windows(2) {
                let (minor, patch) = pair[0].to;
                let next = match patch {
                    Some(patch) => At::from(&KubeVersion::new(minor, patch + 1)),
                    None => At::from(&KubeVersion::new(minor.next(), 0)),
                };
                if next != At::from(&pair[1].from) {
                    back.insert(gate);
                }
            }
        }
    }
    let expected = [
        "OrderedNamespaceDeletion",
        "SeparateCacheWatchRPC",
        "UnauthenticatedHTTP2DOSMitigation",
        "WatchFromStorageWithoutResourceVersion",
    ];
    assert_eq!(back.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn changes_that_are_known_to_matter() {
    let gates = Knowledge::embedded().gates();
    let what = |component, gate: &str, value, from: &str, to: &str| {
        let settings = Settings::from([(gate.to_owned(), value)]);
        let (from, to) = (release(from), release(to));
        let mut found = gates.consequences(component, &settings, &from, &to);
        assert_eq!(found.len(), 1, "{gate}");
        found.remove(0).what
    };
    // Removed straight from alpha.
    assert!(matches!(
        what(
            Component::KubeScheduler,
            "GangScheduling",
            Switch::On,
            "1.36.5",
            "1.37.0"
        ),
        What::Refused(Refusal::Unknown {
            last: Some(_),
            next: None
        })
    ));
    assert!(matches!(
        what(
            Component::Kubelet,
            "SidecarContainers",
            Switch::On,
            "1.36.0",
            "1.37.0"
        ),
        What::Refused(Refusal::Unknown { .. })
    ));
    // Locked since it is done.
    assert!(matches!(
        what(
            Component::KubeProxy,
            "NFTablesProxyMode",
            Switch::Off,
            "1.32.0",
            "1.33.0"
        ),
        What::Refused(Refusal::Locked { .. })
    ));
    // A patch turned the default off.
    let default = |version: &str| {
        let component = Component::KubeScheduler;
        let status = gates.status(component, "SchedulerQueueingHints", &release(version));
        let GateStatus::Known(state) = status else {
            panic!("{status:?}");
        };
        state.default
    };
    assert_eq!(default("1.28.0"), Switch::On);
    assert_eq!(default("1.28.14"), Switch::Off);
    // A patch brought the gate.
    for (version, known) in [("1.30.0", false), ("1.30.14", true)] {
        let status = gates.status(
            Component::KubeApiserver,
            "OrderedNamespaceDeletion",
            &release(version),
        );
        assert_eq!(matches!(status, GateStatus::Known(_)), known, "{version}");
    }
    // Dependencies are enforced since 1.35, for what AllAlpha turns on too.
    for (gate, version, expected) in [
        ("ClusterTrustBundleProjection", "1.34.0", false),
        ("ClusterTrustBundleProjection", "1.35.0", true),
        ("AllAlpha", "1.36.0", false),
        ("AllAlpha", "1.37.0", true),
    ] {
        let settings = Settings::from([(gate.to_owned(), Switch::On)]);
        let (from, to) = (release("1.33.0"), release(version));
        let found = gates.consequences(Component::KubeApiserver, &settings, &from, &to);
        let refused = found
            .iter()
            .any(|one| matches!(one.what, What::Refused(Refusal::Dependencies { .. })));
        assert_eq!(refused, expected, "{gate} {version}");
    }
}
