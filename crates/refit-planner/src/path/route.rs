//! The way of one project beside Kubernetes.
//!
//! Projects meet in one thing alone: the minor of Kubernetes. So the ways of all
//! of them are found one by one, over the minors that the control plane stands
//! at on its own way. At each of these *stops* a project may move; between two
//! of them it holds a version, which has to go with both.
//!
//! Every way is weighed by, in this order: how often nobody says that a version
//! goes with a minor, how many moves there are, how many known breaking changes
//! they meet, how early they come, and how old the versions are. A move is made
//! where a fact forces it and not before, so that the fact can be named.

use refit_knowledge::Knowledge;
use refit_knowledge::project::route::{Force, Rule, Waypoint};
use refit_knowledge::project::{Basis, ProjectVersion, Requirement, Support};
use refit_model::version::Minor;
use std::collections::BTreeSet;

/// The most versions of one project that are looked at: the best known one has
/// claims about some 40.
const MOST_VERSIONS: usize = 256;

/// Where a project should end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal<'a> {
    /// Wherever the target lets it.
    Anywhere,
    /// At this version.
    At(&'a ProjectVersion),
    /// Where it is.
    Stay,
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) project: &'a str,
    pub(super) start: &'a ProjectVersion,
    /// The minors of the control plane, the present one first. Empty where
    /// Kubernetes plays no part.
    pub(super) stops: &'a [Minor],
    pub(super) goal: Goal<'a>,
}

/// One move of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move<'a> {
    /// At which stop, counted from zero.
    pub(super) stop: usize,
    pub(super) from: ProjectVersion,
    pub(super) to: ProjectVersion,
    pub(super) why: Why<'a>,
}

/// What forces a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why<'a> {
    /// These claims rule the version before it out at a minor.
    RuledOut(Minor, Vec<&'a Requirement>),
    /// The project leads through it on the way to a version after it.
    Through(ProjectVersion, &'a Waypoint),
    /// Nobody says that the version before it goes with a minor.
    NotKnown(Minor),
    /// A person wants it.
    Asked,
}

/// A way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) moves: Vec<Move<'a>>,
    /// What it is at when the control plane arrives at each stop after the first,
    /// and who says that it goes with it.
    pub(super) held: Vec<(ProjectVersion, Says)>,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stuck<'a> {
    /// The last stop that can be reached.
    pub(super) stop: usize,
    /// The version there, the newest where there is a choice.
    pub(super) at: ProjectVersion,
    /// Claims that rule it out at the next stop.
    pub(super) ruled_out: Vec<&'a Requirement>,
    pub(super) beyond: Beyond<'a>,
}

/// What lies beyond a stop that nothing passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Beyond<'a> {
    /// No version is known that goes with the next minor: the newest known, and
    /// what rules it out.
    Nothing(ProjectVersion, Vec<&'a Requirement>),
    /// This one does, and these claims keep it from being installed before.
    NoBridge(ProjectVersion, Vec<&'a Requirement>),
    /// This one does, and the project does not lead there.
    NoWay(ProjectVersion, Vec<&'a Waypoint>),
}

/// Whether a version goes with a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Tested,
    Declared,
    NotKnown,
    No,
    /// Kubernetes plays no part.
    NotAsked,
}

impl Says {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tested => "tested",
            Self::Declared => "declared",
            Self::NotKnown => "not known",
            Self::No => "not supported",
            Self::NotAsked => "not asked",
        }
    }
}

/// What a way costs; see the head of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    not_known: usize,
    moves: usize,
    breaking: usize,
    early: usize,
    old: usize,
}

/// By which step a place was reached.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    /// From another version at the same stop.
    Moved(usize),
    /// From the stop before.
    Held,
}

struct Search<'a> {
    question: Question<'a>,
    versions: Vec<ProjectVersion>,
    /// By stop, then by version.
    says: Vec<Vec<Says>>,
}

/// The best way, or why there is none.
pub(super) fn route<'a>(question: Question<'a>) -> Result<Route<'a>, Box<Stuck<'a>>> {
    Search::new(question).run()
}

impl<'a> Search<'a> {
    fn new(question: Question<'a>) -> Self {
        let versions = versions(&question);
        let stops = question.stops.len().max(1);
        let says = (0..stops)
            .map(|stop| {
                let minor = question.stops.get(stop);
                let of =
                    |version| minor.map_or(Says::NotAsked, |minor| question.says(version, *minor));
                versions.iter().map(of).collect()
            })
            .collect();
        Self {
            question,
            versions,
            says,
        }
    }

    fn said(&self, stop: usize, version: usize) -> Says {
        self.says
            .get(stop)
            .and_then(|row| row.get(version))
            .copied()
            .unwrap_or(Says::NotKnown)
    }

    fn run(&self) -> Result<Route<'a>, Box<Stuck<'a>>> {
        let (stops, count) = (self.says.len(), self.versions.len());
        let mut best: Vec<Vec<Option<(Cost, Step)>>> = vec![vec![None; count]; stops];
        let start = Cost {
            not_known: 0,
            moves: 0,
            breaking: 0,
            early: 0,
            old: 0,
        };
        set(&mut best, 0, 0, start, Step::Start);
        let moves = self.moves();
        // Moves lead to newer versions and Kubernetes to later stops, so that in
        // this order each place is done when it is left.
        for stop in 0..stops {
            for version in 0..count {
                let Some((cost, _)) = get(&best, stop, version) else {
                    continue;
                };
                for (to, breaking) in moves.get(version).into_iter().flatten() {
                    let says = self.said(stop, *to);
                    if says != Says::No {
                        let cost = Cost {
                            not_known: cost.not_known + usize::from(says == Says::NotKnown),
                            moves: cost.moves + 1,
                            breaking: cost.breaking + breaking,
                            early: cost.early + (stops - stop),
                            old: cost.old + (count - to),
                        };
                        set(&mut best, stop, *to, cost, Step::Moved(version));
                    }
                }
                let next = self.said(stop + 1, version);
                if stop + 1 < stops && next != Says::No {
                    let cost = Cost {
                        not_known: cost.not_known + usize::from(next == Says::NotKnown),
                        ..cost
                    };
                    set(&mut best, stop + 1, version, cost, Step::Held);
                }
            }
        }
        let ends: Vec<usize> = match self.question.goal {
            Goal::Anywhere | Goal::Stay => (0..count).collect(),
            Goal::At(goal) => (0..count)
                .filter(|version| self.versions.get(*version) == Some(goal))
                .collect(),
        };
        let last = stops.saturating_sub(1);
        let end = ends
            .into_iter()
            .filter_map(|version| Some((get(&best, last, version)?.0, version)))
            .min();
        match end {
            Some((_, version)) => Ok(self.trace(&best, last, version)),
            None => Err(Box::new(self.stuck(&best))),
        }
    }

    /// Where each version may move to, and how many breaking changes that meets.
    fn moves(&self) -> Vec<Vec<(usize, usize)>> {
        if matches!(self.question.goal, Goal::Stay) {
            return Vec::new();
        }
        let changes = self.question.knowledge.project_changes();
        let of = |version: usize, from: &ProjectVersion| {
            let newer = self.versions.iter().enumerate().skip(version + 1);
            newer
                .filter(|(_, to)| self.question.forbidding(from, to).is_none())
                .map(|(index, to)| {
                    let met = changes.between(self.question.project, from, to);
                    (index, met.count())
                })
                .collect()
        };
        let all = self.versions.iter().enumerate();
        all.map(|(version, from)| of(version, from)).collect()
    }

    fn trace(
        &self,
        best: &[Vec<Option<(Cost, Step)>>],
        mut stop: usize,
        mut version: usize,
    ) -> Route<'a> {
        let mut moves: Vec<(usize, usize, usize)> = Vec::new();
        let mut held = Vec::new();
        while let Some((_, step)) = get(best, stop, version) {
            match step {
                Step::Start => break,
                Step::Moved(from) => {
                    moves.push((stop, from, version));
                    version = from;
                }
                Step::Held => {
                    held.push((self.version(version), self.said(stop, version)));
                    let Some(before) = stop.checked_sub(1) else {
                        break;
                    };
                    stop = before;
                }
            }
        }
        moves.reverse();
        held.reverse();
        let told = moves.iter().enumerate().map(|(index, (stop, from, to))| {
            let next = moves.get(index + 1).filter(|(other, ..)| other == stop);
            let why = next
                .and_then(|(.., beyond)| self.through(*from, *beyond))
                .unwrap_or_else(|| self.why(*stop, *from, *to));
            Move {
                stop: *stop,
                from: self.version(*from),
                to: self.version(*to),
                why,
            }
        });
        Route {
            moves: told.collect(),
            held,
        }
    }

    /// The rule that keeps a move from going to `beyond` at once.
    fn through(&self, from: usize, beyond: usize) -> Option<Why<'a>> {
        let (from, beyond) = (self.version(from), self.version(beyond));
        let waypoint = self.question.forbidding(&from, &beyond)?;
        Some(Why::Through(beyond, waypoint))
    }

    fn why(&self, stop: usize, from: usize, to: usize) -> Why<'a> {
        let version = self.version(from);
        let ahead = || self.question.stops.iter().enumerate().skip(stop);
        let ruled_out = ahead().find(|(stop, _)| self.said(*stop, from) == Says::No);
        if let Some((_, minor)) = ruled_out {
            return Why::RuledOut(*minor, self.question.ruling_out(&version, *minor));
        }
        if let Goal::At(goal) = self.question.goal
            && self.versions.get(to) == Some(goal)
        {
            return Why::Asked;
        }
        let unsaid = ahead().find(|(stop, _)| self.said(*stop, from) == Says::NotKnown);
        unsaid.map_or(Why::Asked, |(_, minor)| Why::NotKnown(*minor))
    }

    fn version(&self, index: usize) -> ProjectVersion {
        self.versions
            .get(index)
            .unwrap_or(self.question.start)
            .clone()
    }

    fn stuck(&self, best: &[Vec<Option<(Cost, Step)>>]) -> Stuck<'a> {
        let reached = |stop: usize| {
            let all = 0..self.versions.len();
            all.rev()
                .find(|version| get(best, stop, *version).is_some())
        };
        let (stop, version) = (0..self.says.len())
            .rev()
            .find_map(|stop| Some((stop, reached(stop)?)))
            .unwrap_or((0, 0));
        let at = self.version(version);
        // Where it is the goal that cannot be reached, the last stop is as far.
        let next = (stop + 1).min(self.says.len().saturating_sub(1));
        let minor = self.question.stops.get(next).copied();
        let ruling_out = |version: &ProjectVersion, minor: Option<Minor>| {
            minor.map_or_else(Vec::new, |minor| self.question.ruling_out(version, minor))
        };
        let wanted = match self.question.goal {
            Goal::Anywhere | Goal::Stay => (0..self.versions.len())
                .find(|version| *version > 0 && self.said(next, *version) != Says::No),
            Goal::At(goal) => self.versions.iter().position(|version| version == goal),
        };
        let beyond = match wanted {
            None => {
                let newest = self.version(self.versions.len().saturating_sub(1));
                let ruled_out = ruling_out(&newest, minor);
                Beyond::Nothing(newest, ruled_out)
            }
            Some(index) => {
                let version = self.version(index);
                let ways: Vec<&Waypoint> = self
                    .question
                    .forbidding(&at, &version)
                    .into_iter()
                    .collect();
                if ways.is_empty() {
                    let present = self.question.stops.get(stop).copied();
                    let mut ruled_out = ruling_out(&version, present);
                    if ruled_out.is_empty() {
                        ruled_out = ruling_out(&version, minor);
                    }
                    Beyond::NoBridge(version, ruled_out)
                } else {
                    Beyond::NoWay(version, ways)
                }
            }
        };
        Stuck {
            stop,
            ruled_out: ruling_out(&at, minor),
            at,
            beyond,
        }
    }
}

impl<'a> Question<'a> {
    /// Whether a version goes with a minor.
    pub(super) fn says(&self, version: &ProjectVersion, minor: Minor) -> Says {
        match self.support(version, minor) {
            Support::NotSupported { .. } => Says::No,
            Support::NotKnown { .. } => Says::NotKnown,
            Support::Supported { on } => {
                if on.iter().any(|claim| claim.basis == Basis::Tested) {
                    Says::Tested
                } else {
                    Says::Declared
                }
            }
        }
    }

    fn support(&self, version: &ProjectVersion, minor: Minor) -> Support<'a> {
        let projects = self.knowledge.projects();
        projects.supports(self.project, version, minor)
    }

    fn ruling_out(&self, version: &ProjectVersion, minor: Minor) -> Vec<&'a Requirement> {
        match self.support(version, minor) {
            Support::NotSupported { on } => on,
            Support::Supported { .. } | Support::NotKnown { .. } => Vec::new(),
        }
    }

    fn objections(
        &self,
        from: &ProjectVersion,
        to: &ProjectVersion,
    ) -> impl Iterator<Item = &'a Waypoint> {
        let routes = self.knowledge.project_routes();
        routes.objections(self.project, from, to)
    }

    /// A rule of the project that a direct move breaks.
    fn forbidding(&self, from: &ProjectVersion, to: &ProjectVersion) -> Option<&'a Waypoint> {
        self.objections(from, to)
            .find(|way| way.force == Force::Required)
    }

    /// The first stop that the present version does not go with, and who says so.
    pub(super) fn first_ruled_out(&self) -> Option<(Minor, Vec<&'a Requirement>)> {
        // Where it is, it runs, whatever anybody says.
        let ahead = self.stops.iter().skip(1);
        ahead
            .map(|minor| (*minor, self.ruling_out(self.start, *minor)))
            .find(|(_, claims)| !claims.is_empty())
    }

    /// Rules that a direct move breaks, and which the project only recommends.
    pub(super) fn advising_against(
        &self,
        from: &ProjectVersion,
        to: &ProjectVersion,
    ) -> Vec<&'a Waypoint> {
        self.objections(from, to)
            .filter(|way| way.force == Force::Recommended)
            .collect()
    }
}

fn get(best: &[Vec<Option<(Cost, Step)>>], stop: usize, version: usize) -> Option<(Cost, Step)> {
    *best.get(stop)?.get(version)?
}

fn set(
    best: &mut [Vec<Option<(Cost, Step)>>],
    stop: usize,
    version: usize,
    cost: Cost,
    step: Step,
) {
    if let Some(place) = best.get_mut(stop).and_then(|row| row.get_mut(version))
        && place.is_none_or(|(known, _)| cost < known)
    {
        *place = Some((cost, step));
    }
}

/// The versions that the project may be at: where it is, and of each line that
/// anything is known of, the newest; those that a rule names; and the goal.
fn versions(question: &Question<'_>) -> Vec<ProjectVersion> {
    let named = named(question.knowledge, question.project);
    let is_ahead = |version: &ProjectVersion| {
        let limit = match question.goal {
            Goal::At(goal) => version <= goal,
            Goal::Anywhere | Goal::Stay => true,
        };
        limit && version > question.start && !version.is_pre_release()
    };
    let mut newest: Vec<ProjectVersion> = Vec::new();
    for version in named.into_iter().filter(is_ahead) {
        match newest.last_mut() {
            Some(last) if last.line().is_some() && last.line() == version.line() => *last = version,
            Some(_) | None => newest.push(version),
        }
    }
    newest.truncate(MOST_VERSIONS);
    let mut versions = vec![question.start.clone()];
    versions.extend(newest);
    if let Goal::At(goal) = question.goal
        && goal > question.start
        && versions.last() != Some(goal)
    {
        versions.push(goal.clone());
    }
    versions
}

/// Every version of a project that a claim or a rule names.
pub(super) fn named(knowledge: &Knowledge, project: &str) -> BTreeSet<ProjectVersion> {
    let mut named = BTreeSet::new();
    for claim in knowledge.projects().requirements(project) {
        let (first, last) = (claim.versions.first(), claim.versions.last());
        named.insert(first.clone());
        // The end of a span may be a line and no version.
        if !first.is_of_line(last) {
            named.insert(last.clone());
        }
    }
    for way in knowledge.project_routes().of(project) {
        if let Rule::AtLeast(least) = &way.rule {
            named.insert(least.clone());
        }
        named.insert(way.target_from.clone());
    }
    named
}
