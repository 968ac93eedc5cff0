//! The disruption controller: from pods and their owners to a budget's status.
//!
//! Source of the rules: `pkg/controller/disruption` of Kubernetes 1.36, measured
//! on 1.36.3 (the recorded answers that this crate's tests replay).

use crate::agenda::{Core, Event, later};
use crate::state::{BudgetId, BudgetState, Cluster, PodId, Trouble};
use refit_model::budget::{Amount, Bound, BudgetStatus};
use refit_model::kubernetes::WorkloadKind;
use refit_model::seen::Seen;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long the controller waits for an accepted eviction to be carried out
/// before it counts the pod again (`DeletionTimeout`, 2 min).
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);

impl BudgetState {
    /// The status, zero where the controller never wrote one.
    pub(crate) fn status(&self) -> BudgetStatus {
        self.seen.status.get().cloned().unwrap_or(BudgetStatus {
            observed_generation: 0,
            disruptions_allowed: 0,
            current_healthy: 0,
            desired_healthy: 0,
            expected_pods: 0,
            sync_failure: None,
        })
    }

    /// Sets the condition `DisruptionAllowed` from what is allowed.
    pub(crate) fn set_allowed_condition(&mut self, allowed: i64, now: jiff::Timestamp) {
        let reason = if allowed > 0 {
            "SufficientPods"
        } else {
            "InsufficientPods"
        };
        if self.reason != reason {
            self.reason = reason;
            self.changed = now;
        }
    }
}

impl Cluster {
    /// Works a budget out anew.
    pub(crate) fn sync_budget(&mut self, core: &mut Core, id: BudgetId) {
        let Some(budget) = self.budgets.get_mut(&id) else {
            return;
        };
        budget.queued = false;
        let members = budget.members.clone();
        self.forget_disrupted(core, id);
        let expected = self.expected_pods(id, &members);
        let Some(budget) = self.budgets.get(&id) else {
            return;
        };
        let healthy = members
            .iter()
            .filter_map(|id| self.pods.get(id))
            .filter(|pod| pod.is_healthy() && !budget.disrupted.contains_key(pod.key.name.as_str()))
            .count();
        let healthy = i64::try_from(healthy).unwrap_or(i64::MAX);
        let version = self.next_version();
        let Some(budget) = self.budgets.get_mut(&id) else {
            return;
        };
        let before = budget.status();
        match expected {
            Ok((expected, desired)) => {
                // Nothing is allowed where nothing is expected, or bare pods
                // would be taken for what a share of them stands for.
                let allowed = if expected <= 0 {
                    0
                } else {
                    (healthy - desired).max(0)
                };
                budget.set_allowed_condition(allowed, core.now);
                budget.seen.status = Seen::Is(BudgetStatus {
                    observed_generation: budget.seen.generation,
                    disruptions_allowed: allowed,
                    current_healthy: healthy,
                    desired_healthy: desired,
                    expected_pods: expected,
                    sync_failure: None,
                });
                let broken = healthy < desired && expected > 0;
                if !broken {
                    budget.broken = None;
                } else if budget.broken.is_none()
                    && before.current_healthy >= before.desired_healthy
                    && before.desired_healthy == desired
                {
                    budget.broken = Some(core.now);
                    let key = budget.seen.key.clone();
                    self.trouble(core, Trouble::BudgetBroken(key));
                }
            }
            Err(why) => {
                // Written for safety only: the numbers of the last good sync
                // stay, and so does the generation that they belong to.
                if budget.reason != "SyncFailed" {
                    budget.reason = "SyncFailed";
                    budget.changed = core.now;
                }
                budget.seen.status = Seen::Is(BudgetStatus {
                    disruptions_allowed: 0,
                    sync_failure: Some(why),
                    ..before
                });
            }
        }
        if let Some(budget) = self.budgets.get_mut(&id) {
            budget.meta.version = version;
        }
    }

    /// Drops accepted evictions that were carried out, or were not within two
    /// minutes, and comes back for the rest.
    fn forget_disrupted(&mut self, core: &mut Core, id: BudgetId) {
        let Some(budget) = self.budgets.get_mut(&id) else {
            return;
        };
        if budget.disrupted.is_empty() {
            return;
        }
        let namespace = budget.seen.key.namespace.clone();
        let mut kept = std::mem::take(&mut budget.disrupted);
        let keys = &self.pod_keys;
        let pods = &self.pods;
        kept.retain(|name, at| {
            let here = name
                .parse()
                .ok()
                .and_then(|name| {
                    keys.get(&refit_model::name::Key {
                        namespace: namespace.clone(),
                        name,
                    })
                })
                .and_then(|id| pods.get(id));
            here.is_some_and(|pod| !pod.seen.terminating) && later(*at, DELETION_TIMEOUT) > core.now
        });
        if let Some(next) = kept.values().map(|at| later(*at, DELETION_TIMEOUT)).min() {
            core.at(next, Event::SyncBudget(id));
        }
        if let Some(budget) = self.budgets.get_mut(&id) {
            budget.disrupted = kept;
        }
    }

    /// How many pods there should be and how many must be healthy.
    fn expected_pods(&self, id: BudgetId, members: &BTreeSet<PodId>) -> Result<(i64, i64), String> {
        let Some(budget) = self.budgets.get(&id) else {
            return Ok((0, 0));
        };
        match &budget.seen.bound {
            // Neither bound: accepted by the server, and nothing is allowed.
            None => Ok((0, 0)),
            Some(Bound::MinAvailable(Amount::Pods(count))) => {
                // A count is over the matching pods themselves, whatever made
                // them and whatever state they are in.
                let expected = i64::try_from(members.len()).unwrap_or(i64::MAX);
                Ok((expected, i64::from(*count)))
            }
            Some(bound @ (Bound::MinAvailable(_) | Bound::MaxUnavailable(_))) => {
                let expected = self.scale_of(members)?;
                Ok((
                    i64::from(expected),
                    i64::from(bound.desired_healthy(expected)),
                ))
            }
        }
    }

    /// The sum of the scales of the distinct controllers of `members`.
    fn scale_of(&self, members: &BTreeSet<PodId>) -> Result<u32, String> {
        let mut controllers = BTreeSet::new();
        for pod in members.iter().filter_map(|id| self.pods.get(id)) {
            let Some(reference) = &pod.seen.owner else {
                // Bare pods are left out, with an event of their own.
                continue;
            };
            match pod.owner {
                Some(owner) => {
                    controllers.insert(self.top_of(owner));
                }
                None => {
                    return Err(format!(
                        "found no controllers for pod {:?} ({} {})",
                        pod.key.name.as_str(),
                        reference.api.kind,
                        reference.name
                    ));
                }
            }
        }
        let mut sum = 0_u32;
        for workload in controllers.iter().filter_map(|id| self.workloads.get(id)) {
            let replicas = match workload.key.kind {
                WorkloadKind::Deployment
                | WorkloadKind::ReplicaSet
                | WorkloadKind::StatefulSet
                | WorkloadKind::ReplicationController => workload.seen.replicas.unwrap_or(1),
                WorkloadKind::DaemonSet => {
                    return Err("daemonsets.apps does not implement the scale subresource".into());
                }
                WorkloadKind::Job => {
                    return Err("jobs.batch does not implement the scale subresource".into());
                }
            };
            sum = sum.saturating_add(replicas);
        }
        Ok(sum)
    }
}
