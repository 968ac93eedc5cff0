//! The fingerprint: which parts of a snapshot bind an approval.
//!
//! An approval is given for a landscape as it was. What the plan itself changes
//! (versions, cordons, where pods run) is left out, or the first step would
//! make the plan stale; from the first intent on, each step's own conditions
//! decide. The parts are hashed one by one, so that a stale plan can say what
//! moved.

use crate::hash::ContentHash;
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const NODES: &str = "nodes";
const BUDGETS: &str = "disruption budgets";
const WORKLOADS: &str = "workloads";
const RELEASES: &str = "Helm releases";
const WEBHOOKS: &str = "webhooks";
const DEFINITIONS: &str = "custom resource definitions";
const APPLICATIONS: &str = "Juju applications";

/// The hash of each part of a snapshot that binds an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(BTreeMap<String, ContentHash>);

impl Fingerprint {
    /// The fingerprint of `snapshot`.
    ///
    /// # Errors
    /// Only when a part cannot be written as JSON, which is a defect.
    pub fn of(snapshot: &Snapshot) -> Result<Self, serde_json::Error> {
        let mut parts = BTreeMap::new();
        parts.insert("cluster".to_owned(), ContentHash::of(&snapshot.cluster.id)?);
        if let Some(kubernetes) = &snapshot.kubernetes {
            let nodes: BTreeMap<_, _> = kubernetes
                .nodes
                .items
                .iter()
                .map(|(name, node)| (name, json!([node.role, node.pool, node.zone])))
                .collect();
            let budgets: BTreeMap<_, _> = kubernetes
                .budgets
                .items
                .iter()
                .map(|(key, budget)| {
                    (
                        key,
                        json!([budget.selector, budget.bound, budget.unhealthy]),
                    )
                })
                .collect();
            // A ReplicaSet comes and goes with each rollout of its Deployment;
            // only what people wrote binds.
            let workloads: BTreeMap<_, _> = kubernetes
                .workloads
                .items
                .iter()
                .filter(|(_, workload)| workload.owner.is_none())
                .map(|(key, workload)| (key, json!([workload.uid, workload.replicas])))
                .collect();
            let releases: BTreeMap<_, _> = kubernetes
                .releases
                .items
                .iter()
                .map(|(key, release)| (key, json!([release.revision, release.chart_version])))
                .collect();
            parts.insert(NODES.to_owned(), ContentHash::of(&nodes)?);
            parts.insert(BUDGETS.to_owned(), ContentHash::of(&budgets)?);
            parts.insert(WORKLOADS.to_owned(), ContentHash::of(&workloads)?);
            parts.insert(RELEASES.to_owned(), ContentHash::of(&releases)?);
            parts.insert(
                WEBHOOKS.to_owned(),
                ContentHash::of(&kubernetes.webhooks.items)?,
            );
            parts.insert(
                DEFINITIONS.to_owned(),
                ContentHash::of(&kubernetes.definitions.items)?,
            );
        }
        if let Some(juju) = &snapshot.juju {
            let applications: BTreeMap<_, _> = juju
                .applications
                .items
                .iter()
                .map(|(name, application)| {
                    let units: Vec<_> = application.units.items.keys().collect();
                    (name, json!([application.charm, units]))
                })
                .collect();
            parts.insert(APPLICATIONS.to_owned(), ContentHash::of(&applications)?);
        }
        Ok(Self(parts))
    }
}

/// How a landscape differs from the one that an approval is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// The parts that are another than they were, by name.
    pub moved: Vec<String>,
    /// The parts that were seen then and are not in view now, with why: whether
    /// they moved is not known.
    pub unseen: Vec<(String, Unseen)>,
}

impl Drift {
    /// How `now` differs from what `bound` was taken of.
    ///
    /// # Errors
    /// Only when a part cannot be written as JSON, which is a defect.
    pub fn of(now: &Snapshot, bound: &Fingerprint) -> Result<Self, serde_json::Error> {
        let Fingerprint(found) = Fingerprint::of(now)?;
        let names: BTreeSet<&String> = found.keys().chain(bound.0.keys()).collect();
        let mut drift = Self::default();
        for name in names {
            if found.get(name) == bound.0.get(name) {
                continue;
            }
            let gap = if found.contains_key(name) {
                gap(now, name)
            } else {
                Some(Unseen::NotInSource)
            };
            match gap {
                Some(why) => drift.unseen.push((name.clone(), why)),
                None => drift.moved.push(name.clone()),
            }
        }
        Ok(drift)
    }

    /// Whether nothing that binds has moved, as far as everything is in view.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.moved.is_empty() && self.unseen.is_empty()
    }

    /// The parts that are not in view, each with why, in words.
    #[must_use]
    pub fn unseen_in_words(&self) -> String {
        let parts = self.unseen.iter();
        let parts: Vec<_> = parts.map(|(name, why)| format!("{name} ({why})")).collect();
        parts.join(", ")
    }
}

/// Why the part of this name may hold more than was seen of it.
fn gap(snapshot: &Snapshot, part: &str) -> Option<Unseen> {
    if part == APPLICATIONS {
        return snapshot.juju.as_ref()?.applications.complete().err();
    }
    let side = snapshot.kubernetes.as_ref()?;
    match part {
        NODES => side.nodes.complete().err(),
        BUDGETS => side.budgets.complete().err(),
        WORKLOADS => side.workloads.complete().err(),
        RELEASES => side.releases.complete().err(),
        WEBHOOKS => side.webhooks.complete().err(),
        DEFINITIONS => side.definitions.complete().err(),
        _ => None,
    }
}

impl fmt::Display for Fingerprint {
    /// One short text for all parts, for people to compare.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ContentHash::of(&self.0) {
            Ok(hash) => f.pad(hash.short()),
            Err(_) => Err(fmt::Error),
        }
    }
}
