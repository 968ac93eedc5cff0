//! *Caution*: replace any observation in the snapshot by a gap, and the plan may
//! stop sooner, never go further.

use proptest::prelude::*;
use refit_model::act::Act;
use refit_model::name::StepId;
use refit_model::snapshot::Snapshot;
use refit_model::version::TargetVersion;
use refit_tests::hiding::{Place, observations, without};
use refit_tests::landscapes::{charm, kubeadm, specs};
use refit_tests::line::{changes, fitting, plan};

/// A step that changes the target, with what it does.
type Change = (StepId, Option<Act>);

/// Whether the plan without the observation goes no further than the one with it.
fn goes_no_further(
    snapshot: &Snapshot,
    target: &TargetVersion,
    place: &Place,
) -> Result<(), String> {
    let template = fitting(snapshot);
    let whole = changes(
        &plan(&template, snapshot, target)
            .map_err(|e| e.to_string())?
            .plan,
    );
    // A refusal is as soon as a plan can stop.
    let Ok(planned) = plan(&template, &without(snapshot, place), target) else {
        return Ok(());
    };
    compare(&whole, &changes(&planned.plan)).map_err(|why| format!("without {place:?} {why}"))
}

/// Whether `part` stops where `whole` goes on, and does nothing else.
fn compare(whole: &[Change], part: &[Change]) -> Result<(), String> {
    if whole.starts_with(part) {
        Ok(())
    } else {
        let at = part
            .iter()
            .zip(whole)
            .take_while(|(one, two)| one == two)
            .count();
        Err(format!(
            "the plan goes on with {:?} where the whole has {:?}",
            part.get(at),
            whole.get(at)
        ))
    }
}

#[test]
fn every_single_observation_of_the_usual_landscapes() {
    for (snapshot, target) in [(kubeadm(&Default::default()), "1.34"), (charm(), "1.34.3")] {
        let target = target.parse().unwrap();
        let places = observations(&snapshot);
        assert!(places.len() > 20, "only {} observations", places.len());
        for place in places {
            assert_eq!(goes_no_further(&snapshot, &target, &place), Ok(()));
        }
    }
}

/// The law is able to fail: a plan that goes further is noticed.
#[test]
fn a_plan_that_goes_further_is_noticed() {
    let snapshot = kubeadm(&Default::default());
    let target: TargetVersion = "1.34".parse().unwrap();
    let template = fitting(&snapshot);
    let whole = changes(&plan(&template, &snapshot, &target).unwrap().plan);
    let mut further = whole.clone();
    further.remove(0);
    assert!(compare(&whole, &further).is_err());
    further = whole.clone();
    further.push(whole[0].clone());
    assert!(compare(&whole, &further).is_err());
    assert_eq!(compare(&whole, &whole[..1]), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_observation_of_any_landscape(spec in specs(), lot in any::<prop::sample::Index>()) {
        let snapshot = kubeadm(&spec);
        let places = observations(&snapshot);
        let place = lot.get(&places);
        prop_assert_eq!(goes_no_further(&snapshot, &"1.34".parse().unwrap(), place), Ok(()));
    }
}
