//! Working on a plan together: who asked, who owns it, whose a step is, what was
//! remarked; where it all stands, and who did what when.

use crate::approval::{Judged, judge, refuse_closed};
use crate::failure::{Failure, FailureKind};
use crate::progress::phrase;
use crate::running;
use crate::speaking::{said, say};
use refit_executor::ports::Journal;
use refit_executor::{RunEvent, RunPhase, Word};
use refit_model::API_VERSION;
use refit_model::event::Recorded;
use refit_model::governance::{
    ApprovalRules, ApprovalStanding, Conversation, FeedLine, NotCounted, PlanEvent, PlanFeed,
    PlanFeedKind, PlanState, PlanStatus, PlanStatusKind, Requester, RunGlance, SetAside,
    could_not_deny, in_charge,
};
use refit_model::name::{Actor, StepId};
use refit_model::plan::UpgradePlan;

/// Says something about a plan that is still open.
///
/// # Errors
/// A refusal when the plan was given up, when `event` does not fit where it
/// stands, or when it is not for `actor` to say.
pub async fn speak<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    actor: &Actor,
    event: &PlanEvent,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let (_, conversation) = said(journal, plan).await?;
    let rules = &plan.spec.governance.approvals;
    match event {
        // Remarks are welcome after the end, too.
        PlanEvent::Commented { .. } | PlanEvent::Verified { .. } => {}
        PlanEvent::Revoked { .. } => {
            if !conversation.words.contains_key(actor) {
                return Err(Failure::new(
                    FailureKind::Refused,
                    format!("{actor} has not approved or denied this plan"),
                )
                .hint("`refit plan status` shows who said what"));
            }
        }
        PlanEvent::Requested { .. } => {
            refuse_closed(&conversation)?;
            may_ask(rules, &conversation, actor)?;
        }
        PlanEvent::Denied { .. } => {
            refuse_closed(&conversation)?;
            if let Some(because) = could_not_deny(actor, rules) {
                return Err(Failure::new(
                    FailureKind::Refused,
                    format!("the no would not count: {actor} {because}"),
                )
                .hint("`refit plan comment` says it to those whose word counts")
                .hint("`refit plan status` shows who has to say yes"));
            }
        }
        PlanEvent::Canceled { .. } => {
            refuse_closed(&conversation)?;
            may_decide(rules, &conversation, actor, "give it up")?;
            let (events, phase) = running::log(journal, plan).await?;
            if !events.is_empty() && !phase.is_terminal() {
                return Err(Failure::new(
                    FailureKind::Refused,
                    "the plan is being carried out, and its run has to be ended first",
                )
                .hint("`refit abort PLAN --reason TEXT` gives the run up"));
            }
        }
        PlanEvent::Reopened { .. } => {
            if conversation.canceled.is_none() {
                return Err(Failure::new(
                    FailureKind::Refused,
                    "the plan is open: nobody has canceled it",
                )
                .hint("`refit plan status` shows what it waits for"));
            }
            may_decide(rules, &conversation, actor, "open it again")?;
            let (events, _) = running::log(journal, plan).await?;
            if !events.is_empty() {
                return Err(Failure::new(
                    FailureKind::Refused,
                    "the plan has been carried out, and a plan runs once",
                )
                .hint("make another one from how it is now, with `refit plan new`"));
            }
        }
        PlanEvent::Owned { .. } => {
            refuse_closed(&conversation)?;
            may_decide(rules, &conversation, actor, "say whose it is")?;
        }
        PlanEvent::Approved { .. } | PlanEvent::Waived(_) | PlanEvent::Assigned { .. } => {
            refuse_closed(&conversation)?;
        }
    }
    say(journal, plan, actor, event, now).await
}

/// Refuses a request of somebody whose own yes is needed: who asks may not
/// approve, and so nobody could.
fn may_ask(rules: &ApprovalRules, said: &Conversation, actor: &Actor) -> Result<(), Failure> {
    if rules.requester == Requester::MayApprove || said.requested.is_some() {
        return Ok(());
    }
    match rules.problems_without(actor).into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(Failure::new(
            FailureKind::Refused,
            format!("who asks may not approve, and the plan needs the yes of {actor}"),
        )
        .because(problem)
        .hint("let somebody else ask with `refit plan request`: it takes no right to do so")),
    }
}

/// Refuses who is not in charge of a plan.
fn may_decide(
    rules: &ApprovalRules,
    said: &Conversation,
    actor: &Actor,
    what: &str,
) -> Result<(), Failure> {
    let may = in_charge(rules, said);
    if may.is_empty() || may.contains(actor) {
        return Ok(());
    }
    let names: Vec<&str> = may.iter().map(Actor::as_str).collect();
    Err(Failure::new(
        FailureKind::Refused,
        format!("the plan is not {actor}'s, who may not {what}"),
    )
    .hint(format!("this may do: {}", names.join(", ")))
    .hint("`refit plan comment` says to them what should be done"))
}

/// Who gave the plan up, and why; nothing while it is open.
///
/// # Errors
/// When what was said about it cannot be read.
pub async fn canceled<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
) -> Result<Option<(Actor, String)>, Failure> {
    let (_, said) = said(journal, plan).await?;
    Ok(said.canceled)
}

/// Takes a yes or a no back. Where the plan is being carried out and is not
/// approved any more, its run is asked to pause; returns whether it was.
///
/// # Errors
/// A refusal when `actor` has said neither.
pub async fn revoke<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    actor: &Actor,
    reason: &str,
    now: jiff::Timestamp,
) -> Result<Paused, Failure> {
    let event = PlanEvent::Revoked {
        reason: reason.to_owned(),
    };
    speak(journal, plan, actor, &event, now).await?;
    let (events, phase) = running::log(journal, plan).await?;
    let goes_on = matches!(phase, RunPhase::Running | RunPhase::Waiting);
    let still = judge(journal, plan, now).await?.standing;
    if events.is_empty() || !goes_on || matches!(still, ApprovalStanding::Granted { .. }) {
        return Ok(Paused::NotNeeded);
    }
    let word = Word::Pause {
        reason: format!("{actor} took the approval back: {reason}"),
    };
    running::tell(journal, plan, actor, word, now).await?;
    Ok(Paused::Asked)
}

/// Whether a run was asked to pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paused {
    /// It was.
    Asked,
    /// There is none that goes on, or the plan is still approved.
    NotNeeded,
}

/// Where a plan stands.
///
/// # Errors
/// When what was said about it, or its run, cannot be read.
pub async fn status<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    now: jiff::Timestamp,
) -> Result<PlanStatus, Failure> {
    let judged = judge(journal, plan, now).await?;
    let run = running::glance(journal, plan).await?;
    let state = state(&judged, run.as_ref());
    let Judged {
        standing,
        aside,
        said,
    } = judged;
    Ok(PlanStatus {
        api_version: API_VERSION.to_owned(),
        kind: PlanStatusKind::PlanStatus,
        plan: plan.content_hash.clone(),
        cluster: plan.spec.cluster.clone(),
        goal: plan.spec.goal.to_string(),
        state,
        owner: said.owner,
        requested_by: said.requested.map(|(actor, _)| actor),
        approval: standing,
        set_aside: aside,
        waived: said.waived,
        assigned: said.assigned,
        comments: said.comments.len(),
        run,
        broken: said.verified,
    })
}

fn state(judged: &Judged, run: Option<&RunGlance>) -> PlanState {
    let said = &judged.said;
    if said.verified.as_ref().is_some_and(Vec::is_empty) {
        return PlanState::Completed;
    }
    if said.canceled.is_some() {
        return PlanState::Canceled;
    }
    if run.is_some() {
        return PlanState::InProgress;
    }
    let lapsed = |aside: &SetAside| matches!(aside.because, NotCounted::Lapsed(_));
    match &judged.standing {
        ApprovalStanding::Granted { .. } => PlanState::Approved,
        ApprovalStanding::Denied { .. } => PlanState::Rejected,
        ApprovalStanding::Canceled { .. } => PlanState::Canceled,
        ApprovalStanding::Missing { .. } if judged.aside.iter().any(lapsed) => PlanState::Expired,
        ApprovalStanding::Missing { .. } => {
            if said.words.is_empty() && said.requested.is_none() {
                PlanState::Draft
            } else {
                PlanState::InReview
            }
        }
    }
}

/// Who did what to a plan and in its run, oldest first.
///
/// # Errors
/// When it cannot be read.
pub async fn feed<J: Journal>(journal: &J, plan: &UpgradePlan) -> Result<PlanFeed, Failure> {
    let (words, _) = said(journal, plan).await?;
    let mut lines: Vec<FeedLine> = words.iter().filter_map(word_line).collect();
    let (events, _) = running::log(journal, plan).await?;
    lines.extend(events.iter().filter_map(|recorded| {
        let event = RunEvent::of(recorded).ok()?;
        let what = phrase(&event)?;
        Some(line(recorded, event.step().cloned(), what))
    }));
    lines.sort_by_key(|line| line.at);
    Ok(PlanFeed {
        api_version: API_VERSION.to_owned(),
        kind: PlanFeedKind::PlanFeed,
        plan: plan.content_hash.clone(),
        lines,
    })
}

fn line(recorded: &Recorded, step: Option<StepId>, what: String) -> FeedLine {
    FeedLine {
        at: recorded.event.at,
        by: recorded.event.actor.clone(),
        step,
        what,
    }
}

fn word_line(recorded: &Recorded) -> Option<FeedLine> {
    let event: PlanEvent = serde_json::from_value(recorded.event.body.clone()).ok()?;
    let (step, what) = match event {
        PlanEvent::Requested { note: None } => (None, "asks for approval".to_owned()),
        PlanEvent::Requested { note: Some(note) } => (None, format!("asks for approval: {note}")),
        PlanEvent::Approved {
            until, signature, ..
        } => {
            let signed = if signature.is_some() { ", signed" } else { "" };
            let until = until.map_or_else(String::new, |until| format!(", until {until}"));
            (None, format!("approves{signed}{until}"))
        }
        PlanEvent::Denied { reason } => (None, format!("denies: {reason}")),
        PlanEvent::Revoked { reason } => (None, format!("takes their word back: {reason}")),
        PlanEvent::Waived(waived) => (
            waived.step,
            format!(
                "answers for {} until {}: {}",
                waived.code, waived.until, waived.reason
            ),
        ),
        PlanEvent::Commented { step, text } => (step, format!("remarks: {text}")),
        PlanEvent::Owned { owner } => (None, format!("makes {owner} the owner")),
        PlanEvent::Assigned { step, to, due } => {
            let due = due.map_or_else(String::new, |due| format!(", due {due}"));
            (Some(step), format!("gives the step to {to}{due}"))
        }
        PlanEvent::Canceled { reason } => (None, format!("cancels the plan: {reason}")),
        PlanEvent::Reopened { reason } => (None, format!("opens the plan again: {reason}")),
        PlanEvent::Verified { broken } => (
            None,
            if broken.is_empty() {
                "observes that what the plan promises holds".to_owned()
            } else {
                format!("observes that it does not hold: {}", broken.join("; "))
            },
        ),
    };
    Some(line(recorded, step, what))
}
