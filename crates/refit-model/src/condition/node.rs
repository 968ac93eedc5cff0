//! Conditions on one node and the pods that run there.

use super::Judgement;
use crate::budget::Budget;
use crate::kubernetes::{Cordon, Kubernetes, Node, Phase, Pod};
use crate::name::{Key, NodeName};
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use crate::version::KubeVersion;

/// Judges a reading of one node.
fn on_node(
    name: &NodeName,
    snapshot: &Snapshot,
    judge: impl FnOnce(&Node) -> Judgement,
) -> Judgement {
    match side(snapshot).and_then(|k| k.nodes.find(name)) {
        Ok(Some(node)) => judge(node),
        Ok(None) => Judgement::Fails(format!("node {name} does not exist")),
        Err(why) => Judgement::unseen(&format!("node {name}"), &why),
    }
}

/// The Kubernetes side, or why there is none.
pub(super) fn side(snapshot: &Snapshot) -> Result<&Kubernetes, Unseen> {
    snapshot.kubernetes.as_ref().ok_or(Unseen::NotAsked)
}

pub(super) fn ready(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    on_node(name, snapshot, |node| match node.ready.known() {
        Ok(true) => Judgement::Holds(format!("node {name} is ready")),
        Ok(false) => Judgement::Fails(format!("node {name} is not ready")),
        Err(why) => Judgement::unseen(&format!("whether node {name} is ready"), why),
    })
}

pub(super) fn kubelet_at(name: &NodeName, version: &KubeVersion, snapshot: &Snapshot) -> Judgement {
    on_node(name, snapshot, |node| match node.kubelet.known() {
        Ok(found) => Judgement::of(
            found == version,
            format!("the kubelet on {name} is {found}"),
        ),
        Err(why) => Judgement::unseen(&format!("the kubelet version on {name}"), why),
    })
}

pub(super) fn cordoned(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    on_node(name, snapshot, |node| match node.cordon.known() {
        Ok(Cordon::Open) => Judgement::Fails(format!("node {name} takes new pods")),
        Ok(Cordon::Ours) => Judgement::Holds(format!("node {name} is cordoned by us")),
        Ok(Cordon::Theirs) => Judgement::Holds(format!("node {name} was cordoned by others")),
        Err(why) => Judgement::unseen(&format!("the cordon of {name}"), why),
    })
}

pub(super) fn released(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    on_node(name, snapshot, |node| match node.cordon.known() {
        Ok(Cordon::Open) => Judgement::Holds(format!("node {name} takes new pods")),
        Ok(Cordon::Ours) => Judgement::Fails(format!("node {name} is still cordoned by us")),
        Ok(Cordon::Theirs) => {
            Judgement::Holds(format!("node {name} is cordoned by others, not by us"))
        }
        Err(why) => Judgement::unseen(&format!("the cordon of {name}"), why),
    })
}

/// The pods on a node, when none can be missing.
fn pods_on<'a>(
    name: &'a NodeName,
    kubernetes: &'a Kubernetes,
) -> Result<impl Iterator<Item = (&'a Key, &'a Pod)>, Unseen> {
    kubernetes.pods.covers(name)?;
    Ok(kubernetes
        .pods
        .items
        .iter()
        .filter(move |(_, pod)| pod.node.as_ref() == Some(name)))
}

/// Whether a drain has to wait until the pod is gone.
fn must_leave(pod: &Pod) -> bool {
    pod.is_drained()
}

pub(super) fn drained(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    let pods = match side(snapshot).and_then(|k| pods_on(name, k)) {
        Ok(pods) => pods,
        Err(why) => return Judgement::unseen(&format!("what runs on {name}"), &why),
    };
    let left: Vec<_> = pods.filter(|(_, pod)| must_leave(pod)).collect();
    match left.as_slice() {
        [] => Judgement::Holds(format!("nothing is left to move from {name}")),
        [(key, _)] => Judgement::Fails(format!("pod {key} is still on {name}")),
        [(key, _), ..] => Judgement::Fails(format!(
            "{} pods are still on {name}, {key} among them",
            left.len()
        )),
    }
}

pub(super) fn no_bare_pods(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    let pods = match side(snapshot).and_then(|k| pods_on(name, k)) {
        Ok(pods) => pods,
        Err(why) => return Judgement::unseen(&format!("what runs on {name}"), &why),
    };
    let lost: Vec<_> = pods
        .filter(|(_, pod)| pod.is_bare() && matches!(pod.phase, Phase::Pending | Phase::Running))
        .map(|(key, _)| key.to_string())
        .collect();
    if lost.is_empty() {
        Judgement::Holds(format!("no pod on {name} would be lost for good"))
    } else {
        Judgement::Fails(format!(
            "{} on {name} has no controller and would never come back",
            lost.join(", ")
        ))
    }
}

/// The budgets that cover a pod on the node which a drain has to evict.
fn budgets_over<'a>(
    name: &'a NodeName,
    kubernetes: &'a Kubernetes,
) -> Result<Vec<&'a Budget>, Unseen> {
    let pods: Vec<_> = pods_on(name, kubernetes)?
        .filter(|(_, pod)| must_leave(pod) && pod.phase == Phase::Running && !pod.terminating)
        .collect();
    if pods.is_empty() {
        return Ok(Vec::new());
    }
    Ok(kubernetes
        .budgets
        .complete()?
        .values()
        .filter(|budget| {
            pods.iter().any(|(key, pod)| {
                key.namespace == budget.key.namespace
                    && budget
                        .selector
                        .as_ref()
                        .is_some_and(|selector| selector.matches(&pod.labels))
            })
        })
        .collect())
}

pub(super) fn budgets_open(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    let budgets = match side(snapshot).and_then(|k| budgets_over(name, k)) {
        Ok(budgets) => budgets,
        Err(why) => return Judgement::unseen(&format!("the budgets over {name}"), &why),
    };
    for budget in budgets {
        match budget.status.known() {
            Ok(status) if status.disruptions_allowed > 0 => {}
            Ok(status) => {
                return Judgement::Fails(format!(
                    "budget {} lets no pod go: {} healthy, {} demanded",
                    budget.key, status.current_healthy, status.desired_healthy
                ));
            }
            Err(why) => {
                return Judgement::unseen(&format!("the status of budget {}", budget.key), why);
            }
        }
    }
    Judgement::Holds(format!("every budget over {name} lets a pod go"))
}

pub(super) fn no_budget_blocks(name: &NodeName, snapshot: &Snapshot) -> Judgement {
    let budgets = match side(snapshot).and_then(|k| budgets_over(name, k)) {
        Ok(budgets) => budgets,
        Err(why) => return Judgement::unseen(&format!("the budgets over {name}"), &why),
    };
    for budget in budgets {
        match budget.status.known() {
            Ok(status) => {
                if let Some(why) = &status.sync_failure {
                    return Judgement::Fails(format!(
                        "budget {} cannot be worked out ({why}), so it lets no pod go",
                        budget.key
                    ));
                }
                if status.expected_pods <= status.desired_healthy
                    && status.is_current(budget.generation)
                {
                    return Judgement::Fails(format!(
                        "budget {} demands {} healthy pods of {}: it can never let one go",
                        budget.key, status.desired_healthy, status.expected_pods
                    ));
                }
            }
            Err(why) => {
                return Judgement::unseen(&format!("the status of budget {}", budget.key), why);
            }
        }
    }
    Judgement::Holds(format!("no budget blocks the drain of {name} for good"))
}
