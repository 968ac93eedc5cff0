//! Approvals: a person's yes, as an event, bound to a plan's hash.
//!
//! The stream `plan/HASH` holds what people said about one plan. An edited plan
//! has another hash, and so no approval.

use crate::failure::{Failure, FailureKind, defect};
use refit_executor::ports::{AppendError, Guard, Journal};
use refit_model::event::NewEvent;
use refit_model::fingerprint::Fingerprint;
use refit_model::hash::ContentHash;
use refit_model::name::{Actor, StreamId};
use refit_model::plan::UpgradePlan;
use refit_model::review::Review;
use refit_model::snapshot::Snapshot;
use serde::{Deserialize, Serialize};

/// What people say about a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum PlanEvent {
    /// Somebody approved it.
    Approved {
        /// The plan.
        plan: ContentHash,
        /// The landscape that it was approved for.
        fingerprint: Fingerprint,
    },
}

/// An approval that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub actor: Actor,
    /// When.
    pub at: jiff::Timestamp,
}

/// Approves a plan that its review does not forbid and whose landscape is the
/// one that it was made from.
///
/// # Errors
/// A refusal when the review holds a fatal objection or the landscape has moved.
pub async fn approve<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    review: &Review,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    if !review.allows_approval() {
        let worst = review
            .objections
            .first()
            .map_or_else(String::new, |objection| {
                format!(": {} {}", objection.code, objection.what)
            });
        return Err(Failure::new(
            FailureKind::Refused,
            format!("the plan cannot be approved while a fatal objection stands{worst}"),
        )
        .hint("`refit plan review` lists all objections and what to do about each"));
    }
    fresh(plan, snapshot)?;
    append(journal, plan, actor, now).await
}

async fn append<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let body = serde_json::to_value(PlanEvent::Approved {
        plan: plan.content_hash.clone(),
        fingerprint: plan.spec.made_from.fingerprint.clone(),
    })
    .map_err(defect)?;
    let event = NewEvent {
        at: now,
        actor: actor.clone(),
        body,
    };
    let stream = stream(plan)?;
    // Somebody else may speak between our reading and our writing; an approval
    // does not depend on what they say, so it is tried again behind it.
    for _ in 0..8 {
        let place = journal
            .read(&stream, 0)
            .await
            .map_err(|error| {
                Failure::new(
                    FailureKind::Broken,
                    "could not read what was said about the plan",
                )
                .because(error)
            })?
            .last()
            .map_or(0, |recorded| recorded.seq);
        match journal
            .append(&stream, place, Guard::Open, std::slice::from_ref(&event))
            .await
        {
            Ok(_) => return Ok(()),
            Err(AppendError::Conflict { .. }) => {}
            Err(error @ (AppendError::Fenced { .. } | AppendError::Storage { .. })) => {
                return Err(
                    Failure::new(FailureKind::Broken, "could not record the approval")
                        .because(error),
                );
            }
        }
    }
    Err(Failure::new(
        FailureKind::Broken,
        "could not record the approval: others keep writing to the same plan",
    ))
}

/// Repeats in `journal` an approval that another journal holds.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn approve_as_before<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    approval: &Approval,
) -> Result<(), Failure> {
    append(journal, plan, &approval.actor, approval.at).await
}

/// The newest approval of a plan.
///
/// # Errors
/// When the journal cannot be read.
pub async fn approval<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
) -> Result<Option<Approval>, Failure> {
    let said = journal.read(&stream(plan)?, 0).await.map_err(|error| {
        Failure::new(
            FailureKind::Broken,
            "could not read what was said about the plan",
        )
        .because(error)
    })?;
    Ok(said.into_iter().rev().find_map(|recorded| {
        let event: PlanEvent = serde_json::from_value(recorded.event.body).ok()?;
        match event {
            PlanEvent::Approved { plan: hash, .. } => {
                (hash == plan.content_hash).then_some(Approval {
                    actor: recorded.event.actor,
                    at: recorded.event.at,
                })
            }
        }
    }))
}

/// Refuses a plan for another landscape, or for one that has moved since.
///
/// # Errors
/// The refusal, which says what moved.
pub fn fresh(plan: &UpgradePlan, snapshot: &Snapshot) -> Result<(), Failure> {
    same_cluster(plan, snapshot)?;
    let spec = &plan.spec;
    let now = Fingerprint::of(snapshot).map_err(defect)?;
    let moved = now.moved_since(&spec.made_from.fingerprint);
    if moved.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Refused,
        format!(
            "the plan is stale: since it was made, these have changed: {}",
            moved.join(", ")
        ),
    )
    .hint("make the plan again with `refit plan new`, and have it approved again"))
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

fn stream(plan: &UpgradePlan) -> Result<StreamId, Failure> {
    StreamId::new(format!("plan/{}", plan.content_hash)).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not name the plan's stream").because(error)
    })
}
