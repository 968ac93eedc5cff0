//! What one event does to one step.

use super::{Open, StepState};
use crate::event::RunEvent;
use crate::phase::StepPhase;
use refit_model::act::{Refusal, Trace};
use refit_model::name::Incarnation;
use refit_model::standing::Standing;

impl StepState {
    pub(super) fn new(at: jiff::Timestamp) -> Self {
        Self {
            phase: StepPhase::Blocked,
            began: at,
            clock: at,
            attempt: 1,
            sent: 0,
            sent_at: None,
            open: None,
            trace: None,
            taken_on: false,
            waits: None,
            held_by: Vec::new(),
            signed: None,
            because: String::new(),
        }
    }

    /// Where the step falls back to when its end is not seen any more.
    const fn before_the_end(&self) -> StepPhase {
        if self.signed.is_some() {
            StepPhase::Verifying
        } else if self.open.is_some() {
            StepPhase::Unknown
        } else if self.sent > 0 {
            StepPhase::Acting
        } else {
            StepPhase::Checking
        }
    }

    fn come_to(&mut self, phase: StepPhase, because: &str) {
        self.phase = phase;
        because.clone_into(&mut self.because);
    }

    fn wait(&mut self, at: jiff::Timestamp, standing: &Standing) {
        standing.because().clone_into(&mut self.because);
        self.waits = Some((standing.clone(), at));
    }

    /// A person decided: what was before counts no more.
    fn start_over(&mut self, at: jiff::Timestamp) {
        self.clock = at;
        self.open = None;
        self.waits = None;
        self.held_by.clear();
    }

    pub(super) fn apply(
        &mut self,
        at: jiff::Timestamp,
        event: &RunEvent,
        holder: Option<Incarnation>,
    ) {
        match event {
            RunEvent::Began { .. } => {
                self.phase = StepPhase::Checking;
                self.clock = at;
            }
            RunEvent::Waits { standing, .. } => self.wait(at, standing),
            RunEvent::Intended {
                key,
                epoch,
                attempt,
                ..
            } => {
                self.phase = StepPhase::Intended;
                self.attempt = *attempt;
                // Once for each try: what a target puts off again and again
                // must not postpone the time-out as well.
                if self.sent_at.is_none() {
                    self.clock = at;
                    self.waits = None;
                }
                self.sent = self.sent.saturating_add(1);
                self.sent_at = Some(at);
                self.open = Some(Open {
                    key: key.clone(),
                    epoch: *epoch,
                    holder,
                });
            }
            RunEvent::Acknowledged { waits_on, .. } => {
                self.phase = StepPhase::Acting;
                self.open = None;
                self.taken_on = true;
                self.held_by.clone_from(waits_on);
            }
            RunEvent::Refused { refusal, .. } => self.refused(refusal),
            RunEvent::Lost { why, .. } => {
                self.trace = None;
                self.come_to(StepPhase::Unknown, why);
            }
            RunEvent::Probed { trace, .. } => {
                self.trace = Some(trace.clone());
                // What a target cannot tell says nothing of the step: why nobody
                // knows is what was said of it before.
                if let Trace::Present(why) = trace {
                    why.clone_into(&mut self.because);
                }
            }
            RunEvent::NotArrived { because, .. } => {
                self.open = None;
                self.sent = self.sent.saturating_sub(1);
                let phase = self.before_the_end();
                self.come_to(phase, because);
            }
            RunEvent::Arrived { because, .. } => {
                self.open = None;
                self.taken_on = true;
                self.come_to(StepPhase::Acting, because);
            }
            RunEvent::Reached { because, .. } => {
                self.come_to(StepPhase::Verifying, because);
            }
            RunEvent::Slipped { standing, .. } => {
                self.phase = self.before_the_end();
                self.wait(at, standing);
            }
            RunEvent::Succeeded { because, .. } => self.come_to(StepPhase::Succeeded, because),
            RunEvent::Notified { message, .. } => {
                self.phase = StepPhase::Acting;
                self.sent = self.sent.saturating_add(1);
                self.taken_on = true;
                message.clone_into(&mut self.because);
            }
            RunEvent::CheckFailed { because, .. } => {
                self.come_to(StepPhase::CheckFailed, because);
            }
            RunEvent::Failed { because, .. } => self.come_to(StepPhase::Failed, because),
            RunEvent::NeedsPerson { because, .. } => {
                self.come_to(StepPhase::NeedsPerson, because);
            }
            RunEvent::Retried { reason, .. } => {
                self.start_over(at);
                self.attempt = self.attempt.saturating_add(1);
                self.sent = 0;
                self.sent_at = None;
                self.taken_on = false;
                self.signed = None;
                self.come_to(StepPhase::Ready, reason);
            }
            RunEvent::Skipped { reason, .. } => self.come_to(StepPhase::Skipped, reason),
            RunEvent::SignedFor { evidence, .. } => {
                self.start_over(at);
                self.signed = Some(evidence.clone());
                self.come_to(StepPhase::Verifying, evidence);
            }
            RunEvent::DoneByHand { because, .. } => {
                self.come_to(StepPhase::DoneByHand, because);
            }
            RunEvent::Started { .. }
            | RunEvent::Leased { .. }
            | RunEvent::FenceAsked { .. }
            | RunEvent::PauseAsked { .. }
            | RunEvent::ResumeAsked {}
            | RunEvent::AbortAsked { .. }
            | RunEvent::Stopped { .. }
            | RunEvent::Completed { .. }
            | RunEvent::Aborted { .. } => {}
        }
    }

    fn refused(&mut self, refusal: &Refusal) {
        self.open = None;
        self.sent = self.sent.saturating_sub(1);
        let because = match refusal {
            Refusal::Fenced(epoch) => format!("the target already follows epoch {epoch}"),
            Refusal::NoHands(adapter) => format!("nothing here acts through {adapter}"),
            Refusal::Denied(why) | Refusal::Later { why, .. } => why.clone(),
        };
        // The first send of a try that did nothing leaves nothing to watch; a
        // repeated one leaves what the earlier ones began.
        let phase = if self.taken_on {
            StepPhase::Acting
        } else {
            StepPhase::Checking
        };
        self.come_to(phase, &because);
    }
}
