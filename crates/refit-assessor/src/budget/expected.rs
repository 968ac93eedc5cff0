//! How many pods a budget expects, worked out as the disruption controller does.

use super::{Cover, adds_up_replicas, has_replicas};
use refit_model::kubernetes::{Kubernetes, Pod, Workload, WorkloadKey, workload_kind};
use refit_model::name::Key;
use refit_model::object::Owner;
use std::collections::BTreeMap;

/// How many pods a budget expects.
pub(super) enum Expected {
    /// So many.
    Pods(u32),
    /// The controller fails, for this reason.
    Uncountable(String),
    /// The snapshot does not tell.
    NotSeen,
}

/// What a pod's controllers come to.
enum Count<'s> {
    /// Counted under this workload.
    Replicas(&'s WorkloadKey, u32),
    /// Bare, and counts for nothing.
    Nothing,
    Uncountable(String),
    NotSeen,
}

/// Integer `minAvailable` counts pods; every other bound adds up the replicas of
/// the pods' controllers, each once.
///
/// For an integer the larger of pods and replicas is taken: a pod that is being
/// replaced right now must not make a budget look as if it could never open.
pub(super) fn expected(kubernetes: &Kubernetes, cover: &Cover<'_>) -> Expected {
    let sums_only = cover.budget.bound.as_ref().is_some_and(adds_up_replicas);
    let mut replicas: BTreeMap<&WorkloadKey, u32> = BTreeMap::new();
    // Some pods tell nothing of the others; without any, the workloads tell.
    let told_by_workloads = cover.pods.is_empty() && !cover.workloads.is_empty();
    let mut unseen = cover.pods_may_be_missing && !told_by_workloads;
    for (key, pod) in &cover.pods {
        match count(kubernetes, key, pod) {
            Count::Replicas(workload, number) => {
                replicas.insert(workload, number);
            }
            Count::Nothing => {}
            Count::Uncountable(why) if sums_only => return Expected::Uncountable(why),
            Count::Uncountable(_) => {}
            Count::NotSeen => unseen = true,
        }
    }
    for (key, workload) in cover.workloads.iter().filter(|_| told_by_workloads) {
        if has_replicas(key.kind) {
            // What a manifest leaves out is one replica.
            replicas.insert(key, workload.replicas.unwrap_or(1));
        } else if sums_only {
            return Expected::Uncountable(no_scale(key));
        } else {
            unseen = true;
        }
    }
    if unseen {
        return Expected::NotSeen;
    }
    let sum = replicas
        .values()
        .fold(0_u32, |sum, number| sum.saturating_add(*number));
    if sums_only {
        return Expected::Pods(sum);
    }
    let pods = u32::try_from(cover.pods.len()).unwrap_or(u32::MAX);
    Expected::Pods(pods.max(sum))
}

/// The replicas of the workload at the top of `pod`'s owners.
fn count<'s>(kubernetes: &'s Kubernetes, key: &Key, pod: &Pod) -> Count<'s> {
    let Some(owner) = &pod.owner else {
        return Count::Nothing;
    };
    let (workload, seen) = match find(kubernetes, key, owner) {
        Ok(found) => found,
        Err(count) => return count,
    };
    if !has_replicas(workload.kind) {
        return Count::Uncountable(no_scale(workload));
    }
    // Only a ReplicaSet has a workload above it that counts.
    let above = seen
        .owner
        .as_ref()
        .map(|owner| find(kubernetes, key, owner));
    let (workload, seen) = match above {
        Some(Ok((workload, seen))) if has_replicas(workload.kind) => (workload, seen),
        Some(Err(Count::NotSeen)) => return Count::NotSeen,
        Some(Ok(_) | Err(_)) | None => (workload, seen),
    };
    seen.replicas
        .map_or(Count::NotSeen, |number| Count::Replicas(workload, number))
}

/// The workload that `owner` names.
fn find<'s>(
    kubernetes: &'s Kubernetes,
    key: &Key,
    owner: &Owner,
) -> Result<(&'s WorkloadKey, &'s Workload), Count<'s>> {
    // Another kind may have a scale subresource: only the server knows.
    let kind = workload_kind(&owner.api).ok_or(Count::NotSeen)?;
    let namespace = key.namespace.clone().ok_or(Count::NotSeen)?;
    let wanted = WorkloadKey {
        kind,
        namespace,
        name: owner.name.clone(),
    };
    match kubernetes.workloads.items.get_key_value(&wanted) {
        // Another UID is another workload, and the controller sees none.
        Some((key, seen)) if seen.uid == owner.uid => Ok((key, seen)),
        Some(_) => Err(Count::Uncountable(gone(&wanted))),
        None if kubernetes.workloads.complete().is_ok() && has_replicas(kind) => {
            Err(Count::Uncountable(gone(&wanted)))
        }
        None if !has_replicas(kind) => Err(Count::Uncountable(no_scale(&wanted))),
        None => Err(Count::NotSeen),
    }
}

fn gone(workload: &WorkloadKey) -> String {
    format!("{workload}, which owns its pods, is not there")
}

fn no_scale(workload: &WorkloadKey) -> String {
    format!(
        "{workload} owns its pods, and a {} has no replicas to count",
        workload.kind.name()
    )
}
