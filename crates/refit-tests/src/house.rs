//! The fences of the house: which room may use which, and what a pure room may
//! never see. The rules are data; the functions here find what breaks them, in
//! the tree as it is and in trees that a test makes up.

use cargo_metadata::{DependencyKind, Metadata};
use std::collections::{BTreeMap, BTreeSet};

/// One room.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The crate.
    pub name: &'static str,
    /// The rooms it may use in what it ships.
    pub may_use: &'static [&'static str],
    /// The crates that must not be anywhere below it.
    pub never: &'static [&'static str],
    /// Whether it is pure: no I/O, clock, randomness, random order.
    pub purity: Purity,
}

/// Whether a room is pure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purity {
    /// What it knows comes in as an argument.
    Pure,
    /// It is an edge.
    Edge,
}

/// What no pure room may stand on.
const EDGE_CRATES: &[&str] = &[
    "tokio",
    "kube",
    "kube-client",
    "k8s-openapi",
    "sqlx",
    "sqlx-core",
    "axum",
    "hyper",
    "reqwest",
    "clap",
    "rand",
    "getrandom",
];

/// The house, as the design draws it. A new crate or arrow is a decision: it
/// needs a record in `docs/decisions/` before it is written here.
pub const HOUSE: &[Room] = &[
    Room {
        name: "refit-model",
        may_use: &[],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-knowledge",
        may_use: &["refit-model"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-assessor",
        may_use: &["refit-model", "refit-knowledge"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-planner",
        may_use: &["refit-model", "refit-knowledge", "refit-assessor"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-reviewer",
        may_use: &["refit-model", "refit-knowledge"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-executor",
        may_use: &["refit-model"],
        never: &[
            "kube",
            "kube-client",
            "sqlx",
            "sqlx-core",
            "axum",
            "hyper",
            "reqwest",
            "clap",
        ],
        purity: Purity::Edge,
    },
    Room {
        name: "refit-twin",
        may_use: &["refit-model", "refit-knowledge", "refit-executor"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-sources",
        may_use: &["refit-model"],
        never: EDGE_CRATES,
        purity: Purity::Pure,
    },
    Room {
        name: "refit-cluster",
        may_use: &["refit-model", "refit-executor", "refit-sources"],
        never: &["sqlx", "sqlx-core", "axum", "clap"],
        purity: Purity::Edge,
    },
    Room {
        name: "refit-store",
        may_use: &["refit-model", "refit-executor"],
        never: &["kube", "kube-client", "axum", "clap"],
        purity: Purity::Edge,
    },
    Room {
        name: "refit-service",
        may_use: &[
            "refit-model",
            "refit-knowledge",
            "refit-assessor",
            "refit-planner",
            "refit-reviewer",
            "refit-executor",
            "refit-twin",
            "refit-sources",
            "refit-cluster",
            "refit-store",
        ],
        never: &["axum", "clap"],
        purity: Purity::Edge,
    },
    Room {
        name: "refit-server",
        may_use: &[
            "refit-model",
            "refit-knowledge",
            "refit-assessor",
            "refit-planner",
            "refit-reviewer",
            "refit-executor",
            "refit-twin",
            "refit-sources",
            "refit-cluster",
            "refit-store",
            "refit-service",
        ],
        never: &["clap"],
        purity: Purity::Edge,
    },
    Room {
        name: "refit",
        may_use: EVERY_ROOM,
        never: &[],
        purity: Purity::Edge,
    },
    Room {
        name: "xtask",
        may_use: EVERY_ROOM,
        never: &[],
        purity: Purity::Edge,
    },
    Room {
        name: "refit-tests",
        may_use: EVERY_ROOM,
        never: &[],
        purity: Purity::Edge,
    },
];

/// The rooms that the binary, the generator and the tests may use.
const EVERY_ROOM: &[&str] = &[
    "refit-model",
    "refit-knowledge",
    "refit-assessor",
    "refit-planner",
    "refit-reviewer",
    "refit-executor",
    "refit-twin",
    "refit-sources",
    "refit-cluster",
    "refit-store",
    "refit-service",
    "refit-server",
];

/// What a crate of the workspace stands on, as shipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// The crates of the workspace that it names.
    pub rooms: BTreeSet<String>,
    /// Every other crate below it, however far.
    pub below: BTreeSet<String>,
}

/// What each crate of the workspace stands on.
#[must_use]
pub fn grounds(metadata: &Metadata) -> BTreeMap<String, Ground> {
    let names: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (package.id.clone(), package.name.to_string()))
        .collect();
    let edges: BTreeMap<_, Vec<_>> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| {
            let shipped = node.deps.iter().filter(|dep| {
                dep.dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            (
                node.id.clone(),
                shipped.map(|dep| dep.pkg.clone()).collect(),
            )
        })
        .collect();
    let rooms: BTreeSet<_> = metadata.workspace_members.iter().cloned().collect();
    metadata
        .workspace_members
        .iter()
        .filter_map(|member| {
            let mut ground = Ground::default();
            let mut seen = BTreeSet::new();
            let mut ahead: Vec<_> = edges.get(member).cloned().unwrap_or_default();
            for direct in &ahead {
                if rooms.contains(direct) {
                    ground.rooms.extend(names.get(direct).cloned());
                }
            }
            while let Some(id) = ahead.pop() {
                if seen.insert(id.clone()) {
                    ahead.extend(edges.get(&id).cloned().unwrap_or_default());
                    if !rooms.contains(&id) {
                        ground.below.extend(names.get(&id).cloned());
                    }
                }
            }
            names.get(member).map(|name| (name.clone(), ground))
        })
        .collect()
}

/// Every arrow and crate that the house forbids, one sentence each.
#[must_use]
pub fn forbidden(house: &[Room], grounds: &BTreeMap<String, Ground>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, ground) in grounds {
        let Some(room) = house.iter().find(|room| room.name == name) else {
            found.push(format!("{name} is not a room of the house"));
            continue;
        };
        for used in &ground.rooms {
            if !room.may_use.contains(&used.as_str()) {
                found.push(format!("{name} must not use {used}"));
            }
        }
        for below in &ground.below {
            if room.never.contains(&below.as_str()) {
                found.push(format!("{name} must never see {below}"));
            }
        }
    }
    for room in house {
        if !grounds.contains_key(room.name) {
            found.push(format!("{} is missing from the workspace", room.name));
        }
    }
    found
}

/// What a pure room must not name in its code, and why.
const IMPURE: &[(&str, &str)] = &[
    ("SystemTime::now", "the clock"),
    ("Instant::now", "the clock"),
    ("Timestamp::now", "the clock"),
    ("Zoned::now", "the clock"),
    ("std::env::", "the environment"),
    ("std::fs", "the file system"),
    ("std::net", "the network"),
    ("std::process", "processes"),
    ("HashMap", "random order"),
    ("HashSet", "random order"),
    ("RandomState", "random order"),
];

/// Every impurity that `source` names outside comments and tests, as
/// `line: what`. Tests are what follows `#[cfg(test)]`, as in this tree.
#[must_use]
pub fn impurities(source: &str) -> Vec<String> {
    source
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .zip(1..)
        .filter(|(line, _)| !line.trim_start().starts_with("//"))
        .flat_map(|(line, number)| {
            IMPURE
                .iter()
                .filter(|(name, _)| line.contains(name))
                .map(move |(name, what)| format!("{number}: {name} ({what})"))
        })
        .collect()
}
