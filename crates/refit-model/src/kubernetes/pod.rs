//! Pods: what an upgrade needs to know of each.

use super::{Taint, TaintEffect};
use crate::name::NodeName;
use crate::object::{Application, Owner};
use crate::seen::Seen;
use crate::selector::Labels;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A toleration of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// The labels that its node must bear beside these: by required affinity to
    /// nodes, by a spread that it insists on, or by required affinity to pods
    /// within what such a label marks off.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub node_keys: BTreeSet<String>,
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
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LocalData {
    /// Nothing.
    None,
    /// An `emptyDir`, whose contents are gone after an eviction.
    EmptyDir,
    /// A local volume on this node: the pod can run nowhere else.
    LocalVolume(NodeName),
}
