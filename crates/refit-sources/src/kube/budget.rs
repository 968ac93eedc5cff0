//! PodDisruptionBudgets.

use super::{Refused, field};
use refit_model::budget::{Amount, Bound, Budget, BudgetStatus, UnhealthyPods};
use refit_model::name::Key;
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::Selector;
use serde_json::Value;

/// What an upgrade needs to know of a budget.
///
/// # Errors
/// When the object has no usable name, selector or bound: half a budget would
/// promise what the whole one does not.
pub fn budget(object: &Value) -> Result<Budget, Refused> {
    let (namespace, name) = field::namespaced(object)?;
    Ok(Budget {
        key: Key::namespaced(namespace, name),
        selector: selector(object)?,
        bound: bound(object)?,
        unhealthy: match field::text(object, &["spec", "unhealthyPodEvictionPolicy"]) {
            Some("AlwaysAllow") => UnhealthyPods::AlwaysAllow,
            _ => UnhealthyPods::IfHealthyBudget,
        },
        generation: number(object, &["metadata", "generation"]).unwrap_or(0),
        status: status(object),
    })
}

/// `policy/v1beta1` read an empty selector as one that matches nothing.
fn selector(object: &Value) -> Result<Option<Selector>, Refused> {
    let selector = field::selector(object, &["spec", "selector"])?;
    let is_old = field::text(object, &["apiVersion"]) == Some("policy/v1beta1");
    Ok(selector.filter(|selector| !is_old || *selector != Selector::default()))
}

fn bound(object: &Value) -> Result<Option<Bound>, Refused> {
    let amount = |field: &'static str, name: &str| -> Result<Option<Amount>, Refused> {
        let Some(value) = field::at(object, &["spec", name]) else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map(Some).map_err(|_| Refused {
            field,
            why: "is neither a count nor a percentage".to_owned(),
        })
    };
    let least = amount("spec.minAvailable", "minAvailable")?;
    let most = amount("spec.maxUnavailable", "maxUnavailable")?;
    Ok(least
        .map(Bound::MinAvailable)
        .or_else(|| most.map(Bound::MaxUnavailable)))
}

fn number(object: &Value, path: &[&str]) -> Option<i64> {
    field::at(object, path)?.as_i64()
}

/// The controller writes all numbers at once; a count of zero may be left out
/// by the writer of a dump, so that only a missing status is a gap.
fn status(object: &Value) -> Seen<BudgetStatus> {
    let Some(status) = field::at(object, &["status"]).filter(|status| field::is_filled(status))
    else {
        return Seen::Gap(Unseen::NotInSource);
    };
    let read = |name: &str| number(status, &[name]).unwrap_or(0);
    let sync_failure = field::list(status, &["conditions"])
        .iter()
        .find(|condition| {
            field::text(condition, &["type"]) == Some("DisruptionAllowed")
                && field::text(condition, &["status"]) == Some("False")
                && field::text(condition, &["reason"]) == Some("SyncFailed")
        })
        .map(|condition| {
            field::text(condition, &["message"])
                .unwrap_or_default()
                .to_owned()
        });
    Seen::Is(BudgetStatus {
        observed_generation: read("observedGeneration"),
        disruptions_allowed: read("disruptionsAllowed"),
        current_healthy: read("currentHealthy"),
        desired_healthy: read("desiredHealthy"),
        expected_pods: read("expectedPods"),
        sync_failure,
    })
}
