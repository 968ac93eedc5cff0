//! Manifests that stand more than once under one name and say different things,
//! as the overlays of several environments do. Which of them a cluster gets
//! nobody can tell from the files, so that none is judged, and that is told.

use super::kinds::Kind;
use super::parts::{Parts, workload_kind};
use refit_model::kubernetes::WorkloadKey;
use refit_model::name::{Key, Namespace};
use refit_model::object::Location;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use std::collections::{BTreeMap, BTreeSet};

/// How many places a gap names before it counts the others.
const NAMED: usize = 4;

/// What stands where, as far as findings are made from its contents.
#[derive(Debug, Default)]
pub(super) struct Doubled {
    first: BTreeMap<Named, Option<Location>>,
    doubled: BTreeMap<Named, Vec<Location>>,
}

/// What blocks a drain, and what it is judged by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Budget(Key),
    Workload(WorkloadKey),
}

impl Named {
    fn of(parts: &Parts) -> Option<Self> {
        let budget = parts.budgets.keys().next().cloned().map(Self::Budget);
        budget.or_else(|| parts.workloads.keys().next().cloned().map(Self::Workload))
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::Budget(_) => Kind::Budget,
            Self::Workload(key) => workload_kind(key.kind),
        }
    }

    fn namespace(&self) -> Option<&Namespace> {
        match self {
            Self::Budget(key) => key.namespace.as_ref(),
            Self::Workload(key) => Some(&key.namespace),
        }
    }

    /// Whether both parts say the same of it.
    fn is_same(&self, one: &Parts, other: &Parts) -> bool {
        match self {
            Self::Budget(key) => one.budgets.get(key) == other.budgets.get(key),
            Self::Workload(key) => one.workloads.get(key) == other.workloads.get(key),
        }
    }

    fn remove_from(&self, parts: &mut Parts) {
        match self {
            Self::Budget(key) => {
                parts.budgets.remove(key);
            }
            Self::Workload(key) => {
                parts.workloads.remove(key);
            }
        }
    }
}

impl Doubled {
    /// Joins the one object of `new`, read at `place`, to `written`, unless it
    /// stands there already with other contents.
    pub(super) fn take(&mut self, written: &mut Parts, new: Parts, place: Option<&Location>) {
        let Some(named) = Named::of(&new) else {
            return written.absorb(new);
        };
        if let Some(places) = self.doubled.get_mut(&named) {
            return places.extend(place.cloned());
        }
        match self.first.get(&named) {
            Some(first) if !named.is_same(written, &new) => {
                let places = first.iter().chain(place).cloned().collect();
                named.remove_from(written);
                self.doubled.insert(named, places);
            }
            Some(_) => {}
            None => {
                self.first.insert(named, place.cloned());
                written.absorb(new);
            }
        }
    }

    /// Joins what was read beside this.
    pub(super) fn absorb(&mut self, mut other: Self) {
        self.first.append(&mut other.first);
        self.doubled.append(&mut other.doubled);
    }

    /// Lets go of everything that is of one of `kinds`.
    pub(super) fn leave_out(&mut self, kinds: impl Fn(Kind) -> bool) {
        self.doubled.retain(|named, _| !kinds(named.kind()));
    }

    /// What could not be judged: budgets, and workloads beside budgets.
    pub(super) fn gaps(&self, written: &Parts) -> Vec<Gap> {
        let of_budgets: BTreeSet<Option<&Namespace>> = written
            .budgets
            .keys()
            .map(|key| key.namespace.as_ref())
            .chain(self.doubled.keys().filter_map(|named| match named {
                Named::Budget(key) => Some(key.namespace.as_ref()),
                Named::Workload(_) => None,
            }))
            .collect();
        self.doubled
            .iter()
            .filter(|(named, _)| of_budgets.contains(&named.namespace()))
            .map(|(named, places)| gap(named, places))
            .collect()
    }
}

fn gap(named: &Named, places: &[Location]) -> Gap {
    let what = match named {
        Named::Budget(key) => format!("PodDisruptionBudget {key}"),
        Named::Workload(key) => format!(
            "{} {}, which a budget is judged by",
            key.kind.name(),
            Key::namespaced(key.namespace.clone(), key.name.clone())
        ),
    };
    let mut told: Vec<String> = places.iter().take(NAMED).map(ToString::to_string).collect();
    if places.len() > NAMED {
        told.push(format!("{} more", places.len() - NAMED));
    }
    let folder = places
        .first()
        .and_then(|place| place.file.rsplit_once('/'))
        .map_or("FILE", |(folder, _)| folder);
    Gap {
        area: Area::Budgets,
        what,
        why: Unseen::Failed(format!(
            "it says different things at {}, and which is applied is not known",
            told.join(", ")
        )),
        command: Some(format!("refit assess -f {folder}")),
    }
}
