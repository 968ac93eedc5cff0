//! The PodDisruptionBudgets, each with the status its controller would compute.

use serde_json::{Value, json};

use super::apps::App;
use super::catalogue::{LEDGER, SETTLEMENT, named};
use super::objects::{self, helm_annotations, put, writer};
use super::releases;
use super::workloads::{self, created};
use crate::examples::identity::moment;

/// What the budget asks for.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// At least so many pods stay.
    Keep(u32),
    /// At least this share of them stays, rounded up.
    KeepPercent(u32),
    /// At most so many are away.
    Lose(u32),
    /// At most this share of them is away, rounded up.
    LosePercent(u32),
}

/// A budget has the name of the workload it protects.
const BUDGETS: [(&str, Limit); 10] = [
    (SETTLEMENT, Limit::Lose(1)),
    ("postgres", Limit::Lose(1)),
    ("ingress-nginx-controller", Limit::Keep(1)),
    ("coredns", Limit::Lose(1)),
    ("metrics-server", Limit::Keep(1)),
    ("tracker", Limit::LosePercent(25)),
    ("broker", Limit::Lose(1)),
    (LEDGER, Limit::Keep(3)),
    ("api", Limit::KeepPercent(80)),
    ("web", Limit::KeepPercent(75)),
];

/// All budgets.
pub(super) fn all() -> Vec<Value> {
    let mut all: Vec<_> = BUDGETS
        .iter()
        .filter_map(|(name, limit)| Some((named(name)?, *limit)))
        .collect();
    all.sort_by_key(|(app, _)| (app.namespace, app.name));
    all.into_iter()
        .map(|(app, limit)| object(app, limit))
        .collect()
}

fn object(app: &App, limit: Limit) -> Value {
    let mut spec = json!({ "selector": { "matchLabels": workloads::selector(app) } });
    match limit {
        Limit::Keep(count) => put(&mut spec, "minAvailable", count.into()),
        Limit::KeepPercent(share) => put(&mut spec, "minAvailable", format!("{share}%").into()),
        Limit::Lose(count) => put(&mut spec, "maxUnavailable", count.into()),
        Limit::LosePercent(share) => put(&mut spec, "maxUnavailable", format!("{share}%").into()),
    }
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(app),
        "spec": spec,
        "status": if app.name == SETTLEMENT { unsynced() } else { synced(app, limit) },
    })
}

fn metadata(app: &App) -> Value {
    let old = app.name == "tracker";
    let time = if old {
        "2022-04-12T09:21:40Z".to_owned()
    } else {
        created(app)
    };
    let mut metadata =
        objects::metadata("PodDisruptionBudget", Some(app.namespace), app.name, &time);
    put(&mut metadata, "generation", 1.into());
    if let Some(chart) = releases::chart(app.release) {
        put(
            &mut metadata,
            "annotations",
            helm_annotations(app.release, app.namespace),
        );
        put(
            &mut metadata,
            "labels",
            json!({ "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": chart }),
        );
    }
    if old {
        // Applied once, in the days of 1.23, and never since.
        put(
            &mut metadata,
            "annotations",
            json!({ "kubectl.kubernetes.io/last-applied-configuration":
                "{\"apiVersion\":\"policy/v1beta1\",\"kind\":\"PodDisruptionBudget\",\
                 \"metadata\":{\"annotations\":{},\"name\":\"tracker\",\"namespace\":\"logistics\"},\
                 \"spec\":{\"maxUnavailable\":\"25%\",\"selector\":{\"matchLabels\":\
                 {\"app.kubernetes.io/instance\":\"tracker\",\"app.kubernetes.io/name\":\"tracker\"}}}}\n"
            }),
        );
        put(
            &mut metadata,
            "managedFields",
            json!([writer(
                "kubectl-client-side-apply",
                "Update",
                "policy/v1beta1",
                &time,
                json!({ "f:spec": { "f:maxUnavailable": {}, "f:selector": {} } }),
            )]),
        );
    }
    metadata
}

/// The status after a sync with all pods healthy, as the disruption controller
/// computes it: shares are rounded up whichever way they are meant.
fn synced(app: &App, limit: Limit) -> Value {
    let expected = app.replicas;
    let desired = match limit {
        Limit::Keep(count) => count,
        Limit::KeepPercent(share) => (expected * share).div_ceil(100),
        Limit::Lose(count) => expected.saturating_sub(count),
        Limit::LosePercent(share) => expected.saturating_sub((expected * share).div_ceil(100)),
    };
    let allowed = expected.saturating_sub(desired);
    let (status, reason) = if allowed > 0 {
        ("True", "SufficientPods")
    } else {
        ("False", "InsufficientPods")
    };
    json!({
        "conditions": [{
            "lastTransitionTime": moment("2026-09", app.name),
            "message": "",
            "observedGeneration": 1,
            "reason": reason,
            "status": status,
            "type": "DisruptionAllowed",
        }],
        "currentHealthy": expected,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": 1,
    })
}

/// The status of a budget that never synced: the controller finds the pods' owner
/// by its scale, and a Job has none.
fn unsynced() -> Value {
    json!({
        "conditions": [{
            "lastTransitionTime": "2026-10-01T02:00:01Z",
            "message": "jobs.batch does not implement the scale subresource",
            "reason": "SyncFailed",
            "status": "False",
            "type": "DisruptionAllowed",
        }],
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    })
}
