//! Waiting: when to look again, what is recorded of it, and when it has been
//! too long.

use super::{At, Decision};
use crate::event::RunEvent;
use crate::looks::{Look, LooksChange};
use crate::state::StepState;
use refit_model::duration::Seconds;
use refit_model::standing::Standing;
use refit_model::step::Step;

/// The shortest time between two looks: a plan that asks for less would keep a
/// target busy with nothing but our questions. One second is what `kubectl
/// drain` does.
const SHORTEST_INTERVAL: Seconds = Seconds::new(1);

/// What waiting too long makes of a step.
#[derive(Clone, Copy)]
pub(super) enum OnOverdue {
    CheckFails,
    Fails,
    NeedsPerson,
}

/// Records what the step waits for, when that has changed, or that it has
/// waited too long.
pub(super) fn wait(
    at: &At<'_>,
    step: &Step,
    found: &StepState,
    standing: Standing,
    overdue: OnOverdue,
) -> Decision {
    let mut decision = Decision {
        looks: look_again(at, step),
        ..Decision::default()
    };
    if let Some(because) = too_long(at, step, found, &standing) {
        let step = step.id.clone();
        decision.looks.step = Some((step.clone(), None));
        decision.events.push(match overdue {
            OnOverdue::CheckFails => RunEvent::CheckFailed { step, because },
            OnOverdue::Fails => RunEvent::Failed { step, because },
            OnOverdue::NeedsPerson => RunEvent::NeedsPerson { step, because },
        });
        return decision;
    }
    if found.waits.as_ref().map(|(known, _)| known) != Some(&standing) {
        decision.events.push(RunEvent::Waits {
            step: step.id.clone(),
            standing,
        });
    }
    decision
}

pub(super) fn timed_out(at: &At<'_>, step: &Step, found: &StepState) -> bool {
    Seconds::between(found.clock, at.now) >= step.timeout
}

/// Why waiting has become a failure, if it has.
fn too_long(at: &At<'_>, step: &Step, found: &StepState, standing: &Standing) -> Option<String> {
    let because = standing.because();
    if timed_out(at, step, found) {
        return Some(format!("not done within {}: {because}", step.timeout));
    }
    // What cannot be seen may well be moving: only the time-out ends that.
    let stall = step
        .stall
        .filter(|_| !matches!(standing, Standing::Unseen(_)))?;
    let (known, since) = found.waits.as_ref()?;
    (known == standing && Seconds::between(*since, at.now) >= stall)
        .then(|| format!("stalled, no change for {stall}: {because}"))
}

/// The time between two looks.
pub(super) fn interval(step: &Step) -> Seconds {
    step.settle.every.max(SHORTEST_INTERVAL)
}

/// Look again after the step's interval, and count anew.
pub(super) fn look_again(at: &At<'_>, step: &Step) -> LooksChange {
    look_after(at, step, interval(step))
}

pub(super) fn look_after(at: &At<'_>, step: &Step, after: Seconds) -> LooksChange {
    LooksChange {
        step: Some((
            step.id.clone(),
            Some(Look {
                next: Some(after.after(at.now)),
                in_a_row: 0,
            }),
        )),
        cursor: None,
    }
}
