//! What the components of Kubernetes are told at their start, as far as an
//! upgrade can break it: feature gates, admission plugins, and which flags there
//! are.
//!
//! Other values of flags are not kept: some of them are secrets.

use crate::object::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// A binary that takes feature gates.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ConfiguredComponent {
    /// The API server.
    KubeApiserver,
    /// The controller manager.
    KubeControllerManager,
    /// The service proxy.
    KubeProxy,
    /// The scheduler.
    KubeScheduler,
    /// The node agent.
    Kubelet,
    /// The installer.
    Kubeadm,
}

impl ConfiguredComponent {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeProxy,
        Self::KubeScheduler,
        Self::Kubelet,
        Self::Kubeadm,
    ];

    /// The name of the binary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeProxy => "kube-proxy",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kubelet => "kubelet",
            Self::Kubeadm => "kubeadm",
        }
    }
}

impl fmt::Display for ConfiguredComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ConfiguredComponent {
    type Err = NotConfigured;

    fn from_str(text: &str) -> Result<Self, NotConfigured> {
        Self::ALL
            .into_iter()
            .find(|component| component.name() == text)
            .ok_or(NotConfigured)
    }
}

/// A text that names no component with feature gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a component with feature gates, such as kubelet")]
pub struct NotConfigured;

/// What one component is told, by one object or by several that agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComponentSettings {
    /// Which component.
    pub component: ConfiguredComponent,
    /// The feature gates that are set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gates: BTreeMap<String, bool>,
    /// The names of the flags that are given, without their values.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// The admission plugins that are turned on or off by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub admission_plugins: BTreeSet<String>,
    /// The version of the configuration API that they are written in, such as
    /// `kubeadm.k8s.io/v1beta4`; none for a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_in: Option<String>,
    /// The object that says so, such as `ConfigMap kube-system/kubelet-config`:
    /// the first by name where several agree.
    pub stated_by: String,
    /// How many other objects say the same.
    #[serde(default)]
    pub others: usize,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}
