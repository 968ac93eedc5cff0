//! The fingerprint: which parts of a snapshot bind an approval.
//!
//! An approval is given for a landscape as it was. What the plan itself changes
//! (versions, cordons, where pods run) is left out, or the first step would
//! make the plan stale; from the first intent on, each step's own conditions
//! decide. The parts are hashed one by one, so that a stale plan can say what
//! moved.

use crate::hash::ContentHash;
use crate::snapshot::Snapshot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;

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
            parts.insert("nodes".to_owned(), ContentHash::of(&nodes)?);
            parts.insert("disruption budgets".to_owned(), ContentHash::of(&budgets)?);
            parts.insert("workloads".to_owned(), ContentHash::of(&workloads)?);
            parts.insert("Helm releases".to_owned(), ContentHash::of(&releases)?);
            parts.insert(
                "webhooks".to_owned(),
                ContentHash::of(&kubernetes.webhooks.items)?,
            );
            parts.insert(
                "custom resource definitions".to_owned(),
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
            parts.insert(
                "Juju applications".to_owned(),
                ContentHash::of(&applications)?,
            );
        }
        Ok(Self(parts))
    }

    /// The names of the parts that differ from `other`, in order; empty when
    /// nothing that binds has moved.
    #[must_use]
    pub fn moved_since(&self, other: &Self) -> Vec<String> {
        let mut names: Vec<_> = self.0.keys().chain(other.0.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != other.0.get(*name))
            .cloned()
            .collect()
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
