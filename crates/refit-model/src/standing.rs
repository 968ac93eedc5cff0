//! Where a step stands, judged from a snapshot alone.
//!
//! One function for five uses: before the act (may it start?), while waiting
//! (is it on its way?), after a crash (did it happen?), in a rehearsal, and on
//! the screen. Verification is the same judgement as the one before the act:
//! done is observed, never declared.

use crate::condition::{Judgement, judge_all, judge_any};
use crate::snapshot::Snapshot;
use crate::step::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a step stands, with the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Standing {
    /// What it reaches holds: there is nothing to do, or nothing left to do.
    Done(String),
    /// What it expects holds and its end does not: it may start.
    Ready(String),
    /// It is on its way: one of the states it passes through holds.
    Underway(String),
    /// What it needs was not seen.
    Unseen(String),
    /// The landscape is in none of the states that the step knows.
    Diverged(String),
}

impl Standing {
    /// The sentence that says why.
    #[must_use]
    pub fn because(&self) -> &str {
        match self {
            Self::Done(why)
            | Self::Ready(why)
            | Self::Underway(why)
            | Self::Unseen(why)
            | Self::Diverged(why) => why,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Done(_) => "done",
            Self::Ready(_) => "ready",
            Self::Underway(_) => "underway",
            Self::Unseen(_) => "unseen",
            Self::Diverged(_) => "diverged",
        };
        write!(f, "{word}: {}", self.because())
    }
}

/// Judges where `step` stands in `snapshot`.
///
/// What must be kept comes first: a step that has reached its end while it
/// broke something has diverged. A step without an end (`reaches` empty) is
/// never done by observation; it ends by a person's word.
#[must_use]
pub fn standing(step: &Step, snapshot: &Snapshot) -> Standing {
    match judge_all(&step.keeps, snapshot) {
        Judgement::Holds(_) => {}
        Judgement::Fails(why) => return Standing::Diverged(why),
        Judgement::Unknown(why) => return Standing::Unseen(why),
    }
    let left = if step.reaches.is_empty() {
        "it ends by a person's word".to_owned()
    } else {
        match judge_all(&step.reaches, snapshot) {
            Judgement::Holds(why) => return Standing::Done(why),
            Judgement::Unknown(why) => return Standing::Unseen(why),
            Judgement::Fails(why) => why,
        }
    };
    if !step.passes.is_empty() {
        match judge_any(&step.passes, snapshot) {
            Judgement::Holds(why) => return Standing::Underway(why),
            Judgement::Fails(_) => {}
            Judgement::Unknown(why) => return Standing::Unseen(why),
        }
    }
    match judge_all(&step.expects, snapshot) {
        Judgement::Holds(_) => Standing::Ready(left),
        Judgement::Fails(why) => Standing::Diverged(why),
        Judgement::Unknown(why) => Standing::Unseen(why),
    }
}
