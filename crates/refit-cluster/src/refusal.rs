//! Why an act did nothing, in the executor's words.

use crate::wire::{Reply, said};
use refit_model::act::{Answer, Refusal};
use refit_model::duration::Seconds;

/// Not now.
pub(crate) const fn later(why: String) -> Answer {
    Answer::Refused(Refusal::Later { why, after: None })
}

/// What a refusal without any effect means for an act: whether it is worth
/// trying again.
pub(crate) fn refused(reply: &Reply, subject: &str) -> Answer {
    let why = format!("{subject}: {}: {}", reply.code, said(reply));
    Answer::Refused(match reply.code {
        429 | 500.. => Refusal::Later {
            why,
            after: reply
                .retry_after
                .and_then(|after| u32::try_from(after.as_secs()).ok())
                .map(Seconds::new),
        },
        _ => Refusal::Denied(why),
    })
}
