//! The cluster as such: its namespaces, how kubeadm was told to build it, and what
//! `kubectl version` says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::catalogue::ALL;
use super::extensions::INJECT;
use super::nodes::KUBERNETES;
use super::objects::{self, put};

/// When `kubeadm init` ran, at Kubernetes 1.23.
const BORN: &str = "2022-03-14T10:00:00Z";

/// The namespaces whose pods the injector changes.
const INJECTED: [&str; 3] = ["logistics", "payments", "storefront"];

/// All namespaces.
pub(super) fn namespaces() -> Vec<Value> {
    let names: BTreeSet<&str> = ALL
        .iter()
        .map(|app| app.namespace)
        .chain(["default", "kube-node-lease", "kube-public"])
        .collect();
    names
        .into_iter()
        .map(|name| {
            let mut labels = json!({ "kubernetes.io/metadata.name": name });
            if INJECTED.contains(&name) {
                put(&mut labels, INJECT, "enabled".into());
            }
            let mut metadata = objects::metadata("Namespace", None, name, BORN);
            put(&mut metadata, "labels", labels);
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": metadata,
                "spec": { "finalizers": ["kubernetes"] },
                "status": { "phase": "Active" },
            })
        })
        .collect()
}

/// `kubeadm-config` and the configuration of CoreDNS.
pub(super) fn config_maps() -> Vec<Value> {
    let kubeadm = format!(
        "apiServer: {{}}\n\
         apiVersion: kubeadm.k8s.io/v1beta4\n\
         caCertificateValidityPeriod: 87600h0m0s\n\
         certificateValidityPeriod: 8760h0m0s\n\
         certificatesDir: /etc/kubernetes/pki\n\
         clusterName: harbour\n\
         controlPlaneEndpoint: api.harbour.example:6443\n\
         controllerManager: {{}}\n\
         dns: {{}}\n\
         encryptionAlgorithm: RSA-2048\n\
         etcd:\n  \
           local:\n    \
             dataDir: /var/lib/etcd\n\
         imageRepository: registry.k8s.io\n\
         kind: ClusterConfiguration\n\
         kubernetesVersion: {KUBERNETES}\n\
         networking:\n  \
           dnsDomain: cluster.local\n  \
           podSubnet: 10.244.0.0/16\n  \
           serviceSubnet: 10.96.0.0/12\n\
         proxy: {{}}\n\
         scheduler: {{}}\n"
    );
    let corefile = ".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    \
                    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       \
                    fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    \
                    prometheus :9153\n    forward . /etc/resolv.conf {\n       \
                    max_concurrent 1000\n    }\n    cache 30\n    loop\n    reload\n    \
                    loadbalance\n}\n";
    [
        ("coredns", json!({ "Corefile": corefile })),
        ("kubeadm-config", json!({ "ClusterConfiguration": kubeadm })),
    ]
    .into_iter()
    .map(|(name, data)| {
        json!({
            "apiVersion": "v1",
            "data": data,
            "kind": "ConfigMap",
            "metadata": objects::metadata("ConfigMap", Some("kube-system"), name, BORN),
        })
    })
    .collect()
}

/// What `kubectl version -o json` prints, without what only a real build has:
/// commit and date.
pub(super) fn version() -> String {
    let version = json!({
        "clientVersion": {
            "compiler": "gc",
            "gitVersion": "v1.34.1",
            "goVersion": "go1.24.6",
            "major": "1",
            "minor": "34",
            "platform": "linux/amd64",
        },
        "kustomizeVersion": "v5.7.1",
        "serverVersion": {
            "compiler": "gc",
            "gitVersion": KUBERNETES,
            "goVersion": "go1.23.8",
            "major": "1",
            "minor": "31",
            "platform": "linux/amd64",
        },
    });
    format!("{:#}\n", crate::examples::yaml::sorted(&version))
}
