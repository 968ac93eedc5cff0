//! Governance: who has to say yes to a plan, whom it concerns, and what people
//! said about it.
//!
//! The rules stand in the plan and are part of its hash: whoever leaves them
//! out makes another plan, which nobody has approved. What people say is an
//! event in the plan's own stream; where the plan stands is a fold of that
//! stream, a pure function of the events, the rules and the time.

mod charge;
mod rules;
mod said;
mod standing;
mod status;
mod templates;

pub use charge::in_charge;
pub use rules::{ApprovalRules, Approver, Requester, RuleProblem, SignatureRule, SshKey};
pub use said::{
    Assignment, Comment, Conversation, LastWord, PlanEvent, Signature, Statement, Waived, Yes,
};
pub use standing::{
    ApprovalStanding, Denial, NotCounted, SetAside, approval_standing, could_not_count,
    could_not_deny,
};
pub use status::{
    FeedLine, PlanFeed, PlanFeedKind, PlanState, PlanStatus, PlanStatusKind, RunGlance,
};

pub use templates::{
    TemplateEvent, TemplateList, TemplateListKind, TemplateRecord, TemplateRehearsal,
    TemplateState, TemplateStatus,
};

use crate::name::ObjectName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an environment and its policy lay down for a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Governance {
    /// The environment that the landscape belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<ObjectName>,
    /// Where the landscape is, such as `eu-west-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The policy that the rules come from, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Who has to say yes.
    #[serde(default, skip_serializing_if = "ApprovalRules::is_plain")]
    pub approvals: ApprovalRules,
    /// Who is told, and of what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<Stakeholder>,
    /// Where people turn to when something is wrong, such as an address or a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
}

impl Governance {
    /// Whether nothing is laid down: one yes of anybody is enough, and nobody is
    /// told.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Somebody whom an upgrade concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stakeholder {
    /// Who, as people say it: `the data stewards`.
    pub name: String,
    /// How they are reached, such as `mailto:stewards@example.com` or `#data`.
    pub reach: String,
    /// What the upgrade means for them, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// What they are told of; everything when absent.
    #[serde(default = "Notice::all")]
    pub told: Vec<Notice>,
}

/// When people are told.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// Before it begins: when, how long, and what it means for them.
    Before,
    /// While it runs, when it takes longer than was said or is in trouble.
    During,
    /// When it is done: what changes for them, and how to report problems.
    After,
}

impl Notice {
    /// Every one.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![Self::Before, Self::During, Self::After]
    }
}
