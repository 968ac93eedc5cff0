//! *Second opinion*: the review finds nothing fatal in any plan that the planner
//! makes. That it objects to broken ones is in `tests/broken_plans.rs`.

use proptest::prelude::*;
use refit_knowledge::Knowledge;
use refit_model::review::Weight;
use refit_model::snapshot::Snapshot;
use refit_tests::landscapes::{charm, kubeadm, specs};
use refit_tests::line::{fitting, whole_plan};

fn fatal(snapshot: &Snapshot, target: &str) -> Vec<String> {
    let made = whole_plan(&fitting(snapshot), snapshot, &target.parse().unwrap())
        .unwrap()
        .plan;
    refit_reviewer::review(&made, snapshot, Knowledge::embedded())
        .objections
        .into_iter()
        .filter(|objection| objection.weight == Weight::Fatal)
        .map(|objection| format!("{} {}", objection.code, objection.what))
        .collect()
}

#[test]
fn the_charm() {
    assert_eq!(fatal(&charm(), "1.34.3"), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_kubeadm_cluster(spec in specs()) {
        prop_assert_eq!(fatal(&kubeadm(&spec), "1.34"), Vec::<String>::new());
    }
}
