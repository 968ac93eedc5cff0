//! What became of an eviction, and what all those of a pass come to.

use crate::refusal::later;
use crate::text;
use crate::wire::{Lost, Reply, Status, said};
use refit_model::act::{Answer, Refusal};

/// What became of one eviction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It goes, or is gone.
    Goes,
    /// Not now: this holds it back.
    Held(String),
    /// Not at all.
    Denied(String),
    /// The server was not reached.
    NotSent(String),
    /// Nobody can say.
    Unknown(String),
}

/// What an answer to an eviction means. Source: the recorded answers of 1.36.3,
/// and the eviction subresource of 1.36 for those that cannot be provoked.
pub(crate) fn outcome(pod: &str, answer: &Result<Reply, Lost>) -> Outcome {
    let reply = match answer {
        Ok(reply) => reply,
        Err(Lost::Before(why)) => return Outcome::NotSent(why.clone()),
        Err(lost) => return Outcome::Unknown(format!("pod {pod}: {}", lost.why())),
    };
    let status = Status::of(reply);
    let message = status
        .as_ref()
        .and_then(|status| status.message.as_deref())
        .unwrap_or_default();
    let told = || format!("pod {pod}: {}: {}", reply.code, said(reply));
    match reply.code {
        // 404: it is gone. 409: the name belongs to another pod by now.
        200..300 | 404 | 409 => Outcome::Goes,
        429 => Outcome::Held(
            match status
                .as_ref()
                .and_then(|status| status.cause("DisruptionBudget"))
            {
                Some(cause) => format!(
                    "pod {pod} is held by {}: {}",
                    budget(pod, cause),
                    text::cut(cause)
                ),
                None => format!("pod {pod} is held by the API server: {}", said(reply)),
            },
        ),
        403 if status
            .as_ref()
            .is_some_and(|status| status.cause("NamespaceTerminating").is_some())
            || message.contains("DisruptedPods map too big") =>
        {
            Outcome::Held(told())
        }
        500 if message.contains("more than one PodDisruptionBudget") => Outcome::Denied(told()),
        // The server's own failure, such as a webhook that does not answer: the
        // next pass may fare better. Without a `Status` it may have been a proxy
        // that gave up on an eviction which went through.
        500.. if status.is_some() => Outcome::Held(told()),
        500.. => Outcome::Unknown(told()),
        _ => Outcome::Denied(told()),
    }
}

/// The budget that a cause speaks of, which is in the pod's namespace. Its
/// sentences all begin alike.
fn budget(pod: &str, cause: &str) -> String {
    let namespace = pod.split_once('/').map_or("", |(namespace, _)| namespace);
    cause
        .strip_prefix("The disruption budget ")
        .and_then(|rest| rest.split_whitespace().next())
        .map_or_else(
            || "a disruption budget".to_owned(),
            |name| format!("budget {namespace}/{}", text::cut(name)),
        )
}

/// The one answer that the outcomes of a pass come to.
pub(crate) fn answer(mut waits_on: Vec<String>, outcomes: Vec<Outcome>) -> Answer {
    let (mut went, mut held) = (0_usize, 0_usize);
    let (mut unknown, mut denied, mut unsent) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Goes => went += 1,
            Outcome::Held(why) => {
                held += 1;
                waits_on.push(why);
            }
            Outcome::Denied(why) => denied.push(why),
            Outcome::NotSent(why) => unsent.push(why),
            Outcome::Unknown(why) => unknown.push(why),
        }
    }
    for list in [&mut waits_on, &mut denied, &mut unsent, &mut unknown] {
        list.sort();
        list.dedup();
    }
    if !unknown.is_empty() {
        return Answer::Unknown(unknown.join("; "));
    }
    if !denied.is_empty() {
        let mut why = denied.join("; ");
        if went > 0 {
            why = format!("{why} ({went} other pods of the node were evicted)");
        }
        return Answer::Refused(Refusal::Denied(why));
    }
    if !unsent.is_empty() && went == 0 && held == 0 {
        return later(unsent.join("; "));
    }
    waits_on.extend(unsent);
    Answer::Acknowledged {
        operation: None,
        waits_on,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answered(code: u16, body: Value) -> Result<Reply, Lost> {
        Ok(Reply {
            code,
            retry_after: None,
            body: body.to_string().into_bytes(),
        })
    }

    fn status(message: &str, causes: Value) -> Value {
        json!({"kind": "Status", "message": message, "details": {"causes": causes}})
    }

    #[test]
    fn answers_to_an_eviction_mean_what_was_recorded() {
        let budget = status(
            "Cannot evict pod as it would violate the pod's disruption budget.",
            json!([{"reason": "DisruptionBudget",
                "message": "The disruption budget b needs 4 healthy pods and has 4 currently"}]),
        );
        let held = |why: &str| Outcome::Held(why.to_owned());
        for (answer, expected) in [
            (answered(201, status("", json!(null))), Outcome::Goes),
            (answered(404, status("", json!(null))), Outcome::Goes),
            (answered(409, status("", json!(null))), Outcome::Goes),
            (
                answered(429, budget),
                held("pod a/b is held by budget a/b: The disruption budget b needs 4 healthy pods and has 4 currently"),
            ),
            (
                answered(429, status("too many requests", json!(null))),
                held("pod a/b is held by the API server: too many requests"),
            ),
            (
                answered(403, status("is being terminated", json!([{"reason": "NamespaceTerminating"}]))),
                held("pod a/b: 403: is being terminated"),
            ),
            (
                answered(403, status("may not", json!(null))),
                Outcome::Denied("pod a/b: 403: may not".to_owned()),
            ),
            (
                answered(500, status("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", json!(null))),
                Outcome::Denied("pod a/b: 500: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.".to_owned()),
            ),
            (
                answered(500, status("failed calling webhook", json!(null))),
                held("pod a/b: 500: failed calling webhook"),
            ),
            (
                answered(502, json!("bad gateway")),
                Outcome::Unknown("pod a/b: 502: \"bad gateway\"".to_owned()),
            ),
            (Err(Lost::Before("no".to_owned())), Outcome::NotSent("no".to_owned())),
            (Err(Lost::After("no".to_owned())), Outcome::Unknown("pod a/b: no".to_owned())),
        ] {
            assert_eq!(outcome("a/b", &answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn the_worst_outcome_decides_and_nothing_sent_is_nothing_done() {
        let text = str::to_owned;
        let acknowledged = |waits_on: &[&str]| Answer::Acknowledged {
            operation: None,
            waits_on: waits_on.iter().map(|why| text(why)).collect(),
        };
        for (outcomes, expected) in [
            (vec![], acknowledged(&[])),
            (
                vec![
                    Outcome::Goes,
                    Outcome::Held(text("b")),
                    Outcome::Held(text("a")),
                ],
                acknowledged(&["a", "b"]),
            ),
            (vec![Outcome::NotSent(text("down"))], later(text("down"))),
            (
                vec![Outcome::Goes, Outcome::NotSent(text("down"))],
                acknowledged(&["down"]),
            ),
            (
                vec![Outcome::Goes, Outcome::Denied(text("no"))],
                Answer::Refused(Refusal::Denied(text(
                    "no (1 other pods of the node were evicted)",
                ))),
            ),
            (
                vec![Outcome::Unknown(text("?")), Outcome::Denied(text("no"))],
                Answer::Unknown(text("?")),
            ),
        ] {
            assert_eq!(answer(Vec::new(), outcomes), expected);
        }
    }
}
