//! The use case *assess*: what would break at the target.

use crate::exit;
use crate::failure::{Failure, FailureKind};
use crate::knowing::{Known, mark};
use refit_assessor::{Incomparable, Looked, Question};
use refit_knowledge::Knowledge;
use refit_model::assessment::{Assessment, Family, Remark, Severity, Verdict};
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
    /// An earlier assessment: only what is new since then counts.
    pub baseline: Option<Assessment>,
    /// The files and folders that were looked under; none for a live cluster.
    pub roots: Vec<String>,
}

/// An assessment, and how its target was chosen.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// The assessment.
    pub assessment: Assessment,
    /// Why this target, when nobody named one; or that the release which somebody
    /// named is not known to be out.
    pub target_chosen: Option<String>,
    /// Waivers that accepted nothing, each as a sentence.
    pub idle_waivers: Vec<String>,
    /// Which findings an overlay of the knowledge keeps from being found.
    pub kept_away: Option<String>,
}

/// Assesses what was read.
///
/// # Errors
/// When the knowledge does not cover the target.
pub fn assess(
    reading: &Reading,
    known: &Known,
    request: &AssessRequest,
) -> Result<Assessed, Failure> {
    let knowledge = known.knowledge();
    let (target, target_chosen) = match &request.to {
        Some(target) => (target.clone(), not_out(target, knowledge)),
        None => match &request.baseline {
            Some(baseline) => (
                baseline.target.clone(),
                Some(format!(
                    "no target was given: {} is that of the baseline",
                    baseline.target
                )),
            ),
            None => default_target(&reading.snapshot, knowledge),
        },
    };
    covered(&target, knowledge)?;
    let mut question = Question::whole(target, request.now, reading.objects);
    question.skipped = reading.skipped;
    if !request.only.is_empty() {
        question.families.clone_from(&request.only);
    }
    let mut assessment = refit_assessor::assess(&reading.snapshot, knowledge, &question);
    // Whoever reads the result later did not see the screen on which it was said.
    let chosen = target_chosen.iter().map(|why| Remark {
        location: None,
        text: why.clone(),
    });
    let noticed = reading.notes.iter().map(|note| Remark {
        location: note.location.clone(),
        text: note.text.clone(),
    });
    assessment.remarks = chosen.chain(noticed).collect();
    let kept_away = if known.overlays().next().is_some() {
        let built_in = refit_assessor::assess(&reading.snapshot, known.beneath(), &question);
        mark(known, &mut assessment, &built_in)
    } else {
        None
    };
    let applied = waiver::apply(&mut assessment.findings, &request.waivers, request.now);
    refit_assessor::settle(&mut assessment);
    if let Some(baseline) = &request.baseline {
        refit_assessor::comparable(baseline, &assessment).map_err(incomparable)?;
        let looked = Looked {
            roots: &request.roots,
            left_out: &reading.left_out,
        };
        let comparison = refit_assessor::compare(baseline, &assessment, &reading.snapshot, looked);
        assessment.comparison = Some(comparison);
    }
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
        kept_away,
    })
}

fn incomparable(why: Incomparable) -> Failure {
    let next = match &why {
        Incomparable::OtherCluster { .. } => {
            "look at what the baseline was made of, or make a baseline of this with `-o json --output-file FILE`; \
             --cluster-name names files that identify no cluster"
                .to_owned()
        }
        Incomparable::OtherTarget { baseline, .. } => format!("`--to {baseline}` asks what it asked"),
    };
    Failure::new(
        FailureKind::Usage,
        "the baseline is not to be compared with this assessment",
    )
    .because(why)
    .hint(next)
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

/// What is said of a release that is newer than all that are known of its minor.
fn not_out(target: &TargetVersion, knowledge: &Knowledge) -> Option<String> {
    let TargetVersion::Release(asked) = target else {
        return None;
    };
    let calendar = knowledge.calendar();
    let newest = &calendar.release(asked.minor())?.latest;
    (asked > newest).then(|| {
        format!(
            "{asked} was not out on {}, when {newest} was the newest release of {}: what is told is of {}",
            calendar.as_of(),
            asked.minor(),
            asked.minor()
        )
    })
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

/// The exit code of an assessment. Beside a baseline only news counts, and then
/// a gap that could hide some counts too, though something blocks already.
#[must_use]
pub fn exit_code(assessment: &Assessment, fail_on: FailOn, strictness: Strictness) -> u8 {
    let fails = |severity: Severity| match fail_on {
        FailOn::Blocking => severity == Severity::Blocking,
        FailOn::Warning => severity <= Severity::Warning,
        FailOn::Never => false,
    };
    let found = assessment
        .told()
        .iter()
        .any(|finding| finding.waived.is_none() && fails(finding.severity));
    let mut coverage = assessment.coverage.iter();
    let unseen = match strictness {
        Strictness::Strict => coverage.any(|row| !row.gaps.is_empty()),
        Strictness::Normal if assessment.comparison.is_some() => coverage.any(|row| row.could_hide),
        Strictness::Normal => assessment.summary.verdict == Verdict::Unseen,
    };
    exit::worst([
        if found { exit::REFUSED } else { exit::FINE },
        if unseen { exit::UNSEEN } else { exit::FINE },
    ])
}
