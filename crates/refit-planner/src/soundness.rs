//! Whether a template is in order: names that are used once and exist, and orders
//! that do not go round in a circle. `sound` looks at the rest.

use crate::error::{PlanError, TemplateProblem};
use crate::order;
use refit_model::name::{ParameterName, StepId};
use refit_model::template::{StageTemplate, StepTemplate, UpgradeTemplate};
use std::collections::BTreeSet;

/// The refusal of a template at one place.
pub(crate) fn unsound(
    template: &UpgradeTemplate,
    at: impl Into<String>,
    problem: impl Into<TemplateProblem>,
) -> PlanError {
    PlanError::Template {
        template: template.metadata.name.clone(),
        at: at.into(),
        problem: problem.into(),
    }
}

/// Every name is used once, and every name that is used exists.
pub(crate) fn check_names(template: &UpgradeTemplate) -> Result<(), PlanError> {
    let mut names = BTreeSet::new();
    for parameter in &template.parameters {
        if !names.insert(&parameter.name) {
            return Err(unsound(
                template,
                format!("parameter {}", parameter.name),
                TemplateProblem::Twice,
            ));
        }
    }
    let mut facts = BTreeSet::new();
    for fact in &template.facts {
        if !facts.insert(&fact.name) {
            return Err(unsound(
                template,
                format!("fact {}", fact.name),
                TemplateProblem::Twice,
            ));
        }
    }
    let stages: BTreeSet<_> = template.stages.iter().map(|stage| &stage.id).collect();
    if stages.len() != template.stages.len() {
        return Err(unsound(template, "stages", TemplateProblem::Twice));
    }
    for stage in &template.stages {
        for after in &stage.after {
            if !stages.contains(after) {
                return Err(unsound(
                    template,
                    format!("stage {}, after", stage.id),
                    TemplateProblem::NoStage(after.clone()),
                ));
            }
        }
        check_steps(template, stage, &names)?;
    }
    Ok(())
}

fn check_steps(
    template: &UpgradeTemplate,
    stage: &StageTemplate,
    parameters: &BTreeSet<&ParameterName>,
) -> Result<(), PlanError> {
    let steps: BTreeSet<_> = stage.steps.iter().map(|step| &step.id).collect();
    if steps.len() != stage.steps.len() {
        return Err(unsound(
            template,
            format!("stage {}", stage.id),
            TemplateProblem::Twice,
        ));
    }
    for step in &stage.steps {
        let at = |field: &str| format!("stage {}, step {}, {field}", stage.id, step.id);
        let named = [
            ("after", step.after.as_slice()),
            ("before", step.before.as_slice()),
            ("serves", step.serves.steps()),
            ("undoes", step.undoes.as_slice()),
        ];
        for (field, ids) in named {
            if let Some(missing) = ids.iter().find(|id| !steps.contains(id)) {
                return Err(unsound(
                    template,
                    at(field),
                    TemplateProblem::NoStep(missing.clone()),
                ));
            }
        }
        if !step.serves.is_none() && step.undoes.is_some() {
            return Err(unsound(
                template,
                at("undoes"),
                TemplateProblem::ServesAndUndoes,
            ));
        }
        if let Some(missing) = step.unless.keys().find(|name| !parameters.contains(name)) {
            return Err(unsound(
                template,
                at("unless"),
                TemplateProblem::NoParameter(missing.clone()),
            ));
        }
    }
    Ok(())
}

/// The stages in an order that fulfils every constraint.
pub(crate) fn stage_order(template: &UpgradeTemplate) -> Result<Vec<&StageTemplate>, PlanError> {
    let stages = &template.stages;
    let mut pairs = Vec::new();
    for (then, stage) in stages.iter().enumerate() {
        for after in &stage.after {
            if let Some(first) = stages.iter().position(|other| other.id == *after) {
                pairs.push((first, then));
            }
        }
    }
    match order::stable(stages.len(), &pairs) {
        Ok(found) => Ok(found
            .into_iter()
            .filter_map(|index| stages.get(index))
            .collect()),
        Err(index) => {
            let at = stages
                .get(index)
                .map_or_else(String::new, |stage| format!("stage {}", stage.id));
            Err(unsound(template, at, TemplateProblem::Cycle))
        }
    }
}

/// The pairs of steps of which the first comes before the second.
pub(crate) fn step_pairs(steps: &[StepTemplate]) -> Vec<(usize, usize)> {
    let place = |id: &StepId| steps.iter().position(|step| step.id == *id);
    let mut pairs = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        pairs.extend(
            step.after
                .iter()
                .filter_map(place)
                .map(|first| (first, index)),
        );
        pairs.extend(
            step.before
                .iter()
                .filter_map(place)
                .map(|then| (index, then)),
        );
    }
    pairs
}
