//! What may become of an act that was not sent yet.

use super::send::send;
use super::wait::{OnOverdue, look_again, timed_out, wait};
use super::{At, Decision};
use crate::event::RunEvent;
use crate::state::StepState;
use crate::steps::class_of;
use refit_model::act::{Act, EffectClass, PersonAct};
use refit_model::standing::Standing;
use refit_model::step::{Step, StepKind};

/// Decides about a step whose end is not there and whose act was not sent.
pub(super) fn before_the_act(
    at: &At<'_>,
    step: &Step,
    found: &StepState,
    standing: Standing,
) -> Decision {
    let Some(act) = &step.act else {
        return wait(at, step, found, standing, without_act(step.kind));
    };
    match standing {
        Standing::Ready(_) => start(at, step, found, act),
        // A person decided on another try at what is half done.
        Standing::Underway(_) if found.attempt > 1 && class_of(step).may_resend() => {
            start(at, step, found, act)
        }
        Standing::Diverged(because) => Decision {
            events: vec![RunEvent::CheckFailed {
                step: step.id.clone(),
                because,
            }],
            ..Decision::default()
        },
        standing @ (Standing::Underway(_) | Standing::Unseen(_) | Standing::Done(_)) => {
            wait(at, step, found, standing, OnOverdue::CheckFails)
        }
    }
}

fn start(at: &At<'_>, step: &Step, found: &StepState, act: &Act) -> Decision {
    // What a target puts off again and again is not ready for ever.
    if found.sent_at.is_some() && timed_out(at, step, found) {
        return Decision {
            events: vec![RunEvent::CheckFailed {
                step: step.id.clone(),
                because: format!("not done within {}: {}", step.timeout, found.because),
            }],
            ..Decision::default()
        };
    }
    match act {
        Act::Person(PersonAct::Notify { audience, message }) => {
            let mut events = vec![RunEvent::Notified {
                step: step.id.clone(),
                audience: audience.clone(),
                message: message.clone(),
            }];
            if step.reaches.is_empty() {
                events.push(RunEvent::Succeeded {
                    step: step.id.clone(),
                    because: format!("{audience} was told"),
                });
            }
            Decision {
                events,
                looks: look_again(at, step),
                ..Decision::default()
            }
        }
        Act::Person(PersonAct::Do { instructions, .. }) => ask_a_person(step, instructions.clone()),
        Act::Kube(_)
        | Act::Kubeadm(_)
        | Act::Etcd(_)
        | Act::Juju(_)
        | Act::Helm(_)
        | Act::Osism(_)
        | Act::Exec(_)
        | Act::Edit(_) => {
            if class_of(step) == EffectClass::Human {
                return ask_a_person(step, step.title.clone());
            }
            send(at, step, found)
        }
    }
}

pub(super) fn ask_a_person(step: &Step, because: String) -> Decision {
    Decision {
        events: vec![RunEvent::NeedsPerson {
            step: step.id.clone(),
            because,
        }],
        ..Decision::default()
    }
}

/// What it means that a step which only looks never sees its end.
const fn without_act(kind: StepKind) -> OnOverdue {
    match kind {
        StepKind::Check => OnOverdue::CheckFails,
        StepKind::Capture
        | StepKind::Backup
        | StepKind::Edit
        | StepKind::Approve
        | StepKind::Notify
        | StepKind::Lock
        | StepKind::Act
        | StepKind::Wait
        | StepKind::Verify
        | StepKind::Cleanup
        | StepKind::Manual => OnOverdue::Fails,
    }
}
