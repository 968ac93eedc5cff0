//! A peer's table beside the facts here, fact by fact.

use super::pluto::KUBERNETES;
use super::{Api, Claims, Peer, Said, group_version};
use crate::Outcome;
use refit_knowledge::Knowledge;
use refit_knowledge::api::{Decision, Lifecycle, ObjectClass, Since};
use refit_knowledge::custom::{Defined, Offer};
use refit_knowledge::project::ProjectVersion;
use refit_knowledge::settings::Life;
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What is compared of one kind at one API version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// That it goes, is discouraged, or ever was.
    Listed,
    Deprecated,
    Removed,
    Replacement,
    ReplacementSince,
}

impl Fact {
    pub(super) const ALL: [Self; 5] = [
        Self::Listed,
        Self::Deprecated,
        Self::Removed,
        Self::Replacement,
        Self::ReplacementSince,
    ];
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listed => "listed",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
            Self::Replacement => "replacement",
            Self::ReplacementSince => "replacement-since",
        })
    }
}

impl FromStr for Fact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|fact| fact.to_string() == text)
            .ok_or_else(|| format!("{text:?} is not a fact that is compared"))
    }
}

/// One fact that a peer and the facts here state otherwise; empty where one
/// states nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) peer: Peer,
    pub(super) api: Api,
    pub(super) fact: Fact,
    pub(super) theirs: String,
    pub(super) ours: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{},{},{},{},{}",
            self.peer,
            self.api.join(","),
            self.fact,
            self.theirs,
            self.ours
        )
    }
}

/// What came of comparing one peer.
#[derive(Debug)]
pub(super) struct Comparison {
    peer: Peer,
    /// How many facts are stated alike.
    pub(super) agree: usize,
    /// The facts that are not.
    pub(super) disagreements: Vec<Disagreement>,
    /// How many of the peer's facts concern what nothing is known of here.
    pub(super) incomparable: usize,
}

/// How two statements of one fact stand to each other.
enum Verdict {
    Agree,
    /// With what is stated here.
    Differ(String),
    /// Nothing is stated here.
    Incomparable,
}

impl Comparison {
    fn enter(&mut self, api: &Api, fact: Fact, theirs: &str, verdict: Verdict) {
        match verdict {
            Verdict::Agree => self.agree += 1,
            Verdict::Incomparable => self.incomparable += 1,
            Verdict::Differ(ours) => self.disagreements.push(Disagreement {
                peer: self.peer,
                api: api.clone(),
                fact,
                theirs: theirs.to_owned(),
                ours,
            }),
        }
    }

    /// Enters what `verdict` makes of each statement that the peer makes.
    fn enter_all(
        &mut self,
        api: &Api,
        said: &Said,
        verdict: &dyn Fn(Fact, &str) -> Outcome<Verdict>,
    ) -> Outcome<()> {
        for fact in Fact::ALL {
            let (theirs, silence) = match fact {
                Fact::Listed => ("listed", Silence::SaysNothing),
                Fact::Deprecated => (said.deprecated.as_str(), Silence::SaysNothing),
                Fact::Removed => (said.removed.as_str(), Silence::SaysNever),
                Fact::Replacement => (said.replacement.as_str(), Silence::SaysNever),
                Fact::ReplacementSince => (said.replacement_since.as_str(), Silence::SaysNothing),
            };
            if theirs.is_empty() && silence == Silence::SaysNothing {
                continue;
            }
            let verdict = verdict(fact, theirs)
                .map_err(|error| format!("{} {}: {fact}: {error}", self.peer, api.join(" ")))?;
            self.enter(api, fact, theirs, verdict);
        }
        Ok(())
    }
}

/// What it means that a peer leaves a column empty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// It does not state that fact.
    SaysNothing,
    /// It states that there is none: no removal, no replacement.
    SaysNever,
}

/// Compares all that `peer` claims, and looks for what it leaves out.
pub(super) fn compare(peer: Peer, claims: &Claims, knowledge: &Knowledge) -> Outcome<Comparison> {
    let mut found = Comparison {
        peer,
        agree: 0,
        disagreements: Vec::new(),
        incomparable: 0,
    };
    let mut named = BTreeSet::new();
    for (api, said) in claims {
        let [group, version, kind] = api;
        if knowledge.apis().is_built_in(group) {
            match built_in(api, knowledge) {
                Some(lifecycle) => {
                    named.insert(&lifecycle.api);
                    found.enter_all(api, said, &|fact, theirs| {
                        of_kubernetes(lifecycle, said, fact, theirs, knowledge)
                    })?;
                }
                // Nothing of what never was can be compared but that.
                None => found.enter(api, Fact::Listed, "listed", Verdict::Differ(String::new())),
            }
        } else if let Some(life) = knowledge.settings().config_api(group, version) {
            found.enter_all(api, said, &|fact, theirs| {
                of_configuration(life, fact, theirs, knowledge)
            })?;
        } else {
            let rows = of_its_project(api, said, knowledge);
            found.enter_all(api, said, &|fact, theirs| {
                of_project(&rows, [group, version, kind], fact, theirs)
            })?;
        }
    }
    let left_out = knowledge
        .apis()
        .lifecycles()
        .filter(|lifecycle| !named.contains(&lifecycle.api));
    for lifecycle in left_out {
        if let Some(ours) = ends(lifecycle, knowledge.covers().0) {
            let api = &lifecycle.api;
            let api = [&api.group, &api.version, &api.kind].map(Clone::clone);
            found.enter(&api, Fact::Listed, "", Verdict::Differ(ours));
        }
    }
    Ok(found)
}

/// The life that a claim is about. A list goes when what is in it goes, and is
/// not among the facts.
fn built_in<'k>([group, version, kind]: &Api, knowledge: &'k Knowledge) -> Option<&'k Lifecycle> {
    let life = |kind: &str| {
        knowledge.apis().lifecycle(&GroupVersionKind {
            group: group.clone(),
            version: version.clone(),
            kind: kind.to_owned(),
        })
    };
    life(kind).or_else(|| life(kind.strip_suffix("List")?))
}

/// Why a scanner should list it: how it ends, in a minor that is covered.
fn ends(lifecycle: &Lifecycle, first: Minor) -> Option<String> {
    match lifecycle.object {
        ObjectClass::Resource => {}
        // No manifest holds one.
        ObjectClass::Other | ObjectClass::OpenApiOnly => return None,
    }
    match (lifecycle.removal, lifecycle.deprecated) {
        (Some(removal), _) if removal.in_minor < first => None,
        (Some(removal), _) => Some(match removal.decision {
            Decision::Decided => format!("removed {}", removal.in_minor),
            Decision::Scheduled => format!("removal announced for {}", removal.in_minor),
        }),
        (None, Some(deprecated)) => Some(format!("deprecated {deprecated}")),
        (None, None) => None,
    }
}

/// A statement beside the minor that is stated here.
fn minor(theirs: &str, ours: Option<Minor>) -> Outcome<Verdict> {
    let stated = if theirs.is_empty() {
        None
    } else {
        Some(theirs.parse::<Minor>()?)
    };
    Ok(if stated == ours {
        Verdict::Agree
    } else {
        Verdict::Differ(ours.map(|minor| minor.to_string()).unwrap_or_default())
    })
}

fn of_kubernetes(
    lifecycle: &Lifecycle,
    said: &Said,
    fact: Fact,
    theirs: &str,
    knowledge: &Knowledge,
) -> Outcome<Verdict> {
    match fact {
        Fact::Listed => Ok(Verdict::Agree),
        Fact::Deprecated => minor(theirs, lifecycle.deprecated),
        Fact::Removed => minor(theirs, lifecycle.removal.map(|removal| removal.in_minor)),
        Fact::Replacement => {
            let chain = successors(lifecycle, knowledge);
            let versions: Vec<String> = chain.iter().map(|api| api.api_version()).collect();
            Ok(
                if versions.iter().any(|version| version == theirs)
                    || (versions.is_empty() && theirs.is_empty())
                {
                    Verdict::Agree
                } else {
                    Verdict::Differ(versions.join(" > "))
                },
            )
        }
        Fact::ReplacementSince => {
            let stated: Minor = theirs.parse()?;
            let successor = successors(lifecycle, knowledge)
                .into_iter()
                .find(|api| api.api_version() == said.replacement)
                .and_then(|api| knowledge.apis().lifecycle(api));
            Ok(match successor.map(|successor| successor.introduced) {
                // They name another one: that is a disagreement of its own.
                None => Verdict::Incomparable,
                Some(Since::Exactly(minor)) if minor == stated => Verdict::Agree,
                Some(Since::AtLatest(minor)) if minor >= stated => Verdict::Agree,
                Some(Since::Exactly(minor)) => Verdict::Differ(minor.to_string()),
                Some(Since::AtLatest(minor)) => Verdict::Differ(format!("<={minor}")),
            })
        }
    }
}

/// What replaces it, what replaces that, and so on: a peer may name any of them.
fn successors<'k>(lifecycle: &'k Lifecycle, knowledge: &'k Knowledge) -> Vec<&'k GroupVersionKind> {
    let mut chain: Vec<&GroupVersionKind> = Vec::new();
    let mut at = Some(lifecycle);
    while let Some(next) = at.and_then(|lifecycle| lifecycle.replacement.as_ref()) {
        if *next == lifecycle.api || chain.contains(&next) {
            break;
        }
        chain.push(next);
        at = knowledge.apis().lifecycle(next);
    }
    chain
}

fn of_configuration(
    life: &Life,
    fact: Fact,
    theirs: &str,
    knowledge: &Knowledge,
) -> Outcome<Verdict> {
    match fact {
        Fact::Listed => Ok(Verdict::Agree),
        Fact::Deprecated => minor(theirs, life.deprecated),
        Fact::Removed => minor(theirs, life.removed),
        Fact::Replacement => {
            let (group, version) = group_version(theirs);
            let there = knowledge.settings().config_api(&group, &version);
            Ok(match there {
                Some(life) if life.removed.is_none() => Verdict::Agree,
                Some(_) | None => Verdict::Differ(String::new()),
            })
        }
        Fact::ReplacementSince => Ok(Verdict::Incomparable),
    }
}

/// What the project of a claim defines, in the order of its releases.
fn of_its_project<'k>(
    [group, ..]: &Api,
    said: &Said,
    knowledge: &'k Knowledge,
) -> Vec<&'k Defined> {
    let custom = knowledge.custom_apis();
    let project = knowledge
        .projects()
        .iter()
        .map(|project| project.name.as_str())
        .find(|name| {
            if said.component.is_empty() || said.component == KUBERNETES {
                custom.of(name).any(|row| row.api.group == *group)
            } else {
                *name == said.component
            }
        });
    project.map_or_else(Vec::new, |name| custom.of(name).collect())
}

fn of_project(
    rows: &[&Defined],
    [group, version, kind]: [&String; 3],
    fact: Fact,
    theirs: &str,
) -> Outcome<Verdict> {
    let any = |pattern: &str, value: &str| pattern.is_empty() || pattern == value;
    let offered = |release: &ProjectVersion| {
        rows.iter().any(|row| {
            row.api.group == *group
                && any(version, &row.api.version)
                && any(kind, &row.api.kind)
                && row.releases.contains(release)
                && row.offer != Offer::NotServed
        })
    };
    let releases: Vec<&ProjectVersion> = rows
        .iter()
        .flat_map(|row| [row.releases.first(), row.releases.last()])
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let Some(first) = releases.first() else {
        return Ok(Verdict::Incomparable);
    };
    Ok(match fact {
        // Older releases than the first that was looked at may have had it.
        Fact::Listed | Fact::Deprecated | Fact::ReplacementSince => Verdict::Incomparable,
        Fact::Removed => {
            let removed = if theirs.is_empty() {
                None
            } else {
                Some(theirs.parse::<ProjectVersion>()?)
            };
            let wrong = releases.iter().find(|release| {
                let gone = removed.as_ref().is_some_and(|removed| removed <= **release);
                gone == offered(release)
            });
            match wrong {
                None => Verdict::Agree,
                Some(release) if offered(release) => {
                    Verdict::Differ(format!("served in {release}"))
                }
                Some(release) => Verdict::Differ(format!("not served in {release}")),
            }
        }
        Fact::Replacement => {
            let versions: BTreeSet<String> = rows
                .iter()
                .filter(|row| row.api.kind == *kind && row.releases.contains(first))
                .filter(|row| row.offer != Offer::NotServed)
                .map(|row| format!("{}/{}", row.api.group, row.api.version))
                .collect();
            if versions.is_empty() {
                Verdict::Incomparable
            } else if versions.contains(theirs) {
                Verdict::Agree
            } else {
                Verdict::Differ(versions.into_iter().collect::<Vec<_>>().join(" "))
            }
        }
    })
}

#[cfg(test)]
mod tests;
