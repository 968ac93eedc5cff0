//! The use case *assess*: what would break at the target.

use crate::exit;
use crate::failure::{Failure, FailureKind};
use refit_assessor::Question;
use refit_knowledge::Knowledge;
use refit_model::assessment::{Assessment, Family, Severity, Verdict};
use refit_model::snapshot::Snapshot;
use refit_model::version::TargetVersion;
use refit_model::waiver::{self, Waiver};
use refit_sources::Reading;
use std::collections::BTreeSet;

/// How bad a finding must be to fail the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Blocking findings.
    #[default]
    Blocking,
    /// Warnings too.
    Warning,
    /// Nothing: the exit code is not the message.
    Never,
}

/// Whether every gap fails the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Only a gap that makes the verdict *unseen*.
    #[default]
    Normal,
    /// Any gap.
    Strict,
}

/// What is to be assessed against what.
#[derive(Clone, Debug)]
pub struct AssessRequest {
    /// The target; when absent, the minor after the observed one, or the newest
    /// known one where none was observed.
    pub to: Option<TargetVersion>,
    /// The present.
    pub now: jiff::Timestamp,
    /// The families of findings that are wanted; all of them when empty.
    pub only: BTreeSet<Family>,
    /// The findings that somebody accepted.
    pub waivers: Vec<Waiver>,
}

/// An assessment, and how its target was chosen.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// The assessment.
    pub assessment: Assessment,
    /// Why this target, when nobody named one.
    pub target_chosen: Option<String>,
    /// Waivers that accepted nothing, each as a sentence.
    pub idle_waivers: Vec<String>,
}

/// Assesses what was read.
///
/// # Errors
/// When the knowledge does not cover the target.
pub fn assess(reading: &Reading, request: &AssessRequest) -> Result<Assessed, Failure> {
    let knowledge = Knowledge::embedded();
    let (target, target_chosen) = match &request.to {
        Some(target) => (target.clone(), None),
        None => default_target(&reading.snapshot, knowledge),
    };
    covered(&target, knowledge)?;
    let mut question = Question::whole(target, request.now, reading.objects);
    if !request.only.is_empty() {
        question.families.clone_from(&request.only);
    }
    let mut assessment = refit_assessor::assess(&reading.snapshot, knowledge, &question);
    let applied = waiver::apply(&mut assessment.findings, &request.waivers, request.now);
    refit_assessor::settle(&mut assessment);
    let told = |places: &[usize], what: &str| {
        places
            .iter()
            .filter_map(|place| request.waivers.get(*place))
            .map(|waiver| format!("the {waiver}, {what}"))
            .collect::<Vec<_>>()
    };
    let mut idle_waivers = told(&applied.expired, "has expired and does not count");
    idle_waivers.extend(told(
        &applied.unused,
        "matches no finding of this assessment",
    ));
    Ok(Assessed {
        assessment,
        target_chosen,
        idle_waivers,
    })
}

/// The target when nobody named one, and the sentence that says so.
fn default_target(snapshot: &Snapshot, knowledge: &Knowledge) -> (TargetVersion, Option<String>) {
    let (_, newest) = knowledge.covers();
    let server = snapshot
        .kubernetes
        .as_ref()
        .and_then(|kubernetes| kubernetes.server.get());
    match server {
        Some(version) => {
            let next = version.minor().next();
            (
                TargetVersion::Minor(next),
                Some(format!(
                    "no target was given: {next} follows the running {version}"
                )),
            )
        }
        None => (
            TargetVersion::Minor(newest),
            Some(format!(
                "no target was given and no running version was seen: {newest} is the newest known"
            )),
        ),
    }
}

/// Refuses a target that the knowledge says nothing about.
///
/// # Errors
/// When it does not cover the target; the failure lists what it covers.
pub fn covered(target: &TargetVersion, knowledge: &Knowledge) -> Result<(), Failure> {
    let (first, last) = knowledge.covers();
    if (first..=last).contains(&target.minor()) {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Usage,
        format!(
            "nothing is known about Kubernetes {target}: the knowledge {} covers {first} to {last}",
            knowledge.version()
        ),
    )
    .hint(format!("choose a target between {first} and {last}"))
    .hint("a newer Refit carries newer knowledge"))
}

/// The exit code of an assessment.
#[must_use]
pub fn exit_code(assessment: &Assessment, fail_on: FailOn, strictness: Strictness) -> u8 {
    let fails = |severity: Severity| match fail_on {
        FailOn::Blocking => severity == Severity::Blocking,
        FailOn::Warning => severity <= Severity::Warning,
        FailOn::Never => false,
    };
    let found = assessment
        .findings
        .iter()
        .any(|finding| finding.waived.is_none() && fails(finding.severity));
    let gaps = assessment
        .coverage
        .iter()
        .any(|coverage| !coverage.gaps.is_empty());
    let unseen =
        assessment.summary.verdict == Verdict::Unseen || (strictness == Strictness::Strict && gaps);
    exit::worst([
        if found { exit::REFUSED } else { exit::FINE },
        if unseen { exit::UNSEEN } else { exit::FINE },
    ])
}
