//! Sending an act: its intent is recorded first.

use super::{At, Command, Decision};
use crate::event::RunEvent;
use crate::looks::LooksChange;
use crate::state::StepState;
use refit_model::act::{Intent, op_key};
use refit_model::step::Step;

/// Records the intent, and sends it: the key is the same for every send of one
/// decided try.
pub(super) fn send(at: &At<'_>, step: &Step, found: &StepState) -> Decision {
    let (Some(started), Some(lease), Some(act)) =
        (at.state.started(), at.state.lease(), step.act.as_ref())
    else {
        return Decision::default();
    };
    let key = op_key(&started.run, &step.id, found.attempt);
    let deadline = step.timeout.after(at.now);
    Decision {
        events: vec![RunEvent::Intended {
            step: step.id.clone(),
            key: key.clone(),
            epoch: lease.epoch,
            attempt: found.attempt,
            deadline,
        }],
        commands: vec![Command::Send {
            step: step.id.clone(),
            intent: Box::new(Intent {
                key,
                epoch: lease.epoch,
                deadline,
                act: act.clone(),
            }),
        }],
        looks: LooksChange::default(),
    }
}
