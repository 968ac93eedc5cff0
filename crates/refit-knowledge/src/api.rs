//! The life of every built-in API: when a kind came at a version, when it was
//! deprecated, when it went, and what to use instead.
//!
//! A kind is *served* from the minor that introduced it up to, not including,
//! the minor that removed it. A removal that a release has carried out
//! ([`Decision::Decided`]) is kept apart from one that upstream only announces
//! ([`Decision::Scheduled`]): announced ones move, each names the version whose
//! source said it last.

mod file;

use crate::basis::{Bases, Basis};
use crate::files::{Family, Files};
use crate::manifest::Manifest;
use crate::table;
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use file::SCHEMA;

/// The life of one kind at one API version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The kind at its version.
    pub api: GroupVersionKind,
    /// Whether clusters store or answer objects of this kind.
    pub object: ObjectClass,
    /// How stable upstream says it is.
    pub stage: Stage,
    /// Whether an API server serves it without being told to, while it is served.
    pub served_by_default: bool,
    /// Since when it is there.
    pub introduced: Since,
    /// Since when its use is discouraged. Always before a decided removal.
    pub deprecated: Option<Minor>,
    /// When it went, or is said to go.
    pub removal: Option<Removal>,
    /// What upstream or the history of the kind names as successor. It may be
    /// gone itself: [`Apis::replacement_at`] follows it.
    pub replacement: Option<GroupVersionKind>,
    /// The first and the last minor whose OpenAPI document has it.
    pub openapi: Option<(Minor, Minor)>,
    /// What else is worth knowing, in our words; often empty.
    pub notes: String,
    /// Names of what these facts rest on: see [`Apis::sources`].
    pub bases: BTreeSet<String>,
}

/// What an API server does with objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectClass {
    /// It stores them, or answers when one is created.
    Resource,
    /// They are options, subresource bodies or webhook payloads: no manifest holds one.
    Other,
    /// Only ever seen in OpenAPI documents.
    OpenApiOnly,
}

/// How stable an API version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Off by default, may go in any release.
    Alpha,
    /// May go after its deprecation period.
    Beta,
    /// Stable.
    Ga,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Ga => "ga",
        })
    }
}

/// Since when something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Since exactly this minor.
    Exactly(Minor),
    /// It was there in this minor, the oldest that was looked at.
    AtLatest(Minor),
}

impl Since {
    /// The first minor in which it is known to be there.
    #[must_use]
    pub const fn minor(self) -> Minor {
        match self {
            Self::Exactly(minor) | Self::AtLatest(minor) => minor,
        }
    }
}

/// When a kind goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The first minor without it.
    pub in_minor: Minor,
    /// Whether that has happened.
    pub decision: Decision,
    /// The Kubernetes version whose own source says so, the newest that does.
    pub stated_by: Minor,
}

/// Whether a removal has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A release without the kind is out.
    Decided,
    /// Upstream announces it. Most announcements are the generator's default of
    /// three minors after deprecation, and they move.
    Scheduled,
}

/// Where a kind stands at one minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiStatus {
    /// It comes later.
    NotYetServed {
        /// The first minor with it.
        introduced: Minor,
    },
    /// It is there.
    Served,
    /// It is there, and discouraged.
    Deprecated {
        /// The first minor in which it was.
        since: Minor,
        /// When it goes, where that is known.
        removal: Option<Removal>,
    },
    /// It is gone.
    Removed {
        /// The first minor without it.
        in_minor: Minor,
    },
    /// The group is Kubernetes' own, and yet nothing is known.
    Unknown(NotKnown),
    /// The group is not Kubernetes' own: a custom resource or an aggregated API.
    NotBuiltIn,
}

/// Why nothing is known of an API of Kubernetes' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKnown {
    /// The group never had this kind at this version, as far as we know.
    Kind,
    /// The minor is outside what the facts cover.
    Minor,
}

/// Every built-in API.
#[derive(Clone, Debug)]
pub struct Apis {
    lifecycles: BTreeMap<GroupVersionKind, Lifecycle>,
    groups: BTreeSet<String>,
    bases: Bases,
    covers: (Minor, Minor),
}

impl Family for Apis {
    fn read_from(files: &Files) -> Result<Self, table::Error> {
        let bases = Bases::read_from(files)?;
        let lifecycles = file::read(files, &bases)?;
        let manifest = Manifest::read_from(files)?;
        let groups = lifecycles.keys().map(|api| api.group.clone()).collect();
        Ok(Self {
            lifecycles,
            groups,
            bases,
            covers: (manifest.first_minor, manifest.last_minor),
        })
    }
}

impl Apis {
    /// The life of `api`, if it was ever built in.
    #[must_use]
    pub fn lifecycle(&self, api: &GroupVersionKind) -> Option<&Lifecycle> {
        self.lifecycles.get(api)
    }

    /// All lives, by group, version and kind.
    pub fn lifecycles(&self) -> impl Iterator<Item = &Lifecycle> {
        self.lifecycles.values()
    }

    /// How many kinds are known, counted at each of their versions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lifecycles.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lifecycles.is_empty()
    }

    /// Whether `group` is Kubernetes' own.
    #[must_use]
    pub fn is_built_in(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// What the facts about `lifecycle` rest on, with where to look it up.
    pub fn sources<'s>(&'s self, lifecycle: &'s Lifecycle) -> impl Iterator<Item = &'s Basis> {
        lifecycle
            .bases
            .iter()
            .filter_map(|name| self.bases.find(name))
    }

    /// Where `api` stands in Kubernetes `minor`.
    ///
    /// A minor after the last one covered answers only what cannot change any
    /// more: what is gone stays gone.
    #[must_use]
    pub fn status_at(&self, api: &GroupVersionKind, minor: Minor) -> ApiStatus {
        let Some(lifecycle) = self.lifecycles.get(api) else {
            return if self.is_built_in(&api.group) {
                ApiStatus::Unknown(NotKnown::Kind)
            } else {
                ApiStatus::NotBuiltIn
            };
        };
        if let Some(removal) = lifecycle.removal
            && removal.decision == Decision::Decided
            && minor >= removal.in_minor
        {
            return ApiStatus::Removed {
                in_minor: removal.in_minor,
            };
        }
        if minor < self.covers.0 || minor > self.covers.1 {
            return ApiStatus::Unknown(NotKnown::Minor);
        }
        if let Since::Exactly(introduced) = lifecycle.introduced
            && minor < introduced
        {
            return ApiStatus::NotYetServed { introduced };
        }
        match lifecycle.deprecated {
            Some(since) if minor >= since => ApiStatus::Deprecated {
                since,
                removal: lifecycle.removal,
            },
            Some(_) | None => ApiStatus::Served,
        }
    }

    /// What to use instead of `api` in Kubernetes `target`, where that is known.
    ///
    /// The successor that upstream names may itself be gone at the target, or
    /// not be there yet. Then its own successors are asked, and then the other
    /// versions of the same kinds. Among what the target serves, one that is on
    /// by default and not deprecated comes first, then the nearest successor.
    #[must_use]
    pub fn replacement_at(
        &self,
        api: &GroupVersionKind,
        target: Minor,
    ) -> Option<&GroupVersionKind> {
        let chain = self.successors(api);
        let siblings = self.lifecycles.values().filter(|candidate| {
            candidate.api != *api
                && std::iter::once(api)
                    .chain(chain.iter().copied())
                    .any(|known| {
                        known.group == candidate.api.group && known.kind == candidate.api.kind
                    })
        });
        let rank = |candidate: &Lifecycle| match self.status_at(&candidate.api, target) {
            ApiStatus::Served => Some((!candidate.served_by_default, false)),
            ApiStatus::Deprecated { .. } => Some((!candidate.served_by_default, true)),
            ApiStatus::NotYetServed { .. }
            | ApiStatus::Removed { .. }
            | ApiStatus::Unknown(_)
            | ApiStatus::NotBuiltIn => None,
        };
        let successor = chain
            .iter()
            .filter_map(|name| self.lifecycles.get(*name))
            .enumerate()
            .filter_map(|(distance, candidate)| Some((rank(candidate)?, distance, candidate)))
            .min_by_key(|(rank, distance, _)| (*rank, *distance))
            .map(|(_, _, candidate)| candidate);
        successor
            .or_else(|| {
                // No successor is served, so the kind's own other versions are
                // asked; the most stable wins, then the newest by name.
                siblings
                    .filter_map(|candidate| Some((rank(candidate)?, candidate)))
                    .min_by_key(|(rank, candidate)| {
                        (
                            *rank,
                            std::cmp::Reverse(candidate.stage),
                            std::cmp::Reverse(&candidate.api.version),
                        )
                    })
                    .map(|(_, candidate)| candidate)
            })
            .map(|candidate| &candidate.api)
    }

    /// The kinds whose OpenAPI document of `minor` has them, alphas included.
    pub fn kinds_at(&self, minor: Minor) -> impl Iterator<Item = &GroupVersionKind> {
        self.lifecycles
            .values()
            .filter(move |lifecycle| {
                lifecycle
                    .openapi
                    .is_some_and(|(first, last)| first <= minor && minor <= last)
            })
            .map(|lifecycle| &lifecycle.api)
    }

    /// The named successors of `api`, nearest first, each once.
    fn successors<'s>(&'s self, api: &GroupVersionKind) -> Vec<&'s GroupVersionKind> {
        let mut chain: Vec<&GroupVersionKind> = Vec::new();
        let mut at = self.lifecycles.get(api);
        while let Some(next) = at.and_then(|lifecycle| lifecycle.replacement.as_ref()) {
            if next == api || chain.contains(&next) {
                break;
            }
            chain.push(next);
            at = self.lifecycles.get(next);
        }
        chain
    }
}

#[cfg(test)]
mod tests;
