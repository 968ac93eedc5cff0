//! *Fixpoint*: planning again from where a plan ends yields no state-changing
//! step. *Suffix*: planning again after *k* rehearsed steps yields the remaining
//! state-changing steps. Both are watched on one and the same run.

use proptest::prelude::*;
use refit_executor::MemoryJournal;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_model::standing::{Standing, standing};
use refit_tests::landscapes::{charm, has_room, kubeadm, specs};
use refit_tests::line::{changes, fitting, plan, plan_again, run_on, seen, twin};

/// Runs the plan, and plans again after every step that succeeded.
fn remaining_steps_are_planned_again(snapshot: &Snapshot, target: &str) -> Result<(), String> {
    let template = fitting(snapshot);
    let made = plan(&template, snapshot, &target.parse().unwrap())
        .map_err(|error| error.to_string())?
        .plan;
    let whole = changes(&made);
    let twin = twin(&made, snapshot);
    let mut done = 0_usize;
    let mut wrong = None;
    let outcome = run_on(&made, &twin, &MemoryJournal::default(), "one", &mut |step| {
        if whole.get(done).is_some_and(|(id, _)| id == step) {
            done += 1;
        } else if made.step(step).is_some_and(refit_model::step::Step::changes_state) {
            wrong = wrong.take().or(Some(format!("{step} came out of turn")));
        }
        if wrong.is_some() {
            return;
        }
        let now = seen(&twin);
        match plan_again(&template, &now, &made) {
            Ok(again) => {
                let left = changes(&again.plan);
                // What happens to hold already need not be planned: a node on
                // which nothing runs is drained as soon as it is cordoned.
                let idle = whole[done..]
                    .iter()
                    .take_while(|(id, _)| {
                        let step = made.step(id).expect("a step of the plan");
                        matches!(standing(step, &now), Standing::Done(_))
                    })
                    .count();
                if left != whole[done + idle..] {
                    wrong = Some(format!(
                        "after {step} ({done} changes) the new plan has {} changes, first {:?}; left are {}, first {:?}; it stops: {:?}",
                        left.len(),
                        left.first(),
                        whole.len() - done,
                        whole.get(done),
                        again.report.stops
                    ));
                }
            }
            Err(error) => wrong = Some(format!("after {step}: {error}")),
        }
    })
    .map_err(|error| error.to_string())?;
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if outcome.ending != Ending::Succeeded {
        return Err(format!("the run did not succeed: {:?}", outcome.ending));
    }
    if done != whole.len() || whole.is_empty() {
        return Err(format!("{done} of {} changes were made", whole.len()));
    }
    // The fixpoint is the suffix after the last step, and here once more after
    // the landscape has had time to settle.
    let again = plan_again(&template, &seen(&twin), &made).map_err(|error| error.to_string())?;
    if changes(&again.plan).is_empty() {
        Ok(())
    } else {
        Err(format!(
            "from its end the plan goes on: {:?}",
            changes(&again.plan)
        ))
    }
}

#[test]
fn the_usual_landscapes() {
    assert_eq!(
        remaining_steps_are_planned_again(&kubeadm(&Default::default()), "1.34"),
        Ok(())
    );
    assert_eq!(
        remaining_steps_are_planned_again(&charm(), "1.34.3"),
        Ok(())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_landscape(spec in specs().prop_filter("pods need somewhere to go", has_room)) {
        prop_assert_eq!(remaining_steps_are_planned_again(&kubeadm(&spec), "1.34"), Ok(()));
    }
}
