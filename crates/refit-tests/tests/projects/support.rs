//! Templates by name, requests, and what the tests ask of a plan.

use refit_knowledge::Knowledge;
use refit_model::command::Word;
use refit_model::plan::UpgradePlan;
use refit_model::report::Planned;
use refit_model::review::Review;
use refit_model::snapshot::Snapshot;
use refit_model::template::UpgradeTemplate;
use refit_planner::{PlanError, PlanRequest, Target, Terms, builtin, plan};
use refit_tests::programs::Programs;

pub(crate) fn template(name: &str) -> UpgradeTemplate {
    serde_saphyr::from_str(builtin::text(name).unwrap()).unwrap()
}

/// A request for a release of a project.
pub(crate) fn release(to: &str, set: &[(&str, &str)]) -> PlanRequest {
    PlanRequest {
        target: Target::Release(Word::new(to).unwrap()),
        parameters: set
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), (*value).to_owned()))
            .collect(),
        hop: None,
        terms: Terms::default(),
    }
}

/// The plan from what `programs` show of `snapshot`'s landscape.
pub(crate) fn planned(
    template: &UpgradeTemplate,
    mut snapshot: Snapshot,
    programs: &Programs,
    request: &PlanRequest,
) -> Result<(Planned, Snapshot), PlanError> {
    programs.look_for(template, request, &mut snapshot)?;
    let planned = plan(template, &snapshot, Knowledge::embedded(), request)?;
    Ok((planned, snapshot))
}

pub(crate) fn review(plan: &UpgradePlan, snapshot: &Snapshot) -> Review {
    refit_reviewer::review(plan, snapshot, Knowledge::embedded())
}

/// The codes of what is held against a plan, worst first, each once.
pub(crate) fn codes(review: &Review) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for objection in &review.objections {
        let code = objection.code.to_string();
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

/// The ids of the steps of a plan.
pub(crate) fn steps(plan: &UpgradePlan) -> Vec<String> {
    plan.steps().map(|(_, step)| step.id.to_string()).collect()
}
