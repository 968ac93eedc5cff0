//! Namespaces that are being deleted.

use crate::agenda::{Core, Event};
use crate::state::Cluster;
use refit_model::name::Namespace;
use std::time::Duration;

/// How long the namespace controller waits before it deletes what is inside
/// (`namespaceDeletionGracePeriod` of `pkg/controller/namespace`, 5 s).
const GRACE: Duration = Duration::from_secs(5);

impl Cluster {
    /// Begins to delete a namespace; false when there is none of this name.
    pub(crate) fn delete_namespace(&mut self, core: &mut Core, name: &Namespace) -> bool {
        let version = self.next_version();
        let Some(namespace) = self.namespaces.get_mut(name) else {
            return false;
        };
        if namespace.terminating.is_none() {
            namespace.terminating = Some(core.now);
            namespace.meta.version = version;
            core.after(GRACE, Event::EmptyNamespace(name.clone()));
        }
        true
    }

    /// Deletes what is in a namespace; comes back until nothing is left.
    pub(crate) fn empty_namespace(&mut self, core: &mut Core, name: &Namespace) {
        let doomed: Vec<_> = self
            .workload_keys
            .iter()
            .filter(|(key, _)| key.namespace == *name)
            .map(|(_, id)| *id)
            .collect();
        for id in doomed {
            self.remove_workload(id);
        }
        let budgets = self.budgets_in.get(name).cloned().unwrap_or_default();
        for id in budgets {
            self.remove_budget(id);
        }
        let pods: Vec<_> = self
            .pods_in(Some(name))
            .filter_map(|pod| self.pod_keys.get(&pod.key).copied())
            .collect();
        if pods.is_empty() {
            self.namespaces.remove(name);
            return;
        }
        for pod in pods {
            self.delete_pod(core, pod, None);
        }
        core.after(GRACE, Event::EmptyNamespace(name.clone()));
    }

    /// Takes a workload out; its pods stay behind without a maker.
    pub(crate) fn remove_workload(&mut self, id: crate::state::WorkloadId) {
        let Some(workload) = self.workloads.remove(&id) else {
            return;
        };
        self.workload_keys.remove(&workload.key);
        self.workload_uids.remove(&workload.meta.uid);
        for pod in &workload.pods {
            if let Some(pod) = self.pods.get_mut(pod) {
                pod.owner = None;
            }
        }
    }

    /// Deletes a workload and, in its wake, what it made.
    pub(crate) fn delete_workload(&mut self, core: &mut Core, id: crate::state::WorkloadId) {
        let made: Vec<_> = self
            .workloads
            .iter()
            .filter(|(_, workload)| workload.parent == Some(id))
            .map(|(child, _)| child)
            .collect();
        for workload in made.into_iter().chain([id]) {
            let pods = self
                .workloads
                .get(&workload)
                .map(|workload| workload.pods.clone())
                .unwrap_or_default();
            self.remove_workload(workload);
            for pod in pods {
                self.delete_pod(core, pod, None);
            }
        }
    }

    /// Takes a budget out.
    pub(crate) fn remove_budget(&mut self, id: crate::state::BudgetId) {
        let Some(budget) = self.budgets.remove(&id) else {
            return;
        };
        self.budget_keys.remove(&budget.seen.key);
        if let Some(here) = budget
            .seen
            .key
            .namespace
            .as_ref()
            .and_then(|namespace| self.budgets_in.get_mut(namespace))
        {
            here.remove(&id);
        }
        for pod in &budget.members {
            if let Some(pod) = self.pods.get_mut(pod) {
                pod.budgets.remove(&id);
            }
        }
    }
}
