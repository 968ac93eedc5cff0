//! iCalendar: a plan as an entry in people's calendars.

use crate::announcing::{Announced, Firmness};
use crate::failure::{Failure, FailureKind};
use ics::properties::{Categories, Description, DtEnd, DtStart, Sequence, Status, Summary};
use ics::{Event, ICalendar, escape_text};
use jiff::Timestamp;
use refit_model::plan::UpgradePlan;
use refit_model::policy::PlanTime;

/// The calendar entry of a plan that is carried out from `starts` on, for as
/// long as it needs with its reserve. The same plan has the same UID, so that a
/// later export moves the entry instead of adding one; one that was given up takes
/// it back.
///
/// # Errors
/// When the end lies beyond all calendars.
pub fn plan_calendar(
    plan: &UpgradePlan,
    needs: &PlanTime,
    starts: Timestamp,
    announced: &Announced,
) -> Result<String, Failure> {
    let spec = &plan.spec;
    let ends = starts.checked_add(needs.total.signed()).map_err(|error| {
        Failure::new(FailureKind::Usage, "the plan ends nowhere").because(error)
    })?;
    let mut words = format!(
        "Plan {} from template {}. The work takes about {}, and {} are kept for going back.",
        plan.content_hash.short(),
        spec.made_from.template,
        needs.work,
        needs.rollback_reserve
    );
    if needs.without_estimate > 0 {
        words.push_str(&format!(
            " {} steps say nothing of how long they take and are not in the sum.",
            needs.without_estimate
        ));
    }
    match &announced.firmness {
        Firmness::Approved | Firmness::Begun => {}
        Firmness::NotApproved(missing) => {
            words.push_str(&format!("\nIt is not approved: {missing}."));
        }
        Firmness::Canceled { by, reason } => {
            words.push_str(&format!("\n{by} has canceled it: {reason}."));
        }
    }
    words.push_str("\nStages:");
    for stage in &spec.stages {
        words.push_str(&format!(
            "\n- {} ({} steps)",
            stage.title,
            stage.steps.len()
        ));
    }
    words.push_str("\nThe steps, their commands and their ways back are in the runbook.");
    // Not the present time: the same plan gives the same bytes.
    let mut event = Event::new(
        format!("{}@refit.dev", plan.content_hash.short()),
        stamp(spec.made_from.snapshot_taken_at),
    );
    event.push(DtStart::new(stamp(starts)));
    event.push(DtEnd::new(stamp(ends)));
    event.push(Summary::new(escape_text(format!(
        "Upgrade of {} on {}",
        spec.goal, spec.cluster.name
    ))));
    event.push(Description::new(escape_text(words)));
    event.push(Categories::new("MAINTENANCE"));
    // What a calendar has of this entry is replaced by what has a higher number.
    event.push(Sequence::new(announced.words.to_string()));
    event.push(match &announced.firmness {
        Firmness::Approved | Firmness::Begun => Status::confirmed(),
        Firmness::NotApproved(_) => Status::tentative(),
        Firmness::Canceled { .. } => Status::cancelled(),
    });
    let mut calendar = ICalendar::new("2.0", "-//refit.dev//plan//EN");
    calendar.add_event(event);
    Ok(calendar.to_string())
}

/// A time as calendars write it: `20261124T190000Z`.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
