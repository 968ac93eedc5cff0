//! *Safety*: after every prefix of every plan, version skew, quorum and
//! disruption budgets hold.

use proptest::prelude::*;
use refit_executor::MemoryJournal;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Component as Skewed, SkewVerdict};
use refit_model::juju::StatusWord;
use refit_model::kubernetes::{ComponentKind, Cordon, Kubernetes};
use refit_model::rehearsal::Ending;
use refit_tests::landscapes::{charm, has_room, kubeadm, specs};
use refit_tests::line::{fitting, plan, run_on, seen, twin};

/// Everything about the cluster that is not safe, one sentence each.
fn dangers(kubernetes: &Kubernetes) -> Vec<String> {
    let mut found = Vec::new();
    let servers: Vec<_> = kubernetes
        .components
        .items
        .iter()
        .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
        .map(|(_, component)| component.version.get().unwrap().minor())
        .collect();
    let (oldest, newest) = (servers.iter().min().unwrap(), servers.iter().max().unwrap());
    if newest.ahead_of(*oldest).unwrap() > 1 {
        found.push(format!("API servers from {oldest} to {newest}"));
    }
    for (name, node) in &kubernetes.nodes.items {
        let kubelet = node.kubelet.get().unwrap().minor();
        for server in [*oldest, *newest] {
            let verdict = Knowledge::embedded()
                .skew()
                .judge(server, Skewed::Kubelet, kubelet);
            if !matches!(verdict, SkewVerdict::Allowed { .. }) {
                found.push(format!(
                    "kubelet {kubelet} on {name} beside API server {server}"
                ));
            }
        }
    }
    let cordoned = kubernetes
        .nodes
        .items
        .values()
        .filter(|node| node.cordon.get() == Some(&Cordon::Ours))
        .count();
    if cordoned > 1 {
        found.push(format!("{cordoned} nodes are out at once"));
    }
    for kind in [ComponentKind::Etcd, ComponentKind::KubeApiserver] {
        let members: Vec<_> = kubernetes
            .components
            .items
            .iter()
            .filter(|(key, _)| key.kind == kind)
            .map(|(_, component)| *component.ready.get().unwrap())
            .collect();
        let ready = members.iter().filter(|ready| **ready).count();
        // A control plane of one has no quorum to keep while it restarts; between
        // steps it has to be back.
        if ready <= members.len() / 2 {
            found.push(format!("{ready} of {} {kind} are ready", members.len()));
        }
    }
    for budget in kubernetes.budgets.items.values() {
        let status = budget.status.get().unwrap();
        if status.current_healthy < status.desired_healthy {
            found.push(format!(
                "budget {} has {} healthy of {}",
                budget.key, status.current_healthy, status.desired_healthy
            ));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_every_prefix(spec in specs()) {
        let snapshot = kubeadm(&spec);
        let made = plan(&fitting(&snapshot), &snapshot, &"1.34".parse().unwrap()).unwrap().plan;
        let twin = twin(&made, &snapshot);
        let mut found = Vec::new();
        let outcome = run_on(&made, &twin, &MemoryJournal::default(), "one", &mut |step| {
            let now = seen(&twin).kubernetes.unwrap();
            found.extend(dangers(&now).into_iter().map(|what| format!("after {step}: {what}")));
        })
        .unwrap();
        prop_assert_eq!(found, Vec::<String>::new());
        // The only worker cannot be drained under a budget: the plan then stops,
        // and stays safe.
        if has_room(&spec) {
            prop_assert_eq!(outcome.ending, Ending::Succeeded);
        }
    }
}

/// The law is able to fail: each danger is noticed.
#[test]
fn dangers_are_noticed() {
    let mut kubernetes = kubeadm(&Default::default()).kubernetes.unwrap();
    assert_eq!(dangers(&kubernetes), Vec::<String>::new());
    let mut nodes = kubernetes.nodes.items.values_mut();
    let first = nodes.next().unwrap();
    first.cordon = refit_model::seen::Seen::Is(Cordon::Ours);
    first.kubelet = refit_model::seen::Seen::Is("1.34.0".parse().unwrap());
    nodes.next().unwrap().cordon = refit_model::seen::Seen::Is(Cordon::Ours);
    for (key, component) in &mut kubernetes.components.items {
        if key.kind == ComponentKind::Etcd {
            component.ready = refit_model::seen::Seen::Is(false);
        }
    }
    let found = dangers(&kubernetes).join("; ");
    for word in ["kubelet 1.34", "2 nodes are out", "0 of 3 etcd"] {
        assert!(found.contains(word), "{found}");
    }
}

/// On the charm line: workers are never newer than the control plane, and no
/// more than one unit of an application is ever out of work between two steps.
#[test]
fn the_charm_after_every_prefix() {
    let snapshot = charm();
    let made = plan(&fitting(&snapshot), &snapshot, &"1.34.3".parse().unwrap())
        .unwrap()
        .plan;
    let twin = twin(&made, &snapshot);
    let mut found = Vec::new();
    let outcome = run_on(
        &made,
        &twin,
        &MemoryJournal::default(),
        "one",
        &mut |step| {
            let juju = seen(&twin).juju.unwrap();
            let versions = |charm: &str| -> Vec<_> {
                juju.applications
                    .items
                    .values()
                    .filter(|application| application.charm.as_str() == charm)
                    .flat_map(|application| application.units.items.values())
                    .map(|unit| unit.version.get().unwrap().clone())
                    .collect()
            };
            let oldest_server = versions("k8s").into_iter().min().unwrap();
            let newest_worker = versions("k8s-worker").into_iter().max().unwrap();
            if newest_worker > oldest_server {
                found.push(format!(
                    "after {step}: a worker at {newest_worker} beside {oldest_server}"
                ));
            }
            for (name, application) in &juju.applications.items {
                let changing = application
                    .units
                    .items
                    .values()
                    .filter(|unit| unit.workload.get().unwrap().word == StatusWord::Maintenance)
                    .count();
                if changing > 1 {
                    found.push(format!(
                        "after {step}: {changing} units of {name} are changing"
                    ));
                }
            }
        },
    )
    .unwrap();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(outcome.ending, Ending::Succeeded);
}
