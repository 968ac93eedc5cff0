//! Pods.

use super::{Refused, application, field, node, placement, quantity};
use refit_model::kubernetes::{LocalData, Phase, Pod, Resources, Toleration};
use refit_model::name::{Key, NodeName, ObjectName};
use refit_model::seen::{Seen, Unseen};
use serde_json::Value;
use std::collections::BTreeSet;

/// The annotation of a pod that a kubelet made from a file.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The seconds that a pod gets when it does not say, `v1.PodSpec`.
const DEFAULT_GRACE: u32 = 30;

/// What an upgrade needs to know of a pod.
///
/// The application is that of the pod's own signs, and the local data leaves
/// volumes out, until [`super::link`] knows owners and volumes.
///
/// # Errors
/// When the object has no usable name or its controller cannot be read.
pub fn pod(object: &Value) -> Result<(Key, Pod), Refused> {
    let (namespace, name) = field::namespaced(object)?;
    let key = Key::namespaced(namespace, name);
    let owner = field::owner(object)?;
    let node = field::filled(object, &["spec", "nodeName"])
        .map(NodeName::new)
        .transpose()
        .map_err(|error| Refused {
            field: "spec.nodeName",
            why: error.rule.to_owned(),
        })?;
    let application = application::signed(object)
        .unwrap_or_else(|| application::unsigned(&key, owner.as_ref(), Some(object)));
    let pod = Pod {
        uid: field::text(object, &["metadata", "uid"])
            .unwrap_or_default()
            .to_owned(),
        node,
        phase: phase(object),
        ready: ready(object),
        terminating: field::at(object, &["metadata", "deletionTimestamp"]).is_some(),
        owner,
        mirror: field::annotation(object, MIRROR).is_some(),
        local_data: if keeps_empty_dir(object) {
            LocalData::EmptyDir
        } else {
            LocalData::None
        },
        labels: field::labels(object),
        application,
        requests: requests(object),
        node_selector: field::texts(object, &["spec", "nodeSelector"]),
        node_keys: field::at(object, &["spec"]).map_or_else(BTreeSet::new, placement::keys),
        tolerations: field::list(object, &["spec", "tolerations"])
            .iter()
            .filter_map(toleration)
            .collect(),
        grace_seconds: field::count(object, &["spec", "terminationGracePeriodSeconds"])
            .unwrap_or(DEFAULT_GRACE),
        images: containers(object, "containers")
            .filter_map(|container| field::filled(container, &["image"]))
            .map(str::to_owned)
            .collect(),
    };
    Ok((key, pod))
}

/// The claims that the pod's volumes stand for, in the pod's namespace.
pub fn claims(object: &Value) -> impl Iterator<Item = ObjectName> {
    let pod = field::text(object, &["metadata", "name"]).unwrap_or_default();
    field::list(object, &["spec", "volumes"])
        .iter()
        .filter_map(move |volume| {
            let claim = field::text(volume, &["persistentVolumeClaim", "claimName"]);
            match (claim, field::at(volume, &["ephemeral"])) {
                (Some(claim), _) => ObjectName::new(claim).ok(),
                // The claim of an ephemeral volume is called after pod and volume.
                (None, Some(_)) => {
                    let volume = field::text(volume, &["name"])?;
                    ObjectName::new(format!("{pod}-{volume}")).ok()
                }
                (None, None) => None,
            }
        })
}

fn containers<'a>(object: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    field::list(object, &["spec", list]).iter()
}

fn phase(object: &Value) -> Phase {
    match field::text(object, &["status", "phase"]) {
        Some("Running") => Phase::Running,
        Some("Succeeded") => Phase::Succeeded,
        Some("Failed") => Phase::Failed,
        Some("Unknown") => Phase::Unknown,
        _ => Phase::Pending,
    }
}

/// A pod that has a phase and no `Ready` condition is not ready yet.
fn ready(object: &Value) -> Seen<bool> {
    match field::text(object, &["status", "phase"]) {
        Some(_) => field::condition(object, "Ready"),
        None => Seen::Gap(Unseen::NotInSource),
    }
}

fn keeps_empty_dir(object: &Value) -> bool {
    field::list(object, &["spec", "volumes"])
        .iter()
        .any(|volume| field::at(volume, &["emptyDir"]).is_some())
}

/// A toleration; one with an operator that we do not know tolerates nothing.
fn toleration(value: &Value) -> Option<Toleration> {
    let given = match field::text(value, &["operator"]) {
        Some("Exists") => None,
        Some("Equal" | "") | None => Some(
            field::text(value, &["value"])
                .unwrap_or_default()
                .to_owned(),
        ),
        Some(_) => return None,
    };
    let effect = match field::filled(value, &["effect"]) {
        Some(text) => Some(node::effect(text)?),
        None => None,
    };
    Some(Toleration {
        key: field::filled(value, &["key"]).map(str::to_owned),
        value: given,
        effect,
    })
}

/// What the scheduler counts for the pod: the larger of what its containers
/// need together and what any one step of its start needs, plus the overhead.
/// Source: Kubernetes' `resource.PodRequests` (sidecar containers included).
fn requests(object: &Value) -> Resources {
    let running = containers(object, "containers")
        .map(|container| requested(container, &["resources"]))
        .fold(Resources::default(), Resources::plus);
    let mut sidecars = Resources::default();
    let mut start = Resources::default();
    for container in containers(object, "initContainers") {
        let needs = requested(container, &["resources"]);
        if field::text(container, &["restartPolicy"]) == Some("Always") {
            sidecars = sidecars.plus(needs);
            start = larger(start, sidecars);
        } else {
            start = larger(start, sidecars.plus(needs));
        }
    }
    let mut needs = larger(running.plus(sidecars), start);
    // What the pod as a whole asks for replaces the sum, resource by resource.
    let whole = requested(object, &["spec", "resources"]);
    if whole.cpu_millis > 0 {
        needs.cpu_millis = whole.cpu_millis;
    }
    if whole.memory_bytes > 0 {
        needs.memory_bytes = whole.memory_bytes;
    }
    let read = |name: &str, scale| {
        field::at(object, &["spec", "overhead", name])
            .and_then(|value| node::amount(value, scale))
            .unwrap_or(0)
    };
    let overhead = Resources {
        cpu_millis: read("cpu", quantity::millis),
        memory_bytes: read("memory", quantity::units),
        pods: 1,
    };
    needs.plus(overhead)
}

/// What one container asks for; without a request its limit counts, which is
/// what the API server fills in.
fn requested(value: &Value, path: &[&str]) -> Resources {
    let resources = field::at(value, path);
    let read = |name: &str, scale: fn(&str) -> Option<u64>| {
        let resources = resources?;
        let given = field::at(resources, &["requests", name])
            .or_else(|| field::at(resources, &["limits", name]))?;
        node::amount(given, scale)
    };
    Resources {
        cpu_millis: read("cpu", quantity::millis).unwrap_or(0),
        memory_bytes: read("memory", quantity::units).unwrap_or(0),
        pods: 0,
    }
}

fn larger(one: Resources, other: Resources) -> Resources {
    Resources {
        cpu_millis: one.cpu_millis.max(other.cpu_millis),
        memory_bytes: one.memory_bytes.max(other.memory_bytes),
        pods: one.pods.max(other.pods),
    }
}
