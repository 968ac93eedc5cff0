//! *Second opinion*, the other half: plans that were broken on purpose, and
//! landscapes that moved under a good plan. Each is objected to with its code;
//! the unbroken ones have nothing fatal against them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it says"
)]

mod case;
mod charm;
mod kubeadm;

use case::{Case, bare_pod, made, objected, on_charm, on_kubeadm};
use charm::{CHARM, CHARM_CAUTIONS};
use kubeadm::{CAUTIONS, KUBEADM};
use proptest::prelude::*;
use refit_knowledge::Knowledge;
use refit_model::code::CodePage;
use refit_model::fingerprint::Drift;
use refit_model::review::Weight;
use refit_model::seen::{Extent, Unseen};
use refit_reviewer::review;
use refit_tests::landscapes::{charm_of, charm_specs, kubeadm, specs};
use std::collections::BTreeSet;

#[test]
fn every_broken_plan_is_objected_to_for_the_right_reason() {
    assert!(KUBEADM.len() + CHARM.len() >= 50);
    for (table, good) in [
        (KUBEADM, on_kubeadm as fn() -> Case),
        (CHARM, on_charm as fn() -> Case),
    ] {
        for (called, code, breaks) in table {
            let mut case = good();
            breaks(&mut case);
            objected(&case.reviewed(), code, Weight::Fatal, called);
        }
    }
}

#[test]
fn cautions_do_not_forbid_but_are_said() {
    for (table, good) in [
        (CAUTIONS, on_kubeadm as fn() -> Case),
        (CHARM_CAUTIONS, on_charm as fn() -> Case),
    ] {
        for (called, code, breaks) in table {
            let mut case = good();
            breaks(&mut case);
            objected(&case.reviewed(), code, Weight::Caution, called);
        }
    }
}

#[test]
fn a_bare_pod_that_was_given_up_is_a_caution() {
    let mut case = on_kubeadm();
    bare_pod(&mut case);
    let mut case = made(
        "kubeadm",
        case.snapshot,
        "1.34",
        &[("allowBarePodLoss", "yes")],
    );
    let review = case.reviewed();
    objected(&review, "RFO174", Weight::Caution, "a bare pod given up");
    assert!(review.allows_approval());
}

#[test]
fn an_edit_shows_in_the_hash() {
    let mut case = on_kubeadm();
    case.step("verify/servers-at").title = "Look away".to_owned();
    let review = review(&case.plan, &case.snapshot, Knowledge::embedded());
    objected(&review, "RFO101", Weight::Fatal, "an edited title");
}

/// What is not in view has not moved: that would be told of something that nobody
/// saw.
#[test]
fn what_is_not_in_view_is_not_said_to_have_moved() {
    let check = |breaks: fn(&mut Case), expected: (&[&str], &[&str])| {
        let mut case = on_kubeadm();
        breaks(&mut case);
        let drift = Drift::of(&case.snapshot, &case.plan.spec.made_from.fingerprint).unwrap();
        let unseen: Vec<_> = drift.unseen.iter().map(|(part, _)| part.as_str()).collect();
        let moved: Vec<_> = drift.moved.iter().map(String::as_str).collect();
        assert_eq!((moved.as_slice(), unseen.as_slice()), expected);
        let objections = case.reviewed().objections;
        let is_stale = objections.iter().any(|it| it.code.to_string() == "RFO103");
        assert_eq!(is_stale, !drift.moved.is_empty());
    };
    check(|_| {}, (&[], &[]));
    check(
        |case| {
            let workloads = &mut case.side().workloads;
            workloads.items.clear();
            workloads.extent = Extent::Part(Unseen::Forbidden("403".to_owned()));
        },
        (&[], &["workloads"]),
    );
    check(
        |case| case.snapshot.kubernetes = None,
        (
            &[],
            &[
                "Helm releases",
                "custom resource definitions",
                "disruption budgets",
                "nodes",
                "webhooks",
                "workloads",
            ],
        ),
    );
    check(
        |case| {
            case.side().workloads.items.clear();
            case.side().nodes.items.clear();
            case.side().nodes.extent = Extent::Part(Unseen::NotAsked);
        },
        (&["workloads"], &["nodes"]),
    );
}

#[test]
fn the_unbroken_plans_have_no_objection() {
    for mut case in [on_kubeadm(), on_charm()] {
        assert_eq!(case.reviewed().objections, []);
    }
}

/// Every objection that the review can make was made above.
#[test]
fn every_code_is_the_right_one_for_some_broken_plan() {
    let tried: BTreeSet<&str> = [KUBEADM, CHARM, CAUTIONS, CHARM_CAUTIONS]
        .into_iter()
        .flatten()
        .map(|(_, code, _)| *code)
        // These two have tests of their own.
        .chain(["RFO101", "RFO174"])
        .collect();
    // Plans for projects are broken beside the tests of their templates.
    let of_projects = |page: &CodePage| page.code.to_string().as_str() > "RFO200";
    for page in refit_reviewer::codes::ALL
        .iter()
        .filter(|page| !of_projects(page))
    {
        assert!(
            tried.contains(page.code.to_string().as_str()),
            "{}",
            page.code
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_held_against_a_plan_for_a_healthy_cluster(spec in specs()) {
        let review = made("kubeadm", kubeadm(&spec), "1.34", &[]).reviewed();
        prop_assert_eq!(review.objections, vec![]);
    }

    #[test]
    fn nothing_is_held_against_a_plan_for_a_healthy_model(spec in charm_specs()) {
        let review = made("canonical-k8s/charm", charm_of(&spec), "1.34.3", &[]).reviewed();
        prop_assert_eq!(review.objections, vec![]);
    }
}
