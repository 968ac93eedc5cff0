//! Where a pod goes: the first node that can take it, emptiest first.
//!
//! The filters are those that decide an upgrade: room, `nodeSelector`, taints,
//! cordons, local volumes. The real scheduler breaks ties at random, so nobody
//! may rely on the very node; this one breaks them by the seed. Affinity,
//! topology spread, ports and volumes other than local ones are not modelled.

use crate::agenda::{Core, Event};
use crate::state::{Cluster, NodeId, NodeState, PodId, Trouble};
use refit_model::kubernetes::{LocalData, Pod, Resources, Taint, TaintEffect};
use std::collections::BTreeMap;
use std::time::Duration;

/// The scheduler's first wait before it tries a pod again that found no node
/// (`podInitialBackoffSeconds`, default 1 s).
pub(crate) const BACKOFF: Duration = Duration::from_secs(1);

/// Why a node cannot take a pod, in the scheduler's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unfit {
    reasons: Vec<&'static str>,
    /// Whether taking other pods away could help.
    curable: bool,
}

impl Cluster {
    /// Tries to place a pod; parks it when no node can take it.
    pub(crate) fn schedule(&mut self, core: &mut Core, id: PodId) {
        let Some(pod) = self.pods.get(&id) else {
            return;
        };
        if pod.node.is_some() || pod.seen.terminating || pod.is_terminal() {
            self.parked.remove(&id);
            return;
        }
        if let Some(node) = self.pick(&pod.seen) {
            self.parked.remove(&id);
            self.place(core, id, node);
            self.alter_pod(core, id, |_| {});
            core.after(core.options.start_delay, Event::PodStarts(id));
        } else {
            let message = self.why_nowhere(&pod.seen);
            if self.parked.insert(id) {
                let key = pod.key.clone();
                self.trouble(core, Trouble::Pending(key, message.clone()));
            }
            if self
                .pods
                .get(&id)
                .is_some_and(|pod| pod.unschedulable.as_ref() != Some(&message))
            {
                self.alter_pod(core, id, |pod| pod.unschedulable = Some(message));
            }
        }
    }

    /// Tries all parked pods again, oldest first.
    pub(crate) fn reschedule(&mut self, core: &mut Core) {
        self.parked_queued = false;
        for id in self.parked.clone() {
            self.schedule(core, id);
        }
    }

    fn pick(&self, pod: &Pod) -> Option<NodeId> {
        if let LocalData::LocalVolume(name) = &pod.local_data {
            let id = self.node_names.get(name)?;
            let node = self.nodes.get(id)?;
            return unfit(node, pod).is_none().then_some(*id);
        }
        self.emptiest
            .iter()
            .map(|(_, _, id)| *id)
            .find(|id| self.nodes.get(id).is_some_and(|n| unfit(n, pod).is_none()))
    }

    /// The message of `PodScheduled=False`. Form measured on 1.36.3; reasons
    /// are sorted as texts, so that "12 ..." stands before "2 ...".
    fn why_nowhere(&self, pod: &Pod) -> String {
        let (mut counts, mut hopeless, mut curable) = (BTreeMap::new(), 0_usize, 0_usize);
        for node in self.nodes.values() {
            if let Some(unfit) = unfit(node, pod) {
                for reason in unfit.reasons {
                    *counts.entry(reason).or_insert(0_usize) += 1;
                }
                if unfit.curable {
                    curable += 1;
                } else {
                    hopeless += 1;
                }
            }
        }
        let total = self.nodes.len();
        let mut reasons: Vec<_> = counts
            .into_iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        reasons.sort();
        let mut help = Vec::new();
        if curable > 0 {
            help.push(format!(
                "{curable} No preemption victims found for incoming pod"
            ));
        }
        if hopeless > 0 {
            help.push(format!(
                "{hopeless} Preemption is not helpful for scheduling"
            ));
        }
        help.sort();
        format!(
            "0/{total} nodes are available: {}. no new claims to deallocate, preemption: 0/{total} nodes are available: {}.",
            reasons.join(", "),
            help.join(", ")
        )
    }
}

/// Whether a DaemonSet's pod belongs on a node: everything but its cordon and
/// its room counts.
pub(crate) fn daemon_fits(node: &NodeState, pod: &Pod) -> bool {
    selects(node, pod) && untolerated(node, pod).is_none()
}

fn selects(node: &NodeState, pod: &Pod) -> bool {
    pod.node_selector
        .iter()
        .all(|(key, value)| node.seen.labels.get(key) == Some(value))
}

fn untolerated<'n>(node: &'n NodeState, pod: &Pod) -> Option<&'n Taint> {
    node.seen.taints.iter().find(|taint| {
        taint.effect != TaintEffect::PreferNoSchedule
            && !pod.tolerations.iter().any(|t| t.tolerates(taint))
    })
}

/// Why `node` cannot take `pod`; the filters stop at the first that says no, as
/// the real ones do, in their order.
fn unfit(node: &NodeState, pod: &Pod) -> Option<Unfit> {
    let hopeless = |reason| {
        Some(Unfit {
            reasons: vec![reason],
            curable: false,
        })
    };
    if node.cordoned() && !tolerates_cordon(pod) {
        return hopeless("node(s) were unschedulable");
    }
    if !node.ready() || untolerated(node, pod).is_some() {
        return hopeless("node(s) had untolerated taint(s)");
    }
    if !selects(node, pod) {
        return hopeless("node(s) didn't match Pod's node affinity/selector");
    }
    if let LocalData::LocalVolume(name) = &pod.local_data
        && *name != node.name
    {
        return hopeless("node(s) didn't match PersistentVolume's node affinity");
    }
    let Some(room) = node.seen.allocatable.get() else {
        // Room that nobody saw is not made up: the node takes what comes, and
        // the rehearsal says that its room was not modelled.
        return None;
    };
    let after = node.used.plus(pod.requests);
    let mut reasons = Vec::new();
    let alone = pod.requests;
    if after.pods > room.pods {
        reasons.push("Too many pods");
    }
    if pod.requests.cpu_millis > 0 && after.cpu_millis > room.cpu_millis {
        reasons.push("Insufficient cpu");
    }
    if pod.requests.memory_bytes > 0 && after.memory_bytes > room.memory_bytes {
        reasons.push("Insufficient memory");
    }
    (!reasons.is_empty()).then(|| Unfit {
        reasons,
        curable: Resources::fits(alone, *room),
    })
}

fn tolerates_cordon(pod: &Pod) -> bool {
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        value: String::new(),
        effect: TaintEffect::NoSchedule,
    };
    pod.tolerations.iter().any(|t| t.tolerates(&taint))
}
