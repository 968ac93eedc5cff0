//! What people read in a terminal.

use crate::comparison;
use crate::output::{BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use crate::overview;
use refit_model::assessment::{Assessment, Severity, Verdict};
use refit_model::duration::Seconds;
use refit_model::object::EvidenceTier;
use refit_model::plan::Hop;
use refit_model::policy::Schedule;
use refit_model::rehearsal::{Ending, Rehearsal};
use refit_model::review::{Review, Weight};
use refit_model::seen::Unseen;
use refit_model::verification::{ClaimResult, Verification};
use refit_service::report::{comparison_line, news_first};
use refit_service::windows::longest;

/// An assessment: what blocks first, one line a finding, the remedy under it.
pub(crate) fn assessment(assessment: &Assessment, width: usize) -> String {
    let mut out = String::new();
    let summary = &assessment.summary;
    let verdict = match summary.verdict {
        Verdict::Ready => styled(GOOD, "READY"),
        Verdict::ReadyWithWarnings => styled(WARN, "READY, WITH WARNINGS"),
        Verdict::Blocked => styled(BAD, "BLOCKED"),
        Verdict::Unseen => styled(WARN, "UNSEEN"),
    };
    let accepted = match summary.waived {
        0 => String::new(),
        number => format!(", {number} accepted"),
    };
    let from = assessment
        .from
        .as_ref()
        .map_or_else(|| "version not seen".to_owned(), ToString::to_string);
    out.push_str(&format!(
        "{}  {from} to {}  {verdict}\n",
        styled(BOLD, &assessment.metadata.cluster.name),
        assessment.target
    ));
    out.push_str(&wrapped(
        &format!(
            "{} blocking, {} to check, {} to know{accepted}; {} {}; knowledge {} of {}",
            summary.blocking,
            summary.warning,
            summary.info,
            summary.objects,
            if summary.objects == 1 {
                "object"
            } else {
                "objects"
            },
            assessment.metadata.knowledge.version,
            assessment.metadata.knowledge.as_of
        ),
        0,
        width,
    ));
    out.push('\n');
    if let Some(asked) = assessment.metadata.asked() {
        out.push_str(&wrapped(&asked, 0, width));
        out.push('\n');
    }
    match &assessment.comparison {
        Some(comparison) => {
            out.push_str(&wrapped(&comparison_line(comparison), 0, width));
            out.push('\n');
        }
        None => out.push_str(&overview::opening(assessment, width)),
    }
    for (heading, style, severity) in [
        ("blocking", BAD, Severity::Blocking),
        ("warnings", WARN, Severity::Warning),
        ("good to know", DIM, Severity::Info),
    ] {
        let findings: Vec<_> = assessment
            .told()
            .into_iter()
            .filter(|finding| finding.severity == severity && finding.waived.is_none())
            .collect();
        if findings.is_empty() {
            continue;
        }
        let new = match &assessment.comparison {
            Some(_) => ", new",
            None => "",
        };
        out.push_str(&format!("\n{}\n", styled(style, format!("{heading}{new}"))));
        for finding in findings {
            // The titles of API findings name the kind, not the object.
            let title = if finding.code.family() == 'A' {
                format!("{}: {}", finding.subject, finding.title)
            } else {
                finding.title.clone()
            };
            let is_weak = !finding.evidence.is_empty()
                && finding
                    .evidence
                    .iter()
                    .all(|evidence| evidence.tier == EvidenceTier::OvertakenAnnotation);
            let title = if is_weak {
                format!("{title} (weak evidence: a later write has overtaken it)")
            } else {
                title
            };
            let text = wrapped(&title, 10, width);
            out.push_str(&format!(
                "  {}  {}\n",
                styled(style, finding.code),
                text.trim_start()
            ));
            // Several routes of evidence may stand at one place.
            let mut places: Vec<_> = Vec::new();
            for location in finding.evidence.iter().filter_map(|e| e.location.as_ref()) {
                if !places.contains(&location) {
                    places.push(location);
                }
            }
            for location in places.iter().take(3) {
                out.push_str(&format!("          {}\n", styled(DIM, location)));
            }
            let more = places.len().saturating_sub(3);
            if more > 0 {
                out.push_str(&format!(
                    "          {}\n",
                    styled(DIM, format!("and {more} more places"))
                ));
            }
            out.push_str(&wrapped(&format!("-> {}", finding.remedy), 10, width));
            out.push('\n');
        }
    }
    if let Some(comparison) = &assessment.comparison {
        out.push_str(&comparison::gone(comparison, width));
    }
    out.push_str(&overview::accepted(assessment, width));
    out.push_str(&gaps(assessment, width));
    out.push_str(&format!(
        "\n{}\n",
        styled(DIM, "`refit explain CODE` tells what a code means.")
    ));
    out
}

/// What was not seen. What a folder of manifests cannot carry is told in one
/// paragraph; everything else gets a line and the command that would show it.
fn gaps(assessment: &Assessment, width: usize) -> String {
    let (silent, told): (Vec<_>, Vec<_>) = assessment
        .coverage
        .iter()
        .flat_map(|row| &row.gaps)
        .partition(|gap| gap.why == Unseen::NotInSource);
    let mut out = String::new();
    if silent.is_empty() && told.is_empty() {
        return out;
    }
    out.push_str(&format!("\n{}\n", styled(BOLD, "not seen")));
    // Four lines and their commands are read; more are scrolled past.
    let lines = if silent.len() > 4 {
        let names: Vec<_> = silent.iter().map(|gap| gap.what.as_str()).collect();
        out.push_str(&wrapped(
            &format!("What was read does not carry: {}.", names.join("; ")),
            2,
            width,
        ));
        out.push_str(&format!(
            "\n      {}\n",
            styled(DIM, "-o yaml has the command that shows each")
        ));
        told
    } else {
        silent.into_iter().chain(told).collect()
    };
    for gap in lines {
        out.push_str(&wrapped(&format!("{}: {}", gap.what, gap.why), 2, width));
        out.push('\n');
        if let Some(command) = &gap.command {
            out.push_str(&format!("      {}\n", styled(DIM, command)));
        }
    }
    out
}

/// Hops, one a line.
pub(crate) fn hops(hops: &[Hop]) -> String {
    hops.iter()
        .zip(1..)
        .map(|(hop, number)| format!("  {number}. {hop}\n"))
        .collect()
}

/// So many openings are shown; the machine output has all.
const MOST_OPENINGS: usize = 12;

/// When a plan can be carried out.
pub(crate) fn schedule(schedule: &Schedule) -> String {
    let needs = &schedule.needs;
    let bases: Vec<String> = needs
        .by_basis
        .iter()
        .map(|(basis, time)| format!("{time} {basis}"))
        .collect();
    let mut out = format!(
        "plan {} takes {} ({}) and keeps {} for going back: {}\n",
        schedule.plan.short(),
        needs.work,
        bases.join(", "),
        needs.rollback_reserve,
        styled(BOLD, needs.total)
    );
    if needs.without_estimate > 0 {
        out.push_str(&format!(
            "{} steps say nothing of how long they take, and are not in it\n",
            needs.without_estimate
        ));
    }
    out.push_str(&match schedule.first {
        Some(first) => format!("{} {first}\n", styled(GOOD, "first:")),
        None => format!(
            "{} it fits no opening of the next 60 days under policy {}; {}\n",
            styled(BAD, "refused:"),
            schedule.policy,
            longest(schedule)
        ),
    });
    for slot in schedule.openings.iter().take(MOST_OPENINGS) {
        let fits = if slot.fits {
            styled(GOOD, "fits     ")
        } else {
            styled(DIM, "too short")
        };
        let freeze = slot.closed_by.as_ref();
        let freeze = freeze.map_or_else(String::new, |freeze| format!(", closed by {freeze}"));
        out.push_str(&format!(
            "  {fits}  {} to {}  {}{freeze}\n",
            slot.opens,
            slot.closes,
            slot.windows.join(", ")
        ));
    }
    let more = schedule.openings.len().saturating_sub(MOST_OPENINGS);
    if more > 0 {
        out.push_str(&format!("  {}\n", styled(DIM, format!("and {more} more"))));
    }
    out
}

/// A review.
pub(crate) fn review(review: &Review, width: usize) -> String {
    if review.objections.is_empty() {
        return format!("{}\n", styled(GOOD, "no objections"));
    }
    let fatal = review
        .objections
        .iter()
        .filter(|o| o.weight == Weight::Fatal)
        .count();
    let mut out = if fatal == 0 {
        format!("{}\n", styled(GOOD, "nothing forbids approval"))
    } else {
        format!("{}\n", styled(BAD, forbidding(fatal)))
    };
    for objection in &review.objections {
        let style = match objection.weight {
            Weight::Fatal => BAD,
            Weight::Caution => WARN,
        };
        let what = wrapped(&objection.what, 10, width);
        out.push_str(&format!(
            "  {}  {}\n",
            styled(style, objection.code),
            what.trim_start()
        ));
        if let Some(step) = &objection.step {
            out.push_str(&format!("          {}\n", styled(DIM, step)));
        }
        out.push_str(&wrapped(&format!("-> {}", objection.remedy), 10, width));
        out.push('\n');
    }
    out
}

/// How many objections forbid approval, in words.
fn forbidding(number: usize) -> String {
    match number {
        1 => "1 objection forbids approval".to_owned(),
        number => format!("{number} objections forbid approval"),
    }
}

/// How many incidents of a rehearsal are told on a screen: with two lines each
/// they fill half of one.
const MOST_INCIDENTS: usize = 8;

/// A rehearsal: the end, the time, what had to wait, what was not rehearsed.
pub(crate) fn rehearsal(rehearsal: &Rehearsal, width: usize) -> String {
    let steps = rehearsal.steps.len();
    let unrehearsed = rehearsal.not_rehearsed();
    let mut out = match &rehearsal.ending {
        Ending::Succeeded => format!("{} {}", styled(GOOD, "rehearsed:"), rehearsal.succeeded()),
        Ending::SucceededWithExceptions(what) => {
            format!("{} with exceptions: {what}", styled(WARN, "rehearsed:"))
        }
        Ending::Stopped(why) => format!("{} {why}", styled(BAD, "stopped:")),
    };
    out.push_str(&format!(
        "\n  {steps} steps in {} of the twin's time; {unrehearsed} of them could not be rehearsed\n",
        rehearsal.took
    ));
    let mut waits: Vec<_> = rehearsal
        .steps
        .iter()
        .filter(|step| !step.waited_on.is_empty() && step.took > Seconds::new(0))
        .collect();
    waits.sort_by_key(|step| std::cmp::Reverse(step.took));
    if !waits.is_empty() {
        out.push_str(&format!("  {} steps had to wait; longest:\n", waits.len()));
    }
    for step in waits.iter().take(5) {
        let reason = step.waited_on.last().map_or("", String::as_str);
        out.push_str(&wrapped(
            &format!("{} {}: {reason}", step.took, step.title),
            4,
            width,
        ));
        out.push('\n');
    }
    let incidents = news_first(rehearsal);
    for incident in incidents.iter().take(MOST_INCIDENTS) {
        out.push_str(&wrapped(
            &format!("after {}: {}", incident.at, incident.what),
            2,
            width,
        ));
        out.push('\n');
    }
    let hidden = incidents.len().saturating_sub(MOST_INCIDENTS);
    if hidden > 0 {
        out.push_str(&format!("  and {hidden} more; `-o yaml` has them all\n"));
    }
    out.push_str(&verification(&rehearsal.verification, width));
    if !rehearsal.not_modelled.is_empty() {
        out.push_str("what the twin cannot know:\n");
        for what in &rehearsal.not_modelled {
            out.push_str(&wrapped(&format!("- {what}"), 2, width));
            out.push('\n');
        }
    }
    out
}

/// A verification: what does not hold first; that all holds in one line.
pub(crate) fn verification(verification: &Verification, width: usize) -> String {
    let holds = verification
        .claims
        .iter()
        .filter(|claim| claim.result == ClaimResult::Holds)
        .count();
    let all = verification.claims.len();
    let mut out = if verification.holds() {
        format!(
            "{} all {all} promises were observed to hold\n",
            styled(GOOD, "verified:")
        )
    } else {
        format!(
            "{} {holds} of {all} promises were observed to hold\n",
            styled(BAD, "not verified:")
        )
    };
    for claim in verification
        .claims
        .iter()
        .filter(|c| c.result != ClaimResult::Holds)
    {
        let word = match claim.result {
            ClaimResult::Unseen => "not seen",
            ClaimResult::Fails | ClaimResult::Holds => "does not hold",
        };
        out.push_str(&wrapped(
            &format!("{word}: {} ({})", claim.claim, claim.because),
            2,
            width,
        ));
        out.push('\n');
    }
    out
}

/// A review in a few lines: the fatal objections, and how many cautions.
pub(crate) fn review_in_short(review: &Review, width: usize) -> String {
    let fatal: Vec<_> = review
        .objections
        .iter()
        .filter(|objection| objection.weight == Weight::Fatal)
        .collect();
    let cautions = review.objections.len() - fatal.len();
    let mut out = if fatal.is_empty() {
        format!(
            "{}, {cautions} cautions\n",
            styled(GOOD, "nothing forbids approval")
        )
    } else {
        format!(
            "{}, {cautions} cautions\n",
            styled(BAD, forbidding(fatal.len()))
        )
    };
    for objection in fatal.iter().take(6) {
        let what = wrapped(&objection.what, 8, width);
        out.push_str(&format!(
            "{}  {}\n",
            styled(BAD, objection.code),
            what.trim_start()
        ));
    }
    if fatal.len() > 6 {
        out.push_str(&format!("and {} more\n", fatal.len() - 6));
    }
    out
}
