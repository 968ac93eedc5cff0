//! What becomes of a lost answer, for each class of effect.

use crate::{go, process};
use refit_executor::{MemoryJournal, OldHolder, RunOptions, StepPhase};
use refit_model::act::{EffectClass, Fence, Refusal};
use refit_model::duration::Seconds;
use refit_model::step::Step;
use refit_tests::crashing::{CrashingJournal, Death};
use refit_tests::tiny::plans::{
    charm_at, cordon, cordoned, in_a_row, kubelet, kubelet_at, refresh, released, step,
};
use refit_tests::tiny::world::{Fault, Rules, Scripted};
use std::collections::BTreeMap;

/// A step whose act has this class.
fn of_class(class: EffectClass) -> Step {
    match class {
        EffectClass::Converge => step("s", Some(cordon()), vec![released()], vec![cordoned()]),
        EffectClass::Keyed => step(
            "s",
            Some(kubelet()),
            vec![kubelet_at("1.33.1")],
            vec![kubelet_at("1.33.4")],
        ),
        EffectClass::Probeable => step("s", Some(refresh()), vec![charm_at(7)], vec![charm_at(8)]),
        // Templates may demand more care than an act does by its nature.
        EffectClass::Read | EffectClass::Cas | EffectClass::Blind | EffectClass::Human => {
            let mut step = of_class(EffectClass::Converge);
            step.effect = class;
            step
        }
    }
}

/// How a step ends when its first request meets `fault`, and how often it had
/// an effect when everything that is late has come.
#[track_caller]
fn check(class: EffectClass, fence: Fence, fault: Fault, expected: (StepPhase, u32)) {
    let world = Scripted::new(Rules {
        fence,
        faults: BTreeMap::from([(1, fault)]),
        ..Rules::default()
    });
    let plan = in_a_row(vec![of_class(class)]);
    let outcome =
        pollster::block_on(go(&plan, &world, &MemoryJournal::new(), &process(1))).unwrap();
    world.pass(Seconds::minutes(60));
    let (_, step) = outcome.state.steps().next().unwrap();
    let effects = world.effects().values().sum();
    assert_eq!(
        (step.phase, effects),
        expected,
        "{class}, {fence:?}, {fault:?}: {}",
        step.because
    );
}

#[test]
fn lost_requests_and_lost_answers() {
    use EffectClass::{Blind, Cas, Converge, Keyed, Probeable};
    use Fault::{AnswerLost, Late, RequestLost};
    use StepPhase::{NeedsPerson, Succeeded};
    let late = Late(Seconds::minutes(5));
    for fence in [Fence::Raised, Fence::Unsupported] {
        for class in [Converge, Cas] {
            check(class, fence, RequestLost, (Succeeded, 1));
            check(class, fence, AnswerLost, (Succeeded, 1));
            // Setting the same state twice is what the class allows.
            check(class, fence, late, (Succeeded, 2));
        }
        check(Keyed, fence, RequestLost, (Succeeded, 1));
        check(Keyed, fence, AnswerLost, (Succeeded, 1));
        check(Keyed, fence, late, (Succeeded, 1));
        check(Blind, fence, RequestLost, (NeedsPerson, 0));
        check(Blind, fence, AnswerLost, (NeedsPerson, 1));
        check(Blind, fence, late, (NeedsPerson, 1));
        check(Probeable, fence, AnswerLost, (Succeeded, 1));
    }
    // The late request carries the older epoch, and the target refuses it.
    check(Probeable, Fence::Raised, RequestLost, (Succeeded, 1));
    check(Probeable, Fence::Raised, late, (Succeeded, 1));
    // Without a fence nobody knows what is still on its way.
    check(Probeable, Fence::Unsupported, RequestLost, (NeedsPerson, 0));
    check(Probeable, Fence::Unsupported, late, (NeedsPerson, 1));
}

#[test]
fn a_process_that_is_proven_dead_needs_no_fence() {
    for (old_holder, expected) in [
        (OldHolder::NotProven, (StepPhase::NeedsPerson, 0)),
        (OldHolder::ProvenDead, (StepPhase::Succeeded, 1)),
    ] {
        let world = Scripted::new(Rules {
            fence: Fence::Unsupported,
            ..Rules::default()
        });
        let plan = in_a_row(vec![of_class(EffectClass::Probeable)]);
        let journal = MemoryJournal::new();
        pollster::block_on(async {
            // Start and lease, look, and the intent: dead before it is sent.
            let crashing = CrashingJournal::new(&journal, 3, Death::AfterCommit);
            drop(go(&plan, &world, &crashing, &process(1)).await);
            assert_eq!(world.requests(), 0);
            let options = RunOptions {
                old_holder,
                ..process(2)
            };
            let outcome = go(&plan, &world, &journal, &options).await.unwrap();
            let (_, step) = outcome.state.steps().next().unwrap();
            assert_eq!((step.phase, world.requests()), expected, "{old_holder:?}");
        });
    }
}

#[test]
fn refusals() {
    let later = |after| Refusal::Later {
        why: "another operation is in progress".to_owned(),
        after,
    };
    let denied = Refusal::Denied("the node is gone".to_owned());
    let hands = Refusal::NoHands(refit_model::act::Adapter::Kube);
    for (refusals, expected, because) in [
        (
            vec![later(None), later(Some(Seconds::minutes(2)))],
            StepPhase::Succeeded,
            "cordoned by us",
        ),
        (
            vec![later(None); 3000],
            StepPhase::CheckFailed,
            "not done within 10m",
        ),
        (vec![denied], StepPhase::Failed, "refused: the node is gone"),
        (
            vec![hands],
            StepPhase::NeedsPerson,
            "by hand: kubectl cordon n1",
        ),
    ] {
        let world = Scripted::new(Rules {
            refusals: (1..).zip(refusals).collect(),
            ..Rules::default()
        });
        let plan = in_a_row(vec![of_class(EffectClass::Converge)]);
        let outcome =
            pollster::block_on(go(&plan, &world, &MemoryJournal::new(), &process(1))).unwrap();
        let (_, step) = outcome.state.steps().next().unwrap();
        assert_eq!(step.phase, expected, "{}", step.because);
        assert!(step.because.contains(because), "{}", step.because);
        assert_eq!(step.attempt, 1, "nothing is tried again as a new effect");
    }
}
