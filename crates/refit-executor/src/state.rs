//! The state of a run: a fold of its events, and of nothing else.

mod step;

use crate::event::{EventError, OldHolder, RunEvent};
use crate::phase::{RunPhase, StepPhase};
use refit_model::act::{Epoch, Fence, Trace};
use refit_model::event::Recorded;
use refit_model::hash::ContentHash;
use refit_model::name::{ClusterId, Incarnation, OpKey, RunId, StepId};
use refit_model::rehearsal::Ending;
use refit_model::standing::Standing;
use std::collections::{BTreeMap, BTreeSet};

/// What the events of a run add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunState {
    started: Option<Started>,
    lease: Option<Holding>,
    fence: Option<(Epoch, Fence)>,
    steps: BTreeMap<StepId, StepState>,
    active: BTreeSet<StepId>,
    settled: usize,
    pause: Option<String>,
    abort: Option<String>,
    stopped: Vec<String>,
    end: Option<End>,
    seq: u64,
}

/// How the run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub run: RunId,
    /// The plan, by its hash.
    pub plan: ContentHash,
    /// What it may act on.
    pub cluster: ClusterId,
    /// When.
    pub at: jiff::Timestamp,
}

/// Under which lease the run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its number.
    pub epoch: Epoch,
    /// Whose it is.
    pub holder: Incarnation,
    /// What was known of the one before when it was taken.
    pub old_holder: OldHolder,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Completed(Vec<String>),
    Aborted(String),
}

/// What the events of a step add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepState {
    /// Where it stands.
    pub phase: StepPhase,
    /// When its first event came.
    pub began: jiff::Timestamp,
    /// From when its time-out counts.
    pub clock: jiff::Timestamp,
    /// The decided try, from 1.
    pub attempt: u32,
    /// How many intents this try has recorded that were not proven to have had
    /// no effect.
    pub sent: u32,
    /// When the newest of them was recorded.
    pub sent_at: Option<jiff::Timestamp>,
    /// The intent whose answer is not recorded, or was lost.
    pub open: Option<Open>,
    /// What the target said it knows of that intent, when it was asked.
    pub trace: Option<Trace>,
    /// Whether the target took on an intent of this try.
    pub taken_on: bool,
    /// How it was last recorded to stand, and since when.
    pub waits: Option<(Standing, jiff::Timestamp)>,
    /// What holds the act back, as the target said.
    pub held_by: Vec<String>,
    /// Whether a person signed for it.
    pub signed: Option<String>,
    /// The sentence of the newest event that had one.
    pub because: String,
}

/// An intent without a recorded answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its key.
    pub key: OpKey,
    /// The lease under which it was sent.
    pub epoch: Epoch,
    /// Who sent it.
    pub holder: Option<Incarnation>,
}

/// Folds the events of a run.
///
/// # Errors
/// [`EventError`] when one of them cannot be read.
pub fn fold(events: &[Recorded]) -> Result<RunState, EventError> {
    let mut state = RunState::default();
    for recorded in events {
        state.take_in(recorded)?;
    }
    Ok(state)
}

impl RunState {
    /// Adds one recorded event.
    ///
    /// # Errors
    /// [`EventError`] when it cannot be read; the state is as before then.
    pub fn take_in(&mut self, recorded: &Recorded) -> Result<RunEvent, EventError> {
        let event = RunEvent::of(recorded)?;
        self.apply(recorded.event.at, &event);
        self.seq = recorded.seq;
        Ok(event)
    }

    /// Adds an event that this process recorded itself.
    pub(crate) fn took(&mut self, at: jiff::Timestamp, event: &RunEvent, seq: u64) {
        self.apply(at, event);
        self.seq = seq;
    }

    /// How the run began; nothing when it has not.
    #[must_use]
    pub const fn started(&self) -> Option<&Started> {
        self.started.as_ref()
    }

    /// The newest lease that was recorded.
    #[must_use]
    pub const fn lease(&self) -> Option<&Holding> {
        self.lease.as_ref()
    }

    /// Whether the target was asked to refuse epochs below `epoch`, and what it
    /// said.
    #[must_use]
    pub fn fence_at(&self, epoch: Epoch) -> Option<Fence> {
        self.fence
            .filter(|(asked, _)| *asked == epoch)
            .map(|(_, fence)| fence)
    }

    /// The place of the newest event.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The step, when anything was recorded of it.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&StepState> {
        self.steps.get(id)
    }

    /// Every step of which anything was recorded.
    pub fn steps(&self) -> impl Iterator<Item = (&StepId, &StepState)> {
        self.steps.iter()
    }

    /// The steps that have begun and not ended, by id.
    pub fn active(&self) -> impl Iterator<Item = (&StepId, &StepState)> {
        self.active
            .iter()
            .filter_map(|id| self.steps.get_key_value(id))
    }

    /// How many steps have ended so that others may start.
    #[must_use]
    pub const fn settled(&self) -> usize {
        self.settled
    }

    /// Why the run shall pause, when a person asked for it.
    #[must_use]
    pub fn pause(&self) -> Option<&str> {
        self.pause.as_deref()
    }

    /// Why the run shall be given up, when a person asked for it.
    #[must_use]
    pub fn abort(&self) -> Option<&str> {
        self.abort.as_deref()
    }

    /// Why the run does not go on by itself; empty while it does.
    #[must_use]
    pub fn reasons(&self) -> &[String] {
        &self.stopped
    }

    /// Whether a step waits for a person.
    #[must_use]
    pub fn waits_for_a_person(&self) -> bool {
        self.active()
            .any(|(_, step)| step.phase.waits_for_a_person())
    }

    /// Where the run stands.
    #[must_use]
    pub fn phase(&self) -> RunPhase {
        match &self.end {
            Some(End::Aborted(_)) => return RunPhase::Aborted,
            Some(End::Completed(exceptions)) if exceptions.is_empty() => {
                return RunPhase::Succeeded;
            }
            Some(End::Completed(_)) => return RunPhase::SucceededWithExceptions,
            None => {}
        }
        if self.started.is_none() {
            return RunPhase::Scheduled;
        }
        if self.abort.is_some() {
            return RunPhase::Aborting;
        }
        let phase = |wanted: StepPhase| self.steps.values().any(|step| step.phase == wanted);
        let in_flight = self.active().any(|(_, step)| step.phase.is_in_flight());
        if self.pause.is_some() {
            return if in_flight {
                RunPhase::Pausing
            } else {
                RunPhase::Paused
            };
        }
        if self.stopped.is_empty() {
            return RunPhase::Running;
        }
        if phase(StepPhase::RollbackFailed) {
            return RunPhase::Failed;
        }
        RunPhase::Waiting
    }

    /// How the run ended or came to a stop; nothing while it goes on.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        match &self.end {
            Some(End::Completed(exceptions)) if exceptions.is_empty() => Some(Ending::Succeeded),
            Some(End::Completed(exceptions)) => {
                Some(Ending::SucceededWithExceptions(exceptions.join("; ")))
            }
            Some(End::Aborted(reason)) => Some(Ending::Stopped(format!("given up: {reason}"))),
            None if self.stopped.is_empty() => None,
            None => Some(Ending::Stopped(self.stopped.join("; "))),
        }
    }

    /// Adds one event that happened at `at`.
    pub fn apply(&mut self, at: jiff::Timestamp, event: &RunEvent) {
        if let Some(id) = event.step() {
            self.apply_to_step(id, at, event);
        } else {
            self.apply_to_run(at, event);
        }
    }

    fn apply_to_run(&mut self, at: jiff::Timestamp, event: &RunEvent) {
        match event {
            RunEvent::Started {
                run, plan, cluster, ..
            } => {
                self.started = Some(Started {
                    run: run.clone(),
                    plan: plan.clone(),
                    cluster: cluster.clone(),
                    at,
                });
            }
            RunEvent::Leased {
                epoch,
                holder,
                old_holder,
            } => {
                let another = self.lease.as_ref().is_none_or(|old| old.holder != *holder);
                self.lease = Some(Holding {
                    epoch: *epoch,
                    holder: holder.clone(),
                    old_holder: *old_holder,
                });
                // While no process looked, no time counted against a step.
                if another {
                    self.restart_clocks(at);
                }
                self.stopped.clear();
            }
            RunEvent::FenceAsked { epoch, fence } => self.fence = Some((*epoch, *fence)),
            RunEvent::PauseAsked { reason } => self.pause = Some(reason.clone()),
            RunEvent::ResumeAsked {} => {
                self.pause = None;
                self.stopped.clear();
                self.restart_clocks(at);
            }
            RunEvent::AbortAsked { reason } => self.abort = Some(reason.clone()),
            RunEvent::Stopped { reasons } => self.stopped.clone_from(reasons),
            RunEvent::Completed { exceptions } => {
                self.end = Some(End::Completed(exceptions.clone()));
                self.stopped.clear();
            }
            RunEvent::Aborted { reason, .. } => {
                self.end = Some(End::Aborted(reason.clone()));
                for id in std::mem::take(&mut self.active) {
                    if let Some(step) = self.steps.get_mut(&id) {
                        step.phase = StepPhase::Aborted;
                    }
                }
            }
            RunEvent::Began { .. }
            | RunEvent::Waits { .. }
            | RunEvent::Intended { .. }
            | RunEvent::Acknowledged { .. }
            | RunEvent::Refused { .. }
            | RunEvent::Lost { .. }
            | RunEvent::Probed { .. }
            | RunEvent::NotArrived { .. }
            | RunEvent::Arrived { .. }
            | RunEvent::Reached { .. }
            | RunEvent::Slipped { .. }
            | RunEvent::Succeeded { .. }
            | RunEvent::Notified { .. }
            | RunEvent::CheckFailed { .. }
            | RunEvent::Failed { .. }
            | RunEvent::NeedsPerson { .. }
            | RunEvent::Retried { .. }
            | RunEvent::Skipped { .. }
            | RunEvent::SignedFor { .. }
            | RunEvent::DoneByHand { .. } => {}
        }
    }

    fn restart_clocks(&mut self, at: jiff::Timestamp) {
        for id in &self.active {
            if let Some(step) = self.steps.get_mut(id) {
                step.clock = at;
                if let Some((_, since)) = &mut step.waits {
                    *since = at;
                }
            }
        }
    }

    fn apply_to_step(&mut self, id: &StepId, at: jiff::Timestamp, event: &RunEvent) {
        let holder = self.lease.as_ref().map(|lease| lease.holder.clone());
        let step = self
            .steps
            .entry(id.clone())
            .or_insert_with(|| StepState::new(at));
        // What has ended stays ended, whatever is written behind it.
        if step.phase.is_terminal() {
            return;
        }
        step.apply(at, event, holder);
        let phase = step.phase;
        if phase.is_terminal() {
            self.active.remove(id);
        } else {
            self.active.insert(id.clone());
        }
        if phase.lets_others_start() {
            self.settled = self.settled.saturating_add(1);
        }
        // A decision about a step sets a run going that had stopped.
        if matches!(
            event,
            RunEvent::Retried { .. } | RunEvent::Skipped { .. } | RunEvent::SignedFor { .. }
        ) {
            self.stopped.clear();
        }
    }
}

#[cfg(test)]
mod tests;
