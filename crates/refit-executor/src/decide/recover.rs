//! What happens after *unknown*: when an answer was lost, or the process that
//! waited for it.
//!
//! | Class | After unknown |
//! |---|---|
//! | read, converge, keyed, cas | raise the fence and ask for the key when another lease sent it; then look; send the same key again unless the end is there |
//! | probeable | raise the fence, ask for the key: present means watch; absent means send again, but only when nothing sent earlier can still arrive; cannot tell means look, and a person unless the end is there or on its way |
//! | blind, human | a person |
//!
//! Nothing sent earlier can still arrive when the target refuses older epochs
//! from now on, or when the process that sent it is proven dead. For a reply
//! that this very process lost, the lease is taken again first, under a higher
//! epoch, so that the fence also shuts out its own late request.

use super::wait::{OnOverdue, look_again, wait};
use super::{At, Command, Decision, Taken};
use crate::event::{FORMAT, OldHolder, RunEvent};
use crate::looks::{Look, LooksChange};
use crate::phase::StepPhase;
use crate::state::{Open, StepState};
use crate::steps::class_of;
use refit_model::act::{EffectClass, Fence, Trace};
use refit_model::name::StepId;
use refit_model::standing::Standing;
use refit_model::step::Step;

/// A lease was taken: what another process left open is unknown from here on.
pub(super) fn taken(at: &At<'_>, taken: &Taken) -> Decision {
    // Another process brought the run to its end while this one took the lease.
    if at.state.phase().is_terminal() {
        return Decision::default();
    }
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
            // What was found absent is recorded as such or given to a person at
            // once; what is left is for the landscape to show.
            Next::Look
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
            // Not at once: what the call began may take a moment to show.
            Trace::CannotTell(_) => {
                return Decision {
                    events,
                    looks: look_again(at, step),
                    ..Decision::default()
                };
            }
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

/// A look at what nobody can say of whether it happened, and what may not be sent
/// twice, did not show its end.
pub(super) fn looked(at: &At<'_>, step: &Step, found: &StepState, standing: Standing) -> Decision {
    let event = match standing {
        Standing::Underway(because) => RunEvent::Arrived {
            step: step.id.clone(),
            because,
        },
        // What could not be seen now may be seen later.
        standing @ Standing::Unseen(_) => {
            return wait(at, step, found, standing, OnOverdue::NeedsPerson);
        }
        standing @ (Standing::Ready(_) | Standing::Diverged(_) | Standing::Done(_)) => {
            undecided(step, &format!("{}; {standing}", found.because))
        }
    };
    Decision {
        events: vec![event],
        looks: look_again(at, step),
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

#[cfg(test)]
mod tests {
    use super::super::Input;
    use crate::bench::{Bench, Shows, closing, node};
    use refit_model::act::{Answer, EffectClass, Epoch, Fence, Trace};
    use refit_model::condition::Condition;

    /// Tools keep no record of our keys, so that what they did is for a look to
    /// say: nothing is sent twice, and no person is asked what can be seen.
    #[test]
    fn what_the_target_cannot_tell_is_looked_at() {
        let check = |shows: Shows, expected: &str| {
            let mut step = closing("s");
            step.effect = EffectClass::Probeable;
            step.reaches.push(Condition::NodeReady(node()));
            step.passes = vec![Condition::NodeCordoned(node())];
            let mut bench = Bench::new(vec![step]);
            bench.tick();
            bench.sees("s", Shows::Open);
            bench.hears("s", Answer::Unknown("exit code 1".to_owned()));
            assert_eq!(bench.tick(), "raise the epoch");
            bench.taken(2, "a");
            bench.tick();
            bench.feed(&Input::FenceAnswered {
                epoch: Epoch(2),
                fence: Fence::Unsupported,
            });
            assert_eq!(bench.tick(), "probe s");
            let probed = Input::Probed {
                step: "s".parse().unwrap(),
                trace: Trace::CannotTell("no record".to_owned()),
            };
            assert_eq!(bench.feed(&probed), "probed s");
            assert_eq!(bench.tick(), "wake in 1s");
            assert_eq!(bench.wait(1), "look at s");
            assert_eq!(bench.sees("s", shows), expected, "{shows:?}");
            bench
        };
        check(Shows::Closed, "reached s, succeeded s");
        check(Shows::ClosedAndDown, "arrived s");
        check(Shows::Nothing, "waits s");
        let bench = check(Shows::Open, "needsPerson s");
        let because = &bench.state.step(&"s".parse().unwrap()).unwrap().because;
        assert!(because.contains("exit code 1"), "{because}");
    }
}
