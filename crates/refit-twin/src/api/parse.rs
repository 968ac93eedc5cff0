//! From JSON objects to what the twin keeps of them.

use super::quantity;
use crate::load::blank_pod;
use refit_model::budget::{Amount, Bound, UnhealthyPods};
use refit_model::kubernetes::{
    LocalData, Node, NodeRole, Pod, Resources, Taint, TaintEffect, Toleration,
};
use refit_model::object::{Application, ApplicationSign};
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::{Labels, Selector};
use serde_json::Value;

pub(super) fn text<'a>(object: &'a Value, path: &str) -> Option<&'a str> {
    object.pointer(path).and_then(Value::as_str)
}

pub(super) fn items<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    object
        .pointer(path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A map of texts; entries that are not texts are left out.
pub(super) fn texts(object: &Value, path: &str) -> Labels {
    object
        .pointer(path)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn count(object: &Value, path: &str) -> Option<u32> {
    object
        .pointer(path)
        .and_then(Value::as_u64)
        .and_then(|value| u32::try_from(value).ok())
}

/// A selector; absent or null is `None`, which for budgets matches nothing.
pub(super) fn selector(object: &Value, path: &str) -> Result<Option<Selector>, String> {
    object
        .pointer(path)
        .filter(|value| !value.is_null())
        .map(|value| serde_json::from_value(value.clone()).map_err(|error| error.to_string()))
        .transpose()
}

fn amount(value: &Value) -> Result<Amount, String> {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
    .parse()
    .map_err(|error: refit_model::budget::AmountError| error.to_string())
}

/// The parts of a budget's spec.
pub(super) struct BudgetSpec {
    pub(super) selector: Option<Selector>,
    pub(super) bound: Option<Bound>,
    pub(super) unhealthy: UnhealthyPods,
}

pub(super) fn budget(spec: &Value) -> Result<BudgetSpec, String> {
    let field = |name: &str| spec.get(name).filter(|value| !value.is_null());
    let bound = match (field("minAvailable"), field("maxUnavailable")) {
        (Some(_), Some(_)) => {
            return Err(
                "spec: Invalid value: minAvailable and maxUnavailable cannot be both set"
                    .to_owned(),
            );
        }
        (Some(least), None) => Some(Bound::MinAvailable(amount(least)?)),
        (None, Some(most)) => Some(Bound::MaxUnavailable(amount(most)?)),
        (None, None) => None,
    };
    Ok(BudgetSpec {
        selector: selector(spec, "/selector")?,
        bound,
        unhealthy: match text(spec, "/unhealthyPodEvictionPolicy") {
            Some("AlwaysAllow") => UnhealthyPods::AlwaysAllow,
            Some(_) | None => UnhealthyPods::IfHealthyBudget,
        },
    })
}

fn effect(text: &str) -> Option<TaintEffect> {
    match text {
        "NoSchedule" => Some(TaintEffect::NoSchedule),
        "PreferNoSchedule" => Some(TaintEffect::PreferNoSchedule),
        "NoExecute" => Some(TaintEffect::NoExecute),
        _ => None,
    }
}

/// The taints of a node, without the cordon's own.
pub(super) fn taints(object: &Value) -> Vec<Taint> {
    items(object, "/spec/taints")
        .iter()
        .filter_map(|taint| {
            Some(Taint {
                key: text(taint, "/key")?.to_owned(),
                value: text(taint, "/value").unwrap_or_default().to_owned(),
                effect: effect(text(taint, "/effect")?)?,
            })
        })
        .filter(|taint| taint.key != "node.kubernetes.io/unschedulable")
        .collect()
}

fn tolerations(spec: &Value) -> Vec<Toleration> {
    items(spec, "/tolerations")
        .iter()
        .map(|toleration| {
            let exists = text(toleration, "/operator") == Some("Exists");
            Toleration {
                key: text(toleration, "/key").map(str::to_owned),
                value: (!exists).then(|| text(toleration, "/value").unwrap_or_default().to_owned()),
                effect: text(toleration, "/effect").and_then(effect),
            }
        })
        .collect()
}

/// The resources at `path`; `None` when they are not all there.
pub(super) fn resources(object: &Value, path: &str) -> Option<Resources> {
    let amounts = object.pointer(path)?;
    Some(Resources {
        cpu_millis: quantity::thousandths(text(amounts, "/cpu")?)?,
        memory_bytes: quantity::units(text(amounts, "/memory")?)?,
        pods: quantity::units(text(amounts, "/pods")?)?,
    })
}

/// What a condition of this type says; `None` where there is none.
pub(super) fn condition(object: &Value, kind: &str) -> Option<bool> {
    items(object, "/status/conditions")
        .iter()
        .find(|condition| text(condition, "/type") == Some(kind))
        .map(|condition| text(condition, "/status") == Some("True"))
}

pub(super) fn node(object: &Value) -> Node {
    let labels = texts(object, "/metadata/labels");
    let role = if labels.contains_key("node-role.kubernetes.io/control-plane") {
        NodeRole::ControlPlane
    } else {
        NodeRole::Worker
    };
    let kubelet = text(object, "/status/nodeInfo/kubeletVersion")
        .and_then(|version| version.parse().ok())
        .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is);
    Node {
        role: Seen::Is(role),
        pool: Seen::Is(
            labels
                .get("refit.dev/pool")
                .and_then(|pool| pool.parse().ok()),
        ),
        zone: Seen::Is(
            labels
                .get("topology.kubernetes.io/zone")
                .and_then(|zone| zone.parse().ok()),
        ),
        kubelet,
        kube_proxy: Seen::Is(None),
        runtime: text(object, "/status/nodeInfo/containerRuntimeVersion")
            .and_then(|runtime| runtime.parse().ok())
            .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
        kernel: text(object, "/status/nodeInfo/kernelVersion")
            .and_then(|kernel| kernel.parse().ok())
            .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
        ready: Seen::Is(condition(object, "Ready").unwrap_or(false)),
        cordon: Seen::Is(refit_model::kubernetes::Cordon::Open),
        pressures: std::collections::BTreeSet::new(),
        taints: taints(object),
        labels,
        allocatable: resources(object, "/status/allocatable")
            .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
    }
}

/// The pod of this metadata and spec. A spec without containers is accepted;
/// the twin has no use for more validation.
pub(super) fn pod(metadata: &Value, spec: &Value) -> Pod {
    let labels = texts(metadata, "/labels");
    let name = labels
        .get("app.kubernetes.io/name")
        .or_else(|| labels.get("app"))
        .cloned()
        .or_else(|| text(metadata, "/name").map(str::to_owned))
        .unwrap_or_default();
    let application = Application {
        name,
        by: ApplicationSign::TopOwner,
    };
    let mut requests = Resources {
        pods: 1,
        ..Resources::default()
    };
    let mut images = Vec::new();
    for container in items(spec, "/containers") {
        let amount = |name: &str, read: fn(&str) -> Option<u64>| {
            text(container, &format!("/resources/requests/{name}"))
                .and_then(read)
                .unwrap_or(0)
        };
        requests = requests.plus(Resources {
            cpu_millis: amount("cpu", quantity::thousandths),
            memory_bytes: amount("memory", quantity::units),
            pods: 0,
        });
        images.extend(text(container, "/image").map(str::to_owned));
    }
    let empty_dir = items(spec, "/volumes")
        .iter()
        .any(|volume| volume.get("emptyDir").is_some());
    Pod {
        node: text(spec, "/nodeName").and_then(|node| node.parse().ok()),
        local_data: if empty_dir {
            LocalData::EmptyDir
        } else {
            LocalData::None
        },
        requests,
        node_selector: texts(spec, "/nodeSelector"),
        tolerations: tolerations(spec),
        grace_seconds: count(spec, "/terminationGracePeriodSeconds").unwrap_or(30),
        images,
        ..blank_pod(labels, application)
    }
}

/// The tolerations that the DaemonSet controller gives every pod of its own
/// (`AddOrUpdateDaemonPodTolerations`).
pub(super) fn daemon_tolerations() -> Vec<Toleration> {
    [
        ("not-ready", TaintEffect::NoExecute),
        ("unreachable", TaintEffect::NoExecute),
        ("disk-pressure", TaintEffect::NoSchedule),
        ("memory-pressure", TaintEffect::NoSchedule),
        ("pid-pressure", TaintEffect::NoSchedule),
        ("unschedulable", TaintEffect::NoSchedule),
    ]
    .into_iter()
    .map(|(key, effect)| Toleration {
        key: Some(format!("node.kubernetes.io/{key}")),
        value: None,
        effect: Some(effect),
    })
    .collect()
}
