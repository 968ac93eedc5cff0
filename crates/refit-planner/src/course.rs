//! Where a plan goes, and what its placeholders mean for that.

use crate::error::{PlanError, TemplateProblem};
use crate::hop::{Chosen, applies, choose};
use crate::path::{ProjectPathError, project_path};
use crate::placeholder::{Fault, Filling, Fillings, Unread, fill_text};
use crate::plan::{PlanRequest, Target};
use refit_knowledge::Knowledge;
use refit_knowledge::cluedin::{Mode, ReleaseName};
use refit_knowledge::osism::Number;
use refit_model::command::Word;
use refit_model::kubernetes::Distribution;
use refit_model::name::{ObjectName, ParameterName};
use refit_model::path::PathHop;
use refit_model::plan::{AnyHop, Goal, ReleaseHop};
use refit_model::seen::Unseen;
use refit_model::snapshot::Snapshot;
use refit_model::template::{AppliesTo, UpgradeTemplate};
use refit_model::version::{KubeVersion, Minor};

/// Where a plan goes.
pub(crate) struct Course {
    /// The hop that it takes, and the target.
    pub(crate) goal: Goal,
    /// The hops behind it.
    pub(crate) later: Vec<AnyHop>,
    /// Why nothing may be changed on the way.
    pub(crate) barrier: Option<String>,
    /// What the hop says of itself, by the names of placeholders.
    pub(crate) fillings: Fillings,
}

/// Chooses where a plan goes. `known` fills the parameters and facts.
pub(crate) fn course(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
    known: &Fillings,
) -> Result<Course, PlanError> {
    match &template.applies_to {
        AppliesTo::Cluster { distribution, hop } => {
            let Target::Kubernetes(target) = &request.target else {
                return Err(PlanError::OtherTarget {
                    template: template.metadata.name.clone(),
                    target: request.target.to_string(),
                });
            };
            applies(template, *distribution, snapshot)?;
            let Chosen {
                hop,
                later,
                barrier,
            } = choose(template, *hop, snapshot, knowledge, request, target)?;
            let mut fillings = Fillings::new();
            fillings.insert("from".to_owned(), text(&hop.from));
            fillings.insert("from.minor".to_owned(), text(&hop.from.minor()));
            fillings.insert("to".to_owned(), text(&hop.to));
            // Clouds write releases without the letter.
            for (name, release) in [("from.number", &hop.from), ("to.number", &hop.to)] {
                let number = release.to_string();
                let number = number.strip_prefix('v').unwrap_or(&number);
                fillings.insert(name.to_owned(), text(&number));
            }
            fillings.insert("to.minor".to_owned(), text(&hop.to.minor()));
            let is_patch = hop.from.minor() == hop.to.minor();
            let size = if is_patch { "patch" } else { "minor" };
            fillings.insert("hop.size".to_owned(), text(&size));
            // What the notes of the distribution's makers say of this hop.
            let gates = match distribution {
                Distribution::CanonicalK8s => knowledge
                    .canonical_k8s()
                    .gates(hop.from.minor(), hop.to.minor())
                    .map(|gate| gate.name.clone())
                    .collect(),
                Distribution::Kubeadm
                | Distribution::Eks
                | Distribution::Gke
                | Distribution::Aks
                | Distribution::K3s => Vec::new(),
            };
            fillings.insert("hop.gates".to_owned(), Ok(Filling::List(gates)));
            Ok(Course {
                goal: Goal::Kubernetes {
                    hop,
                    target: target.clone(),
                },
                later: later.into_iter().map(AnyHop::Kubernetes).collect(),
                barrier,
                fillings,
            })
        }
        AppliesTo::Project { name, running } => {
            of_project(template, (name, running), knowledge, request, known)
        }
    }
}

fn of_project(
    template: &UpgradeTemplate,
    (name, running): (&str, &ParameterName),
    knowledge: &Knowledge,
    request: &PlanRequest,
    known: &Fillings,
) -> Result<Course, PlanError> {
    let unsound = |problem: TemplateProblem| PlanError::Template {
        template: template.metadata.name.clone(),
        at: "appliesTo".to_owned(),
        problem,
    };
    let filled = |text: &str| match fill_text(text, known) {
        Ok(filled) => Ok(filled),
        Err(Fault::Problem(problem)) => Err(unsound(problem)),
        Err(Fault::Unread(Unread { what, why })) => Err(PlanError::Unseen { what, why }),
    };
    let project = filled(name)?;
    let from = filled(&format!("{{{{facts.{running}}}}}"))?;
    let to = request.target.to_string();
    let word = |text: &str| {
        Word::new(text).map_err(|error| unsound(TemplateProblem::Unreadable(error.to_string())))
    };
    let straight = ReleaseHop {
        from: word(&from)?,
        to: word(&to)?,
        chart: None,
        data_version: None,
    };
    let mut hops: Vec<ReleaseHop> = match project_path(&project, &from, &to, None, knowledge) {
        Ok(told) => {
            if let Some(blocked) = told.blocked.into_iter().next() {
                return Err(PlanError::ProjectBlocked(Box::new(blocked)));
            }
            told.hops
                .iter()
                .map(release_hop)
                .collect::<Result<_, _>>()
                .map_err(|error| unsound(TemplateProblem::Unreadable(error.to_string())))?
        }
        // Of a project that nobody wrote down, the way is the one that was asked
        // for; whoever reviews the plan is told.
        Err(ProjectPathError::NoProject { .. }) => vec![straight.clone()],
        Err(error) => return Err(PlanError::ProjectPath(error)),
    };
    // At the target already: a plan that only looks.
    let hop = if hops.is_empty() {
        straight
    } else {
        hops.remove(0)
    };
    let fillings = hop_fillings(&project, &hop, knowledge);
    Ok(Course {
        goal: Goal::Project {
            project: ObjectName::new(project).map_err(|error| unsound(error.into()))?,
            hop,
            target: word(&to)?,
        },
        later: hops.into_iter().map(AnyHop::Project).collect(),
        barrier: None,
        fillings,
    })
}

fn release_hop(hop: &PathHop) -> Result<ReleaseHop, refit_model::command::WordError> {
    let word = |text: &Option<String>| text.as_deref().map(Word::new).transpose();
    Ok(ReleaseHop {
        from: Word::new(hop.from.as_str())?,
        to: Word::new(hop.to.as_str())?,
        chart: word(&hop.chart)?,
        data_version: word(&hop.data_version)?,
    })
}

/// What a hop of a project says of itself. What the knowledge of a project does
/// not say is a gap, at which a plan that needs it stops.
fn hop_fillings(project: &str, hop: &ReleaseHop, knowledge: &Knowledge) -> Fillings {
    let mut fillings = Fillings::new();
    let mut put = |name: &str, filling: Result<Filling, Unread>| {
        fillings.insert(name.to_owned(), filling);
    };
    let unsaid = |what: &str| Unread {
        what: format!("{what} of {project} {}", hop.to),
        why: Unseen::NotInSource,
    };
    put("from", text(&hop.from));
    put("to", text(&hop.to));
    let moves = if hop.from == hop.to { "no" } else { "yes" };
    put("hop.moves", text(&moves));
    // File names carry releases with hyphens: values-dev-2026-02-00.yml.
    put(
        "hop.fromInNames",
        text(&hop.from.as_str().replace('.', "-")),
    );
    put("hop.toInNames", text(&hop.to.as_str().replace('.', "-")));
    put(
        "hop.chart",
        hop.chart.as_ref().map_or_else(
            || Err(unsaid("the chart")),
            |chart| Ok(Filling::Text(chart.to_string())),
        ),
    );
    let data = hop.data_version.as_ref().map(Word::as_str);
    put(
        "hop.dataVersion",
        Ok(Filling::Text(data.unwrap_or("none").to_owned())),
    );
    // The object is named after the digits: Version480, data-upgrade-480.
    let digits: String = data
        .unwrap_or("none")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    put("hop.dataNumber", Ok(Filling::Text(digits)));
    match project {
        "cluedin" => cluedin(hop, knowledge, &unsaid, &mut put),
        "osism" => osism(hop, knowledge, &unsaid, &mut put),
        _ => {}
    }
    fillings
}

fn cluedin(
    hop: &ReleaseHop,
    knowledge: &Knowledge,
    unsaid: &dyn Fn(&str) -> Unread,
    put: &mut impl FnMut(&str, Result<Filling, Unread>),
) {
    let graph = knowledge.cluedin();
    let named = (
        hop.from.as_str().parse::<ReleaseName>(),
        hop.to.as_str().parse::<ReleaseName>(),
    );
    let upgrade = match &named {
        (Ok(from), Ok(to)) => graph
            .upgrades()
            .iter()
            .find(|upgrade| upgrade.target == *to && upgrade.coverage(from).is_ok()),
        (Err(_), _) | (_, Err(_)) => None,
    };
    let chart = named
        .1
        .as_ref()
        .ok()
        .and_then(|to| graph.release(to)?.chart.clone());
    if let (None, Some(chart)) = (&hop.chart, chart) {
        put("hop.chart", Ok(Filling::Text(chart)));
    }
    let Some(upgrade) = upgrade else {
        if hop.from == hop.to {
            put("hop.mode", text(&"none"));
            put("hop.steps", Ok(Filling::List(Vec::new())));
            put("hop.source", text(&"nothing"));
            put("hop.packages", Ok(Filling::List(Vec::new())));
            return;
        }
        for name in ["hop.mode", "hop.steps", "hop.source", "hop.packages"] {
            put(name, Err(unsaid("the page")));
        }
        return;
    };
    let mode = match upgrade.mode {
        Mode::ThreeValues => "three-values",
        Mode::ReuseValues => "reuse-values",
        Mode::Values => "values",
        Mode::ValuesAndJobs => "values-and-jobs",
        Mode::DataUpgrade => "data-upgrade",
    };
    put("hop.mode", Ok(Filling::Text(mode.to_owned())));
    put("hop.steps", Ok(Filling::List(upgrade.steps.clone())));
    put("hop.source", Ok(Filling::Text(upgrade.source.clone())));
    let packages = graph
        .packages(&upgrade.target)
        .into_iter()
        .flatten()
        .map(|(package, version)| format!("{package} {version}"))
        .collect();
    put("hop.packages", Ok(Filling::List(packages)));
}

fn osism(
    hop: &ReleaseHop,
    knowledge: &Knowledge,
    unsaid: &dyn Fn(&str) -> Unread,
    put: &mut impl FnMut(&str, Result<Filling, Unread>),
) {
    let release = |word: &Word| {
        word.as_str()
            .parse::<Number>()
            .ok()
            .and_then(|number| knowledge.osism().release(number))
    };
    let (before, after) = (release(&hop.from), release(&hop.to));
    let mut said = |name: &str, what: &str, value: Option<String>| {
        put(
            name,
            value.map_or_else(|| Err(unsaid(what)), |value| Ok(Filling::Text(value))),
        );
    };
    said(
        "hop.docker",
        "the version of Docker",
        after.and_then(|release| release.docker.clone()),
    );
    said(
        "hop.k3s",
        "the version of k3s",
        after.and_then(|release| release.k3s.as_ref().map(KubeVersion::to_string)),
    );
    let series = |number: Option<&refit_knowledge::osism::Release>| {
        number.map(|release| release.number.series())
    };
    said(
        "hop.series",
        "the series",
        series(after).map(|number| number.to_string()),
    );
    let crosses = match (series(before), series(after)) {
        (Some(from), Some(to)) => Some(if from == to { "no" } else { "yes" }.to_owned()),
        (None, _) | (_, None) => None,
    };
    said("hop.crossesSeries", "the series", crosses);
    let skips = match (before, after) {
        (Some(before), Some(after)) => {
            Some(knowledge.osism().k3s_skips(before.number, after.number))
        }
        (None, _) | (_, None) => None,
    };
    put(
        "hop.k3sSkips",
        skips.map_or_else(
            || Err(unsaid("the version of k3s")),
            |skips| Ok(Filling::List(skips.iter().map(Minor::to_string).collect())),
        ),
    );
}

pub(crate) fn text(value: &dyn ToString) -> Result<Filling, Unread> {
    Ok(Filling::Text(value.to_string()))
}
