//! What creates pods.

use super::{Refused, application, field, placement};
use refit_model::kubernetes::{UpdateStrategy, Workload, WorkloadKey, WorkloadKind, workload_kind};
use refit_model::name::Key;
use refit_model::object::GroupVersionKind;
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::Selector;
use serde_json::Value;
use std::collections::BTreeSet;

/// Which kind of workload an API serves, at any version it has had. The groups
/// that served workloads before `apps` did are counted as it.
#[must_use]
pub fn kind_of(api: &GroupVersionKind) -> Option<WorkloadKind> {
    if api.group == "extensions" {
        let moved = GroupVersionKind {
            group: "apps".to_owned(),
            ..api.clone()
        };
        return workload_kind(&moved);
    }
    workload_kind(api)
}

/// What an upgrade needs to know of a workload of kind `kind`.
///
/// # Errors
/// When the object has no usable name or selector.
pub fn workload(kind: WorkloadKind, object: &Value) -> Result<(WorkloadKey, Workload), Refused> {
    let (namespace, name) = field::namespaced(object)?;
    let owner = field::owner(object)?;
    let key = Key::namespaced(namespace.clone(), name.clone());
    let application = application::signed(object)
        .unwrap_or_else(|| application::unsigned(&key, owner.as_ref(), None));
    let pod_labels = field::texts(object, &["spec", "template", "metadata", "labels"]);
    let selector = match kind {
        // The oldest kind has a plain map.
        WorkloadKind::ReplicationController => Some(Selector {
            match_labels: field::texts(object, &["spec", "selector"]),
            match_expressions: Vec::new(),
        })
        .filter(|selector| !selector.match_labels.is_empty()),
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::Job => field::selector(object, &["spec", "selector"])?,
    };
    let workload = Workload {
        uid: field::text(object, &["metadata", "uid"])
            .unwrap_or_default()
            .to_owned(),
        owner,
        replicas: replicas(kind, object),
        ready: ready(kind, object),
        // The server fills a missing selector with the labels of the template.
        selector: selector.unwrap_or_else(|| Selector {
            match_labels: pod_labels.clone(),
            match_expressions: Vec::new(),
        }),
        pod_labels,
        application,
        update: update(kind, object),
        node_keys: field::at(object, &["spec", "template", "spec"]).map_or_else(
            BTreeSet::new,
            |spec| {
                let selector = field::texts(spec, &["nodeSelector"]);
                let mut keys = placement::keys(spec);
                keys.extend(selector.into_keys());
                keys
            },
        ),
    };
    Ok((
        WorkloadKey {
            kind,
            namespace,
            name,
        },
        workload,
    ))
}

/// How a changed template reaches the pods. A Deployment has no strategy that
/// leaves pods behind; ReplicaSets and ReplicationControllers never touch pods
/// that exist, but what makes them does.
fn update(kind: WorkloadKind, object: &Value) -> UpdateStrategy {
    match kind {
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            if field::text(object, &["spec", "updateStrategy", "type"]) == Some("OnDelete") {
                return UpdateStrategy::OnDelete;
            }
            let path = ["spec", "updateStrategy", "rollingUpdate", "partition"];
            match field::count(object, &path) {
                Some(first) if first > 0 => UpdateStrategy::From(first),
                Some(_) | None => UpdateStrategy::ByController,
            }
        }
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::Job
        | WorkloadKind::ReplicationController => UpdateStrategy::ByController,
    }
}

/// One is what the server fills in. A DaemonSet has as many as there are nodes
/// for it, a Job as many as it still needs.
fn replicas(kind: WorkloadKind, object: &Value) -> Option<u32> {
    match kind {
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::ReplicationController => {
            Some(field::count(object, &["spec", "replicas"]).unwrap_or(1))
        }
        WorkloadKind::DaemonSet | WorkloadKind::Job => None,
    }
}

/// Counts of zero are left out of a status, so that only a missing status is a gap.
fn ready(kind: WorkloadKind, object: &Value) -> Seen<u32> {
    let name = match kind {
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::ReplicationController => "readyReplicas",
        WorkloadKind::DaemonSet => "numberReady",
        WorkloadKind::Job => "ready",
    };
    match field::at(object, &["status"]).filter(|status| field::is_filled(status)) {
        Some(status) => Seen::Is(field::count(status, &[name]).unwrap_or(0)),
        None => Seen::Gap(Unseen::NotInSource),
    }
}
