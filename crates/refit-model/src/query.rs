//! What a `World` can be asked.
//!
//! A query is a value: an agent in a cluster will carry it over a wire. The
//! answer is a [`Snapshot`](crate::snapshot::Snapshot) that says how far the
//! looking went, and never a judgement.

use crate::look::Look;
use crate::name::{ApplicationName, NodeName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One question to a landscape.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Query {
    /// Everything that an assessment or a plan is made from.
    Everything,
    /// The API server's version and the components of the control plane.
    ControlPlane,
    /// Every node.
    Nodes,
    /// One node.
    Node(NodeName),
    /// The pods of one node.
    PodsOn(NodeName),
    /// Every pod.
    Pods,
    /// Every budget, with its status.
    Budgets,
    /// What makes pods, with its counts.
    Workloads,
    /// The copies of etcd that are known to exist.
    EtcdSnapshots,
    /// The Juju model's own facts, without applications.
    JujuModel,
    /// One Juju application, its units and the newest runs of its actions.
    JujuApplication(ApplicationName),
    /// Every Juju application.
    JujuApplications,
    /// What a program or a file shows.
    Look(Look),
}

impl Query {
    /// The look that it is, if it is one.
    #[must_use]
    pub fn into_look(self) -> Option<Look> {
        match self {
            Self::Look(look) => Some(look),
            Self::Everything
            | Self::ControlPlane
            | Self::Nodes
            | Self::Node(_)
            | Self::PodsOn(_)
            | Self::Pods
            | Self::Budgets
            | Self::Workloads
            | Self::EtcdSnapshots
            | Self::JujuModel
            | Self::JujuApplication(_)
            | Self::JujuApplications => None,
        }
    }
}
