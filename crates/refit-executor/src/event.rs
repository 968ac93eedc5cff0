//! The events of a run: what the stream `run/ID` holds.
//!
//! Every variant is non-exhaustive, so that no other crate can make one: what
//! stands in a journal was decided by this core, in a real run and in a
//! rehearsal alike.

use refit_model::act::{Epoch, Fence, Refusal, Trace};
use refit_model::event::Recorded;
use refit_model::hash::ContentHash;
use refit_model::name::{ClusterId, Incarnation, NameError, OpKey, RunId, StepId, StreamId};
use refit_model::standing::Standing;
use serde::{Deserialize, Serialize};

/// The version of the events that this build writes.
pub const FORMAT: u16 = 1;

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum RunEvent {
    /// The run began; always the first event.
    #[non_exhaustive]
    Started {
        /// The version of these events.
        format: u16,
        /// The run.
        run: RunId,
        /// The plan, by its hash: another one is refused from here on.
        plan: ContentHash,
        /// What the run may act on.
        cluster: ClusterId,
    },
    /// A process took the lease on the target.
    #[non_exhaustive]
    Leased {
        /// The lease's number.
        epoch: Epoch,
        /// Whose it is.
        holder: Incarnation,
        /// What is known of the one before.
        old_holder: OldHolder,
    },
    /// The target was asked to refuse lower epochs.
    #[non_exhaustive]
    FenceAsked {
        /// The epoch below which it shall refuse.
        epoch: Epoch,
        /// Whether it will.
        fence: Fence,
    },

    /// The step is being looked at.
    #[non_exhaustive]
    Began {
        /// The step.
        step: StepId,
    },
    /// What the step waits for has changed.
    #[non_exhaustive]
    Waits {
        /// The step.
        step: StepId,
        /// How it was seen to stand.
        standing: Standing,
    },
    /// An act is about to be sent; nothing is ever sent without this.
    #[non_exhaustive]
    Intended {
        /// The step.
        step: StepId,
        /// The key under which the target will know it.
        key: OpKey,
        /// The lease under which it is sent.
        epoch: Epoch,
        /// The decided try that it belongs to, from 1.
        attempt: u32,
        /// When the sender stops waiting for an answer.
        deadline: jiff::Timestamp,
    },
    /// The target took the act on.
    #[non_exhaustive]
    Acknowledged {
        /// The step.
        step: StepId,
        /// The target's own name for it.
        operation: Option<String>,
        /// What holds parts of it back.
        waits_on: Vec<String>,
    },
    /// The target did nothing.
    #[non_exhaustive]
    Refused {
        /// The step.
        step: StepId,
        /// Why.
        refusal: Refusal,
    },
    /// Nobody can say whether what was sent had an effect.
    #[non_exhaustive]
    Lost {
        /// The step.
        step: StepId,
        /// Why not.
        why: String,
    },
    /// The target was asked what it knows of the key.
    #[non_exhaustive]
    Probed {
        /// The step.
        step: StepId,
        /// What it said.
        trace: Trace,
    },
    /// What was sent is proven to have had no effect, now and later.
    #[non_exhaustive]
    NotArrived {
        /// The step.
        step: StepId,
        /// The proof.
        because: String,
    },
    /// What was sent is known to have arrived.
    #[non_exhaustive]
    Arrived {
        /// The step.
        step: StepId,
        /// How we know.
        because: String,
    },
    /// The end was seen; it has to be seen often enough in a row.
    #[non_exhaustive]
    Reached {
        /// The step.
        step: StepId,
        /// What was seen.
        because: String,
    },
    /// The end had been seen and is not seen any more.
    #[non_exhaustive]
    Slipped {
        /// The step.
        step: StepId,
        /// How it was seen to stand.
        standing: Standing,
    },
    /// The end was seen often enough.
    #[non_exhaustive]
    Succeeded {
        /// The step.
        step: StepId,
        /// What was seen.
        because: String,
    },
    /// People were told: the record is the act, and what carries messages reads
    /// it from here.
    #[non_exhaustive]
    Notified {
        /// The step.
        step: StepId,
        /// Whom.
        audience: String,
        /// What.
        message: String,
    },
    /// What the step expects does not hold; nothing was sent.
    #[non_exhaustive]
    CheckFailed {
        /// The step.
        step: StepId,
        /// What was seen.
        because: String,
    },
    /// The step failed.
    #[non_exhaustive]
    Failed {
        /// The step.
        step: StepId,
        /// Why.
        because: String,
    },
    /// A person has to act or to decide.
    #[non_exhaustive]
    NeedsPerson {
        /// The step.
        step: StepId,
        /// What to do, or what to decide.
        because: String,
    },

    /// A person asked that nothing new is started.
    #[non_exhaustive]
    PauseAsked {
        /// Why.
        reason: String,
    },
    /// A person let the run go on.
    #[non_exhaustive]
    ResumeAsked {},
    /// A person gave the run up.
    #[non_exhaustive]
    AbortAsked {
        /// Why.
        reason: String,
    },
    /// A person decided on a new try, under a new key.
    #[non_exhaustive]
    Retried {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// A person left the step out.
    #[non_exhaustive]
    Skipped {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// A person says that the step is done.
    #[non_exhaustive]
    SignedFor {
        /// The step.
        step: StepId,
        /// What the person saw or did.
        evidence: String,
    },
    /// What a person signed for was observed, or cannot be observed.
    #[non_exhaustive]
    DoneByHand {
        /// The step.
        step: StepId,
        /// What was seen, or what the person said.
        because: String,
    },

    /// The run cannot go on by itself.
    #[non_exhaustive]
    Stopped {
        /// Why, one sentence each.
        reasons: Vec<String>,
    },
    /// Every step has ended.
    #[non_exhaustive]
    Completed {
        /// What was skipped or done by hand; empty when every step succeeded.
        exceptions: Vec<String>,
    },
    /// The run was given up.
    #[non_exhaustive]
    Aborted {
        /// Why.
        reason: String,
        /// What was left as it was, one sentence each.
        left: Vec<String>,
    },
}

/// What is known of the process that held the lease before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldHolder {
    /// It may still be there, paused, and send what it had decided.
    #[default]
    NotProven,
    /// It is known to be gone, and whatever it had sent has arrived or never
    /// will.
    ProvenDead,
}

/// An event that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("event {seq} of {stream} is not an event of a run that this version knows")]
pub struct EventError {
    /// The stream.
    pub stream: StreamId,
    /// The place in it.
    pub seq: u64,
    /// What the reader said.
    #[source]
    pub source: serde_json::Error,
}

impl RunEvent {
    /// Reads a recorded event.
    ///
    /// # Errors
    /// When its body is not an event of a run, or one of a later version.
    pub fn of(recorded: &Recorded) -> Result<Self, EventError> {
        // The body is read by reference: it may be large and is kept.
        Self::deserialize(&recorded.event.body).map_err(|source| EventError {
            stream: recorded.stream.clone(),
            seq: recorded.seq,
            source,
        })
    }

    /// The step that it is about, if it is about one.
    #[must_use]
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::Began { step }
            | Self::Waits { step, .. }
            | Self::Intended { step, .. }
            | Self::Acknowledged { step, .. }
            | Self::Refused { step, .. }
            | Self::Lost { step, .. }
            | Self::Probed { step, .. }
            | Self::NotArrived { step, .. }
            | Self::Arrived { step, .. }
            | Self::Reached { step, .. }
            | Self::Slipped { step, .. }
            | Self::Succeeded { step, .. }
            | Self::Notified { step, .. }
            | Self::CheckFailed { step, .. }
            | Self::Failed { step, .. }
            | Self::NeedsPerson { step, .. }
            | Self::Retried { step, .. }
            | Self::Skipped { step, .. }
            | Self::SignedFor { step, .. }
            | Self::DoneByHand { step, .. } => Some(step),
            Self::Started { .. }
            | Self::Leased { .. }
            | Self::FenceAsked { .. }
            | Self::PauseAsked { .. }
            | Self::ResumeAsked {}
            | Self::AbortAsked { .. }
            | Self::Stopped { .. }
            | Self::Completed { .. }
            | Self::Aborted { .. } => None,
        }
    }
}

/// The stream that holds the events of a run.
///
/// # Errors
/// When the run's id is so long that the stream's would break the rule of names.
pub fn stream_of(run: &RunId) -> Result<StreamId, NameError> {
    StreamId::new(format!("run/{run}"))
}
