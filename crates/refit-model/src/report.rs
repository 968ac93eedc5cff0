//! The planner's report: why it did what it did, what it left out, and what it
//! waits on. A "no" is a value with a reason, never an error.

use crate::name::{StageId, StepId};
use crate::plan::{AnyHop, UpgradePlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A plan together with the reasons for it.
#[must_use = "an unread report is not actionable"]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Planned {
    /// The plan, as far as it could be made.
    pub plan: UpgradePlan,
    /// The reasons.
    pub report: PlanReport,
}

/// Why a plan is as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanReport {
    /// Where the plan stops short of its hop, and why; absent when it goes all
    /// the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops: Option<PlanStop>,
    /// Steps that are not in the plan because what they reach holds already.
    pub left_out: Vec<LeftOut>,
    /// What the order of the steps breaks, because a published order was asked
    /// for that does: one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The hops that follow this plan's, to be planned from what is then observed.
    pub later_hops: Vec<AnyHop>,
}

/// Where a plan stops, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanStop {
    /// The first stage or step that is not in the plan.
    pub before: String,
    /// What was not seen.
    pub because: String,
}

/// A step that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeftOut {
    /// Its stage.
    pub stage: StageId,
    /// The step.
    pub step: StepId,
    /// What was seen that makes it unnecessary.
    pub because: String,
}
