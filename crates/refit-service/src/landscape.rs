//! Where a use case looks: at files, or at a live cluster.

use crate::doctor::Trouble;
use crate::failure::{Failure, FailureKind};
use crate::input::read_paths;
pub use crate::input::{Ignored, spelled};
use refit_assessor::is_of_concern;
use refit_cluster::{Access, ApiFacts, ConnectError, LiveWorld};
pub use refit_cluster::{ConnectOptions, HelmReleases, Read, Reads, reads};
use refit_knowledge::Knowledge;
use refit_knowledge::schema::Loss;
use refit_model::assessment::Family;
use refit_model::name::ClusterId;
use refit_model::object::GroupVersionKind;
use refit_model::snapshot::{Area, ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::Minor;
use refit_sources::{Interest, ReadOptions, Watch, interest};
pub use refit_sources::{Note, Progress, Reading, Tally};
use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;

/// Where to look.
#[derive(Clone, Debug)]
pub enum Landscape {
    /// At files and folders; `-` is standard input.
    Files {
        /// The paths.
        paths: Vec<PathBuf>,
        /// What to call the cluster when the files do not identify it.
        cluster_name: Option<String>,
        /// Whether what git ignores is left out.
        ignored: Ignored,
        /// What the files are read for.
        sought: Sought,
    },
    /// At the cluster that a kubeconfig names.
    Live(Live),
    /// At nothing but programs: a landscape without an API of its own, known by
    /// this name.
    Named(ClusterId),
}

/// A live cluster, and how to look at it.
#[derive(Clone, Debug)]
pub struct Live {
    /// Which cluster is meant.
    pub connect: ConnectOptions,
    /// Whether Helm's stored releases are asked for.
    pub releases: HelmReleases,
    /// Where people are told what is about to happen, one line each: a
    /// kubeconfig may run a command, and nobody should find out afterwards.
    pub tell: fn(&str),
}

/// What files are read for; documents that are not sought are only counted.
#[derive(Clone, Debug, Default)]
pub enum Sought {
    /// A snapshot of everything.
    #[default]
    Everything,
    /// Findings.
    Findings {
        /// Of these families; of all of them when empty.
        families: BTreeSet<Family>,
        /// At this minor, where it is known already.
        target: Option<Minor>,
    },
}

/// Whether rules of `families` ask for objects of an API version at `target`.
fn wanted<'k>(
    families: &BTreeSet<Family>,
    target: Option<Minor>,
    knowledge: &'k Knowledge,
) -> impl Fn(&GroupVersionKind) -> bool + use<'k> {
    let areas: BTreeSet<Area> = Area::ALL
        .into_iter()
        .filter(|area| {
            families.is_empty() || families.iter().any(|family| family.areas().contains(area))
        })
        .collect();
    // Asked for every document, so that it is looked up and not worked out.
    let apis = knowledge.apis();
    let of_no_concern: BTreeSet<&GroupVersionKind> = apis
        .lifecycles()
        .map(|life| &life.api)
        .filter(|api| !is_of_concern(knowledge, api, target))
        .collect();
    move |api| {
        let is_listed = interest::area(api).is_some_and(|area| areas.contains(&area));
        let is_concern = apis.is_built_in(&api.group) && !of_no_concern.contains(api);
        is_listed || (areas.contains(&Area::Apis) && is_concern)
    }
}

/// Looks at `landscape`; `tally` tells how far that has come.
///
/// # Errors
/// When there is nothing to read, or nothing to talk to.
pub async fn look(
    landscape: &Landscape,
    knowledge: &Knowledge,
    tally: &Tally,
) -> Result<Reading, Failure> {
    match landscape {
        Landscape::Files {
            paths,
            cluster_name,
            ignored,
            sought,
        } => {
            let options = ReadOptions {
                cluster_name: cluster_name.clone(),
                taken_at: None,
                watch: match sought {
                    Sought::Everything => watch(knowledge),
                    Sought::Findings { families, .. } => watch_for(families, knowledge),
                },
            };
            match sought {
                Sought::Everything => {
                    // What no assessment asks for, whatever its target, is told
                    // where it can be; that it cannot is no gap.
                    let wants = wanted(&BTreeSet::new(), None, knowledge);
                    let interest = Interest::of(&wants).watching(&options.watch);
                    read_paths(paths, *ignored, interest.and_the_rest(), &options, tally)
                }
                Sought::Findings { families, target } => {
                    let wants = wanted(families, *target, knowledge);
                    let interest = Interest::of(&wants).watching(&options.watch);
                    read_paths(paths, *ignored, interest, &options, tally)
                }
            }
        }
        Landscape::Named(id) => Ok(Reading {
            snapshot: Snapshot::empty(named(id), jiff::Timestamp::now()),
            objects: 0,
            skipped: 0,
            documents: 0,
            templates: 0,
            notes: Vec::new(),
            left_out: BTreeSet::new(),
        }),
        Landscape::Live(live) => {
            let world = connect(live).await?;
            let survey = world
                .survey(&api_facts(knowledge), live.releases, tally)
                .await;
            Ok(Reading {
                snapshot: survey.snapshot,
                objects: survey.objects,
                skipped: 0,
                documents: 0,
                templates: 0,
                notes: Vec::new(),
                left_out: BTreeSet::new(),
            })
        }
    }
}

/// The identity of a landscape that a person names.
#[must_use]
pub fn named(id: &ClusterId) -> ClusterIdentity {
    ClusterIdentity {
        id: id.clone(),
        name: id.to_string(),
        basis: IdentityBasis::Given,
    }
}

/// The fields that some minor takes away or wants, and those that show a change of
/// behaviour.
pub(crate) fn watch(knowledge: &Knowledge) -> Watch {
    watch_for(&BTreeSet::new(), knowledge)
}

/// Those of them that the families ask for; all of them where none is named.
fn watch_for(families: &BTreeSet<Family>, knowledge: &Knowledge) -> Watch {
    let asks = |family| families.is_empty() || families.contains(&family);
    let mut watch = Watch::default();
    if asks(Family::Api) {
        let schemas = knowledge.schemas();
        let losses = schemas.losses();
        watch = Watch::new(schemas.covers().1, losses.iter().map(Loss::watched));
    }
    let behaviours = knowledge.behaviours();
    if asks(Family::Behaviour)
        && let Some(through) = behaviours.through()
    {
        watch = watch.with_behaviours(through, behaviours.watched(knowledge.apis()));
    }
    watch
}

/// What the collector has to know to ask for nothing that is deprecated.
fn api_facts(knowledge: &Knowledge) -> ApiFacts {
    let mut facts = ApiFacts {
        watch: watch(knowledge),
        ..ApiFacts::default()
    };
    for life in knowledge.apis().lifecycles() {
        facts.groups.insert(life.api.group.clone());
        if let Some(since) = life.deprecated {
            facts.deprecated.insert(life.api.clone(), since);
        }
    }
    facts
}

/// What the collector has to know, from the embedded knowledge.
pub(crate) fn facts() -> ApiFacts {
    api_facts(Knowledge::embedded())
}

/// Connects to the cluster that a kubeconfig names. The command that it runs for
/// credentials is told before it runs.
///
/// # Errors
/// When there is no such file or context, or no cluster answers.
pub async fn connect(live: &Live) -> Result<LiveWorld, Failure> {
    let access = Access::read(&live.connect).map_err(unconnected)?;
    if let Some(command) = access.plugin() {
        (live.tell)(&format!(
            "note: context {} runs {command} for credentials, as kubectl does",
            access.context()
        ));
    }
    access.connect().await.map_err(unconnected)
}

/// A kubeconfig that leads nowhere is a wrong argument. A cluster that does not
/// answer, or not to us, is one that could not be seen.
fn unconnected(error: ConnectError) -> Failure {
    let (kind, hint) = match &error {
        ConnectError::NoKubeconfig { .. }
        | ConnectError::NowhereToLook
        | ConnectError::Unreadable { .. }
        | ConnectError::NotAKubeconfig { .. }
        | ConnectError::NoContext { .. }
        | ConnectError::NoCurrentContext { .. }
        | ConnectError::NotYours { .. }
        | ConnectError::Unusable { .. } => (
            FailureKind::Usage,
            "`kubectl config get-contexts` lists what the kubeconfig holds",
        ),
        ConnectError::Plugin { .. } | ConnectError::Unauthorized { .. } => (
            FailureKind::Unseen,
            "`kubectl auth whoami` shows whether the credentials still hold; log in again if not",
        ),
        ConnectError::Forbidden { .. } => (
            FailureKind::Unseen,
            "`kubectl auth can-i --list` shows what is allowed",
        ),
        ConnectError::Unreachable { .. } | ConnectError::NotAnApiServer { .. } => (
            FailureKind::Unseen,
            "`kubectl cluster-info` shows whether the API server can be reached from here",
        ),
    };
    Failure::new(kind, "could not connect to the cluster")
        .because(error)
        .hint(hint)
        .hint("`-f DIR` assesses files instead: no cluster is needed")
}

/// The same for somebody who wants to know what works, and not for it to work.
pub(crate) fn trouble(error: ConnectError) -> Trouble {
    unconnected(error).into()
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let mut what = failure.what;
        let mut next: Option<&(dyn Error + 'static)> = match &failure.cause {
            Some(cause) => Some(&**cause),
            None => None,
        };
        while let Some(cause) = next {
            what = format!("{what}: {cause}");
            next = cause.source();
        }
        Self {
            what,
            next: failure.hints,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use refit_knowledge::api::ObjectClass;

    /// The plural of a kind, as every kind of Kubernetes makes it.
    fn plural(kind: &str) -> String {
        let kind = kind.to_lowercase();
        if kind.ends_with("endpoints") || kind.ends_with("parameters") {
            kind
        } else if kind.ends_with('s') {
            format!("{kind}es")
        } else if let Some(stem) = kind.strip_suffix('y') {
            format!("{stem}ies")
        } else {
            format!("{kind}s")
        }
    }

    #[test]
    fn the_rights_cover_every_kind_that_clusters_store() {
        let knowledge = Knowledge::embedded();
        let (first, last) = knowledge.covers();
        let asked: BTreeSet<_> = reads(HelmReleases::Read)
            .resources
            .into_iter()
            .map(|read| (read.group, read.resource))
            .collect();
        // Reviews and evictions are answered and never stored; the rest is told
        // in the guide.
        let beside = [
            "componentstatuses",
            "endpoints",
            "events",
            "evictions",
            "localsubjectaccessreviews",
            "selfsubjectaccessreviews",
            "selfsubjectreviews",
            "selfsubjectrulesreviews",
            "subjectaccessreviews",
            "tokenreviews",
        ];
        let missing: BTreeSet<_> = knowledge
            .apis()
            .lifecycles()
            .filter(|life| life.object == ObjectClass::Resource)
            .filter(|life| {
                // Served by one of the servers that are read, 1.24 and later.
                let from = "1.24".parse().unwrap_or(first).max(first);
                let gone = life.removal.map(|removal| removal.in_minor);
                life.introduced.minor() <= last && gone.is_none_or(|gone| gone > from)
            })
            .map(|life| (life.api.group.clone(), plural(&life.api.kind)))
            .filter(|(_, resource)| !beside.contains(&resource.as_str()))
            .filter(|named| !asked.contains(named))
            .collect();
        assert_eq!(missing, BTreeSet::new());
    }
}
