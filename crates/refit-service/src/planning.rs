//! The use cases around plans: templates, paths, making a plan, reviewing it.

use crate::assess::covered;
use crate::documents::{parse_template, read_template};
use crate::failure::{Failure, FailureKind, defect};
use crate::place::line;
use refit_assessor::near::nearest;
use refit_knowledge::Knowledge;
use refit_model::command::Word;
use refit_model::kubernetes::ComponentKind;
use refit_model::look::Look;
use refit_model::plan::{Hop, UpgradePlan};
use refit_model::report::Planned;
use refit_model::review::Review;
use refit_model::snapshot::Snapshot;
use refit_model::template::{AppliesTo, UpgradeTemplate};
use refit_model::version::{KubeVersion, TargetVersion, VersionError};
use refit_planner::diff::StepDiff;
use refit_planner::{ParameterProblem, PathBlocked, PlanError, TemplateProblem, builtin};
pub use refit_planner::{PlanRequest, Target, Terms};
use std::path::Path;

/// The built-in templates.
///
/// # Errors
/// Never, unless the build is broken.
pub fn templates() -> Result<Vec<UpgradeTemplate>, Failure> {
    builtin::TEMPLATES
        .iter()
        .map(|(name, text)| parse_template(name, text))
        .collect()
}

/// The template of this name, or from this file.
///
/// # Errors
/// When there is neither, with the nearest name that there is.
pub fn template(name: &str) -> Result<UpgradeTemplate, Failure> {
    if let Some((name, text)) = builtin::TEMPLATES.iter().find(|(known, _)| *known == name) {
        return parse_template(name, text);
    }
    let path = Path::new(name);
    if path.extension().is_some() || path.exists() {
        return read_template(path);
    }
    let known = || builtin::TEMPLATES.iter().map(|(known, _)| *known);
    let failure = Failure::new(
        FailureKind::Usage,
        format!(
            "there is no template {name:?}; built in are {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    );
    Err(match nearest(name, known()) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => {
            failure.hint("`refit template list` shows them; a file of yours is named by its path")
        }
    })
}

/// The release that a landscape runs now: the oldest API server.
#[must_use]
pub fn present(snapshot: &Snapshot) -> Option<KubeVersion> {
    if let Some(kubernetes) = &snapshot.kubernetes {
        let servers = kubernetes
            .components
            .items
            .iter()
            .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
            .filter_map(|(_, component)| component.version.get());
        return servers.min().or_else(|| kubernetes.server.get()).cloned();
    }
    snapshot.juju.as_ref().and_then(|juju| {
        juju.applications
            .items
            .values()
            .filter_map(|application| application.claimed_version.get()?.as_ref())
            .min()
            .cloned()
    })
}

/// The hops from the present release to `target`.
///
/// # Errors
/// When the present release was not seen, or no way leads there.
pub fn path(
    snapshot: &Snapshot,
    target: &TargetVersion,
    knowledge: &Knowledge,
) -> Result<Vec<Hop>, Failure> {
    let from = present(snapshot).ok_or_else(unseen_present)?;
    path_between(&from, target, knowledge)
}

/// The hops from one release to a target.
///
/// # Errors
/// When no way leads there.
fn path_between(
    from: &KubeVersion,
    target: &TargetVersion,
    knowledge: &Knowledge,
) -> Result<Vec<Hop>, Failure> {
    covered(target, knowledge)?;
    refit_planner::path(from, target, knowledge).map_err(|blocked| no_way(from, target, blocked))
}

pub(crate) fn unseen_present() -> Failure {
    Failure::new(
        FailureKind::Unseen,
        "the running version of Kubernetes was not seen",
    )
    .hint("add the control plane's pods or `kubectl version -o json` to what is read")
    .hint("`refit path --from VERSION --to VERSION` needs no cluster")
}

pub(crate) fn no_way(from: &KubeVersion, target: &TargetVersion, blocked: PathBlocked) -> Failure {
    let hint = blocked.hint();
    Failure::new(
        FailureKind::Refused,
        format!("no way leads from {from} to {target}"),
    )
    .because(blocked)
    .hint(hint)
}

/// Makes a plan for the first hop to the target.
///
/// # Errors
/// When the template does not fit the landscape or the request.
pub fn plan(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Planned, Failure> {
    if let Target::Kubernetes(target) = &request.target {
        covered(target, knowledge)?;
    }
    refit_planner::plan(template, snapshot, knowledge, request)
        .map_err(|error| unplanned(template, Some(snapshot), error))
}

fn unplanned(template: &UpgradeTemplate, snapshot: Option<&Snapshot>, error: PlanError) -> Failure {
    let kind = match error {
        PlanError::Unseen { .. } => FailureKind::Unseen,
        PlanError::Parameter { .. } => FailureKind::Usage,
        PlanError::WrongDistribution { .. }
        | PlanError::NoSide { .. }
        | PlanError::Path(_)
        | PlanError::OtherTarget { .. }
        | PlanError::ProjectPath(_)
        | PlanError::ProjectBlocked(_)
        | PlanError::HopTooLarge { .. }
        | PlanError::HopImpossible { .. }
        | PlanError::NotOfDistribution { .. }
        | PlanError::ReleaseNotNamed { .. }
        | PlanError::SeveralControlPlanes { .. }
        | PlanError::KubeletAhead { .. }
        | PlanError::KubeletTooOld { .. }
        | PlanError::Template { .. }
        | PlanError::Seal(_) => FailureKind::Refused,
    };
    let hint = error.hint();
    let meant = meant(&error);
    let of = snapshot.map_or_else(String::new, |snapshot| {
        format!(" for {}", snapshot.cluster.name)
    });
    let what = match snapshot {
        Some(_) => "could not make a plan from template",
        None => "could not use template",
    };
    let failure =
        Failure::new(kind, format!("{what} {}{of}", template.metadata.name)).because(error);
    match meant {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure,
    }
    .hint(hint)
}

/// The word that may be meant, where an error is about one that is not known.
fn meant(error: &PlanError) -> Option<String> {
    if let PlanError::Parameter { name, problem } = error
        && let ParameterProblem::Unknown { known } = problem
    {
        return nearest(name.as_str(), known).cloned();
    }
    if let PlanError::Template { problem, .. } = error
        && let TemplateProblem::UnknownPlaceholder { name, known } = problem
    {
        return nearest(name, known).cloned();
    }
    None
}

/// What a person wrote as a target, read as `template` understands it.
///
/// # Errors
/// When it is no version of what the template upgrades.
pub fn target(template: &UpgradeTemplate, text: &str) -> Result<Target, Failure> {
    let refuse = |error: &dyn std::fmt::Display| {
        Failure::new(
            FailureKind::Usage,
            format!("{text:?} cannot be the target: {error}"),
        )
    };
    match &template.applies_to {
        AppliesTo::Cluster { .. } => text
            .parse()
            .map(Target::Kubernetes)
            .map_err(|error: VersionError| refuse(&error)),
        AppliesTo::Project { .. } => Word::new(text)
            .map(Target::Release)
            .map_err(|error| refuse(&error)),
    }
}

/// The looks that show what a template has to know.
///
/// # Errors
/// When a parameter is missing or unfit, the template is not sound, or no plan
/// could be made with any answer.
pub fn fact_looks(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Vec<Look>, Failure> {
    refit_planner::looks(template, snapshot, knowledge, request)
        .map_err(|error| unplanned(template, Some(snapshot), error))
}

/// The looks that decide which steps a plan needs.
///
/// # Errors
/// As [`plan`].
pub fn deciding_looks(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Vec<Look>, Failure> {
    refit_planner::deciding_looks(template, snapshot, knowledge, request)
        .map_err(|error| unplanned(template, Some(snapshot), error))
}

/// Checks all of a template that can be checked without a landscape. Of one in a
/// file, `written` is where and as what: the complaint names the line then.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(template: &UpgradeTemplate, written: Option<(&Path, &str)>) -> Result<(), Failure> {
    refit_planner::sound(template).map_err(|error| {
        let place = written.and_then(|(path, text)| {
            let PlanError::Template { at, problem, .. } = &error else {
                return None;
            };
            let line = line(text, at, word_of(problem).as_deref())?;
            Some(format!("{}:{line}", path.display()))
        });
        let mut failure = unplanned(template, None, error);
        if let Some(place) = place {
            failure.what = format!("{place}: {}", failure.what);
        }
        failure
    })
}

/// The word of the text that a problem is about.
fn word_of(problem: &TemplateProblem) -> Option<String> {
    match problem {
        TemplateProblem::UnknownPlaceholder { name, .. }
        | TemplateProblem::Dollar(name)
        | TemplateProblem::NoList { name } => Some(name.clone()),
        TemplateProblem::NoStage(id) => Some(id.to_string()),
        TemplateProblem::NoStep(id) => Some(id.to_string()),
        TemplateProblem::NoParameter(name) => Some(name.to_string()),
        TemplateProblem::Cycle
        | TemplateProblem::Twice
        | TemplateProblem::ServesAndUndoes
        | TemplateProblem::OpenPlaceholder(_)
        | TemplateProblem::NoSteps
        | TemplateProblem::NoTime(_)
        | TemplateProblem::UselessTime(..)
        | TemplateProblem::NoLook
        | TemplateProblem::TooDeep(_)
        | TemplateProblem::Unreadable(_)
        | TemplateProblem::NoWord(_)
        | TemplateProblem::NoProfile { .. }
        | TemplateProblem::NotInProfile { .. }
        | TemplateProblem::Name(_) => None,
    }
}

/// What changed from one plan to another.
///
/// # Errors
/// Only a defect.
pub fn changes(old: &UpgradePlan, new: &UpgradePlan) -> Result<StepDiff, Failure> {
    refit_planner::diff::diff(old, new).map_err(defect)
}

/// What changed from one template to another.
///
/// # Errors
/// Only a defect.
pub fn template_changes(old: &UpgradeTemplate, new: &UpgradeTemplate) -> Result<StepDiff, Failure> {
    refit_planner::diff::template_diff(old, new).map_err(defect)
}

/// A second opinion on a plan.
#[must_use]
pub fn review(plan: &UpgradePlan, snapshot: &Snapshot, knowledge: &Knowledge) -> Review {
    refit_reviewer::review(plan, snapshot, knowledge)
}
