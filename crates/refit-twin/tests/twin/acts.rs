//! Acts through the executor's port: what they do, what they refuse, and what
//! the twin knows of them afterwards.

use crate::support::Client;
use refit_model::act::{
    Act, Allowed, Answer, DrainAllowance, Epoch, EtcdAct, Fence, Intent, KubeAct, KubeadmAct,
    Refusal, Trace, op_key,
};
use refit_model::condition::{Condition, judge};
use refit_model::kubernetes::{Component, ComponentKey, ComponentKind, Cordon};
use refit_model::name::{NodeName, OpKey};
use refit_model::query::Query;
use refit_model::seen::Seen;
use refit_model::snapshot::Snapshot;
use refit_model::version::KubeVersion;
use refit_twin::{Fault, FaultKind, Twin, TwinOptions};
use serde_json::json;
use std::time::Duration;

const OLD: &str = "v1.33.5";
const NEW: &str = "v1.34.2";

pub(crate) fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

pub(crate) fn version(text: &str) -> KubeVersion {
    text.parse().unwrap()
}

/// Two control-plane nodes and three workers at 1.33.5; four pods under a budget
/// that lets one go, and a DaemonSet.
pub(crate) fn landscape() -> Snapshot {
    let mut k = Client::new(TwinOptions::default());
    for name in ["cp-1", "cp-2", "w-1", "w-2", "w-3"] {
        k.node(name, 110);
        k.patch(
            &format!("/api/v1/nodes/{name}/status"),
            &json!({"status": {"nodeInfo": {"kubeletVersion": OLD}}}),
        );
    }
    for name in ["cp-1", "cp-2"] {
        k.patch(
            &format!("/api/v1/nodes/{name}"),
            &json!({"spec": {"taints": [
                {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
            ]}}),
        );
    }
    k.namespace("shop");
    k.deploy("shop", "web", 4);
    k.workload(
        "/apis/apps/v1/namespaces/shop/daemonsets",
        "log",
        json!({}),
        "log",
        json!({}),
    );
    k.budget(
        "shop",
        "web",
        json!({"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}),
    );
    k.pass(30_000);
    let mut snapshot = k.twin.observe(&Query::Everything);
    let seen = snapshot.kubernetes.as_mut().unwrap();
    for name in ["cp-1", "cp-2"] {
        for kind in ComponentKind::ALL {
            let key = ComponentKey {
                node: node(name),
                kind,
            };
            let component = Component {
                version: Seen::Is(version(OLD)),
                ready: Seen::Is(true),
            };
            seen.components.items.insert(key, component);
        }
    }
    snapshot
}

struct Hands {
    twin: Twin,
    count: u32,
}

impl Hands {
    fn new(options: TwinOptions) -> Self {
        Self::over(&landscape(), options)
    }

    fn over(snapshot: &Snapshot, options: TwinOptions) -> Self {
        Self {
            twin: Twin::from_snapshot(snapshot, options).unwrap(),
            count: 0,
        }
    }

    fn intent(&mut self, act: Act) -> Intent {
        self.count += 1;
        let step = format!("step-{}", self.count);
        Intent {
            key: op_key(&"acts".parse().unwrap(), &step.parse().unwrap(), 1),
            epoch: Epoch(1),
            deadline: self.twin.now() + Duration::from_secs(60),
            act,
        }
    }

    fn act(&mut self, act: Act) -> Answer {
        let intent = self.intent(act);
        self.twin.act(&intent)
    }

    fn kube(&mut self, act: KubeAct) -> Answer {
        self.act(Act::Kube(act))
    }

    fn pass(&mut self, seconds: u64) {
        let until = self.twin.now() + Duration::from_secs(seconds);
        self.twin.advance_to(until);
    }

    fn holds(&self, condition: &Condition) -> bool {
        let everything = self.twin.observe(&Query::Everything);
        judge(condition, &everything).holds()
    }

    fn cordon(&self, name: &str) -> Cordon {
        let seen = self.twin.observe(&Query::Node(node(name)));
        let node = &seen.kubernetes.unwrap().nodes.items[&node(name)];
        node.cordon.get().unwrap().clone()
    }

    fn applied(&self, key: &OpKey) -> usize {
        let effects = self.twin.effects();
        effects
            .iter()
            .filter(|e| e.applied && e.key == *key)
            .count()
    }
}

fn done(answer: &Answer) -> bool {
    matches!(answer, Answer::Acknowledged { .. })
}

#[track_caller]
fn denied(answer: &Answer, with: &str) {
    let Answer::Refused(Refusal::Denied(why)) = answer else {
        panic!("{answer:?}");
    };
    assert!(why.contains(with), "{why}");
}

fn drain_of(name: &str) -> KubeAct {
    KubeAct::Drain {
        node: node(name),
        allow: DrainAllowance::default(),
    }
}

#[test]
fn a_cordon_of_others_stays_theirs() {
    let mut snapshot = landscape();
    let seen = snapshot.kubernetes.as_mut().unwrap();
    seen.nodes.items.get_mut(&node("w-1")).unwrap().cordon = Seen::Is(Cordon::Theirs);
    let mut hands = Hands::over(&snapshot, TwinOptions::default());
    for name in ["w-1", "w-2"] {
        assert!(done(&hands.kube(KubeAct::Cordon { node: node(name) })));
    }
    assert_eq!(hands.cordon("w-1"), Cordon::Theirs);
    assert_eq!(hands.cordon("w-2"), Cordon::Ours);
    for name in ["w-1", "w-2"] {
        assert!(done(&hands.kube(KubeAct::Uncordon { node: node(name) })));
    }
    assert_eq!(hands.cordon("w-1"), Cordon::Theirs);
    assert_eq!(hands.cordon("w-2"), Cordon::Open);
    let applied: Vec<_> = hands.twin.effects().iter().map(|e| e.applied).collect();
    assert_eq!(applied, [false, true, false, true]);
}

#[test]
fn a_drain_moves_what_its_budget_lets_go_and_names_the_rest() {
    let mut hands = Hands::new(TwinOptions::default());
    hands.kube(KubeAct::Cordon { node: node("w-1") });
    hands.kube(KubeAct::Cordon { node: node("w-2") });
    hands.kube(KubeAct::Cordon { node: node("w-3") });
    hands.kube(KubeAct::Uncordon { node: node("w-3") });
    // The four pods are on three nodes: at least one node has two.
    let crowded = ["w-1", "w-2", "w-3"]
        .into_iter()
        .find(|name| {
            let seen = hands.twin.observe(&Query::PodsOn(node(name)));
            let pods = seen.kubernetes.unwrap().pods.items;
            pods.values().filter(|pod| pod.is_drained()).count() == 2
        })
        .unwrap();
    hands.kube(KubeAct::Cordon {
        node: node(crowded),
    });
    let Answer::Acknowledged { waits_on, .. } = hands.kube(drain_of(crowded)) else {
        panic!("acknowledged");
    };
    assert_eq!(waits_on.len(), 1, "{waits_on:?}");
    assert!(waits_on[0].contains("budget shop/web"), "{waits_on:?}");
    assert!(!hands.holds(&Condition::NodeDrained(node(crowded))));
    hands.pass(10);
    assert!(done(&hands.kube(drain_of(crowded))));
    hands.pass(10);
    // The DaemonSet's pod stays.
    assert!(hands.holds(&Condition::NodeDrained(node(crowded))));
    assert!(hands.holds(&Condition::WorkloadsServed { on: None }));
    let seen = hands.twin.observe(&Query::PodsOn(node(crowded)));
    assert_eq!(seen.kubernetes.unwrap().pods.items.len(), 1);
}

#[test]
fn a_drain_that_would_lose_something_touches_nothing() {
    let mut snapshot = landscape();
    let seen = snapshot.kubernetes.as_mut().unwrap();
    let bare = seen
        .pods
        .items
        .values_mut()
        .find(|pod| pod.is_drained())
        .unwrap();
    bare.owner = None;
    let place = bare.node.clone().unwrap();
    let mut hands = Hands::over(&snapshot, TwinOptions::default());
    let before = hands.twin.observe(&Query::Pods);
    denied(&hands.kube(drain_of(place.as_str())), "never come back");
    let pods = |snapshot: Snapshot| snapshot.kubernetes.unwrap().pods;
    assert_eq!(pods(hands.twin.observe(&Query::Pods)), pods(before));
    let answer = hands.kube(KubeAct::Drain {
        node: place,
        allow: DrainAllowance {
            bare_pods: Allowed::Yes,
            empty_dirs: Allowed::No,
        },
    });
    assert!(done(&answer), "{answer:?}");
}

#[test]
fn kubeadm_replaces_one_component_after_another() {
    let mut hands = Hands::new(TwinOptions::default());
    let apply = |name: &str, to: &str| {
        Act::Kubeadm(KubeadmAct::Apply {
            node: node(name),
            to: version(to),
        })
    };
    denied(&hands.act(apply("cp-1", "v1.35.0")), "one minor at a time");
    denied(&hands.act(apply("cp-1", "v1.32.9")), "does not go down");
    denied(&hands.act(apply("w-1", NEW)), "no control plane");
    assert!(done(&hands.act(apply("cp-1", NEW))));
    let mut order = Vec::new();
    for _ in 0..120 {
        hands.pass(1);
        let seen = hands.twin.observe(&Query::ControlPlane).kubernetes.unwrap();
        let down: Vec<_> = seen
            .components
            .items
            .iter()
            .filter(|(_, component)| component.ready == Seen::Is(false))
            .map(|(key, _)| key.kind)
            .collect();
        assert!(down.len() <= 1, "{down:?}");
        if let [kind] = down.as_slice()
            && order.last() != Some(kind)
        {
            order.push(*kind);
        }
    }
    assert_eq!(order, ComponentKind::ALL);
    assert!(hands.holds(&Condition::ComponentsAt {
        node: node("cp-1"),
        version: version(NEW)
    }));
    // In front of two servers of two releases, the older is what counts.
    let seen = hands.twin.observe(&Query::ControlPlane).kubernetes.unwrap();
    assert_eq!(seen.server, Seen::Is(version(OLD)));

    let kubelet = |name: &str| {
        Act::Kubeadm(KubeadmAct::Kubelet {
            node: node(name),
            to: version(NEW),
        })
    };
    denied(&hands.act(kubelet("w-1")), "must not be newer");
    assert!(done(&hands.act(kubelet("cp-1"))));
    hands.pass(40);
    let other = Act::Kubeadm(KubeadmAct::Node {
        node: node("cp-2"),
        to: version(NEW),
    });
    assert!(done(&hands.act(other)));
    hands.pass(120);
    assert!(hands.holds(&Condition::ServersAt(version(NEW))));
    assert!(done(&hands.act(kubelet("w-1"))));
    hands.pass(20);
    assert!(!hands.holds(&Condition::NodeReady(node("w-1"))));
    hands.pass(10);
    assert!(hands.holds(&Condition::NodeReady(node("w-1"))));
    assert!(hands.holds(&Condition::KubeletAt {
        node: node("w-1"),
        version: version(NEW)
    }));
}

#[test]
fn a_copy_of_etcd_is_taken_once_per_key() {
    let mut hands = Hands::new(TwinOptions::default());
    let since = hands.twin.now();
    let save = Act::Etcd(EtcdAct::SnapshotSave { node: node("cp-1") });
    let intent = hands.intent(save);
    assert_eq!(hands.twin.probe(&intent.key), Trace::Absent);
    assert!(done(&hands.twin.act(&intent)));
    assert!(done(&hands.twin.act(&intent)));
    assert!(matches!(hands.twin.probe(&intent.key), Trace::Present(_)));
    hands.pass(10);
    assert!(hands.holds(&Condition::EtcdSnapshotTaken {
        node: node("cp-1"),
        since
    }));
    let seen = hands
        .twin
        .observe(&Query::EtcdSnapshots)
        .kubernetes
        .unwrap();
    assert_eq!(seen.etcd_snapshots.get().unwrap().len(), 1);
    assert_eq!(hands.applied(&intent.key), 1);
    denied(
        &hands.act(Act::Etcd(EtcdAct::SnapshotSave { node: node("w-1") })),
        "no etcd",
    );
}

#[test]
fn a_raised_fence_refuses_older_epochs() {
    let mut hands = Hands::new(TwinOptions::default());
    assert_eq!(hands.twin.fence(Epoch(3)), Fence::Raised);
    let answer = hands.kube(KubeAct::Cordon { node: node("w-1") });
    assert_eq!(answer, Answer::Refused(Refusal::Fenced(Epoch(3))));
    assert_eq!(hands.cordon("w-1"), Cordon::Open);
    // A fence is never lowered.
    hands.twin.fence(Epoch(2));
    let mut intent = hands.intent(Act::Kube(KubeAct::Cordon { node: node("w-1") }));
    intent.epoch = Epoch(2);
    assert!(!done(&hands.twin.act(&intent)));
    intent.epoch = Epoch(4);
    assert!(done(&hands.twin.act(&intent)));
}

#[test]
fn lost_answers_and_lost_requests_differ_in_what_happened() {
    for (kind, closed) in [
        (FaultKind::RequestLost, Cordon::Open),
        (FaultKind::AnswerLost, Cordon::Ours),
    ] {
        let mut hands = Hands::new(TwinOptions {
            faults: vec![Fault { act: 1, kind }],
            ..TwinOptions::default()
        });
        let intent = hands.intent(Act::Kube(KubeAct::Cordon { node: node("w-1") }));
        assert!(matches!(hands.twin.act(&intent), Answer::Unknown(_)));
        assert_eq!(hands.cordon("w-1"), closed, "{kind:?}");
        let known = matches!(hands.twin.probe(&intent.key), Trace::Present(_));
        assert_eq!(known, closed == Cordon::Ours, "{kind:?}");
        assert!(done(&hands.twin.act(&intent)));
        assert_eq!(hands.applied(&intent.key), 1, "{kind:?}");
    }
}
