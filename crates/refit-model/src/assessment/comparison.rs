//! What an assessment says in comparison with an earlier one of the same
//! landscape and target.

use super::{Finding, KnowledgeUsed};
use crate::object::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is new since an earlier assessment, what has cleared, and what is only
/// not seen any more.
///
/// Findings are named by their identity where they stand in the assessment
/// itself, and are carried whole where they stand in the earlier one alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Comparison {
    /// What it is compared with.
    pub baseline: BaselineUsed,
    /// Findings that the earlier assessment does not have.
    pub new: Vec<String>,
    /// Findings that it has too, but milder, or accepted by somebody whose
    /// acceptance does not count any more.
    pub worse: Vec<String>,
    /// How many findings it has as well, at least as severe.
    pub standing: usize,
    /// Findings of the earlier assessment that are over, and what proves it.
    pub cleared: Vec<Cleared>,
    /// Findings of the earlier assessment that were not seen again, though they
    /// may still be there.
    pub unseen: Vec<NotSeenAgain>,
}

/// Which assessment another is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BaselineUsed {
    /// The time that it took as the present.
    pub now: jiff::Timestamp,
    /// The version of Refit that made it.
    pub refit: String,
    /// The knowledge that it rests on.
    pub knowledge: KnowledgeUsed,
    /// How many findings it has.
    pub findings: usize,
}

/// A finding that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cleared {
    /// The finding, as the earlier assessment has it.
    pub finding: Finding,
    /// What proves that it is over.
    pub proof: Proof,
}

/// What proves that a finding is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// Of which sort it is.
    pub by: ProofSort,
    /// What was seen, in one sentence.
    pub detail: String,
    /// Where the subject was read this time, if in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// The sorts of proof.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProofSort {
    /// The subject was seen again, and is fine.
    SeenFine,
    /// Everything that could show it was seen, and it is not there.
    Absent,
}

impl fmt::Display for ProofSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SeenFine => "seen fine",
            Self::Absent => "absent",
        })
    }
}

/// A finding that was not seen again, though it may still be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotSeenAgain {
    /// The finding, as the earlier assessment has it.
    pub finding: Finding,
    /// Why that does not prove that it is over, in one sentence.
    pub because: String,
    /// The command that would show it, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}
