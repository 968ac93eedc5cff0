//! How firm it is that a plan is carried out: what is written into calendars and
//! told to people says so.

use crate::collaborating::status;
use crate::failure::{Failure, FailureKind};
use crate::speaking::said;
use jiff::Timestamp;
use refit_executor::ports::Journal;
use refit_model::governance::{ApprovalStanding, Conversation, PlanState, approval_standing};
use refit_model::name::Actor;
use refit_model::plan::UpgradePlan;
use std::collections::BTreeSet;

/// How firm it is that a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Firmness {
    /// It is approved.
    Approved,
    /// It is being carried out, or was.
    Begun,
    /// It is not approved: what is missing, in words.
    NotApproved(String),
    /// It was given up.
    Canceled {
        /// By whom.
        by: Actor,
        /// Why.
        reason: String,
    },
}

/// What is known of a plan beside what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// How firm it is.
    pub firmness: Firmness,
    /// How often somebody has said something about it: what is announced after a
    /// word replaces what was announced before.
    pub words: usize,
}

/// How firm it is at `now` that `plan` is carried out, as far as the record knows
/// of it.
///
/// # Errors
/// When the record cannot be read.
pub async fn announced<J: Journal>(
    journal: Option<&J>,
    plan: &UpgradePlan,
    now: Timestamp,
) -> Result<Announced, Failure> {
    let Some(journal) = journal else {
        let rules = &plan.spec.governance.approvals;
        let (said, proven) = (Conversation::default(), BTreeSet::new());
        let (standing, _) = approval_standing(&plan.content_hash, rules, &said, &proven, now);
        return Ok(Announced {
            firmness: Firmness::NotApproved(missing(&standing)),
            words: 0,
        });
    };
    let (words, said) = said(journal, plan).await?;
    let status = status(journal, plan, now).await?;
    let firmness = match (status.state, said.canceled) {
        (PlanState::Canceled, Some((by, reason))) => Firmness::Canceled { by, reason },
        (PlanState::InProgress | PlanState::Completed, _) => Firmness::Begun,
        (PlanState::Approved, _) => Firmness::Approved,
        (
            PlanState::Draft
            | PlanState::InReview
            | PlanState::Rejected
            | PlanState::Expired
            | PlanState::Canceled,
            _,
        ) => Firmness::NotApproved(missing(&status.approval)),
    };
    Ok(Announced {
        firmness,
        words: words.len(),
    })
}

/// Refuses to announce a time that is over, of a plan that has not begun. What was
/// announced before is taken back for any time.
///
/// # Errors
/// The refusal.
pub fn not_over(firmness: &Firmness, starts: Timestamp, now: Timestamp) -> Result<(), Failure> {
    match firmness {
        Firmness::Begun | Firmness::Canceled { .. } => Ok(()),
        Firmness::Approved | Firmness::NotApproved(_) if starts >= now => Ok(()),
        Firmness::Approved | Firmness::NotApproved(_) => Err(Failure::new(
            FailureKind::Usage,
            format!("the plan would start at {starts}, which is over"),
        )
        .hint("name a time that is to come with `--starts TIME`")
        .hint("`--policy FILE` takes the next opening in which the plan fits")),
    }
}

fn missing(standing: &ApprovalStanding) -> String {
    match standing {
        ApprovalStanding::Granted { .. } => "its approval is not in force".to_owned(),
        ApprovalStanding::Missing { wants, .. } => wants.join(", "),
        ApprovalStanding::Denied { denials } => {
            let denials = denials.iter().map(|no| format!("denied by {no}"));
            denials.collect::<Vec<_>>().join(", ")
        }
        ApprovalStanding::Canceled { by, reason } => format!("canceled by {by}: {reason}"),
    }
}
