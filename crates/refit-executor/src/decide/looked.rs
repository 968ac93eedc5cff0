//! What a look at a step means.

use super::before::before_the_act;
use super::send::send;
use super::wait::{OnOverdue, interval, look_again, wait};
use super::{At, Decision};
use crate::event::RunEvent;
use crate::looks::Look;
use crate::phase::StepPhase;
use crate::sight::{Sight, keeps_hold, sight};
use crate::state::StepState;
use crate::steps::class_of;
use refit_model::name::StepId;
use refit_model::snapshot::Snapshot;
use refit_model::standing::Standing;
use refit_model::step::Step;

pub(super) fn observed(at: &At<'_>, id: &StepId, snapshot: &Snapshot) -> Decision {
    let (Some(step), Some(found)) = (at.steps.get(id), at.state.step(id)) else {
        return Decision::default();
    };
    let seen = sight(step, snapshot);
    let sent_on = keeps_hold(step, snapshot);
    match (found.phase, seen) {
        // A look that was under way when something else stopped the run.
        (StepPhase::Checking, _) if !at.may_start() => Decision::default(),
        (
            StepPhase::Checking | StepPhase::Acting | StepPhase::Unknown | StepPhase::Verifying,
            Sight::End(why),
        ) => end_seen(at, step, found, &why),
        (StepPhase::Checking, Sight::ForAPerson(what)) => super::before::ask_a_person(step, what),
        (StepPhase::Checking, Sight::NotYet(standing)) => before_the_act(at, step, found, standing),
        (StepPhase::Verifying, seen) => {
            let standing = not_yet(seen);
            if found.signed.is_some() {
                return wait(at, step, found, standing, OnOverdue::NeedsPerson);
            }
            Decision {
                events: vec![RunEvent::Slipped {
                    step: step.id.clone(),
                    standing,
                }],
                looks: look_again(at, step),
                ..Decision::default()
            }
        }
        (StepPhase::Unknown, seen) if !class_of(step).may_resend() => {
            super::recover::looked(at, step, found, not_yet(seen))
        }
        (StepPhase::Acting | StepPhase::Unknown, seen) => {
            let standing = not_yet(seen);
            let may_send = sent_on && !matches!(standing, Standing::Unseen(_));
            let decision = wait(at, step, found, standing, OnOverdue::Fails);
            if may_send && !ends(&decision) && resend_is_due(at, step, found) {
                return with_events(decision.events, send(at, step, found));
            }
            decision
        }
        // The step was decided about while the look was under way.
        (
            StepPhase::Blocked
            | StepPhase::Ready
            | StepPhase::CheckFailed
            | StepPhase::Intended
            | StepPhase::Succeeded
            | StepPhase::Failed
            | StepPhase::NeedsPerson
            | StepPhase::Skipped
            | StepPhase::DoneByHand
            | StepPhase::RollingBack
            | StepPhase::RolledBack
            | StepPhase::RollbackFailed
            | StepPhase::Aborted,
            _,
        ) => Decision::default(),
    }
}

fn not_yet(seen: Sight) -> Standing {
    match seen {
        Sight::NotYet(standing) => standing,
        Sight::End(why) | Sight::ForAPerson(why) => Standing::Ready(why),
    }
}

fn end_seen(at: &At<'_>, step: &Step, found: &StepState, why: &str) -> Decision {
    let mut decision = Decision::default();
    if found.phase != StepPhase::Verifying {
        decision.events.push(RunEvent::Reached {
            step: step.id.clone(),
            because: why.to_owned(),
        });
    }
    let in_a_row = at.looks.at(&step.id).in_a_row.saturating_add(1);
    if in_a_row < step.settle.samples {
        decision.looks.step = Some((
            step.id.clone(),
            Some(Look {
                next: Some(interval(step).after(at.now)),
                in_a_row,
            }),
        ));
        return decision;
    }
    decision.looks.step = Some((step.id.clone(), None));
    decision.events.push(if found.signed.is_some() {
        RunEvent::DoneByHand {
            step: step.id.clone(),
            because: why.to_owned(),
        }
    } else {
        RunEvent::Succeeded {
            step: step.id.clone(),
            because: why.to_owned(),
        }
    });
    decision
}

/// Whether the same key is to be sent now: because nobody knows whether it
/// arrived, or because the plan sends it again until the end is reached.
fn resend_is_due(at: &At<'_>, step: &Step, found: &StepState) -> bool {
    if !at.may_send_again() || !class_of(step).may_resend() || step.act.is_none() {
        return false;
    }
    if found.phase == StepPhase::Unknown {
        return true;
    }
    let Some(interval) = step.resend else {
        return false;
    };
    found
        .sent_at
        .is_some_and(|sent| interval.after(sent) <= at.now)
}

fn with_events(mut events: Vec<RunEvent>, mut decision: Decision) -> Decision {
    events.append(&mut decision.events);
    Decision { events, ..decision }
}

fn ends(decision: &Decision) -> bool {
    decision
        .events
        .iter()
        .any(|event| matches!(event, RunEvent::Failed { .. }))
}
