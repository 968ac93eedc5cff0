//! What people say about a plan: each word is an event of the plan's stream.
//!
//! The stream `plan/HASH` is bound to the plan's content: an edited plan has
//! another hash, and so nobody has said anything about it.

use crate::failure::{Failure, FailureKind, defect};
use refit_executor::ports::{AppendError, Guard, Journal};
use refit_model::event::{NewEvent, Recorded};
use refit_model::governance::{Conversation, PlanEvent};
use refit_model::name::{Actor, StreamId};
use refit_model::plan::UpgradePlan;
use serde::Serialize;

/// The longest text that a person can add to a plan, in bytes: a page and a half
/// of prose. Logs and manifests are attached elsewhere and linked.
const LONGEST: usize = 4096;
/// How often a word is said again behind those of others who spoke at the same
/// time. Eight people would have to press return within a millisecond, eight
/// times in a row.
const TRIES: usize = 8;

/// All that was said about a plan, event by event and as what it comes to.
///
/// # Errors
/// When the record cannot be read, or a newer version has written to it.
pub async fn said<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
) -> Result<(Vec<Recorded>, Conversation), Failure> {
    let events = events(journal, &stream(plan)?).await?;
    let said = Conversation::fold(&events).map_err(|error| {
        Failure::new(
            FailureKind::Broken,
            "could not understand what was said about the plan",
        )
        .because(error)
        .hint("a newer Refit may have written it; `refit --version` shows this one's")
    })?;
    Ok((events, said))
}

/// Says `event` about a plan.
///
/// # Errors
/// When it cannot be recorded.
pub async fn say<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    actor: &Actor,
    event: &PlanEvent,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    record(journal, &stream(plan)?, actor, event, now).await
}

/// The events of a stream of words.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn events<J: Journal>(
    journal: &J,
    stream: &StreamId,
) -> Result<Vec<Recorded>, Failure> {
    journal.read(stream, 0).await.map_err(|error| {
        Failure::new(FailureKind::Broken, "could not read what was said").because(error)
    })
}

/// Appends what somebody says to a stream of words.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn record<J: Journal>(
    journal: &J,
    stream: &StreamId,
    actor: &Actor,
    event: &impl Serialize,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let event = NewEvent {
        at: now,
        actor: actor.clone(),
        body: serde_json::to_value(event).map_err(defect)?,
    };
    // Somebody else may speak between our reading and our writing; what people
    // say does not depend on it, so it is said again behind them.
    for _ in 0..TRIES {
        let place = events(journal, stream).await?;
        let place = place.last().map_or(0, |recorded| recorded.seq);
        match journal
            .append(stream, place, Guard::Open, std::slice::from_ref(&event))
            .await
        {
            Ok(_) => return Ok(()),
            Err(AppendError::Conflict { .. }) => {}
            Err(error @ (AppendError::Fenced { .. } | AppendError::Storage { .. })) => {
                return Err(
                    Failure::new(FailureKind::Broken, "could not record what was said")
                        .because(error),
                );
            }
        }
    }
    Err(Failure::new(
        FailureKind::Broken,
        "could not record what was said: others keep speaking at the same time",
    )
    .hint("say it again"))
}

/// A text that a person adds to a plan, without white space around it.
///
/// # Errors
/// When it says nothing, is too long, or holds characters that would move a
/// reader's terminal about.
pub fn text(what: &str, text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let refuse = |why: &str| Failure::new(FailureKind::Usage, format!("the {what} {why}"));
    if text.is_empty() {
        return Err(refuse("says nothing"));
    }
    if text.len() > LONGEST {
        return Err(
            refuse(&format!("is longer than {LONGEST} bytes")).hint("link to what is longer")
        );
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(refuse("holds control characters"));
    }
    Ok(text.to_owned())
}

fn stream(plan: &UpgradePlan) -> Result<StreamId, Failure> {
    StreamId::new(format!("plan/{}", plan.content_hash)).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not name the plan's stream").because(error)
    })
}
