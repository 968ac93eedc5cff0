//! What the people of an environment are told: before, during and after.

use crate::announcing::Firmness;
use crate::failure::{Failure, FailureKind};
use jiff::Timestamp;
use refit_model::governance::{Notice, Stakeholder};
use refit_model::plan::UpgradePlan;
use refit_model::policy::PlanTime;

/// The notices of a plan that starts at `starts` and needs `needs`, as Markdown:
/// for each stakeholder, whom to reach and what to say.
///
/// Times are in UTC: a plan knows no zone of its readers.
///
/// # Errors
/// A refusal when the plan was given up: nobody is to be told that it begins.
pub fn plan_notices(
    plan: &UpgradePlan,
    needs: &PlanTime,
    starts: Timestamp,
    firmness: &Firmness,
) -> Result<String, Failure> {
    let governance = &plan.spec.governance;
    let mut out = format!(
        "# Notices for {}, {}\n",
        plan.spec.cluster.name, plan.spec.goal
    );
    match firmness {
        Firmness::Approved | Firmness::Begun => {}
        Firmness::NotApproved(missing) => out.push_str(&format!(
            "\n**Not approved: {missing}.** Nothing of this is told to anybody before it is.\n"
        )),
        Firmness::Canceled { by, reason } => {
            return Err(Failure::new(
                FailureKind::Refused,
                format!("there is nothing to tell: {by} has canceled the plan: {reason}"),
            )
            .hint("`refit plan export --format ical` takes its entry out of calendars")
            .hint("`refit plan reopen PLAN --reason TEXT` makes it a draft again"));
        }
    }
    for (notice, heading) in [
        (Notice::Before, "Before it begins"),
        (Notice::During, "When it takes longer, or is in trouble"),
        (Notice::After, "When it is done"),
    ] {
        let told = governance
            .stakeholders
            .iter()
            .filter(|stakeholder| stakeholder.told.contains(&notice));
        let mut headed = false;
        for stakeholder in told {
            if !headed {
                out.push_str(&format!("\n## {heading}\n"));
                headed = true;
            }
            out.push_str(&format!(
                "\n### {}, by {}\n\n{}\n",
                stakeholder.name,
                stakeholder.reach,
                text(plan, stakeholder, notice, needs, starts)
            ));
        }
    }
    Ok(out)
}

/// What one of them is told.
fn text(
    plan: &UpgradePlan,
    stakeholder: &Stakeholder,
    notice: Notice,
    needs: &PlanTime,
    starts: Timestamp,
) -> String {
    let governance = &plan.spec.governance;
    let place = match (&governance.environment, &governance.region) {
        (Some(environment), Some(region)) => {
            format!("{} ({environment}, {region})", plan.spec.cluster.name)
        }
        (Some(environment), None) => format!("{} ({environment})", plan.spec.cluster.name),
        (None, _) => plan.spec.cluster.name.clone(),
    };
    let goal = &plan.spec.goal;
    let ends = needs.total.after(starts);
    let support = governance
        .support
        .as_ref()
        .map_or_else(String::new, |where_to| {
            format!(" If something is wrong for you, turn to {where_to}.")
        });
    let impact = stakeholder
        .impact
        .as_ref()
        .map_or_else(String::new, |impact| format!(" {}", sentence(impact)));
    let reserve = if needs.rollback_reserve.get() == 0 {
        String::new()
    } else {
        format!(", and {} are kept for going back", needs.rollback_reserve)
    };
    match notice {
        Notice::Before => format!(
            "{place} is upgraded from {goal}. It begins on {} and ends by {} at the latest: the \
             work takes about {}{reserve}.{impact}{support}",
            minute(starts),
            minute(ends),
            needs.work
        ),
        Notice::During => format!(
            "The upgrade of {place} from {goal} takes longer than was said, or is in trouble: \
             STATE WHICH, AND UNTIL WHEN.{impact}{support}"
        ),
        Notice::After => format!(
            "The upgrade of {place} from {goal} is done, and what it promises was observed. \
             STATE WHAT CHANGES FOR THEM, OR THAT NOTHING DOES.{support}"
        ),
    }
}

/// A time as people read it.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
