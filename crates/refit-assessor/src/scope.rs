//! What runs in the landscape: counts of what was seen, never of what may be.

use crate::project;
use crate::scene::Scene;
use refit_model::assessment::{ApplicationScope, PoolScope, ProjectScope, Scope, VersionCount};
use refit_model::kubernetes::{Kubernetes, Node, NodeRole};
use refit_model::seen::Seen;
use refit_model::version::KubeVersion;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen of the landscape.
pub(crate) fn of(scene: &Scene<'_>) -> Scope {
    let Some(side) = scene.kubernetes() else {
        return Scope::default();
    };
    let keys = side.pods.items.keys().chain(side.budgets.items.keys());
    let keys = keys.chain(side.services.items.keys());
    let mut namespaces: BTreeSet<_> = keys.filter_map(|key| key.namespace.as_ref()).collect();
    namespaces.extend(side.workloads.items.keys().map(|key| &key.namespace));
    let objects = side.api_uses.iter().map(|used| &used.object);
    namespaces.extend(objects.filter_map(|key| key.namespace.as_ref()));
    Scope {
        nodes: side.nodes.items.len(),
        namespaces: namespaces.len(),
        workloads: side
            .workloads
            .items
            .values()
            .filter(|workload| workload.owner.is_none())
            .count(),
        pods: side.pods.items.len(),
        releases: side.releases.items.len(),
        versions: versions(side),
        pools: pools(side),
        applications: applications(side),
        projects: projects(scene),
    }
}

fn versions(side: &Kubernetes) -> Vec<VersionCount> {
    let mut counts: BTreeMap<(&str, Option<&KubeVersion>), usize> = BTreeMap::new();
    for (key, component) in &side.components.items {
        let run = (key.kind.name(), component.version.get());
        *counts.entry(run).or_default() += 1;
    }
    for node in side.nodes.items.values() {
        *counts.entry(("kubelet", node.kubelet.get())).or_default() += 1;
        let proxy = match &node.kube_proxy {
            Seen::Is(None) => continue,
            Seen::Is(Some(version)) => Some(version),
            Seen::Gap(_) => None,
        };
        *counts.entry(("kube-proxy", proxy)).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((component, version), count)| VersionCount {
            component: component.to_owned(),
            version: version.map_or_else(|| "unseen".to_owned(), ToString::to_string),
            count,
        })
        .collect()
}

fn pools(side: &Kubernetes) -> Vec<PoolScope> {
    let mut pools: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for node in side.nodes.items.values() {
        let name = match (&node.pool, &node.role) {
            (Seen::Is(Some(pool)), _) => pool.to_string(),
            (_, Seen::Is(NodeRole::ControlPlane)) => "control-plane".to_owned(),
            (_, Seen::Is(NodeRole::Worker)) => "worker".to_owned(),
            (_, Seen::Gap(_)) => "unseen".to_owned(),
        };
        pools.entry(name).or_default().push(node);
    }
    pools
        .into_iter()
        .map(|(name, nodes)| {
            let kubelets: BTreeSet<&KubeVersion> =
                nodes.iter().filter_map(|node| node.kubelet.get()).collect();
            PoolScope {
                name,
                nodes: nodes.len(),
                ready: nodes
                    .iter()
                    .filter(|node| node.ready == Seen::Is(true))
                    .count(),
                kubelets: kubelets.iter().map(ToString::to_string).collect(),
            }
        })
        .collect()
}

fn applications(side: &Kubernetes) -> Vec<ApplicationScope> {
    let workloads = side.workloads.items.values();
    let workloads = workloads.filter(|workload| workload.owner.is_none());
    let each = workloads
        .map(|workload| (&workload.application, 1, 0))
        .chain(side.pods.items.values().map(|pod| (&pod.application, 0, 1)));
    // A name is one application, by whichever sign a part of it shows it.
    let mut rows: BTreeMap<&str, ApplicationScope> = BTreeMap::new();
    for (application, workloads, pods) in each {
        let row = rows
            .entry(&application.name)
            .or_insert_with(|| ApplicationScope {
                application: application.clone(),
                workloads: 0,
                pods: 0,
            });
        row.application.by = row.application.by.min(application.by);
        row.workloads += workloads;
        row.pods += pods;
    }
    let mut rows: Vec<ApplicationScope> = rows.into_values().collect();
    rows.sort_by_key(|row| Reverse(row.workloads + row.pods));
    rows
}

fn projects(scene: &Scene<'_>) -> Vec<ProjectScope> {
    let mut rows: Vec<ProjectScope> = project::recognised(scene)
        .map(|(project, version, by)| ProjectScope {
            project,
            version,
            by,
        })
        .collect();
    rows.sort();
    rows.dedup_by(|a, b| (&a.project, &a.version) == (&b.project, &b.version));
    rows
}
