//! From a snapshot to a simulated cluster.

use crate::agenda::{Core, Event};
use crate::shelf::Shelf;
use crate::state::{BudgetState, Cluster, Meta, WorkloadId, WorkloadState};
use crate::twin::TwinError;
use crate::webhook::{Hook, Reach};
use refit_model::budget::Budget;
use refit_model::kubernetes::{
    ComponentKind, Distribution, Kubernetes, LocalData, Phase, Pod, Workload, WorkloadKey,
    WorkloadKind, workload_kind,
};
use refit_model::name::{Key, Namespace};
use refit_model::object::Application;
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::{Labels, Selector};
use std::collections::{BTreeMap, BTreeSet};

impl Cluster {
    /// A cluster without anything in it.
    pub(crate) fn empty(core: &mut Core, base: Kubernetes, system_uid: Option<String>) -> Self {
        let mut cluster = Self {
            base,
            nodes: Shelf::new(),
            pods: Shelf::new(),
            workloads: Shelf::new(),
            budgets: Shelf::new(),
            namespaces: BTreeMap::new(),
            components: BTreeMap::new(),
            etcd_snapshots: Vec::new(),
            hooks: BTreeMap::new(),
            configured: None,
            proxy_roll: None,
            troubles: Vec::new(),
            node_names: BTreeMap::new(),
            pod_keys: BTreeMap::new(),
            workload_keys: BTreeMap::new(),
            workload_uids: BTreeMap::new(),
            budget_keys: BTreeMap::new(),
            budgets_in: BTreeMap::new(),
            emptiest: BTreeSet::new(),
            parked: BTreeSet::new(),
            parked_queued: false,
            bucket: core.now,
            last_id: 0,
            last_version: 0,
        };
        for name in ["default", "kube-system"] {
            if let Ok(name) = name.parse::<Namespace>() {
                cluster.ensure_namespace(core, &name);
            }
        }
        if let (Some(uid), Ok(name)) = (system_uid, "kube-system".parse::<Namespace>())
            && let Some(namespace) = cluster.namespaces.get_mut(&name)
        {
            namespace.meta.uid = uid;
        }
        cluster
    }

    /// The cluster that `seen` shows.
    ///
    /// # Errors
    /// When nodes, pods, workloads or budgets were not seen completely: a
    /// simulation with holes would promise what nobody knows.
    pub(crate) fn load(
        core: &mut Core,
        seen: &Kubernetes,
        system_uid: Option<String>,
    ) -> Result<Self, TwinError> {
        let unseen = |what| move |why: Unseen| TwinError::Unseen { what, why };
        let nodes = seen.nodes.complete().map_err(unseen("the nodes"))?;
        let pods = seen.pods.complete().map_err(unseen("the pods"))?;
        let workloads = seen.workloads.complete().map_err(unseen("the workloads"))?;
        let budgets = seen.budgets.complete().map_err(unseen("the budgets"))?;

        let mut base = seen.clone();
        base.nodes.items.clear();
        base.pods.items.clear();
        base.workloads.items.clear();
        base.budgets.items.clear();
        base.components.items.clear();
        let mut cluster = Self::empty(core, base, system_uid);
        for (name, node) in nodes {
            let id = cluster.add_node(core, name.clone(), node.clone(), None);
            // By this annotation those who look know a kubeadm cluster.
            if seen.distribution == Seen::Is(Distribution::Kubeadm)
                && let Some(state) = cluster.nodes.get_mut(&id)
            {
                state.meta.annotations.insert(
                    "kubeadm.alpha.kubernetes.io/cri-socket".to_owned(),
                    "unix:///run/containerd/containerd.sock".to_owned(),
                );
            }
        }
        cluster.components = seen.components.items.clone();
        cluster.etcd_snapshots = seen.etcd_snapshots.get().cloned().unwrap_or_default();
        cluster.configured = seen
            .components
            .items
            .iter()
            .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
            .filter_map(|(_, component)| component.version.get().cloned())
            .max()
            .or_else(|| seen.server.get().cloned());
        for (key, workload) in workloads {
            cluster.add_workload(core, key.clone(), workload.clone(), None);
        }
        cluster.link_workloads();
        for (key, budget) in budgets {
            cluster.load_budget(core, key, budget);
        }
        for (key, pod) in pods {
            cluster.load_pod(core, key, pod);
        }
        for (id, workload) in cluster.workloads.iter_mut() {
            if workload.template.is_none() {
                workload.template = Some(bare_template(&workload.seen));
            }
            if workload.parent.is_none() {
                // What was low before the start is not the upgrade's doing.
                workload.dips = crate::state::Dips::default();
            }
            // Where a DaemonSet belongs depends on affinities that a snapshot does
            // not carry: it comes back where it was, and nowhere else.
            if workload.key.kind != WorkloadKind::DaemonSet {
                workload.queued = true;
                core.after(core.options.replace_delay, Event::SyncWorkload(id));
            }
        }
        for (key, webhook) in &seen.webhooks.items {
            let hook = Hook {
                name: key.name.to_string(),
                kind: key.kind,
                configuration: key.configuration.to_string(),
                seen: webhook.clone(),
                reach: webhook
                    .service
                    .clone()
                    .map_or(Reach::Elsewhere, Reach::Service),
                namespaces: None,
            };
            cluster.hooks.insert(key.to_string(), hook);
        }
        Ok(cluster)
    }

    /// Puts a workload in.
    pub(crate) fn add_workload(
        &mut self,
        core: &mut Core,
        key: WorkloadKey,
        seen: Workload,
        template: Option<Pod>,
    ) -> WorkloadId {
        let id = WorkloadId(self.next_id());
        self.ensure_namespace(core, &key.namespace);
        let meta = self.new_meta(core, Some(seen.uid.clone()));
        let parent = seen
            .owner
            .as_ref()
            .and_then(|owner| self.workload_uids.get(&owner.uid))
            .copied();
        self.workload_keys.insert(key.clone(), id);
        self.workload_uids.insert(seen.uid.clone(), id);
        let state = WorkloadState {
            key,
            meta,
            seen,
            shown: true,
            parent,
            pods: BTreeSet::new(),
            ready: 0,
            template,
            memory: BTreeMap::new(),
            creating: 0,
            failures: 0,
            failure: None,
            lost: 0,
            queued: false,
            dips: crate::state::Dips::default(),
        };
        self.workloads.insert(id, state);
        id
    }

    /// Finds the makers of the workloads that came before their makers did.
    fn link_workloads(&mut self) {
        let uids = &self.workload_uids;
        for workload in self.workloads.values_mut() {
            workload.parent = workload
                .seen
                .owner
                .as_ref()
                .and_then(|owner| uids.get(&owner.uid))
                .copied();
        }
    }

    fn load_budget(&mut self, core: &mut Core, key: &Key, seen: &Budget) {
        let reason = match seen.status.get() {
            Some(status) if status.sync_failure.is_some() => "SyncFailed",
            Some(status) if status.disruptions_allowed > 0 => "SufficientPods",
            Some(_) | None => "InsufficientPods",
        };
        let mut seen = seen.clone();
        seen.key = key.clone();
        let meta = self.new_meta(core, None);
        self.add_budget(core, seen, meta, reason);
    }

    /// Puts a budget in, over the pods that are there.
    pub(crate) fn add_budget(
        &mut self,
        core: &mut Core,
        seen: Budget,
        meta: Meta,
        reason: &'static str,
    ) {
        let id = crate::state::BudgetId(self.next_id());
        if let Some(namespace) = &seen.key.namespace {
            self.ensure_namespace(core, namespace);
            self.budgets_in
                .entry(namespace.clone())
                .or_default()
                .insert(id);
        }
        self.budget_keys.insert(seen.key.clone(), id);
        let state = BudgetState {
            meta,
            seen,
            members: BTreeSet::new(),
            disrupted: BTreeMap::new(),
            reason,
            changed: core.now,
            queued: false,
            broken: None,
        };
        self.budgets.insert(id, state);
        self.recruit(id);
        self.wake_budget(core, id);
    }

    /// Finds the pods that a budget covers, anew.
    pub(crate) fn recruit(&mut self, id: crate::state::BudgetId) {
        let Some(budget) = self.budgets.get(&id) else {
            return;
        };
        let selector = budget.seen.selector.clone();
        let members: BTreeSet<_> = selector
            .iter()
            .flat_map(|selector| {
                self.pods_in(budget.seen.key.namespace.as_ref())
                    .filter(|pod| selector.matches(&pod.seen.labels))
                    .filter_map(|pod| self.pod_keys.get(&pod.key).copied())
            })
            .collect();
        let before = budget.members.clone();
        for pod in before.difference(&members) {
            if let Some(pod) = self.pods.get_mut(pod) {
                pod.budgets.remove(&id);
            }
        }
        for pod in members.difference(&before) {
            if let Some(pod) = self.pods.get_mut(pod) {
                pod.budgets.insert(id);
            }
        }
        if let Some(budget) = self.budgets.get_mut(&id) {
            budget.members = members;
        }
    }

    fn load_pod(&mut self, core: &mut Core, key: &Key, seen: &Pod) {
        if let Some(namespace) = &key.namespace {
            self.ensure_namespace(core, namespace);
        }
        let owner = self.resolve_owner(core, key, seen);
        let meta = self.new_meta(core, Some(seen.uid.clone()));
        let id = self.add_pod(core, key.clone(), meta, seen.clone(), owner);
        if let Some(workload) = owner.and_then(|owner| self.workloads.get_mut(&owner))
            && workload.template.is_none()
            && !seen.terminating
        {
            workload.template = Some(seen.clone());
        }
        match (&seen.node, seen.phase) {
            (None, Phase::Pending) => self.schedule(core, id),
            (Some(_), Phase::Pending) => {
                core.after(core.options.start_delay, Event::PodStarts(id));
            }
            (
                Some(_) | None,
                Phase::Running | Phase::Succeeded | Phase::Failed | Phase::Unknown,
            ) => {}
        }
        if seen.terminating {
            core.after(core.options.stop_delay, Event::PodGone(id));
        }
    }

    /// The controller of a pod. A ReplicaSet that only its pods speak of is put
    /// in, under the Deployment whose selector matches them.
    fn resolve_owner(&mut self, core: &mut Core, key: &Key, pod: &Pod) -> Option<WorkloadId> {
        let owner = pod.owner.as_ref()?;
        if let Some(known) = self.workload_uids.get(&owner.uid) {
            if let Some(workload) = self.workloads.get_mut(known)
                && !workload.shown
            {
                workload.seen.replicas = workload.seen.replicas.map(|count| count + 1);
            }
            return Some(*known);
        }
        if workload_kind(&owner.api) != Some(WorkloadKind::ReplicaSet) {
            return None;
        }
        let namespace = key.namespace.clone()?;
        let parent = self
            .workloads
            .iter()
            .find(|(_, workload)| {
                workload.key.kind == WorkloadKind::Deployment
                    && workload.key.namespace == namespace
                    && workload.seen.selector.matches(&pod.labels)
            })
            .map(|(id, workload)| (id, workload.seen.replicas));
        let seen = Workload {
            uid: owner.uid.clone(),
            owner: None,
            replicas: Some(1),
            ready: Seen::Gap(Unseen::NotInSource),
            selector: Selector {
                match_labels: pod.labels.clone(),
                match_expressions: Vec::new(),
            },
            pod_labels: pod.labels.clone(),
            application: pod.application.clone(),
            update: refit_model::kubernetes::UpdateStrategy::default(),
            node_keys: BTreeSet::new(),
        };
        let key = WorkloadKey {
            kind: WorkloadKind::ReplicaSet,
            namespace,
            name: owner.name.clone(),
        };
        let id = self.add_workload(core, key, seen, None);
        if let Some(workload) = self.workloads.get_mut(&id) {
            workload.shown = false;
            workload.parent = parent.map(|(parent, _)| parent);
        }
        Some(id)
    }
}

/// The pod of a workload of which no pod was seen: nothing asked for, nothing
/// borne with.
fn bare_template(workload: &Workload) -> Pod {
    blank_pod(workload.pod_labels.clone(), workload.application.clone())
}

/// A pod that asks for nothing.
pub(crate) fn blank_pod(labels: Labels, application: Application) -> Pod {
    Pod {
        uid: String::new(),
        node: None,
        phase: Phase::Pending,
        ready: Seen::Is(false),
        terminating: false,
        owner: None,
        mirror: false,
        local_data: LocalData::None,
        labels,
        application,
        requests: refit_model::kubernetes::Resources {
            cpu_millis: 0,
            memory_bytes: 0,
            pods: 1,
        },
        node_selector: Labels::new(),
        node_keys: BTreeSet::new(),
        tolerations: Vec::new(),
        // The default of `terminationGracePeriodSeconds`.
        grace_seconds: 30,
        images: Vec::new(),
    }
}
