//! What the answer to an intent means.

use super::wait::{interval, look_after, look_again};
use super::{At, Command, Decision};
use crate::event::RunEvent;
use crate::state::StepState;
use crate::steps::class_of;
use refit_model::act::{Answer, EffectClass, Refusal};
use refit_model::name::{OpKey, StepId};
use refit_model::step::Step;

pub(super) fn answered(at: &At<'_>, id: &StepId, key: &OpKey, answer: &Answer) -> Decision {
    let (Some(step), Some(found)) = (at.steps.get(id), at.state.step(id)) else {
        return Decision::default();
    };
    if found.open.as_ref().is_none_or(|open| open.key != *key) {
        return Decision::default();
    }
    match answer {
        Answer::Acknowledged {
            operation,
            waits_on,
        } => Decision {
            events: vec![RunEvent::Acknowledged {
                step: id.clone(),
                operation: operation.clone(),
                waits_on: waits_on.clone(),
            }],
            // Not at once: right after the answer a target may still show the
            // state before it, and that state may look like the end.
            looks: look_again(at, step),
            ..Decision::default()
        },
        Answer::Unknown(why) => Decision {
            events: vec![RunEvent::Lost {
                step: id.clone(),
                why: why.clone(),
            }],
            looks: look_again(at, step),
            ..Decision::default()
        },
        Answer::Refused(refusal) => refused(at, step, found, refusal),
    }
}

fn refused(at: &At<'_>, step: &Step, found: &StepState, refusal: &Refusal) -> Decision {
    let id = step.id.clone();
    let recorded = RunEvent::Refused {
        step: id.clone(),
        refusal: refusal.clone(),
    };
    match refusal {
        Refusal::Fenced(epoch) => Decision {
            commands: vec![Command::Yield(*epoch)],
            ..Decision::default()
        },
        Refusal::Later { after, .. } => Decision {
            events: vec![recorded],
            looks: look_after(at, step, after.unwrap_or_default().max(interval(step))),
            ..Decision::default()
        },
        // The state that was named is gone, and the first of two sends may be
        // the one that took it: the landscape tells who won.
        Refusal::Denied(why) if found.sent > 1 && class_of(step) == EffectClass::Cas => Decision {
            events: vec![
                recorded,
                RunEvent::Arrived {
                    step: id,
                    because: why.clone(),
                },
            ],
            looks: look_again(at, step),
            ..Decision::default()
        },
        Refusal::Denied(why) => Decision {
            events: vec![
                recorded,
                RunEvent::Failed {
                    step: id,
                    because: format!("refused: {why}"),
                },
            ],
            ..Decision::default()
        },
        Refusal::NoHands(adapter) => {
            let commands: Vec<_> = step
                .act
                .iter()
                .flat_map(refit_model::act::Act::commands)
                .map(|command| command.to_string())
                .collect();
            let by_hand = if commands.is_empty() {
                step.title.clone()
            } else {
                commands.join(" && ")
            };
            Decision {
                events: vec![
                    recorded,
                    RunEvent::NeedsPerson {
                        step: id,
                        because: format!("nothing here acts through {adapter}; by hand: {by_hand}"),
                    },
                ],
                ..Decision::default()
            }
        }
    }
}
