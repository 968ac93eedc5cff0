//! The use case *windows*: when a plan can be carried out under a policy.

use crate::exit;
use crate::failure::{Failure, FailureKind};
use jiff::Timestamp;
use refit_model::API_VERSION;
use refit_model::duration::Seconds;
use refit_model::plan::UpgradePlan;
use refit_model::policy::{PlanTime, Schedule, ScheduleKind, Slot, UpgradePolicy};
use refit_model::step::{EstimateBasis, StepKind};
use refit_planner::window::{self, LOOKAHEAD, Opening};
use std::collections::BTreeMap;

/// When `plan` can be carried out: every opening of the 60 days from `now` on, and
/// whether the plan fits, the reserve for going back included.
///
/// # Errors
/// When the policy cannot be understood.
pub fn schedule(
    plan: &UpgradePlan,
    policy: &UpgradePolicy,
    now: Timestamp,
) -> Result<Schedule, Failure> {
    let open = openings(policy, now)?;
    let needs = time(plan, policy);
    let first = window::first_fit(&open, needs.total.signed()).map(|opening| opening.opens);
    Ok(Schedule {
        api_version: API_VERSION.to_owned(),
        kind: ScheduleKind::Schedule,
        plan: plan.content_hash.clone(),
        policy: policy.name.clone(),
        now,
        openings: open
            .into_iter()
            .map(|opening| Slot {
                fits: opening.lasts() >= needs.total.signed(),
                opens: opening.opens,
                closes: opening.closes,
                windows: opening.windows,
                closed_by: opening.closed_by,
            })
            .collect(),
        needs,
        first,
    })
}

/// The exit code: a plan that fits nowhere is refused.
#[must_use]
pub const fn exit_code(schedule: &Schedule) -> u8 {
    match schedule.first {
        Some(_) => exit::FINE,
        None => exit::REFUSED,
    }
}

/// Whether the plan may be started at `now`.
///
/// # Errors
/// [`FailureKind::Refused`] when no window is open, or what is left of it is not
/// enough; the hint says when there is one.
pub fn may_start(
    plan: &UpgradePlan,
    policy: &UpgradePolicy,
    now: Timestamp,
) -> Result<(), Failure> {
    let schedule = schedule(plan, policy, now)?;
    let next = match schedule.first {
        // What is open now opens now, as far as this look goes.
        Some(first) if first <= now => return Ok(()),
        Some(first) => format!("it fits from {first} on"),
        None => format!(
            "it fits no opening of the next {} days; {}",
            LOOKAHEAD.as_hours() / 24,
            longest(&schedule)
        ),
    };
    let why = match schedule.openings.first().filter(|slot| slot.opens <= now) {
        Some(slot) => format!(
            "what is open closes at {}, and the plan needs {} with its reserve",
            slot.closes, schedule.needs.total
        ),
        None => "no window is open".to_owned(),
    };
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "policy {} does not let the plan start now: {why}",
            policy.name
        ),
    )
    .hint(next)
    .hint("`refit plan windows PLAN --policy FILE` shows every opening"))
}

/// What the longest opening is, the first of those that are as long, in words.
#[must_use]
pub fn longest(schedule: &Schedule) -> String {
    let openings = schedule.openings.iter().rev();
    let longest = openings.max_by_key(|slot| slot.closes.duration_since(slot.opens));
    longest.map_or_else(
        || "nothing is open".to_owned(),
        |slot| {
            let lasts = Seconds::between(slot.opens, slot.closes);
            format!("the longest lasts {lasts}, from {}", slot.opens)
        },
    )
}

fn openings(policy: &UpgradePolicy, now: Timestamp) -> Result<Vec<Opening>, Failure> {
    let until = now.checked_add(LOOKAHEAD).unwrap_or(Timestamp::MAX);
    window::openings(policy, now, until).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("policy {} cannot be used", policy.name),
        )
        .because(error)
        .hint("docs/guides/windows.md shows a policy")
    })
}

/// What the plan needs: its steps come one after the other.
fn time(plan: &UpgradePlan, policy: &UpgradePolicy) -> PlanTime {
    needs(plan, policy.rollback_reserve.unwrap_or(Seconds::new(0)))
}

/// What the plan needs, with this reserve for going back.
#[must_use]
pub fn needs(plan: &UpgradePlan, rollback_reserve: Seconds) -> PlanTime {
    let mut by_basis: BTreeMap<EstimateBasis, Seconds> = BTreeMap::new();
    let mut work = Seconds::new(0);
    let mut without_estimate = 0;
    for (_, step) in plan.steps() {
        match (&step.estimate, takes_time(step.kind)) {
            (Some(estimate), _) => {
                work = work.plus(estimate.takes);
                let sum = by_basis.entry(estimate.basis).or_insert(Seconds::new(0));
                *sum = sum.plus(estimate.takes);
            }
            (None, true) => without_estimate += 1,
            (None, false) => {}
        }
    }
    PlanTime {
        work,
        by_basis,
        without_estimate,
        rollback_reserve,
        total: work.plus(rollback_reserve),
    }
}

/// Whether such a step takes time that somebody should have estimated; looking
/// takes seconds, and people are told before the window.
const fn takes_time(kind: StepKind) -> bool {
    match kind {
        StepKind::Backup
        | StepKind::Edit
        | StepKind::Act
        | StepKind::Wait
        | StepKind::Cleanup
        | StepKind::Manual => true,
        StepKind::Check
        | StepKind::Capture
        | StepKind::Approve
        | StepKind::Notify
        | StepKind::Lock
        | StepKind::Verify => false,
    }
}
