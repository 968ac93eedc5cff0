//! Labels and taints that go.

use super::*;
use refit_model::kubernetes::{TaintEffect, Toleration};

const MASTER: &str = "node-role.kubernetes.io/master";
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

fn on_control_plane(server: &str) -> Kubernetes {
    let mut kubernetes = cluster(server);
    let node = Node {
        role: Seen::Is(NodeRole::ControlPlane),
        labels: labels(&[(MASTER, ""), (CONTROL_PLANE, "")]),
        ..node(server)
    };
    kubernetes.nodes.items.insert("w-1".parse().unwrap(), node);
    kubernetes
}

fn daemon(change: impl Fn(&mut Pod)) -> Pod {
    let mut pod = pod("log", Some(owner("apps/v1 DaemonSet", "log")));
    change(&mut pod);
    pod
}

fn selecting_master(pod: &mut Pod) {
    pod.node_selector = labels(&[(MASTER, "")]);
}

fn tolerating(keys: &'static [Option<&str>]) -> impl Fn(&mut Pod) {
    move |pod| {
        pod.tolerations = keys
            .iter()
            .map(|key| Toleration {
                key: key.map(str::to_owned),
                value: None,
                effect: Some(TaintEffect::NoSchedule),
            })
            .collect();
    }
}

#[track_caller]
fn with(kubernetes: &Kubernetes, change: impl Fn(&mut Pod), target: &str, expected: &[&str]) {
    let mut kubernetes = kubernetes.clone();
    for name in ["ops/log-1", "ops/log-2"] {
        kubernetes.pods.items.insert(key(name), daemon(&change));
    }
    check(&snapshot(Some(kubernetes)), target, 'W', expected);
}

#[test]
fn a_selector_on_a_label_that_goes() {
    let gone = |severity: &str| format!("{severity} RFW114 DaemonSet ops/log");
    // The next hop, a later one, none.
    with(
        &on_control_plane("1.23.17"),
        selecting_master,
        "1.24",
        &[&gone("blocking")],
    );
    with(
        &on_control_plane("1.22.17"),
        selecting_master,
        "1.25",
        &[&gone("warning")],
    );
    with(&on_control_plane("1.22.17"), selecting_master, "1.23", &[]);
    // Other installers set it on their own.
    let mut other = on_control_plane("1.23.17");
    other.distribution = Seen::Is(Distribution::K3s);
    with(&other, selecting_master, "1.24", &[&gone("info")]);
    // Gone for long: somebody set it again, or nobody did.
    with(&on_control_plane("1.35.8"), selecting_master, "1.36", &[]);
    let mut bare = on_control_plane("1.35.8");
    for node in bare.nodes.items.values_mut() {
        node.labels = labels(&[(CONTROL_PLANE, "")]);
    }
    with(&bare, selecting_master, "1.36", &[&gone("warning")]);
    // Another label.
    let by_os = |pod: &mut Pod| pod.node_selector = labels(&[("beta.kubernetes.io/os", "linux")]);
    with(&on_control_plane("1.23.17"), by_os, "1.37", &[]);
}

#[test]
fn a_toleration_of_the_old_taint_alone() {
    let renamed = ["warning RFW115 DaemonSet ops/log"];
    let old_alone = tolerating(&[Some(MASTER)]);
    with(&on_control_plane("1.23.17"), &old_alone, "1.25", &renamed);
    // The new taint comes with 1.24.
    with(&on_control_plane("1.22.17"), &old_alone, "1.23", &[]);
    with(&on_control_plane("1.24.17"), &old_alone, "1.25", &[]);
    let both = tolerating(&[Some(MASTER), Some(CONTROL_PLANE)]);
    with(&on_control_plane("1.23.17"), both, "1.25", &[]);
    let every = tolerating(&[Some(MASTER), None]);
    with(&on_control_plane("1.23.17"), every, "1.25", &[]);
    // A worker never bears it.
    let mut worker = on_control_plane("1.23.17");
    for node in worker.nodes.items.values_mut() {
        node.role = Seen::Is(NodeRole::Worker);
    }
    with(&worker, &old_alone, "1.25", &[]);
}

#[test]
fn an_affinity_or_a_spread_insists_as_a_selector_does() {
    let by_affinity = |pod: &mut Pod| pod.node_keys = BTreeSet::from([MASTER.to_owned()]);
    with(
        &on_control_plane("1.23.17"),
        by_affinity,
        "1.24",
        &["blocking RFW114 DaemonSet ops/log"],
    );
}

#[test]
fn a_template_tells_where_there_are_no_pods() {
    let insisting = |key: &str| {
        let (key, mut workload) = workload(key, Some(0), "web");
        workload.node_keys = BTreeSet::from([MASTER.to_owned()]);
        (key, workload)
    };
    let told = ["warning RFW114 Deployment shop/web"];
    let mut kubernetes = on_control_plane("1.23.17");
    kubernetes.workloads.items.extend([
        insisting("Deployment/shop/web"),
        // It has ended, or it would have pods.
        insisting("Job/shop/once"),
        workload("Deployment/shop/other", Some(0), "other"),
    ]);
    check(&snapshot(Some(kubernetes)), "1.24", 'W', &told);
    let mut files = manifests();
    files
        .workloads
        .items
        .extend([insisting("Deployment/shop/web")]);
    let found = check(&snapshot(Some(files)), "1.24", 'W', &told);
    assert_eq!(
        found[0].title,
        "pods of Deployment web will run only where the label node-role.kubernetes.io/master is, which goes in 1.24"
    );
}
