//! From what the twin keeps to JSON objects.

use crate::state::{BudgetState, Cluster, Meta, NamespaceState, NodeState, PodState};
use crate::webhook::{Hook, Reach};
use refit_model::budget::{Bound, UnhealthyPods};
use refit_model::kubernetes::{
    Cordon, Definition, FailurePolicy, LocalData, Phase, Pod, Resources, Taint, TaintEffect,
    Toleration,
};
use refit_model::name::{Key, Namespace, NodeName};
use refit_model::object::Owner;
use refit_model::seen::Seen;
use refit_model::selector::{Labels, Selector};
use serde_json::{Map, Value, json};

/// A time as API servers write it, in whole seconds.
pub(super) fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Sets `name` unless `value` is null or empty.
fn put(object: &mut Value, name: &str, value: Value) {
    let empty = match &value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if let (false, Some(fields)) = (empty, object.as_object_mut()) {
        fields.insert(name.to_owned(), value);
    }
}

/// The metadata of an object.
pub(super) fn metadata(
    key: &Key,
    meta: &Meta,
    labels: &Labels,
    owner: Option<&Owner>,
    generation: Option<i64>,
) -> Value {
    let mut object = json!({
        "name": key.name,
        "uid": meta.uid,
        "resourceVersion": meta.version.to_string(),
        "creationTimestamp": time(meta.created),
    });
    put(&mut object, "namespace", json!(key.namespace));
    put(&mut object, "labels", json!(labels));
    put(&mut object, "annotations", json!(meta.annotations));
    put(&mut object, "finalizers", json!(meta.finalizers));
    put(&mut object, "generation", json!(generation));
    if let Some(owner) = owner {
        let reference = json!([{
            "apiVersion": owner.api.api_version(),
            "kind": owner.api.kind,
            "name": owner.name,
            "uid": owner.uid,
            "controller": true,
            "blockOwnerDeletion": true,
        }]);
        put(&mut object, "ownerReferences", reference);
    }
    object
}

/// One condition; `holds` becomes `True` or `False`.
fn condition(kind: &str, holds: bool, at: jiff::Timestamp) -> Value {
    json!({
        "type": kind,
        "status": if holds { "True" } else { "False" },
        "lastTransitionTime": time(at),
    })
}

fn effect(effect: TaintEffect) -> &'static str {
    match effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    }
}

fn taint(taint: &Taint) -> Value {
    let mut object = json!({"key": taint.key, "effect": effect(taint.effect)});
    if !taint.value.is_empty() {
        put(&mut object, "value", json!(taint.value));
    }
    object
}

fn toleration(toleration: &Toleration) -> Value {
    let mut object = json!({
        "operator": if toleration.value.is_some() { "Equal" } else { "Exists" },
    });
    put(&mut object, "key", json!(toleration.key));
    put(&mut object, "value", json!(toleration.value));
    put(&mut object, "effect", json!(toleration.effect.map(effect)));
    object
}

fn quantities(resources: &Resources) -> Value {
    json!({
        "cpu": format!("{}m", resources.cpu_millis),
        "memory": resources.memory_bytes.to_string(),
        "pods": resources.pods.to_string(),
    })
}

pub(super) fn node(node: &NodeState) -> Value {
    let key = Key {
        namespace: None,
        name: match node.name.as_str().parse() {
            Ok(name) => name,
            Err(_) => return Value::Null,
        },
    };
    let mut spec = json!({});
    let mut taints: Vec<_> = node.seen.taints.iter().map(taint).collect();
    if node.cordoned() {
        put(&mut spec, "unschedulable", json!(true));
        taints.push(json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}));
    }
    put(&mut spec, "taints", json!(taints));
    let mut status = json!({
        "conditions": [
            condition("MemoryPressure", false, node.meta.created),
            condition("DiskPressure", false, node.meta.created),
            condition("PIDPressure", false, node.meta.created),
            condition("Ready", node.ready(), node.meta.created),
        ],
    });
    if let Seen::Is(room) = &node.seen.allocatable {
        put(&mut status, "allocatable", quantities(room));
        put(&mut status, "capacity", quantities(room));
    }
    if let Seen::Is(kubelet) = &node.seen.kubelet {
        let mut about = json!({"kubeletVersion": kubelet, "operatingSystem": "linux"});
        if let Seen::Is(runtime) = &node.seen.runtime {
            put(&mut about, "containerRuntimeVersion", json!(runtime));
        }
        put(&mut status, "nodeInfo", about);
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(&key, &node.meta, &node.seen.labels, None, None),
        "spec": spec,
        "status": status,
    })
}

/// The spec of a pod, or of a workload's template.
pub(super) fn pod_spec(pod: &Pod, claim: &str) -> Value {
    let requests = json!({
        "cpu": format!("{}m", pod.requests.cpu_millis),
        "memory": pod.requests.memory_bytes.to_string(),
    });
    // What several containers ask for was summed up: the first bears it all.
    let mut containers: Vec<_> = pod
        .images
        .iter()
        .enumerate()
        .map(|(place, image)| json!({"name": format!("c{place}"), "image": image, "resources": {}}))
        .collect();
    if containers.is_empty() {
        containers.push(json!({"name": "c0", "resources": {}}));
    }
    if let Some(first) = containers.first_mut() {
        put(first, "resources", json!({"requests": requests}));
    }
    let mut spec = json!({
        "containers": containers,
        "terminationGracePeriodSeconds": pod.grace_seconds,
    });
    put(&mut spec, "nodeName", json!(pod.node));
    put(&mut spec, "nodeSelector", json!(pod.node_selector));
    let tolerations: Vec<_> = pod.tolerations.iter().map(toleration).collect();
    put(&mut spec, "tolerations", json!(tolerations));
    let volumes = match &pod.local_data {
        LocalData::None => Value::Null,
        LocalData::EmptyDir => json!([{"name": "scratch", "emptyDir": {}}]),
        LocalData::LocalVolume(_) => {
            json!([{"name": "data", "persistentVolumeClaim": {"claimName": claim}}])
        }
    };
    put(&mut spec, "volumes", volumes);
    spec
}

/// The name of the claim of a pod with a local volume.
fn claim_of(pod: &PodState) -> String {
    format!("data-{}", pod.key.name)
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "Pending",
        Phase::Running => "Running",
        Phase::Succeeded => "Succeeded",
        Phase::Failed => "Failed",
        Phase::Unknown => "Unknown",
    }
}

pub(super) fn pod(pod: &PodState) -> Value {
    let mut meta = metadata(
        &pod.key,
        &pod.meta,
        &pod.seen.labels,
        pod.seen.owner.as_ref(),
        Some(pod.meta.generation),
    );
    if let Some(deleted) = pod.deleted {
        let grace = std::time::Duration::from_secs(u64::from(pod.seen.grace_seconds));
        let until = crate::agenda::later(deleted, grace);
        put(&mut meta, "deletionTimestamp", json!(time(until)));
        let seconds = json!(pod.seen.grace_seconds);
        put(&mut meta, "deletionGracePeriodSeconds", seconds);
    }
    if pod.seen.mirror {
        let mut annotations = pod.meta.annotations.clone();
        annotations
            .entry("kubernetes.io/config.mirror".to_owned())
            .or_insert_with(|| pod.meta.uid.clone());
        put(&mut meta, "annotations", json!(annotations));
    }
    let mut conditions = Vec::new();
    if let Some(message) = &pod.unschedulable {
        conditions.push(json!({
            "type": "PodScheduled",
            "observedGeneration": pod.meta.generation,
            "status": "False",
            "lastProbeTime": null,
            "lastTransitionTime": time(pod.changed),
            "reason": "Unschedulable",
            "message": message,
        }));
    } else if pod.node.is_some() {
        conditions.push(condition("PodScheduled", true, pod.meta.created));
        conditions.push(condition("Initialized", true, pod.meta.created));
        conditions.push(condition("ContainersReady", pod.is_ready(), pod.changed));
        if let Seen::Is(_) = pod.seen.ready {
            conditions.push(condition("Ready", pod.is_ready(), pod.changed));
        }
    }
    if pod.evicted {
        conditions.push(json!({
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting",
            "lastTransitionTime": time(pod.deleted.unwrap_or(pod.changed)),
        }));
    }
    let mut status = json!({"phase": phase(pod.seen.phase)});
    put(&mut status, "conditions", json!(conditions));
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": pod_spec(&pod.seen, &claim_of(pod)),
        "status": status,
    })
}

pub(super) fn selector(selector: &Selector) -> Value {
    serde_json::to_value(selector).unwrap_or(Value::Null)
}

/// The spec of a budget.
pub(super) fn budget_spec(budget: &BudgetState) -> Value {
    let mut spec = json!({});
    let amount = |amount: refit_model::budget::Amount| match amount {
        refit_model::budget::Amount::Pods(count) => json!(count),
        percent @ refit_model::budget::Amount::Percent(_) => json!(percent.to_string()),
    };
    match &budget.seen.bound {
        Some(Bound::MinAvailable(least)) => put(&mut spec, "minAvailable", amount(*least)),
        Some(Bound::MaxUnavailable(most)) => put(&mut spec, "maxUnavailable", amount(*most)),
        None => {}
    }
    // An empty selector matches everything and has to be written.
    if let (Some(found), Some(fields)) = (&budget.seen.selector, spec.as_object_mut()) {
        fields.insert("selector".to_owned(), selector(found));
    }
    if budget.seen.unhealthy == UnhealthyPods::AlwaysAllow {
        put(
            &mut spec,
            "unhealthyPodEvictionPolicy",
            json!("AlwaysAllow"),
        );
    }
    spec
}

pub(super) fn budget(budget: &BudgetState) -> Value {
    let mut object = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(&budget.seen.key, &budget.meta, &Labels::new(), None, Some(budget.seen.generation)),
        "spec": budget_spec(budget),
    });
    let mut status = json!({
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    });
    if let Seen::Is(seen) = &budget.seen.status {
        status = json!({
            "disruptionsAllowed": seen.disruptions_allowed,
            "currentHealthy": seen.current_healthy,
            "desiredHealthy": seen.desired_healthy,
            "expectedPods": seen.expected_pods,
        });
        // The server leaves out a generation of zero.
        let generation = Some(seen.observed_generation).filter(|generation| *generation > 0);
        put(&mut status, "observedGeneration", json!(generation));
        let mut allowed = condition(
            "DisruptionAllowed",
            seen.disruptions_allowed > 0,
            budget.changed,
        );
        put(&mut allowed, "observedGeneration", json!(generation));
        put(&mut allowed, "reason", json!(budget.reason));
        let message = seen.sync_failure.clone().unwrap_or_default();
        put(&mut allowed, "message", json!(message));
        put(&mut status, "conditions", json!([allowed]));
    }
    let disrupted: Map<String, Value> = budget
        .disrupted
        .iter()
        .map(|(name, at)| (name.clone(), json!(time(*at))))
        .collect();
    put(&mut status, "disruptedPods", Value::Object(disrupted));
    put(&mut object, "status", status);
    object
}

pub(super) fn namespace(name: &Namespace, state: &NamespaceState) -> Value {
    let mut meta = json!({
        "name": name,
        "uid": state.meta.uid,
        "resourceVersion": state.meta.version.to_string(),
        "creationTimestamp": time(state.meta.created),
        "labels": state.labels,
    });
    let phase = if let Some(at) = state.terminating {
        put(&mut meta, "deletionTimestamp", json!(time(at)));
        "Terminating"
    } else {
        "Active"
    };
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": meta,
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": phase},
    })
}

/// A webhook configuration of `kind` with the webhooks that belong to it.
pub(super) fn webhooks(kind: &str, name: &str, hooks: &[&Hook]) -> Value {
    let one = |hook: &&Hook| {
        let client = match &hook.reach {
            Reach::Service(key) => {
                json!({"service": {"namespace": key.namespace, "name": key.name}})
            }
            Reach::Url(url) => json!({"url": url}),
            Reach::Elsewhere => json!({}),
        };
        let rules: Vec<_> = hook
            .seen
            .rules
            .iter()
            .filter_map(|rule| {
                let (operation, rest) = rule.split_once(' ')?;
                let mut parts = rest.splitn(3, '/');
                Some(json!({
                    "operations": [operation],
                    "apiGroups": [parts.next()?],
                    "apiVersions": [parts.next()?],
                    "resources": [parts.next()?],
                }))
            })
            .collect();
        json!({
            "name": hook.name,
            "clientConfig": client,
            "rules": rules,
            "failurePolicy": match hook.seen.failure_policy {
                FailurePolicy::Fail => "Fail",
                FailurePolicy::Ignore => "Ignore",
            },
            "timeoutSeconds": hook.seen.timeout_seconds,
            "namespaceSelector": hook.namespaces.as_ref().map_or_else(|| json!({}), selector),
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        })
    };
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, "resourceVersion": "1"},
        "webhooks": hooks.iter().map(one).collect::<Vec<_>>(),
    })
}

pub(super) fn definition(name: &str, seen: &Definition) -> Value {
    let plural = name.split('.').next().unwrap_or_default();
    let versions: Vec<_> = seen
        .served
        .iter()
        .map(|version| json!({"name": version, "served": true, "storage": seen.stored.last() == Some(version)}))
        .collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name, "resourceVersion": "1"},
        "spec": {
            "group": seen.group,
            "names": {"kind": seen.kind, "plural": plural},
            "versions": versions,
        },
        "status": {"storedVersions": seen.stored},
    })
}

pub(super) fn service(key: &Key, selector: Option<&Selector>) -> Value {
    let mut spec = json!({});
    if let Some(selector) = selector {
        put(&mut spec, "selector", json!(selector.match_labels));
    }
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": key.namespace, "name": key.name, "resourceVersion": "1"},
        "spec": spec,
    })
}

/// The local volume of a pod, bound to its claim and to one node.
pub(super) fn volume(cluster: &Cluster, pod: &PodState, node: &NodeName) -> Value {
    let hostname = cluster
        .node_names
        .get(node)
        .and_then(|id| cluster.nodes.get(id))
        .and_then(|node| node.seen.labels.get("kubernetes.io/hostname"))
        .map_or(node.as_str(), String::as_str);
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": format!("pv-{}", pod.meta.uid), "resourceVersion": "1"},
        "spec": {
            "claimRef": {"namespace": pod.key.namespace, "name": claim_of(pod)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "kubernetes.io/hostname", "operator": "In", "values": [hostname]},
            ]}]}},
        },
    })
}

/// The cordon that a node's flag and annotations mean.
pub(super) fn cordon(unschedulable: bool, annotations: &Labels) -> Cordon {
    match (
        unschedulable,
        annotations.contains_key(crate::twin::CORDONED_BY),
    ) {
        (true, true) => Cordon::Ours,
        (true, false) => Cordon::Theirs,
        (false, _) => Cordon::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn an_empty_selector_is_written_and_read_again() {
        let spec = json!({"selector": selector(&Selector::default())});
        assert_eq!(
            parse::selector(&spec, "/selector"),
            Ok(Some(Selector::default()))
        );
    }
}
