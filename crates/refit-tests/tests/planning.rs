//! What the planner says over whole landscapes; and *Fixpoint* and *Suffix* under
//! effects that always succeed, beside the same laws on the twin.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it says"
)]

use proptest::prelude::*;
use refit_knowledge::Knowledge;
use refit_model::name::{ParameterName, StepId};
use refit_model::plan::UpgradePlan;
use refit_model::report::Planned;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_model::standing::{Standing, standing};
use refit_model::step::Step;
use refit_model::template::UpgradeTemplate;
use refit_model::version::KubeVersion;
use refit_planner::{PlanError, PlanRequest, Target, Terms, builtin, plan};
use refit_tests::effects::carry_out;
use refit_tests::landscapes::{
    BudgetSpec, CharmSpec, DeploymentSpec, LandscapeSpec, PoolSpec, charm, charm_of, charm_specs,
    kubeadm, name, specs,
};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The built-in template, read once.
fn template(called: &str) -> &'static UpgradeTemplate {
    static READ: OnceLock<BTreeMap<&str, UpgradeTemplate>> = OnceLock::new();
    READ.get_or_init(|| {
        builtin::TEMPLATES
            .iter()
            .map(|(called, text)| (*called, serde_saphyr::from_str(text).unwrap()))
            .collect()
    })
    .get(called)
    .unwrap()
}

fn request(target: &str) -> PlanRequest {
    PlanRequest {
        target: Target::Kubernetes(target.parse().unwrap()),
        parameters: BTreeMap::new(),
        hop: None,
        terms: Terms::default(),
    }
}

fn planned(called: &str, snapshot: &Snapshot, request: &PlanRequest) -> Result<Planned, PlanError> {
    plan(template(called), snapshot, Knowledge::embedded(), request)
}

fn changing(plan: &UpgradePlan) -> Vec<Step> {
    plan.steps()
        .map(|(_, step)| step)
        .filter(|step| step.changes_state())
        .cloned()
        .collect()
}

fn ids(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.id.as_str()).collect()
}

fn small() -> LandscapeSpec {
    let version: KubeVersion = name("v1.33.5");
    LandscapeSpec {
        control_plane: 3,
        pools: vec![PoolSpec {
            nodes: 1,
            kubelets: version.clone(),
        }],
        deployments: vec![DeploymentSpec {
            replicas: 2,
            budget: BudgetSpec::OneMayGo,
            scratch: false,
        }],
        ..LandscapeSpec::default()
    }
}

#[test]
fn a_kubeadm_plan_goes_node_by_node() {
    let found = planned("kubeadm", &kubeadm(&small()), &request("1.36")).unwrap();
    assert_eq!(found.report.stops, None);
    assert_eq!(found.plan.spec.goal.to_string(), "v1.33.5 to v1.34.11");
    assert_eq!(found.report.later_hops.len(), 2);
    assert_eq!(
        ids(&changing(&found.plan)),
        [
            "first-control-plane/cp-1/apply",
            "other-control-plane/cp-2/upgrade",
            "other-control-plane/cp-3/upgrade",
            "control-plane-nodes/cp-1/cordon",
            "control-plane-nodes/cp-1/drain",
            "control-plane-nodes/cp-1/kubelet",
            "control-plane-nodes/cp-1/uncordon",
            "control-plane-nodes/cp-2/cordon",
            "control-plane-nodes/cp-2/drain",
            "control-plane-nodes/cp-2/kubelet",
            "control-plane-nodes/cp-2/uncordon",
            "control-plane-nodes/cp-3/cordon",
            "control-plane-nodes/cp-3/drain",
            "control-plane-nodes/cp-3/kubelet",
            "control-plane-nodes/cp-3/uncordon",
            "node-pools/pool-1-1/cordon",
            "node-pools/pool-1-1/drain",
            "node-pools/pool-1-1/kubelet",
            "node-pools/pool-1-1/uncordon",
        ]
    );
    let after = |id: &str| -> Vec<String> {
        let step = found.plan.step(&name::<StepId>(id)).unwrap();
        step.after.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        after("backup/cp-1/etcd-snapshot"),
        [
            "preflight/nodes-ready",
            "preflight/control-plane-ready",
            "preflight/etcd-quorum"
        ]
    );
    assert_eq!(
        after("node-pools/pool-1-1/budgets"),
        ["control-plane-nodes/cp-3/verify"]
    );
    assert_eq!(
        after("node-pools/pool-1-1/calm"),
        [
            "node-pools/pool-1-1/budgets",
            "node-pools/pool-1-1/bare-pods"
        ]
    );
    assert_eq!(after("verify/servers-at"), ["node-pools/pool-1-1/verify"]);
    assert!(found.plan.is_intact().unwrap());
}

#[test]
fn parameters_bring_notices_and_take_checks_away() {
    let mut wanted = request("1.34");
    let set = |wanted: &mut PlanRequest, parameter: &str, value: &str| {
        let parameter: ParameterName = name(parameter);
        wanted.parameters.insert(parameter, value.to_owned());
    };
    set(&mut wanted, "audience", "the shop's owners");
    set(&mut wanted, "allowBarePodLoss", "yes");
    let snapshot = kubeadm(&small());
    let found = planned("kubeadm", &snapshot, &wanted).unwrap();
    let notice = found.plan.step(&name::<StepId>("announce/notice")).unwrap();
    assert_eq!(
        notice.title,
        "Tell the shop's owners that the upgrade begins"
    );
    assert!(
        found
            .plan
            .steps()
            .all(|(_, step)| !step.id.as_str().ends_with("/bare-pods"))
    );
    set(&mut wanted, "allowBarePodLoss", "maybe");
    let refused = planned("kubeadm", &snapshot, &wanted).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "parameter allowBarePodLoss: \"maybe\" is not one of yes, no"
    );
}

/// What is refused, and with which words.
#[test]
fn refusals() {
    #[track_caller]
    fn check(called: &str, snapshot: &Snapshot, target: &str, expected: &str) {
        let refused = planned(called, snapshot, &request(target)).unwrap_err();
        let mut text = refused.to_string();
        if let Some(source) = std::error::Error::source(&refused) {
            text = format!("{text}: {source}");
        }
        assert_eq!(text, expected);
        assert!(!refused.hint().is_empty());
    }
    let cluster = kubeadm(&small());
    let model = charm();
    check(
        "kubeadm",
        &cluster,
        "1.33.1",
        "no path leads to the target: v1.33.1 is older than v1.33.5, and Kubernetes cannot go back",
    );
    check(
        "kubeadm",
        &cluster,
        "1.40",
        "no path leads to the target: Kubernetes 1.38 is not known: the newest known release is 1.37",
    );
    check(
        "kubeadm",
        &model,
        "1.34.3",
        "template kubeadm is for kubeadm clusters, and this one is canonical-k8s",
    );
    check(
        "canonical-k8s/charm",
        &cluster,
        "1.34.3",
        "template canonical-k8s/charm is for canonical-k8s clusters, and this one is kubeadm",
    );
    check(
        "canonical-k8s/charm",
        &model,
        "1.34",
        "k8s is upgraded by charm revision, and 1.34 does not say which release that brings",
    );
    check(
        "canonical-k8s/charm",
        &model,
        "1.35.2",
        "the hop v1.34.1 to v1.35.2 cannot be planned: revision 1500 of k8s is offered on the present channel, and the newest patch comes before the next minor",
    );
    let mut unseen = cluster.clone();
    unseen.kubernetes.as_mut().unwrap().distribution = Seen::Gap(Unseen::NotInSource);
    check(
        "kubeadm",
        &unseen,
        "1.34",
        "who built this cluster is not known: the source does not carry it",
    );
    let mut unseen = cluster.clone();
    unseen.kubernetes.as_mut().unwrap().components = Listing::unseen(Unseen::NotInSource);
    check(
        "kubeadm",
        &unseen,
        "1.34",
        "which API servers there are is not known: the source does not carry it",
    );
    let mut ahead = cluster;
    for node in ahead.kubernetes.as_mut().unwrap().nodes.items.values_mut() {
        node.kubelet = Seen::Is(name("v1.35.0"));
    }
    check(
        "kubeadm",
        &ahead,
        "1.34",
        "the kubelet on cp-1 is v1.35.0, newer than v1.34.11, and a plan never goes back",
    );
}

#[test]
fn nodes_that_lag_too_far_go_first() {
    let mut spec = small();
    spec.pools[0].kubelets = name("v1.30.4");
    let found = planned("kubeadm", &kubeadm(&spec), &request("1.34")).unwrap();
    assert_eq!(found.plan.spec.goal.to_string(), "v1.33.5 to v1.33.5");
    assert_eq!(found.report.later_hops.len(), 1);
    assert_eq!(
        ids(&changing(&found.plan)),
        [
            "node-pools/pool-1-1/cordon",
            "node-pools/pool-1-1/drain",
            "node-pools/pool-1-1/kubelet",
            "node-pools/pool-1-1/uncordon"
        ]
    );
}

#[test]
fn a_charm_plan_goes_control_plane_first_and_never_without_its_check() {
    let spec = CharmSpec {
        workers: vec![2, 1],
        ..CharmSpec::default()
    };
    let found = planned("canonical-k8s/charm", &charm_of(&spec), &request("1.34.3")).unwrap();
    assert_eq!(
        ids(&changing(&found.plan)),
        [
            "control-plane/k8s/refresh",
            "workers/k8s-worker/refresh",
            "workers/k8s-worker-2/refresh"
        ]
    );
    for step in changing(&found.plan) {
        let check = format!(
            "{}/pre-upgrade-check",
            step.id.as_str().trim_end_matches("/refresh")
        );
        assert_eq!(step.after, [name::<StepId>(&check)]);
    }
}

#[test]
fn nothing_offered_is_nothing_to_do() {
    let mut snapshot = charm();
    for application in snapshot
        .juju
        .as_mut()
        .unwrap()
        .applications
        .items
        .values_mut()
    {
        application.offered = Seen::Is(None);
    }
    let found = planned("canonical-k8s/charm", &snapshot, &request("1.34.3")).unwrap();
    assert_eq!(changing(&found.plan), []);
    assert!(found.plan.steps().all(|(_, step)| step.act.is_none()));
}

#[test]
fn a_status_that_hides_what_units_run_is_enough_for_a_plan() {
    let mut snapshot = charm();
    for application in snapshot
        .juju
        .as_mut()
        .unwrap()
        .applications
        .items
        .values_mut()
    {
        application.actions = Listing::unseen(Unseen::NotInSource);
        for unit in application.units.items.values_mut() {
            unit.version = Seen::Gap(Unseen::NotInSource);
        }
    }
    let found = planned("canonical-k8s/charm", &snapshot, &request("1.34.3")).unwrap();
    assert_eq!(found.report.stops, None);
    assert_eq!(changing(&found.plan).len(), 2);
}

#[test]
fn a_template_with_a_slip_is_refused_with_its_place() {
    #[track_caller]
    fn check(from: &str, to: &str, expected: &str) {
        let text = builtin::text("kubeadm").unwrap();
        assert!(text.contains(from), "{from}");
        let template: UpgradeTemplate =
            serde_saphyr::from_str(&text.replacen(from, to, 1)).unwrap();
        let snapshot = kubeadm(&small());
        let refused = plan(
            &template,
            &snapshot,
            Knowledge::embedded(),
            &request("1.34"),
        )
        .unwrap_err();
        let found = refused.to_string();
        assert!(found.starts_with(expected), "{found}");
    }
    check(
        "hop: minor-or-patch",
        "hop: patch",
        "template kubeadm goes to newer patches only, and v1.33.5 to v1.34.11 is a new minor",
    );
    check(
        "timeout: 1h",
        "timeout: soon",
        "template kubeadm is not sound at stage announce, step notice, timeout: it does not read as it must",
    );
    check(
        "title: Tell {{parameters.audience}} that the upgrade begins",
        "title: Tell {{parameters.audiance}}",
        "template kubeadm is not sound at stage announce, step notice, title: nothing fills {{parameters.audiance}} here",
    );
    check(
        "quorum: etcd",
        "quorum: etdc",
        "template kubeadm is not sound at stage preflight, step etcd-quorum, reaches[0]: it does not read as it must",
    );
    check(
        "since: \"{{takenAt}}\"",
        "since: \"{{takenat}}\"",
        "template kubeadm is not sound at stage backup, step etcd-snapshot, reaches[0]: nothing fills {{takenat}} here",
    );
    check(
        "after: [preflight]",
        "after: [preflights]",
        "template kubeadm is not sound at stage backup, after: there is no stage preflights",
    );
    check(
        "    after: [announce]",
        "    after: [verify]",
        "template kubeadm is not sound at stage preflight: the order goes round in a circle",
    );
    check(
        "        serves: kubelet\n",
        "        serves: kublet\n",
        "template kubeadm is not sound at stage control-plane-nodes, step budgets, serves: there is no step kublet",
    );
}

/// Fixpoint and Suffix: after `k` of its own steps, and at its end.
fn goes_on(called: &str, snapshot: &Snapshot, target: &str) -> Result<(), TestCaseError> {
    let first = planned(called, snapshot, &request(target)).unwrap();
    prop_assert_eq!(&first.report.stops, &None);
    let hop = first.plan.spec.goal.kubernetes().unwrap().clone();
    let mut wanted = request(target);
    wanted.hop = Some(hop.clone());
    let mut now = snapshot.clone();
    let mut left = changing(&first.plan);
    left.reverse();
    for (_, step) in first.plan.steps() {
        carry_out(step, &mut now, snapshot.taken_at, &hop.to);
        if !step.changes_state() {
            continue;
        }
        left.pop();
        let again = planned(called, &now, &wanted).unwrap();
        // A step that stands done by itself, as the drain of an empty node that
        // was just cordoned, is done without having been carried out.
        let mut expected: Vec<_> = left.iter().rev().cloned().collect();
        while expected
            .first()
            .is_some_and(|step| matches!(standing(step, &now), Standing::Done(_)))
        {
            expected.remove(0);
        }
        let found = changing(&again.plan);
        prop_assert_eq!(ids(&found), ids(&expected), "after {}", step.id);
    }
    prop_assert_eq!(&left, &Vec::new());
    let mut end = wanted.clone();
    end.target = Target::Kubernetes(hop.to.to_string().parse().unwrap());
    for wanted in [wanted, end] {
        let again = planned(called, &now, &wanted).unwrap();
        let found = changing(&again.plan);
        prop_assert_eq!(ids(&found), Vec::<&str>::new());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kubeadm_plans_go_on_where_they_stand(spec in specs()) {
        goes_on("kubeadm", &kubeadm(&spec), "1.34")?;
    }

    #[test]
    fn charm_plans_go_on_where_they_stand(spec in charm_specs()) {
        goes_on("canonical-k8s/charm", &charm_of(&spec), "1.34.3")?;
    }
}
