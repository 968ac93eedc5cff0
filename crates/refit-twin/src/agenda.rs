//! Virtual time: what will happen, and when.

use crate::juju::JujuEvent;
use crate::options::TwinOptions;
use crate::random::Lot;
use crate::state::{BudgetId, NodeId, PodId, WorkloadId};
use crate::upkeep::StaticPod;
use refit_model::kubernetes::ComponentKind;
use refit_model::name::{Namespace, NodeName, OpKey};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that happens at its time. An event about something that is gone by
/// then does nothing: ids are never used twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The kubelet has started a placed pod.
    PodStarts(PodId),
    /// The kubelet has ended a deleted pod.
    PodGone(PodId),
    /// A controller looks at its workload.
    SyncWorkload(WorkloadId),
    /// A controller's request to make one pod gets its turn.
    CreatePod(WorkloadId),
    /// The DaemonSet controller looks at one node.
    SyncDaemon(WorkloadId, NodeId),
    /// The disruption controller looks at a budget.
    SyncBudget(BudgetId),
    /// The scheduler tries the pods again that found no node.
    Reschedule,
    /// The pods of a deleted node are collected.
    CollectPods(NodeName),
    /// The contents of a deleted namespace are deleted.
    EmptyNamespace(Namespace),
    /// A static pod of a node goes down or comes back.
    ComponentTurns(NodeId, ComponentKind, StaticPod),
    /// The kubelet of a node stops, to come back as this release.
    KubeletStops(NodeId, KubeVersion),
    /// The kubelet of a node reports it ready.
    NodeReady(NodeId),
    /// A kubeadm run on a control-plane node has ended well.
    KubeadmEnds(OpKey, KubeVersion),
    /// Any other operation has ended well.
    OperationEnds(OpKey),
    /// A copy of etcd is there and checked.
    EtcdSaved(NodeId, OpKey),
    /// The DaemonSet controller goes on with the roll of kube-proxy.
    RollProxy,
    /// Something in the Juju model.
    Juju(JujuEvent),
}

/// What every part of the twin shares: the time, the agenda, the lot.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    pub(crate) now: jiff::Timestamp,
    pub(crate) options: TwinOptions,
    pub(crate) lot: Lot,
    agenda: BTreeMap<(jiff::Timestamp, u64), Event>,
    sequence: u64,
}

impl Core {
    pub(crate) const fn new(now: jiff::Timestamp, options: TwinOptions) -> Self {
        Self {
            now,
            lot: Lot::new(options.seed),
            options,
            agenda: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// Lets `event` happen `delay` from now.
    pub(crate) fn after(&mut self, delay: Duration, event: Event) {
        let at = later(self.now, delay);
        self.at(at, event);
    }

    /// Lets `event` happen at `at`, behind everything that was planned for that
    /// instant before.
    pub(crate) fn at(&mut self, at: jiff::Timestamp, event: Event) {
        self.sequence += 1;
        self.agenda.insert((at.max(self.now), self.sequence), event);
    }

    /// The next event that is due by `until`; the time moves on to it.
    pub(crate) fn next(&mut self, until: jiff::Timestamp) -> Option<Event> {
        let entry = self.agenda.first_entry()?;
        let (at, _) = *entry.key();
        if at > until {
            return None;
        }
        self.now = at;
        Some(entry.remove())
    }

    /// When the next event is due.
    pub(crate) fn due(&self) -> Option<jiff::Timestamp> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }
}

/// `delay` after `at`, at the end of time if beyond it.
pub(crate) fn later(at: jiff::Timestamp, delay: Duration) -> jiff::Timestamp {
    at.checked_add(delay).unwrap_or(jiff::Timestamp::MAX)
}
