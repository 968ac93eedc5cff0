//! What the teams of the example cluster do about the objections, as
//! `examples/README.md` tells it: edits of the snapshot, one sentence each.

use refit_model::budget::{Amount, Bound};
use refit_model::snapshot::Snapshot;

/// The snapshot after the teams have acted, and what they did.
#[must_use]
pub(super) fn remedied(snapshot: &Snapshot) -> (Snapshot, Vec<String>) {
    let mut after = snapshot.clone();
    let mut done = Vec::new();
    if let Some(kubernetes) = &mut after.kubernetes {
        for (key, budget) in &mut kubernetes.budgets.items {
            if key.to_string() != "payments/ledger" {
                continue;
            }
            budget.bound = Some(Bound::MaxUnavailable(Amount::Pods(1)));
            budget.generation += 1;
            if let refit_model::seen::Seen::Is(status) = &mut budget.status {
                status.observed_generation = budget.generation;
                status.desired_healthy = status.expected_pods.saturating_sub(1);
                status.disruptions_allowed = status
                    .current_healthy
                    .saturating_sub(status.desired_healthy)
                    .max(0);
            }
            done.push(
                "payments: budget ledger now says maxUnavailable 1 instead of minAvailable 3"
                    .to_owned(),
            );
        }
        let before = kubernetes.budgets.items.len();
        kubernetes
            .budgets
            .items
            .retain(|key, _| key.to_string() != "batch/nightly-settlement");
        if kubernetes.budgets.items.len() < before {
            done.push(
                "batch: budget nightly-settlement, which no controller can work out, is gone"
                    .to_owned(),
            );
        }
        let before = kubernetes.pods.items.len();
        kubernetes
            .pods
            .items
            .retain(|key, _| key.to_string() != "storefront/reindex-by-hand");
        if kubernetes.pods.items.len() < before {
            done.push("storefront: the bare pod reindex-by-hand has been finished".to_owned());
        }
    }
    (after, done)
}
