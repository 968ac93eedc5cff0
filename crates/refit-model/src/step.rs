//! A step: one act on one subject, or one thing for a person to do.

use crate::act::{Act, EffectClass};
use crate::condition::Condition;
use crate::duration::Seconds;
use crate::look::Look;
use crate::name::{ApplicationName, NodeName, ObjectName, PoolName, RoleName, StepId};
use crate::query::Query;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Unique within the plan.
    pub id: StepId,
    /// What people read, in the imperative.
    pub title: String,
    /// What it is for.
    pub kind: StepKind,
    /// What it is about.
    pub subject: Subject,
    /// The steps that must have ended before it starts.
    pub after: Vec<StepId>,
    /// What it does; absent for a step that only looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// What must hold before it starts.
    pub expects: Vec<Condition>,
    /// What must hold all the while.
    pub keeps: Vec<Condition>,
    /// The states that it passes through between the act and the end.
    pub passes: Vec<Condition>,
    /// What holds when it is done.
    pub reaches: Vec<Condition>,
    /// What a lost answer means; never safer than the act's own class.
    pub effect: EffectClass,
    /// When waiting for the end becomes a failure.
    pub timeout: Seconds,
    /// When no change at all becomes a failure; absent for no such rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Seconds>,
    /// How often the landscape is looked at, and how often in a row the end
    /// must be seen.
    pub settle: Settle,
    /// The act is sent again at this interval until the end is reached; only
    /// for acts that set an absolute state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<Seconds>,
    /// The way back.
    pub way_back: WayBack,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<RoleName>,
    /// What people see while it runs.
    pub shows: String,
    /// How long it usually takes, and how we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// What the reader should know besides, such as where a vendor's page
    /// prints something else, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Step {
    /// The queries that its conditions need, each once and in a fixed order.
    #[must_use]
    pub fn needs(&self) -> Vec<Query> {
        let mut queries: Vec<_> = [&self.expects, &self.keeps, &self.passes, &self.reaches]
            .into_iter()
            .flatten()
            .flat_map(Condition::needs)
            .collect();
        queries.sort();
        queries.dedup();
        queries
    }

    /// What its conditions ask programs and files for, each once.
    #[must_use]
    pub fn looks(&self) -> Vec<Look> {
        let asked = self.needs().into_iter();
        asked.filter_map(Query::into_look).collect()
    }

    /// Whether it is there to change the target.
    #[must_use]
    pub const fn changes_state(&self) -> bool {
        self.kind.changes_state()
    }
}

/// What a step is for. The adapter says whose hands do it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Look whether something holds.
    Check,
    /// Keep what is there now.
    Capture,
    /// Make a copy that can be restored.
    Backup,
    /// Change a file or a value.
    Edit,
    /// Get a person's yes.
    Approve,
    /// Tell people.
    Notify,
    /// Keep others out.
    Lock,
    /// Change the target.
    Act,
    /// Wait for something.
    Wait,
    /// Look whether it worked.
    Verify,
    /// Undo what was only needed on the way.
    Cleanup,
    /// A person works by hand.
    Manual,
}

impl StepKind {
    /// Whether such a step is there to change the target. The others are
    /// decided from journalled evidence when a plan is made again.
    #[must_use]
    pub const fn changes_state(self) -> bool {
        match self {
            Self::Act | Self::Edit | Self::Cleanup => true,
            Self::Check
            | Self::Capture
            | Self::Backup
            | Self::Approve
            | Self::Notify
            | Self::Lock
            | Self::Wait
            | Self::Verify
            | Self::Manual => false,
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Check => "check",
            Self::Capture => "capture",
            Self::Backup => "backup",
            Self::Edit => "edit",
            Self::Approve => "approve",
            Self::Notify => "notify",
            Self::Lock => "lock",
            Self::Act => "act",
            Self::Wait => "wait",
            Self::Verify => "verify",
            Self::Cleanup => "cleanup",
            Self::Manual => "manual",
        })
    }
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Subject {
    /// The whole landscape.
    Cluster,
    /// A pool of nodes.
    Pool(PoolName),
    /// One node.
    Node(NodeName),
    /// One Juju application.
    Application(ApplicationName),
    /// One role of an OSISM landscape, such as `keystone`.
    Role(ObjectName),
    /// One of several things of a kind that the template names, such as a
    /// volume.
    Thing {
        /// Of which kind, as a noun.
        noun: ObjectName,
        /// Which.
        name: ObjectName,
        /// What belongs to it, such as how many replicas it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<ObjectName>,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster"),
            Self::Pool(pool) => write!(f, "pool {pool}"),
            Self::Node(node) => write!(f, "node {node}"),
            Self::Application(application) => write!(f, "application {application}"),
            Self::Role(role) => write!(f, "role {role}"),
            Self::Thing { noun, name, .. } => write!(f, "{noun} {name}"),
        }
    }
}

/// When an end counts as reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settle {
    /// So many looks in a row must show it.
    pub samples: u16,
    /// The time between two looks.
    pub every: Seconds,
}

impl Default for Settle {
    /// One look, a second apart: what `kubectl drain` does.
    fn default() -> Self {
        Self {
            samples: 1,
            every: Seconds::new(1),
        }
    }
}

/// How to go back from a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum WayBack {
    /// Nothing was changed.
    NothingToUndo,
    /// Another step of the plan undoes it, or it undoes itself.
    UndoneBy(String),
    /// A person can, by these words.
    ByHand(String),
    /// Only restoring data goes back: the point of no return.
    RestoreOnly(String),
}

/// How long a step usually takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Estimate {
    /// So long.
    pub takes: Seconds,
    /// How we know.
    pub basis: EstimateBasis,
}

/// What an estimate rests on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EstimateBasis {
    /// The vendor's documentation says so.
    Documented,
    /// Computed from what was observed of the pods.
    Observed,
    /// Earlier runs took so long.
    Recorded,
    /// A guess that a person wrote into the template.
    Guessed,
}

impl fmt::Display for EstimateBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Recorded => "recorded",
            Self::Guessed => "guessed",
        })
    }
}
