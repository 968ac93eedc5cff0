//! Approvals: people's yes, as events, bound to a plan's hash and to the
//! landscape that it was made from.

use crate::failure::{Failure, FailureKind, defect};
use crate::running;
use crate::signing::{is_signed_by, sign};
use crate::speaking::{said, say};
use refit_executor::ports::Journal;
use refit_model::fingerprint::{Drift, Fingerprint};
use refit_model::governance::{
    ApprovalRules, ApprovalStanding, Conversation, LastWord, NotCounted, PlanEvent, SetAside,
    SignatureRule, Statement, Waived, Yes, approval_standing, could_not_count,
};
use refit_model::hash::ContentHash;
use refit_model::name::Actor;
use refit_model::plan::UpgradePlan;
use refit_model::review::{Objection, Review, Weight};
use refit_model::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::path::Path;

/// How a yes is proven to be its speaker's.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// By nothing but the name.
    Name,
    /// By a signature with the key in this file.
    Key(&'a Path),
}

/// Where the approval of a plan stands, and what that was judged from.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Where it stands.
    pub standing: ApprovalStanding,
    /// The words that do not count.
    pub aside: Vec<SetAside>,
    /// All that was said.
    pub said: Conversation,
}

/// Approves a plan that its review does not forbid and whose landscape is the
/// one that it was made from, and tells where the approval stands with that.
///
/// A plan whose run has begun can be approved again, such as after an approval
/// ran out: its landscape is then compared by its identity alone.
///
/// An objection that was waived does not forbid; the yes then holds no longer
/// than the waiver.
///
/// # Errors
/// A refusal when the review holds a fatal objection that nobody waived, the
/// landscape has moved, or the rules of the plan do not let this yes count.
pub async fn approve<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    review: &Review,
    actor: &Actor,
    proof: Proof<'_>,
    now: jiff::Timestamp,
) -> Result<Judged, Failure> {
    let (_, conversation) = said(journal, plan).await?;
    may_approve(plan, &conversation, actor, proof)?;
    let now = as_recorded(now)?;
    let until = held_until(review, &conversation, now)?;
    if running::glance(journal, plan).await?.is_some() {
        // Once it runs, the plan itself moves the landscape, and each step's own
        // conditions decide; what has to be right is only the cluster.
        same_cluster(plan, snapshot)?;
    } else {
        fresh(plan, snapshot)?;
    }
    let signature = match proof {
        Proof::Name => None,
        Proof::Key(key) => {
            let statement = statement(plan, &plan.spec.made_from.fingerprint, actor, now, until)?;
            let signature = sign(&statement, key)?;
            let rules = &plan.spec.governance.approvals;
            let keys = rules.approver(actor).map_or(&[][..], |it| &it.keys);
            if rules.signature == SignatureRule::Needed
                && !is_signed_by(&statement, &signature, keys)
            {
                return Err(Failure::new(
                    FailureKind::Refused,
                    format!(
                        "{} is none of the keys that the plan names for {actor}",
                        key.display()
                    ),
                )
                .hint("the policy that the plan was made under names the keys of each approver"));
            }
            Some(signature)
        }
    };
    let event = PlanEvent::Approved {
        plan: plan.content_hash.clone(),
        fingerprint: plan.spec.made_from.fingerprint.clone(),
        until,
        signature,
    };
    say(journal, plan, actor, &event, now).await?;
    judge(journal, plan, now).await
}

/// A time as a journal keeps it, in whole microseconds: what is signed has to be
/// what is read again.
fn as_recorded(at: jiff::Timestamp) -> Result<jiff::Timestamp, Failure> {
    jiff::Timestamp::from_microsecond(at.as_microsecond()).map_err(|error| {
        Failure::new(
            FailureKind::Broken,
            "the clock shows a time that cannot be kept",
        )
        .because(error)
    })
}

/// Answers for going on in spite of objections, and tells which those are.
///
/// # Errors
/// A refusal when the review holds no such objection, when the time is over
/// already, or when the word of `actor` does not count.
pub async fn waive<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    review: &Review,
    actor: &Actor,
    waived: Waived,
    now: jiff::Timestamp,
) -> Result<Vec<Objection>, Failure> {
    let (_, conversation) = said(journal, plan).await?;
    refuse_closed(&conversation)?;
    let rules = &plan.spec.governance.approvals;
    if let Some(because) = could_not_count(actor, rules, &conversation) {
        return Err(not_counted(rules, actor, &because, "waiver"));
    }
    if waived.until <= now {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("the waiver would end at {}, which is over", waived.until),
        ));
    }
    let covered: Vec<Objection> = review
        .objections
        .iter()
        .filter(|objection| waived.covers(objection))
        .cloned()
        .collect();
    if covered.is_empty() {
        return Err(Failure::new(
            FailureKind::Usage,
            match &waived.step {
                Some(step) => format!("nothing is held against step {step} by {}", waived.code),
                None => format!("nothing is held against the plan by {}", waived.code),
            },
        )
        .hint("`refit plan review` lists all objections with their codes and steps"));
    }
    say(journal, plan, actor, &PlanEvent::Waived(waived), now).await?;
    Ok(covered)
}

/// Refuses what is said for nothing, before it is said.
fn may_approve(
    plan: &UpgradePlan,
    said: &Conversation,
    actor: &Actor,
    proof: Proof<'_>,
) -> Result<(), Failure> {
    refuse_closed(said)?;
    let rules = &plan.spec.governance.approvals;
    if let Some(because) = could_not_count(actor, rules, said) {
        return Err(not_counted(rules, actor, &because, "approval"));
    }
    match (rules.signature, proof) {
        (SignatureRule::Needed, Proof::Name) => Err(Failure::new(
            FailureKind::Refused,
            "this plan has to be approved with a signature",
        )
        .hint("`--sign FILE` signs with an SSH key")),
        (SignatureRule::Needed | SignatureRule::NotNeeded, _) => Ok(()),
    }
}

/// The refusal of a word that would not count, with who could say it.
fn not_counted(rules: &ApprovalRules, actor: &Actor, because: &NotCounted, what: &str) -> Failure {
    let failure = Failure::new(
        FailureKind::Refused,
        format!("the {what} would not count: {actor} {because}"),
    );
    let failure = match because {
        NotCounted::Requester if !rules.problems_without(actor).is_empty() => failure.hint(
            "without that yes nobody can approve it: `refit plan cancel` gives the plan up, \
             `refit plan reopen` makes it a draft again, and then somebody else asks",
        ),
        NotCounted::NoApprover
        | NotCounted::Requester
        | NotCounted::OtherPlan(_)
        | NotCounted::Unsigned
        | NotCounted::WrongKey
        | NotCounted::Lapsed(_) => failure.hint(match rules.others(actor).as_slice() {
            [] => "anybody else can".to_owned(),
            others => {
                let names: Vec<&str> = others.iter().map(|other| other.as_str()).collect();
                format!("this can do: {}", names.join(", "))
            }
        }),
    };
    failure.hint("`refit plan status` shows what is missing")
}

/// Refuses a plan that was given up.
pub(crate) fn refuse_closed(said: &Conversation) -> Result<(), Failure> {
    match &said.canceled {
        None => Ok(()),
        Some((by, reason)) => Err(Failure::new(
            FailureKind::Refused,
            format!("{by} has canceled the plan: {reason}"),
        )
        .hint("`refit plan reopen PLAN --reason TEXT` makes it a draft again")
        .hint("`refit plan new` makes another one; from the same snapshot it is the same again")),
    }
}

/// Until when a yes can hold at most, because objections were waived.
fn held_until(
    review: &Review,
    said: &Conversation,
    now: jiff::Timestamp,
) -> Result<Option<jiff::Timestamp>, Failure> {
    let mut until = None;
    for objection in &review.objections {
        if objection.weight != Weight::Fatal {
            continue;
        }
        let Some((_, waived)) = said.waiver_of(objection, now) else {
            return Err(Failure::new(
                FailureKind::Refused,
                format!(
                    "the plan cannot be approved while a fatal objection stands: {} {}",
                    objection.code, objection.what
                ),
            )
            .hint("`refit plan review` lists all objections and what to do about each")
            .hint("`refit plan waive` lets somebody answer for one until a day"));
        };
        until = Some(until.map_or(waived.until, |other: jiff::Timestamp| {
            other.min(waived.until)
        }));
    }
    Ok(until)
}

/// Where the approval of a plan stands at `now`, every signature checked.
///
/// # Errors
/// When what was said cannot be read.
pub async fn judge<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    now: jiff::Timestamp,
) -> Result<Judged, Failure> {
    let (_, said) = said(journal, plan).await?;
    let rules = &plan.spec.governance.approvals;
    let mut proven = BTreeSet::new();
    for (actor, word) in &said.words {
        let LastWord::Yes(yes) = word else { continue };
        let (Some(signature), Some(approver)) = (&yes.signature, rules.approver(actor)) else {
            continue;
        };
        let Yes {
            at,
            fingerprint,
            until,
            ..
        } = yes;
        let statement = statement(plan, fingerprint, actor, *at, *until)?;
        if is_signed_by(&statement, signature, &approver.keys) {
            proven.insert(yes.seq);
        }
    }
    let (standing, aside) = approval_standing(&plan.content_hash, rules, &said, &proven, now);
    Ok(Judged {
        standing,
        aside,
        said,
    })
}

/// What a yes says.
fn statement(
    plan: &UpgradePlan,
    fingerprint: &Fingerprint,
    by: &Actor,
    at: jiff::Timestamp,
    until: Option<jiff::Timestamp>,
) -> Result<Statement, Failure> {
    Ok(Statement {
        plan: plan.content_hash.clone(),
        fingerprint: ContentHash::of(fingerprint).map_err(defect)?,
        by: by.clone(),
        at,
        until,
    })
}

/// Refuses a plan that is not approved at `now`.
///
/// # Errors
/// The refusal, which says what is missing.
pub async fn approved<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let judged = judge(journal, plan, now).await?;
    let short = plan.content_hash.short();
    let mut failure = match &judged.standing {
        ApprovalStanding::Granted { .. } => return Ok(()),
        ApprovalStanding::Missing { by, wants } if by.is_empty() && judged.aside.is_empty() => {
            let more = match wants.len() {
                0 | 1 => String::new(),
                _ => format!(": {}", wants.join(", ")),
            };
            Failure::new(
                FailureKind::Refused,
                format!("nobody has approved plan {short}{more}"),
            )
            .hint("`refit plan review` shows what is held against it; `refit plan approve` approves it")
        }
        ApprovalStanding::Missing { wants, .. } => Failure::new(
            FailureKind::Refused,
            format!("plan {short} is not approved: {}", wants.join(", ")),
        )
        .hint("`refit plan status` shows who said what"),
        ApprovalStanding::Denied { denials } => {
            let denials: Vec<_> = denials
                .iter()
                .map(|no| format!("{} has denied plan {short}: {}", no.by, no.reason))
                .collect();
            Failure::new(FailureKind::Refused, denials.join("; "))
                .hint("they can approve it, or take their word back with `refit plan revoke`")
        }
        ApprovalStanding::Canceled { .. } => return refuse_closed(&judged.said),
    };
    for aside in &judged.aside {
        failure = failure.hint(format!("{} {}", aside.by, aside.because));
    }
    Err(failure)
}

/// Refuses a plan for another landscape, or for one that has moved since, or of
/// which less is in view than was approved on.
///
/// # Errors
/// The refusal, which says what moved; [`FailureKind::Unseen`] with what is not in
/// view, where nothing else has moved.
pub fn fresh(plan: &UpgradePlan, snapshot: &Snapshot) -> Result<(), Failure> {
    same_cluster(plan, snapshot)?;
    let drift = Drift::of(snapshot, &plan.spec.made_from.fingerprint).map_err(defect)?;
    if drift.is_none() {
        return Ok(());
    }
    let unseen = drift.unseen_in_words();
    if drift.moved.is_empty() {
        return Err(Failure::new(
            FailureKind::Unseen,
            format!(
                "whether the plan is stale is not known: it was made from more than is in view \
                 now, which lacks {unseen}"
            ),
        )
        .hint("look at the landscape in the way in which the plan was made: with the same `-f`, context or `--landscape`, and the same rights")
        .hint("or make a plan from what is in view, with `refit plan new`"));
    }
    let failure = Failure::new(
        FailureKind::Refused,
        format!(
            "the plan is stale: since it was made, these have changed: {}",
            drift.moved.join(", ")
        ),
    )
    .hint("make the plan again with `refit plan new`, and have it approved again");
    Err(if unseen.is_empty() {
        failure
    } else {
        failure.hint(format!("besides, these are not in view now: {unseen}"))
    })
}

/// Refuses a plan for another landscape.
///
/// # Errors
/// The refusal, which names both.
pub fn same_cluster(plan: &UpgradePlan, snapshot: &Snapshot) -> Result<(), Failure> {
    if plan.spec.cluster.id == snapshot.cluster.id {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "the plan is for cluster {}, and this is {}",
            plan.spec.cluster, snapshot.cluster
        ),
    )
    .hint("name the cluster that the plan was made for, or make a plan for this one"))
}
