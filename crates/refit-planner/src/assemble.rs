//! The stages of a plan, and which step waits for which.

use crate::decide::{Draft, Need};
use crate::soundness::step_pairs;
use refit_model::name::{StageId, StepId};
use refit_model::plan::Stage;
use refit_model::report::LeftOut;
use refit_model::step::{Step, Subject};
use refit_model::template::{StageTemplate, UpgradeTemplate};
use std::collections::{BTreeMap, BTreeSet};

/// A stage for one subject: its steps in order, each with whether it is needed.
pub(crate) struct Instance<'t> {
    /// Its id in the plan.
    pub(crate) id: StageId,
    /// What people read.
    pub(crate) title: String,
    /// What it is about.
    pub(crate) subject: Subject,
    /// The stage of the template.
    pub(crate) stage: &'t StageTemplate,
    /// Its steps in order.
    pub(crate) drafts: Vec<Draft<'t>>,
    /// Whether each is needed.
    pub(crate) needs: Vec<Need>,
}

/// Puts the needed steps of all instances together. A step waits for those that
/// its template names; where one of these is left out, for what that one would
/// have waited for.
pub(crate) fn assemble(
    template: &UpgradeTemplate,
    instances: &[Instance<'_>],
    left_out: &mut Vec<LeftOut>,
) -> Vec<Stage> {
    let mut stages = Vec::new();
    // The last steps of what has been put together of each template stage.
    let mut exits: BTreeMap<&StageId, Vec<StepId>> = BTreeMap::new();
    for instance in instances {
        let entry = exits
            .get(&instance.stage.id)
            .cloned()
            .unwrap_or_else(|| before(template, instance.stage, &exits));
        let steps = link(instance, &entry, left_out);
        let waited_for: BTreeSet<_> = steps.iter().flat_map(|step| &step.after).collect();
        let last: Vec<_> = steps
            .iter()
            .map(|step| &step.id)
            .filter(|id| !waited_for.contains(id))
            .cloned()
            .collect();
        exits.insert(
            &instance.stage.id,
            if steps.is_empty() { entry } else { last },
        );
        if !steps.is_empty() {
            stages.push(Stage {
                id: instance.id.clone(),
                title: instance.title.clone(),
                subject: instance.subject.clone(),
                steps,
            });
        }
    }
    stages
}

/// What the first instance of `stage` waits for: the last steps of the stages
/// that it comes after, or of what those came after where nothing is left of
/// them. Stages come in order, so that all of these are put together already.
fn before(
    template: &UpgradeTemplate,
    stage: &StageTemplate,
    exits: &BTreeMap<&StageId, Vec<StepId>>,
) -> Vec<StepId> {
    let mut found = Vec::new();
    let mut looked_at = BTreeSet::new();
    let mut left: Vec<&StageId> = stage.after.iter().rev().collect();
    while let Some(id) = left.pop() {
        if !looked_at.insert(id) {
            continue;
        }
        match exits.get(id) {
            Some(steps) => found.extend(steps.iter().cloned()),
            // It has no subject here.
            None => left.extend(
                template
                    .stages
                    .iter()
                    .filter(|other| other.id == *id)
                    .flat_map(|other| other.after.iter().rev()),
            ),
        }
    }
    dedup(found)
}

fn dedup(ids: Vec<StepId>) -> Vec<StepId> {
    let mut seen = BTreeSet::new();
    ids.into_iter()
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// The needed steps of one instance with what each waits for.
fn link(instance: &Instance<'_>, entry: &[StepId], left_out: &mut Vec<LeftOut>) -> Vec<Step> {
    let templates = &instance.stage.steps;
    let pairs = step_pairs(templates);
    // By template step: itself where it is needed, else what it waited for.
    let mut stands_for: BTreeMap<&StepId, Vec<StepId>> = BTreeMap::new();
    let mut steps = Vec::new();
    for (draft, need) in instance.drafts.iter().zip(&instance.needs) {
        let waits: Vec<StepId> = templates
            .iter()
            .enumerate()
            .filter(|(first, _)| {
                pairs.iter().any(|(before, then)| {
                    before == first
                        && templates
                            .get(*then)
                            .is_some_and(|step| step.id == draft.template.id)
                })
            })
            .flat_map(|(_, step)| stands_for.get(&step.id).into_iter().flatten().cloned())
            .collect();
        let waits = dedup(waits);
        match (need, &draft.step) {
            (Need::Needed, Ok(step)) => {
                stands_for.insert(&draft.template.id, vec![step.id.clone()]);
                steps.push(Step {
                    after: if waits.is_empty() {
                        entry.to_vec()
                    } else {
                        waits
                    },
                    ..step.clone()
                });
            }
            (Need::Needed, Err(because)) | (Need::Spared(because) | Need::Open(because), _) => {
                stands_for.insert(&draft.template.id, waits);
                if let Ok(step) = StepId::new(format!("{}/{}", instance.id, draft.template.id)) {
                    left_out.push(LeftOut {
                        stage: instance.id.clone(),
                        step,
                        because: because.clone(),
                    });
                }
            }
        }
    }
    steps
}
