//! The clusters that the tests look at.

use crate::server::{Cluster, Resource};
use refit_knowledge::Knowledge;
use refit_knowledge::api::{ApiStatus, Lifecycle, ObjectClass};
use refit_model::version::Minor;
use serde_json::{Value, json};

/// A kind at one version.
fn resource(api: &'static str, name: &'static str, objects: Vec<Value>) -> Resource {
    let (api_version, kind) = api.split_once(' ').unwrap();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    Resource {
        group,
        version,
        kind,
        name,
        namespaced: objects
            .first()
            .is_none_or(|object| object["metadata"].get("namespace").is_some()),
        deprecated: false,
        objects,
    }
}

fn deprecated(api: &'static str, name: &'static str) -> Resource {
    Resource {
        deprecated: true,
        ..resource(api, name, vec![plain("x", 0)])
    }
}

/// An object that has nothing but metadata.
fn plain(kind: &str, number: usize) -> Value {
    json!({"metadata": {"namespace": format!("team-{}", number % 40), "name": format!("{kind}-{number}"),
        "uid": format!("{kind}-{number}"),
        "managedFields": [{"manager": "deployer", "operation": "Apply"}]}})
}

fn many(kind: &str, count: usize) -> Vec<Value> {
    (0..count).map(|number| plain(kind, number)).collect()
}

fn outside(kind: &str, count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| {
            json!({"metadata": {"name": format!("{kind}-{number}"), "uid": format!("{kind}-{number}")}})
        })
        .collect()
}

fn owned(mut object: Value, api: &str, kind: &str, name: &str) -> Value {
    object["metadata"]["ownerReferences"] = json!([{"apiVersion": api, "kind": kind,
        "name": name, "uid": name, "controller": true}]);
    object
}

const NODES: usize = 40;

fn nodes(version: &str) -> Vec<Value> {
    (0..NODES)
        .map(|number| {
            let name = format!("node-{number}");
            let mut labels = json!({"kubernetes.io/hostname": name});
            if number == 0 {
                labels["node-role.kubernetes.io/control-plane"] = json!("");
            }
            json!({"metadata": {"name": name, "uid": name, "labels": labels,
                    "annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "x"}},
                "spec": {}, "status": {"nodeInfo": {"kubeletVersion": version, "kubeProxyVersion": version},
                    "conditions": [{"type": "Ready", "status": "True"}]}})
        })
        .collect()
}

/// The static pods of the control plane, and a kube-proxy on each node.
fn system_pods(version: &str) -> Vec<Value> {
    let pod = |name: String, node: String, labels: Value, image: String| {
        json!({"metadata": {"namespace": "kube-system", "name": name, "uid": name, "labels": labels},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": image}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})
    };
    let plane = [
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "etcd",
    ];
    let plane = plane.map(|component| {
        let version = if component == "etcd" {
            "3.6.5-0"
        } else {
            version
        };
        let static_pod = pod(
            format!("{component}-node-0"),
            "node-0".to_owned(),
            json!({"component": component, "tier": "control-plane"}),
            format!("registry.k8s.io/{component}:{version}"),
        );
        owned(static_pod, "v1", "Node", "node-0")
    });
    let proxies = (0..NODES).map(|number| {
        let proxy = pod(
            format!("kube-proxy-{number}"),
            format!("node-{number}"),
            json!({"k8s-app": "kube-proxy"}),
            format!("registry.k8s.io/kube-proxy:{version}"),
        );
        owned(proxy, "apps/v1", "DaemonSet", "kube-proxy")
    });
    plane.into_iter().chain(proxies).collect()
}

/// `count` Deployments of two pods each.
fn workloads(count: usize) -> [Vec<Value>; 3] {
    let mut all = [Vec::new(), Vec::new(), Vec::new()];
    for number in 0..count {
        let labels = json!({"app": format!("app-{number}")});
        let spec = json!({"replicas": 2, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "example.org/app:1"}]}}});
        let status = json!({"replicas": 2, "readyReplicas": 2, "observedGeneration": 1});
        let mut deployment = plain("deployment", number);
        deployment["spec"] = spec.clone();
        deployment["status"] = status.clone();
        let mut set = owned(
            plain("replicaset", number),
            "apps/v1",
            "Deployment",
            &format!("deployment-{number}"),
        );
        set["spec"] = spec;
        set["status"] = status;
        for half in 0..2 {
            let mut pod = owned(
                plain("pod", number + half * count),
                "apps/v1",
                "ReplicaSet",
                &format!("replicaset-{number}"),
            );
            pod["metadata"]["namespace"] = deployment["metadata"]["namespace"].clone();
            pod["metadata"]["labels"] = labels.clone();
            pod["spec"] = json!({"nodeName": format!("node-{}", (number + half) % NODES),
                "containers": [{"name": "c", "image": "example.org/app:1"}]});
            pod["status"] =
                json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
            all[2].push(pod);
        }
        all[0].push(deployment);
        all[1].push(set);
    }
    all
}

/// What every server has, with these workloads and budgets.
fn cluster(version: &'static str, count: usize, budgets: Vec<Value>) -> Cluster {
    let [deployments, sets, mut pods] = workloads(count);
    pods.extend(system_pods(version));
    let proxy = json!({"metadata": {"namespace": "kube-system", "name": "kube-proxy", "uid": "kube-proxy"},
        "spec": {"selector": {"matchLabels": {"k8s-app": "kube-proxy"}}},
        "status": {"desiredNumberScheduled": NODES, "numberReady": NODES}});
    let mut budgets = resource(
        "policy/v1 PodDisruptionBudget",
        "poddisruptionbudgets",
        budgets,
    );
    budgets.namespaced = true;
    Cluster {
        version,
        resources: vec![
            resource("v1 Node", "nodes", nodes(version)),
            resource("v1 Pod", "pods", pods),
            resource("v1 Service", "services", Vec::new()),
            resource("v1 PersistentVolume", "persistentvolumes", Vec::new()),
            resource(
                "v1 ReplicationController",
                "replicationcontrollers",
                Vec::new(),
            ),
            resource("apps/v1 Deployment", "deployments", deployments),
            resource("apps/v1 ReplicaSet", "replicasets", sets),
            resource("apps/v1 StatefulSet", "statefulsets", Vec::new()),
            resource("apps/v1 DaemonSet", "daemonsets", vec![proxy]),
            resource("batch/v1 Job", "jobs", Vec::new()),
            budgets,
            resource(
                "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
                "validatingwebhookconfigurations",
                Vec::new(),
            ),
            resource(
                "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration",
                "mutatingwebhookconfigurations",
                Vec::new(),
            ),
            resource(
                "apiextensions.k8s.io/v1 CustomResourceDefinition",
                "customresourcedefinitions",
                Vec::new(),
            ),
            resource(
                "apiregistration.k8s.io/v1 APIService",
                "apiservices",
                Vec::new(),
            ),
            resource("v1 Secret", "secrets", Vec::new()),
            resource("v1 Event", "events", many("event", 10)),
            deprecated("v1 ComponentStatus", "componentstatuses"),
            deprecated("v1 Endpoints", "endpoints"),
        ],
    }
}

/// 20,000 objects in a server of 1.35 that has nothing to be afraid of.
pub(crate) fn harbour() -> Cluster {
    let mut cluster = cluster("v1.35.0", 1500, Vec::new());
    cluster.resources.extend([
        resource("v1 ConfigMap", "configmaps", many("configmap", 4000)),
        resource(
            "v1 ServiceAccount",
            "serviceaccounts",
            many("account", 2000),
        ),
        resource("v1 Namespace", "namespaces", outside("namespace", 41)),
        resource(
            "coordination.k8s.io/v1 Lease",
            "leases",
            many("lease", 1000),
        ),
        resource(
            "discovery.k8s.io/v1 EndpointSlice",
            "endpointslices",
            many("slice", 3000),
        ),
        resource(
            "networking.k8s.io/v1 Ingress",
            "ingresses",
            many("ingress", 1200),
        ),
        resource(
            "autoscaling/v2 HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            many("scaler", 800),
        ),
        resource("batch/v1 CronJob", "cronjobs", many("cronjob", 500)),
        resource(
            "rbac.authorization.k8s.io/v1 Role",
            "roles",
            many("role", 1000),
        ),
        resource(
            "rbac.authorization.k8s.io/v1 ClusterRole",
            "clusterroles",
            outside("role", 500),
        ),
        resource(
            "flowcontrol.apiserver.k8s.io/v1 FlowSchema",
            "flowschemas",
            outside("schema", 14),
        ),
        resource("example.org/v1 Ship", "ships", many("ship", 50)),
    ]);
    cluster
}

/// A server of `minor` that offers every kind at every version that it serves by
/// default, with an object of each.
pub(crate) fn of_minor(knowledge: &Knowledge, minor: Minor) -> Cluster {
    let mut cluster = cluster(format!("v{minor}.0").leak(), 2, Vec::new());
    for life in knowledge.apis().lifecycles() {
        let is_deprecated = match knowledge.apis().status_at(&life.api, minor) {
            ApiStatus::Served => false,
            ApiStatus::Deprecated { .. } => true,
            ApiStatus::NotYetServed { .. }
            | ApiStatus::Removed { .. }
            | ApiStatus::Unknown(_)
            | ApiStatus::NotBuiltIn => continue,
        };
        let api = format!("{} {}", life.api.api_version(), life.api.kind).leak();
        let path = |resource: &Resource| (resource.path(), resource.deprecated);
        let offered = Resource {
            deprecated: is_deprecated,
            ..resource(api, plural(&life.api.kind).leak(), outside("x", 1))
        };
        let is_there = cluster
            .resources
            .iter()
            .any(|there| there.path() == path(&offered).0);
        if is_listed(life) && !is_there {
            cluster.resources.push(offered);
        }
    }
    cluster
}

/// Whether the server has a list of these objects: it only answers reviews, and
/// a binding is written alone.
fn is_listed(life: &Lifecycle) -> bool {
    let kind = life.api.kind.as_str();
    life.object == ObjectClass::Resource
        && life.served_by_default
        && !kind.ends_with("Review")
        && kind != "Binding"
}

/// The resource of a kind, as API servers name it.
fn plural(kind: &str) -> String {
    let kind = kind.to_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if kind == "endpoints" => kind,
        None if kind.ends_with('s') => format!("{kind}es"),
        None => format!("{kind}s"),
    }
}

/// A server of 1.24 that offers budgets at `policy/v1` and `policy/v1beta1`, with
/// five of them, each written in another way.
pub(crate) fn mixed_evidence() -> Cluster {
    const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let old = r#"{"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget"}"#;
    let wrote = |manager: &str, operation: &str, version: &str, time: &str, fields: Value| {
        json!({"manager": manager, "operation": operation, "apiVersion": version, "time": time,
            "fieldsType": "FieldsV1", "fieldsV1": fields})
    };
    let spec = json!({"f:spec": {"f:minAvailable": {}}});
    let applied = json!({"f:metadata": {"f:annotations": {format!("f:{APPLIED}"): {}}},
        "f:spec": {"f:minAvailable": {}}});
    let (early, late) = ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let kubectl = wrote(
        "kubectl-client-side-apply",
        "Update",
        "policy/v1beta1",
        early,
        applied,
    );
    let budget = |name: &str, annotation: Option<&str>, fields: Vec<Value>| {
        let annotations = annotation.map_or_else(|| json!({}), |text| json!({APPLIED: text}));
        json!({"metadata": {"namespace": "team-1", "name": name, "uid": name, "generation": 1,
                "annotations": annotations, "managedFields": fields},
            "spec": {"minAvailable": 0, "selector": {"matchLabels": {"app": name}}},
            "status": {"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 1,
                "desiredHealthy": 0, "expectedPods": 1}})
    };
    let budgets = vec![
        budget("client-side-apply", Some(old), vec![kubectl.clone()]),
        budget(
            "server-side-apply",
            None,
            vec![wrote(
                "deployer",
                "Apply",
                "policy/v1beta1",
                early,
                spec.clone(),
            )],
        ),
        budget(
            "operator-update",
            None,
            vec![wrote(
                "operator",
                "Update",
                "policy/v1beta1",
                early,
                spec.clone(),
            )],
        ),
        budget(
            "written-at-v1",
            None,
            vec![wrote("deployer", "Apply", "policy/v1", early, spec.clone())],
        ),
        budget(
            "stale-annotation",
            Some(old),
            vec![
                kubectl,
                wrote("operator", "Update", "policy/v1", late, spec),
            ],
        ),
    ];
    let mut cluster = cluster("v1.24.17", 5, budgets);
    cluster.resources.extend([
        deprecated("policy/v1beta1 PodDisruptionBudget", "poddisruptionbudgets"),
        deprecated("policy/v1beta1 PodSecurityPolicy", "podsecuritypolicies"),
        deprecated("batch/v1beta1 CronJob", "cronjobs"),
        resource("v1 ConfigMap", "configmaps", Vec::new()),
        resource("batch/v1 CronJob", "cronjobs", Vec::new()),
    ]);
    cluster
}
