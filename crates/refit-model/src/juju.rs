//! What was observed of a Juju model, as `juju status` and `juju operations`
//! show it.
//!
//! Source of the words: Juju's status types (`core/status`) and the Canonical
//! Kubernetes charm. The message of a status is kept as it came, because two
//! units with the same status word can be worlds apart.

use crate::name::{ApplicationName, Channel, ObjectName, OpKey, UnitName};
use crate::seen::{Listing, Seen};
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A Juju model as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JujuModel {
    /// The model's name.
    pub name: ObjectName,
    /// The controller that runs it.
    pub controller: ObjectName,
    /// The Juju version of the model's agents.
    pub version: Seen<String>,
    /// The applications.
    pub applications: Listing<ApplicationName, JujuApplication>,
}

/// A Juju application as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JujuApplication {
    /// The charm, by which its part in the cluster is known.
    pub charm: ObjectName,
    /// The channel it follows.
    pub channel: Seen<Channel>,
    /// The charm's revision.
    pub revision: Seen<u32>,
    /// The revision that the channel offers beyond the present one; `None` when
    /// there is nothing newer. Juju asks the store once a day, so `None` may be
    /// a day old.
    pub offered: Seen<Option<u32>>,
    /// The workload version that the application claims. A claim: the truth is
    /// [`JujuUnit::version`].
    pub claimed_version: Seen<Option<KubeVersion>>,
    /// The application's status.
    pub status: Seen<Status>,
    /// Its units.
    pub units: Listing<UnitName, JujuUnit>,
    /// The newest run of each action on one of its units, by action name.
    pub actions: Listing<ObjectName, ActionRun>,
}

/// A status word with its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Status {
    /// The word.
    pub word: StatusWord,
    /// The message; empty when the tool gave none.
    pub message: String,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            write!(f, "{}", self.word)
        } else {
            write!(f, "{} {:?}", self.word, self.message)
        }
    }
}

/// The status words of workloads.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StatusWord {
    /// It does its work.
    Active,
    /// It needs a person.
    Blocked,
    /// It changes something.
    Maintenance,
    /// It waits for something else.
    Waiting,
    /// A hook failed.
    Error,
    /// It is going away.
    Terminated,
    /// Nothing is known.
    Unknown,
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Maintenance => "maintenance",
            Self::Waiting => "waiting",
            Self::Error => "error",
            Self::Terminated => "terminated",
            Self::Unknown => "unknown",
        })
    }
}

/// A Juju unit as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JujuUnit {
    /// What the workload says.
    pub workload: Seen<Status>,
    /// Whether the unit's agent has nothing to do.
    pub agent_idle: Seen<bool>,
    /// Whether it leads its application.
    pub leader: bool,
    /// The version that really runs on the unit's machine (`snap list`), the
    /// lowest layer that shows it.
    pub version: Seen<KubeVersion>,
}

/// One run of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionRun {
    /// The unit it ran on.
    pub unit: UnitName,
    /// How it ended, or that it has not.
    pub status: ActionStatus,
    /// What it said.
    pub message: String,
    /// The operation of ours that asked for it, when it was ours.
    pub key: Option<OpKey>,
    /// The charm revision that the application had at the time: a check made
    /// before a refresh says nothing about the next one.
    pub at_revision: Seen<u32>,
}

/// How an action's run stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ActionStatus {
    /// Not ended.
    Running,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JujuApplication {
    /// The unit that leads, when every unit was seen.
    #[must_use]
    pub fn leader(&self) -> Option<(&UnitName, &JujuUnit)> {
        self.units.items.iter().find(|(_, unit)| unit.leader)
    }
}
