//! The snapshot: what was observed of a landscape, when, and what was not.

use crate::juju::JujuModel;
use crate::kubernetes::Kubernetes;
use crate::look::Looked;
use crate::name::ClusterId;
use crate::seen::Unseen;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A landscape as it was observed at one time.
///
/// A landscape may be seen from several sides at once: Canonical Kubernetes is
/// a Kubernetes cluster and a Juju model. A side that nobody looked at is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// The version of this format.
    pub api_version: String,
    /// Always `Snapshot`.
    pub kind: SnapshotKind,
    /// Which landscape it is.
    pub cluster: ClusterIdentity,
    /// When it was observed. For dumps this is the newest time found in them.
    pub taken_at: jiff::Timestamp,
    /// How many objects the sources held: only in a snapshot that was written to
    /// a file, since whoever takes one counts them beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<usize>,
    /// The Kubernetes side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<Kubernetes>,
    /// The Juju side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub juju: Option<JujuModel>,
    /// What programs printed and files held, for what no other side shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Looked>,
    /// What could not be observed, and what would show it.
    pub gaps: Vec<Gap>,
}

/// The `kind` of a snapshot file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SnapshotKind {
    /// The only one.
    #[default]
    Snapshot,
}

/// Which landscape a snapshot, plan or run is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterIdentity {
    /// What it is known by; leases, plans and runs are keyed by this.
    pub id: ClusterId,
    /// What people call it.
    pub name: String,
    /// Where the identity comes from: a given name can be given twice.
    pub basis: IdentityBasis,
}

/// Where a landscape's identity comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityBasis {
    /// The UID of the `kube-system` namespace.
    KubeSystemUid,
    /// The controller and model of a Juju model.
    JujuModel,
    /// A name that a person gave, or the path of what was read.
    Given,
}

impl fmt::Display for ClusterIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.id.as_str() {
            self.name.fmt(f)
        } else {
            write!(f, "{} ({})", self.name, self.id)
        }
    }
}

/// Something that was not observed, and what would show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gap {
    /// Which part of the landscape is concerned.
    pub area: Area,
    /// What was not observed, as a noun phrase.
    pub what: String,
    /// Why.
    pub why: Unseen,
    /// The command that would show it, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// The parts of a landscape that an assessment looks at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Objects and the API versions they are written in.
    Apis,
    /// The control plane's components.
    ControlPlane,
    /// Nodes and what runs on them as part of Kubernetes.
    Nodes,
    /// Pods and what makes them.
    Workloads,
    /// PodDisruptionBudgets.
    Budgets,
    /// Admission webhooks and the Services behind them.
    Webhooks,
    /// Custom resource definitions.
    Definitions,
    /// API groups that another server answers for.
    ApiServices,
    /// Helm releases.
    Releases,
    /// Changes of behaviour on the way, and whether they concern the landscape.
    Behaviour,
    /// Juju applications and units.
    Juju,
    /// Backups.
    Backups,
}

impl Area {
    /// All areas, in the order in which coverage is shown.
    pub const ALL: [Self; 12] = [
        Self::Apis,
        Self::ControlPlane,
        Self::Nodes,
        Self::Workloads,
        Self::Budgets,
        Self::Webhooks,
        Self::Definitions,
        Self::ApiServices,
        Self::Releases,
        Self::Behaviour,
        Self::Juju,
        Self::Backups,
    ];

    /// What people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Apis => "API versions in use",
            Self::ControlPlane => "control plane",
            Self::Nodes => "nodes",
            Self::Workloads => "workloads and pods",
            Self::Budgets => "disruption budgets",
            Self::Webhooks => "admission webhooks",
            Self::Definitions => "custom resource definitions",
            Self::ApiServices => "aggregated APIs",
            Self::Releases => "Helm releases",
            Self::Behaviour => "changes of behaviour",
            Self::Juju => "Juju model",
            Self::Backups => "backups",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl Snapshot {
    /// An empty snapshot of `cluster`: nothing seen, nothing claimed.
    #[must_use]
    pub fn empty(cluster: ClusterIdentity, taken_at: jiff::Timestamp) -> Self {
        Self {
            api_version: crate::API_VERSION.to_owned(),
            kind: SnapshotKind::Snapshot,
            cluster,
            taken_at,
            objects: None,
            kubernetes: None,
            juju: None,
            looks: Vec::new(),
            gaps: Vec::new(),
        }
    }
}
