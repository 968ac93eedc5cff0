//! What happens to pods on nodes: starting, ending, being deleted.

use crate::agenda::{Core, Event};
use crate::state::{Cluster, PodId, PodState, Trouble};
use refit_model::kubernetes::{Phase, WorkloadKind};
use refit_model::name::NodeName;
use refit_model::seen::Seen;
use std::time::Duration;

/// From the deletion of a node until its pods are collected: the collector runs
/// every 20 s and waits 40 s (`pkg/controller/podgc`); measured 46.6 s.
pub(crate) const COLLECT_AFTER: Duration = Duration::from_millis(46_600);

impl Cluster {
    /// The kubelet has started a pod: it runs, and is ready unless it was told
    /// never to be.
    pub(crate) fn pod_starts(&mut self, core: &mut Core, id: PodId) {
        let Some(pod) = self.pods.get(&id) else {
            return;
        };
        if pod.seen.terminating || pod.seen.phase != Phase::Pending {
            return;
        }
        let never = core
            .options
            .never_ready
            .as_ref()
            .is_some_and(|(label, value)| pod.seen.labels.get(label) == Some(value));
        let (owner, node, images) = (pod.owner, pod.node, pod.seen.images.clone());
        self.alter_pod(core, id, |pod| {
            pod.seen.phase = Phase::Running;
            pod.seen.ready = Seen::Is(!never);
        });
        if let Some(owner) = owner {
            if self
                .workloads
                .get(&owner)
                .is_some_and(|workload| workload.key.kind == WorkloadKind::StatefulSet)
            {
                self.wake_workload(core, owner);
            }
            if self.proxy_set() == Some(owner) {
                self.proxy_starts(core, node, &images);
            }
        }
    }

    /// Deletes a pod as the API server does: at once when it never ran or has
    /// ended, otherwise with its grace.
    pub(crate) fn delete_pod(&mut self, core: &mut Core, id: PodId, grace: Option<i64>) {
        let Some(pod) = self.pods.get(&id) else {
            return;
        };
        if pod.seen.terminating {
            return;
        }
        let seconds = if pod.node.is_none() || pod.is_terminal() {
            0
        } else {
            // A negative grace means one second.
            grace.map_or(pod.seen.grace_seconds, |grace| {
                u32::try_from(grace).unwrap_or(1)
            })
        };
        self.lose(core, id);
        let held = self
            .pods
            .get(&id)
            .is_some_and(|pod| !pod.meta.finalizers.is_empty());
        if seconds == 0 && !held {
            self.pod_gone(core, id);
            return;
        }
        let now = core.now;
        self.alter_pod(core, id, |pod| {
            pod.seen.terminating = true;
            pod.deleted = Some(now);
            pod.seen.grace_seconds = seconds;
        });
        let stop = core
            .options
            .stop_delay
            .min(Duration::from_secs(u64::from(seconds)));
        core.after(stop, Event::PodGone(id));
        if let Some(owner) = self.pods.get(&id).and_then(|pod| pod.owner) {
            self.wake_workload(core, owner);
        }
    }

    /// Takes down what becomes of a pod that is about to go.
    fn lose(&mut self, core: &mut Core, id: PodId) {
        let Some(pod) = self.pods.get(&id) else {
            return;
        };
        if pod.is_terminal() {
            return;
        }
        let (key, seen) = (pod.key.clone(), pod.seen.clone());
        match (pod.owner, &seen.owner) {
            (Some(owner), _) => self.lose_owned(core, owner, key.name.as_str(), seen),
            (None, Some(stranger)) if !seen.mirror => {
                let text = format!("{} {}", stranger.api.kind, stranger.name);
                self.trouble(core, Trouble::StrangerLost(key, text));
            }
            (None, _) => {}
        }
    }

    /// The kubelet has ended a pod: the object goes, unless a finalizer holds it.
    pub(crate) fn pod_gone(&mut self, core: &mut Core, id: PodId) {
        let Some(pod) = self.pods.get(&id) else {
            return;
        };
        if !pod.meta.finalizers.is_empty() {
            return;
        }
        let Some(PodState { owner, node, .. }) = self.remove_pod(core, id) else {
            return;
        };
        let Some(owner) = owner else {
            return;
        };
        let kind = self.workloads.get(&owner).map(|workload| workload.key.kind);
        match (kind, node) {
            (Some(WorkloadKind::DaemonSet), Some(node)) => {
                core.after(core.options.replace_delay, Event::SyncDaemon(owner, node));
            }
            (Some(_), _) => self.wake_workload(core, owner),
            (None, _) => {}
        }
    }

    /// Takes a node away. Its pods stay until they are collected.
    pub(crate) fn remove_node(&mut self, core: &mut Core, name: &NodeName) -> bool {
        let Some(id) = self.node_names.remove(name) else {
            return false;
        };
        if let Some(node) = self.nodes.remove(&id) {
            let tie = crate::random::rank(core.options.seed, id.0);
            self.emptiest.remove(&(node.used.pods, tie, id));
            core.after(COLLECT_AFTER, Event::CollectPods(name.clone()));
        }
        true
    }

    /// Collects the pods of a node that is gone: they are deleted by force.
    pub(crate) fn collect_pods(&mut self, core: &mut Core, name: &NodeName) {
        if self.node_names.contains_key(name) {
            return;
        }
        let orphans: Vec<_> = self
            .pods
            .iter()
            .filter(|(_, pod)| pod.seen.node.as_ref() == Some(name))
            .map(|(id, pod)| (id, pod.seen.is_bare(), pod.key.clone()))
            .collect();
        for (id, bare, key) in orphans {
            if bare {
                self.trouble(core, Trouble::BareLost(key));
            }
            self.lose(core, id);
            self.alter_pod(core, id, |pod| pod.meta.finalizers.clear());
            self.pod_gone(core, id);
        }
    }
}
