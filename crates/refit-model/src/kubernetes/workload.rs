//! What creates pods.

use super::{KeyError, key_error};
use crate::name::{Namespace, ObjectName};
use crate::object::{Application, GroupVersionKind, Owner};
use crate::seen::Seen;
use crate::selector::{Labels, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What creates pods, written `Kind/namespace/name`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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

impl WorkloadKind {
    /// Its API group; empty for the core group.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps",
            Self::Job => "batch",
            Self::ReplicationController => "",
        }
    }

    /// The `apiVersion` that every release since 1.21 serves it at.
    #[must_use]
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps/v1",
            Self::Job => "batch/v1",
            Self::ReplicationController => "v1",
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// How a changed template reaches the pods.
    #[serde(default)]
    pub update: UpdateStrategy,
    /// The labels that nodes must bear for its pods, by whichever means its
    /// template insists on them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub node_keys: BTreeSet<String>,
}

/// How a workload's pods follow a change of its template (`spec.strategy`,
/// `spec.updateStrategy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum UpdateStrategy {
    /// The controller replaces them, a few at a time or all at once.
    #[default]
    ByController,
    /// `OnDelete`: a pod follows when somebody deletes it.
    OnDelete,
    /// A StatefulSet's `partition`: pods with a smaller ordinal stay as they are.
    From(u32),
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
