//! *Sameness*: same inputs, same bytes.

use proptest::prelude::*;
use refit_model::version::TargetVersion;
use refit_tests::landscapes::{charm, kubeadm, specs};
use refit_tests::line::{fitting, plan};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_and_assessments(spec in specs()) {
        let snapshot = kubeadm(&spec);
        let target: TargetVersion = "1.34".parse().unwrap();
        let made = || {
            let planned = plan(&fitting(&snapshot), &snapshot, &target).unwrap();
            let review = refit_reviewer::review(
                &planned.plan,
                &snapshot,
                refit_knowledge::Knowledge::embedded(),
            );
            let assessment = refit_assessor::assess(
                &snapshot,
                refit_knowledge::Knowledge::embedded(),
                &refit_assessor::Question::whole(target.clone(), snapshot.taken_at, 1),
            );
            serde_json::to_string(&(planned, review, assessment)).unwrap()
        };
        prop_assert_eq!(made(), made());
    }
}

#[test]
fn a_plan_survives_being_written_and_read() {
    for (snapshot, target) in [(kubeadm(&Default::default()), "1.34"), (charm(), "1.34.3")] {
        let made = plan(&fitting(&snapshot), &snapshot, &target.parse().unwrap())
            .unwrap()
            .plan;
        let text = serde_saphyr::to_string(&made).unwrap();
        let read: refit_model::plan::UpgradePlan = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, made);
        assert!(read.is_intact().unwrap());
    }
}

#[test]
fn rehearsals_and_assessments_of_both_lines() {
    for (snapshot, target) in [(kubeadm(&Default::default()), "1.34"), (charm(), "1.34.3")] {
        let target: TargetVersion = target.parse().unwrap();
        let knowledge = refit_knowledge::Knowledge::embedded();
        let plan = plan(&fitting(&snapshot), &snapshot, &target).unwrap().plan;
        let made = |seed| {
            let options = refit_twin::RehearsalOptions::new(seed);
            let rehearsal = refit_twin::rehearse(&plan, &snapshot, knowledge, &options).unwrap();
            let question = refit_assessor::Question::whole(target.clone(), snapshot.taken_at, 1);
            let assessment = refit_assessor::assess(&snapshot, knowledge, &question);
            serde_json::to_string(&(rehearsal, assessment)).unwrap()
        };
        assert_eq!(made(3), made(3));
    }
}
