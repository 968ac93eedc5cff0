//! What people decide about a run, recorded. A running process hears it at its
//! next decision; a run that has stopped goes on from there when it is resumed.

use crate::decide::{Input, Word, WordError, decide};
use crate::event::{EventError, stream_of};
use crate::looks::Looks;
use crate::ports::{AppendError, Guard, Journal, StorageError};
use crate::state::{RunState, fold};
use crate::steps::{Steps, StepsError};
use refit_model::event::NewEvent;
use refit_model::hash::ContentHash;
use refit_model::name::{Actor, NameError, RunId};
use refit_model::plan::UpgradePlan;

/// How often a decision is made again when the run grew meanwhile. A run that
/// records faster than this many reads would be recording some hundred events
/// a second, which none does.
const TRIES: u32 = 16;

/// Why a decision was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// It is not possible.
    #[error("could not take this decision about run {run}")]
    Word {
        /// The run.
        run: RunId,
        /// Why not.
        #[source]
        source: WordError,
    },
    /// The run was started with another plan.
    #[error("run {run} was started with plan {started}, not {given}")]
    OtherPlan {
        /// The run.
        run: RunId,
        /// The plan that it was started with.
        started: ContentHash,
        /// The plan that was given.
        given: ContentHash,
    },
    /// The plan cannot be carried out.
    #[error("could not read the steps of the plan")]
    Steps(#[source] StepsError),
    /// The run's id does not fit into the name of a stream.
    #[error("could not name the stream of the run")]
    Stream(#[source] NameError),
    /// The record could not be read.
    #[error("could not read the record of the run")]
    Read(#[source] StorageError),
    /// An event could not be understood.
    #[error("could not understand the record of the run")]
    Event(#[source] EventError),
    /// An event could not be written as JSON: a defect.
    #[error("could not write an event")]
    Write(#[source] serde_json::Error),
    /// It could not be recorded.
    #[error("could not record the decision")]
    Append(#[source] AppendError),
}

/// Records what `actor` decided about a run of `plan` at `now`, and returns
/// where the run stands with it.
///
/// # Errors
/// [`TellError::Word`] when the decision is not possible where the run stands;
/// the others when the record could not be used.
pub async fn tell<J: Journal>(
    plan: &UpgradePlan,
    run: &RunId,
    journal: &J,
    actor: &Actor,
    word: Word,
    now: jiff::Timestamp,
) -> Result<RunState, TellError> {
    let steps = Steps::of(plan).map_err(TellError::Steps)?;
    let stream = stream_of(run).map_err(TellError::Stream)?;
    let input = Input::Said(word);
    let mut tries = 0;
    loop {
        let events = journal.read(&stream, 0).await.map_err(TellError::Read)?;
        let mut state = fold(&events).map_err(TellError::Event)?;
        if let Some(started) = state.started()
            && started.plan != plan.content_hash
        {
            return Err(TellError::OtherPlan {
                run: run.clone(),
                started: started.plan.clone(),
                given: plan.content_hash.clone(),
            });
        }
        let decision =
            decide(&steps, &state, &Looks::default(), &input, now).map_err(|source| {
                TellError::Word {
                    run: run.clone(),
                    source,
                }
            })?;
        let mut written = Vec::with_capacity(decision.events.len());
        for event in &decision.events {
            written.push(NewEvent {
                at: now,
                actor: actor.clone(),
                body: serde_json::to_value(event).map_err(TellError::Write)?,
            });
        }
        match journal
            .append(&stream, state.seq(), Guard::Open, &written)
            .await
        {
            Ok(last) => {
                for event in &decision.events {
                    state.took(now, event, last);
                }
                return Ok(state);
            }
            Err(AppendError::Conflict { .. }) if tries < TRIES => tries += 1,
            Err(error) => return Err(TellError::Append(error)),
        }
    }
}
