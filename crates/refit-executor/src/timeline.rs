//! The timeline of a run: what each step took and waited for, from its events.

use crate::event::{EventError, RunEvent};
use crate::phase::StepPhase;
use crate::state::RunState;
use refit_model::act::Refusal;
use refit_model::event::Recorded;
use refit_model::name::StepId;
use refit_model::standing::Standing;
use std::collections::BTreeMap;

/// One step on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepSpan {
    /// The step.
    pub step: StepId,
    /// When it began.
    pub begin: jiff::Timestamp,
    /// When it ended; nothing while it has not.
    pub end: Option<jiff::Timestamp>,
    /// Where it stands.
    pub outcome: StepPhase,
    /// The sentence that says why.
    pub because: String,
    /// What it waited for, each once, in the order in which it came up.
    pub waited_on: Vec<String>,
    /// The newest decided try.
    pub attempt: u32,
    /// How many times its act was sent, over all tries.
    pub sends: u32,
}

/// The steps of a run in the order in which they began.
///
/// # Errors
/// [`EventError`] when an event cannot be read.
pub fn timeline(events: &[Recorded]) -> Result<Vec<StepSpan>, EventError> {
    let mut state = RunState::default();
    let mut spans: Vec<StepSpan> = Vec::new();
    let mut places: BTreeMap<StepId, usize> = BTreeMap::new();
    for recorded in events {
        let at = recorded.event.at;
        let event = state.take_in(recorded)?;
        if let RunEvent::Aborted { .. } = &event {
            for span in spans.iter_mut().filter(|span| !span.outcome.is_terminal()) {
                span.outcome = StepPhase::Aborted;
                span.end = Some(at);
            }
        }
        let Some(id) = event.step() else {
            continue;
        };
        let place = *places.entry(id.clone()).or_insert_with(|| {
            spans.push(StepSpan {
                step: id.clone(),
                begin: at,
                end: None,
                outcome: StepPhase::Blocked,
                because: String::new(),
                waited_on: Vec::new(),
                attempt: 1,
                sends: 0,
            });
            spans.len() - 1
        });
        if let (Some(span), Some(found)) = (spans.get_mut(place), state.step(id)) {
            span.outcome = found.phase;
            found.because.clone_into(&mut span.because);
            span.attempt = found.attempt;
            // A step that waits for a person stands still, and may go on.
            let still = found.phase.is_terminal() || found.phase.waits_for_a_person();
            span.end = still.then_some(at);
            if matches!(event, RunEvent::Intended { .. } | RunEvent::Notified { .. }) {
                span.sends = span.sends.saturating_add(1);
            }
            let sent = if span.sends == 0 { Sent::No } else { Sent::Yes };
            for reason in waited_on(&event, sent) {
                if !span.waited_on.contains(&reason) {
                    span.waited_on.push(reason);
                }
            }
        }
    }
    Ok(spans)
}

/// Whether a step's act has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    No,
    Yes,
}

/// What an event says that a step waits for.
///
/// Once its act is sent, that its end is not there yet is no waiting: it is the
/// time that the act takes. What holds the act back is.
fn waited_on(event: &RunEvent, sent: Sent) -> Vec<String> {
    match event {
        RunEvent::Waits {
            standing: Standing::Ready(_) | Standing::Underway(_),
            ..
        } if sent == Sent::Yes => Vec::new(),
        RunEvent::Waits { standing, .. } | RunEvent::Slipped { standing, .. } => {
            vec![standing.because().to_owned()]
        }
        RunEvent::Acknowledged { waits_on, .. } => waits_on.clone(),
        RunEvent::Refused {
            refusal: Refusal::Later { why, .. },
            ..
        } => vec![why.clone()],
        RunEvent::NeedsPerson { because, .. } => vec![because.clone()],
        RunEvent::Lost { why, .. } => vec![why.clone()],
        RunEvent::Refused { .. }
        | RunEvent::Started { .. }
        | RunEvent::Leased { .. }
        | RunEvent::FenceAsked { .. }
        | RunEvent::Began { .. }
        | RunEvent::Intended { .. }
        | RunEvent::Probed { .. }
        | RunEvent::NotArrived { .. }
        | RunEvent::Arrived { .. }
        | RunEvent::Reached { .. }
        | RunEvent::Succeeded { .. }
        | RunEvent::Notified { .. }
        | RunEvent::CheckFailed { .. }
        | RunEvent::Failed { .. }
        | RunEvent::PauseAsked { .. }
        | RunEvent::ResumeAsked {}
        | RunEvent::AbortAsked { .. }
        | RunEvent::Retried { .. }
        | RunEvent::Skipped { .. }
        | RunEvent::SignedFor { .. }
        | RunEvent::DoneByHand { .. }
        | RunEvent::Stopped { .. }
        | RunEvent::Completed { .. }
        | RunEvent::Aborted { .. } => Vec::new(),
    }
}
