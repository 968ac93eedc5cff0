//! The path of a cluster and of what runs in it.

use super::blocker::blocker;
use super::route::{Goal, Move, Question, Route, Says, Stuck, Why, route};
use super::{PathBlocked, control_plane, path, told};
use jiff::civil::Date;
use refit_knowledge::Knowledge;
use refit_knowledge::project::{ProjectVersion, Support};
use refit_model::kubernetes::Distribution;
use refit_model::path::{
    Because, Companion, Installation, Need, NotKnown, PathHop, ProjectOnPath, Reason, UpgradePath,
};
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use std::collections::{BTreeMap, BTreeSet};

/// What a path is asked for.
#[derive(Clone, Debug)]
pub struct PathRequest {
    /// What the control plane runs: its oldest API server.
    pub from: KubeVersion,
    /// What it should run.
    pub target: TargetVersion,
    /// Who built the cluster, where that was seen.
    pub distribution: Option<Distribution>,
    /// The oldest kubelet; what the control plane runs, where none was seen.
    pub oldest_kubelet: Option<KubeVersion>,
    /// What is installed.
    pub installed: Vec<Installed>,
    /// What people want of single projects.
    pub wishes: Wishes,
    /// The day it is.
    pub today: Date,
}

/// A project in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installed {
    /// What and where.
    pub installation: Installation,
    /// Its version, where a sign carries one that can be read.
    pub version: Option<ProjectVersion>,
}

/// What people want of single projects, whatever the facts would have them do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// These stay where they are.
    pub keep: BTreeSet<String>,
    /// These go to a version.
    pub go: BTreeMap<String, ProjectVersion>,
}

impl Wishes {
    fn goal(&self, project: &str) -> Goal<'_> {
        if self.keep.contains(project) {
            Goal::Stay
        } else {
            self.go.get(project).map_or(Goal::Anywhere, Goal::At)
        }
    }
}

/// The path of the cluster to the target, with what runs in it.
///
/// Where a project cannot follow, the path leads as far as all can, and says
/// what blocks the rest.
///
/// # Errors
/// [`PathBlocked`] where the control plane itself has no way.
pub fn landscape_path(
    request: &PathRequest,
    knowledge: &Knowledge,
) -> Result<UpgradePath, PathBlocked> {
    let mut hops = path(&request.from, &request.target, knowledge)?;
    let mut told = UpgradePath::empty(knowledge.version());
    let mut stops = vec![request.from.minor()];
    stops.extend(hops.iter().map(|hop| hop.to.minor()));
    let maker = Maker { request, knowledge };
    let mut reach = hops.len();
    for installed in &request.installed {
        if let Some(stuck) = maker.stuck(installed, &stops) {
            reach = reach.min(stuck.stop);
            if let Some(question) = maker.question(installed, &stops) {
                told.blocked
                    .push(blocker(question, &installed.installation, &stuck));
            }
        }
    }
    if let Some((hop, end)) = control_plane::ends(request, knowledge, &hops) {
        reach = reach.min(hop);
        told.blocked.push(end);
    }
    hops.truncate(reach);
    let all = stops;
    let stops = all.get(..=reach).unwrap_or(&all);
    let mut moves: Vec<(usize, PathHop)> = Vec::new();
    let mut companions: Vec<Vec<Companion>> = vec![Vec::new(); hops.len()];
    for installed in &request.installed {
        maker.project(installed, stops, &mut told, &mut moves, &mut companions);
        told.projects.extend(maker.need(installed, &all));
    }
    control_plane::assemble(request, knowledge, &hops, moves, companions, &mut told);
    Ok(told)
}

struct Maker<'a> {
    request: &'a PathRequest,
    knowledge: &'a Knowledge,
}

impl Maker<'_> {
    fn question<'q>(
        &'q self,
        installed: &'q Installed,
        stops: &'q [Minor],
    ) -> Option<Question<'q>> {
        let project = installed.installation.project.as_str();
        Some(Question {
            knowledge: self.knowledge,
            project,
            start: installed.version.as_ref()?,
            stops,
            goal: self.request.wishes.goal(project),
        })
    }

    fn stuck<'q>(&'q self, installed: &'q Installed, stops: &'q [Minor]) -> Option<Box<Stuck<'q>>> {
        route(self.question(installed, stops)?).err()
    }

    fn project(
        &self,
        installed: &Installed,
        stops: &[Minor],
        told: &mut UpgradePath,
        moves: &mut Vec<(usize, PathHop)>,
        companions: &mut [Vec<Companion>],
    ) {
        let installation = &installed.installation;
        let Some(question) = self.question(installed, stops) else {
            told.projects.push(ProjectOnPath {
                installation: installation.clone(),
                version: None,
                need: Need::Optional,
                because: vec![unseen_version(&installation.project)],
            });
            told.not_known.push(NotKnown {
                installation: installation.clone(),
                version: None,
                kubernetes: stops.iter().map(ToString::to_string).collect(),
                remedy: format!(
                    "Find out which version of {} is installed: `refit inventory` says what it shows.",
                    installation.project
                ),
            });
            return;
        };
        // What could not follow was cut off before, so that this one always can.
        let Ok(found) = route(question) else {
            return;
        };
        let arrivals = found.held.iter().zip(stops.iter().skip(1));
        for (place, ((version, says), _)) in companions.iter_mut().zip(arrivals.clone()) {
            place.push(Companion {
                installation: installation.clone(),
                version: version.to_string(),
                basis: says.name().to_owned(),
            });
        }
        let unsaid = arrivals.filter(|((_, says), _)| *says == Says::NotKnown);
        let unsaid = unsaid.map(|((version, _), minor)| (version.clone(), *minor));
        told.not_known.extend(not_known(installation, unsaid));
        for one in &found.moves {
            told.notes
                .extend(told::advice(&question, installation, one));
            moves.push((one.stop, told::hop(&question, installation, one)));
        }
    }

    /// Whether the project has to move to get to the target, whatever people want
    /// of it. `None` where its version does not show.
    fn need(&self, installed: &Installed, stops: &[Minor]) -> Option<ProjectOnPath> {
        let question = self.question(installed, stops)?;
        let free = route(Question {
            goal: Goal::Anywhere,
            ..question
        });
        let (need, mut because) = match &free {
            Err(stuck) => {
                let ruled_out = question.first_ruled_out();
                let claims =
                    ruled_out.map_or_else(|| stuck.ruled_out.clone(), |(_, claims)| claims);
                (Need::Required, told::ruling_out(&claims))
            }
            Ok(route) => self.need_of(&question, route),
        };
        match question.goal {
            Goal::Anywhere => {}
            Goal::At(goal) => {
                let what = format!("is wanted at {goal}");
                because.push(told::asked(Reason::Asked, question.project, &what));
            }
            Goal::Stay => because.push(told::asked(
                Reason::Kept,
                question.project,
                "stays where it is",
            )),
        }
        if free.is_ok() {
            because.extend(self.too_new(&question, stops));
        }
        Some(ProjectOnPath {
            installation: installed.installation.clone(),
            version: Some(question.start.to_string()),
            need,
            because,
        })
    }

    fn need_of(&self, question: &Question<'_>, found: &Route<'_>) -> (Need, Vec<Because>) {
        let forced = |one: &&Move<'_>| !matches!(one.why, Why::NotKnown(_) | Why::Asked);
        if let Some(first) = found.moves.iter().find(forced) {
            return (Need::Required, told::why(question, first));
        }
        if let Some(first) = found.moves.first() {
            return (Need::Optional, told::why(question, first));
        }
        if let Some(ended) = self.ended(question) {
            return (Need::Optional, vec![ended]);
        }
        let unsaid = found.held.iter().any(|(_, says)| *says == Says::NotKnown);
        let (reason, detail) = if unsaid {
            (
                Reason::NotKnown,
                "nobody says whether it goes with every version on the way, and of no other version either",
            )
        } else {
            (
                Reason::SupportedThroughout,
                "somebody says so for every version on the way",
            )
        };
        let because = Because {
            reason,
            detail: detail.to_owned(),
            source: format!("knowledge {}", self.knowledge.version()),
        };
        (Need::NotRecommended, vec![because])
    }

    fn ended(&self, question: &Question<'_>) -> Option<Because> {
        let life = self
            .knowledge
            .project_lives()
            .of(question.project, question.start)?;
        let end = life.end_of_life?;
        life.ended_on(self.request.today)?.then(|| Because {
            reason: Reason::EndOfLife,
            detail: format!(
                "{} {} has had no fixes since {end}",
                life.project, life.line
            ),
            source: format!("{} at {}", life.source, life.source_version),
        })
    }

    /// The claim that keeps the newest known version away until later.
    fn too_new(&self, question: &Question<'_>, stops: &[Minor]) -> Option<Because> {
        let projects = self.knowledge.projects();
        let newest = projects
            .requirements(question.project)
            .filter(|claim| claim.versions.first() > question.start)
            .max_by(|one, other| one.versions.first().cmp(other.versions.first()))?;
        let last = stops.last()?;
        let answer = projects.supports(question.project, newest.versions.first(), *last);
        match answer {
            Support::NotSupported { on } => on
                .first()
                .map(|claim| told::claim(Reason::NewerNotSupported, claim)),
            Support::Supported { .. } | Support::NotKnown { .. } => None,
        }
    }
}

fn unseen_version(project: &str) -> Because {
    Because {
        reason: Reason::NotKnown,
        detail: format!("the version of {project} does not show"),
        source: "the snapshot".to_owned(),
    }
}

/// What nobody says of an installation: its versions with the minors, each
/// version once.
pub(super) fn not_known(
    installation: &Installation,
    unsaid: impl IntoIterator<Item = (ProjectVersion, Minor)>,
) -> Vec<NotKnown> {
    let mut minors: BTreeMap<ProjectVersion, Vec<String>> = BTreeMap::new();
    for (version, minor) in unsaid {
        minors.entry(version).or_default().push(minor.to_string());
    }
    let told = minors.into_iter().map(|(version, kubernetes)| NotKnown {
        installation: installation.clone(),
        version: Some(version.to_string()),
        kubernetes,
        remedy: format!(
            "Look at what {} says about these versions, and say so in a KnowledgeOverlay.",
            installation.project
        ),
    });
    told.collect()
}
