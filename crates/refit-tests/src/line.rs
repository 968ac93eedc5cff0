//! The line from a snapshot to a plan, as every law begins.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this serves tests alone, where a panic is the failure that is wanted"
)]

use crate::landscapes::name;
use refit_executor::ports::Journal;
use refit_executor::{OnHeld, Ports, RunError, RunEvent, RunOptions, RunOutcome};
use refit_knowledge::Knowledge;
use refit_model::act::Act;
use refit_model::name::StepId;
use refit_model::plan::{Goal, UpgradePlan};
use refit_model::query::Query;
use refit_model::report::Planned;
use refit_model::snapshot::Snapshot;
use refit_model::template::UpgradeTemplate;
use refit_model::version::TargetVersion;
use refit_planner::{PlanError, PlanRequest, Terms, builtin};
use refit_twin::{SharedTwin, Twin, options_for};
use std::collections::BTreeMap;

/// The built-in template of this name.
///
/// # Panics
/// When there is none, or it cannot be read.
#[must_use]
pub fn template(name: &str) -> UpgradeTemplate {
    let (_, text) = builtin::TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a built-in template");
    serde_saphyr::from_str(text).expect("a template that can be read")
}

/// The template that fits `snapshot`: by Juju where there is a model.
#[must_use]
pub fn fitting(snapshot: &Snapshot) -> UpgradeTemplate {
    template(if snapshot.juju.is_some() {
        "canonical-k8s/charm"
    } else {
        "kubeadm"
    })
}

/// A plan of `template` to `target`, with default parameters.
///
/// # Errors
/// When the planner refuses.
pub fn plan(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    target: &TargetVersion,
) -> Result<Planned, PlanError> {
    refit_planner::plan(
        template,
        snapshot,
        Knowledge::embedded(),
        &PlanRequest {
            target: target.clone().into(),
            parameters: BTreeMap::new(),
            hop: None,
            terms: Terms::default(),
        },
    )
}

/// The steps that change the target, with what they do, in order.
#[must_use]
pub fn changes(plan: &UpgradePlan) -> Vec<(StepId, Option<Act>)> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| (step.id.clone(), step.act.clone()))
        .collect()
}

/// The same, held to the hop of an earlier plan.
///
/// # Errors
/// When the planner refuses.
///
/// # Panics
/// When the earlier plan is none for Kubernetes.
pub fn plan_again(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    earlier: &UpgradePlan,
) -> Result<Planned, PlanError> {
    let Goal::Kubernetes { hop, target } = &earlier.spec.goal else {
        panic!("{} is no hop of Kubernetes", earlier.spec.goal);
    };
    refit_planner::plan(
        template,
        snapshot,
        Knowledge::embedded(),
        &PlanRequest {
            target: target.clone().into(),
            parameters: earlier.spec.parameters.clone(),
            hop: Some(hop.clone()),
            terms: Terms::default(),
        },
    )
}

/// A twin of `snapshot` on which `plan` can be run.
///
/// # Panics
/// When no twin can be made.
#[must_use]
pub fn twin(plan: &UpgradePlan, snapshot: &Snapshot) -> SharedTwin {
    SharedTwin::new(Twin::from_snapshot(snapshot, options_for(plan, snapshot, 7)).expect("a twin"))
}

/// Everything that the twin shows now.
#[must_use]
pub fn seen(twin: &SharedTwin) -> Snapshot {
    twin.with(|twin| twin.observe(&Query::Everything))
}

/// Runs `plan` on `twin`, recording in `journal`, and calls `after` whenever a
/// step has succeeded.
///
/// # Errors
/// As [`refit_executor::run`].
pub fn run_on<J: Journal>(
    plan: &UpgradePlan,
    twin: &SharedTwin,
    journal: &J,
    incarnation: &str,
    after: &mut (dyn FnMut(&StepId) + Send),
) -> Result<RunOutcome, RunError> {
    let options = RunOptions {
        on_held: OnHeld::Wait,
        ..RunOptions::new(name("law"), name(incarnation))
    };
    let ports = Ports {
        world: twin,
        journal,
        clock: twin,
    };
    pollster::block_on(refit_executor::run(
        plan,
        &name("law"),
        ports,
        &options,
        &mut |recorded| {
            if let Ok(RunEvent::Succeeded { step, .. }) = RunEvent::of(recorded) {
                after(&step);
            }
        },
    ))
}
