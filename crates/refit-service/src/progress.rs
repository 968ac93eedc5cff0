//! What a run does, one line for each thing that people want to know: a step
//! begins, waits, needs somebody, ends.

use refit_executor::RunEvent;
use refit_model::event::Recorded;
use refit_model::name::StepId;
use refit_model::plan::UpgradePlan;
use std::collections::BTreeMap;

/// Turns recorded events into lines.
#[derive(Debug)]
pub struct Narrator<F> {
    titles: BTreeMap<StepId, (usize, String)>,
    steps: usize,
    start: Option<jiff::Timestamp>,
    say: F,
}

impl<F: FnMut(&str)> Narrator<F> {
    /// A narrator for the runs of `plan`, who hands each line to `say`.
    pub fn new(plan: &UpgradePlan, say: F) -> Self {
        let titles: BTreeMap<_, _> = plan
            .steps()
            .zip(1..)
            .map(|((_, step), number)| (step.id.clone(), (number, step.title.clone())))
            .collect();
        Self {
            steps: titles.len(),
            titles,
            start: None,
            say,
        }
    }

    /// Tells of one event, if it is worth a line.
    pub fn hear(&mut self, recorded: &Recorded) {
        let Ok(event) = RunEvent::of(recorded) else {
            (self.say)(&format!(
                "event {} was written by another version and cannot be told",
                recorded.seq
            ));
            return;
        };
        let start = *self.start.get_or_insert(recorded.event.at);
        let at = refit_model::duration::Seconds::between(start, recorded.event.at);
        let Some(text) = self.words(&event) else {
            return;
        };
        (self.say)(&format!("{:>9}  {text}", at.to_string()));
    }

    fn words(&self, event: &RunEvent) -> Option<String> {
        let name = |step: &StepId| {
            self.titles.get(step).map_or_else(
                || step.to_string(),
                |(number, title)| format!("[{number}/{}] {title}", self.steps),
            )
        };
        Some(match event {
            RunEvent::Started { run, .. } => format!("run {run} begins"),
            RunEvent::Leased { epoch, .. } => format!("the lease is taken, epoch {epoch}"),
            RunEvent::Began { step, .. } => name(step),
            RunEvent::Waits { standing, .. } => format!("    waits: {}", standing.because()),
            RunEvent::Acknowledged { waits_on, .. } => {
                format!("    held back: {}", waits_on.first()?)
            }
            RunEvent::Refused { refusal, .. } => format!("    refused: {refusal:?}"),
            RunEvent::Lost { why, .. } => format!("    outcome unknown: {why}"),
            RunEvent::NotArrived { because, .. } => format!("    did not arrive: {because}"),
            RunEvent::Arrived { because, .. } => format!("    had arrived: {because}"),
            RunEvent::Slipped { standing, .. } => {
                format!("    not there any more: {}", standing.because())
            }
            RunEvent::Notified { audience, .. } => format!("    told {audience}"),
            RunEvent::CheckFailed { step, because, .. } => {
                format!("    check failed: {because} ({step})")
            }
            RunEvent::Failed { step, because, .. } => format!("    failed: {because} ({step})"),
            RunEvent::NeedsPerson { step, because, .. } => {
                format!("    needs a person: {because} ({step})")
            }
            RunEvent::PauseAsked { reason, .. } => format!("pause: {reason}"),
            RunEvent::ResumeAsked { .. } => "goes on after a pause".to_owned(),
            RunEvent::AbortAsked { reason, .. } => format!("is given up: {reason}"),
            RunEvent::Retried { step, reason, .. } => {
                format!("tries again: {}: {reason}", name(step))
            }
            RunEvent::Skipped { step, reason, .. } => format!("skips {}: {reason}", name(step)),
            RunEvent::SignedFor { step, evidence, .. } => {
                format!("by hand: {}: {evidence}", name(step))
            }
            RunEvent::Stopped { reasons, .. } => format!("stops: {}", reasons.join("; ")),
            RunEvent::Completed { .. } => "every step has ended".to_owned(),
            RunEvent::Aborted { reason, .. } => format!("was given up: {reason}"),
            RunEvent::FenceAsked { .. }
            | RunEvent::Intended { .. }
            | RunEvent::Probed { .. }
            | RunEvent::Reached { .. }
            | RunEvent::Succeeded { .. }
            | RunEvent::DoneByHand { .. } => return None,
        })
    }
}

/// What an event of a run says in a feed, as a phrase that follows the name of
/// the one in whose name it happened; nothing where it is only a detail.
pub(crate) fn phrase(event: &RunEvent) -> Option<String> {
    Some(match event {
        RunEvent::Started { run, .. } => format!("starts run {run}"),
        RunEvent::Began { .. } => "begins the step".to_owned(),
        RunEvent::Succeeded { because, .. } => format!("ends the step: {because}"),
        RunEvent::Refused { refusal, .. } => format!("is refused: {refusal:?}"),
        RunEvent::Lost { why, .. } => format!("does not know the outcome: {why}"),
        RunEvent::Notified { audience, .. } => format!("tells {audience}"),
        RunEvent::CheckFailed { because, .. } => format!("sees a check fail: {because}"),
        RunEvent::Failed { because, .. } => format!("fails: {because}"),
        RunEvent::NeedsPerson { because, .. } => format!("needs a person: {because}"),
        RunEvent::PauseAsked { reason, .. } => format!("pauses the run: {reason}"),
        RunEvent::ResumeAsked { .. } => "lets the run go on".to_owned(),
        RunEvent::AbortAsked { reason, .. } => format!("gives the run up: {reason}"),
        RunEvent::Retried { reason, .. } => format!("has the step tried again: {reason}"),
        RunEvent::Skipped { reason, .. } => format!("skips the step: {reason}"),
        RunEvent::SignedFor { evidence, .. } => format!("did the step by hand: {evidence}"),
        RunEvent::Stopped { reasons, .. } => format!("stops: {}", reasons.join("; ")),
        RunEvent::Completed { .. } => "ends the run".to_owned(),
        RunEvent::Aborted { reason, .. } => format!("has given the run up: {reason}"),
        RunEvent::Leased { .. }
        | RunEvent::FenceAsked { .. }
        | RunEvent::Waits { .. }
        | RunEvent::Intended { .. }
        | RunEvent::Acknowledged { .. }
        | RunEvent::Probed { .. }
        | RunEvent::NotArrived { .. }
        | RunEvent::Arrived { .. }
        | RunEvent::Reached { .. }
        | RunEvent::Slipped { .. }
        | RunEvent::DoneByHand { .. } => return None,
    })
}
