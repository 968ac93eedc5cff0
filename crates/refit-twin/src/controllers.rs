//! What makes pods, and makes them again.
//!
//! A ReplicaSet replaces a pod as soon as it is being deleted; a StatefulSet
//! only when the old object is gone, one at a time and in order; a DaemonSet
//! comes back on its node, cordoned or not; a Job counts a lost pod as failed
//! and starts the next after its back-off; a bare pod never comes back.
//! Source: the controllers of Kubernetes 1.36, delays measured on 1.36.3.

use crate::agenda::{Core, Event, later};
use crate::scheduler::daemon_fits;
use crate::state::{Cluster, NodeId, PodId, Trouble, WorkloadId};
use crate::webhook::Call;
use refit_model::kubernetes::{Phase, Pod, WorkloadKind};
use refit_model::name::{Key, ObjectName};
use refit_model::object::Owner;
use refit_model::seen::Seen;
use std::time::Duration;

/// A Job's default `backoffLimit`. The snapshot does not carry the Job's own.
const JOB_BACKOFF_LIMIT: u32 = 6;

/// A Job's first wait before a lost pod is replaced; it doubles each time up to
/// the second value (`DefaultJobPodFailureBackOff`, `MaxJobPodFailureBackOff`).
const JOB_BACKOFF: (u64, u64) = (10, 600);

/// The ReplicaSet controller's first wait after a failed creation, in
/// milliseconds; it doubles up to the second value (client-go's
/// `DefaultTypedControllerRateLimiter`).
const RETRY: (u64, u64) = (5, 1_000_000);

impl Cluster {
    /// A controller looks at its workload.
    pub(crate) fn sync_workload(&mut self, core: &mut Core, id: WorkloadId) {
        let Some(workload) = self.workloads.get_mut(&id) else {
            return;
        };
        workload.queued = false;
        match workload.key.kind {
            // A Deployment acts through its ReplicaSet; a Job's lost pods are
            // replaced when they are lost.
            WorkloadKind::Deployment | WorkloadKind::Job => {}
            WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController => {
                self.sync_replicas(core, id);
            }
            WorkloadKind::StatefulSet => self.sync_ordinals(core, id),
            WorkloadKind::DaemonSet => {
                for node in self.nodes.numbers().collect::<Vec<_>>() {
                    self.sync_daemon(core, id, node);
                }
            }
        }
    }

    /// The pods that a ReplicaSet counts.
    fn active(&self, id: WorkloadId) -> Vec<PodId> {
        self.workloads.get(&id).map_or_else(Vec::new, |workload| {
            workload
                .pods
                .iter()
                .copied()
                .filter(|pod| {
                    self.pods
                        .get(pod)
                        .is_some_and(|pod| !pod.seen.terminating && !pod.is_terminal())
                })
                .collect()
        })
    }

    fn sync_replicas(&mut self, core: &mut Core, id: WorkloadId) {
        let active = self.active(id);
        let Some(workload) = self.workloads.get(&id) else {
            return;
        };
        let wanted = workload.seen.replicas.unwrap_or(1);
        let have = u32::try_from(active.len()).unwrap_or(u32::MAX);
        if have > wanted {
            for victim in self.victims(id, active, have - wanted) {
                self.delete_pod(core, victim, None);
            }
            return;
        }
        let missing = wanted
            .saturating_sub(have)
            .saturating_sub(workload.creating);
        for _ in 0..missing {
            let at = self.turn(core);
            if let Some(workload) = self.workloads.get_mut(&id) {
                workload.creating += 1;
            }
            core.at(at, Event::CreatePod(id));
        }
    }

    /// When the controller's next request may go out.
    fn turn(&mut self, core: &Core) -> jiff::Timestamp {
        let rate = core.options.controller_rate;
        let Some(interval) = 1_000_000_u64.checked_div(u64::from(rate.per_second)) else {
            return core.now;
        };
        let interval = Duration::from_micros(interval);
        let credit = interval.saturating_mul(rate.burst.saturating_sub(1));
        let full = self.bucket.max(core.now);
        self.bucket = later(full, interval);
        full.checked_sub(credit).unwrap_or(core.now).max(core.now)
    }

    /// Which pods go when there are too many, in the order of the ReplicaSet
    /// controller: unplaced, pending, not ready, more of them on one node (only
    /// under a Deployment), newer.
    fn victims(&self, id: WorkloadId, active: Vec<PodId>, count: u32) -> Vec<PodId> {
        let deployed = self
            .workloads
            .get(&id)
            .is_some_and(|workload| workload.parent.is_some());
        let siblings = |node: Option<NodeId>| {
            active
                .iter()
                .filter(|other| self.pods.get(other).is_some_and(|pod| pod.node == node))
                .count()
        };
        let mut ranked: Vec<_> = active
            .iter()
            .filter_map(|id| self.pods.get(id).map(|pod| (id, pod)))
            .map(|(id, pod)| {
                let rank = (
                    pod.node.is_some(),
                    pod.seen.phase != Phase::Pending,
                    pod.is_ready(),
                    std::cmp::Reverse(if deployed { siblings(pod.node) } else { 0 }),
                    std::cmp::Reverse(*id),
                );
                (rank, *id)
            })
            .collect();
        ranked.sort();
        ranked
            .into_iter()
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .map(|(_, id)| id)
            .collect()
    }

    /// A controller's creation gets its turn.
    pub(crate) fn create_pod(&mut self, core: &mut Core, id: WorkloadId) {
        let Some(workload) = self.workloads.get_mut(&id) else {
            return;
        };
        workload.creating = workload.creating.saturating_sub(1);
        let kind = workload.key.kind;
        let wanted = workload.seen.replicas.unwrap_or(1);
        let counted = matches!(
            kind,
            WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController
        );
        if counted && self.active(id).len() >= usize::try_from(wanted).unwrap_or(usize::MAX) {
            return;
        }
        let Some(workload) = self.workloads.get(&id) else {
            return;
        };
        let name = format!("{}-{}", workload.key.name, core.lot.suffix());
        let template = workload.template.clone();
        self.make(core, id, &name, template, None);
    }

    /// Makes one pod, if admission lets it.
    fn make(
        &mut self,
        core: &mut Core,
        id: WorkloadId,
        name: &str,
        template: Option<Pod>,
        node: Option<NodeId>,
    ) {
        let Some(workload) = self.workloads.get(&id) else {
            return;
        };
        let namespace = workload.key.namespace.clone();
        let (Some(template), Ok(name)) = (template, name.parse::<ObjectName>()) else {
            return;
        };
        if self
            .namespaces
            .get(&namespace)
            .is_some_and(|namespace| namespace.terminating.is_some())
        {
            return;
        }
        let call = Call::new("CREATE", "", "v1", "pods", namespace.clone());
        if let Err(why) = self.admit(core, &call) {
            if let Some(workload) = self.workloads.get_mut(&id) {
                workload.failures = workload.failures.saturating_add(1);
                workload.failure = Some(format!("Internal error occurred: {why}"));
                let wait = RETRY.0.saturating_mul(1 << workload.failures.min(20));
                let retry =
                    node.map_or(Event::SyncWorkload(id), |node| Event::SyncDaemon(id, node));
                core.after(Duration::from_millis(wait.min(RETRY.1)), retry);
            }
            return;
        }
        let Some(workload) = self.workloads.get_mut(&id) else {
            return;
        };
        workload.failures = 0;
        workload.failure = None;
        let owner = owner_of(&workload.key, &workload.meta.uid);
        let placed = node.and_then(|node| self.nodes.get(&node).map(|node| node.name.clone()));
        let meta = self.new_meta(core, None);
        let seen = Pod {
            uid: meta.uid.clone(),
            node: placed,
            phase: Phase::Pending,
            ready: Seen::Is(false),
            terminating: false,
            owner: Some(owner),
            mirror: false,
            ..template
        };
        let key = Key::namespaced(namespace, name);
        let pod = self.add_pod(core, key, meta, seen, Some(id));
        if node.is_some() {
            core.after(core.options.start_delay, Event::PodStarts(pod));
        } else {
            self.schedule(core, pod);
        }
    }

    /// A StatefulSet makes its lowest missing pod, once all below it are ready.
    fn sync_ordinals(&mut self, core: &mut Core, id: WorkloadId) {
        let Some(workload) = self.workloads.get(&id) else {
            return;
        };
        for ordinal in 0..workload.seen.replicas.unwrap_or(1) {
            let name = format!("{}-{ordinal}", workload.key.name);
            let standing = name
                .parse()
                .ok()
                .map(|name| Key::namespaced(workload.key.namespace.clone(), name))
                .and_then(|key| self.pod_keys.get(&key))
                .and_then(|pod| self.pods.get(pod));
            match standing {
                Some(pod) if pod.is_healthy() => {}
                Some(_) => return,
                None => {
                    let template = workload
                        .memory
                        .get(&name)
                        .or(workload.template.as_ref())
                        .cloned();
                    self.make(core, id, &name, template, None);
                    return;
                }
            }
        }
    }

    /// A DaemonSet makes its pod on one node, if it belongs there and is missing.
    pub(crate) fn sync_daemon(&mut self, core: &mut Core, id: WorkloadId, node: NodeId) {
        let (Some(workload), Some(state)) = (self.workloads.get(&id), self.nodes.get(&node)) else {
            return;
        };
        let Some(template) = workload.template.clone() else {
            return;
        };
        let there = state
            .pods
            .iter()
            .any(|pod| self.pods.get(pod).is_some_and(|pod| pod.owner == Some(id)));
        if there || !daemon_fits(state, &template) {
            return;
        }
        let name = format!("{}-{}", workload.key.name, core.lot.suffix());
        self.make(core, id, &name, Some(template), Some(node));
    }

    /// A controller loses one of its pods.
    pub(crate) fn lose_owned(&mut self, core: &mut Core, id: WorkloadId, name: &str, seen: Pod) {
        let Some(workload) = self.workloads.get_mut(&id) else {
            return;
        };
        match workload.key.kind {
            WorkloadKind::StatefulSet => {
                workload.memory.insert(name.to_owned(), seen);
            }
            WorkloadKind::Job => {
                workload.lost = workload.lost.saturating_add(1);
                if workload.lost > JOB_BACKOFF_LIMIT {
                    let key = workload.key.clone();
                    self.trouble(core, Trouble::JobFailed(key));
                    return;
                }
                workload.template = Some(seen);
                workload.creating += 1;
                let wait = JOB_BACKOFF.0 << (workload.lost - 1);
                core.after(
                    Duration::from_secs(wait.min(JOB_BACKOFF.1)),
                    Event::CreatePod(id),
                );
            }
            WorkloadKind::Deployment
            | WorkloadKind::ReplicaSet
            | WorkloadKind::ReplicationController
            | WorkloadKind::DaemonSet => {}
        }
    }
}

/// The owner reference to a workload.
pub(crate) fn owner_of(key: &refit_model::kubernetes::WorkloadKey, uid: &str) -> Owner {
    let group = match key.kind {
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet => "apps",
        WorkloadKind::Job => "batch",
        WorkloadKind::ReplicationController => "",
    };
    Owner {
        api: refit_model::object::GroupVersionKind {
            group: group.to_owned(),
            version: "v1".to_owned(),
            kind: key.kind.name().to_owned(),
        },
        name: key.name.clone(),
        uid: uid.to_owned(),
    }
}
