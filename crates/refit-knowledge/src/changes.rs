//! What changes from one release of Kubernetes to another: the page that
//! somebody reads before an upgrade, put together from every family.
//!
//! A change belongs to the span when it comes after the release that runs and
//! not after the one that is aimed at. What only holds outside it is left out.

mod apis;
mod behaviours;

use crate::Knowledge;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Who must act on a change, in the order in which the page tells them:
/// infrastructure first, because everything else stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Whoever provides machines, runtimes, etcd and networks.
    Infrastructure,
    /// Whoever runs the control plane and the add-ons.
    ClusterOperators,
    /// Whoever deploys applications.
    ApplicationTeams,
    /// Whoever writes controllers, drivers and clients.
    ToolAuthors,
    /// Nobody has to; it is good to know.
    Nobody,
}

impl Who {
    /// As a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::ClusterOperators => "whoever runs the cluster",
            Self::ApplicationTeams => "application teams",
            Self::ToolAuthors => "authors of controllers, drivers and clients",
            Self::Nobody => "good to know",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The release with which it comes: a minor, or a patch of one.
    pub with: String,
    /// What changes, as a sentence without its full stop.
    pub what: String,
    /// What to do; empty where nothing is to be done.
    pub act: String,
    /// Where that can be looked up.
    pub source: String,
}

/// Everything that changes after `from` and not after `to`, by who must act. A
/// change that two must act on is told to both.
#[must_use]
pub fn between(knowledge: &Knowledge, from: Minor, to: Minor) -> BTreeMap<Who, Vec<Change>> {
    let mut changes: BTreeMap<Who, Vec<Change>> = BTreeMap::new();
    let span = Span { from, to };
    for (who, change) in apis::changes(knowledge, span).chain(behaviours::changes(knowledge, span))
    {
        changes.entry(who).or_default().push(change);
    }
    changes
}

/// The minors after the one that runs, up to the one that is aimed at.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Minor,
    to: Minor,
}

impl Span {
    fn has(self, minor: Minor) -> bool {
        self.from < minor && minor <= self.to
    }
}
