//! k3s: its servers one by one, then its agents, by either documented method.

use crate::support::{planned, review, template};
use refit_model::act::Act;
use refit_model::condition::{Judgement, judge_all};
use refit_model::kubernetes::{Cordon, Distribution};
use refit_model::name::NodeName;
use refit_model::plan::UpgradePlan;
use refit_model::seen::{Listing, Seen};
use refit_model::snapshot::Snapshot;
use refit_planner::{PlanError, PlanRequest, Target, Terms};
use refit_tests::landscapes::{LandscapeSpec, PoolSpec, kubeadm, name};
use refit_tests::programs::Programs;
use serde_json::json;
use std::collections::BTreeMap;

const FROM: &str = "v1.33.5+k3s1";
const TO: &str = "v1.34.3+k3s1";
const SUM: &str = "0f5d5ae3a1c0b3b8f2b6f6ab0f0a6a54a0d2b1bb23f53f6d3cf5cf5ce6f4d3e1";

fn request(to: &str, more: &[(&str, &str)]) -> PlanRequest {
    let mut parameters: BTreeMap<_, _> = BTreeMap::from([(name("datastore"), "etcd".to_owned())]);
    parameters.extend(
        more.iter()
            .map(|(key, value)| (name(key), (*value).to_owned())),
    );
    PlanRequest {
        target: Target::Kubernetes(to.parse().unwrap()),
        parameters,
        hop: None,
        terms: Terms::default(),
    }
}

/// Two servers and two agents; one process is all of a server.
fn k3s() -> Snapshot {
    let usual = LandscapeSpec::default();
    let mut snapshot = kubeadm(&LandscapeSpec {
        control_plane: 3,
        pools: vec![PoolSpec {
            nodes: 2,
            kubelets: usual.servers.clone(),
        }],
        ..usual
    });
    let side = snapshot.kubernetes.as_mut().unwrap();
    side.distribution = Seen::Is(Distribution::K3s);
    side.server = Seen::Is(name(FROM));
    side.components = Listing::whole(BTreeMap::new());
    for node in side.nodes.items.values_mut() {
        node.kubelet = Seen::Is(name(FROM));
    }
    snapshot
}

fn sums() -> String {
    format!("{SUM}  k3s\n11111111  k3s-airgap-images-amd64.tar\n")
}

fn programs() -> Programs {
    let mut programs = Programs::default().with(
        &format!(
            "curl -sfL https://github.com/k3s-io/k3s/releases/download/{TO}/sha256sum-amd64.txt"
        ),
        sums(),
    );
    for node in ["cp-1", "cp-2", "cp-3", "pool-1-1", "pool-1-2"] {
        programs = programs
            .ending(
                &format!("sha256sum /usr/local/bin/k3s-{TO} (on {node})"),
                1,
                "",
            )
            .with(
                &format!("k3s --version (on {node})"),
                format!("k3s version {FROM} (abcdef12)\ngo version go1.24\n"),
            )
            .with(&format!("kubectl get node {node} -o json"), one(FROM));
    }
    programs
        .with("kubectl get nodes -o json", nodes(FROM))
        .with(
            "kubectl get nodes -l node-role.kubernetes.io/control-plane=true -o json",
            nodes(FROM),
        )
}

fn one(version: &str) -> String {
    json!({"status": {"nodeInfo": {"kubeletVersion": version}}}).to_string()
}

fn nodes(version: &str) -> String {
    json!({"items": [{"status": {
        "nodeInfo": {"kubeletVersion": version}, "conditions": [{"type": "Ready", "status": "True"}],
    }}]})
    .to_string()
}

fn plan(
    snapshot: Snapshot,
    programs: &Programs,
    request: &PlanRequest,
) -> Result<(UpgradePlan, Snapshot, Option<String>), PlanError> {
    let (made, snapshot) = planned(&template("k3s"), snapshot, programs, request)?;
    let stop = made.report.stops.map(|stop| stop.because);
    Ok((made.plan, snapshot, stop))
}

fn changes(plan: &UpgradePlan) -> Vec<String> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| step.id.to_string())
        .collect()
}

#[test]
fn servers_go_one_by_one_and_agents_after_them() {
    let (plan, snapshot, stop) = plan(k3s(), &programs(), &request(TO, &[])).unwrap();
    assert_eq!(stop, None);
    let restarts: Vec<_> = changes(&plan)
        .into_iter()
        .filter(|step| step.ends_with("/restart"))
        .collect();
    assert_eq!(
        restarts,
        [
            "servers/cp-1/restart",
            "servers/cp-2/restart",
            "servers/cp-3/restart",
            "agents/pool-1-1/restart",
            "agents/pool-1-2/restart",
        ]
    );
    let of_one: Vec<_> = changes(&plan)
        .into_iter()
        .filter(|step| step.starts_with("servers/cp-2/"))
        .collect();
    assert_eq!(
        of_one,
        [
            "servers/cp-2/fetch-amd64",
            "servers/cp-2/install",
            "servers/cp-2/cordon",
            "servers/cp-2/restart",
            "servers/cp-2/uncordon",
        ]
    );
    // Whatever comes first, the copy of etcd is before it.
    let first = plan
        .steps()
        .position(|(_, step)| step.changes_state())
        .unwrap();
    let copy = plan
        .steps()
        .position(|(_, step)| step.id.as_str() == "backup-etcd/cp-1/save")
        .unwrap();
    assert!(copy < first);
    let found = review(&plan, &snapshot);
    assert!(found.allows_approval(), "{found:#?}");
}

#[test]
fn a_node_is_done_when_the_api_says_so() {
    let (plan, before, _) = plan(k3s(), &programs(), &request(TO, &[])).unwrap();
    let step = plan.step(&name("servers/cp-1/restart")).unwrap();
    assert!(matches!(
        judge_all(&step.reaches, &before),
        Judgement::Fails(_)
    ));
    let at = |version: &str| {
        let mut after = before.clone();
        let side = after.kubernetes.as_mut().unwrap();
        let node: NodeName = name("cp-1");
        side.nodes.items.get_mut(&node).unwrap().kubelet = Seen::Is(name(version));
        programs()
            .with("kubectl get node cp-1 -o json", one(version))
            .look_at(&step.looks(), &mut after);
        judge_all(&step.reaches, &after)
    };
    assert!(at(TO).holds());
    // The same Kubernetes in another build of k3s is another release.
    assert!(!at("v1.34.3+k3s2").holds());
    assert_eq!(step.timeout.to_string(), "15m");
}

#[test]
fn a_binary_with_another_sum_is_not_installed() {
    let (plan, mut snapshot, _) = plan(k3s(), &programs(), &request(TO, &[])).unwrap();
    let step = plan.step(&name("agents/pool-1-1/checksum")).unwrap();
    let line = format!("sha256sum /usr/local/bin/k3s-{TO} (on pool-1-1)");
    let mut judged = |sum: &str| {
        programs()
            .with(&line, format!("{sum}  /usr/local/bin/k3s-{TO}\n"))
            .look_at(&step.looks(), &mut snapshot);
        judge_all(&step.reaches, &snapshot)
    };
    assert!(judged(SUM).holds());
    assert!(matches!(
        judged(&SUM.replace('0', "1")),
        Judgement::Fails(_)
    ));
    // No sum was published, or it was not to be had: nothing is planned with it.
    let (plan, _, stop) = self::plan(k3s(), &Programs::default(), &request(TO, &[])).unwrap();
    assert!(
        stop.unwrap()
            .starts_with("the checksum of the binary is not known")
    );
    assert_eq!(changes(&plan), Vec::<String>::new());
}

#[test]
fn the_release_is_named_as_k3s_does() {
    for (to, why) in [
        (
            "1.34",
            "is no release of k3s: those are called such as v1.34.3+k3s1",
        ),
        ("v1.34.3", "v1.34.3 is no release of k3s"),
        ("v1.35.1+k3s1", "is no release of k3s"),
    ] {
        let error = plan(k3s(), &programs(), &request(to, &[])).unwrap_err();
        assert!(error.to_string().contains(why), "{to}: {error}");
    }
    let error = planned(
        &template("k3s"),
        k3s(),
        &programs(),
        &PlanRequest {
            parameters: BTreeMap::new(),
            ..request(TO, &[])
        },
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "parameter datastore: it must be set");
}

#[test]
fn each_datastore_is_copied_in_its_own_way() {
    for (datastore, copy) in [
        ("etcd", "backup-etcd/cp-1/save"),
        ("sqlite", "backup-files/cp-1/copy"),
        ("external", "backup-external/copy"),
    ] {
        let wanted = request(TO, &[("datastore", datastore)]);
        let (plan, _, stop) = plan(k3s(), &programs(), &wanted).unwrap();
        assert_eq!(stop, None);
        let copies: Vec<_> = plan
            .steps()
            .map(|(_, step)| step.id.to_string())
            .filter(|step| step.starts_with("backup-") && !step.ends_with("/token"))
            .collect();
        assert_eq!(copies, [copy]);
    }
}

#[test]
fn agents_are_drained_where_it_is_asked_for() {
    let wanted = request(TO, &[("drainAgents", "yes")]);
    let (plan, _, _) = plan(k3s(), &programs(), &wanted).unwrap();
    let drained: Vec<_> = changes(&plan)
        .into_iter()
        .filter(|step| step.ends_with("/drain"))
        .collect();
    assert_eq!(drained, ["agents/pool-1-1/drain", "agents/pool-1-2/drain"]);
    let restart = plan.step(&name("agents/pool-1-1/restart")).unwrap();
    assert!(restart.after.contains(&name("agents/pool-1-1/drain")));
}

#[test]
fn the_controller_takes_two_plans_servers_first() {
    let wanted = request(TO, &[("method", "controller")]);
    let (plan, _, stop) = plan(k3s(), &programs(), &wanted).unwrap();
    assert_eq!(stop, None);
    assert_eq!(
        changes(&plan),
        ["servers-by-plan/plan", "agents-by-plan/plan"]
    );
    let input = |id: &str| match &plan.step(&name(id)).unwrap().act {
        Some(Act::Exec(exec)) => exec.input.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    let servers = input("servers-by-plan/plan");
    for line in [
        "kind: Plan",
        "name: server-plan",
        "concurrency: 1",
        &format!("version: {TO}"),
    ] {
        assert!(servers.contains(line), "{line}: {servers}");
    }
    let read: serde_json::Value = serde_saphyr::from_str(&input("agents-by-plan/plan")).unwrap();
    assert_eq!(
        read["spec"]["prepare"]["args"],
        json!(["prepare", "server-plan"])
    );
    assert_eq!(
        read["spec"]["nodeSelector"]["matchExpressions"][0]["operator"],
        "DoesNotExist"
    );
    // Only servers that all run the release let the agents begin.
    let step = plan.step(&name("servers-by-plan/plan")).unwrap();
    let mut snapshot = k3s();
    let line = "kubectl get nodes -l node-role.kubernetes.io/control-plane=true -o json";
    for (version, holds) in [(TO, true), (FROM, false)] {
        programs()
            .with(line, nodes(version))
            .look_at(&step.looks(), &mut snapshot);
        assert_eq!(judge_all(&step.reaches, &snapshot).holds(), holds);
    }
}

#[test]
fn a_plan_made_again_goes_on_where_things_stand() {
    let mut snapshot = k3s();
    let side = snapshot.kubernetes.as_mut().unwrap();
    let (first, second): (NodeName, NodeName) = (name("cp-1"), name("cp-2"));
    side.nodes.items.get_mut(&first).unwrap().kubelet = Seen::Is(name(TO));
    side.nodes.items.get_mut(&second).unwrap().cordon = Seen::Is(Cordon::Ours);
    let mut wanted = request(TO, &[]);
    wanted.hop = Some(refit_model::plan::Hop {
        from: name(FROM),
        to: name(TO),
    });
    let shown = programs().with("kubectl get node cp-1 -o json", one(TO));
    let (plan, _, stop) = plan(snapshot, &shown, &wanted).unwrap();
    assert_eq!(stop, None);
    let left = changes(&plan);
    assert!(left.iter().all(|step| !step.contains("cp-1")), "{left:?}");
    assert_eq!(left[0], "servers/cp-2/fetch-amd64");
}
