//! One pass of a drain, by the rules of `kubectl drain`.
//!
//! Filters first: a single pod that may not be lost refuses the whole pass,
//! before anything is touched. Then every pod that has to move is evicted; what
//! a budget holds back is named and stays for the next pass.
//! Source: `kubectl/pkg/drain` 1.36, measured.

use crate::agenda::Core;
use crate::eviction::{Eviction, Mode, Verdict};
use crate::state::{Cluster, PodState};
use refit_model::act::{Allowed, DrainAllowance, Refusal};
use refit_model::kubernetes::LocalData;
use refit_model::name::NodeName;

/// What a pass did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    /// How many pods were sent away.
    pub(crate) evicted: usize,
    /// What holds the others back.
    pub(crate) waits_on: Vec<String>,
}

impl Cluster {
    /// Evicts every pod of a node that a drain has to move, once.
    pub(crate) fn drain(
        &mut self,
        core: &mut Core,
        name: &NodeName,
        allow: DrainAllowance,
    ) -> Result<Pass, Refusal> {
        let Some(node) = self.node_names.get(name).and_then(|id| self.nodes.get(id)) else {
            return Err(Refusal::Denied(format!("node {name} does not exist")));
        };
        let leaving: Vec<_> = node
            .pods
            .iter()
            .filter_map(|id| self.pods.get(id))
            .filter(|pod| pod.seen.is_drained())
            .collect();
        if let Some(why) = leaving.iter().find_map(|pod| forbidden(pod, allow)) {
            return Err(Refusal::Denied(why));
        }
        let targets: Vec<_> = leaving
            .iter()
            .filter(|pod| !pod.seen.terminating)
            .map(|pod| (pod.key.clone(), pod.meta.uid.clone()))
            .collect();
        let mut pass = Pass {
            evicted: 0,
            waits_on: Vec::new(),
        };
        let mut refusal = None;
        for (key, uid) in targets {
            let eviction = Eviction {
                pod: key.clone(),
                mode: Mode::Real,
                uid: Some(uid),
                version: None,
                grace: None,
            };
            match self.evict(core, &eviction) {
                Verdict::Evicted => pass.evicted += 1,
                // Gone, or replaced by another of its name, in the meantime.
                Verdict::NotFound | Verdict::Conflict(_) => {}
                Verdict::Held { budget, cause, .. } => pass
                    .waits_on
                    .push(format!("pod {key} is held by budget {budget}: {cause}")),
                Verdict::NamespaceTerminating => pass
                    .waits_on
                    .push(format!("pod {key} leaves with its namespace")),
                Verdict::SeveralBudgets => {
                    refusal = refusal.or(Some(Refusal::Denied(format!(
                        "more than one budget covers pod {key}, which evictions do not support"
                    ))));
                }
                Verdict::HookFailed(why) => {
                    refusal = refusal.or(Some(Refusal::Later { why, after: None }));
                }
                Verdict::TooManyUnconfirmed => {
                    refusal = refusal.or(Some(Refusal::Later {
                        why: format!("too many evictions around pod {key} are not confirmed"),
                        after: None,
                    }));
                }
            }
        }
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(pass),
        }
    }
}

/// Why a pod forbids the whole pass. One that has ended may always go.
fn forbidden(pod: &PodState, allow: DrainAllowance) -> Option<String> {
    if pod.is_terminal() {
        return None;
    }
    if pod.seen.local_data == LocalData::EmptyDir && allow.empty_dirs == Allowed::No {
        return Some(format!(
            "pod {} would lose the contents of its emptyDir",
            pod.key
        ));
    }
    if pod.seen.is_bare() && allow.bare_pods == Allowed::No {
        return Some(format!(
            "pod {} has no controller and would never come back",
            pod.key
        ));
    }
    None
}
