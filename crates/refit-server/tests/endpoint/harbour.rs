//! A small cluster: one control-plane node, two workers, and a Deployment of two
//! pods under a budget.

use axum::extract::Request;
use axum::middleware::{self, Next};
use refit_cluster::{Hands, LiveWorld};
use refit_executor::ports::Clock as _;
use refit_model::snapshot::Snapshot;
use refit_server::{Served, twin_endpoint};
use refit_sources::{ReadOptions, SourceFile};
use refit_twin::{SharedTwin, Twin, TwinOptions};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(crate) const UID: &str = "6f1f0d5e-8d5b-4f0e-9d5a-2f4b8f0a1c11";

fn node(name: &str, labels: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "uid": format!("uid-{name}"), "labels": labels,
            "annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/containerd/containerd.sock"}},
        "spec": {},
        "status": {"nodeInfo": {"kubeletVersion": "v1.31.9"},
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}]}})
}

fn pod(name: &str, namespace: &str, node: &str, owner: &Value, more: Value) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}"),
            "ownerReferences": [owner]},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "registry.example/c:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}});
    for (name, value) in more.as_object().unwrap() {
        pod["metadata"][name] = value.clone();
    }
    pod
}

fn owner(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "name": name, "uid": format!("uid-{name}"), "controller": true})
}

fn static_pod(component: &str) -> Value {
    let mut pod = pod(
        &format!("{component}-cp-1"),
        "kube-system",
        "cp-1",
        &owner("v1", "Node", "cp-1"),
        json!({"labels": {"component": component, "tier": "control-plane"},
            "annotations": {"kubernetes.io/config.mirror": "x"}}),
    );
    let tag = if component == "etcd" {
        "3.5.15-0"
    } else {
        "v1.31.9"
    };
    pod["spec"]["containers"][0]["image"] = json!(format!("registry.k8s.io/{component}:{tag}"));
    pod
}

/// What `kubectl get -o json` would show. `most` is the budget's
/// `maxUnavailable`.
pub(crate) fn snapshot(most: u32) -> Snapshot {
    let labels = json!({"app": "web", "pod-template-hash": "1"});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "registry.example/c:1"}]}});
    let selector = json!({"matchLabels": labels});
    let web = |name| {
        pod(
            name,
            "shop",
            "w-1",
            &owner("apps/v1", "ReplicaSet", "web-1"),
            json!({"labels": labels}),
        )
    };
    let mut items = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": UID}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "uid": "uid-shop"}}),
        node(
            "cp-1",
            &json!({"node-role.kubernetes.io/control-plane": ""}),
        ),
        node("w-1", &json!({"node-pool": "general"})),
        node("w-2", &json!({"node-pool": "general"})),
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "uid": "uid-web", "generation": 1},
            "spec": {"replicas": 2, "selector": selector, "template": template},
            "status": {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2}}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": "web-1", "namespace": "shop", "uid": "uid-web-1",
                "ownerReferences": [owner("apps/v1", "Deployment", "web")]},
            "spec": {"replicas": 2, "selector": selector, "template": template},
            "status": {"replicas": 2, "readyReplicas": 2}}),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"name": "log", "namespace": "shop", "uid": "uid-log"},
            "spec": {"selector": {"matchLabels": {"app": "log"}},
                "template": {"metadata": {"labels": {"app": "log"}}, "spec": {}}},
            "status": {"desiredNumberScheduled": 1, "numberReady": 1}}),
        web("web-1-a"),
        web("web-1-b"),
        pod(
            "log-a",
            "shop",
            "w-1",
            &owner("apps/v1", "DaemonSet", "log"),
            json!({"labels": {"app": "log"}}),
        ),
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "shop", "uid": "uid-budget", "generation": 1},
            "spec": {"maxUnavailable": most, "selector": selector},
            "status": {"observedGeneration": 1, "disruptionsAllowed": most, "currentHealthy": 2,
                "desiredHealthy": 2 - most, "expectedPods": 2}}),
    ];
    let components = [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
    ];
    items.extend(components.map(static_pod));
    // One file a kind, named after it, as the commands that gaps name write them.
    let files = [
        ("namespaces", "Namespace"),
        ("nodes", "Node"),
        ("pods", "Pod"),
        ("deployments", "Deployment"),
        ("replicasets", "ReplicaSet"),
        ("statefulsets", "StatefulSet"),
        ("daemonsets", "DaemonSet"),
        ("jobs", "Job"),
        ("replicationcontrollers", "ReplicationController"),
        ("services", "Service"),
        ("poddisruptionbudgets", "PodDisruptionBudget"),
        ("persistentvolumes", "PersistentVolume"),
        (
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
        ),
        (
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
        ),
        ("customresourcedefinitions", "CustomResourceDefinition"),
    ]
    .map(|(name, kind)| {
        let items: Vec<_> = items.iter().filter(|item| item["kind"] == kind).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        (format!("{name}.json"), list)
    });
    let version = json!({"clientVersion": {"gitVersion": "v1.31.9"},
        "serverVersion": {"major": "1", "minor": "31", "gitVersion": "v1.31.9"}});
    let files = files
        .into_iter()
        .chain([("version.json".to_owned(), version)])
        .map(|(name, value)| SourceFile {
            name,
            bytes: value.to_string().into_bytes(),
        });
    let options = ReadOptions {
        cluster_name: Some("harbour".to_owned()),
        taken_at: Some("2026-10-01T08:00:00Z".parse().unwrap()),
        ..ReadOptions::default()
    };
    refit_sources::read(files, &options).snapshot
}

/// A twin behind an endpoint, with a record of what was asked.
pub(crate) struct Stage {
    pub(crate) twin: SharedTwin,
    pub(crate) served: Served,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    pub(crate) async fn new(snapshot: &Snapshot) -> Self {
        let twin = Twin::from_snapshot(snapshot, TwinOptions::default()).unwrap();
        Self::of(SharedTwin::new(twin)).await
    }

    pub(crate) async fn of(twin: SharedTwin) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let router = twin_endpoint(twin.clone()).layer(middleware::from_fn(
            move |request: Request, next: Next| {
                let line = format!("{} {}", request.method(), request.uri());
                log.lock().unwrap().push(line);
                next.run(request)
            },
        ));
        let served = Served::on_this_machine(router).await.unwrap();
        Self {
            twin,
            served,
            asked,
        }
    }

    /// The live world over the endpoint, in the twin's time.
    pub(crate) fn live(&self) -> LiveWorld {
        let config = kube::Config::new(self.served.url().parse().unwrap());
        let clock = self.twin.clone();
        LiveWorld::from_client(refit_cluster::client(config).unwrap(), Hands::Kube)
            .called("harbour")
            .timed_by(move || clock.now())
    }

    /// What was asked since the last time that this was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}
