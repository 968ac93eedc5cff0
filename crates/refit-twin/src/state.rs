//! The simulated cluster's objects and the indexes over them.
//!
//! Every change goes through the functions of `changes`, so that the counters
//! of workloads, the room on nodes and the members of budgets always agree with
//! the pods, without ever counting all of them again.

mod changes;

use crate::shelf::{Number, Shelf};
use crate::webhook::Hook;
use refit_model::budget::Budget;
use refit_model::kubernetes::{
    Component, ComponentKey, Cordon, EtcdSnapshot, Kubernetes, Node, Phase, Pod, Resources,
    Workload, WorkloadKey,
};
use refit_model::name::{Key, Namespace, NodeName};
use refit_model::seen::Seen;
use refit_model::selector::Labels;
use refit_model::version::KubeVersion;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! ids {
    ($($(#[$doc:meta])* $type:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $type(pub(crate) u32);

        impl Number for $type {
            fn place(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            fn at(place: usize) -> Self {
                Self(u32::try_from(place).unwrap_or(u32::MAX))
            }
        }
    )*};
}
ids! {
    /// A node, by the order in which it came.
    NodeId;
    /// A pod, by the order in which it came.
    PodId;
    /// A workload, by the order in which it came.
    WorkloadId;
    /// A budget, by the order in which it came.
    BudgetId;
}

/// What every object has besides its content.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    pub(crate) uid: String,
    pub(crate) created: jiff::Timestamp,
    pub(crate) version: u64,
    pub(crate) generation: i64,
    pub(crate) annotations: Labels,
    pub(crate) finalizers: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct NodeState {
    pub(crate) name: NodeName,
    pub(crate) meta: Meta,
    pub(crate) seen: Node,
    pub(crate) used: Resources,
    pub(crate) pods: BTreeSet<PodId>,
}

impl NodeState {
    /// Whether new pods are kept away. An unseen cordon keeps nobody away.
    pub(crate) fn cordoned(&self) -> bool {
        matches!(self.seen.cordon, Seen::Is(Cordon::Ours | Cordon::Theirs))
    }

    pub(crate) fn ready(&self) -> bool {
        self.seen.ready.get().copied().unwrap_or(true)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PodState {
    pub(crate) key: Key,
    pub(crate) meta: Meta,
    pub(crate) seen: Pod,
    pub(crate) node: Option<NodeId>,
    pub(crate) owner: Option<WorkloadId>,
    pub(crate) budgets: BTreeSet<BudgetId>,
    pub(crate) deleted: Option<jiff::Timestamp>,
    /// The message of `PodScheduled=False`.
    pub(crate) unschedulable: Option<String>,
    pub(crate) evicted: bool,
    pub(crate) changed: jiff::Timestamp,
}

impl PodState {
    pub(crate) fn is_ready(&self) -> bool {
        self.seen.phase == Phase::Running && self.seen.ready.get().copied().unwrap_or(false)
    }

    /// Healthy in the disruption controller's sense.
    pub(crate) fn is_healthy(&self) -> bool {
        self.is_ready() && !self.seen.terminating
    }

    pub(crate) const fn is_terminal(&self) -> bool {
        matches!(self.seen.phase, Phase::Succeeded | Phase::Failed)
    }
}

/// How often and how long a workload had too few pods.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dips {
    pub(crate) first: Option<jiff::Timestamp>,
    pub(crate) since: Option<jiff::Timestamp>,
    pub(crate) spells: u32,
    pub(crate) seconds: i64,
    pub(crate) worst: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct WorkloadState {
    pub(crate) key: WorkloadKey,
    pub(crate) meta: Meta,
    pub(crate) seen: Workload,
    /// Whether the snapshot had it; ReplicaSets that only pods speak of are
    /// modelled and not shown.
    pub(crate) shown: bool,
    pub(crate) parent: Option<WorkloadId>,
    pub(crate) pods: BTreeSet<PodId>,
    pub(crate) ready: u32,
    /// What a new pod of it looks like.
    pub(crate) template: Option<Pod>,
    /// Pods of a StatefulSet that are to come back as they were, by name: each
    /// may have a volume of its own.
    pub(crate) memory: BTreeMap<String, Pod>,
    /// Creations that wait for their turn.
    pub(crate) creating: u32,
    /// How many creations failed in a row, and what the last one said.
    pub(crate) failures: u32,
    pub(crate) failure: Option<String>,
    /// Pods of a Job that were lost.
    pub(crate) lost: u32,
    pub(crate) queued: bool,
    pub(crate) dips: Dips,
}

#[derive(Clone, Debug)]
pub(crate) struct BudgetState {
    pub(crate) meta: Meta,
    pub(crate) seen: Budget,
    pub(crate) members: BTreeSet<PodId>,
    /// Accepted evictions that the controller has not seen carried out.
    pub(crate) disrupted: BTreeMap<String, jiff::Timestamp>,
    pub(crate) reason: &'static str,
    pub(crate) changed: jiff::Timestamp,
    pub(crate) queued: bool,
    pub(crate) broken: Option<jiff::Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct NamespaceState {
    pub(crate) meta: Meta,
    pub(crate) labels: Labels,
    pub(crate) terminating: Option<jiff::Timestamp>,
}

/// Something that happened to others than the plan's own subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// A pod without a controller was evicted or deleted.
    BareLost(Key),
    /// A pod whose controller is not modelled was evicted or deleted.
    StrangerLost(Key, String),
    /// A pod found no node.
    Pending(Key, String),
    /// Fewer pods were healthy than the budget demands.
    BudgetBroken(Key),
    /// A webhook did not answer, and a request was refused for it.
    HookDown(String),
    /// A Job was given up after it lost too many pods.
    JobFailed(WorkloadKey),
}

/// The Kubernetes side.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// What the snapshot said of parts that the twin does not change.
    pub(crate) base: Kubernetes,
    pub(crate) nodes: Shelf<NodeId, NodeState>,
    pub(crate) pods: Shelf<PodId, PodState>,
    pub(crate) workloads: Shelf<WorkloadId, WorkloadState>,
    pub(crate) budgets: Shelf<BudgetId, BudgetState>,
    pub(crate) namespaces: BTreeMap<Namespace, NamespaceState>,
    pub(crate) components: BTreeMap<ComponentKey, Component>,
    pub(crate) etcd_snapshots: Vec<EtcdSnapshot>,
    pub(crate) hooks: BTreeMap<String, Hook>,
    /// The release that kubeadm's cluster configuration names.
    pub(crate) configured: Option<KubeVersion>,
    /// The release that kube-proxy's pods are rolled to, while they are.
    pub(crate) proxy_roll: Option<KubeVersion>,
    pub(crate) troubles: Vec<(jiff::Timestamp, Trouble)>,

    pub(crate) node_names: BTreeMap<NodeName, NodeId>,
    pub(crate) pod_keys: BTreeMap<Key, PodId>,
    pub(crate) workload_keys: BTreeMap<WorkloadKey, WorkloadId>,
    pub(crate) workload_uids: BTreeMap<String, WorkloadId>,
    pub(crate) budget_keys: BTreeMap<Key, BudgetId>,
    pub(crate) budgets_in: BTreeMap<Namespace, BTreeSet<BudgetId>>,
    /// Nodes by how many pods they have; ties by lot.
    pub(crate) emptiest: BTreeSet<(u64, u64, NodeId)>,
    /// Pods that found no node.
    pub(crate) parked: BTreeSet<PodId>,
    pub(crate) parked_queued: bool,
    /// When the ReplicaSet controller's token bucket is full again.
    pub(crate) bucket: jiff::Timestamp,
    pub(crate) last_id: u32,
    pub(crate) last_version: u64,
}
