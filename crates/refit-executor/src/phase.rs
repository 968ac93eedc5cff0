//! The life cycles of runs and steps: their names, and which of them end.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunPhase {
    /// Nothing has been recorded of it.
    Scheduled,
    /// It cannot go on by itself, and says why: a person has to decide.
    Waiting,
    /// It goes on.
    Running,
    /// A person asked for a pause; what was sent is still being watched.
    Pausing,
    /// It starts nothing until a person lets it.
    Paused,
    /// A person asked to give it up.
    Aborting,
    /// It was given up.
    Aborted,
    /// Every step succeeded.
    Succeeded,
    /// It ended, and some steps were skipped or done by hand.
    SucceededWithExceptions,
    /// It ended in a way that no decision about a step can mend.
    ///
    /// A step that fails does not bring a run here: the run waits, because a
    /// person can still retry, skip or replace that step. Only a rollback that
    /// failed does, and this version has no automatic rollback.
    Failed,
}

impl RunPhase {
    /// Whether it is never left.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Aborted | Self::Succeeded | Self::SucceededWithExceptions | Self::Failed => true,
            Self::Scheduled
            | Self::Waiting
            | Self::Running
            | Self::Pausing
            | Self::Paused
            | Self::Aborting => false,
        }
    }
}

impl fmt::Display for RunPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Scheduled => "scheduled",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Aborting => "aborting",
            Self::Aborted => "aborted",
            Self::Succeeded => "succeeded",
            Self::SucceededWithExceptions => "succeeded with exceptions",
            Self::Failed => "failed",
        })
    }
}

/// Where a step stands.
///
/// Rolling back, rolled back and rollback failed are part of the life cycle and
/// have no way into them yet: in this version a way back is another step of the
/// plan, or a person's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepPhase {
    /// Steps before it have not ended.
    Blocked,
    /// It may start as soon as there is room.
    Ready,
    /// What it expects is being looked at.
    Checking,
    /// What it expects does not hold; nothing was sent.
    CheckFailed,
    /// The intent is recorded; the answer is not.
    Intended,
    /// The target took the act on, and the end is not yet seen.
    Acting,
    /// Nobody can say whether the act happened.
    Unknown,
    /// The end was seen, and has to be seen often enough; or a person signed
    /// for it, and it has to be seen at all.
    Verifying,
    /// The end was observed.
    Succeeded,
    /// The end was not observed in time, or the target refused the act.
    Failed,
    /// A person has to act or to decide.
    NeedsPerson,
    /// A person left it out, with a reason.
    Skipped,
    /// A person did it, and what can be observed of it was.
    DoneByHand,
    /// It is being undone.
    RollingBack,
    /// It was undone.
    RolledBack,
    /// It could not be undone.
    RollbackFailed,
    /// The run was given up before it ended.
    Aborted,
}

impl StepPhase {
    /// All phases, in the order of the life cycle.
    pub const ALL: [Self; 17] = [
        Self::Blocked,
        Self::Ready,
        Self::Checking,
        Self::CheckFailed,
        Self::Intended,
        Self::Acting,
        Self::Unknown,
        Self::Verifying,
        Self::Succeeded,
        Self::Failed,
        Self::NeedsPerson,
        Self::Skipped,
        Self::DoneByHand,
        Self::RollingBack,
        Self::RolledBack,
        Self::RollbackFailed,
        Self::Aborted,
    ];

    /// Whether it is never left.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded
            | Self::Skipped
            | Self::DoneByHand
            | Self::RolledBack
            | Self::RollbackFailed
            | Self::Aborted => true,
            Self::Blocked
            | Self::Ready
            | Self::Checking
            | Self::CheckFailed
            | Self::Intended
            | Self::Acting
            | Self::Unknown
            | Self::Verifying
            | Self::Failed
            | Self::NeedsPerson
            | Self::RollingBack => false,
        }
    }

    /// Whether the steps behind it may start.
    #[must_use]
    pub const fn lets_others_start(self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped | Self::DoneByHand)
    }

    /// Whether only a person's decision leads on from here.
    #[must_use]
    pub const fn waits_for_a_person(self) -> bool {
        matches!(self, Self::CheckFailed | Self::Failed | Self::NeedsPerson)
    }

    /// Whether something was sent, or signed for, whose end is being watched.
    #[must_use]
    pub const fn is_in_flight(self) -> bool {
        matches!(
            self,
            Self::Intended | Self::Acting | Self::Unknown | Self::Verifying | Self::RollingBack
        )
    }
}

impl fmt::Display for StepPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blocked => "blocked",
            Self::Ready => "ready",
            Self::Checking => "checking",
            Self::CheckFailed => "check failed",
            Self::Intended => "intended",
            Self::Acting => "acting",
            Self::Unknown => "unknown",
            Self::Verifying => "verifying",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::NeedsPerson => "needs a person",
            Self::Skipped => "skipped",
            Self::DoneByHand => "done by hand",
            Self::RollingBack => "rolling back",
            Self::RolledBack => "rolled back",
            Self::RollbackFailed => "rollback failed",
            Self::Aborted => "aborted",
        })
    }
}
