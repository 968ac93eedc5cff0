//! Who built a cluster, by the marks that it leaves on nodes and versions.

use super::field;
use refit_model::kubernetes::{Distribution, Kubernetes, Node};
use refit_model::version::KubeVersion;
use serde_json::Value;

/// What one object says about who built its cluster.
///
/// Nodes say it by labels, annotations and the provider's id; the cluster by
/// the ConfigMap that `kubeadm init` leaves; static pods by kubeadm's annotations.
#[must_use]
pub fn mark(object: &Value) -> Option<Distribution> {
    let kind = field::text(object, &["kind"]).unwrap_or_default();
    match kind {
        "Node" => node(object),
        "ConfigMap" => {
            let is_kubeadm = field::text(object, &["metadata", "name"]) == Some("kubeadm-config")
                && field::text(object, &["metadata", "namespace"]) == Some("kube-system");
            is_kubeadm.then_some(Distribution::Kubeadm)
        }
        "Pod" => has_annotation(object, "kubeadm.kubernetes.io/").then_some(Distribution::Kubeadm),
        _ => None,
    }
}

fn has_annotation(object: &Value, prefix: &str) -> bool {
    has_key(object, "annotations", prefix)
}

fn has_key(object: &Value, map: &str, prefix: &str) -> bool {
    field::at(object, &["metadata", map])
        .and_then(Value::as_object)
        .is_some_and(|entries| entries.keys().any(|key| key.starts_with(prefix)))
}

/// The labels of clouds come first: a cloud's image may have been made by kubeadm.
fn node(object: &Value) -> Option<Distribution> {
    let labelled = |prefix| has_key(object, "labels", prefix);
    if labelled("eks.amazonaws.com/") {
        Some(Distribution::Eks)
    } else if labelled("cloud.google.com/gke-") {
        Some(Distribution::Gke)
    } else if labelled("kubernetes.azure.com/") {
        Some(Distribution::Aks)
    } else if labelled("k8sd.io/") {
        Some(Distribution::CanonicalK8s)
    } else if has_annotation(object, "k3s.io/") {
        Some(Distribution::K3s)
    } else if has_annotation(object, "kubeadm.alpha.kubernetes.io/") {
        Some(Distribution::Kubeadm)
    } else {
        None
    }
}

/// What the versions of the server and the kubelets say: distributions append
/// their name to upstream's.
#[must_use]
pub fn by_version(kubernetes: &Kubernetes) -> Option<Distribution> {
    let kubelets = kubernetes
        .nodes
        .items
        .values()
        .filter_map(|node: &Node| node.kubelet.get());
    kubernetes
        .server
        .get()
        .into_iter()
        .chain(kubelets)
        .find_map(suffixed)
}

fn suffixed(version: &KubeVersion) -> Option<Distribution> {
    let suffix = version.suffix();
    if suffix.starts_with("-eks-") {
        Some(Distribution::Eks)
    } else if suffix.starts_with("-gke.") {
        Some(Distribution::Gke)
    } else if suffix.starts_with("+k3s") {
        Some(Distribution::K3s)
    } else {
        None
    }
}
