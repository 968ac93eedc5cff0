//! The rehearsal: what a run of the very plan on the twin showed.

use crate::duration::Seconds;
use crate::hash::ContentHash;
use crate::name::{StageId, StepId};
use crate::verification::Verification;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rehearsal showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rehearsal {
    /// The version of this format.
    pub api_version: String,
    /// Always `Rehearsal`.
    pub kind: RehearsalKind,
    /// The plan that was rehearsed.
    pub plan: ContentHash,
    /// The seed of everything that the twin drew by lot.
    pub seed: u64,
    /// What it is worth: no more than the step that was rehearsed least.
    pub grade: Grade,
    /// How it ended.
    pub ending: Ending,
    /// How long it took, in the twin's time.
    pub took: Seconds,
    /// Each step, in the order in which they began.
    pub steps: Vec<RehearsedStep>,
    /// Each time that something other than the plan's own subject was touched.
    pub incidents: Vec<Incident>,
    /// What the twin cannot know.
    pub not_modelled: Vec<String>,
    /// Whether the end was observed to be what the plan promises.
    pub verification: Verification,
}

impl Rehearsal {
    /// How many of its steps the twin does not model: they were taken as done.
    #[must_use]
    pub fn not_rehearsed(&self) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.grade == Grade::R0).count()
    }

    /// What can be said of a rehearsal in which nothing failed, in words.
    #[must_use]
    pub fn succeeded(&self) -> String {
        let all = self.steps.len();
        match self.not_rehearsed() {
            0 => "every step succeeded".to_owned(),
            unknown if unknown == all => "no step could be rehearsed".to_owned(),
            unknown => {
                let known = all.saturating_sub(unknown);
                format!("{known} of {all} steps succeeded, which are all that the twin models")
            }
        }
    }
}

/// The `kind` of a rehearsal file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RehearsalKind {
    /// The only one.
    #[default]
    Rehearsal,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Ending {
    /// Every step succeeded.
    Succeeded,
    /// It ended, and some steps were skipped or done by hand.
    SucceededWithExceptions(String),
    /// A step failed or needs a person.
    Stopped(String),
}

/// One step of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RehearsedStep {
    /// Its stage.
    pub stage: StageId,
    /// The step.
    pub step: StepId,
    /// Its title.
    pub title: String,
    /// When it began, after the start.
    pub begins: Seconds,
    /// How long it took.
    pub took: Seconds,
    /// How it ended, in the words of a step's life cycle.
    pub outcome: String,
    /// What was seen at its end.
    pub because: String,
    /// What it waited for, each once.
    pub waited_on: Vec<String>,
    /// Whether the twin models what it does; a step it does not model is not
    /// rehearsed, however green.
    pub grade: Grade,
}

/// What a rehearsal of one step is worth.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Grade {
    /// Written out only: the twin does not model its effect, so that it was not
    /// rehearsed.
    R0,
    /// Sent to the real target as a dry run.
    R1,
    /// Carried out on a simulated landscape.
    R2,
    /// Carried out on another landscape with the same fingerprint.
    R3,
}

impl Grade {
    /// What people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::R0 => "R0, written out only",
            Self::R1 => "R1, dry run",
            Self::R2 => "R2, simulated",
            Self::R3 => "R3, carried out on a twin landscape",
        }
    }
}

/// Something that the upgrade did to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Incident {
    /// When, after the start.
    pub at: Seconds,
    /// What, in one sentence.
    pub what: String,
}
