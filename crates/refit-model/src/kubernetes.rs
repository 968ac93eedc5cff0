//! What was observed of a Kubernetes cluster.
//!
//! Not the objects themselves: what an upgrade needs to know of them, in types.
//! Nothing here holds the contents of a Secret or a ConfigMap.

use crate::budget::Budget;
use crate::name::{Key, Namespace, NodeName, ObjectName, PoolName, ZoneName};
use crate::object::{ApiUse, Application, GroupVersionKind, Location, Owner};
use crate::seen::{Listing, Seen};
use crate::selector::{Labels, Selector};
use crate::version::KubeVersion;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A Kubernetes cluster as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The Services, as far as upgrades care for them.
    pub services: Listing<Key, Service>,
    /// The Helm releases, newest revision of each.
    pub releases: Listing<Key, Release>,
    /// Copies of etcd that were taken and checked, newest last.
    pub etcd_snapshots: Seen<Vec<EtcdSnapshot>>,
    /// API versions in use, and how we know.
    pub api_uses: Vec<ApiUse>,
}

/// Who built a cluster: it decides which template fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    /// Its release, read from the image it runs. For etcd this is etcd's own.
    pub version: Seen<KubeVersion>,
    /// Whether it is ready.
    pub ready: Seen<bool>,
}

/// A node as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Condition `Ready`.
    pub ready: Seen<bool>,
    /// Whether new pods are kept away, and by whom.
    pub cordon: Seen<Cordon>,
    /// The taints apart from the cordon's own.
    pub taints: Vec<Taint>,
    /// The labels.
    pub labels: Labels,
    /// What pods can be given.
    pub allocatable: Seen<Resources>,
}

/// What a node is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaintEffect {
    /// The pod is not placed there.
    NoSchedule,
    /// The pod is placed elsewhere if possible.
    PreferNoSchedule,
    /// The pod is not placed there, and leaves.
    NoExecute,
}

/// A toleration of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Toleration {
    /// The taint's key; absent tolerates every key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The taint's value; absent tolerates every value (operator `Exists`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The taint's effect; absent tolerates every effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<TaintEffect>,
}

impl Toleration {
    /// Whether the pod that has this toleration bears with `taint`.
    #[must_use]
    pub fn tolerates(&self, taint: &Taint) -> bool {
        self.key.as_ref().is_none_or(|key| *key == taint.key)
            && self
                .value
                .as_ref()
                .is_none_or(|value| *value == taint.value)
            && self.effect.is_none_or(|effect| effect == taint.effect)
    }
}

/// Amounts of what the scheduler counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    /// Thousandths of a processor.
    pub cpu_millis: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Pods; one for a pod's own request.
    pub pods: u64,
}

impl Resources {
    /// The sum, saturating.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            cpu_millis: self.cpu_millis.saturating_add(other.cpu_millis),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            pods: self.pods.saturating_add(other.pods),
        }
    }

    /// Whether everything fits into `room`.
    #[must_use]
    pub const fn fits(self, room: Self) -> bool {
        self.cpu_millis <= room.cpu_millis
            && self.memory_bytes <= room.memory_bytes
            && self.pods <= room.pods
    }
}

/// A pod as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pod {
    /// Its UID: a pod of the same name with another UID is another pod.
    pub uid: String,
    /// Where it runs; `None` when it is not placed.
    pub node: Option<NodeName>,
    /// Its phase.
    pub phase: Phase,
    /// Condition `Ready`.
    pub ready: Seen<bool>,
    /// Whether it has been deleted and is still there.
    pub terminating: bool,
    /// Its controller; a pod without one does not come back.
    pub owner: Option<Owner>,
    /// Whether the kubelet made it from a file (a mirror pod).
    pub mirror: bool,
    /// What it keeps on its node.
    pub local_data: LocalData,
    /// Its labels.
    pub labels: Labels,
    /// Which application it belongs to.
    pub application: Application,
    /// What it asks for.
    pub requests: Resources,
    /// The node labels it insists on.
    pub node_selector: Labels,
    /// What it bears with.
    pub tolerations: Vec<Toleration>,
    /// The seconds between its deletion and the kill.
    pub grace_seconds: u32,
    /// The images of its containers.
    pub images: Vec<String>,
}

impl Pod {
    /// Whether a DaemonSet made it: such a pod stays on a drained node.
    #[must_use]
    pub fn is_daemon(&self) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| owner.api.group == "apps" && owner.api.kind == "DaemonSet")
    }

    /// Whether a drain has to move it: not a mirror pod, not a DaemonSet's, and
    /// not already at its end.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        !self.mirror && !self.is_daemon()
    }

    /// Whether nothing will make it again once it is gone.
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.owner.is_none() && !self.mirror
    }
}

/// A pod's phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// Not all containers have started.
    Pending,
    /// Running.
    Running,
    /// All containers ended well.
    Succeeded,
    /// A container ended badly.
    Failed,
    /// The node does not answer.
    Unknown,
}

/// What a pod keeps on its node and loses by leaving it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocalData {
    /// Nothing.
    None,
    /// An `emptyDir`, whose contents are gone after an eviction.
    EmptyDir,
    /// A local volume on this node: the pod can run nowhere else.
    LocalVolume(NodeName),
}

/// What creates pods, written `Kind/namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkloadKey {
    /// Which controller runs it.
    pub kind: WorkloadKind,
    /// Where it is.
    pub namespace: Namespace,
    /// What it is called.
    pub name: ObjectName,
}

/// The kinds of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// `apps/v1 Deployment`
    Deployment,
    /// `apps/v1 ReplicaSet`
    ReplicaSet,
    /// `apps/v1 StatefulSet`
    StatefulSet,
    /// `apps/v1 DaemonSet`
    DaemonSet,
    /// `batch/v1 Job`
    Job,
    /// `v1 ReplicationController`
    ReplicationController,
}

impl WorkloadKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::ReplicationController,
    ];

    /// The kind as manifests spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::ReplicationController => "ReplicationController",
        }
    }
}

impl fmt::Display for WorkloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind.name(), self.namespace, self.name)
    }
}

impl FromStr for WorkloadKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = || key_error(text, "Kind/namespace/name");
        let mut parts = text.splitn(3, '/');
        let (Some(kind), Some(namespace), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        Ok(Self {
            kind: WorkloadKind::ALL
                .into_iter()
                .find(|known| known.name() == kind)
                .ok_or_else(refuse)?,
            namespace: namespace.parse().map_err(|_| refuse())?,
            name: name.parse().map_err(|_| refuse())?,
        })
    }
}

/// A workload as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Workload {
    /// Its UID.
    pub uid: String,
    /// What made it, as a Deployment makes a ReplicaSet.
    pub owner: Option<Owner>,
    /// How many pods it should have; `None` for kinds without a count.
    pub replicas: Option<u32>,
    /// How many of its pods are ready.
    pub ready: Seen<u32>,
    /// Which pods are its own.
    pub selector: Selector,
    /// The labels it gives its pods.
    pub pod_labels: Labels,
    /// Which application it belongs to.
    pub application: Application,
}

/// One webhook of one configuration, written `Kind/configuration/webhook`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookKey {
    /// Whether it validates or mutates.
    pub kind: WebhookKind,
    /// The configuration object.
    pub configuration: ObjectName,
    /// The webhook within it.
    pub name: ObjectName,
}

/// The two kinds of admission webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WebhookKind {
    /// It may refuse.
    Validating,
    /// It may change.
    Mutating,
}

impl fmt::Display for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            WebhookKind::Validating => "Validating",
            WebhookKind::Mutating => "Mutating",
        };
        write!(f, "{kind}/{}/{}", self.configuration, self.name)
    }
}

impl FromStr for WebhookKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = || key_error(text, "Validating/configuration/webhook");
        let mut parts = text.splitn(3, '/');
        let (Some(kind), Some(configuration), Some(name)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        Ok(Self {
            kind: match kind {
                "Validating" => WebhookKind::Validating,
                "Mutating" => WebhookKind::Mutating,
                _ => return Err(refuse()),
            },
            configuration: configuration.parse().map_err(|_| refuse())?,
            name: name.parse().map_err(|_| refuse())?,
        })
    }
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
key_conversions!(ComponentKey, WorkloadKey, WebhookKey);

/// An admission webhook as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Webhook {
    /// What happens to a request when the webhook does not answer.
    pub failure_policy: FailurePolicy,
    /// The Service it stands behind; `None` for a URL.
    pub service: Option<Key>,
    /// What it is asked about, as `operation group/version/resource`.
    pub rules: Vec<String>,
    /// The seconds the server waits for it.
    pub timeout_seconds: u32,
}

/// `failurePolicy` of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailurePolicy {
    /// The request is refused.
    Fail,
    /// The request goes through.
    Ignore,
}

/// A Service, as far as upgrades care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Which pods stand behind it; absent for one without a selector.
    pub selector: Option<Selector>,
}

/// A custom resource definition as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// The API group it defines.
    pub group: String,
    /// The kind it defines.
    pub kind: String,
    /// The versions that are served.
    pub served: Vec<String>,
    /// The versions in which objects may still be stored.
    pub stored: Vec<String>,
}

/// A Helm release as it was observed: its newest revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Where it was read.
    pub location: Option<Location>,
}

/// A copy of etcd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// The API that a workload's owner reference names.
///
/// Returns `None` for kinds that are not built in.
#[must_use]
pub fn workload_kind(api: &GroupVersionKind) -> Option<WorkloadKind> {
    match (api.group.as_str(), api.kind.as_str()) {
        ("apps", "Deployment") => Some(WorkloadKind::Deployment),
        ("apps", "ReplicaSet") => Some(WorkloadKind::ReplicaSet),
        ("apps", "StatefulSet") => Some(WorkloadKind::StatefulSet),
        ("apps", "DaemonSet") => Some(WorkloadKind::DaemonSet),
        ("batch", "Job") => Some(WorkloadKind::Job),
        ("", "ReplicationController") => Some(WorkloadKind::ReplicationController),
        _ => None,
    }
}

impl Kubernetes {
    /// A Kubernetes side of which nothing was seen, for the reason `why`.
    #[must_use]
    pub fn unseen(why: &crate::seen::Unseen) -> Self {
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
            services: Listing::unseen(why.clone()),
            releases: Listing::unseen(why.clone()),
            etcd_snapshots: Seen::Gap(why.clone()),
            api_uses: Vec::new(),
        }
    }
}
