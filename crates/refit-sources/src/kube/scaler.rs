//! HorizontalPodAutoscalers in manifests: how many pods a workload has at least,
//! where its manifest leaves that to them.

use super::{Refused, field, workload};
use refit_model::kubernetes::{Workload, WorkloadKey};
use refit_model::object::GroupVersionKind;
use serde_json::Value;
use std::collections::BTreeMap;

/// The workload that an autoscaler scales, and the least it scales it to: one
/// where it does not say (autoscaling/v2, `spec.minReplicas`).
pub(super) type Scaled = BTreeMap<WorkloadKey, u32>;

/// Whether `api` is an autoscaler at any version.
pub(crate) fn is_scaler(api: &GroupVersionKind) -> bool {
    matches!(api.group.as_str(), "autoscaling" | "extensions")
        && api.kind == "HorizontalPodAutoscaler"
}

/// What `object` scales, where that is a workload.
pub(super) fn scaled(object: &Value) -> Result<Option<(WorkloadKey, u32)>, Refused> {
    let (namespace, _) = field::namespaced(object)?;
    let Some(target) = field::at(object, &["spec", "scaleTargetRef"]) else {
        return Ok(None);
    };
    let kind = field::api(target).ok().as_ref().and_then(workload::kind_of);
    let name = field::text(target, &["name"]).and_then(|name| name.parse().ok());
    let least = field::count(object, &["spec", "minReplicas"]).unwrap_or(1);
    Ok(kind.zip(name).map(|(kind, name)| {
        let key = WorkloadKey {
            kind,
            namespace,
            name,
        };
        (key, least)
    }))
}

/// Gives workloads of manifests the replicas that their autoscalers keep.
pub(super) fn apply(scaled: &Scaled, workloads: &mut BTreeMap<WorkloadKey, Workload>) {
    for (key, least) in scaled {
        if let Some(workload) = workloads.get_mut(key) {
            workload.replicas = workload.replicas.max(Some(*least));
        }
    }
}
