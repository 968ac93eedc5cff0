//! What in the landscape the plan could never get past, or would break.

use crate::codes;
use crate::pen::Pen;
use refit_model::act::{Act, Allowed, DrainAllowance, KubeAct, KubeadmAct};
use refit_model::budget::Budget;
use refit_model::kubernetes::{ComponentKind, FailurePolicy, Kubernetes, LocalData, Phase, Pod};
use refit_model::name::{Key, Namespace, NodeName, StepId};
use refit_model::plan::UpgradePlan;
use refit_model::selector::Labels;
use refit_model::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// The parameter by which a template lets bare pods be lost, with the value
/// that does.
const BARE_POD_PARAMETER: (&str, &str) = ("allowBarePodLoss", "yes");

/// A drain of the plan.
struct Drain<'a> {
    step: &'a StepId,
    allow: DrainAllowance,
}

pub(crate) fn look(plan: &UpgradePlan, snapshot: &Snapshot, pen: &mut Pen) {
    let Some(side) = &snapshot.kubernetes else {
        return;
    };
    let mut drains: BTreeMap<&NodeName, Drain<'_>> = BTreeMap::new();
    for (_, step) in plan.steps() {
        if let Some(Act::Kube(KubeAct::Drain { node, allow })) = &step.act {
            drains.insert(
                node,
                Drain {
                    step: &step.id,
                    allow: *allow,
                },
            );
        }
    }
    if !drains.is_empty() {
        let pods = leaving(side, &drains, pen);
        budgets(side, &pods, pen);
        pods_lost(plan, &pods, &drains, pen);
        webhooks(side, &drains, pen);
    }
    if plan.steps().any(|(_, step)| step.changes_state()) {
        readiness(plan, side, pen);
    }
}

/// The pods that the drains of the plan have to move, as far as they were seen.
fn leaving<'a>(
    side: &'a Kubernetes,
    drains: &BTreeMap<&NodeName, Drain<'_>>,
    pen: &mut Pen,
) -> Vec<(&'a Key, &'a Pod, &'a NodeName)> {
    let mut unseen: BTreeMap<String, Vec<&NodeName>> = BTreeMap::new();
    for node in drains.keys() {
        if let Err(why) = side.pods.covers(node) {
            unseen.entry(why.to_string()).or_default().push(node);
        }
    }
    for (why, nodes) in unseen {
        if let Some(first) = nodes.first() {
            pen.fatal(
                &codes::CANNOT_JUDGE,
                None,
                format!(
                    "what runs on {first} is not known ({} nodes): {why}",
                    nodes.len()
                ),
            );
        }
    }
    side.pods
        .items
        .iter()
        .filter_map(|(key, pod)| Some((key, pod, pod.node.as_ref()?)))
        .filter(|(_, pod, node)| pod.is_drained() && drains.contains_key(node))
        .collect()
}

/// Budgets that never let a pod go, and pods under two of them.
fn budgets(side: &Kubernetes, pods: &[(&Key, &Pod, &NodeName)], pen: &mut Pen) {
    if let (Err(why), false) = (side.budgets.complete(), pods.is_empty()) {
        pen.fatal(
            &codes::CANNOT_JUDGE,
            None,
            format!("whether there are more disruption budgets is not known: {why}"),
        );
    }
    // Pods of one namespace with the same labels are under the same budgets;
    // one of each kind is enough, and there are few kinds.
    let mut kinds: BTreeMap<(&Option<Namespace>, &Labels), (&Key, &NodeName)> = BTreeMap::new();
    for (key, pod, node) in pods {
        if pod.phase == Phase::Running && !pod.terminating {
            kinds
                .entry((&key.namespace, &pod.labels))
                .or_insert((key, node));
        }
    }
    let mut over: BTreeMap<&Key, Vec<&Key>> = BTreeMap::new();
    for budget in side.budgets.items.values() {
        let Some(selector) = &budget.selector else {
            continue;
        };
        let mut first = None;
        for ((namespace, labels), (key, node)) in &kinds {
            if **namespace == budget.key.namespace && selector.matches(labels) {
                first = first.or(Some(*node));
                over.entry(key).or_default().push(&budget.key);
            }
        }
        if let Some(node) = first {
            closed_for_good(budget, node, pen);
        }
    }
    let mut said = BTreeSet::new();
    for (pod, budgets) in over {
        if let [one, other, ..] = budgets.as_slice()
            && said.insert((*one, *other))
        {
            pen.fatal(
                &codes::TWO_BUDGETS,
                None,
                format!("pod {pod} is under {one} and {other}"),
            );
        }
    }
}

fn closed_for_good(budget: &Budget, node: &NodeName, pen: &mut Pen) {
    match budget.status.known() {
        Err(why) => pen.fatal(
            &codes::CANNOT_JUDGE,
            None,
            format!("the status of budget {} is not known: {why}", budget.key),
        ),
        Ok(status) => {
            if let Some(why) = &status.sync_failure {
                pen.fatal(
                    &codes::BUDGET_CANNOT_SYNC,
                    None,
                    format!("budget {} over a pod on {node}: {why}", budget.key),
                );
            } else if status.is_current(budget.generation)
                && status.expected_pods <= status.desired_healthy
            {
                pen.fatal(
                    &codes::BUDGET_BLOCKS,
                    None,
                    format!(
                        "budget {} over a pod on {node} demands {} healthy pods of {}",
                        budget.key, status.desired_healthy, status.expected_pods
                    ),
                );
            }
        }
    }
}

/// Pods that a drain would destroy, or that stop it.
fn pods_lost(
    plan: &UpgradePlan,
    pods: &[(&Key, &Pod, &NodeName)],
    drains: &BTreeMap<&NodeName, Drain<'_>>,
    pen: &mut Pen,
) {
    let (parameter, value) = BARE_POD_PARAMETER;
    let wanted = plan
        .spec
        .parameters
        .iter()
        .any(|(name, set)| name.as_str() == parameter && set == value);
    for (key, pod, node) in pods {
        let Some(drain) = drains.get(node) else {
            continue;
        };
        let alive = matches!(pod.phase, Phase::Pending | Phase::Running);
        if pod.is_bare() && alive {
            let what = format!("pod {key} on {node} has no controller");
            let step = Some(drain.step);
            match (drain.allow.bare_pods, wanted) {
                (Allowed::No, _) => pen.fatal(&codes::BARE_POD_STAYS, step, what),
                (Allowed::Yes, true) => pen.caution(&codes::BARE_POD_LOST, step, what),
                (Allowed::Yes, false) => pen.fatal(&codes::BARE_POD_LOST_SILENTLY, step, what),
            }
        }
        match &pod.local_data {
            LocalData::EmptyDir if drain.allow.empty_dirs == Allowed::No && alive => pen.fatal(
                &codes::EMPTY_DIR_STAYS,
                Some(drain.step),
                format!("pod {key} on {node} has an emptyDir"),
            ),
            LocalData::LocalVolume(home) => pen.caution(
                &codes::LOCAL_VOLUME,
                Some(drain.step),
                format!("pod {key} can run on {home} only"),
            ),
            LocalData::EmptyDir | LocalData::None => {}
        }
    }
}

/// Webhooks that must answer and whose every pod goes down with one node.
fn webhooks(side: &Kubernetes, drains: &BTreeMap<&NodeName, Drain<'_>>, pen: &mut Pen) {
    if let Err(why) = side.webhooks.complete() {
        pen.caution(
            &codes::CANNOT_JUDGE,
            None,
            format!("whether there are more admission webhooks is not known: {why}"),
        );
    }
    for (key, webhook) in &side.webhooks.items {
        let (FailurePolicy::Fail, Some(service)) = (webhook.failure_policy, &webhook.service)
        else {
            continue;
        };
        let Some(selector) = side
            .services
            .items
            .get(service)
            .and_then(|found| found.selector.as_ref())
        else {
            continue;
        };
        let behind: BTreeSet<&NodeName> = side
            .pods
            .items
            .iter()
            .filter(|(pod_key, pod)| {
                pod_key.namespace == service.namespace
                    && pod.ready.get() == Some(&true)
                    && !pod.terminating
                    && selector.matches(&pod.labels)
            })
            .filter_map(|(_, pod)| pod.node.as_ref())
            .collect();
        if let (Some(node), 1) = (behind.first(), behind.len())
            && let Some(drain) = drains.get(node)
        {
            pen.caution(
                &codes::WEBHOOK_GOES_DOWN,
                Some(drain.step),
                format!("every pod behind {key} runs on {node}"),
            );
        }
    }
}

/// What is not ready before anything has begun.
fn readiness(plan: &UpgradePlan, side: &Kubernetes, pen: &mut Pen) {
    for (name, node) in &side.nodes.items {
        if node.ready.get() == Some(&false) {
            pen.caution(
                &codes::NODE_NOT_READY,
                None,
                format!("node {name} is not ready"),
            );
        }
    }
    let replaced: Vec<(&StepId, &NodeName)> = plan
        .steps()
        .filter_map(|(_, step)| match &step.act {
            Some(Act::Kubeadm(KubeadmAct::Apply { node, .. } | KubeadmAct::Node { node, .. })) => {
                Some((&step.id, node))
            }
            Some(
                Act::Kubeadm(KubeadmAct::Kubelet { .. })
                | Act::Kube(_)
                | Act::Etcd(_)
                | Act::Juju(_)
                | Act::Helm(_)
                | Act::Osism(_)
                | Act::Exec(_)
                | Act::Edit(_)
                | Act::Person(_),
            )
            | None => None,
        })
        .collect();
    if replaced.is_empty() {
        return;
    }
    let mut members: BTreeMap<&NodeName, bool> = BTreeMap::new();
    for (key, component) in &side.components.items {
        match component.ready.known() {
            Err(why) => pen.fatal(
                &codes::CANNOT_JUDGE,
                None,
                format!(
                    "whether {} on {} is ready is not known: {why}",
                    key.kind, key.node
                ),
            ),
            Ok(ready) => {
                if key.kind == ComponentKind::Etcd {
                    members.insert(&key.node, *ready);
                } else if !ready {
                    pen.fatal(
                        &codes::CONTROL_PLANE_NOT_READY,
                        None,
                        format!("{} on {} is not ready", key.kind, key.node),
                    );
                }
            }
        }
    }
    // One or two members have none to spare even when all is well; kubeadm
    // restarts the one that it replaces within seconds.
    if members.len() < 3 {
        return;
    }
    for (step, node) in replaced {
        let others = members
            .iter()
            .filter(|(name, ready)| **name != node && **ready)
            .count();
        if others < members.len() / 2 + 1 {
            pen.fatal(
                &codes::QUORUM_AT_RISK,
                Some(step),
                format!(
                    "without {node} only {others} of {} members of etcd are ready",
                    members.len()
                ),
            );
        }
    }
}
