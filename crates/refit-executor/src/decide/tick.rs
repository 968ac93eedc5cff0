//! What is due when nothing but time has passed.

use super::recover::{self, Next};
use super::{At, Command, Decision};
use crate::event::RunEvent;
use crate::looks::LooksChange;
use crate::phase::StepPhase;
use crate::state::StepState;
use refit_model::name::StepId;
use refit_model::rehearsal::Ending;
use refit_model::step::{Step, WayBack};

/// How many steps beyond the first that has not begun are tried while others
/// are under way. Only a plan whose pace is above one looks ahead at all; the
/// bound keeps a decision from reading the whole of a plan of ten thousands of
/// steps. When nothing is under way the whole plan is tried.
const LOOK_AHEAD: usize = 256;

pub(super) fn tick(at: &At<'_>) -> Decision {
    if at.state.phase().is_terminal() {
        return stop(at);
    }
    if let Some(reason) = at.state.abort() {
        return Decision {
            events: vec![RunEvent::Aborted {
                reason: reason.to_owned(),
                left: left(at),
            }],
            ..Decision::default()
        };
    }
    let mut due = Due::default();
    let mut active: Vec<_> = at
        .state
        .active()
        .filter_map(|(id, step)| Some((at.steps.place(id)?, id, step)))
        .collect();
    active.sort_by_key(|(place, ..)| *place);
    let mut running = active
        .iter()
        .filter(|(_, _, step)| step.phase == StepPhase::Checking || step.phase.is_in_flight())
        .count();
    for (_, id, found) in active {
        let Some(step) = at.steps.get(id) else {
            continue;
        };
        if found.phase == StepPhase::Ready {
            if at.may_start() && running < at.steps.pace() {
                running += 1;
                due.begin(step);
            }
            continue;
        }
        due.go_on(at, step, found);
    }
    if at.may_start() {
        due.start_more(at, running);
    }
    due.decide(at)
}

/// What is due.
#[derive(Default)]
struct Due {
    decision: Decision,
    wake: Option<jiff::Timestamp>,
}

impl Due {
    fn begin(&mut self, step: &Step) {
        self.decision.events.push(RunEvent::Began {
            step: step.id.clone(),
        });
        self.look(step);
    }

    fn look(&mut self, step: &Step) {
        self.decision.commands.push(Command::Observe {
            step: step.id.clone(),
            queries: step.needs(),
        });
    }

    fn look_when_due(&mut self, at: &At<'_>, step: &Step) {
        match at.looks.at(&step.id).next {
            Some(next) if next > at.now => {
                self.wake = Some(self.wake.map_or(next, |wake| wake.min(next)));
            }
            Some(_) | None => self.look(step),
        }
    }

    fn go_on(&mut self, at: &At<'_>, step: &Step, found: &StepState) {
        match found.phase {
            StepPhase::Checking if at.may_start() => self.look_when_due(at, step),
            StepPhase::Verifying => match &found.signed {
                // Nothing can be observed of it: the person's word is all.
                Some(evidence) if step.reaches.is_empty() => {
                    self.decision.events.push(RunEvent::DoneByHand {
                        step: step.id.clone(),
                        because: evidence.clone(),
                    });
                }
                Some(_) | None => self.look_when_due(at, step),
            },
            StepPhase::Acting => self.look_when_due(at, step),
            StepPhase::Unknown => match recover::next(at, step, found) {
                Next::Look => self.look_when_due(at, step),
                Next::Ask(command) => self.decision.commands.push(command),
                Next::Record(event) => self.decision.events.push(event),
            },
            // Intended: its answer is on its way to this very process, or the
            // process is gone, and the next one makes it unknown.
            StepPhase::Intended
            | StepPhase::Checking
            | StepPhase::Blocked
            | StepPhase::Ready
            | StepPhase::CheckFailed
            | StepPhase::Succeeded
            | StepPhase::Failed
            | StepPhase::NeedsPerson
            | StepPhase::Skipped
            | StepPhase::DoneByHand
            | StepPhase::RollingBack
            | StepPhase::RolledBack
            | StepPhase::RollbackFailed
            | StepPhase::Aborted => {}
        }
    }

    fn start_more(&mut self, at: &At<'_>, mut running: usize) {
        let idle = running == 0;
        let mut cursor = None;
        for (place, step) in at.steps.from(at.looks.cursor()) {
            if running >= at.steps.pace() {
                break;
            }
            if at.state.step(&step.id).is_some() {
                continue;
            }
            let first = *cursor.get_or_insert(place);
            if !idle && place - first > LOOK_AHEAD {
                break;
            }
            if waits_for(at, step).is_none() {
                running += 1;
                self.begin(step);
            }
        }
        self.decision.looks = LooksChange { step: None, cursor };
    }

    fn decide(mut self, at: &At<'_>) -> Decision {
        if !self.decision.events.is_empty() || !self.decision.commands.is_empty() {
            return self.decision;
        }
        if let Some(wake) = self.wake {
            self.decision.commands.push(Command::WakeAt(wake));
            return self.decision;
        }
        if at.state.settled() >= at.steps.count() {
            self.decision.events.push(RunEvent::Completed {
                exceptions: exceptions(at),
            });
            return self.decision;
        }
        stop(at)
    }
}

/// The first step that `step` waits for.
fn waits_for<'a>(at: &At<'_>, step: &'a Step) -> Option<&'a StepId> {
    step.after.iter().find(|id| {
        at.state
            .step(id)
            .is_none_or(|before| !before.phase.lets_others_start())
    })
}

fn stop(at: &At<'_>) -> Decision {
    let mut decision = Decision::default();
    if at.state.phase().is_terminal()
        && let Some(ending) = at.state.ending()
    {
        decision.commands.push(Command::Stop(ending));
        return decision;
    }
    let reasons = reasons(at);
    let ending = Ending::Stopped(reasons.join("; "));
    if at.state.reasons() != reasons {
        decision.events.push(RunEvent::Stopped { reasons });
    }
    decision.commands.push(Command::Stop(ending));
    decision
}

/// Why the run does not go on by itself.
fn reasons(at: &At<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(why) = at.state.pause() {
        reasons.push(format!("paused: {why}"));
    }
    for (id, step) in at.state.active() {
        if step.phase.waits_for_a_person() {
            reasons.push(format!("{id}: {}: {}", step.phase, step.because));
        }
    }
    if reasons.is_empty() {
        let stuck = at
            .steps
            .from(0)
            .map(|(_, step)| step)
            .filter(|step| at.state.step(&step.id).is_none())
            .find_map(|step| Some((step, waits_for(at, step)?)));
        reasons.push(match stuck {
            Some((step, before)) => format!("{} waits for {before}, which has not ended", step.id),
            None => "no step can go on".to_owned(),
        });
    }
    reasons
}

/// What was skipped or done by hand.
fn exceptions(at: &At<'_>) -> Vec<String> {
    at.state
        .steps()
        .filter(|(_, step)| matches!(step.phase, StepPhase::Skipped | StepPhase::DoneByHand))
        // What is a person's by the plan is no exception when a person did it.
        .filter(|(id, step)| {
            step.phase == StepPhase::Skipped
                || at
                    .steps
                    .get(id)
                    .is_none_or(|step| !crate::steps::is_for_a_person(step))
        })
        .map(|(id, step)| format!("{id} was {}: {}", step.phase, step.because))
        .collect()
}

/// What an abort leaves as it is: what was under way, and what the stages that
/// have begun and not ended did without undoing it.
fn left(at: &At<'_>) -> Vec<String> {
    let mut left: Vec<_> = at
        .state
        .active()
        .filter(|(_, step)| step.sent > 0)
        .map(|(id, step)| format!("{id} was {}: {}", step.phase, step.because))
        .collect();
    let acted = |id: &StepId| at.state.step(id).filter(|step| step.sent > 0);
    for (stage, step) in at.steps.with_stages() {
        let ended = |step: &Step| {
            at.state
                .step(&step.id)
                .is_some_and(|found| found.phase.lets_others_start())
        };
        if acted(&step.id).is_none() {
            continue;
        }
        match &step.way_back {
            WayBack::RestoreOnly(how) => left.push(format!("{} stays: {how}", step.id)),
            WayBack::UndoneBy(how) | WayBack::ByHand(how) if !stage.steps.iter().all(ended) => {
                left.push(format!("{} stays: {how}", step.id));
            }
            WayBack::UndoneBy(_) | WayBack::ByHand(_) | WayBack::NothingToUndo => {}
        }
    }
    left
}
