//! What was observed of a Kubernetes cluster.
//!
//! Not the objects themselves: what an upgrade needs to know of them, in types.
//! Nothing here holds the contents of a Secret, nor of a ConfigMap but the
//! feature gates and names of flags in those that kubeadm keeps. Of fields that go
//! it is told who sets them, and never to what.

mod extension;
mod field;
mod looked;
mod pod;
mod publisher;
mod runtime;
mod settings;
mod webhook;
mod workload;

pub use extension::{ApiService, Conversion, Definition, ServerWarning};
pub use field::{FieldState, FieldUse, FieldUser, FieldUses, WatchedField};
pub use looked::Writers;
pub use pod::{LocalData, Phase, Pod, Resources, Toleration};
pub use publisher::Publisher;
pub use runtime::{ContainerRuntime, KernelRelease};
pub use settings::{ComponentSettings, ConfiguredComponent};
pub use webhook::{FailurePolicy, Webhook, WebhookKey, WebhookKind};
pub use workload::{UpdateStrategy, Workload, WorkloadKey, WorkloadKind, workload_kind};

use crate::budget::Budget;
use crate::name::{Key, NodeName, ObjectName, PoolName, ResourceName, ZoneName};
use crate::object::{ApiUse, Location};
use crate::seen::{Listing, Seen, Unseen};
use crate::selector::{Labels, Selector};
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A Kubernetes cluster as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kubernetes {
    /// Who built it.
    pub distribution: Seen<Distribution>,
    /// What the API server in front says of itself (`/version`).
    pub server: Seen<KubeVersion>,
    /// Every component of the control plane, by node.
    pub components: Listing<ComponentKey, Component, NodeName>,
    /// The nodes.
    pub nodes: Listing<NodeName, Node>,
    /// The pods; an observation can be restricted to those of some nodes.
    pub pods: Listing<Key, Pod, NodeName>,
    /// What creates pods.
    pub workloads: Listing<WorkloadKey, Workload>,
    /// The PodDisruptionBudgets.
    pub budgets: Listing<Key, Budget>,
    /// The admission webhooks.
    pub webhooks: Listing<WebhookKey, Webhook>,
    /// The custom resource definitions, by name.
    pub definitions: Listing<ObjectName, Definition>,
    /// API groups that another server answers for, and whether it does.
    #[serde(default = "not_in_source")]
    pub api_services: Listing<ObjectName, ApiService>,
    /// The Services, as far as upgrades care for them.
    pub services: Listing<Key, Service>,
    /// The Helm releases, newest revision of each.
    pub releases: Listing<Key, Release>,
    /// Copies of etcd that were taken and checked, newest last.
    pub etcd_snapshots: Seen<Vec<EtcdSnapshot>>,
    /// API versions in use, and how we know.
    pub api_uses: Vec<ApiUse>,
    /// Kinds of which every object was looked at for these, and who writes them.
    #[serde(default = "unasked_kinds")]
    pub kinds: Listing<ResourceName, Writers>,
    /// What the API server warned of while it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_warnings: Vec<ServerWarning>,
    /// What components are told at their start: gates and names of flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<ComponentSettings>,
    /// Who sets fields that some minor takes away, or leaves out what one wants.
    #[serde(default = "not_asked", skip_serializing_if = "is_not_asked")]
    pub fields: Seen<FieldUses>,
}

/// Who built a cluster: it decides which template fits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// kubeadm on machines of one's own.
    Kubeadm,
    /// Amazon EKS.
    Eks,
    /// Google GKE.
    Gke,
    /// Azure AKS.
    Aks,
    /// Rancher k3s.
    K3s,
    /// Canonical Kubernetes.
    CanonicalK8s,
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kubeadm => "kubeadm",
            Self::Eks => "eks",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::K3s => "k3s",
            Self::CanonicalK8s => "canonical-k8s",
        })
    }
}

/// A component of the control plane.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// The API server.
    KubeApiserver,
    /// The controller manager.
    KubeControllerManager,
    /// The scheduler.
    KubeScheduler,
    /// The data store, as a stacked member.
    Etcd,
}

impl ComponentKind {
    /// All of them, in the order in which kubeadm replaces them.
    pub const ALL: [Self; 4] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
    ];

    /// The name of its static pod, without the node.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::Etcd => "etcd",
        }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One component on one node, written `node/component`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct ComponentKey {
    /// Where it runs.
    pub node: NodeName,
    /// What it is.
    pub kind: ComponentKind,
}

impl fmt::Display for ComponentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.node, self.kind)
    }
}

/// A key that is not written as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a key of the form {form}")]
pub struct KeyError {
    /// What was given, cut to 64 characters.
    pub text: String,
    /// The form that was expected.
    pub form: &'static str,
}

fn key_error(text: &str, form: &'static str) -> KeyError {
    KeyError {
        text: text.chars().take(64).collect(),
        form,
    }
}

impl FromStr for ComponentKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = || key_error(text, "node/component");
        let (node, kind) = text.split_once('/').ok_or_else(refuse)?;
        Ok(Self {
            node: node.parse().map_err(|_| refuse())?,
            kind: ComponentKind::ALL
                .into_iter()
                .find(|known| known.name() == kind)
                .ok_or_else(refuse)?,
        })
    }
}

/// A component of the control plane as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    /// Its release, read from the image it runs. For etcd this is etcd's own.
    pub version: Seen<KubeVersion>,
    /// Whether it is ready.
    pub ready: Seen<bool>,
}

/// A node as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Node {
    /// What it is there for.
    pub role: Seen<NodeRole>,
    /// The set of like nodes it belongs to; `None` when it bears no pool label.
    pub pool: Seen<Option<PoolName>>,
    /// Its failure domain; `None` when it bears no zone label.
    pub zone: Seen<Option<ZoneName>>,
    /// The kubelet's release.
    pub kubelet: Seen<KubeVersion>,
    /// The release of the kube-proxy that runs there; `None` when none does.
    pub kube_proxy: Seen<Option<KubeVersion>>,
    /// What runs its containers.
    #[serde(default = "unasked")]
    pub runtime: Seen<ContainerRuntime>,
    /// The release of its kernel.
    #[serde(default = "unasked_kernel")]
    pub kernel: Seen<KernelRelease>,
    /// Condition `Ready`.
    pub ready: Seen<bool>,
    /// What the kubelet reports to be short of. Empty where it reported nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pressures: BTreeSet<Pressure>,
    /// Whether new pods are kept away, and by whom.
    pub cordon: Seen<Cordon>,
    /// The taints apart from the cordon's own.
    pub taints: Vec<Taint>,
    /// The labels.
    pub labels: Labels,
    /// What pods can be given.
    pub allocatable: Seen<Resources>,
}

/// A node condition that, while it is true, keeps pods away (`status.conditions`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Pressure {
    /// `MemoryPressure`.
    #[serde(rename = "MemoryPressure")]
    Memory,
    /// `DiskPressure`.
    #[serde(rename = "DiskPressure")]
    Disk,
    /// `PIDPressure`.
    #[serde(rename = "PIDPressure")]
    ProcessIds,
    /// `NetworkUnavailable`.
    #[serde(rename = "NetworkUnavailable")]
    NetworkUnavailable,
}

impl Pressure {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Memory,
        Self::Disk,
        Self::ProcessIds,
        Self::NetworkUnavailable,
    ];

    /// The type of the condition.
    #[must_use]
    pub const fn condition(self) -> &'static str {
        match self {
            Self::Memory => "MemoryPressure",
            Self::Disk => "DiskPressure",
            Self::ProcessIds => "PIDPressure",
            Self::NetworkUnavailable => "NetworkUnavailable",
        }
    }
}

/// What a node is there for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum NodeRole {
    /// It runs the control plane.
    ControlPlane,
    /// It runs workloads.
    Worker,
}

/// Whether a node takes new pods.
///
/// Kubernetes keeps one flag; who set it is remembered in an annotation of
/// ours, because a cordon of somebody else's must survive our upgrade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Cordon {
    /// It takes new pods.
    Open,
    /// We closed it.
    Ours,
    /// Somebody else closed it.
    Theirs,
}

/// A taint of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value, often empty.
    #[serde(default)]
    pub value: String,
    /// What it does.
    pub effect: TaintEffect,
}

/// What a taint does to a pod that does not tolerate it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum TaintEffect {
    /// The pod is not placed there.
    NoSchedule,
    /// The pod is placed elsewhere if possible.
    PreferNoSchedule,
    /// The pod is not placed there, and leaves.
    NoExecute,
}

macro_rules! key_conversions {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(key: $type) -> Self {
                key.to_string()
            }
        }
    )*};
}
key_conversions!(
    ComponentKey,
    WorkloadKey,
    WebhookKey,
    ContainerRuntime,
    KernelRelease,
    Publisher
);

/// A Service, as far as upgrades care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Which pods stand behind it; absent for one without a selector.
    pub selector: Option<Selector>,
    /// The ports that it has; absent where they do not count, as for a name that
    /// stands for another (`ExternalName`), or were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<BTreeSet<u16>>,
    /// Which of the pods it leads to.
    #[serde(default, skip_serializing_if = "LeadsTo::is_ready")]
    pub leads_to: LeadsTo,
}

/// Which of its pods a Service leads to (`publishNotReadyAddresses`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum LeadsTo {
    /// To those that are ready.
    #[default]
    Ready,
    /// To all of them.
    All,
}

impl LeadsTo {
    const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// A Helm release as it was observed: its newest revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// The revision.
    pub revision: u32,
    /// Helm's status text, such as `deployed`.
    pub status: String,
    /// The chart's name.
    pub chart: String,
    /// The chart's version.
    pub chart_version: String,
    /// The version of what the chart installs; charts may leave it out.
    pub app_version: Option<String>,
    /// The chart's own constraint on Kubernetes, in Helm's language.
    pub kube_version: Option<String>,
    /// Who owns what the chart names as its home and as its sources.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub publishers: BTreeSet<Publisher>,
    /// Where it was read.
    pub location: Option<Location>,
}

/// A copy of etcd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EtcdSnapshot {
    /// Where it was taken.
    pub node: NodeName,
    /// When.
    pub at: jiff::Timestamp,
    /// The operation that took it, when it was ours.
    pub key: Option<crate::name::OpKey>,
    /// Whether its hash was checked after the copy.
    pub hash_checked: bool,
}

/// What a snapshot of before this was observed says of it.
const fn unasked_kinds() -> Listing<ResourceName, Writers> {
    Listing::unseen(Unseen::NotAsked)
}

/// What a snapshot of before this was observed says of it.
const fn not_in_source() -> Listing<ObjectName, ApiService> {
    Listing::unseen(Unseen::NotInSource)
}

/// What a snapshot of before this was observed says of it.
const fn unasked() -> Seen<ContainerRuntime> {
    Seen::Gap(Unseen::NotAsked)
}

/// The same of kernels.
const fn unasked_kernel() -> Seen<KernelRelease> {
    Seen::Gap(Unseen::NotAsked)
}

/// What a snapshot says of fields that nobody watched.
const fn not_asked() -> Seen<FieldUses> {
    Seen::Gap(Unseen::NotAsked)
}

const fn is_not_asked(fields: &Seen<FieldUses>) -> bool {
    matches!(fields, Seen::Gap(Unseen::NotAsked))
}

impl Kubernetes {
    /// A Kubernetes side of which nothing was seen, for the reason `why`.
    #[must_use]
    pub fn unseen(why: &Unseen) -> Self {
        Self {
            distribution: Seen::Gap(why.clone()),
            server: Seen::Gap(why.clone()),
            components: Listing::unseen(why.clone()),
            nodes: Listing::unseen(why.clone()),
            pods: Listing::unseen(why.clone()),
            workloads: Listing::unseen(why.clone()),
            budgets: Listing::unseen(why.clone()),
            webhooks: Listing::unseen(why.clone()),
            definitions: Listing::unseen(why.clone()),
            api_services: Listing::unseen(why.clone()),
            services: Listing::unseen(why.clone()),
            releases: Listing::unseen(why.clone()),
            etcd_snapshots: Seen::Gap(why.clone()),
            api_uses: Vec::new(),
            kinds: Listing::unseen(why.clone()),
            server_warnings: Vec::new(),
            settings: Vec::new(),
            fields: not_asked(),
        }
    }
}
