//! Seeded histories of runs: nothing that goes wrong breaks a law. The long run
//! is `cargo run --release -p refit-tests --bin histories -- 100000`.

use refit_model::rehearsal::Ending;
use refit_tests::histories::checks;
use refit_tests::histories::{Defect, History, history};
use refit_tests::tiny::plans::each_class;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// So many are played in every test run; the seeds after them are the command's.
const SEEDS: u64 = 200;

fn is_given_up(told: &History) -> bool {
    matches!(told.ending, Some(Ending::Stopped(_)))
}

#[test]
fn no_history_breaks_a_law_and_everything_happens_in_some() {
    let mut happened = BTreeSet::new();
    let mut endings = [0_u32; 3];
    for seed in 0..SEEDS {
        let told = history(seed, Defect::None);
        assert_eq!(told.broken, Vec::<String>::new(), "seed {seed}");
        happened.extend(told.happened);
        endings[match told.ending.unwrap() {
            Ending::Succeeded => 0,
            Ending::SucceededWithExceptions(_) => 1,
            Ending::Stopped(_) => 2,
        }] += 1;
    }
    let expected = [
        "a clock jumps",
        "a person spoke",
        "a process held up",
        "a process killed",
        "a second process",
        "the answer to a commit lost",
        "the storage away",
        "the target away",
    ];
    assert_eq!(happened, BTreeSet::from(expected));
    assert!(endings.iter().all(|count| *count > 5), "{endings:?}");
}

#[test]
fn a_seed_is_one_history() {
    for seed in 0..20 {
        let (first, second) = (history(seed, Defect::None), history(seed, Defect::None));
        assert_eq!(first.events, second.events, "seed {seed}");
        assert_eq!(first.ending, second.ending, "seed {seed}");
    }
}

/// What the laws guard against is noticed when its guard is taken away.
#[test]
fn a_stage_without_its_guards_breaks_laws() {
    // The searches begin shortly before the first seed that shows it.
    for (defect, law, from) in [(Defect::NoGuard, "I1", 1_650), (Defect::NoFence, "I2", 50)] {
        let broken = (from..from + 400).find(|seed| {
            let told = history(*seed, defect);
            told.broken.iter().any(|broken| broken.starts_with(law))
        });
        assert!(broken.is_some(), "{defect:?} went unnoticed");
    }
}

/// The checks find what is wrong in a record that was tampered with.
#[test]
fn a_record_that_was_tampered_with_is_noticed() {
    let plan = each_class();
    let whole = (0..SEEDS)
        .map(|seed| history(seed, Defect::None))
        .find(|told| !is_given_up(told))
        .unwrap();
    let check = |law: &str, tamper: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut bodies: Vec<_> = whole
            .events
            .iter()
            .map(|event| event.event.body.clone())
            .collect();
        tamper(&mut bodies);
        let events: Vec<_> = bodies
            .into_iter()
            .zip(1..)
            .map(|(body, seq)| {
                let mut event = whole.events.first().unwrap().clone();
                event.seq = seq;
                event.event.body = body;
                event
            })
            .collect();
        let broken = checks::events(&plan, &events);
        assert!(
            broken.iter().any(|told| told.starts_with(law)),
            "{law}: {broken:?}"
        );
    };
    let intended = |bodies: &[serde_json::Value]| {
        bodies
            .iter()
            .position(|body| body.get("intended").is_some())
            .unwrap()
    };
    check("I1", &|bodies| {
        let leased = bodies.iter().position(|body| body.get("leased").is_some());
        let again = bodies[leased.unwrap()].clone();
        bodies.insert(leased.unwrap(), again);
    });
    check("I5", &|bodies| {
        bodies.push(json!({"began": {"step": "check"}}));
    });
    check("I6", &|bodies| {
        bodies.push(json!({"nobody": "knows this"}));
    });
    check("I7", &|bodies| {
        let place = intended(bodies);
        bodies.insert(place, json!({"pauseAsked": {"reason": "stop"}}));
    });
    check("I8", &|bodies| {
        let started = bodies[0].clone();
        bodies.insert(2, started);
    });

    let key = "a".repeat(32).parse().unwrap();
    let effects = BTreeMap::from([(key, 1)]);
    let broken = checks::effects(&plan, &whole.events, &effects);
    assert!(
        broken.iter().any(|told| told.starts_with("I3")),
        "{broken:?}"
    );
}
