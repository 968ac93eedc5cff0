//! Whether the steps can be carried out in the order in which they are listed,
//! and whether that order is also what they wait for.

use crate::codes;
use crate::pen::Pen;
use refit_model::act::Act;
use refit_model::name::StepId;
use refit_model::plan::UpgradePlan;
use refit_model::step::Step;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn look(plan: &UpgradePlan, pen: &mut Pen) {
    if plan.spec.pace != 1 {
        pen.fatal(
            &codes::PACE,
            None,
            format!(
                "the plan lets {} steps be in flight at once",
                plan.spec.pace
            ),
        );
    }
    let steps: Vec<&Step> = plan.steps().map(|(_, step)| step).collect();
    let mut places: BTreeMap<&StepId, usize> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        if places.insert(&step.id, place).is_some() {
            pen.fatal(
                &codes::DUPLICATE_STEP,
                Some(&step.id),
                format!("two steps are called {}", step.id),
            );
        }
    }
    for (place, step) in steps.iter().enumerate() {
        for earlier in &step.after {
            match places.get(earlier) {
                None => pen.fatal(
                    &codes::DANGLING_STEP,
                    Some(&step.id),
                    format!("it waits for {earlier}, which does not exist"),
                ),
                Some(found) if *found >= place => pen.fatal(
                    &codes::OUT_OF_ORDER,
                    Some(&step.id),
                    format!("it waits for {earlier}, which is listed later"),
                ),
                Some(_) => {}
            }
        }
    }
    chain(&steps, &places, pen);
}

/// Every act waits, over however many steps, for the act that is listed before
/// it: then the whole order is one that is waited for.
fn chain(steps: &[&Step], places: &BTreeMap<&StepId, usize>, pen: &mut Pen) {
    let acts: Vec<(usize, &Step)> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(&step.act, Some(act) if !is_person(act)))
        .map(|(place, step)| (place, *step))
        .collect();
    for pair in acts.windows(2) {
        let [(before, earlier), (place, step)] = pair else {
            continue;
        };
        if !waits_for(*place, *before, steps, places) {
            pen.fatal(
                &codes::UNORDERED,
                Some(&step.id),
                format!("nothing makes it wait for {}", earlier.id),
            );
        }
    }
}

const fn is_person(act: &Act) -> bool {
    match act {
        Act::Person(_) => true,
        Act::Kube(_)
        | Act::Kubeadm(_)
        | Act::Etcd(_)
        | Act::Juju(_)
        | Act::Helm(_)
        | Act::Osism(_)
        | Act::Exec(_)
        | Act::Edit(_) => false,
    }
}

/// Whether the step at `place` waits for the one at `goal`. Only steps listed
/// in between are looked at, so that the whole review stays linear.
fn waits_for(
    place: usize,
    goal: usize,
    steps: &[&Step],
    places: &BTreeMap<&StepId, usize>,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![place];
    while let Some(at) = left.pop() {
        for earlier in steps.get(at).iter().flat_map(|step| &step.after) {
            match places.get(earlier) {
                Some(found) if *found == goal => return true,
                Some(found) if *found > goal && *found < at && seen.insert(*found) => {
                    left.push(*found);
                }
                Some(_) | None => {}
            }
        }
    }
    false
}
