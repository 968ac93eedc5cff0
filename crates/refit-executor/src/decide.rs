//! The decision core: what happened and the time go in, events to record and
//! commands to carry out come out.
//!
//! No clock, no randomness, nothing that waits. The rules, from the step's
//! first look to its end:
//!
//! - A step starts when every step before it has succeeded, was skipped or was
//!   done by hand, when there is room within the plan's pace, and when no step
//!   waits for a person: what one person has to decide about may be what the
//!   next step would make worse.
//! - *Checking*. An end that is already there ends the step without an act. What
//!   it expects must hold before the act is sent; *unseen* is looked at again
//!   until the time-out, *diverged* fails the check at once. A step without an
//!   act is looked at until its end is there; one that has only expectations
//!   and kinds that a machine can judge ends when all that it expects and keeps
//!   holds. A step with nothing to observe needs a person.
//! - *Intended* is recorded before anything is sent, and before every repetition.
//! - *Acting*: the target took it on. Whatever else is seen than the end (gone,
//!   diverged, a broken keep) is a reason to wait, until no change at all for
//!   the stall time, or the time-out, makes it a failure. Nothing is sent again
//!   while something that must be kept does not hold.
//! - *Verifying*: the end must be seen in so many looks in a row; one look that
//!   does not show it starts the count anew, and so does a restart.
//! - *Unknown*: see the module `recover`.

mod answer;
mod before;
mod looked;
mod recover;
mod send;
mod tick;
mod wait;
mod word;

use crate::event::{OldHolder, RunEvent};
use crate::looks::{Looks, LooksChange};
use crate::state::RunState;
use crate::steps::Steps;
use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::hash::ContentHash;
use refit_model::name::{ClusterId, Incarnation, OpKey, RunId, StepId};
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;

pub use word::{Word, WordError};

/// Something that happened outside the core.
#[derive(Clone, Debug)]
pub enum Input {
    /// The lease was taken, at the start, on resuming, or for a higher epoch.
    Taken(Taken),
    /// Nothing but time.
    Tick,
    /// The answer to [`Command::Observe`].
    Observed {
        /// The step.
        step: StepId,
        /// What was seen.
        snapshot: Box<Snapshot>,
    },
    /// The answer to [`Command::Send`].
    Answered {
        /// The step.
        step: StepId,
        /// The key that was sent.
        key: OpKey,
        /// What the target said.
        answer: Answer,
    },
    /// The answer to [`Command::Fence`].
    FenceAnswered {
        /// The epoch below which the target was asked to refuse.
        epoch: Epoch,
        /// What it said.
        fence: Fence,
    },
    /// The answer to [`Command::Probe`].
    Probed {
        /// The step.
        step: StepId,
        /// What the target said.
        trace: Trace,
    },
    /// A person decided something.
    Said(Word),
}

/// The lease that was taken, and for what.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The run.
    pub run: RunId,
    /// Its plan, by its hash.
    pub plan: ContentHash,
    /// On what.
    pub cluster: ClusterId,
    /// The lease's number.
    pub epoch: Epoch,
    /// Whose it is.
    pub holder: Incarnation,
    /// What is known of the one before.
    pub old_holder: OldHolder,
}

/// Something that the driver shall do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Look, and answer with [`Input::Observed`].
    Observe {
        /// The step.
        step: StepId,
        /// What to look at.
        queries: Vec<Query>,
    },
    /// Send, and answer with [`Input::Answered`]. Its intent is among the events
    /// of the same decision, which are recorded first.
    Send {
        /// The step.
        step: StepId,
        /// What to send.
        intent: Box<Intent>,
    },
    /// Ask the target to refuse lower epochs, and answer with
    /// [`Input::FenceAnswered`].
    Fence(Epoch),
    /// Ask the target what it knows, and answer with [`Input::Probed`].
    Probe {
        /// The step.
        step: StepId,
        /// The key.
        key: OpKey,
    },
    /// Take the lease again, under a higher epoch, and answer with
    /// [`Input::Taken`].
    RaiseEpoch,
    /// Let time pass until then.
    WakeAt(jiff::Timestamp),
    /// Stop: there is nothing that this process could do.
    Stop(Ending),
    /// Stop and write nothing more: the target follows this higher epoch.
    Yield(Epoch),
}

/// What the core decided.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// To be recorded, all or none, before any command is carried out.
    pub events: Vec<RunEvent>,
    /// To be carried out, in this order.
    pub commands: Vec<Command>,
    /// To be remembered once the events are recorded.
    pub looks: LooksChange,
}

/// Decides what `input` means at `now`.
///
/// # Errors
/// [`WordError`] when a person asked for something that cannot be; no other
/// input is refused.
pub fn decide(
    steps: &Steps<'_>,
    state: &RunState,
    looks: &Looks,
    input: &Input,
    now: jiff::Timestamp,
) -> Result<Decision, WordError> {
    let at = At {
        steps,
        state,
        looks,
        now,
    };
    Ok(match input {
        Input::Taken(taken) => recover::taken(&at, taken),
        Input::Tick => tick::tick(&at),
        Input::Observed { step, snapshot } => looked::observed(&at, step, snapshot),
        Input::Answered { step, key, answer } => answer::answered(&at, step, key, answer),
        Input::FenceAnswered { epoch, fence } => Decision {
            events: vec![RunEvent::FenceAsked {
                epoch: *epoch,
                fence: *fence,
            }],
            ..Decision::default()
        },
        Input::Probed { step, trace } => recover::probed(&at, step, trace),
        Input::Said(word) => word::said(&at, word)?,
    })
}

/// All that a decision is made from, but the input.
struct At<'a> {
    steps: &'a Steps<'a>,
    state: &'a RunState,
    looks: &'a Looks,
    now: jiff::Timestamp,
}

impl At<'_> {
    /// Whether what was sent may be sent again: a pause and an abort hold back
    /// every send, while trouble with one step lets the others go on.
    fn may_send_again(&self) -> bool {
        self.state.pause().is_none() && self.state.abort().is_none()
    }

    /// Whether something new may be started or sent for the first time.
    fn may_start(&self) -> bool {
        self.may_send_again() && !self.state.waits_for_a_person()
    }
}

#[cfg(test)]
mod tests;
