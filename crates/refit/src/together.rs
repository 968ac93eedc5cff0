//! Where a plan stands and who did what to it, as people read it.

use crate::output::{BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use refit_model::governance::{
    ApprovalStanding, PlanFeed, PlanState, PlanStatus, TemplateList, TemplateState,
};

/// Where the texts beside the labels begin.
const COLUMN: usize = 11;

/// The status of a plan: one labelled line for each thing that there is to say.
pub(crate) fn status(status: &PlanStatus, width: usize) -> String {
    let style = match status.state {
        PlanState::Approved | PlanState::Completed => GOOD,
        PlanState::Rejected | PlanState::Canceled | PlanState::Expired => BAD,
        PlanState::Draft | PlanState::InReview | PlanState::InProgress => WARN,
    };
    let mut out = format!(
        "{}  {}  {}  {}\n",
        styled(BOLD, &status.cluster.name),
        status.goal,
        styled(style, status.state),
        styled(DIM, status.plan.short())
    );
    let mut row = |label: &str, text: &str| {
        let text = wrapped(text, COLUMN, width);
        let text = text.trim_start().trim_end_matches('\n');
        out.push_str(&format!("{label:COLUMN$}{text}\n"));
    };
    if let Some(by) = &status.requested_by {
        row("asked by", by.as_str());
    }
    match &status.approval {
        ApprovalStanding::Granted { by, until } => {
            let until =
                until.map_or_else(String::new, |until| format!(", until {}", minute(until)));
            row("approved", &format!("by {}{until}", names(by)));
        }
        ApprovalStanding::Missing { by, wants } => {
            if !by.is_empty() {
                row("approved", &format!("by {}", names(by)));
            }
            for want in wants {
                row("missing", want);
            }
        }
        ApprovalStanding::Denied { denials } => {
            for no in denials {
                row("denied", &format!("by {no}"));
            }
        }
        ApprovalStanding::Canceled { by, reason } => {
            row("canceled", &format!("by {by}: {reason}"));
        }
    }
    for aside in &status.set_aside {
        row("set aside", &format!("{} {}", aside.by, aside.because));
    }
    for (by, waived) in &status.waived {
        let of = waived
            .step
            .as_ref()
            .map_or_else(String::new, |step| format!(" of {step}"));
        row(
            "waived",
            &format!(
                "{}{of} by {by} until {}: {}",
                waived.code, waived.until, waived.reason
            ),
        );
    }
    if let Some(owner) = &status.owner {
        row("owner", owner.as_str());
    }
    for (step, assignment) in &status.assigned {
        let due = assignment
            .due
            .map_or_else(String::new, |due| format!(", due {due}"));
        row("assigned", &format!("{step} to {}{due}", assignment.to));
    }
    if status.comments > 0 {
        row(
            "remarks",
            &format!("{}; `refit plan feed` shows them", status.comments),
        );
    }
    match &status.run {
        Some(run) => {
            row(
                "run",
                &format!("{}, {} of {} steps ended", run.phase, run.ended, run.steps),
            );
            for reason in &run.reasons {
                row("", reason);
            }
        }
        None => row("run", "not begun"),
    }
    match &status.broken {
        Some(broken) if broken.is_empty() => row("verified", "what it promises was observed"),
        Some(broken) => {
            for broken in broken {
                row("broken", broken);
            }
        }
        None => {}
    }
    out
}

/// A time as people read it.
pub(crate) fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn names(by: &[refit_model::name::Actor]) -> String {
    let names: Vec<_> = by.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The feed of a plan: a line each, times in UTC.
pub(crate) fn feed(feed: &PlanFeed, width: usize) -> String {
    if feed.lines.is_empty() {
        return "nothing was said about this plan with this store, and it has not been run\n"
            .to_owned();
    }
    let mut out = String::new();
    for line in &feed.lines {
        let at = line.at.strftime("%Y-%m-%d %H:%M");
        let step = line
            .step
            .as_ref()
            .map_or_else(String::new, |step| format!(" ({step})"));
        let text = wrapped(&format!("{} {}{step}", line.by, line.what), 18, width);
        out.push_str(&format!(
            "{}  {}\n",
            styled(DIM, at),
            text.trim_start().trim_end_matches('\n')
        ));
    }
    out
}

/// The templates: a line each, with the state where anybody has said anything.
pub(crate) fn templates(list: &TemplateList) -> String {
    let mut out = String::new();
    for template in &list.templates {
        let style = match template.state {
            TemplateState::Approved => GOOD,
            TemplateState::Stale => WARN,
            TemplateState::Canceled => BAD,
            TemplateState::Available | TemplateState::Superseded => DIM,
        };
        let title = template.title.as_deref().unwrap_or("of a file");
        out.push_str(&format!(
            "{:24} {} {title}\n",
            template.name,
            styled(style, format!("{:10}", template.state))
        ));
    }
    out
}
