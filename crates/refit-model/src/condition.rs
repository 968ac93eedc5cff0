//! Conditions: what can be true of a landscape, as values, and the one pure
//! function that judges them.
//!
//! A judgement has three outcomes. *Unknown* is never treated as true: a step
//! that needs what was not seen does not start, and a step that cannot be seen
//! to have ended has not ended.
//!
//! The vocabulary is closed and typed on purpose: each condition knows which
//! observation shows it ([`Condition::needs`]), can explain itself, and can be
//! judged alike before an act, while waiting, after a crash, in a rehearsal and
//! on the screen.

mod cluster;
mod juju;
mod node;
mod words;

use crate::expression::Expression;
use crate::kubernetes::ComponentKind;
use crate::look::{Look, answer};
use crate::name::{ApplicationName, Channel, NodeName, ObjectName};
use crate::query::Query;
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that holds, fails or is unknown in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Condition {
    /// Every one of these holds.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),

    /// Every API server runs this release or a newer one of the same minor.
    ServersAt(KubeVersion),
    /// Every component of Kubernetes on this control-plane node runs exactly
    /// this release.
    ComponentsAt {
        /// The node.
        node: NodeName,
        /// The release.
        version: KubeVersion,
    },
    /// Every component of the control plane is ready.
    ControlPlaneReady,
    /// More than half of the components of this kind are ready, with one to
    /// spare where there are three or more.
    Quorum(ComponentKind),
    /// A copy of etcd was taken on this node after the snapshot that the plan
    /// was made from, and its hash was checked.
    EtcdSnapshotTaken {
        /// The node.
        node: NodeName,
        /// No older than this.
        since: jiff::Timestamp,
    },
    /// Every node is ready, apart from those that were not before.
    NodesReady {
        /// Nodes that are left out.
        except: Vec<NodeName>,
    },
    /// The node's condition `Ready` is true.
    NodeReady(NodeName),
    /// The kubelet on the node runs exactly this release.
    KubeletAt {
        /// The node.
        node: NodeName,
        /// The release.
        version: KubeVersion,
    },
    /// The node takes no new pods, by us or by others.
    NodeCordoned(NodeName),
    /// No cordon of ours is on the node.
    NodeReleased(NodeName),
    /// No pod is left on the node that a drain has to move.
    NodeDrained(NodeName),
    /// Every budget that covers a pod on the node lets at least one pod go.
    BudgetsOpen(NodeName),
    /// No budget is known that can never let a pod of this node go: one whose
    /// healthy pods do not exceed what it demands, or that cannot sync.
    NoBudgetBlocks(NodeName),
    /// No pod on the node would be lost for good by a drain.
    NoBarePods(NodeName),
    /// Workloads that had all their pods have them again.
    WorkloadsServed {
        /// Nodes whose pods count; all workloads when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<NodeName>,
    },

    /// The model's Juju agents run at least this version (major, minor).
    JujuAtLeast {
        /// Major.
        major: u16,
        /// Minor.
        minor: u16,
    },
    /// Every unit of the application is active and its agent idle.
    ApplicationSettled(ApplicationName),
    /// The charm store offers a newer revision on the present channel.
    UpgradeOffered(ApplicationName),
    /// The application's charm has exactly this revision.
    CharmAt {
        /// The application.
        application: ApplicationName,
        /// The revision.
        revision: u32,
    },
    /// The application follows this channel of its charm.
    FollowsChannel {
        /// The application.
        application: ApplicationName,
        /// The channel.
        channel: Channel,
    },
    /// The newest run of the action, made at the present charm revision, ended
    /// well.
    ActionCompleted {
        /// The application.
        application: ApplicationName,
        /// The action.
        action: ObjectName,
    },
    /// Every unit really runs this release, whatever its status claims.
    UnitsAt {
        /// The application.
        application: ApplicationName,
        /// The release.
        version: KubeVersion,
    },
    /// The application claims this release.
    ClaimsVersion {
        /// The application.
        application: ApplicationName,
        /// The release.
        version: KubeVersion,
    },
    /// At least one unit is changing: in maintenance, or waiting for its turn.
    UnitsChanging(ApplicationName),
    /// Every unit is active and idle, but for the leader, which waits for
    /// exactly as many workers as really are older than it.
    LeaderAwaitsWorkers {
        /// The control plane's application.
        application: ApplicationName,
        /// The workers' applications.
        workers: Vec<ApplicationName>,
    },
    /// No unit is blocked or in error.
    NoUnitBlocked(ApplicationName),

    /// What a program or a file shows fulfils an expression.
    Shows {
        /// The question.
        look: Look,
        /// What must hold of the answer, which is bound to `out`, and its exit
        /// code to `code`.
        that: Expression,
        /// The same in words: what people read of it.
        means: String,
    },
}

/// How a condition stands in a snapshot, with the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Judgement {
    /// It holds.
    Holds(String),
    /// It does not hold.
    Fails(String),
    /// It cannot be told.
    Unknown(String),
}

impl Judgement {
    /// Whether it definitely holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds(_))
    }

    /// The sentence that says why.
    #[must_use]
    pub fn because(&self) -> &str {
        match self {
            Self::Holds(why) | Self::Fails(why) | Self::Unknown(why) => why,
        }
    }

    fn of(holds: bool, why: impl Into<String>) -> Self {
        if holds {
            Self::Holds(why.into())
        } else {
            Self::Fails(why.into())
        }
    }

    fn unseen(what: &str, why: &Unseen) -> Self {
        Self::Unknown(format!("{what} is not known: {why}"))
    }
}

/// Judges `condition` in `snapshot`.
#[must_use]
pub fn judge(condition: &Condition, snapshot: &Snapshot) -> Judgement {
    match condition {
        Condition::All(parts) => judge_all(parts, snapshot),
        Condition::Any(parts) => judge_any(parts, snapshot),
        Condition::Not(inner) => match judge(inner, snapshot) {
            Judgement::Holds(why) => Judgement::Fails(why),
            Judgement::Fails(why) => Judgement::Holds(why),
            Judgement::Unknown(why) => Judgement::Unknown(why),
        },
        Condition::ServersAt(version) => cluster::servers_at(version, snapshot),
        Condition::ComponentsAt { node, version } => {
            cluster::components_at(node, version, snapshot)
        }
        Condition::ControlPlaneReady => cluster::control_plane_ready(snapshot),
        Condition::Quorum(kind) => cluster::quorum(*kind, snapshot),
        Condition::EtcdSnapshotTaken { node, since } => {
            cluster::etcd_snapshot_taken(node, *since, snapshot)
        }
        Condition::NodesReady { except } => cluster::nodes_ready(except, snapshot),
        Condition::WorkloadsServed { on } => cluster::workloads_served(on.as_ref(), snapshot),
        Condition::NodeReady(node) => node::ready(node, snapshot),
        Condition::KubeletAt { node, version } => node::kubelet_at(node, version, snapshot),
        Condition::NodeCordoned(node) => node::cordoned(node, snapshot),
        Condition::NodeReleased(node) => node::released(node, snapshot),
        Condition::NodeDrained(node) => node::drained(node, snapshot),
        Condition::BudgetsOpen(node) => node::budgets_open(node, snapshot),
        Condition::NoBudgetBlocks(node) => node::no_budget_blocks(node, snapshot),
        Condition::NoBarePods(node) => node::no_bare_pods(node, snapshot),
        Condition::JujuAtLeast { major, minor } => juju::at_least(*major, *minor, snapshot),
        Condition::ApplicationSettled(name) => juju::settled(name, snapshot),
        Condition::UpgradeOffered(name) => juju::upgrade_offered(name, snapshot),
        Condition::CharmAt {
            application,
            revision,
        } => juju::charm_at(application, *revision, snapshot),
        Condition::FollowsChannel {
            application,
            channel,
        } => juju::follows_channel(application, channel, snapshot),
        Condition::ActionCompleted {
            application,
            action,
        } => juju::action_completed(application, action, snapshot),
        Condition::UnitsAt {
            application,
            version,
        } => juju::units_at(application, version, snapshot),
        Condition::ClaimsVersion {
            application,
            version,
        } => juju::claims_version(application, version, snapshot),
        Condition::UnitsChanging(name) => juju::units_changing(name, snapshot),
        Condition::LeaderAwaitsWorkers {
            application,
            workers,
        } => juju::leader_awaits_workers(application, workers, snapshot),
        Condition::NoUnitBlocked(name) => juju::no_unit_blocked(name, snapshot),
        Condition::Shows { look, that, means } => shows(look, that, means, snapshot),
    }
}

/// An answer that lacks what the expression asks for is no answer: what is not
/// there is neither right nor wrong.
fn shows(look: &Look, that: &Expression, means: &str, snapshot: &Snapshot) -> Judgement {
    let shown = match answer(&snapshot.looks, look) {
        Ok(shown) => shown,
        Err(why) => return Judgement::unseen(&format!("what `{look}` shows"), &why),
    };
    match shown.holds(that) {
        Ok(true) => Judgement::Holds(means.to_owned()),
        Ok(false) => Judgement::Fails(format!("`{look}` does not show that {means}")),
        Err(why) => Judgement::Unknown(format!("`{look}` does not tell whether {means}: {why}")),
    }
}

/// Judges that all of `conditions` hold: the first that fails decides, then the
/// first that is unknown.
#[must_use]
pub fn judge_all(conditions: &[Condition], snapshot: &Snapshot) -> Judgement {
    let mut unknown = None;
    let mut reasons = Vec::new();
    for part in conditions {
        match judge(part, snapshot) {
            Judgement::Holds(why) => reasons.push(why),
            Judgement::Fails(why) => return Judgement::Fails(why),
            Judgement::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    match unknown {
        Some(why) => Judgement::Unknown(why),
        None => Judgement::Holds(reasons.join("; ")),
    }
}

/// Judges that at least one of `conditions` holds.
#[must_use]
pub fn judge_any(conditions: &[Condition], snapshot: &Snapshot) -> Judgement {
    let mut unknown = None;
    let mut reasons = Vec::new();
    for part in conditions {
        match judge(part, snapshot) {
            Judgement::Holds(why) => return Judgement::Holds(why),
            Judgement::Fails(why) => reasons.push(why),
            Judgement::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    match unknown {
        Some(why) => Judgement::Unknown(why),
        None => Judgement::Fails(reasons.join("; ")),
    }
}

impl Condition {
    /// The queries whose answers show whether it holds.
    #[must_use]
    pub fn needs(&self) -> Vec<Query> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::needs).collect(),
            Self::Not(inner) => inner.needs(),
            Self::ServersAt(_)
            | Self::ComponentsAt { .. }
            | Self::ControlPlaneReady
            | Self::Quorum(_) => vec![Query::ControlPlane],
            Self::EtcdSnapshotTaken { .. } => vec![Query::EtcdSnapshots],
            Self::NodesReady { .. } => vec![Query::Nodes],
            Self::NodeReady(node)
            | Self::KubeletAt { node, .. }
            | Self::NodeCordoned(node)
            | Self::NodeReleased(node) => vec![Query::Node(node.clone())],
            Self::NodeDrained(node) | Self::NoBarePods(node) => {
                vec![Query::PodsOn(node.clone())]
            }
            Self::BudgetsOpen(node) | Self::NoBudgetBlocks(node) => {
                vec![Query::PodsOn(node.clone()), Query::Budgets]
            }
            Self::WorkloadsServed { on } => on
                .iter()
                .map(|node| Query::PodsOn(node.clone()))
                .chain([Query::Workloads])
                .collect(),
            Self::JujuAtLeast { .. } => vec![Query::JujuModel],
            Self::ApplicationSettled(application)
            | Self::UpgradeOffered(application)
            | Self::CharmAt { application, .. }
            | Self::FollowsChannel { application, .. }
            | Self::ActionCompleted { application, .. }
            | Self::UnitsAt { application, .. }
            | Self::ClaimsVersion { application, .. }
            | Self::UnitsChanging(application)
            | Self::NoUnitBlocked(application) => {
                vec![Query::JujuApplication(application.clone())]
            }
            Self::LeaderAwaitsWorkers {
                application,
                workers,
            } => std::iter::once(application)
                .chain(workers)
                .map(|name| Query::JujuApplication(name.clone()))
                .collect(),
            Self::Shows { look, .. } => vec![Query::Look(look.clone())],
        }
    }
}
