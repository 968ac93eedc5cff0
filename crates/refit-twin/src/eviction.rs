//! The eviction of one pod, decided in the API server's order.
//!
//! Source: `pkg/registry/core/pod/storage/eviction.go` of Kubernetes 1.36, every
//! branch measured on 1.36.3 unless marked. The inner deletion runs without
//! admission: webhooks on `DELETE pods` never see an eviction.

use crate::agenda::Core;
use crate::state::{BudgetId, Cluster, PodId, Trouble};
use crate::webhook::Call;
use refit_model::budget::{BudgetStatus, UnhealthyPods};
use refit_model::kubernetes::Phase;
use refit_model::name::Key;
use refit_model::seen::Seen;

/// `MaxDisruptedPodSize` of the eviction storage.
const DISRUPTED_MAX: usize = 2000;

/// Whether an act is only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is carried out.
    Real,
    /// Nothing is changed.
    DryRun,
}

/// What one wants to evict, and how.
#[derive(Clone, Debug)]
pub(crate) struct Eviction {
    pub(crate) pod: Key,
    pub(crate) mode: Mode,
    pub(crate) uid: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) grace: Option<i64>,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// 201: the pod goes, or is gone.
    Evicted,
    /// 404
    NotFound,
    /// 403: the namespace is being deleted.
    NamespaceTerminating,
    /// 500: a webhook on `pods/eviction` did not answer.
    HookFailed(String),
    /// 500, without a reason: more than one budget covers the pod.
    SeveralBudgets,
    /// 429 with the budget's name and the cause's message.
    Held {
        /// The budget.
        budget: Key,
        /// What the cause says.
        cause: String,
        /// `Retry-After`, where the server sends it.
        retry_after: Option<u32>,
    },
    /// 403: too many evictions are not confirmed.
    TooManyUnconfirmed,
    /// 409: the pod is another one than the caller means.
    Conflict(String),
}

impl Cluster {
    /// Decides and carries out one eviction.
    pub(crate) fn evict(&mut self, core: &mut Core, eviction: &Eviction) -> Verdict {
        let key = &eviction.pod;
        if let Some(namespace) = &key.namespace {
            let call = Call::new("CREATE", "", "v1", "pods/eviction", namespace.clone());
            if let Err(why) = self.admit(core, &call) {
                return Verdict::HookFailed(why);
            }
            if self
                .namespaces
                .get(namespace)
                .is_some_and(|namespace| namespace.terminating.is_some())
            {
                return Verdict::NamespaceTerminating;
            }
        }
        let Some((id, pod)) = self
            .pod_keys
            .get(key)
            .and_then(|id| Some((*id, self.pods.get(id)?)))
        else {
            return Verdict::NotFound;
        };
        let free = pod.is_terminal() || pod.seen.phase == Phase::Pending || pod.seen.terminating;
        if free {
            return self.carry_out(core, eviction, id);
        }
        let ready = pod.is_ready();
        let mut budgets = pod.budgets.iter().copied();
        let Some(budget) = budgets.next() else {
            return self.carry_out(core, eviction, id);
        };
        if budgets.next().is_some() {
            return Verdict::SeveralBudgets;
        }
        if !ready && self.unhealthy_may_go(budget) {
            return self.carry_out(core, eviction, id);
        }
        match self.spend(core, budget, key, eviction.mode) {
            Ok(()) => self.carry_out(core, eviction, id),
            Err(verdict) => verdict,
        }
    }

    fn unhealthy_may_go(&self, budget: BudgetId) -> bool {
        self.budgets
            .get(&budget)
            .is_some_and(|budget| match budget.seen.unhealthy {
                UnhealthyPods::AlwaysAllow => true,
                UnhealthyPods::IfHealthyBudget => {
                    let status = budget.status();
                    status.current_healthy >= status.desired_healthy && status.desired_healthy > 0
                }
            })
    }

    /// Checks the budget and takes one from it.
    fn spend(
        &mut self,
        core: &mut Core,
        id: BudgetId,
        pod: &Key,
        mode: Mode,
    ) -> Result<(), Verdict> {
        let version = self.next_version();
        let Some(budget) = self.budgets.get_mut(&id) else {
            return Ok(());
        };
        let status = budget.status();
        let name = budget.seen.key.name.clone();
        let held = |cause: String, retry_after| Verdict::Held {
            budget: budget.seen.key.clone(),
            cause,
            retry_after,
        };
        if status.observed_generation < budget.seen.generation {
            return Err(held(
                format!("The disruption budget {name} is still being processed by the server."),
                Some(10),
            ));
        }
        if budget.disrupted.len() > DISRUPTED_MAX {
            return Err(Verdict::TooManyUnconfirmed);
        }
        if status.disruptions_allowed <= 0 {
            let cause = if let Some(why) = &status.sync_failure {
                format!(
                    "The disruption budget {name} does not allow evicting pods currently because it failed sync: {why}"
                )
            } else if status.current_healthy <= status.desired_healthy {
                format!(
                    "The disruption budget {name} needs {} healthy pods and has {} currently",
                    status.desired_healthy, status.current_healthy
                )
            } else {
                format!("The disruption budget {name} does not allow evicting pods currently")
            };
            return Err(held(cause, None));
        }
        if mode == Mode::DryRun {
            return Ok(());
        }
        let allowed = status.disruptions_allowed - 1;
        budget.set_allowed_condition(allowed, core.now);
        budget.seen.status = Seen::Is(BudgetStatus {
            disruptions_allowed: allowed,
            ..status
        });
        budget
            .disrupted
            .insert(pod.name.as_str().to_owned(), core.now);
        budget.meta.version = version;
        // The controller sees the status change and works it out anew.
        self.wake_budget(core, id);
        Ok(())
    }

    /// Deletes the pod. The budget is spent by now, whatever comes of it.
    fn carry_out(&mut self, core: &mut Core, eviction: &Eviction, id: PodId) -> Verdict {
        let Some(pod) = self.pods.get(&id) else {
            return Verdict::NotFound;
        };
        if let Some(wanted) = &eviction.uid
            && *wanted != pod.meta.uid
        {
            return Verdict::Conflict(format!(
                "the UID in the precondition ({wanted}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                pod.meta.uid
            ));
        }
        if let Some(wanted) = &eviction.version
            && *wanted != pod.meta.version.to_string()
        {
            return Verdict::Conflict(format!(
                "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({}). The object might have been modified",
                pod.meta.version
            ));
        }
        if eviction.mode == Mode::DryRun {
            return Verdict::Evicted;
        }
        if !pod.seen.terminating {
            if pod.seen.is_bare() && !pod.is_terminal() {
                self.trouble(core, Trouble::BareLost(eviction.pod.clone()));
            }
            self.alter_pod(core, id, |pod| pod.evicted = true);
        }
        self.delete_pod(core, id, eviction.grace);
        Verdict::Evicted
    }
}
