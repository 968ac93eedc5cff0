//! The laws of a run, read from what it left behind. Their numbers are those of
//! our execution design, part 9.

use crate::tiny::world::{Landscape, version};
use refit_executor::{RunEvent, RunState, StepPhase};
use refit_model::act::{EffectClass, Epoch, op_key};
use refit_model::event::Recorded;
use refit_model::name::OpKey;
use refit_model::plan::UpgradePlan;
use std::collections::{BTreeMap, BTreeSet};

/// What the events themselves show: I1, I4, I5, I7 and I8.
#[must_use]
pub fn events(plan: &UpgradePlan, events: &[Recorded]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut state = RunState::default();
    let mut newest = Epoch(0);
    for recorded in events {
        let before = state.clone();
        let Ok(event) = state.take_in(recorded) else {
            broken.push(format!("I6: event {} cannot be read", recorded.seq));
            continue;
        };
        let at = recorded.seq;
        if before.phase().is_terminal() {
            broken.push(format!("I5: event {at} comes after {}", before.phase()));
        }
        for (id, step) in before.steps() {
            let now = state.step(id).map(|step| step.phase);
            if step.phase.is_terminal() && now != Some(step.phase) {
                broken.push(format!("I5: event {at}: {id} left {}", step.phase));
            }
        }
        if let RunEvent::Started { plan: started, .. } = &event
            && (*started != plan.content_hash || at != 1)
        {
            broken.push(format!("I8: event {at} starts another plan"));
        }
        if let RunEvent::Leased { epoch, .. } = &event {
            if *epoch <= newest {
                broken.push(format!("I1: event {at}: epoch {epoch} after {newest}"));
            }
            newest = *epoch;
        }
        if let RunEvent::Intended { step, epoch, .. } = &event {
            if *epoch != newest {
                broken.push(format!("I1: event {at}: {step} under epoch {epoch}"));
            }
            if before.pause().is_some() || before.abort().is_some() {
                broken.push(format!(
                    "I7: event {at}: {step} is sent while the run is {}",
                    before.phase()
                ));
            }
        }
    }
    if state.phase().is_terminal() {
        for (id, step) in state.steps() {
            if step.phase.is_in_flight() && step.phase != StepPhase::Unknown {
                broken.push(format!("I4: at the end {id} is {}", step.phase));
            }
        }
    }
    broken
}

/// What happened in the world, by key: I2 and I3.
#[must_use]
pub fn effects(
    plan: &UpgradePlan,
    events: &[Recorded],
    effects: &BTreeMap<OpKey, u32>,
) -> Vec<String> {
    let intended: BTreeSet<OpKey> = events
        .iter()
        .filter_map(|event| match RunEvent::of(event) {
            Ok(RunEvent::Intended { key, .. }) => Some(key),
            Ok(_) | Err(_) => None,
        })
        .collect();
    let mut broken = Vec::new();
    for (key, count) in effects {
        if !intended.contains(key) {
            broken.push(format!("I3: {key} happened and was not intended"));
        }
        let run = "r1".parse();
        let step = plan.steps().map(|(_, step)| step).find(|step| {
            // More decided tries than any person makes here.
            (1..100).any(|attempt| {
                run.as_ref()
                    .is_ok_and(|run| op_key(run, &step.id, attempt) == *key)
            })
        });
        let Some(step) = step else {
            broken.push(format!("I3: {key} belongs to no step"));
            continue;
        };
        match step.effect {
            EffectClass::Read | EffectClass::Converge => {}
            EffectClass::Keyed
            | EffectClass::Cas
            | EffectClass::Probeable
            | EffectClass::Blind
            | EffectClass::Human => {
                if *count > 1 {
                    broken.push(format!("I2: {} happened {count} times", step.id));
                }
            }
        }
    }
    broken
}

/// What a run that succeeded leaves: the node open at its new release, and the
/// charm one revision further.
#[must_use]
pub fn landscape(found: &Landscape) -> Vec<String> {
    let wanted = Landscape {
        cordoned: false,
        kubelet: version("1.33.4"),
        revision: 8,
    };
    if *found == wanted {
        Vec::new()
    } else {
        vec![format!("the run succeeded and left {found:?}")]
    }
}
