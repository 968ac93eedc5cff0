//! How far the support of a minor reaches: by the calendar of whoever offers the
//! cluster, with upstream's beside it, and by upstream's alone where the cluster is
//! one's own.

use crate::finding::finding;
use crate::scene::Scene;
use refit_knowledge::calendar::{Release, SupportPhase};
use refit_knowledge::support::{Answer, Cost, Phase, Product, Status, Until};
use refit_model::assessment::{Finding, FindingSubject, Severity};
use refit_model::code::CodePage;
use refit_model::version::Minor;

/// What the calendars say of `minor`, which is the `which` one; nothing where it
/// is simply supported.
pub(crate) fn find(
    scene: &Scene<'_>,
    page: &CodePage,
    which: &str,
    minor: Minor,
    subject: FindingSubject,
) -> Option<Finding> {
    let upstream = scene.knowledge.calendar().release(minor);
    let calendars = scene.knowledge.support();
    let provider = scene
        .distribution()
        .and_then(|name| calendars.of_distribution(&name));
    let mut references = vec![page.source.to_owned()];
    let told = match provider {
        None => by_upstream(scene, which, minor, upstream),
        Some(provider) => {
            let answer = calendars
                .cycle_with(provider, minor)
                .and_then(|cycle| calendars.support(&provider.name, &cycle, scene.today));
            references.extend(answer.as_ref().map(|answer| answer.by.source.clone()));
            by_provider(provider, which, minor, answer.as_ref()).map(|(severity, title)| {
                (severity, format!("{title}; {}", beside(scene, upstream)))
            })
        }
    };
    references.extend(upstream.map(|release| release.source.clone()));
    let (severity, title) = told?;
    Some(Finding {
        evidence: vec![scene.seen(format!("today is {}", scene.today))],
        references,
        ..finding(page, severity, subject, title)
    })
}

fn by_upstream(
    scene: &Scene<'_>,
    which: &str,
    minor: Minor,
    release: Option<&Release>,
) -> Option<(Severity, String)> {
    let told = match release.map(|release| (release, release.phase_on(scene.today))) {
        Some((_, SupportPhase::Supported)) => return None,
        Some((release, SupportPhase::Maintenance)) => (
            Severity::Info,
            format!(
                "the {which} minor {minor} gets critical fixes only, until {}",
                release.end_of_life
            ),
        ),
        Some((release, SupportPhase::Ended)) => (
            Severity::Warning,
            format!(
                "the {which} minor {minor} has had no support since {}",
                release.end_of_life
            ),
        ),
        Some((release, SupportPhase::NotReleased)) => (
            Severity::Info,
            format!(
                "the {which} minor {minor} came out only on {}",
                release.released
            ),
        ),
        None => (
            Severity::Info,
            format!(
                "it is not known until when the {which} minor {minor} is supported; the calendar is of {}",
                scene.knowledge.calendar().as_of()
            ),
        ),
    };
    Some(told)
}

fn by_provider(
    provider: &Product,
    which: &str,
    minor: Minor,
    answer: Option<&Answer<'_>>,
) -> Option<(Severity, String)> {
    let title = &provider.title;
    let told = match answer.map(|answer| answer.status) {
        Some(Status::Supported {
            phase: Phase::Full, ..
        }) => return None,
        Some(Status::Supported {
            phase: Phase::Maintenance,
            until,
        }) => (
            Severity::Info,
            format!(
                "{title} does maintenance only for the {which} minor {minor}, {}",
                reach(until)
            ),
        ),
        Some(Status::Supported {
            phase: Phase::Extended,
            until,
        }) => {
            let (name, cost) = match &provider.extended {
                Some(extended) => (
                    extended.name.as_str(),
                    match extended.cost {
                        Cost::More => ", which costs more",
                        Cost::NotKnown => "",
                    },
                ),
                None => ("extended support", ""),
            };
            (
                Severity::Warning,
                format!(
                    "{title} has the {which} minor {minor} in {name}{cost}, {}",
                    reach(until)
                ),
            )
        }
        Some(Status::Ended { last: Some(last) }) => (
            Severity::Warning,
            format!("{title} ended its support of the {which} minor {minor} on {last}"),
        ),
        Some(Status::Ended { last: None }) => (
            Severity::Warning,
            format!("{title} has ended its support of the {which} minor {minor}"),
        ),
        Some(Status::NotReleased(from)) => (
            Severity::Info,
            format!("{title} has the {which} minor {minor} only from {from} on"),
        ),
        Some(Status::NotKnown) | None => (
            Severity::Info,
            format!("it is not known until when {title} supports the {which} minor {minor}"),
        ),
    };
    Some(told)
}

fn reach(until: Until) -> String {
    match until {
        Until::Day(day) => format!("until {day}"),
        Until::NotAnnounced { looked } => format!("without an end that was announced by {looked}"),
    }
}

/// What upstream says, for comparison.
fn beside(scene: &Scene<'_>, upstream: Option<&Release>) -> String {
    match upstream {
        Some(release) if release.phase_on(scene.today) == SupportPhase::Ended => {
            format!("upstream ended it on {}", release.end_of_life)
        }
        Some(release) => format!("upstream supports it until {}", release.end_of_life),
        None => "of upstream's support nothing is known either".to_owned(),
    }
}
