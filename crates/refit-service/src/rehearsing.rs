//! The use case *rehearse*: the very plan on a twin, in virtual time.

use crate::approval::same_cluster;
use crate::failure::{Failure, FailureKind};
use refit_knowledge::Knowledge;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Rehearsal;
use refit_model::snapshot::Snapshot;
use refit_twin::{RehearsalOptions, SharedTwin, Twin, options_for};

/// Rehearses `plan` on a twin of `snapshot`.
///
/// # Errors
/// When the plan is for another landscape, or no twin can be made of this one.
pub fn rehearse(
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    seed: u64,
) -> Result<Rehearsal, Failure> {
    same_cluster(plan, snapshot)?;
    refit_twin::rehearse(
        plan,
        snapshot,
        knowledge,
        &RehearsalOptions::new(seed),
    )
    .map_err(|error| {
        Failure::new(FailureKind::Unseen, "could not rehearse the plan")
            .because(error)
            .hint("a twin needs the nodes, the pods and the control plane: `refit assess` lists what was not seen")
    })
}

/// A twin of `snapshot` on which `plan` can be run.
///
/// # Errors
/// When too little was seen to make one.
pub(crate) fn twin_for(
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    seed: u64,
) -> Result<SharedTwin, Failure> {
    Twin::from_snapshot(snapshot, options_for(plan, snapshot, seed))
        .map(SharedTwin::new)
        .map_err(|error| {
            Failure::new(FailureKind::Unseen, "could not make a twin of what was read")
                .because(error)
                .hint("a twin needs the nodes, the pods and the control plane: `refit assess` lists what was not seen")
        })
}
