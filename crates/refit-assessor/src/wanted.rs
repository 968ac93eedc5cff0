//! Which objects the rules ask for, before anything is read.

use refit_knowledge::Knowledge;
use refit_knowledge::api::ApiStatus;
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;

/// Whether there could be something to tell about the API version `api` itself:
/// at `target`, or at any minor that is known where the target is still open.
///
/// What this denies is served, by default and not deprecated, or is no business
/// of Kubernetes; findings about API versions pass over it.
#[must_use]
pub fn is_of_concern(knowledge: &Knowledge, api: &GroupVersionKind, target: Option<Minor>) -> bool {
    let apis = knowledge.apis();
    if !apis.is_built_in(&api.group) {
        return false;
    }
    let is_off = apis
        .lifecycle(api)
        .is_some_and(|life| !life.served_by_default);
    let concerns = |minor| match apis.status_at(api, minor) {
        ApiStatus::NotBuiltIn => false,
        ApiStatus::Served => is_off,
        ApiStatus::NotYetServed { .. }
        | ApiStatus::Deprecated { .. }
        | ApiStatus::Removed { .. }
        | ApiStatus::Unknown(_) => true,
    };
    if let Some(target) = target {
        return concerns(target);
    }
    let (first, last) = knowledge.covers();
    std::iter::successors(Some(first), |minor| Some(minor.next()))
        .take_while(|minor| *minor <= last)
        .any(concerns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_is_of_no_concern() {
        let knowledge = Knowledge::embedded();
        let check = |api: &str, target: Option<&str>, expected: bool| {
            let api: GroupVersionKind = api.parse().unwrap();
            let target = target.map(|target| target.parse().unwrap());
            assert_eq!(
                is_of_concern(knowledge, &api, target),
                expected,
                "{api} at {target:?}"
            );
        };
        for target in [None, Some("1.20"), Some("1.36")] {
            check("v1 ConfigMap", target, false);
            check("apps/v1 Deployment", target, false);
            check("example.com/v1 Thing", target, false);
            check("apps/v9 Deployment", target, true);
        }
        check("policy/v1beta1 PodDisruptionBudget", Some("1.20"), false);
        check("policy/v1beta1 PodDisruptionBudget", Some("1.21"), true);
        check("policy/v1beta1 PodDisruptionBudget", Some("1.36"), true);
        check("policy/v1beta1 PodDisruptionBudget", None, true);
        // Too new for the one, a matter of course for the other.
        check("policy/v1 PodDisruptionBudget", Some("1.20"), true);
        check("policy/v1 PodDisruptionBudget", Some("1.36"), false);
        check("policy/v1 PodDisruptionBudget", None, true);
        // Deprecated in 1.33.
        check("v1 Endpoints", Some("1.32"), false);
        check("v1 Endpoints", Some("1.33"), true);
    }
}
