//! Where a plan stands, and who did what to it: what people and machines read.

use super::said::{Assignment, Waived};
use super::standing::{ApprovalStanding, SetAside};
use crate::hash::ContentHash;
use crate::name::{Actor, StepId};
use crate::snapshot::ClusterIdentity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Where a plan stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanStatus {
    /// The version of this format.
    pub api_version: String,
    /// Always `PlanStatus`.
    pub kind: PlanStatusKind,
    /// The plan.
    pub plan: ContentHash,
    /// Its landscape.
    pub cluster: ClusterIdentity,
    /// Where it goes, such as `1.35.2 to 1.36.1`.
    pub goal: String,
    /// Where it stands in its life.
    pub state: PlanState,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Actor>,
    /// Who asked for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Actor>,
    /// Where its approval stands.
    pub approval: ApprovalStanding,
    /// The words that do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
    /// The objections that somebody answers for, with who does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<(Actor, Waived)>,
    /// Whose each step is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assigned: BTreeMap<StepId, Assignment>,
    /// How many remarks were made.
    pub comments: usize,
    /// Its run; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunGlance>,
    /// What did not hold when it was verified last; absent while it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Vec<String>>,
}

/// The `kind` of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PlanStatusKind {
    /// The only one.
    #[default]
    PlanStatus,
}

/// Where a plan stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanState {
    /// Nobody was asked for approval.
    Draft,
    /// Somebody asked, or somebody said yes, and something is missing.
    InReview,
    /// Somebody whose word counts said no.
    Rejected,
    /// It was approved, and the time of that ran out.
    Expired,
    /// It may run.
    Approved,
    /// Its run began.
    InProgress,
    /// Its end was observed.
    Completed,
    /// It was given up.
    Canceled,
}

impl fmt::Display for PlanState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Draft => "draft",
            Self::InReview => "in review",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Approved => "approved",
            Self::InProgress => "in progress",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        })
    }
}

/// A run at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunGlance {
    /// Where it stands, in the words of a run's life cycle.
    pub phase: String,
    /// How many steps have ended.
    pub ended: usize,
    /// How many there are.
    pub steps: usize,
    /// Why it does not go on, where it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Who did what to a plan, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanFeed {
    /// The version of this format.
    pub api_version: String,
    /// Always `PlanFeed`.
    pub kind: PlanFeedKind,
    /// The plan.
    pub plan: ContentHash,
    /// What happened, oldest first.
    pub lines: Vec<FeedLine>,
}

/// The `kind` of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PlanFeedKind {
    /// The only one.
    #[default]
    PlanFeed,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedLine {
    /// When.
    pub at: jiff::Timestamp,
    /// Who did it.
    pub by: Actor,
    /// The step that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What, as a phrase that follows the name.
    pub what: String,
}
