//! Services, their EndpointSlices, and the Ingresses.

use serde_json::{Value, json};

use super::apps::{App, Controller};
use super::catalogue::ALL;
use super::objects::{self, helm_annotations, object_uid, put};
use super::placement::{Phase, Pod};
use super::releases;
use super::workloads::{self, created};
use crate::examples::identity::{number, suffix};

/// The Services, one for each workload that listens.
pub(super) fn services() -> Vec<Value> {
    let mut services: Vec<_> = listening().map(|(app, name)| service(app, name)).collect();
    services.push(api_server());
    services
}

/// The workloads that listen, with the names of their Services.
fn listening() -> impl Iterator<Item = (&'static App, &'static str)> {
    ALL.iter()
        .filter(|app| {
            app.port > 0
                && match app.controller {
                    Controller::Deployment | Controller::StatefulSet | Controller::DaemonSet => {
                        true
                    }
                    Controller::CronJob | Controller::Static | Controller::Nobody => false,
                }
        })
        .flat_map(|app| {
            let names: &[&str] = match app.name {
                "coredns" => &["kube-dns"],
                "ingress-nginx-controller" => &[
                    "ingress-nginx-controller",
                    "ingress-nginx-controller-admission",
                ],
                _ => std::slice::from_ref(&app.name),
            };
            names.iter().map(move |name| (app, *name))
        })
}

fn service(app: &App, name: &str) -> Value {
    let mut metadata = objects::metadata("Service", Some(app.namespace), name, &created(app));
    if let Some(chart) = releases::chart(app.release) {
        put(
            &mut metadata,
            "annotations",
            helm_annotations(app.release, app.namespace),
        );
        put(
            &mut metadata,
            "labels",
            json!({ "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": chart }),
        );
    }
    let address = match (app.controller, app.name) {
        (Controller::StatefulSet, _) => "None".to_owned(),
        (_, "coredns") => "10.96.0.10".to_owned(),
        _ => format!(
            "10.{}.{}.{}",
            97 + number(name, 8),
            number(app.namespace, 250),
            1 + number(name, 250)
        ),
    };
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {
            "clusterIP": address,
            "clusterIPs": [address],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{ "name": "main", "port": app.port, "protocol": "TCP", "targetPort": "main" }],
            "selector": workloads::selector(app),
            "sessionAffinity": "None",
            "type": if name == "ingress-nginx-controller" { "LoadBalancer" } else { "ClusterIP" },
        },
        "status": { "loadBalancer": {} },
    })
}

/// The Service of the API server, which selects nothing.
fn api_server() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": objects::metadata("Service", Some("default"), "kubernetes", "2022-03-14T10:00:00Z"),
        "spec": {
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443 }],
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "status": { "loadBalancer": {} },
    })
}

/// The pods behind each Service.
pub(super) fn endpoint_slices(pods: &[Pod]) -> Vec<Value> {
    listening()
        .map(|(app, service)| endpoint_slice(app, service, pods))
        .collect()
}

fn endpoint_slice(app: &App, service: &str, pods: &[Pod]) -> Value {
    let name = format!(
        "{service}-{}",
        suffix(&format!("slice/{}/{service}", app.namespace), 5)
    );
    let endpoints: Vec<Value> = pods
        .iter()
        .filter(|pod| pod.app.name == app.name && pod.app.namespace == app.namespace)
        .filter(|pod| pod.phase == Phase::Running)
        .map(|pod| {
            json!({
                "addresses": [pod.address],
                "conditions": { "ready": true, "serving": true, "terminating": false },
                "nodeName": pod.node.name,
                "targetRef": {
                    "kind": "Pod",
                    "name": pod.name,
                    "namespace": app.namespace,
                    "uid": object_uid("Pod", Some(app.namespace), &pod.name),
                },
                "zone": pod.node.zone,
            })
        })
        .collect();
    let mut metadata =
        objects::metadata("EndpointSlice", Some(app.namespace), &name, &created(app));
    put(
        &mut metadata,
        "labels",
        json!({
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": service,
        }),
    );
    put(
        &mut metadata,
        "ownerReferences",
        json!([{
            "apiVersion": "v1",
            "blockOwnerDeletion": true,
            "controller": true,
            "kind": "Service",
            "name": service,
            "uid": object_uid("Service", Some(app.namespace), service),
        }]),
    );
    let port = if app.port == 443 { 8_443 } else { app.port };
    json!({
        "addressType": "IPv4",
        "apiVersion": "discovery.k8s.io/v1",
        "endpoints": endpoints,
        "kind": "EndpointSlice",
        "metadata": metadata,
        "ports": [{ "name": "main", "port": port, "protocol": "TCP" }],
    })
}

/// Two Ingresses of the controller that has no version for the target.
pub(super) fn ingresses() -> Vec<Value> {
    [("payments", "gateway", "pay"), ("storefront", "web", "shop")]
        .iter()
        .map(|(namespace, service, host)| {
            let host = format!("{host}.harbour.example");
            json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": objects::metadata("Ingress", Some(namespace), service, "2025-07-02T12:00:00Z"),
                "spec": {
                    "ingressClassName": "nginx",
                    "rules": [{ "host": host, "http": { "paths": [{
                        "backend": { "service": { "name": service, "port": { "name": "main" } } },
                        "path": "/",
                        "pathType": "Prefix",
                    }]}}],
                    "tls": [{ "hosts": [host], "secretName": format!("{service}-tls") }],
                },
                "status": { "loadBalancer": { "ingress": [{ "ip": "192.0.2.80" }] } },
            })
        })
        .collect()
}

/// The class of those Ingresses.
pub(super) fn ingress_classes() -> Vec<Value> {
    vec![json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": objects::metadata("IngressClass", None, "nginx", "2025-07-02T12:00:00Z"),
        "spec": { "controller": "k8s.io/ingress-nginx" },
    })]
}
