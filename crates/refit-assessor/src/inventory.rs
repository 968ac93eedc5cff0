//! The inventory of a landscape: every project that can be named, and the
//! workloads that cannot.
//!
//! What is asked about is a *thing*: a workload with its pods, a pod that
//! nothing makes, a Helm release, a group of definitions, a webhook
//! configuration, a CSI driver, an aggregated API. Each shows clues, the
//! knowledge weighs them, and things of one project in one namespace are one
//! entry. What has no namespace joins the entries of its project.

mod things;

use crate::scene::oldest_api_server;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use refit_knowledge::Knowledge;
use refit_knowledge::detection::{self, Answer, Relation, Shown};
use refit_knowledge::project::{Project, ProjectVersion, Requirement, Support, Upper};
use refit_model::API_VERSION;
use refit_model::assessment::{AssessmentMetadata, KnowledgeUsed};
use refit_model::inventory::{
    FoundProject, FoundSupport, FoundVersion, Inventory, InventoryKind, Life, Naming, Sign,
    SupportAnswer, SupportClaim, Sureness, UnnamedWorkload,
};
use refit_model::snapshot::{Area, Snapshot};
use refit_model::version::{Minor, TargetVersion};
use std::collections::{BTreeMap, BTreeSet};

use things::{Thing, ThingKind};

/// Everything that runs in `snapshot`'s landscape, as far as `knowledge` can
/// name it, as of `now`. Support is judged against `target`, and against what
/// runs where there is none.
#[must_use]
pub fn inventory(
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    target: Option<&TargetVersion>,
    now: Timestamp,
) -> Inventory {
    let from = snapshot.kubernetes.as_ref().and_then(oldest_api_server);
    let target = target
        .cloned()
        .or_else(|| Some(TargetVersion::Minor(from.as_ref()?.minor())));
    let today = now.to_zoned(TimeZone::UTC).date();
    let things = snapshot
        .kubernetes
        .as_ref()
        .map_or_else(Vec::new, things::of);
    let (found, workloads) = name(&things, knowledge);
    let minor = target.as_ref().map(TargetVersion::minor);
    Inventory {
        api_version: API_VERSION.to_owned(),
        kind: InventoryKind::Inventory,
        metadata: AssessmentMetadata {
            now,
            refit: env!("CARGO_PKG_VERSION").to_owned(),
            knowledge: KnowledgeUsed {
                version: knowledge.version().to_owned(),
                as_of: knowledge.as_of().to_string(),
                overlays: Vec::new(),
            },
            cluster: snapshot.cluster.clone(),
            only: BTreeSet::new(),
        },
        projects: found
            .into_iter()
            .filter_map(|((project, namespace), entry)| {
                let project = knowledge.projects().find(project)?;
                Some(entry.told(knowledge, project, namespace, minor, today))
            })
            .collect(),
        from,
        target,
        workloads,
        gaps: snapshot
            .gaps
            .iter()
            .filter(|gap| bears_signs(gap.area))
            .cloned()
            .collect(),
    }
}

/// Whether a gap there may hide a project.
const fn bears_signs(area: Area) -> bool {
    match area {
        Area::Workloads
        | Area::Webhooks
        | Area::Definitions
        | Area::ApiServices
        | Area::Releases => true,
        Area::Apis
        | Area::ControlPlane
        | Area::Nodes
        | Area::Budgets
        | Area::Juju
        | Area::Backups
        | Area::Behaviour => false,
    }
}

/// What was found of one project in one namespace.
#[derive(Default)]
struct Entry<'k> {
    versions: Vec<Shown>,
    sureness: Option<detection::Sureness>,
    signs: BTreeMap<(detection::Signal, &'k str), (String, &'k str)>,
    rebuilt_by: Option<&'k str>,
    workloads: BTreeSet<String>,
    within: BTreeSet<&'k str>,
    disputed_by: BTreeSet<&'k str>,
}

/// Its own components are named like any other project.
const KUBERNETES: &str = "kubernetes";

/// Entries by project and namespace.
type Found<'k> = BTreeMap<(&'k str, Option<String>), Entry<'k>>;

fn name<'k>(things: &[Thing<'_>], knowledge: &'k Knowledge) -> (Found<'k>, Naming) {
    let mut found: Found<'k> = BTreeMap::new();
    let mut everywhere: BTreeMap<&'k str, Entry<'k>> = BTreeMap::new();
    let (mut all, mut unnamed) = (0, Vec::new());
    for thing in things {
        let identified = knowledge.detection().identify(&thing.clues());
        if thing.kind == ThingKind::Workload {
            all += 1;
            if identified.answer.is_none() {
                unnamed.push(UnnamedWorkload {
                    workload: thing.name.clone(),
                    application: thing.application.to_owned(),
                    images: thing
                        .images
                        .iter()
                        .map(|image| (*image).to_owned())
                        .collect(),
                });
            }
        }
        let Some(answer) = identified.answer else {
            continue;
        };
        let project = answer.project;
        for (relation, other) in &identified.others {
            // A container of another project is a find of its own.
            if *relation == Relation::Beside {
                home(&mut found, &mut everywhere, other.project, thing).take(other, thing);
            }
        }
        let entry = home(&mut found, &mut everywhere, project, thing);
        for (relation, other) in &identified.others {
            match relation {
                Relation::Beside => {}
                Relation::Within => {
                    entry.within.insert(other.project);
                }
                Relation::Conflict => {
                    entry.disputed_by.insert(other.project);
                }
            }
        }
        entry.take(&answer, thing);
    }
    for (project, entry) in everywhere {
        let has_place = found
            .range((project, None)..)
            .next()
            .is_some_and(|((name, _), _)| *name == project);
        if !has_place {
            found.insert((project, None), entry);
            continue;
        }
        for ((name, _), local) in found.range_mut((project, None)..) {
            if *name != project {
                break;
            }
            local.join(&entry);
        }
    }
    unnamed.sort();
    let naming = Naming {
        all,
        named: all - unnamed.len(),
        unnamed_percent: (unnamed.len() * 100).div_ceil(all.max(1)),
        unnamed,
    };
    (found, naming)
}

/// Where what is found in `thing` belongs.
fn home<'e, 'k>(
    found: &'e mut Found<'k>,
    everywhere: &'e mut BTreeMap<&'k str, Entry<'k>>,
    project: &'k str,
    thing: &Thing<'_>,
) -> &'e mut Entry<'k> {
    match &thing.namespace {
        Some(namespace) => found.entry((project, Some(namespace.clone()))).or_default(),
        None => everywhere.entry(project).or_default(),
    }
}

impl<'k> Entry<'k> {
    fn take(&mut self, answer: &Answer<'k>, thing: &Thing<'_>) {
        for shown in answer.version.iter().chain(&answer.other_versions) {
            self.version(shown);
        }
        // The surest of its things speaks for all of them.
        self.sureness = Some(
            self.sureness
                .map_or(answer.sureness, |before| before.min(answer.sureness)),
        );
        for sign in &answer.signs {
            self.signs
                .entry((sign.signal, sign.pattern))
                .or_insert_with(|| (sign.seen.clone(), sign.source));
        }
        self.rebuilt_by = self.rebuilt_by.or(answer.rebuilt_by);
        if thing.kind == ThingKind::Workload {
            self.workloads.insert(thing.name.clone());
        }
    }

    fn version(&mut self, shown: &Shown) {
        if !self.versions.iter().any(|old| old.version == shown.version) {
            self.versions.push(shown.clone());
        }
    }

    /// Takes over what was found in no namespace.
    fn join(&mut self, other: &Self) {
        if self.versions.is_empty() {
            self.versions.clone_from(&other.versions);
        }
        self.sureness = self.sureness.into_iter().chain(other.sureness).min();
        for (key, value) in &other.signs {
            self.signs.entry(*key).or_insert_with(|| value.clone());
        }
        self.disputed_by.extend(&other.disputed_by);
        self.within.extend(&other.within);
    }

    fn told(
        mut self,
        knowledge: &Knowledge,
        project: &Project,
        namespace: Option<String>,
        minor: Option<Minor>,
        today: Date,
    ) -> FoundProject {
        // What runs before what is only written about it; then the oldest, which
        // is what an upgrade meets first.
        self.versions
            .sort_by(|a, b| (a.rank(), &a.version).cmp(&(b.rank(), &b.version)));
        let version = self.versions.first().map(|shown| shown.version.clone());
        let mut versions = self.versions.iter().map(|shown| FoundVersion {
            version: shown.version.to_string(),
            by: shown.by.to_string(),
        });
        FoundProject {
            project: project.name.clone(),
            title: project.title.clone(),
            repository: project.repository.clone(),
            namespace,
            version: versions.next(),
            other_versions: versions.collect(),
            sureness: match self.sureness {
                Some(detection::Sureness::Certain) => Sureness::Certain,
                Some(detection::Sureness::Likely) => Sureness::Likely,
                Some(detection::Sureness::Possible) | None => Sureness::Possible,
            },
            why: self
                .signs
                .into_iter()
                .map(|((signal, pattern), (seen, source))| Sign {
                    signal: signal.to_string(),
                    seen,
                    pattern: pattern.to_owned(),
                    source: source.to_owned(),
                })
                .collect(),
            rebuilt_by: self.rebuilt_by.map(str::to_owned),
            workloads: self.workloads.into_iter().collect(),
            within: self.within.into_iter().map(str::to_owned).collect(),
            disputed_by: self.disputed_by.into_iter().map(str::to_owned).collect(),
            life: life(knowledge, project, version.as_ref(), today),
            // Whether Kubernetes goes with Kubernetes is no question.
            support: minor
                .filter(|_| project.name != KUBERNETES)
                .map(|minor| support(knowledge, project, version.as_ref(), minor)),
        }
    }
}

/// The end of the line that `version` is of, or that of the whole project,
/// whichever comes first.
fn life(
    knowledge: &Knowledge,
    project: &Project,
    version: Option<&ProjectVersion>,
    today: Date,
) -> Life {
    let line = version.and_then(|version| knowledge.project_lives().of(&project.name, version));
    let ends = [
        project.end_of_life.map(|day| (day, &project.source)),
        line.and_then(|life| Some((life.end_of_life?, &life.source))),
    ];
    match (ends.into_iter().flatten().min(), line) {
        (Some((day, source)), _) if day < today => Life::Ended {
            on: day.to_string(),
            source: source.clone(),
        },
        (Some((day, source)), _) => Life::Ending {
            on: day.to_string(),
            source: source.clone(),
        },
        (None, Some(life)) => Life::Open {
            source: life.source.clone(),
        },
        (None, None) => Life::NotKnown,
    }
}

fn support(
    knowledge: &Knowledge,
    project: &Project,
    version: Option<&ProjectVersion>,
    minor: Minor,
) -> FoundSupport {
    let Some(version) = version else {
        return FoundSupport {
            answer: SupportAnswer::NotKnown,
            on: Vec::new(),
        };
    };
    let (answer, on) = match knowledge.projects().supports(&project.name, version, minor) {
        Support::Supported { on } => (SupportAnswer::Supported, on),
        Support::NotSupported { on } => (SupportAnswer::NotSupported, on),
        Support::NotKnown { heard } => (SupportAnswer::NotKnown, heard),
    };
    FoundSupport {
        answer,
        on: on.into_iter().map(claim).collect(),
    }
}

fn claim(requirement: &Requirement) -> SupportClaim {
    let least = requirement
        .min
        .map_or_else(|| "any".to_owned(), |minor| minor.to_string());
    let most = match requirement.max {
        Upper::Last(minor) => minor.to_string(),
        Upper::AndNewer => "newer".to_owned(),
        Upper::NotStated => "not stated".to_owned(),
    };
    SupportClaim {
        basis: requirement.basis.to_string(),
        versions: requirement.versions.to_string(),
        kubernetes: format!("{least} to {most}"),
        source: format!("{} at {}", requirement.source, requirement.source_version),
    }
}
