//! What an upgrade did to others, and what the twin cannot know.

use crate::state::{Trouble, WorkloadState};
use crate::twin::Twin;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Component, SkewVerdict};
use refit_model::act::Act;
use refit_model::duration::Seconds;
use refit_model::kubernetes::LocalData;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Incident;
use refit_model::snapshot::Snapshot;

/// The most incidents of one kind that are told one by one.
const TOLD: usize = 50;

/// Each time that something other than the plan's own subject was touched, in
/// the order in which it happened.
pub(crate) fn incidents(twin: &Twin, start: jiff::Timestamp) -> Vec<Incident> {
    let Some(cluster) = &twin.cluster else {
        return Vec::new();
    };
    let now = twin.now();
    let mut found: Vec<_> = cluster
        .troubles
        .iter()
        .map(|(at, what)| Incident {
            at: Seconds::between(start, *at),
            what: sentence(what),
        })
        .collect();
    found.extend(
        cluster
            .workloads
            .values()
            .filter_map(|workload| dip(workload, start, now)),
    );
    found.sort();
    found.dedup();
    let left_out = found.len().saturating_sub(TOLD);
    if left_out > 0 {
        found.truncate(TOLD);
        found.push(Incident {
            at: Seconds::between(start, now),
            what: format!("{left_out} more incidents are left out"),
        });
    }
    found
}

fn sentence(what: &Trouble) -> String {
    match what {
        Trouble::BareLost(pod) => {
            format!("pod {pod} has no controller; it was deleted and does not come back")
        }
        Trouble::StrangerLost(pod, owner) => format!(
            "pod {pod} was deleted; whether {owner} makes it again is not known to the twin"
        ),
        Trouble::Pending(pod, why) => format!("pod {pod} found no node: {why}"),
        Trouble::BudgetBroken(budget) => {
            format!("fewer pods were healthy than budget {budget} demands")
        }
        Trouble::HookDown(what) => what.clone(),
        Trouble::JobFailed(job) => format!("{job} lost too many pods and was given up"),
    }
}

/// When and for how long a workload had too few pods.
fn dip(workload: &WorkloadState, start: jiff::Timestamp, now: jiff::Timestamp) -> Option<Incident> {
    if workload.parent.is_some() || !workload.shown {
        return None;
    }
    let first = workload.dips.first?;
    let wanted = workload.seen.replicas?;
    let open = workload
        .dips
        .since
        .map_or(0, |since| now.duration_since(since).as_secs());
    let seconds = Seconds::new(u32::try_from(workload.dips.seconds + open).unwrap_or(u32::MAX));
    let times = match workload.dips.spells {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let still = if workload.dips.since.is_some() {
        ", and still has at the end"
    } else {
        ""
    };
    Some(Incident {
        at: Seconds::between(start, first),
        what: format!(
            "{} had fewer than its {wanted} pods ready {times}, {seconds} in all, {} at worst{still}",
            workload.key,
            workload.dips.worst.unwrap_or(0),
        ),
    })
}

/// What the version-skew policy objects to at the end.
pub(crate) fn skew(after: &Snapshot, knowledge: &Knowledge, at: Seconds) -> Vec<Incident> {
    let Some(seen) = &after.kubernetes else {
        return Vec::new();
    };
    let Some(server) = seen.server.get() else {
        return Vec::new();
    };
    seen.nodes
        .items
        .iter()
        .filter_map(|(name, node)| {
            let kubelet = node.kubelet.get()?;
            let verdict =
                knowledge
                    .skew()
                    .judge(server.minor(), Component::Kubelet, kubelet.minor());
            match verdict {
                SkewVerdict::Allowed(_) | SkewVerdict::NoRule => None,
                SkewVerdict::TooOld { .. } | SkewVerdict::TooNew { .. } => Some(Incident {
                    at,
                    what: format!(
                        "the kubelet on {name} is {kubelet}, which is not supported with {server}"
                    ),
                }),
            }
        })
        .collect()
}

/// What a rehearsal of this plan cannot tell.
pub(crate) fn not_modelled(plan: &UpgradePlan, snapshot: &Snapshot) -> Vec<String> {
    let mut list = vec![
        "how long things really take: durations are defaults and guesses, not measurements of this landscape".to_owned(),
    ];
    if let Some(seen) = &snapshot.kubernetes {
        list.push("affinity, topology spread, ports, priorities and volumes other than local ones: a pod may find no node where the twin found one".to_owned());
        list.push("what an application needs beyond a ready pod, such as a quorum of its own or a cache that has to fill".to_owned());
        list.push("what operators do when their pods are evicted".to_owned());
        if !seen.webhooks.items.is_empty() {
            list.push("what webhooks answer, and which namespaces and objects they select: a webhook is up while a pod behind its Service is ready, and leaves its own namespace and kube-system alone".to_owned());
        }
        if seen.pods.items.values().any(is_job_pod) {
            list.push("Jobs that end by themselves: their pods run until they are evicted, under a back-off limit of 6".to_owned());
        }
        if seen
            .nodes
            .items
            .values()
            .any(|node| node.allocatable.get().is_none())
        {
            list.push(
                "the room on nodes whose allocatable was not seen: they take every pod".to_owned(),
            );
        }
        if seen
            .pods
            .items
            .values()
            .any(|pod| matches!(pod.local_data, LocalData::EmptyDir))
        {
            list.push("whether anybody misses the contents of emptyDir volumes".to_owned());
        }
        if plan
            .steps()
            .any(|(_, step)| matches!(step.act, Some(Act::Kubeadm(_))))
        {
            list.push("what a new release itself does differently, and which etcd and add-ons kubeadm brings along, apart from kube-proxy".to_owned());
        }
    }
    if plan.steps().any(|(_, step)| {
        matches!(
            step.act,
            Some(Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_))
        )
    }) {
        list.push("what programs do and files hold: every step by one is taken as done, and is not rehearsed".to_owned());
    }
    if snapshot.juju.is_some() {
        list.push(
            "which release a charm's revision carries: the plan's word is taken for it".to_owned(),
        );
        list.push("the way back after a refresh that went wrong".to_owned());
    }
    list
}

fn is_job_pod(pod: &refit_model::kubernetes::Pod) -> bool {
    pod.owner
        .as_ref()
        .is_some_and(|owner| owner.api.kind == "Job")
}
