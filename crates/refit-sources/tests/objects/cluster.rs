//! What tells of the cluster as a whole: who built it, which server it has, and
//! what extends its API.

use super::reading::{kubernetes, one};
use super::{node, pod};
use refit_model::kubernetes::{Conversion, Distribution};
use refit_model::seen::Seen;
use serde_json::{Value, json};

#[test]
fn builders_of_clusters_leave_marks() {
    #[track_caller]
    fn check(more: Value, expected: Option<Distribution>) {
        let reading = one("node.json", &node(more.clone()).to_string());
        let found = kubernetes(&reading).distribution.get().copied();
        assert_eq!(found, expected, "{more}");
    }
    let kubelet = |version: &str| json!({"status": {"nodeInfo": {"kubeletVersion": version}}});
    check(json!({}), None);
    check(kubelet("v1.31.9"), None);
    check(kubelet("v1.31.9-eks-1a2b"), Some(Distribution::Eks));
    check(kubelet("v1.31.9-gke.1080000"), Some(Distribution::Gke));
    check(kubelet("v1.31.9+k3s1"), Some(Distribution::K3s));
    let label = |name: &str| json!({"metadata": {"labels": {name: "x"}}});
    check(
        label("eks.amazonaws.com/nodegroup"),
        Some(Distribution::Eks),
    );
    check(
        label("cloud.google.com/gke-nodepool"),
        Some(Distribution::Gke),
    );
    check(
        label("kubernetes.azure.com/agentpool"),
        Some(Distribution::Aks),
    );
    let socket = json!({"metadata": {"annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "unix:///x"}}});
    check(socket, Some(Distribution::Kubeadm));
}

#[test]
fn the_server_is_known_by_itself_or_by_its_newest_component() {
    let apiserver = |node: &str, version: &str| {
        pod(json!({
            "metadata": {
                "namespace": "kube-system", "name": format!("kube-apiserver-{node}"), "uid": node,
                "labels": {"component": "kube-apiserver", "tier": "control-plane"},
            },
            "spec": {"nodeName": node, "containers": [{"image": format!("registry.k8s.io/kube-apiserver:{version}")}]},
            "status": {"phase": "Running"},
        }))
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        apiserver("a", "v1.31.9"), apiserver("b", "v1.31.10"), apiserver("c", "v1.31.2"),
    ]});
    let reading = one("dump.json", &list.to_string());
    assert_eq!(
        kubernetes(&reading).server.get().unwrap().to_string(),
        "v1.31.10"
    );
    assert!(
        reading
            .notes
            .iter()
            .any(|note| note.text.contains("newest component"))
    );
    let told = json!({"clientVersion": {}, "serverVersion": {"gitVersion": "v1.31.9"}});
    let both = one("dump.json", &format!("{told}{list}"));
    assert_eq!(
        kubernetes(&both).server.get().unwrap().to_string(),
        "v1.31.9"
    );
    assert!(
        both.notes
            .iter()
            .all(|note| !note.text.contains("newest component"))
    );
    let client = one(
        "version.json",
        "{\"clientVersion\": {\"gitVersion\": \"v1.34.1\"}}",
    );
    assert!(client.notes[0].text.contains("kubectl alone"));
}

#[test]
fn aggregated_apis_and_conversions() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io", "uid": "1"},
            "spec": {"group": "metrics.k8s.io", "version": "v1beta1",
                     "service": {"namespace": "kube-system", "name": "metrics-server"}},
            "status": {"conditions": [{"type": "Available", "status": "False",
                       "reason": "MissingEndpoints", "message": "no endpoints"}]},
        },
        {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "berths.example.org", "uid": "2"},
            "spec": {"group": "example.org", "names": {"kind": "Berth"},
                     "versions": [{"name": "v1", "served": true, "storage": true}],
                     "conversion": {"strategy": "Webhook", "webhook": {"clientConfig":
                         {"service": {"namespace": "dock", "name": "convert"}}}}},
        },
    ]});
    let reading = one("dump.json", &list.to_string());
    let side = kubernetes(&reading);
    let service = side.api_services.items.values().next().unwrap();
    assert_eq!(service.group, "metrics.k8s.io");
    assert_eq!(service.available, Seen::Is(false));
    assert_eq!(service.because, "MissingEndpoints: no endpoints");
    let key = service.service.as_ref().unwrap().to_string();
    assert_eq!(key, "kube-system/metrics-server");
    let definition = side.definitions.items.values().next().unwrap();
    let Conversion::Webhook { service } = &definition.conversion else {
        panic!("{definition:?}");
    };
    assert_eq!(service.as_ref().unwrap().to_string(), "dock/convert");
}

#[test]
fn what_runs_the_containers_of_a_node() {
    #[track_caller]
    fn check(info: Value, expected: &str) {
        let reading = one(
            "node.json",
            &node(json!({"status": {"nodeInfo": info}})).to_string(),
        );
        let nodes = &kubernetes(&reading).nodes.items;
        let runtime = &nodes.values().next().unwrap().runtime;
        let told = match runtime {
            Seen::Is(runtime) => runtime.to_string(),
            Seen::Gap(why) => why.to_string(),
        };
        assert_eq!(told, expected, "{info}");
    }
    check(
        json!({"containerRuntimeVersion": "containerd://1.7.27"}),
        "containerd://1.7.27",
    );
    check(json!({}), "the source does not carry it");
    check(
        json!({"containerRuntimeVersion": "nothing"}),
        "looking failed: \"nothing\" is not a key of the form runtime://version",
    );
}

#[test]
fn labels_that_pods_and_templates_insist_on() {
    let spec = json!({
        "nodeSelector": {"disk": "ssd"},
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}]}}},
        "topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        "containers": [],
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Pod", "spec": spec,
            "metadata": {"namespace": "shop", "name": "p", "uid": "1"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}},
            "metadata": {"namespace": "shop", "name": "d", "uid": "2"}},
    ]});
    let reading = one("dump.json", &list.to_string());
    let side = kubernetes(&reading);
    let of = |keys: &std::collections::BTreeSet<String>| -> Vec<String> {
        keys.iter().cloned().collect()
    };
    let pod = side.pods.items.values().next().unwrap();
    assert_eq!(of(&pod.node_keys), ["gpu", "zone"]);
    let workload = side.workloads.items.values().next().unwrap();
    assert_eq!(of(&workload.node_keys), ["disk", "gpu", "zone"]);
}
