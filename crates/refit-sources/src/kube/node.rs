//! Nodes.

use super::{Refused, field, quantity};
use refit_model::kubernetes::{
    Cordon, KeyError, Node, NodeRole, Pressure, Resources, Taint, TaintEffect,
};
use refit_model::name::{NodeName, PoolName, ZoneName};
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::Labels;
use serde_json::Value;

/// The labels that name a node's pool, in the order in which they are believed:
/// ours, then the plain one of self-made clusters, then those of the clouds.
pub const POOL_LABELS: [&str; 6] = [
    "refit.dev/pool",
    "node-pool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "karpenter.sh/nodepool",
];

/// The label that names a node's zone.
pub const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// The label by which volumes are bound to a node.
pub const HOSTNAME_LABEL: &str = "kubernetes.io/hostname";

/// The labels of control-plane nodes; the second until Kubernetes 1.24.
pub const CONTROL_PLANE_LABELS: [&str; 2] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
];

/// The annotation by which a cordon is known to be ours.
pub const CORDONED_BY: &str = "refit.dev/cordoned-by";

/// The taint that a cordon brings with it.
const CORDON_TAINT: &str = "node.kubernetes.io/unschedulable";

/// What an upgrade needs to know of a node.
///
/// The kube-proxy is a gap until the pods of the node are known, see
/// [`super::link::proxies`].
///
/// # Errors
/// When the object has no usable name.
pub fn node(object: &Value) -> Result<(NodeName, Node), Refused> {
    let name = field::name(object)?;
    let name = NodeName::new(name.as_str()).map_err(|error| Refused {
        field: "metadata.name",
        why: error.rule.to_owned(),
    })?;
    let labels = field::labels(object);
    let is_control_plane = CONTROL_PLANE_LABELS
        .iter()
        .any(|label| labels.contains_key(*label));
    let kubelet = field::filled(object, &["status", "nodeInfo", "kubeletVersion"]);
    let runtime = ["status", "nodeInfo", "containerRuntimeVersion"];
    let runtime = field::filled(object, &runtime);
    let kernel = field::filled(object, &["status", "nodeInfo", "kernelVersion"]);
    Ok((
        name,
        Node {
            role: Seen::Is(if is_control_plane {
                NodeRole::ControlPlane
            } else {
                NodeRole::Worker
            }),
            pool: Seen::Is(pool(&labels)),
            zone: Seen::Is(
                labels
                    .get(ZONE_LABEL)
                    .and_then(|zone| ZoneName::new(zone).ok()),
            ),
            kubelet: kubelet.map_or(Seen::Gap(Unseen::NotInSource), |text| {
                text.parse().map_or_else(
                    |_| Seen::Gap(Unseen::Failed(format!("{text:?} is no kubelet version"))),
                    Seen::Is,
                )
            }),
            kube_proxy: Seen::Gap(Unseen::NotInSource),
            runtime: runtime.map_or(Seen::Gap(Unseen::NotInSource), |text| {
                text.parse().map_or_else(
                    |error: KeyError| Seen::Gap(Unseen::Failed(error.to_string())),
                    Seen::Is,
                )
            }),
            kernel: kernel.map_or(Seen::Gap(Unseen::NotInSource), |text| {
                text.parse().map_or_else(
                    |error: KeyError| Seen::Gap(Unseen::Failed(error.to_string())),
                    Seen::Is,
                )
            }),
            ready: field::condition(object, "Ready"),
            cordon: Seen::Is(cordon(object)),
            pressures: Pressure::ALL
                .into_iter()
                .filter(|kind| field::condition(object, kind.condition()) == Seen::Is(true))
                .collect(),
            taints: field::list(object, &["spec", "taints"])
                .iter()
                .filter_map(taint)
                .filter(|taint| taint.key != CORDON_TAINT)
                .collect(),
            labels,
            allocatable: allocatable(object),
        },
    ))
}

fn pool(labels: &Labels) -> Option<PoolName> {
    POOL_LABELS
        .iter()
        .find_map(|label| PoolName::new(labels.get(*label)?).ok())
}

fn cordon(object: &Value) -> Cordon {
    let closed = field::at(object, &["spec", "unschedulable"]).and_then(Value::as_bool);
    match (closed, field::annotation(object, CORDONED_BY)) {
        (Some(true), Some(_)) => Cordon::Ours,
        (Some(true), None) => Cordon::Theirs,
        (Some(false) | None, _) => Cordon::Open,
    }
}

fn taint(value: &Value) -> Option<Taint> {
    Some(Taint {
        key: field::filled(value, &["key"])?.to_owned(),
        value: field::text(value, &["value"])
            .unwrap_or_default()
            .to_owned(),
        effect: effect(field::text(value, &["effect"])?)?,
    })
}

/// The effect of a taint or a toleration.
pub(super) fn effect(text: &str) -> Option<TaintEffect> {
    match text {
        "NoSchedule" => Some(TaintEffect::NoSchedule),
        "PreferNoSchedule" => Some(TaintEffect::PreferNoSchedule),
        "NoExecute" => Some(TaintEffect::NoExecute),
        _ => None,
    }
}

fn allocatable(object: &Value) -> Seen<Resources> {
    let read = |name: &str, scale: fn(&str) -> Option<u64>| {
        amount(field::at(object, &["status", "allocatable", name])?, scale)
    };
    let resources = || {
        Some(Resources {
            cpu_millis: read("cpu", quantity::millis)?,
            memory_bytes: read("memory", quantity::units)?,
            pods: read("pods", quantity::units)?,
        })
    };
    Seen::from_source(resources())
}

/// A quantity, which YAML may have turned into a number.
pub(super) fn amount(value: &Value, scale: fn(&str) -> Option<u64>) -> Option<u64> {
    match value {
        Value::String(text) => scale(text),
        Value::Number(number) => scale(&number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
