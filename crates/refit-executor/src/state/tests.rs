//! The fold, and what it must never do.

use super::*;
use crate::bench::{Bench, Shows, closing};
use crate::timeline::timeline;
use refit_model::act::{Answer, Refusal};
use refit_model::duration::Seconds;
use refit_model::event::NewEvent;

fn recorded(bench: &Bench) -> Vec<Recorded> {
    bench
        .events
        .iter()
        .zip(1..)
        .map(|((at, event), seq)| Recorded {
            stream: "run/r1".parse().unwrap(),
            seq,
            event: NewEvent {
                at: *at,
                actor: "refit".parse().unwrap(),
                body: serde_json::to_value(event).unwrap(),
            },
        })
        .collect()
}

/// A run with a detour: a refusal, a slip, a retry.
fn eventful() -> Bench {
    let mut next = closing("t");
    next.after = vec!["s".parse().unwrap()];
    let mut bench = Bench::new(vec![closing("s"), next]);
    bench.tick();
    bench.sees("s", Shows::Nothing);
    bench.wait(2);
    bench.sees("s", Shows::Open);
    bench.hears(
        "s",
        Answer::Acknowledged {
            operation: None,
            waits_on: vec!["budget web".to_owned()],
        },
    );
    bench.wait(10);
    bench.sees("s", Shows::Closed);
    bench.tick();
    bench.sees("t", Shows::Open);
    bench.hears("t", Answer::Refused(Refusal::Denied("no".to_owned())));
    bench.tick();
    bench
}

#[test]
fn the_state_is_a_fold_of_what_was_written() {
    let bench = eventful();
    let mut folded = fold(&recorded(&bench)).unwrap();
    folded.seq = 0;
    assert_eq!(folded, bench.state);
}

#[test]
fn what_has_ended_stays_ended() {
    let bench = eventful();
    let id: StepId = "s".parse().unwrap();
    assert_eq!(bench.phase("s"), StepPhase::Succeeded);
    for (at, event) in &bench.events {
        if event.step() == Some(&id) {
            let mut state = bench.state.clone();
            state.apply(*at, event);
            assert_eq!(state, bench.state, "{event:?}");
        }
    }
}

#[test]
fn an_event_of_a_later_version_is_not_guessed_at() {
    let mut events = recorded(&eventful());
    for body in [
        serde_json::json!({"teleported": {"step": "s"}}),
        serde_json::json!({"began": {"step": "s", "mood": "good"}}),
        serde_json::json!(7),
    ] {
        events[3].event.body = body;
        let error = fold(&events).unwrap_err();
        assert_eq!(
            error.to_string(),
            "event 4 of run/r1 is not an event of a run that this version knows"
        );
    }
}

#[test]
fn the_timeline_says_when_how_and_what_for() {
    let bench = eventful();
    let spans = timeline(&recorded(&bench)).unwrap();
    let told: Vec<_> = spans
        .iter()
        .map(|span| {
            let took = span.end.map(|end| Seconds::between(span.begin, end).get());
            (span.step.as_str(), took, span.outcome, span.sends)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("s", Some(12), StepPhase::Succeeded, 1),
            ("t", Some(0), StepPhase::Failed, 1)
        ]
    );
    assert_eq!(spans[0].waited_on.len(), 2, "{:?}", spans[0].waited_on);
    assert!(spans[0].waited_on.contains(&"budget web".to_owned()));
    assert_eq!(spans[1].because, "refused: no");
}
