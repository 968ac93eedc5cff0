//! Reads `kubernetes/feature-gates.csv`.

use super::{At, Component, GateSet, GateStage, GateState, Gates, Lock, Switch, set_of};
use crate::table::{Error, Record, Schema, Table};
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of `kubernetes/feature-gates.csv`; its README explains each.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/feature-gates/1",
    columns: &[
        "set",
        "gate",
        "from",
        "to",
        "stage",
        "default",
        "locked",
        "known_in",
        "registered_in",
        "dependencies",
    ],
    key: 3,
};

/// The columns of `kubernetes/feature-gates-not-read.csv`.
pub const NOT_READ: Schema = Schema {
    format: "refit-knowledge/feature-gates-not-read/1",
    columns: &["version"],
    key: 1,
};

const BOUND: &str = "a minor or a release such as 1.34 or 1.34.2";
const TRUTH: &str = "true or false";

/// Where the file is, below `knowledge/`.
pub(super) const PATH: &str = "kubernetes/feature-gates.csv";

/// Where the releases are that were not read.
pub(super) const NOT_READ_PATH: &str = "kubernetes/feature-gates-not-read.csv";

/// The gates in `table`, of which the releases in `not_read` say nothing.
///
/// # Errors
/// When a row is not as the schema wants it, or spans overlap.
pub(super) fn read(table: &Table, not_read: &Table) -> Result<Gates, Error> {
    let mut gates: BTreeMap<(GateSet, String), Vec<GateState>> = BTreeMap::new();
    let mut covers: Option<(At, At)> = None;
    for record in table.records() {
        let set = record.choice(
            "set",
            &[
                ("kubernetes", GateSet::Kubernetes),
                ("kubeadm", GateSet::Kubeadm),
            ],
            "kubernetes or kubeadm",
        )?;
        let state = state(record)?;
        let (first, last) = (At::from(&state.from), end(&state));
        if first > last {
            return Err(record.contradiction("it ends before it begins"));
        }
        covers = covers
            .map(|(from, to)| (from.min(first), to.max(last)))
            .or(Some((first, last)));
        let key = (set, record.required("gate")?.to_owned());
        let states = gates.entry(key).or_default();
        if states.last().is_some_and(|before| end(before) >= first) {
            return Err(record.contradiction("it begins before the span above it ends"));
        }
        states.push(state);
    }
    // A file without rows covers nothing: a span that no version is in.
    let nothing = (At::from(Minor::new(1, 0)), At((Minor::new(0, 0), 0)));
    Ok(Gates {
        gates,
        covers: covers.unwrap_or(nothing),
        not_read: not_read
            .records()
            .map(|record| {
                let version: KubeVersion = record.value("version", "a release such as 1.34.2")?;
                Ok(At::from(&version))
            })
            .collect::<Result<_, Error>>()?,
    })
}

fn end(state: &GateState) -> At {
    At((state.to.0, state.to.1.unwrap_or(u16::MAX)))
}

fn state(record: Record<'_>) -> Result<GateState, Error> {
    let from = bound(record, "from")?;
    let switches = [("true", Switch::On), ("false", Switch::Off)];
    let locks = [("true", Lock::ToDefault), ("false", Lock::Free)];
    let stages = [
        ("pre-alpha", GateStage::PreAlpha),
        ("alpha", GateStage::Alpha),
        ("beta", GateStage::Beta),
        ("ga", GateStage::Ga),
        ("deprecated", GateStage::Deprecated),
    ];
    Ok(GateState {
        from: KubeVersion::new(from.0, from.1.unwrap_or(0)),
        to: bound(record, "to")?,
        stage: record.choice("stage", &stages, "pre-alpha, alpha, beta, ga or deprecated")?,
        default: record.choice("default", &switches, TRUTH)?,
        lock: record.choice("locked", &locks, TRUTH)?,
        known_in: known_in(record)?,
        registered_in: list(record.required("registered_in")?)
            .map(str::to_owned)
            .collect(),
        dependencies: list(record.text("dependencies"))
            .map(str::to_owned)
            .collect(),
    })
}

/// A minor, or one patch of it.
fn bound(record: Record<'_>, column: &'static str) -> Result<(Minor, Option<u16>), Error> {
    if let Ok(minor) = record.text(column).parse::<Minor>() {
        return Ok((minor, None));
    }
    let release: KubeVersion = record.value(column, BOUND)?;
    Ok((release.minor(), Some(release.patch())))
}

fn known_in(record: Record<'_>) -> Result<BTreeSet<Component>, Error> {
    let text = record.text("known_in");
    if text == "all" {
        return Ok(Component::ALL
            .into_iter()
            .filter(|component| set_of(*component) == GateSet::Kubernetes)
            .collect());
    }
    list(text)
        .map(|name| {
            name.parse()
                .map_err(|_| record.refuse("known_in", "all, or components joined by +"))
        })
        .collect()
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split('+').filter(|part| !part.is_empty())
}
