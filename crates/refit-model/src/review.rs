//! The review: what a second opinion holds against a plan.

use crate::hash::ContentHash;
use crate::name::StepId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// All objections to one plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Review {
    /// The version of this format.
    pub api_version: String,
    /// Always `Review`.
    pub kind: ReviewKind,
    /// The plan that was reviewed.
    pub plan: ContentHash,
    /// What is held against it, worst first.
    pub objections: Vec<Objection>,
}

/// The `kind` of a review file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ReviewKind {
    /// The only one.
    #[default]
    Review,
}

impl Review {
    /// Whether nothing in it forbids approval.
    #[must_use]
    pub fn allows_approval(&self) -> bool {
        self.objections
            .iter()
            .all(|objection| objection.weight != Weight::Fatal)
    }
}

/// Something that is held against a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Objection {
    /// How much it weighs.
    pub weight: Weight,
    /// Its code, which has a page.
    pub code: Code,
    /// The step that it is about; absent for the plan as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What is wrong, in one sentence.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// How much an objection weighs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The plan must not be approved.
    Fatal,
    /// A person should know before approving.
    Caution,
}

/// The code of a finding, an objection or a failure: `RF`, a family letter and
/// three digits. Codes are never reused, and each has a page in `docs/codes/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    family: char,
    number: u16,
}

impl Code {
    /// The code of this family letter and number.
    #[must_use]
    pub const fn new(family: char, number: u16) -> Self {
        Self { family, number }
    }

    /// The family letter.
    #[must_use]
    pub const fn family(self) -> char {
        self.family
    }

    /// The number after the letter.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("RF{}{:03}", self.family, self.number))
    }
}

/// A text that is not a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a code such as RFA101")]
pub struct CodeError(pub String);

impl std::str::FromStr for Code {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let refuse = || CodeError(text.chars().take(16).collect());
        let mut rest = text.strip_prefix("RF").ok_or_else(refuse)?.chars();
        let family = rest
            .next()
            .filter(char::is_ascii_uppercase)
            .ok_or_else(refuse)?;
        let digits = rest.as_str();
        if digits.len() != 3 {
            return Err(refuse());
        }
        let number = digits.parse().map_err(|_| refuse())?;
        Ok(Self { family, number })
    }
}

impl JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`RF`, a family letter and three digits.",
            "type": "string",
            "pattern": "^RF[A-Z][0-9]{3}$",
        })
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
