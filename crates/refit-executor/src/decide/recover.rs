//! What happens after *unknown*: when an answer was lost, or the process that
//! waited for it.
//!
//! | Class | After unknown |
//! |---|---|
//! | read, converge, keyed, cas | raise the fence and ask for the key when another lease sent it; then look; send the same key again unless the end is there |
//! | probeable | raise the fence, ask for the key: present means watch; absent means send again, but only when nothing sent earlier can still arrive; cannot tell means a person |
//! | blind, human | a person |
//!
//! Nothing sent earlier can still arrive when the target refuses older epochs
//! from now on, or when the process that sent it is proven dead. For a reply
//! that this very process lost, the lease is taken again first, under a higher
//! epoch, so that the fence also shuts out its own late request.

use super::{At, Command, Decision, Taken};
use crate::event::{FORMAT, OldHolder, RunEvent};
use crate::looks::{Look, LooksChange};
use crate::phase::StepPhase;
use crate::state::{Open, StepState};
use crate::steps::class_of;
use refit_model::act::{EffectClass, Fence, Trace};
use refit_model::name::StepId;
use refit_model::step::Step;

/// A lease was taken: what another process left open is unknown from here on.
pub(super) fn taken(at: &At<'_>, taken: &Taken) -> Decision {
    let mut events = Vec::new();
    if at.state.started().is_none() {
        events.push(RunEvent::Started {
            format: FORMAT,
            run: taken.run.clone(),
            plan: taken.plan.clone(),
            cluster: taken.cluster.clone(),
        });
    }
    events.push(RunEvent::Leased {
        epoch: taken.epoch,
        holder: taken.holder.clone(),
        old_holder: taken.old_holder,
    });
    for (id, step) in at.state.active() {
        if step.phase == StepPhase::Intended {
            events.push(RunEvent::Lost {
                step: id.clone(),
                why: "the process that sent it ended before it recorded an answer".to_owned(),
            });
        }
    }
    Decision {
        events,
        ..Decision::default()
    }
}

/// What is next for a step of which nobody knows whether its act happened.
pub(super) enum Next {
    /// Look at it when that is due.
    Look,
    /// Ask the target, or take a higher epoch.
    Ask(Command),
    /// Record where it goes from here.
    Record(RunEvent),
}

pub(super) fn next(at: &At<'_>, step: &Step, found: &StepState) -> Next {
    let (Some(open), Some(lease)) = (&found.open, at.state.lease()) else {
        return Next::Record(undecided(step, &found.because));
    };
    let ours = open.epoch >= lease.epoch;
    match class_of(step) {
        EffectClass::Blind | EffectClass::Human => Next::Record(undecided(step, &found.because)),
        // The same key may be sent again whatever became of it.
        EffectClass::Read | EffectClass::Converge | EffectClass::Keyed | EffectClass::Cas
            if ours =>
        {
            Next::Look
        }
        EffectClass::Probeable if ours => Next::Ask(Command::RaiseEpoch),
        EffectClass::Read
        | EffectClass::Converge
        | EffectClass::Keyed
        | EffectClass::Cas
        | EffectClass::Probeable => {
            if at.state.fence_at(lease.epoch).is_none() {
                return Next::Ask(Command::Fence(lease.epoch));
            }
            if found.trace.is_none() {
                return Next::Ask(Command::Probe {
                    step: step.id.clone(),
                    key: open.key.clone(),
                });
            }
            if class_of(step).may_resend() {
                Next::Look
            } else {
                Next::Record(undecided(step, &found.because))
            }
        }
    }
}

/// The target said what it knows of the key.
pub(super) fn probed(at: &At<'_>, id: &StepId, trace: &Trace) -> Decision {
    let (Some(step), Some(found)) = (at.steps.get(id), at.state.step(id)) else {
        return Decision::default();
    };
    let Some(open) = found
        .open
        .as_ref()
        .filter(|_| found.phase == StepPhase::Unknown)
    else {
        return Decision::default();
    };
    let id = id.clone();
    let mut events = vec![RunEvent::Probed {
        step: id.clone(),
        trace: trace.clone(),
    }];
    if !class_of(step).may_resend() {
        events.push(match trace {
            Trace::Present(because) => RunEvent::Arrived {
                step: id.clone(),
                because: because.clone(),
            },
            Trace::CannotTell(why) => undecided(step, why),
            Trace::Absent => match proof(at, open) {
                Some(because) => RunEvent::NotArrived {
                    step: id.clone(),
                    because: because.to_owned(),
                },
                None => undecided(
                    step,
                    "the target never saw it, but what was sent may still arrive",
                ),
            },
        });
    }
    Decision {
        events,
        // What was learned is acted on at once.
        looks: LooksChange {
            step: Some((id, Some(Look::default()))),
            cursor: None,
        },
        ..Decision::default()
    }
}

/// Why nothing that was sent earlier can still arrive, if that is so.
fn proof(at: &At<'_>, open: &Open) -> Option<&'static str> {
    let lease = at.state.lease()?;
    if open.epoch < lease.epoch && at.state.fence_at(lease.epoch) == Some(Fence::Raised) {
        return Some("the target never saw it, and refuses older epochs from now on");
    }
    (lease.old_holder == OldHolder::ProvenDead && open.holder.as_ref() != Some(&lease.holder))
        .then_some("the target never saw it, and the process that sent it is proven dead")
}

fn undecided(step: &Step, why: &str) -> RunEvent {
    RunEvent::NeedsPerson {
        step: step.id.clone(),
        because: format!(
            "nobody can say whether this happened ({why}): look at {}, then sign for it or retry it",
            step.subject
        ),
    }
}
