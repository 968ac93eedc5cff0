//! Kubeadm plans that were broken on purpose.

use crate::case::{Break, CP1, CP2, W1, bare_pod, shop_pod, to};
use refit_model::act::{Act, Allowed, EffectClass, EtcdAct, KubeAct, KubeadmAct};
use refit_model::budget::{Amount, Bound};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::kubernetes::{
    ComponentKey, ComponentKind, Cordon, FailurePolicy, LocalData, Pod, Service, Webhook,
};
use refit_model::name::NodeName;
use refit_model::plan::Goal;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::step::{Step, StepKind, Subject, WayBack};
use refit_tests::landscapes::{budget_over, key, name};
use std::collections::BTreeMap;

/// Broken kubeadm plans: what was done to them, and the fatal objection.
pub(crate) const KUBEADM: &[(&str, &str, Break)] = &[
    ("another cluster's", "RFO102", |case| {
        case.snapshot.cluster.id = name("another");
    }),
    ("a node was added since", "RFO103", |case| {
        let node = case.side().nodes.items[&name::<NodeName>("pool-2-1")].clone();
        case.side().nodes.items.insert(name("pool-2-2"), node);
    }),
    ("a budget was changed since", "RFO103", |case| {
        let budget = case.side().budgets.items.values_mut().next().unwrap();
        budget.bound = Some(Bound::MaxUnavailable(Amount::Pods(2)));
    }),
    ("a workload was scaled since", "RFO103", |case| {
        for workload in case.side().workloads.items.values_mut() {
            workload.replicas = workload.replicas.map(|count| count + 1);
        }
    }),
    ("two minors at once", "RFO104", |case| {
        case.hop().to = to("v1.35.8");
    }),
    ("back a minor", "RFO105", |case| {
        case.hop().to = to("v1.32.1");
    }),
    ("back a patch", "RFO105", |case| {
        case.hop().to = to("v1.33.1");
    }),
    ("to another major", "RFO104", |case| {
        case.hop().to = to("v2.0.0");
    }),
    ("to a minor that nobody knows", "RFO106", |case| {
        case.hop().to = to("v1.99.0");
    }),
    ("from what does not run", "RFO108", |case| {
        case.hop().from = to("v1.33.9");
    }),
    ("the servers were upgraded meanwhile", "RFO108", |case| {
        for component in case.side().components.items.values_mut() {
            component.version = Seen::Is(to("v1.35.0"));
        }
    }),
    ("beyond the target", "RFO109", |case| {
        if let Goal::Kubernetes { target, .. } = &mut case.plan.spec.goal {
            *target = name("1.33");
        }
    }),
    ("a step twice", "RFO110", |case| {
        let step = case.step(&format!("{W1}/cordon")).clone();
        case.plan.spec.stages.last_mut().unwrap().steps.push(step);
    }),
    (
        "a step that waits for nothing that exists",
        "RFO111",
        |case| {
            case.step("verify/servers-at").after = vec![name("verify/nothing")];
        },
    ),
    ("steps in a circle", "RFO112", |case| {
        case.step(&format!("{CP1}/apply")).after = vec![name("verify/servers-at")];
    }),
    ("a step that waits for itself", "RFO112", |case| {
        case.step("verify/servers-at").after = vec![name("verify/servers-at")];
    }),
    ("a change before every look", "RFO161", |case| {
        let first = case.step(&format!("{CP1}/apply")).clone();
        let mut stage = case.plan.spec.stages[0].clone();
        stage.id = name("at-once");
        stage.steps = vec![first];
        case.plan.spec.stages.insert(0, stage);
    }),
    ("looks in which nothing is seen", "RFO161", |case| {
        for stage in &mut case.plan.spec.stages {
            for step in &mut stage.steps {
                if step.kind == StepKind::Check {
                    step.reaches.clear();
                    step.expects.clear();
                }
            }
        }
    }),
    ("no look after the last change", "RFO162", |case| {
        case.remove_stage("verify");
        for stage in &mut case.plan.spec.stages {
            stage.steps.retain(|step| step.kind != StepKind::Verify);
        }
    }),
    ("two steps at a time", "RFO113", |case| {
        case.plan.spec.pace = 2;
    }),
    ("a node closed while another is", "RFO114", |case| {
        case.remove(&format!("{W1}/uncordon"));
    }),
    ("a node that an earlier run left closed", "RFO114", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes.get_mut(&name::<NodeName>("pool-2-1")).unwrap().cordon = Seen::Is(Cordon::Ours);
    }),
    (
        "an upgrade that does not wait for its drain",
        "RFO115",
        |case| {
            case.step(&format!("{W1}/kubelet")).after = vec![name("preflight/nodes-ready")];
        },
    ),
    (
        "workers that do not wait for the control plane",
        "RFO115",
        |case| {
            for check in ["budgets", "bare-pods"] {
                case.step(&format!("{W1}/{check}")).after = Vec::new();
            }
        },
    ),
    ("workers before the control plane", "RFO120", |case| {
        case.move_stage(W1, CP1);
    }),
    (
        "a worker between the control-plane nodes",
        "RFO120",
        |case| {
            case.move_stage(W1, CP2);
        },
    ),
    ("a kubelet before its own control plane", "RFO125", |case| {
        case.remove(&format!("{CP2}/upgrade"));
    }),
    ("a kubelet that is too old already", "RFO121", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes
            .get_mut(&name::<NodeName>("pool-1-1"))
            .unwrap()
            .kubelet = Seen::Is(to("v1.30.2"));
    }),
    ("a node left too far behind", "RFO121", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes
            .get_mut(&name::<NodeName>("pool-1-1"))
            .unwrap()
            .kubelet = Seen::Is(to("v1.29.2"));
        case.remove_stage(W1);
    }),
    ("a control-plane node left out", "RFO122", |case| {
        case.remove_stage("other-control-plane/cp-3");
    }),
    ("no apply at all", "RFO123", |case| {
        case.remove(&format!("{CP1}/apply"));
    }),
    ("the other control-plane nodes first", "RFO123", |case| {
        case.move_stage(CP2, CP1);
    }),
    ("apply on two nodes", "RFO124", |case| {
        case.step(&format!("{CP2}/upgrade")).act = Some(Act::Kubeadm(KubeadmAct::Apply {
            node: name("cp-2"),
            to: to("v1.34.11"),
        }));
    }),
    ("a kubelet upgraded on an open node", "RFO126", |case| {
        case.remove(&format!("{W1}/cordon"));
    }),
    ("a kubelet upgraded under running pods", "RFO127", |case| {
        case.remove(&format!("{W1}/drain"));
    }),
    ("a node opened before its upgrade", "RFO127", |case| {
        let stages = &mut case.plan.spec.stages;
        let stage = stages
            .iter_mut()
            .find(|stage| stage.id.as_str() == W1)
            .unwrap();
        let place = |ending: &str, steps: &[Step]| {
            steps
                .iter()
                .position(|step| step.id.as_str().ends_with(ending))
                .unwrap()
        };
        let uncordon = stage.steps.remove(place("/uncordon", &stage.steps));
        let kubelet = place("/kubelet", &stage.steps);
        stage.steps.insert(kubelet, uncordon);
        case.relink();
    }),
    ("the last node left closed", "RFO128", |case| {
        case.remove("node-pools/pool-2-1/uncordon");
    }),
    ("a node that does not exist", "RFO130", |case| {
        case.side()
            .nodes
            .items
            .remove(&name::<NodeName>("pool-1-2"));
    }),
    ("a control plane on a worker", "RFO131", |case| {
        case.side()
            .components
            .items
            .retain(|key, _| key.node.as_str() != "cp-3");
    }),
    ("another release on one node", "RFO132", |case| {
        case.step(&format!("{W1}/kubelet")).act = Some(Act::Kubeadm(KubeadmAct::Kubelet {
            node: name("pool-1-1"),
            to: to("v1.34.2"),
        }));
    }),
    ("a kubelet that goes back", "RFO134", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes
            .get_mut(&name::<NodeName>("pool-1-1"))
            .unwrap()
            .kubelet = Seen::Is(to("v1.34.12"));
    }),
    ("a drain of an open node", "RFO135", |case| {
        case.remove("control-plane-nodes/cp-1/cordon");
    }),
    ("no copy of etcd", "RFO140", |case| {
        case.remove_stage("backup/cp-1");
    }),
    ("the copy of etcd too late", "RFO140", |case| {
        case.move_stage("backup/cp-1", CP2);
    }),
    ("a copy of etcd on a worker", "RFO141", |case| {
        let step = case.step("backup/cp-1/etcd-snapshot");
        step.act = Some(Act::Etcd(EtcdAct::SnapshotSave {
            node: name("pool-1-1"),
        }));
    }),
    ("an old copy of etcd would do", "RFO142", |case| {
        case.step("backup/cp-1/etcd-snapshot").reaches = vec![Condition::EtcdSnapshotTaken {
            node: name("cp-1"),
            since: name("2026-01-01T00:00:00Z"),
        }];
    }),
    ("no return and no copy", "RFO143", |case| {
        case.remove_stage("backup/cp-1");
    }),
    ("nothing to undo, it says", "RFO144", |case| {
        case.step(&format!("{W1}/kubelet")).way_back = WayBack::NothingToUndo;
    }),
    ("a way back without words", "RFO144", |case| {
        case.step(&format!("{CP1}/apply")).way_back = WayBack::ByHand(" ".to_owned());
    }),
    ("an act without an end", "RFO150", |case| {
        case.step(&format!("{W1}/drain")).reaches = Vec::new();
    }),
    ("an end that speaks of another node", "RFO151", |case| {
        case.step(&format!("{W1}/kubelet")).reaches = vec![Condition::KubeletAt {
            node: name("pool-1-2"),
            version: to("v1.34.11"),
        }];
    }),
    ("an end with an alternative", "RFO151", |case| {
        let step = case.step(&format!("{CP1}/apply"));
        let real = step.reaches.clone();
        step.reaches = vec![Condition::Any(
            [real, vec![Condition::ControlPlaneReady]].concat(),
        )];
    }),
    ("an end that is only readiness", "RFO151", |case| {
        case.step(&format!("{CP1}/apply")).reaches = vec![Condition::ControlPlaneReady];
    }),
    ("no look at the servers' versions", "RFO152", |case| {
        case.remove("verify/servers-at");
    }),
    ("no look at a kubelet's version", "RFO152", |case| {
        case.remove(&format!("{W1}/ready"));
        case.remove(&format!("{W1}/verify"));
    }),
    ("a look at the wrong version", "RFO152", |case| {
        case.step("verify/servers-at").reaches = vec![Condition::ServersAt(to("v1.33.5"))];
    }),
    ("an act taken for safer than it is", "RFO153", |case| {
        case.step(&format!("{CP1}/apply")).effect = EffectClass::Converge;
    }),
    ("an act sent again that may not be", "RFO154", |case| {
        let step = case.step(&format!("{CP1}/apply"));
        step.effect = EffectClass::Blind;
        step.resend = Some(Seconds::new(5));
    }),
    ("a look sent again", "RFO154", |case| {
        case.step("verify/servers-at").resend = Some(Seconds::new(5));
    }),
    ("no time at all", "RFO155", |case| {
        case.step(&format!("{W1}/drain")).timeout = Seconds::new(0);
    }),
    ("a week for a drain", "RFO155", |case| {
        case.step(&format!("{W1}/drain")).timeout = Seconds::minutes(7 * 24 * 60);
    }),
    ("an end without a look", "RFO156", |case| {
        case.step(&format!("{W1}/kubelet")).settle.samples = 0;
    }),
    ("looks without time between them", "RFO156", |case| {
        case.step(&format!("{W1}/kubelet")).settle.every = Seconds::new(0);
    }),
    ("more looks than time", "RFO157", |case| {
        let step = case.step(&format!("{W1}/ready"));
        step.settle.samples = 500;
    }),
    ("a drain that calls itself a check", "RFO158", |case| {
        case.step(&format!("{W1}/drain")).kind = StepKind::Check;
    }),
    ("a step about another node", "RFO159", |case| {
        case.step(&format!("{W1}/drain")).subject = Subject::Node(name("pool-1-2"));
    }),
    ("a drain sent once", "RFO160", |case| {
        case.step(&format!("{W1}/drain")).resend = None;
    }),
    ("a budget that can never let a pod go", "RFO170", |case| {
        let budget = budget_over(
            &key("shop", "app-1"),
            Bound::MinAvailable(Amount::Pods(3)),
            3,
        );
        case.side()
            .budgets
            .items
            .insert(key("shop", "app-1"), budget);
    }),
    ("a budget without a bound", "RFO170", |case| {
        let budget = case.side().budgets.items.values_mut().next().unwrap();
        budget.bound = None;
        if let Seen::Is(status) = &mut budget.status {
            (status.expected_pods, status.desired_healthy) = (0, 0);
        }
    }),
    ("a budget that cannot sync", "RFO171", |case| {
        let budget = case.side().budgets.items.values_mut().next().unwrap();
        if let Seen::Is(status) = &mut budget.status {
            status.sync_failure =
                Some("jobs.batch does not implement the scale subresource".to_owned());
        }
    }),
    ("two budgets over one pod", "RFO172", |case| {
        let mut second = case.side().budgets.items.values().next().unwrap().clone();
        second.key = key("shop", "second");
        case.side()
            .budgets
            .items
            .insert(key("shop", "second"), second);
    }),
    ("a bare pod in the way", "RFO173", bare_pod),
    ("a bare pod lost silently", "RFO175", |case| {
        bare_pod(case);
        for stage in &mut case.plan.spec.stages {
            for step in &mut stage.steps {
                if let Some(Act::Kube(KubeAct::Drain { allow, .. })) = &mut step.act {
                    allow.bare_pods = Allowed::Yes;
                }
            }
        }
    }),
    ("an emptyDir in the way", "RFO176", |case| {
        for stage in &mut case.plan.spec.stages {
            for step in &mut stage.steps {
                if let Some(Act::Kube(KubeAct::Drain { allow, .. })) = &mut step.act {
                    allow.empty_dirs = Allowed::No;
                }
            }
        }
    }),
    ("nodes that were not all seen", "RFO180", |case| {
        case.side().nodes.extent = Extent::Part(Unseen::NotInSource);
    }),
    ("pods that were not all seen", "RFO180", |case| {
        case.side().pods.extent = Extent::Part(Unseen::Forbidden("403".to_owned()));
    }),
    ("budgets that were not all seen", "RFO180", |case| {
        case.side().budgets.extent = Extent::Part(Unseen::NotInSource);
    }),
    ("a budget whose status was not seen", "RFO180", |case| {
        let budget = case.side().budgets.items.values_mut().next().unwrap();
        budget.status = Seen::Gap(Unseen::NotInSource);
    }),
    ("a kubelet that was not seen", "RFO180", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes
            .get_mut(&name::<NodeName>("pool-1-1"))
            .unwrap()
            .kubelet = Seen::Gap(Unseen::NotInSource);
    }),
    ("a control plane that was not seen", "RFO180", |case| {
        case.side().components = Listing::unseen(Unseen::NotInSource);
    }),
    ("no Kubernetes side at all", "RFO180", |case| {
        case.snapshot.kubernetes = None;
    }),
    ("etcd with a member missing", "RFO182", |case| {
        let member = ComponentKey {
            node: name("cp-2"),
            kind: ComponentKind::Etcd,
        };
        case.side().components.items.get_mut(&member).unwrap().ready = Seen::Is(false);
    }),
    ("an API server that is not ready", "RFO183", |case| {
        let server = ComponentKey {
            node: name("cp-2"),
            kind: ComponentKind::KubeApiserver,
        };
        case.side().components.items.get_mut(&server).unwrap().ready = Seen::Is(false);
    }),
];

/// What a person should know, without a ban.
pub(crate) const CAUTIONS: &[(&str, &str, Break)] = &[
    ("a patch newer than the newest known", "RFO107", |case| {
        case.hop().to = to("v1.34.99");
    }),
    ("made with other knowledge", "RFO116", |case| {
        case.plan.spec.made_from.knowledge = "1999.01.1".to_owned();
    }),
    ("a node left behind", "RFO129", |case| case.remove_stage(W1)),
    ("a pod tied to its node", "RFO177", |case| {
        let (found, mut pod) = shop_pod(case);
        pod.local_data = LocalData::LocalVolume(pod.node.clone().unwrap());
        case.side().pods.items.insert(found, pod);
    }),
    ("a webhook behind one node", "RFO178", |case| {
        let (_, pod) = shop_pod(case);
        let labels = BTreeMap::from([("app".to_owned(), "gate".to_owned())]);
        let gate = Pod {
            labels: labels.clone(),
            ..pod
        };
        let side = case.side();
        side.pods.items.insert(key("shop", "gate-1"), gate);
        let service = Service {
            selector: Some(refit_model::selector::Selector {
                match_labels: labels,
                match_expressions: Vec::new(),
            }),
            ..Service::default()
        };
        side.services.items.insert(key("shop", "gate"), service);
        let webhook = Webhook {
            failure_policy: FailurePolicy::Fail,
            service: Some(key("shop", "gate")),
            port: 443,
            rules: Vec::new(),
            timeout_seconds: 10,
        };
        side.webhooks
            .items
            .insert(name("Validating/gate/check.example"), webhook);
    }),
    ("a node that is not ready", "RFO181", |case| {
        let nodes = &mut case.side().nodes.items;
        nodes.get_mut(&name::<NodeName>("pool-1-1")).unwrap().ready = Seen::Is(false);
    }),
];
