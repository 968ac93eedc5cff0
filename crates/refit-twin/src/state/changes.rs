//! Every change of the simulated cluster, so that counters and indexes always
//! agree with the objects.

use super::{
    BudgetId, Cluster, Meta, NamespaceState, NodeId, NodeState, PodId, PodState, Trouble,
    WorkloadId, WorkloadState,
};
use crate::agenda::{Core, Event};
use crate::random::rank;
use refit_model::kubernetes::{Node, Pod, Resources, WorkloadKind};
use refit_model::name::{Key, Namespace, NodeName};
use refit_model::selector::Labels;
use std::collections::BTreeSet;
use std::ops::Bound;

impl Cluster {
    /// The next number for an object. Wrapping after four billion objects would
    /// take more memory than there is.
    pub(crate) const fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    pub(crate) const fn next_version(&mut self) -> u64 {
        self.last_version += 1;
        self.last_version
    }

    /// The metadata of a new object with this UID, or a drawn one.
    pub(crate) fn new_meta(&mut self, core: &mut Core, uid: Option<String>) -> Meta {
        Meta {
            uid: uid.unwrap_or_else(|| core.lot.uid()),
            created: core.now,
            version: self.next_version(),
            generation: 1,
            annotations: Labels::new(),
            finalizers: Vec::new(),
        }
    }

    pub(crate) fn trouble(&mut self, core: &Core, what: Trouble) {
        self.troubles.push((core.now, what));
    }

    pub(crate) fn add_node(
        &mut self,
        core: &mut Core,
        name: NodeName,
        seen: Node,
        uid: Option<String>,
    ) -> NodeId {
        let id = NodeId(self.next_id());
        let meta = self.new_meta(core, uid);
        self.node_names.insert(name.clone(), id);
        self.emptiest.insert((0, rank(core.options.seed, id.0), id));
        let state = NodeState {
            name,
            meta,
            seen,
            used: Resources::default(),
            pods: BTreeSet::new(),
        };
        self.nodes.insert(id, state);
        id
    }

    /// Changes a node; the scheduler looks at its parked pods again.
    pub(crate) fn alter_node(
        &mut self,
        core: &mut Core,
        id: NodeId,
        change: impl FnOnce(&mut NodeState),
    ) {
        let version = self.next_version();
        if let Some(node) = self.nodes.get_mut(&id) {
            change(node);
            node.meta.version = version;
        }
        self.wake_scheduler(core);
    }

    /// Puts a pod in: into its node, its owner and its budgets.
    pub(crate) fn add_pod(
        &mut self,
        core: &mut Core,
        key: Key,
        meta: Meta,
        seen: Pod,
        owner: Option<WorkloadId>,
    ) -> PodId {
        let id = PodId(self.next_id());
        let node = seen
            .node
            .as_ref()
            .and_then(|name| self.node_names.get(name))
            .copied();
        let budgets = self.budgets_over(&key, &seen.labels);
        let deleted = seen.terminating.then_some(core.now);
        let state = PodState {
            key: key.clone(),
            meta,
            seen,
            node: None,
            owner,
            budgets: budgets.clone(),
            deleted,
            unschedulable: None,
            evicted: false,
            changed: core.now,
        };
        let healthy = state.is_healthy();
        self.pods.insert(id, state);
        self.pod_keys.insert(key, id);
        if let Some(workload) = owner.and_then(|owner| self.workloads.get_mut(&owner)) {
            workload.pods.insert(id);
        }
        for budget in &budgets {
            if let Some(budget) = self.budgets.get_mut(budget) {
                budget.members.insert(id);
            }
        }
        if let Some(node) = node {
            self.place(core, id, node);
        }
        if healthy {
            self.count(core, owner, Turn::Up);
        }
        self.touch_budgets(core, &budgets);
        id
    }

    /// Binds a pod to a node.
    pub(crate) fn place(&mut self, core: &Core, id: PodId, node: NodeId) {
        let Some(pod) = self.pods.get_mut(&id) else {
            return;
        };
        pod.node = Some(node);
        pod.unschedulable = None;
        let takes = if pod.is_terminal() {
            Resources::default()
        } else {
            pod.seen.requests
        };
        if let Some(state) = self.nodes.get_mut(&node) {
            pod.seen.node = Some(state.name.clone());
            state.pods.insert(id);
        }
        self.occupy(core, node, |used| used.plus(takes));
    }

    fn occupy(&mut self, core: &Core, node: NodeId, change: impl FnOnce(Resources) -> Resources) {
        if let Some(state) = self.nodes.get_mut(&node) {
            let tie = rank(core.options.seed, node.0);
            self.emptiest.remove(&(state.used.pods, tie, node));
            state.used = change(state.used);
            self.emptiest.insert((state.used.pods, tie, node));
        }
    }

    /// Changes a pod, and everything that follows from the change.
    pub(crate) fn alter_pod(
        &mut self,
        core: &mut Core,
        id: PodId,
        change: impl FnOnce(&mut PodState),
    ) {
        let version = self.next_version();
        let Some(pod) = self.pods.get_mut(&id) else {
            return;
        };
        let before = (pod.is_healthy(), pod.is_terminal());
        let ready = pod.is_ready();
        change(pod);
        pod.meta.version = version;
        if pod.is_ready() != ready {
            pod.changed = core.now;
        }
        let after = (pod.is_healthy(), pod.is_terminal());
        let (owner, node, takes) = (pod.owner, pod.node, pod.seen.requests);
        let budgets = pod.budgets.clone();
        match (before.0, after.0) {
            (false, true) => self.count(core, owner, Turn::Up),
            (true, false) => self.count(core, owner, Turn::Down),
            (true, true) | (false, false) => {}
        }
        if let (false, true, Some(node)) = (before.1, after.1, node) {
            self.occupy(core, node, |used| minus(used, takes));
            self.wake_scheduler(core);
        }
        self.touch_budgets(core, &budgets);
    }

    /// Takes a pod out for good.
    pub(crate) fn remove_pod(&mut self, core: &mut Core, id: PodId) -> Option<PodState> {
        let pod = self.pods.remove(&id)?;
        self.next_version();
        // A pod of the same name may already stand in its place.
        if self.pod_keys.get(&pod.key) == Some(&id) {
            self.pod_keys.remove(&pod.key);
        }
        self.parked.remove(&id);
        if let Some(workload) = pod.owner.and_then(|owner| self.workloads.get_mut(&owner)) {
            workload.pods.remove(&id);
        }
        if let Some(node) = pod.node {
            if let Some(state) = self.nodes.get_mut(&node) {
                state.pods.remove(&id);
            }
            if !pod.is_terminal() {
                self.occupy(core, node, |used| minus(used, pod.seen.requests));
            }
            self.wake_scheduler(core);
        }
        if pod.is_healthy() {
            self.count(core, pod.owner, Turn::Down);
        }
        for budget in &pod.budgets {
            if let Some(budget) = self.budgets.get_mut(budget) {
                budget.members.remove(&id);
            }
        }
        self.touch_budgets(core, &pod.budgets);
        Some(pod)
    }

    /// Adds to or takes from the ready pods of a workload and of what made it.
    fn count(&mut self, core: &Core, owner: Option<WorkloadId>, turn: Turn) {
        let mut next = owner;
        while let Some(id) = next {
            let Some(workload) = self.workloads.get_mut(&id) else {
                return;
            };
            workload.ready = match turn {
                Turn::Up => workload.ready.saturating_add(1),
                Turn::Down => workload.ready.saturating_sub(1),
            };
            if workload.parent.is_none() {
                workload.note_dip(core.now);
            }
            next = workload.parent;
        }
    }

    /// The budgets of the pod's namespace whose selector matches. Absent matches
    /// nothing, empty everything.
    pub(crate) fn budgets_over(&self, key: &Key, labels: &Labels) -> BTreeSet<BudgetId> {
        let Some(here) = key
            .namespace
            .as_ref()
            .and_then(|namespace| self.budgets_in.get(namespace))
        else {
            return BTreeSet::new();
        };
        here.iter()
            .copied()
            .filter(|id| {
                self.budgets.get(id).is_some_and(|budget| {
                    budget
                        .seen
                        .selector
                        .as_ref()
                        .is_some_and(|selector| selector.matches(labels))
                })
            })
            .collect()
    }

    /// The disruption controller hears of a pod and wakes one of the budgets
    /// that cover it; where there are several, an arbitrary one (measured: the
    /// others stay stale). Here it is the first.
    fn touch_budgets(&mut self, core: &mut Core, budgets: &BTreeSet<BudgetId>) {
        if let Some(first) = budgets.first() {
            self.wake_budget(core, *first);
        }
    }

    pub(crate) fn wake_budget(&mut self, core: &mut Core, id: BudgetId) {
        if let Some(budget) = self.budgets.get_mut(&id)
            && !budget.queued
        {
            budget.queued = true;
            core.after(core.options.budget_delay, Event::SyncBudget(id));
        }
    }

    pub(crate) fn wake_scheduler(&mut self, core: &mut Core) {
        if !self.parked_queued && !self.parked.is_empty() {
            self.parked_queued = true;
            core.after(crate::scheduler::BACKOFF, Event::Reschedule);
        }
    }

    pub(crate) fn wake_workload(&mut self, core: &mut Core, id: WorkloadId) {
        if let Some(workload) = self.workloads.get_mut(&id)
            && !workload.queued
        {
            workload.queued = true;
            core.after(core.options.replace_delay, Event::SyncWorkload(id));
        }
    }

    /// The namespace of this name, made if it is not there.
    pub(crate) fn ensure_namespace(&mut self, core: &mut Core, name: &Namespace) {
        if !self.namespaces.contains_key(name) {
            let meta = self.new_meta(core, None);
            let labels = Labels::from([(
                "kubernetes.io/metadata.name".to_owned(),
                name.as_str().to_owned(),
            )]);
            let state = NamespaceState {
                meta,
                labels,
                terminating: None,
            };
            self.namespaces.insert(name.clone(), state);
        }
    }

    /// The pods of a namespace, by name.
    pub(crate) fn pods_in<'a>(
        &'a self,
        namespace: Option<&'a Namespace>,
    ) -> impl Iterator<Item = &'a PodState> {
        // The first character that a name can begin with: nothing sorts before it.
        let first = "!".parse().ok().map(|name| Key {
            namespace: namespace.cloned(),
            name,
        });
        self.pod_keys
            .range((
                first.map_or(Bound::Unbounded, Bound::Included),
                Bound::Unbounded,
            ))
            .skip_while(move |(key, _)| key.namespace.as_ref() < namespace)
            .take_while(move |(key, _)| key.namespace.as_ref() == namespace)
            .filter_map(|(_, id)| self.pods.get(id))
    }

    /// The workload at the top of a pod's owners.
    pub(crate) fn top_of(&self, owner: WorkloadId) -> WorkloadId {
        let mut top = owner;
        while let Some(parent) = self.workloads.get(&top).and_then(|w| w.parent) {
            top = parent;
        }
        top
    }
}

#[derive(Clone, Copy)]
enum Turn {
    Up,
    Down,
}

impl WorkloadState {
    /// Takes down when the workload has fewer pods than it should.
    fn note_dip(&mut self, now: jiff::Timestamp) {
        let Some(wanted) = self.seen.replicas else {
            return;
        };
        if self.key.kind == WorkloadKind::Job {
            return;
        }
        if self.ready < wanted {
            if self.dips.since.is_none() {
                self.dips.since = Some(now);
                self.dips.spells += 1;
                self.dips.first = self.dips.first.or(Some(now));
            }
            let worst = self.dips.worst.unwrap_or(u32::MAX).min(self.ready);
            self.dips.worst = Some(worst);
        } else if let Some(since) = self.dips.since.take() {
            self.dips.seconds += now.duration_since(since).as_secs();
        }
    }
}

/// What is left of `used`.
const fn minus(used: Resources, takes: Resources) -> Resources {
    Resources {
        cpu_millis: used.cpu_millis.saturating_sub(takes.cpu_millis),
        memory_bytes: used.memory_bytes.saturating_sub(takes.memory_bytes),
        pods: used.pods.saturating_sub(takes.pods),
    }
}
