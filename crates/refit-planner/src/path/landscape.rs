//! The path of a cluster and of what runs in it.

use super::route::{Beyond, Goal, Move, Question, Route, Says, Stuck, Why, route};
use super::told;
use super::{PathBlocked, path};
use jiff::civil::Date;
use refit_knowledge::Knowledge;
use refit_knowledge::project::ProjectVersion;
use refit_knowledge::skew::{Against, Component, SkewPolicyOf, SkewVerdict};
use refit_model::kubernetes::Distribution;
use refit_model::path::{
    Because, Blocker, Companion, Installation, Mover, Need, NotKnown, PathHop, ProjectOnPath,
    Reason, UpgradePath, Whose,
};
use refit_model::plan::Hop;
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
            told.blocked.push(maker.blocker(installed, &stops, &stuck));
        }
    }
    let provider = maker.provider_reach(&hops);
    if let Some((hop, blocker)) = provider {
        reach = reach.min(hop);
        told.blocked.push(blocker);
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
    maker.assemble(&hops, moves, companions, &mut told);
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

    fn blocker(&self, installed: &Installed, stops: &[Minor], stuck: &Stuck<'_>) -> Blocker {
        let project = &installed.installation.project;
        let free = self.question(installed, stops).map(|question| Question {
            goal: Goal::Anywhere,
            ..question
        });
        let is_free = free.is_some_and(|question| route(question).is_ok());
        let next = stops.get(stuck.stop + 1).or(stops.last());
        let before = next.map_or_else(String::new, |minor| format!("Kubernetes {minor}"));
        let ruled_out = |claims: &[&refit_knowledge::project::Requirement]| -> Vec<Because> {
            let claims = claims.iter();
            claims
                .map(|one| told::claim(Reason::NotSupported, one))
                .collect()
        };
        let mut facts = ruled_out(&stuck.ruled_out);
        let (whose, remedy) = match (&stuck.beyond, self.request.wishes.goal(project)) {
            (_, Goal::Stay) if is_free => {
                facts.push(asked(Reason::Kept, project, "stays where it is"));
                (
                    Whose::Pinned,
                    format!("Let {project} move: without the pin there is a way."),
                )
            }
            (_, Goal::At(goal)) if is_free => {
                let what = format!("is wanted at {goal}");
                facts.push(asked(Reason::Asked, project, &what));
                (
                    Whose::Pinned,
                    format!("Leave the version of {project} open: then there is a way."),
                )
            }
            (Beyond::Nothing(newest, claims), _) => {
                facts.extend(ruled_out(claims));
                (
                    Whose::Upstream,
                    format!(
                        "Wait for a release of {project} that goes with {before} ({newest} is the newest that is known), or find out whether one does and say so in a KnowledgeOverlay."
                    ),
                )
            }
            (Beyond::NoBridge(version, claims), _) => {
                facts.extend(ruled_out(claims));
                (
                    Whose::Ours,
                    format!(
                        "{project} {version} is the first on the far side, and no version is known that goes with both sides: plan it to be away while the control plane moves, or find out whether one does and say so in a KnowledgeOverlay."
                    ),
                )
            }
            (Beyond::NoWay(version, ways), _) => {
                facts.extend(ways.iter().map(|way| told::waypoint(way)));
                (
                    Whose::Ours,
                    format!(
                        "Find the versions between {} and {version} that {project} leads through.",
                        stuck.at
                    ),
                )
            }
        };
        facts.sort();
        facts.dedup();
        Blocker {
            subject: Mover::Project(installed.installation.clone()),
            at: stuck.at.to_string(),
            before,
            whose,
            facts,
            remedy,
        }
    }

    /// How far the makers of the distribution go.
    fn provider_reach(&self, hops: &[Hop]) -> Option<(usize, Blocker)> {
        if self.request.distribution != Some(Distribution::CanonicalK8s) {
            return None;
        }
        let known = self.knowledge.canonical_k8s();
        hops.iter().enumerate().find_map(|(index, hop)| {
            let no_hop = known.hop(&[hop.from.minor()], hop.to.minor()).err()?;
            let newest = known
                .series()
                .filter(|series| series.charm.is_some())
                .last();
            let source = newest.map_or_else(String::new, |series| {
                format!("{} at {}", series.source, series.source_version)
            });
            let blocker = Blocker {
                subject: Mover::ControlPlane,
                at: hop.from.to_string(),
                before: format!("Kubernetes {}", hop.to.minor()),
                whose: Whose::Upstream,
                facts: vec![Because {
                    reason: Reason::NotSupported,
                    detail: no_hop.to_string(),
                    source,
                }],
                remedy: "Wait for the charm of that series.".to_owned(),
            };
            (hop.from.minor() != hop.to.minor()).then_some((index, blocker))
        })
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
        for (version, says) in &found.held {
            note_unknown(told, installation, version, *says);
        }
        for (place, ((version, says), minor)) in companions
            .iter_mut()
            .zip(found.held.iter().zip(stops.iter().skip(1)))
        {
            if *says == Says::NotKnown {
                add_minor(told, installation, version, *minor);
            }
            place.push(Companion {
                installation: installation.clone(),
                version: version.to_string(),
                basis: says.name().to_owned(),
            });
        }
        for one in &found.moves {
            for way in question.advising_against(&one.from, &one.to) {
                let advice = told::waypoint(way);
                told.notes.push(format!(
                    "{installation} {} to {}: {}, its makers recommend ({})",
                    one.from, one.to, advice.detail, advice.source
                ));
            }
            moves.push((one.stop, self.hop(installation, one)));
        }
    }

    fn hop(&self, installation: &Installation, one: &Move<'_>) -> PathHop {
        let because = match &one.why {
            Why::RuledOut(_, claims) => {
                let claims = claims.iter();
                claims
                    .map(|claim| told::claim(Reason::NotSupported, claim))
                    .collect()
            }
            Why::Through(beyond, way) => {
                let mut because = told::waypoint(way);
                because.detail = format!("on the way to {beyond}: {}", because.detail);
                vec![because]
            }
            Why::NotKnown(minor) => vec![Because {
                reason: Reason::NotKnown,
                detail: format!(
                    "nobody says that {} {} goes with Kubernetes {minor}",
                    installation.project, one.from
                ),
                source: format!("knowledge {}", self.knowledge.version()),
            }],
            Why::Asked => vec![asked(
                Reason::Asked,
                &installation.project,
                &format!("is wanted at {}", one.to),
            )],
        };
        PathHop {
            subject: Mover::Project(installation.clone()),
            from: one.from.to_string(),
            to: one.to.to_string(),
            chart: None,
            data_version: None,
            because,
            with: Vec::new(),
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
                let claims = claims.iter();
                let told = claims.map(|claim| told::claim(Reason::NotSupported, claim));
                (Need::Required, told.collect())
            }
            Ok(route) => self.need_of(&question, &installed.installation, route),
        };
        match question.goal {
            Goal::Anywhere => {}
            Goal::At(goal) => {
                let what = format!("is wanted at {goal}");
                because.push(asked(Reason::Asked, question.project, &what));
            }
            Goal::Stay => because.push(asked(Reason::Kept, question.project, "stays where it is")),
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

    fn need_of(
        &self,
        question: &Question<'_>,
        installation: &Installation,
        found: &Route<'_>,
    ) -> (Need, Vec<Because>) {
        let forced = |one: &&Move<'_>| !matches!(one.why, Why::NotKnown(_) | Why::Asked);
        if let Some(first) = found.moves.iter().find(forced) {
            return (Need::Required, self.hop(installation, first).because);
        }
        if let Some(first) = found.moves.first() {
            return (Need::Optional, self.hop(installation, first).because);
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
            refit_knowledge::project::Support::NotSupported { on } => on
                .first()
                .map(|claim| told::claim(Reason::NewerNotSupported, claim)),
            refit_knowledge::project::Support::Supported { .. }
            | refit_knowledge::project::Support::NotKnown { .. } => None,
        }
    }

    /// The moves in their order: what a project has to do at a stop, then the
    /// nodes where they would lag too far, then the control plane.
    fn assemble(
        &self,
        hops: &[Hop],
        mut moves: Vec<(usize, PathHop)>,
        companions: Vec<Vec<Companion>>,
        told: &mut UpgradePath,
    ) {
        // Stable: the moves of one project keep their order.
        moves.sort_by(|(one, a), (other, b)| (one, &a.subject).cmp(&(other, &b.subject)));
        let mut moves = moves.into_iter().peekable();
        let distribution = self.request.distribution.map(|of| of.to_string());
        let policy = self.knowledge.skew().of(distribution.as_deref());
        let mut kubelet = self
            .request
            .oldest_kubelet
            .clone()
            .unwrap_or_else(|| self.request.from.clone());
        for ((stop, hop), with) in hops.iter().enumerate().zip(companions) {
            while let Some((_, one)) = moves.next_if(|(at, _)| *at <= stop) {
                told.hops.push(one);
            }
            if kubelet < hop.from
                && let Some(because) = self.lag(policy, hop, &kubelet)
            {
                told.hops.push(nodes(&kubelet, &hop.from, because));
                kubelet = hop.from.clone();
            }
            told.hops.push(PathHop {
                subject: Mover::ControlPlane,
                from: hop.from.to_string(),
                to: hop.to.to_string(),
                chart: None,
                data_version: None,
                because: self.next(policy, hop),
                with,
            });
            if self.request.distribution == Some(Distribution::CanonicalK8s) {
                let gates = self
                    .knowledge
                    .canonical_k8s()
                    .gates(hop.from.minor(), hop.to.minor());
                told.notes.extend(gates.map(|gate| {
                    format!(
                        "{} to {}: {} ({})",
                        hop.from.minor(),
                        hop.to.minor(),
                        gate.what,
                        gate.source
                    )
                }));
            }
        }
        told.hops.extend(moves.map(|(_, one)| one));
        if let Some(last) = hops.last()
            && kubelet < last.to
        {
            told.hops.push(nodes(
                &kubelet,
                &last.to,
                Because {
                    reason: Reason::NodesFollow,
                    detail: "the nodes end where the control plane does".to_owned(),
                    source: "kubernetes/website content/en/releases/version-skew-policy.md"
                        .to_owned(),
                },
            ));
        }
    }

    /// The rule that the kubelets would break after the hop.
    fn lag(&self, policy: SkewPolicyOf<'_>, hop: &Hop, kubelet: &KubeVersion) -> Option<Because> {
        let (next, minor) = (hop.to.minor(), kubelet.minor());
        if self.request.distribution == Some(Distribution::CanonicalK8s) {
            let charm = self.knowledge.canonical_k8s();
            let refused = charm.hop(&[hop.from.minor(), minor], next).err()?;
            return (hop.from.minor() != next).then(|| Because {
                reason: Reason::NodeSkew,
                detail: refused.to_string(),
                source: "canonical/k8s-operator charms/worker/k8s/src/literals.py".to_owned(),
            });
        }
        match policy.judge(next, Component::Kubelet, minor) {
            SkewVerdict::TooOld { rule, .. } => Some(Because {
                reason: Reason::NodeSkew,
                detail: format!(
                    "kubelets at {minor} are more than {} minors behind {next}",
                    rule.max_older
                ),
                source: rule.source.clone(),
            }),
            SkewVerdict::Allowed(_) | SkewVerdict::TooNew { .. } | SkewVerdict::NoRule => None,
        }
    }

    fn next(&self, policy: SkewPolicyOf<'_>, hop: &Hop) -> Vec<Because> {
        let (from, to) = (hop.from.minor(), hop.to.minor());
        let release = self.knowledge.calendar().release(to);
        if from == to {
            return vec![Because {
                reason: Reason::NewestPatch,
                detail: format!("{} is asked for within {to}", hop.to),
                source: release.map_or_else(String::new, |release| release.source.clone()),
            }];
        }
        match policy.judge_against(Against::Previous, from, Component::KubeApiserver, to) {
            SkewVerdict::Allowed(rule)
            | SkewVerdict::TooNew { rule, .. }
            | SkewVerdict::TooOld { rule, .. } => vec![Because {
                reason: Reason::NextMinor,
                detail: "a control plane goes one minor at a time, to its newest patch".to_owned(),
                source: rule.source.clone(),
            }],
            SkewVerdict::NoRule => Vec::new(),
        }
    }
}

fn nodes(from: &KubeVersion, to: &KubeVersion, because: Because) -> PathHop {
    PathHop {
        subject: Mover::Nodes,
        from: from.to_string(),
        to: to.to_string(),
        chart: None,
        data_version: None,
        because: vec![because],
        with: Vec::new(),
    }
}

fn asked(reason: Reason, project: &str, what: &str) -> Because {
    Because {
        reason,
        detail: format!("{project} {what}"),
        source: "whoever asked for this path".to_owned(),
    }
}

fn unseen_version(project: &str) -> Because {
    Because {
        reason: Reason::NotKnown,
        detail: format!("the version of {project} does not show"),
        source: "the snapshot".to_owned(),
    }
}

fn note_unknown(
    told: &mut UpgradePath,
    installation: &Installation,
    version: &ProjectVersion,
    says: Says,
) {
    let is_there = told.not_known.iter().any(|one| {
        one.installation == *installation && one.version.as_deref() == Some(&version.to_string())
    });
    if says == Says::NotKnown && !is_there {
        told.not_known.push(NotKnown {
            installation: installation.clone(),
            version: Some(version.to_string()),
            kubernetes: Vec::new(),
            remedy: format!(
                "Look at what {} says about these versions, and say so in a KnowledgeOverlay.",
                installation.project
            ),
        });
    }
}

fn add_minor(
    told: &mut UpgradePath,
    installation: &Installation,
    version: &ProjectVersion,
    minor: Minor,
) {
    let entry = told.not_known.iter_mut().find(|one| {
        one.installation == *installation && one.version.as_deref() == Some(&version.to_string())
    });
    if let Some(entry) = entry {
        entry.kubernetes.push(minor.to_string());
    }
}
