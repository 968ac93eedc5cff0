//! Applications by descent: a pod belongs to what its Deployment belongs to.

use super::application;
use refit_model::name::Key;
use refit_model::object::Application;
use std::collections::BTreeMap;

/// The longest chain of owners that is followed: custom resources that make
/// custom resources that make Deployments that make ReplicaSets that make pods
/// are five; a chain may also be a circle.
const LONGEST_CHAIN: usize = 8;

/// The owners that were read, by UID.
#[derive(Debug, Default)]
pub(super) struct Lineages {
    by_uid: BTreeMap<String, Lineage>,
}

/// What is remembered of an object that may own others.
#[derive(Debug)]
pub(super) struct Lineage {
    pub(super) name: String,
    pub(super) owner: Option<String>,
    pub(super) signed: Option<Application>,
}

impl Lineages {
    /// Remembers objects by their UIDs.
    pub(super) fn extend(&mut self, owners: impl IntoIterator<Item = (String, Lineage)>) {
        self.by_uid.extend(owners);
    }

    /// Remembers what others remember.
    pub(super) fn absorb(&mut self, mut other: Self) {
        self.by_uid.append(&mut other.by_uid);
    }

    /// The application of an object: the most trusted sign of itself and its
    /// owners, the nearest of equals; without any, the top owner that was read.
    pub(super) fn application(
        &self,
        key: &Key,
        own: Application,
        owner: Option<&str>,
    ) -> Application {
        let mut best = own;
        let mut top = None;
        let mut next = owner;
        for _ in 0..LONGEST_CHAIN {
            let Some(lineage) = next.and_then(|uid| self.by_uid.get(uid)) else {
                break;
            };
            if let Some(signed) = &lineage.signed
                && signed.by < best.by
            {
                best = signed.clone();
            }
            top = Some(lineage.name.as_str());
            next = lineage.owner.as_deref();
        }
        match top {
            Some(name) if best.by == refit_model::object::ApplicationSign::TopOwner => {
                application::top_owner(key, name)
            }
            Some(_) | None => best,
        }
    }
}
