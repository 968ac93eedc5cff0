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
use refit_model::step::Step;
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

/// The part of a plan that a twin plays: without what people do and programs show.
///
/// # Panics
/// When what is left cannot be sealed.
#[must_use]
pub fn played(plan: UpgradePlan) -> UpgradePlan {
    let mut body = plan.spec;
    let is_played = |step: &Step| {
        let by_twin = match &step.act {
            None | Some(Act::Kube(_) | Act::Kubeadm(_) | Act::Etcd(_) | Act::Juju(_)) => true,
            Some(Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_) | Act::Person(_)) => {
                false
            }
        };
        by_twin && step.looks().is_empty()
    };
    // What waited for a step that goes waits for what that one waited for.
    let mut gone: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    for step in body.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        let waits = step.after.iter().flat_map(|earlier| {
            let instead = gone.get(earlier).cloned();
            instead.unwrap_or_else(|| vec![earlier.clone()])
        });
        let mut after: Vec<StepId> = Vec::new();
        for earlier in waits {
            if !after.contains(&earlier) {
                after.push(earlier);
            }
        }
        step.after = after;
        if !is_played(step) {
            gone.insert(step.id.clone(), step.after.clone());
        }
    }
    for stage in &mut body.stages {
        stage.steps.retain(is_played);
    }
    body.stages.retain(|stage| !stage.steps.is_empty());
    UpgradePlan::seal(body).expect("a plan that can be written")
}

/// What the twin plays of a plan of `template` to `target`, with default
/// parameters.
///
/// # Errors
/// When the planner refuses.
pub fn plan(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    target: &TargetVersion,
) -> Result<Planned, PlanError> {
    let whole = whole_plan(template, snapshot, target)?;
    Ok(Planned {
        plan: played(whole.plan),
        report: whole.report,
    })
}

/// A plan of `template` to `target`, with default parameters.
///
/// # Errors
/// When the planner refuses.
pub fn whole_plan(
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
    let again = refit_planner::plan(
        template,
        snapshot,
        Knowledge::embedded(),
        &PlanRequest {
            target: target.clone().into(),
            parameters: earlier.spec.parameters.clone(),
            hop: Some(hop.clone()),
            terms: Terms::default(),
        },
    )?;
    Ok(Planned {
        plan: played(again.plan),
        report: again.report,
    })
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
