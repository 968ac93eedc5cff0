//! Looks through programs and files: what a template has to know, and what a
//! plan promises, where no API shows it.

use crate::failure::Failure;
use crate::planning::{self, PlanRequest};
use refit_cluster::look_through;
use refit_executor::ports::World;
use refit_knowledge::Knowledge;
use refit_model::look::{Look, Looked, answer};
use refit_model::plan::UpgradePlan;
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;
use refit_model::step::StepKind;
use refit_model::template::UpgradeTemplate;

/// Asks programs and files for all that a plan from `template` has to know, and
/// adds the answers to `snapshot`. Each program is told before it runs.
///
/// # Errors
/// When the template is not sound, or no plan could be made with any answer.
pub async fn for_plan(
    template: &UpgradeTemplate,
    snapshot: &mut Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<(), Failure> {
    let facts = planning::fact_looks(template, snapshot, knowledge, request)?;
    ask(&facts, snapshot, tell).await;
    let deciding = planning::deciding_looks(template, snapshot, knowledge, request)?;
    ask(&deciding, snapshot, tell).await;
    Ok(())
}

/// Asks programs and files for what the `verify` steps of a plan promise, and
/// adds the answers to `snapshot`.
pub async fn for_verification(
    plan: &UpgradePlan,
    snapshot: &mut Snapshot,
    tell: &mut (dyn FnMut(&str) + Send),
) {
    ask(&promised(plan), snapshot, tell).await;
}

/// Everything that `world` shows of what `plan` promises: an API shows nothing of
/// what a plan looks at through programs.
pub(crate) async fn after<W: World>(plan: &UpgradePlan, world: &W) -> Snapshot {
    let mut snapshot = world.observe(&Query::Everything).await;
    for look in promised(plan) {
        if answer(&snapshot.looks, &look).is_err() {
            let seen = world.observe(&Query::Look(look.clone())).await;
            snapshot.looks.retain(|earlier| earlier.look != look);
            snapshot.looks.extend(seen.looks);
        }
    }
    snapshot
}

/// The looks of the steps of `plan` that verify.
fn promised(plan: &UpgradePlan) -> Vec<Look> {
    plan.steps()
        .filter(|(_, step)| step.kind == StepKind::Verify)
        .flat_map(|(_, step)| step.looks())
        .collect()
}

/// Asks each question that has no answer yet, one after the other: the tools of
/// the field share caches and log-ins that two at a time would fight over.
async fn ask(looks: &[Look], snapshot: &mut Snapshot, tell: &mut (dyn FnMut(&str) + Send)) {
    for look in looks {
        if answer(&snapshot.looks, look).is_ok() {
            continue;
        }
        tell(&format!("looking: {look}"));
        let found: Looked = look_through(look).await;
        snapshot.looks.retain(|earlier| earlier.look != *look);
        snapshot.looks.push(found);
    }
}
