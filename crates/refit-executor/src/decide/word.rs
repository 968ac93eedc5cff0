//! What people may decide about a run, and when.

use super::{At, Decision};
use crate::event::RunEvent;
use crate::phase::{RunPhase, StepPhase};
use refit_model::name::StepId;
use serde::{Deserialize, Serialize};

/// The longest reason or evidence, in bytes: a page of text. Longer evidence
/// belongs in a file that the text names.
const LONGEST_TEXT: usize = 4096;

/// Something that a person decided about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Word {
    /// Send nothing, not even again; what was sent is watched to its end.
    Pause {
        /// Why.
        reason: String,
    },
    /// Go on after a pause.
    Resume,
    /// Give the run up: nothing is sent any more, and nothing is undone.
    Abort {
        /// Why.
        reason: String,
    },
    /// Try a step again, as a new effect under a new key.
    Retry {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// Leave a step out.
    Skip {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// Say that a step is done. What can be observed of it still has to be.
    Done {
        /// The step.
        step: StepId,
        /// What was done, or seen.
        evidence: String,
    },
}

/// Why a decision is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// There is no such run.
    #[error("the run has not been started")]
    NotStarted,
    /// It is over.
    #[error("the run has ended: {0}")]
    Ended(RunPhase),
    /// It was asked for before.
    #[error("the run is already {0}")]
    Already(RunPhase),
    /// There is nothing to resume.
    #[error("the run is {0}, not paused")]
    NotPaused(RunPhase),
    /// The plan has no such step.
    #[error("the plan has no step {0}")]
    NoStep(StepId),
    /// The step is not where this decision is possible.
    #[error("step {step} is {phase}; {rule}")]
    WrongPhase {
        /// The step.
        step: StepId,
        /// Where it stands.
        phase: StepPhase,
        /// Where it would have to stand.
        rule: &'static str,
    },
    /// No reason was given.
    #[error("a reason has to be given")]
    NoReason,
    /// The reason is too long.
    #[error("the text has {0} bytes; at most {LONGEST_TEXT} are kept")]
    TooLong(usize),
}

pub(super) fn said(at: &At<'_>, word: &Word) -> Result<Decision, WordError> {
    let phase = at.state.phase();
    if phase == RunPhase::Scheduled {
        return Err(WordError::NotStarted);
    }
    if phase.is_terminal() {
        return Err(WordError::Ended(phase));
    }
    if phase == RunPhase::Aborting {
        return Err(WordError::Already(phase));
    }
    let event = match word {
        Word::Pause { reason } if at.state.pause().is_none() => RunEvent::PauseAsked {
            reason: text(reason)?,
        },
        Word::Resume if at.state.pause().is_some() => RunEvent::ResumeAsked {},
        Word::Resume => return Err(WordError::NotPaused(phase)),
        Word::Pause { .. } => return Err(WordError::Already(phase)),
        Word::Abort { reason } => RunEvent::AbortAsked {
            reason: text(reason)?,
        },
        Word::Retry { step, reason } => {
            stands(
                at,
                step,
                StepPhase::waits_for_a_person,
                "only a step that failed or needs a person can be tried again",
            )?;
            RunEvent::Retried {
                step: step.clone(),
                reason: text(reason)?,
            }
        }
        Word::Skip { step, reason } => {
            stands(
                at,
                step,
                |phase| !phase.is_terminal() && !phase.is_in_flight(),
                "what was sent cannot be skipped",
            )?;
            RunEvent::Skipped {
                step: step.clone(),
                reason: text(reason)?,
            }
        }
        Word::Done { step, evidence } => {
            stands(
                at,
                step,
                StepPhase::waits_for_a_person,
                "only a step that failed or needs a person can be signed for",
            )?;
            RunEvent::SignedFor {
                step: step.clone(),
                evidence: text(evidence)?,
            }
        }
    };
    Ok(Decision {
        events: vec![event],
        ..Decision::default()
    })
}

/// Checks that the step is where the decision is possible.
fn stands(
    at: &At<'_>,
    step: &StepId,
    fits: impl Fn(StepPhase) -> bool,
    rule: &'static str,
) -> Result<(), WordError> {
    if at.steps.get(step).is_none() {
        return Err(WordError::NoStep(step.clone()));
    }
    let phase = at
        .state
        .step(step)
        .map_or(StepPhase::Blocked, |found| found.phase);
    if fits(phase) {
        Ok(())
    } else {
        Err(WordError::WrongPhase {
            step: step.clone(),
            phase,
            rule,
        })
    }
}

/// A text that a person gave, without the white space around it.
fn text(given: &str) -> Result<String, WordError> {
    let given = given.trim();
    if given.is_empty() {
        return Err(WordError::NoReason);
    }
    if given.len() > LONGEST_TEXT {
        return Err(WordError::TooLong(given.len()));
    }
    Ok(given.to_owned())
}
