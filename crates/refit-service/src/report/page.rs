//! One self-contained HTML page: assessment, path, plan, review, rehearsal.
//!
//! It loads nothing: style is inline, there is no script, and a content
//! security policy forbids everything else, so that a page made from a hostile
//! manifest can do nothing but show text. It follows the reader's light or dark
//! setting.

use crate::failure::{Failure, FailureKind};
use askama::Template;
use refit_model::assessment::{Assessment, Comparison, Finding, Scope, Severity, Verdict};
use refit_model::duration::Seconds;
use refit_model::plan::{Hop, UpgradePlan};
use refit_model::rehearsal::{Ending, Grade, Incident, Rehearsal};
use refit_model::report::PlanReport;
use refit_model::review::{Review, Weight};
use refit_model::verification::ClaimResult;

/// What a page can show; absent parts are left out.
#[derive(Clone, Copy, Debug)]
pub struct PageContent<'a> {
    /// The assessment, which every page has.
    pub assessment: &'a Assessment,
    /// The way to the target.
    pub hops: &'a [Hop],
    /// The plan of the first hop, and why it is as it is.
    pub plan: Option<(&'a UpgradePlan, &'a PlanReport)>,
    /// What is held against the plan.
    pub review: Option<&'a Review>,
    /// What the rehearsal showed.
    pub rehearsal: Option<&'a Rehearsal>,
    /// What a reader has to know of plan and rehearsal, when they are not of
    /// the very landscape that was assessed.
    pub note: Option<&'a str>,
}

/// The page.
///
/// # Errors
/// When rendering fails, which is a defect.
pub fn page(content: &PageContent<'_>) -> Result<String, Failure> {
    PageView::of(content).render().map_err(|error| {
        Failure::new(FailureKind::Broken, "could not render the page").because(error)
    })
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageView<'a> {
    title: String,
    assessment: &'a Assessment,
    from: String,
    verdict_class: &'static str,
    verdict_sentence: String,
    scope: &'a Scope,
    counts: String,
    comparison: Option<&'a Comparison>,
    since: String,
    hops: Vec<HopView>,
    groups: Vec<FindingGroup<'a>>,
    plan: Option<PlanView<'a>>,
    review: Option<&'a Review>,
    fatal: usize,
    rehearsal: Option<RehearsalView<'a>>,
    note: Option<&'a str>,
}

struct HopView {
    text: String,
    note: &'static str,
}

struct FindingGroup<'a> {
    heading: &'static str,
    class: &'static str,
    findings: Vec<&'a Finding>,
}

struct PlanView<'a> {
    plan: &'a UpgradePlan,
    report: &'a PlanReport,
    stages: Vec<StageView<'a>>,
    steps: usize,
}

struct StageView<'a> {
    title: &'a str,
    steps: Vec<StepView<'a>>,
}

struct StepView<'a> {
    id: &'a str,
    title: &'a str,
    kind: String,
    commands: Vec<String>,
}

struct RehearsalView<'a> {
    rehearsal: &'a Rehearsal,
    ended_well: bool,
    ending: String,
    incidents: Vec<&'a Incident>,
    lanes: Vec<Lane>,
    ticks: Vec<Tick>,
    not_rehearsed: usize,
    holds: usize,
    broken: Vec<(String, String)>,
}

struct Lane {
    label: String,
    bars: Vec<Bar>,
}

struct Bar {
    /// Per cent of the whole time.
    left: String,
    width: String,
    class: &'static str,
    tip: String,
}

struct Tick {
    left: String,
    label: String,
}

impl<'a> PageView<'a> {
    fn of(content: &PageContent<'a>) -> Self {
        let assessment = content.assessment;
        let last = content.hops.len().saturating_sub(1);
        let summary = &assessment.summary;
        Self {
            title: format!(
                "{} to Kubernetes {}",
                assessment.metadata.cluster.name, assessment.target
            ),
            assessment,
            from: assessment
                .from
                .as_ref()
                .map_or_else(|| "an unknown version".to_owned(), ToString::to_string),
            verdict_class: match summary.verdict {
                Verdict::Ready => "good",
                Verdict::ReadyWithWarnings => "warn",
                Verdict::Blocked => "bad",
                Verdict::Unseen => "dim",
            },
            verdict_sentence: match summary.verdict {
                Verdict::Ready => "Nothing stands in the way.".to_owned(),
                Verdict::ReadyWithWarnings => {
                    "Nothing stands in the way. Read the warnings first.".to_owned()
                }
                Verdict::Blocked => format!(
                    "{} findings stand in the way of the upgrade.",
                    summary.blocking
                ),
                Verdict::Unseen => {
                    "Nothing was found that stands in the way, but something that matters was not seen."
                        .to_owned()
                }
            },
            scope: &assessment.scope,
            counts: format!(
                "{} nodes, {} namespaces, {} workloads, {} pods, {} Helm releases.",
                assessment.scope.nodes,
                assessment.scope.namespaces,
                assessment.scope.workloads,
                assessment.scope.pods,
                assessment.scope.releases
            ),
            comparison: assessment.comparison.as_ref(),
            since: assessment
                .comparison
                .as_ref()
                .map_or_else(String::new, super::comparison_line),
            hops: content
                .hops
                .iter()
                .enumerate()
                .map(|(place, hop)| HopView {
                    text: hop.to_string(),
                    note: if place == 0 {
                        "planned below"
                    } else if place == last {
                        "planned when the hop before is verified; the target"
                    } else {
                        "planned when the hop before is verified"
                    },
                })
                .collect(),
            groups: [
                ("Blocking", "bad", Severity::Blocking),
                ("Warnings", "warn", Severity::Warning),
                ("Good to know", "dim", Severity::Info),
            ]
            .into_iter()
            .map(|(heading, class, severity)| FindingGroup {
                heading,
                class,
                findings: assessment
                    .told()
                    .into_iter()
                    .filter(|finding| finding.severity == severity)
                    .collect(),
            })
            .filter(|group| !group.findings.is_empty())
            .collect(),
            plan: content.plan.map(|(plan, report)| PlanView::of(plan, report)),
            review: content.review,
            fatal: content.review.map_or(0, |review| {
                review
                    .objections
                    .iter()
                    .filter(|objection| objection.weight == Weight::Fatal)
                    .count()
            }),
            rehearsal: content.rehearsal.map(RehearsalView::of),
            note: content.note,
        }
    }
}

impl<'a> PlanView<'a> {
    fn of(plan: &'a UpgradePlan, report: &'a PlanReport) -> Self {
        let stages: Vec<_> = plan
            .spec
            .stages
            .iter()
            .map(|stage| StageView {
                title: &stage.title,
                steps: stage
                    .steps
                    .iter()
                    .map(|step| StepView {
                        id: step.id.as_str(),
                        title: &step.title,
                        kind: step.kind.to_string(),
                        commands: step
                            .act
                            .iter()
                            .flat_map(refit_model::act::Act::commands)
                            .map(|command| command.to_string())
                            .collect(),
                    })
                    .collect(),
            })
            .collect();
        Self {
            plan,
            report,
            steps: stages.iter().map(|stage| stage.steps.len()).sum(),
            stages,
        }
    }
}

impl<'a> RehearsalView<'a> {
    fn of(rehearsal: &'a Rehearsal) -> Self {
        let (ended_well, ending) = match &rehearsal.ending {
            Ending::Succeeded => (true, rehearsal.succeeded()),
            Ending::SucceededWithExceptions(what) => {
                (true, format!("ended, with exceptions: {what}"))
            }
            Ending::Stopped(why) => (false, format!("stopped: {why}")),
        };
        let whole = rehearsal.took.get().max(1);
        let mut lanes: Vec<Lane> = Vec::new();
        for step in &rehearsal.steps {
            let label = step.stage.to_string();
            let waited = if step.waited_on.is_empty() {
                String::new()
            } else {
                format!("; waited on {}", step.waited_on.join(", "))
            };
            let bar = Bar {
                left: share(step.begins, whole),
                width: share(step.took, whole),
                class: match (step.grade, step.outcome.as_str()) {
                    (Grade::R0, _) => "unrehearsed",
                    (Grade::R1 | Grade::R2 | Grade::R3, "succeeded")
                        if step.waited_on.is_empty() =>
                    {
                        "went"
                    }
                    (Grade::R1 | Grade::R2 | Grade::R3, "succeeded") => "waited",
                    (Grade::R1 | Grade::R2 | Grade::R3, _) => "failed",
                },
                tip: format!(
                    "{} ({}): begins {}, takes {}{waited}",
                    step.title, step.outcome, step.begins, step.took
                ),
            };
            match lanes.last_mut() {
                Some(lane) if lane.label == label => lane.bars.push(bar),
                _ => lanes.push(Lane {
                    label,
                    bars: vec![bar],
                }),
            }
        }
        let claims = &rehearsal.verification.claims;
        Self {
            rehearsal,
            ended_well,
            ending,
            incidents: news_first(rehearsal),
            lanes,
            // Four parts are as many labels as a narrow screen can hold.
            ticks: (0..=4)
                .map(|quarter| {
                    let at = Seconds::new(
                        u32::try_from(u64::from(whole) * quarter / 4).unwrap_or(u32::MAX),
                    );
                    Tick {
                        left: share(at, whole),
                        label: at.to_string(),
                    }
                })
                .collect(),
            not_rehearsed: rehearsal
                .steps
                .iter()
                .filter(|step| step.grade == Grade::R0)
                .count(),
            holds: claims
                .iter()
                .filter(|claim| claim.result == ClaimResult::Holds)
                .count(),
            broken: claims
                .iter()
                .filter(|claim| claim.result != ClaimResult::Holds)
                .map(|claim| (claim.claim.clone(), claim.because.clone()))
                .collect(),
        }
    }
}

/// The incidents of a rehearsal, what a drain always does at the end: a workload
/// that is a pod short for some seconds is no news, anything else is.
#[must_use]
pub fn news_first(rehearsal: &Rehearsal) -> Vec<&Incident> {
    let mut incidents: Vec<_> = rehearsal.incidents.iter().collect();
    incidents.sort_by_key(|incident| incident.what.contains("had fewer than"));
    incidents
}

/// `part` of `whole` seconds in per cent with two decimals, without floating
/// point, so that every machine writes the same bytes.
fn share(part: Seconds, whole: u32) -> String {
    let basis_points = u64::from(part.get()) * 10_000 / u64::from(whole);
    format!("{}.{:02}", basis_points / 100, basis_points % 100)
}
