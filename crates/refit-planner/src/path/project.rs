//! The path of one project, from one of its versions to another.

use super::blocker::blocker;
use super::landscape::not_known;
use super::route::{Goal, Question, Says, named, route};
use super::told;
use refit_knowledge::Knowledge;
use refit_knowledge::cluedin::{Coverage, NoPath, Refusal, ReleaseError, ReleaseName};
use refit_knowledge::osism::{NoStep, Number, NumberError};
use refit_knowledge::project::{ProjectVersion, ProjectVersionError};
use refit_model::path::{
    Because, Blocker, Installation, Mover, NotKnown, PathHop, Reason, UpgradePath, Whose,
};
use refit_model::version::Minor;

/// Why no path can be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectPathError {
    /// Nobody knows such a project.
    #[error("there is no project {name:?} in the knowledge")]
    NoProject {
        /// What was asked for.
        name: String,
        /// Every name that there is.
        known: Vec<String>,
    },
    /// A version cannot be read.
    #[error("the version cannot be read")]
    Version(#[from] ProjectVersionError),
    /// A release of CluedIn cannot be read.
    #[error("the release cannot be read")]
    Release(#[from] ReleaseError),
    /// A release of OSISM cannot be read.
    #[error("the release cannot be read")]
    Number(#[from] NumberError),
    /// Nothing is known of a release of CluedIn.
    #[error("one of the releases is not known")]
    NoCluedIn(#[source] NoPath),
    /// Nothing is known of a release of OSISM.
    #[error("one of the releases is not known")]
    NoOsism(#[source] NoStep),
    /// The target is older.
    #[error("{to} is older than {from}, and only a restore goes back")]
    Backwards {
        /// What runs.
        from: String,
        /// What was asked for.
        to: String,
    },
}

/// The projects that have a graph of their own, beside those of the knowledge.
pub const WITH_GRAPHS: [&str; 2] = ["cluedin", "osism"];

/// The path of `project` from one version to another, each hop with the fact that
/// forces it. `kubernetes`, where it is given, is what it runs on: every version
/// on the way has to go with it.
///
/// # Errors
/// [`ProjectPathError`] where nothing can be looked for. That no way leads to the
/// target is no error: the path says what blocks it.
pub fn project_path(
    project: &str,
    from: &str,
    to: &str,
    kubernetes: Option<Minor>,
    knowledge: &Knowledge,
) -> Result<UpgradePath, ProjectPathError> {
    let mut told = match project {
        "cluedin" => cluedin_path(from, to, knowledge)?,
        "osism" => osism_path(from, to, knowledge)?,
        _ => return known_path(project, from, to, kubernetes, knowledge),
    };
    // Their graphs say nothing of what they run on.
    told.not_known.extend(kubernetes.map(|minor| NotKnown {
        installation: alone(project),
        version: None,
        kubernetes: vec![minor.to_string()],
        remedy: "Ask its makers which versions of Kubernetes each release goes with.".to_owned(),
    }));
    Ok(told)
}

fn alone(project: &str) -> Installation {
    Installation {
        project: project.to_owned(),
        namespace: None,
    }
}

fn mover(project: &str) -> Mover {
    Mover::Project(alone(project))
}

fn known_path(
    project: &str,
    from: &str,
    to: &str,
    kubernetes: Option<Minor>,
    knowledge: &Knowledge,
) -> Result<UpgradePath, ProjectPathError> {
    if knowledge.projects().find(project).is_none() {
        let known = knowledge.projects().iter().map(|known| known.name.clone());
        return Err(ProjectPathError::NoProject {
            name: project.to_owned(),
            known: known.chain(WITH_GRAPHS.map(str::to_owned)).collect(),
        });
    }
    let (start, goal): (ProjectVersion, ProjectVersion) = (from.parse()?, to.parse()?);
    if goal < start {
        return Err(ProjectPathError::Backwards {
            from: start.to_string(),
            to: goal.to_string(),
        });
    }
    let installation = alone(project);
    let stops: Vec<Minor> = kubernetes.into_iter().collect();
    let question = Question {
        knowledge,
        project,
        start: &start,
        stops: &stops,
        goal: Goal::At(&goal),
    };
    let mut told = UpgradePath::empty(knowledge.version());
    let found = match route(question) {
        Ok(found) => found,
        Err(stuck) => {
            told.blocked.push(blocker(question, &installation, &stuck));
            return Ok(told);
        }
    };
    for one in &found.moves {
        told.notes
            .extend(told::advice(&question, &installation, one));
        told.hops.push(told::hop(&question, &installation, one));
    }
    if let Some(minor) = kubernetes {
        let held = std::iter::once(&start).chain(found.moves.iter().map(|one| &one.to));
        let unsaid = held
            .filter(|version| question.says(version, minor) == Says::NotKnown)
            .map(|version| (version.clone(), minor));
        told.not_known = not_known(&installation, unsaid);
    }
    let named = named(knowledge, project);
    if named.iter().all(|known| known.line() != goal.line()) {
        let newest = named.last();
        let newest = newest.map_or_else(|| "none".to_owned(), ToString::to_string);
        told.notes.push(format!(
            "nothing is known of {project} {goal}, not that it is there; the newest that is known is {newest}"
        ));
    }
    if knowledge.project_routes().of(project).next().is_none() && !told.hops.is_empty() {
        told.notes.push(format!(
            "no rule about the way of {project} from version to version is known; that is no promise that there is none"
        ));
    }
    Ok(told)
}

fn cluedin_path(
    from: &str,
    to: &str,
    knowledge: &Knowledge,
) -> Result<UpgradePath, ProjectPathError> {
    let graph = knowledge.cluedin();
    let (from, to): (ReleaseName, ReleaseName) = (from.parse()?, to.parse()?);
    let mut told = UpgradePath::empty(knowledge.version());
    let found = match graph.path(&from, &to) {
        Ok(found) => found,
        Err(unknown @ NoPath::Unknown { .. }) => return Err(ProjectPathError::NoCluedIn(unknown)),
        Err(NoPath::Backwards { from, to }) => {
            return Err(ProjectPathError::Backwards {
                from: from.to_string(),
                to: to.to_string(),
            });
        }
        Err(NoPath::NoPage {
            from,
            to,
            reached,
            refusals,
        }) => {
            told.blocked.push(Blocker {
                subject: mover("cluedin"),
                at: reached.to_string(),
                before: to.to_string(),
                whose: Whose::Upstream,
                facts: refusals
                    .iter()
                    .map(|refusal| page(refused(&from, &to, refusal), ""))
                    .collect(),
                remedy: format!("Go to {reached} first, and ask the vendor how to go on."),
            });
            return Ok(told);
        }
    };
    told.notes.extend(found.pinned.iter().map(|pinned| {
        let chart = pinned.chart.as_ref();
        let chart = chart.map_or_else(String::new, |chart| format!(", chart {chart}"));
        format!(
            "{} names no patch and was taken for {}{chart}: {}",
            pinned.asked, pinned.release, pinned.because
        )
    }));
    if let [_, _, ..] = found.hops.as_slice()
        && let (Some(first), Some(last)) = (found.hops.first(), found.hops.last())
    {
        let straight = graph
            .upgrades()
            .iter()
            .filter(|upgrade| upgrade.target == last.upgrade.target);
        told.notes.extend(straight.filter_map(|upgrade| {
            let refusal = upgrade.coverage(&first.from).err()?;
            Some(format!(
                "not straight from {} to {}: {} ({})",
                first.from,
                last.upgrade.target,
                refused(&first.from, &last.upgrade.target, &refusal),
                upgrade.source
            ))
        }));
    }
    for hop in &found.hops {
        let upgrade = hop.upgrade;
        let how = match hop.coverage {
            Coverage::Covered => "the page covers",
            Coverage::Admitted => "the page does not refuse, and covers an earlier patch of,",
        };
        let mut because = vec![page(format!("{how} {}", hop.from), &upgrade.source)];
        if let Some(data) = upgrade.data {
            because.push(Because {
                reason: Reason::DataUpgrade,
                detail: format!("it carries the upgrade of data to {}", data.to),
                source: upgrade.source.clone(),
            });
        }
        let steps = upgrade.steps.iter().filter_map(|name| graph.step(name));
        told.notes
            .extend(steps.map(|step| format!("{}: {}", upgrade.target, step.what)));
        let release = graph.release(&upgrade.target);
        told.hops.push(PathHop {
            subject: mover("cluedin"),
            from: hop.from.to_string(),
            to: upgrade.target.to_string(),
            chart: release.and_then(|release| release.chart.clone()),
            data_version: upgrade.data.map(|data| data.to.to_string()),
            because,
            with: Vec::new(),
        });
    }
    if !told.hops.is_empty() {
        told.notes.push("each hop wants a backup of its own: data that was upgraded goes back by a restore alone".to_owned());
    }
    Ok(told)
}

fn page(detail: String, source: &str) -> Because {
    Because {
        reason: Reason::Page,
        detail,
        source: source.to_owned(),
    }
}

fn refused(from: &ReleaseName, to: &ReleaseName, refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooOld { oldest } => {
            format!("the page of {to} refuses what is older than {oldest}")
        }
        Refusal::NotCovered { from: covered } => {
            format!("the page of {to} covers {covered}, not {from}")
        }
        Refusal::NotOlder => format!("{from} is not older than {to}"),
    }
}

fn osism_path(
    from: &str,
    to: &str,
    knowledge: &Knowledge,
) -> Result<UpgradePath, ProjectPathError> {
    let graph = knowledge.osism();
    let (from, to): (Number, Number) = (from.parse()?, to.parse()?);
    let mut told = UpgradePath::empty(knowledge.version());
    let hops = match graph.path(from, to) {
        Ok(hops) => hops,
        Err(NoStep::Backwards { from, to }) => {
            return Err(ProjectPathError::Backwards {
                from: from.to_string(),
                to: to.to_string(),
            });
        }
        Err(unknown @ (NoStep::Unknown(_) | NoStep::SkipsSeries { .. })) => {
            return Err(ProjectPathError::NoOsism(unknown));
        }
    };
    if let Err(no_step @ NoStep::SkipsSeries { .. }) = graph.step(from, to) {
        told.notes.push(format!("not straight: {no_step}"));
    }
    let mut at = from;
    for release in hops {
        let source = graph
            .series()
            .find(|series| series.number == release.number.series())
            .map_or_else(String::new, |series| series.source.clone());
        let detail = if release.number.series() == at.series() {
            "within a series any newer release is a step"
        } else {
            "of other series only the next is a step"
        };
        let skipped = graph.k3s_skips(at, release.number);
        if !skipped.is_empty() {
            let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
            told.notes.push(format!(
                "{at} to {}: its k3s leaves out Kubernetes {}, which `osism apply k3s-upgrade` does not look at; go through it by hand",
                release.number,
                skipped.join(", ")
            ));
        }
        told.hops.push(PathHop {
            subject: mover("osism"),
            from: at.to_string(),
            to: release.number.to_string(),
            chart: None,
            data_version: None,
            because: vec![Because {
                reason: Reason::Route,
                detail: detail.to_owned(),
                source,
            }],
            with: Vec::new(),
        });
        at = release.number;
    }
    Ok(told)
}
