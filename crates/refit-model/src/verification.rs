//! The verification: whether what a plan promises was observed.

use crate::hash::ContentHash;
use crate::name::StepId;
use serde::{Deserialize, Serialize};

/// What was observed after a run, against what the plan promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verification {
    /// The version of this format.
    pub api_version: String,
    /// Always `Verification`.
    pub kind: VerificationKind,
    /// The plan.
    pub plan: ContentHash,
    /// When it was observed.
    pub observed_at: jiff::Timestamp,
    /// Each promise, and what was seen.
    pub claims: Vec<Claim>,
}

/// The `kind` of a verification file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerificationKind {
    /// The only one.
    #[default]
    Verification,
}

/// One promise, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// The step that promises it; absent for promises of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// The promise.
    pub claim: String,
    /// Whether it was seen to hold.
    pub result: ClaimResult,
    /// What was seen.
    pub because: String,
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimResult {
    /// It was seen to hold.
    Holds,
    /// It was seen not to hold.
    Fails,
    /// It could not be seen, which is not success.
    Unseen,
}

impl Verification {
    /// Whether every promise was seen to hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.claims.is_empty()
            && self
                .claims
                .iter()
                .all(|claim| claim.result == ClaimResult::Holds)
    }
}
