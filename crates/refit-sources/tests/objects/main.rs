//! One object of each kind, and what an upgrade needs to know of it.

#![cfg(test)]

mod cluster;
#[path = "../reading/mod.rs"]
mod reading;

use reading::{kubernetes, one};
use refit_model::budget::UnhealthyPods;
use refit_model::kubernetes::{
    Cordon, FailurePolicy, LocalData, NodeRole, Phase, WebhookKind, WorkloadKind,
};
use refit_model::object::{Application, ApplicationSign};
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::Selector;
use refit_sources::kube;
use serde_json::{Value, json};

/// `base` with `more` laid over it, field by field.
fn with(base: &Value, more: Value) -> Value {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => {
            let mut merged = base.clone();
            for (key, value) in more {
                let below = merged.get(&key).cloned().unwrap_or(Value::Null);
                merged.insert(key, with(&below, value));
            }
            Value::Object(merged)
        }
        (_, more) => more,
    }
}

fn node(more: Value) -> Value {
    with(
        &json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n-1"}}),
        more,
    )
}

fn pod(more: Value) -> Value {
    let base = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "p-1"},
    });
    with(&base, more)
}

#[test]
fn nodes_have_roles_pools_and_zones() {
    let labelled = |labels: Value| {
        kube::node::node(&node(json!({"metadata": {"labels": labels}})))
            .unwrap()
            .1
    };
    let plain = labelled(json!({}));
    assert_eq!(plain.role, Seen::Is(NodeRole::Worker));
    assert_eq!(plain.pool, Seen::Is(None));
    assert_eq!(plain.zone, Seen::Is(None));
    assert_eq!(plain.kubelet, Seen::Gap(Unseen::NotInSource));
    assert_eq!(plain.ready, Seen::Gap(Unseen::NotInSource));
    assert_eq!(plain.allocatable, Seen::Gap(Unseen::NotInSource));
    for label in kube::node::CONTROL_PLANE_LABELS {
        assert_eq!(
            labelled(json!({label: ""})).role,
            Seen::Is(NodeRole::ControlPlane)
        );
    }
    // The order of the pool labels is that in which they are believed.
    let mut labels = json!({});
    for label in kube::node::POOL_LABELS.iter().rev() {
        labels[*label] = json!(label.replace('/', "-"));
        let pool = labelled(labels.clone()).pool;
        assert_eq!(
            pool.get().unwrap().as_ref().unwrap().as_str(),
            label.replace('/', "-")
        );
    }
    let zoned = labelled(json!({kube::node::ZONE_LABEL: "a"}));
    assert_eq!(zoned.zone.get().unwrap().as_ref().unwrap().as_str(), "a");
}

#[test]
fn cordons_are_ours_or_theirs() {
    #[track_caller]
    fn check(spec: Value, annotations: Value, expected: Cordon) {
        let object = node(json!({"metadata": {"annotations": annotations}, "spec": spec}));
        let (_, node) = kube::node::node(&object).unwrap();
        assert_eq!(node.cordon, Seen::Is(expected));
        // The cordon's own taint is not told twice.
        assert!(
            node.taints.iter().all(|taint| taint.key == "gpu"),
            "{:?}",
            node.taints
        );
    }
    let taints = json!([
        {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
        {"key": "gpu", "value": "yes", "effect": "NoExecute"},
    ]);
    let ours = json!({kube::node::CORDONED_BY: "run-1"});
    check(json!({"taints": taints}), json!({}), Cordon::Open);
    check(json!({"unschedulable": false}), ours.clone(), Cordon::Open);
    check(
        json!({"unschedulable": true, "taints": taints}),
        json!({}),
        Cordon::Theirs,
    );
    check(json!({"unschedulable": true}), ours, Cordon::Ours);
}

#[test]
fn kubelets_and_conditions() {
    let status = json!({"status": {
        "nodeInfo": {"kubeletVersion": "v1.31.9-eks-abc"},
        "conditions": [{"type": "Ready", "status": "Unknown"}],
        "allocatable": {"cpu": "3800m", "memory": "15728640Ki", "pods": "110"},
    }});
    let (_, seen) = kube::node::node(&node(status)).unwrap();
    assert_eq!(seen.kubelet.get().unwrap().to_string(), "v1.31.9-eks-abc");
    assert_eq!(seen.ready, Seen::Is(false));
    let room = seen.allocatable.get().unwrap();
    assert_eq!(
        (room.cpu_millis, room.memory_bytes, room.pods),
        (3800, 15_728_640 << 10, 110)
    );
    let odd = json!({"status": {"nodeInfo": {"kubeletVersion": "latest"}}});
    let (_, seen) = kube::node::node(&node(odd)).unwrap();
    assert!(matches!(seen.kubelet, Seen::Gap(Unseen::Failed(_))));
}

#[test]
fn pods_ask_for_what_the_scheduler_counts() {
    #[track_caller]
    fn check(spec: Value, cpu_millis: u64, memory_mib: u64) {
        let (_, pod) = kube::pod::pod(&pod(json!({"spec": spec}))).unwrap();
        let found = (pod.requests.cpu_millis, pod.requests.memory_bytes >> 20);
        assert_eq!(found, (cpu_millis, memory_mib), "{spec}");
        assert_eq!(pod.requests.pods, 1);
    }
    let asks = |cpu: &str, memory: &str| json!({"resources": {"requests": {"cpu": cpu, "memory": memory}}});
    let two = json!([asks("100m", "64Mi"), asks("0.2", "64Mi")]);
    check(json!({}), 0, 0);
    check(json!({"containers": two}), 300, 128);
    check(
        json!({"containers": two, "initContainers": [asks("1", "32Mi")]}),
        1000,
        128,
    );
    // A sidecar runs beside the others, and beside what starts after it.
    let sidecar = with(&asks("500m", "10Mi"), json!({"restartPolicy": "Always"}));
    check(
        json!({"containers": two, "initContainers": [sidecar]}),
        800,
        138,
    );
    check(
        json!({"containers": two, "initContainers": [sidecar, asks("1", "1Mi")]}),
        1500,
        138,
    );
    check(
        json!({"containers": two, "overhead": {"cpu": "50m", "memory": "1Mi"}}),
        350,
        129,
    );
    check(
        json!({"containers": two, "resources": {"requests": {"cpu": "2"}}}),
        2000,
        128,
    );
    // A limit without a request counts as one; YAML may have made numbers of it.
    check(
        json!({"containers": [{"resources": {"limits": {"cpu": 2, "memory": 1_048_576}}}]}),
        2000,
        1,
    );
    check(json!({"containers": [asks("junk", "-1")]}), 0, 0);
}

#[test]
fn pods_bear_with_taints_as_they_say() {
    let tolerations = json!([
        {"operator": "Exists"},
        {"key": "a", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "b", "value": "1", "effect": "NoExecute", "tolerationSeconds": 300},
        {"key": "c"},
        {"key": "d", "operator": "Gt", "value": "3"},
        {"key": "e", "effect": "Sideways"},
    ]);
    let (_, pod) = kube::pod::pod(&pod(json!({"spec": {"tolerations": tolerations}}))).unwrap();
    let found: Vec<_> = pod
        .tolerations
        .iter()
        .map(|t| (t.key.as_deref(), t.value.as_deref(), t.effect.is_some()))
        .collect();
    // What is not understood tolerates nothing.
    assert_eq!(
        found,
        [
            (None, None, false),
            (Some("a"), None, true),
            (Some("b"), Some("1"), true),
            (Some("c"), Some(""), false),
        ]
    );
}

#[test]
fn pods_have_phases_and_owners() {
    let read = |more: Value| kube::pod::pod(&pod(more)).unwrap().1;
    let bare = read(json!({}));
    assert_eq!(
        (bare.phase, bare.ready.clone()),
        (Phase::Pending, Seen::Gap(Unseen::NotInSource))
    );
    assert_eq!((bare.grace_seconds, bare.is_bare()), (30, true));
    let pending = read(json!({"status": {"phase": "Pending"}}));
    assert_eq!(pending.ready, Seen::Is(false));
    let mirror = read(json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}}));
    assert!(mirror.mirror && !mirror.is_bare());
    let leaving = read(json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}));
    assert!(leaving.terminating);
    // An owner that is not the controller will not make the pod again.
    let reference = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "u"});
    let kept = read(json!({"metadata": {"ownerReferences": [reference]}}));
    assert!(kept.is_bare());
    let made = with(&reference, json!({"controller": true}));
    let made = read(json!({"metadata": {"ownerReferences": [made]}}));
    assert!(made.is_daemon());
    let scratch = read(json!({"spec": {"volumes": [{"name": "s", "emptyDir": {}}]}}));
    assert_eq!(scratch.local_data, LocalData::EmptyDir);
}

#[test]
fn budgets_say_what_they_ask_for() {
    let read = |spec: Value| {
        let base = json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "shop", "generation": 3},
        });
        kube::budget::budget(&with(&base, spec))
    };
    let budget = read(json!({"spec": {"minAvailable": 2}})).unwrap();
    assert_eq!(budget.bound.unwrap().to_string(), "minAvailable 2");
    assert_eq!((budget.selector, budget.generation), (None, 3));
    assert_eq!(budget.status, Seen::Gap(Unseen::NotInSource));
    let budget = read(json!({"spec": {"maxUnavailable": "30%", "selector": {}, "unhealthyPodEvictionPolicy": "AlwaysAllow"}})).unwrap();
    assert_eq!(budget.bound.unwrap().to_string(), "maxUnavailable 30%");
    assert_eq!(budget.selector, Some(Selector::default()));
    assert_eq!(budget.unhealthy, UnhealthyPods::AlwaysAllow);
    // The old version read an empty selector as one that matches nothing.
    let old = read(json!({"apiVersion": "policy/v1beta1", "spec": {"selector": {}}})).unwrap();
    assert_eq!((old.selector, old.bound), (None, None));
    let failed = json!({"status": {"disruptionsAllowed": 0, "expectedPods": 2, "conditions": [
        {"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": "no scale"},
    ]}});
    let status = read(failed).unwrap().status.get().unwrap().clone();
    assert_eq!(
        (status.expected_pods, status.sync_failure.as_deref()),
        (2, Some("no scale"))
    );
    assert!(read(json!({"spec": {"minAvailable": "most"}})).is_err());
    assert!(read(json!({"spec": {"minAvailable": -1}})).is_err());
    let odd =
        json!({"spec": {"selector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}}});
    assert!(read(odd).is_err());
}

#[test]
fn workloads_count_their_pods() {
    #[track_caller]
    fn check(kind: WorkloadKind, more: Value, replicas: Option<u32>, ready: Seen<u32>) {
        let base = json!({"metadata": {"name": "w", "namespace": "shop"}});
        let (_, workload) = kube::workload::workload(kind, &with(&base, more)).unwrap();
        assert_eq!(
            (workload.replicas, workload.ready),
            (replicas, ready),
            "{kind:?}"
        );
    }
    let unseen = || Seen::Gap(Unseen::NotInSource);
    check(WorkloadKind::Deployment, json!({}), Some(1), unseen());
    let three = json!({"spec": {"replicas": 3}, "status": {"readyReplicas": 2}});
    check(WorkloadKind::StatefulSet, three, Some(3), Seen::Is(2));
    let none = json!({"spec": {"replicas": 0}, "status": {"observedGeneration": 1}});
    check(WorkloadKind::ReplicaSet, none, Some(0), Seen::Is(0));
    check(
        WorkloadKind::DaemonSet,
        json!({"status": {"numberReady": 7}}),
        None,
        Seen::Is(7),
    );
    check(
        WorkloadKind::Job,
        json!({"status": {"ready": 1}}),
        None,
        Seen::Is(1),
    );
    let old = json!({"metadata": {"name": "w"}, "spec": {"selector": {"app": "x"}}});
    let (_, old) = kube::workload::workload(WorkloadKind::ReplicationController, &old).unwrap();
    assert_eq!(old.selector.match_labels["app"], "x");
}

#[test]
fn webhooks_have_the_defaults_of_their_version() {
    let read = |version: &str, webhook: Value| {
        let object = json!({
            "apiVersion": format!("admissionregistration.k8s.io/{version}"),
            "metadata": {"name": "guard"}, "webhooks": [webhook],
        });
        kube::webhook::webhooks(WebhookKind::Validating, &object).map(|mut found| found.remove(0))
    };
    let (key, new) = read("v1", json!({"name": "a.b.c"})).unwrap();
    assert_eq!(key.to_string(), "Validating/guard/a.b.c");
    assert_eq!(
        (new.failure_policy, new.timeout_seconds, new.service),
        (FailurePolicy::Fail, 10, None)
    );
    let (_, old) = read("v1beta1", json!({"name": "a"})).unwrap();
    assert_eq!(
        (old.failure_policy, old.timeout_seconds),
        (FailurePolicy::Ignore, 30)
    );
    let (_, full) = read("v1", json!({
        "name": "a", "failurePolicy": "Ignore", "timeoutSeconds": 3,
        "clientConfig": {"service": {"namespace": "x", "name": "y"}},
        "rules": [{"operations": ["CREATE", "UPDATE"], "apiGroups": ["", "apps"], "apiVersions": ["v1"], "resources": ["pods"]}],
    })).unwrap();
    assert_eq!(full.service.unwrap().to_string(), "x/y");
    assert_eq!(
        full.rules,
        [
            "CREATE /v1/pods",
            "CREATE apps/v1/pods",
            "UPDATE /v1/pods",
            "UPDATE apps/v1/pods"
        ]
    );
    assert!(read("v1", json!({})).is_err());
}

#[test]
fn definitions_tell_what_is_stored() {
    let read = |more: Value| {
        let base = json!({"metadata": {"name": "berths.harbour.example"}, "spec": {
            "group": "harbour.example", "names": {"kind": "Berth"}}});
        kube::definition::definition(&with(&base, more)).unwrap().1
    };
    let versions = json!([
        {"name": "v1", "served": true, "storage": true},
        {"name": "v1alpha1", "served": false, "storage": false},
    ]);
    let live = read(
        json!({"spec": {"versions": versions}, "status": {"storedVersions": ["v1alpha1", "v1"]}}),
    );
    assert_eq!(
        (live.served, live.stored),
        (
            vec!["v1".to_owned()],
            vec!["v1alpha1".to_owned(), "v1".to_owned()]
        )
    );
    let written = read(json!({"spec": {"versions": versions}}));
    assert_eq!(written.stored, ["v1"]);
    assert_eq!(written.application, None);
    let labels = json!({"app.kubernetes.io/part-of": "harbour"});
    let owned = read(json!({"metadata": {"labels": labels}})).application;
    assert_eq!(owned.unwrap().name, "harbour");
    let old = read(json!({"spec": {"version": "v1beta1"}}));
    assert_eq!(
        (old.served, old.stored),
        (vec!["v1beta1".to_owned()], vec!["v1beta1".to_owned()])
    );
}

/// A component's version is read from its image, whatever stands around it.
#[test]
fn components_are_known_by_their_images() {
    #[track_caller]
    fn check(image: &str, expected: Option<&str>) {
        let object = pod(json!({
            "metadata": {"namespace": "kube-system", "name": "kube-proxy-x", "labels": {"k8s-app": "kube-proxy"}},
            "spec": {"containers": [{"image": image}]},
        }));
        let (key, pod) = kube::pod::pod(&object).unwrap();
        let version = kube::component::kube_proxy(&key, &pod).unwrap();
        assert_eq!(
            version.get().map(ToString::to_string).as_deref(),
            expected,
            "{image}"
        );
    }
    check("registry.k8s.io/kube-proxy:v1.31.9", Some("v1.31.9"));
    check(
        "registry.k8s.io/kube-proxy:v1.31.9@sha256:0123",
        Some("v1.31.9"),
    );
    check("localhost:5000/kube-proxy-amd64:v1.20.1", Some("v1.20.1"));
    check(
        "602401.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.31.2-minimal-eksbuild.3",
        Some("v1.31.2-minimal-eksbuild.3"),
    );
    check("registry.k8s.io/kube-proxy@sha256:0123", None);
    check("localhost:5000/kube-proxy", None);
    check("registry.k8s.io/kube-proxy:latest", None);
    check("", None);
}

#[test]
fn applications_are_inherited_from_owners() {
    let owned = |kind: &str,
                 name: &str,
                 uid: &str,
                 owner: Option<(&str, &str, &str)>,
                 labels: Value,
                 annotations: Value| {
        let references: Vec<Value> = owner
            .into_iter()
            .map(|(kind, name, uid)| json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true}))
            .collect();
        let api = if kind == "Pod" { "v1" } else { "apps/v1" };
        json!({"apiVersion": api, "kind": kind, "metadata": {
            "name": name, "namespace": "shop", "uid": uid, "labels": labels,
            "annotations": annotations, "ownerReferences": references,
        }})
    };
    #[track_caller]
    fn check(objects: &[Value], expected: &str, by: ApplicationSign) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let reading = one("dump.json", &list.to_string());
        let cluster = kubernetes(&reading);
        let pod = cluster.pods.items.values().next().unwrap();
        let expected = Application {
            name: expected.to_owned(),
            by,
        };
        assert_eq!(pod.application, expected);
        let used = cluster
            .api_uses
            .iter()
            .find(|used| used.api.kind == "Pod")
            .unwrap();
        assert_eq!(used.application, expected);
    }
    let set = Some(("ReplicaSet", "web-7f", "rs"));
    let hash = json!({"pod-template-hash": "7f"});
    let alone = owned("Pod", "web-7f-1", "p", set, hash.clone(), json!({}));
    // The name of an unknown Deployment shows in that of its ReplicaSet.
    check(
        std::slice::from_ref(&alone),
        "shop/web",
        ApplicationSign::TopOwner,
    );
    let replica_set = owned(
        "ReplicaSet",
        "web-7f",
        "rs",
        Some(("Deployment", "web", "d")),
        json!({}),
        json!({}),
    );
    let plain = owned("Deployment", "web", "d", None, json!({}), json!({}));
    check(
        &[alone.clone(), replica_set.clone(), plain],
        "shop/web",
        ApplicationSign::TopOwner,
    );
    let helm = owned(
        "Deployment",
        "web",
        "d",
        None,
        json!({}),
        json!({"meta.helm.sh/release-name": "front"}),
    );
    check(
        &[alone.clone(), replica_set.clone(), helm],
        "front",
        ApplicationSign::HelmRelease,
    );
    let argo = owned(
        "Deployment",
        "web",
        "d",
        None,
        json!({"argocd.argoproj.io/instance": "store"}),
        json!({}),
    );
    check(
        &[alone.clone(), replica_set.clone(), argo],
        "store",
        ApplicationSign::Delivery,
    );
    let tracked = json!({"argocd.argoproj.io/tracking-id": "store:apps/Deployment:shop/web"});
    let tracked = owned("Deployment", "web", "d", None, json!({}), tracked);
    check(
        &[alone, replica_set.clone(), tracked],
        "store",
        ApplicationSign::Delivery,
    );
    // The better sign wins, wherever it stands.
    let named = owned(
        "Pod",
        "web-7f-1",
        "p",
        set,
        json!({"app.kubernetes.io/name": "web"}),
        json!({}),
    );
    let part = owned(
        "Deployment",
        "web",
        "d",
        None,
        json!({"app.kubernetes.io/part-of": "shop"}),
        json!({}),
    );
    check(&[named, replica_set, part], "shop", ApplicationSign::PartOf);
}

#[test]
fn pods_are_bound_to_the_node_of_their_volume() {
    let volume = |values: Value| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv", "uid": "v"},
            "spec": {
                "claimRef": {"namespace": "shop", "name": "data"},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "kubernetes.io/hostname", "operator": "In", "values": values},
                ]}]}},
            },
        })
    };
    #[track_caller]
    fn check(volume: Value, volumes: Value, expected: Option<&str>) {
        let home = node(
            json!({"metadata": {"name": "n1.example", "labels": {"kubernetes.io/hostname": "n1"}}}),
        );
        let pod = pod(json!({"spec": {"volumes": volumes}}));
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod, volume, home]});
        let reading = one("dump.json", &list.to_string());
        let pod = kubernetes(&reading)
            .pods
            .items
            .values()
            .next()
            .unwrap()
            .clone();
        let found = match &pod.local_data {
            LocalData::LocalVolume(node) => Some(node.as_str()),
            LocalData::None | LocalData::EmptyDir => None,
        };
        assert_eq!(found, expected, "{list}");
    }
    let claims = json!([{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]);
    check(volume(json!(["n1"])), claims.clone(), Some("n1.example"));
    check(volume(json!(["n2"])), claims.clone(), Some("n2"));
    check(volume(json!(["n1", "n2"])), claims.clone(), None);
    check(
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv", "uid": "v"}}),
        claims,
        None,
    );
    check(
        volume(json!(["n1"])),
        json!([{"name": "d", "emptyDir": {}}]),
        None,
    );
    // The claim of an ephemeral volume is named after the pod and the volume.
    let mut ephemeral = volume(json!(["n1"]));
    ephemeral["spec"]["claimRef"]["name"] = json!("web-1-scratch");
    check(
        ephemeral,
        json!([{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]),
        Some("n1.example"),
    );
}
