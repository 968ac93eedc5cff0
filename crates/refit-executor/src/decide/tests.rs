//! The core, decision by decision.

use super::Word;
use crate::bench::{Bench, Shows, closing, looking, node};
use crate::phase::{RunPhase, StepPhase};
use refit_model::act::{Act, Answer, EffectClass, Epoch, PersonAct, Refusal};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::step::{Settle, Step, StepKind};

/// A step of the plan `[step]`, looked at once.
#[track_caller]
fn check(step: Step, shows: Shows, expected: &str) {
    let mut bench = Bench::new(vec![step]);
    assert_eq!(bench.tick(), "began s, look at s");
    assert_eq!(bench.sees("s", shows), expected, "{shows:?}");
}

/// The plan `[step]`, which is shown the same until it has waited too long.
#[track_caller]
fn check_waiting(step: Step, shows: Shows, expected: StepPhase, because: &str) {
    let mut bench = Bench::new(vec![step]);
    bench.tick();
    assert_eq!(bench.sees("s", shows), "waits s", "{shows:?}");
    for _ in 0..99 {
        assert_eq!(bench.wait(1), "look at s");
        assert_eq!(
            bench.sees("s", shows),
            "",
            "what has not changed is not told"
        );
    }
    bench.wait(1);
    bench.sees("s", shows);
    assert_eq!(bench.phase("s"), expected, "{shows:?}");
    let found = bench.state.step(&"s".parse().unwrap()).unwrap();
    assert!(found.because.contains(because), "{}", found.because);
}

fn of_a_person(act: PersonAct) -> Step {
    Step {
        act: Some(Act::Person(act)),
        reaches: Vec::new(),
        effect: EffectClass::Human,
        ..closing("s")
    }
}

#[test]
fn before_an_act() {
    check(closing("s"), Shows::Open, "intended s, send s");
    check(closing("s"), Shows::Closed, "reached s, succeeded s");
    check(closing("s"), Shows::Nothing, "waits s");
    let mut elsewhere = closing("s");
    elsewhere.reaches = vec![Condition::Not(Box::new(Condition::NodeReady(node())))];
    check(elsewhere, Shows::Closed, "checkFailed s");
    let mut kept = closing("s");
    kept.keeps = vec![Condition::NodeReady(node())];
    check(kept, Shows::ClosedAndDown, "checkFailed s");
    let mut passing = closing("s");
    passing.passes = vec![Condition::NodeReady(node())];
    check(passing, Shows::Open, "waits s");
    check_waiting(
        closing("s"),
        Shows::Nothing,
        StepPhase::CheckFailed,
        "not done within 1m40s",
    );
}

#[test]
fn steps_of_people() {
    let notify = of_a_person(PersonAct::Notify {
        audience: "platform".to_owned(),
        message: "n1 closes".to_owned(),
    });
    check(notify.clone(), Shows::Open, "notified s, succeeded s");
    check(notify, Shows::Closed, "checkFailed s");
    let by_hand = of_a_person(PersonAct::Do {
        instructions: "call the port".to_owned(),
        commands: Vec::new(),
    });
    check(by_hand, Shows::Open, "needsPerson s");
    for kind in [StepKind::Approve, StepKind::Manual] {
        check(looking("s", kind), Shows::Open, "needsPerson s");
    }
    // An act that the plan gives to a person is not sent.
    let mut given = closing("s");
    given.effect = EffectClass::Human;
    check(given, Shows::Open, "needsPerson s");
    let mut nothing = looking("s", StepKind::Capture);
    nothing.expects.clear();
    check(nothing, Shows::Open, "needsPerson s");
}

#[test]
fn steps_that_only_look() {
    for kind in [StepKind::Check, StepKind::Wait, StepKind::Verify] {
        check(looking("s", kind), Shows::Open, "reached s, succeeded s");
    }
    let failed = [
        (StepKind::Check, StepPhase::CheckFailed),
        (StepKind::Wait, StepPhase::Failed),
        (StepKind::Verify, StepPhase::Failed),
    ];
    for (kind, phase) in failed {
        for shows in [Shows::Closed, Shows::Nothing] {
            check_waiting(looking("s", kind), shows, phase, "not done within 1m40s");
        }
    }
    // With an end, that is what it waits for.
    let mut wait = looking("s", StepKind::Wait);
    wait.reaches = vec![Condition::NodeCordoned(node())];
    check(wait.clone(), Shows::Open, "waits s");
    check(wait, Shows::Closed, "reached s, succeeded s");
}

/// A step that was acknowledged.
fn acting(step: Step) -> Bench {
    let mut bench = Bench::new(vec![step]);
    bench.tick();
    assert_eq!(bench.sees("s", Shows::Open), "intended s, send s");
    assert_eq!(bench.acknowledged("s"), "acknowledged s");
    bench
}

#[test]
fn the_end_must_be_seen_so_often_in_a_row() {
    let mut step = closing("s");
    step.settle = Settle {
        samples: 3,
        every: Seconds::new(5),
    };
    let mut bench = acting(step);
    assert_eq!(bench.tick(), "wake in 5s", "not right behind the answer");
    bench.wait(5);
    assert_eq!(bench.sees("s", Shows::Closed), "reached s");
    assert_eq!(bench.wait(4), "wake in 1s");
    bench.wait(1);
    assert_eq!(bench.sees("s", Shows::Closed), "");
    bench.wait(5);
    assert_eq!(bench.sees("s", Shows::Nothing), "slipped s");
    assert_eq!(bench.phase("s"), StepPhase::Acting);
    for told in ["reached s", ""] {
        bench.wait(5);
        assert_eq!(bench.sees("s", Shows::Closed), told);
    }
    // A restart counts anew.
    assert_eq!(bench.taken(2, "b"), "leased");
    for told in ["", "", "succeeded s"] {
        bench.wait(5);
        assert_eq!(bench.sees("s", Shows::Closed), told);
    }
}

#[test]
fn after_an_act_only_time_makes_a_failure() {
    // Whatever is seen on the way: gone, diverged, or a broken keep.
    for shows in [Shows::Open, Shows::Nothing, Shows::ClosedAndDown] {
        let mut step = closing("s");
        step.keeps = vec![Condition::NodeReady(node())];
        let mut bench = acting(step);
        bench.wait(1);
        assert_eq!(bench.sees("s", shows), "waits s", "{shows:?}");
        bench.wait(98);
        assert_eq!(bench.sees("s", shows), "");
        bench.wait(1);
        assert_eq!(bench.sees("s", shows), "failed s", "{shows:?}");
        assert_eq!(bench.tick(), "stopped, stop");
        assert_eq!(bench.state.phase(), RunPhase::Waiting);
        assert_eq!(bench.tick(), "stop", "the same reasons are told once");
    }
}

#[test]
fn no_change_at_all_is_a_stall_unless_nothing_is_seen() {
    let stalling = |shows: [Shows; 3]| {
        let mut step = closing("s");
        step.stall = Some(Seconds::new(20));
        let mut bench = acting(step);
        for shows in shows {
            bench.wait(10);
            bench.sees("s", shows);
        }
        bench.phase("s")
    };
    assert_eq!(stalling([Shows::Open; 3]), StepPhase::Failed);
    assert_eq!(stalling([Shows::Nothing; 3]), StepPhase::Acting);
    assert_eq!(
        stalling([Shows::Open, Shows::Nothing, Shows::Open]),
        StepPhase::Acting,
        "a change starts the count anew"
    );
}

#[test]
fn the_act_is_sent_again_while_what_must_be_kept_holds() {
    let mut step = closing("s");
    step.resend = Some(Seconds::new(5));
    step.keeps = vec![Condition::NodeReady(node())];
    let mut bench = acting(step.clone());
    bench.wait(4);
    assert_eq!(bench.sees("s", Shows::Open), "waits s");
    bench.wait(1);
    assert_eq!(bench.sees("s", Shows::Open), "intended s, send s");
    let sent = bench.state.step(&"s".parse().unwrap()).unwrap().clone();
    assert_eq!((sent.attempt, sent.sent), (1, 2), "under the same key");
    assert_eq!(bench.acknowledged("s"), "acknowledged s");
    // Not while it is unseen or a keep is broken.
    bench.wait(5);
    assert_eq!(bench.sees("s", Shows::Nothing), "waits s");
    bench.wait(5);
    assert_eq!(bench.sees("s", Shows::ClosedAndDown), "waits s");
    // Not when the class does not allow it.
    step.effect = EffectClass::Probeable;
    let mut bench = acting(step);
    bench.wait(60);
    assert_eq!(bench.sees("s", Shows::Open), "waits s");
}

#[test]
fn a_fenced_answer_is_written_nowhere() {
    let mut bench = Bench::new(vec![closing("s")]);
    bench.tick();
    bench.sees("s", Shows::Open);
    let fenced = Answer::Refused(Refusal::Fenced(Epoch(7)));
    assert_eq!(bench.hears("s", fenced), "yield to 7");
}

#[test]
fn steps_start_in_order_and_within_the_pace() {
    let mut second = closing("b");
    second.after = vec!["a".parse().unwrap()];
    let steps = vec![closing("a"), second, closing("c"), closing("d")];
    let mut bench = Bench::new(steps.clone());
    assert_eq!(bench.tick(), "began a, look at a");
    bench.sees("a", Shows::Closed);
    assert_eq!(bench.tick(), "began b, look at b");

    let mut bench = Bench::with_pace(steps, 2);
    assert_eq!(bench.tick(), "began a, began c, look at a, look at c");
    assert_eq!(bench.sees("c", Shows::Closed), "reached c, succeeded c");
    assert_eq!(bench.sees("a", Shows::Open), "intended a, send a");
    bench.acknowledged("a");
    assert_eq!(bench.tick(), "began d, look at d");
    // One step that needs a person holds back what was not sent yet.
    let denied = Answer::Refused(Refusal::Denied("no".to_owned()));
    bench.sees("d", Shows::Open);
    bench.hears("d", denied);
    assert_eq!(bench.phase("d"), StepPhase::Failed);
    assert_eq!(bench.tick(), "wake in 1s");
    bench.wait(1);
    assert_eq!(bench.sees("a", Shows::Closed), "reached a, succeeded a");
    assert_eq!(bench.tick(), "stopped, stop", "b is not begun");
}

fn reason() -> String {
    "because".to_owned()
}

#[test]
fn a_pause_holds_back_what_is_not_sent_and_watches_what_is() {
    let mut next = closing("t");
    next.after = vec!["s".parse().unwrap()];
    let mut bench = Bench::new(vec![closing("s"), next]);
    bench.tick();
    bench.says(Word::Pause { reason: reason() }).unwrap();
    assert_eq!(bench.sees("s", Shows::Open), "", "nothing is sent");
    assert_eq!(bench.state.phase(), RunPhase::Paused);
    assert_eq!(bench.tick(), "stopped, stop");
    bench.says(Word::Resume).unwrap();
    assert_eq!(bench.tick(), "look at s");
    assert_eq!(bench.sees("s", Shows::Open), "intended s, send s");
    bench.says(Word::Pause { reason: reason() }).unwrap();
    assert_eq!(bench.state.phase(), RunPhase::Pausing);
    bench.acknowledged("s");
    bench.wait(1);
    assert_eq!(bench.sees("s", Shows::Closed), "reached s, succeeded s");
    assert_eq!(bench.tick(), "stopped, stop");
    assert_eq!(bench.phase("t"), StepPhase::Blocked);
}

#[test]
fn a_pause_holds_back_what_would_be_sent_again() {
    let mut bench = Bench::new(vec![closing("s")]);
    bench.tick();
    bench.sees("s", Shows::Open);
    bench.hears("s", Answer::Unknown("no answer".to_owned()));
    bench.says(Word::Pause { reason: reason() }).unwrap();
    assert_eq!(bench.sees("s", Shows::Open), "waits s");
    assert_eq!(bench.state.phase(), RunPhase::Pausing);
    bench.says(Word::Resume).unwrap();
    assert_eq!(bench.wait(1), "look at s");
    assert_eq!(bench.sees("s", Shows::Open), "intended s, send s");
}

#[test]
fn a_lease_on_a_run_that_has_ended_leaves_no_trace() {
    let mut bench = acting(closing("s"));
    bench.says(Word::Abort { reason: reason() }).unwrap();
    bench.wait(1);
    assert_eq!(bench.state.phase(), RunPhase::Aborted);
    assert_eq!(bench.taken(9, "late"), "");
    assert_eq!(bench.tick(), "stop");
}

#[test]
fn an_abort_sends_nothing_more_and_says_what_it_leaves() {
    let mut bench = acting(closing("s"));
    bench.says(Word::Abort { reason: reason() }).unwrap();
    assert_eq!(bench.state.phase(), RunPhase::Aborting);
    bench.wait(1);
    assert_eq!(bench.state.phase(), RunPhase::Aborted);
    assert_eq!(bench.phase("s"), StepPhase::Aborted);
    let (_, event) = bench.events.last().unwrap();
    let written = serde_json::to_string(event).unwrap();
    assert!(written.contains("s was acting"), "{written}");
    assert!(written.contains("a later step opens it"), "{written}");
    assert_eq!(bench.tick(), "stop");
}

#[test]
fn people_retry_skip_and_sign() {
    let failed = || {
        let mut bench = Bench::new(vec![closing("s")]);
        bench.tick();
        bench.sees("s", Shows::Open);
        bench.hears("s", Answer::Refused(Refusal::Denied("no".to_owned())));
        assert_eq!(bench.tick(), "stopped, stop");
        bench
    };
    let step = || "s".parse().unwrap();

    let mut bench = failed();
    bench
        .says(Word::Retry {
            step: step(),
            reason: reason(),
        })
        .unwrap();
    assert_eq!(bench.state.phase(), RunPhase::Running);
    assert_eq!(bench.tick(), "began s, look at s");
    assert_eq!(bench.sees("s", Shows::Open), "intended s, send s");
    assert_eq!(bench.state.step(&step()).unwrap().attempt, 2);
    let keys: std::collections::BTreeSet<_> = bench
        .events
        .iter()
        .filter_map(|(_, event)| {
            let written = serde_json::to_value(event).unwrap();
            Some(written.get("intended")?.get("key")?.to_string())
        })
        .collect();
    assert_eq!(keys.len(), 2, "a new try is a new effect");

    let mut bench = failed();
    bench
        .says(Word::Skip {
            step: step(),
            reason: reason(),
        })
        .unwrap();
    assert_eq!(bench.tick(), "completed");
    assert_eq!(bench.state.phase(), RunPhase::SucceededWithExceptions);

    // What a person signed for still has to be seen.
    let mut bench = failed();
    let done = || Word::Done {
        step: step(),
        evidence: "saw it".to_owned(),
    };
    bench.says(done()).unwrap();
    assert_eq!(bench.phase("s"), StepPhase::Verifying);
    assert_eq!(bench.tick(), "look at s");
    assert_eq!(bench.sees("s", Shows::Open), "waits s");
    bench.wait(100);
    assert_eq!(bench.sees("s", Shows::Open), "needsPerson s");
    bench.says(done()).unwrap();
    bench.tick();
    assert_eq!(bench.sees("s", Shows::Closed), "doneByHand s");
    assert_eq!(bench.tick(), "completed");
    assert_eq!(bench.state.phase(), RunPhase::SucceededWithExceptions);
}

#[test]
fn a_signature_is_all_where_nothing_can_be_seen() {
    let mut bench = Bench::new(vec![of_a_person(PersonAct::Do {
        instructions: "call the port".to_owned(),
        commands: Vec::new(),
    })]);
    bench.tick();
    bench.sees("s", Shows::Open);
    assert_eq!(bench.tick(), "stopped, stop");
    let evidence = "the port said yes".to_owned();
    bench
        .says(Word::Done {
            step: "s".parse().unwrap(),
            evidence,
        })
        .unwrap();
    assert_eq!(bench.tick(), "doneByHand s");
    assert_eq!(bench.tick(), "completed");
    // It was a person's from the start: no exception.
    assert_eq!(bench.state.phase(), RunPhase::Succeeded);
}

#[test]
fn decisions_that_cannot_be() {
    let step = || "s".parse().unwrap();
    let mut bench = acting(closing("s"));
    for (word, said) in [
        (Word::Resume, "the run is running, not paused"),
        (
            Word::Retry {
                step: step(),
                reason: reason(),
            },
            "step s is acting",
        ),
        (
            Word::Skip {
                step: step(),
                reason: reason(),
            },
            "what was sent cannot be skipped",
        ),
        (
            Word::Done {
                step: step(),
                evidence: reason(),
            },
            "step s is acting",
        ),
        (
            Word::Skip {
                step: "x".parse().unwrap(),
                reason: reason(),
            },
            "the plan has no step x",
        ),
        (
            Word::Pause {
                reason: " \n".to_owned(),
            },
            "a reason has to be given",
        ),
        (
            Word::Abort {
                reason: "x".repeat(5000),
            },
            "has 5000 bytes",
        ),
    ] {
        let told = format!("{word:?}");
        let error = bench.says(word).unwrap_err();
        assert!(error.to_string().contains(said), "{told}: {error}");
    }
    bench.says(Word::Abort { reason: reason() }).unwrap();
    let again = bench.says(Word::Pause { reason: reason() }).unwrap_err();
    assert_eq!(again.to_string(), "the run is already aborting");
    bench.tick();
    let late = bench.says(Word::Resume).unwrap_err();
    assert_eq!(late.to_string(), "the run has ended: aborted");
}
