//! What extends the API: webhooks, an aggregated API, custom resources.

use serde_json::{Value, json};

use super::catalogue::INJECTOR;
use super::objects::{self, extend, helm_annotations, put};

/// Stands where a certificate would: the example has none.
const CA_BUNDLE: &str =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmV4YW1wbGUKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

/// When cert-manager and the ingress controller were installed.
const INSTALLED: &str = "2025-07-02T12:00:00Z";

/// When the platform team's own extensions were.
const BERTH: &str = "2023-02-20T09:30:00Z";

/// The label by which a namespace asks for the injector.
pub(super) const INJECT: &str = "berth.harbour.example/inject";

struct Hook {
    name: &'static str,
    namespace: &'static str,
    service: &'static str,
    path: &'static str,
    /// Group, version and resources.
    rule: (&'static str, &'static str, &'static [&'static str]),
    operations: &'static [&'static str],
    selector: Value,
}

fn webhook(hook: &Hook) -> Value {
    let (group, version, resources) = hook.rule;
    json!({
        "admissionReviewVersions": ["v1"],
        "clientConfig": {
            "caBundle": CA_BUNDLE,
            "service": {
                "name": hook.service,
                "namespace": hook.namespace,
                "path": hook.path,
                "port": 443,
            },
        },
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "name": hook.name,
        "namespaceSelector": hook.selector,
        "objectSelector": {},
        "rules": [{
            "apiGroups": [group],
            "apiVersions": [version],
            "operations": hook.operations,
            "resources": resources,
            "scope": "*",
        }],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    })
}

fn configuration(kind: &str, name: &str, release: &str, created: &str, hook: &Hook) -> Value {
    let mut metadata = objects::metadata(kind, None, name, created);
    put(&mut metadata, "generation", 1.into());
    if !release.is_empty() {
        put(
            &mut metadata,
            "annotations",
            helm_annotations(release, hook.namespace),
        );
        put(
            &mut metadata,
            "labels",
            json!({ "app.kubernetes.io/managed-by": "Helm" }),
        );
    }
    let mut webhook = webhook(hook);
    if kind == "MutatingWebhookConfiguration" {
        put(&mut webhook, "reinvocationPolicy", "Never".into());
    }
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "webhooks": [webhook],
    })
}

/// Two, whose backends have two and three replicas.
pub(super) fn validating() -> Vec<Value> {
    vec![
        configuration(
            "ValidatingWebhookConfiguration",
            "cert-manager-webhook",
            "cert-manager",
            INSTALLED,
            &Hook {
                name: "webhook.cert-manager.io",
                namespace: "cert-manager",
                service: "cert-manager-webhook",
                path: "/validate",
                rule: ("cert-manager.io", "v1", &["*/*"]),
                operations: &["CREATE", "UPDATE"],
                selector: json!({}),
            },
        ),
        configuration(
            "ValidatingWebhookConfiguration",
            "ingress-nginx-admission",
            "ingress-nginx",
            INSTALLED,
            &Hook {
                name: "validate.nginx.ingress.kubernetes.io",
                namespace: "ingress-nginx",
                service: "ingress-nginx-controller-admission",
                path: "/networking/v1/ingresses",
                rule: ("networking.k8s.io", "v1", &["ingresses"]),
                operations: &["CREATE", "UPDATE"],
                selector: json!({}),
            },
        ),
    ]
}

/// One whose single backend goes down with its node, and one that is healthy.
pub(super) fn mutating() -> Vec<Value> {
    vec![
        configuration(
            "MutatingWebhookConfiguration",
            INJECTOR,
            "",
            BERTH,
            &Hook {
                name: "inject.berth.harbour.example",
                namespace: "platform",
                service: INJECTOR,
                path: "/inject",
                rule: ("", "v1", &["pods"]),
                operations: &["CREATE"],
                selector: json!({ "matchLabels": { INJECT: "enabled" } }),
            },
        ),
        configuration(
            "MutatingWebhookConfiguration",
            "cert-manager-webhook",
            "cert-manager",
            INSTALLED,
            &Hook {
                name: "webhook.cert-manager.io",
                namespace: "cert-manager",
                service: "cert-manager-webhook",
                path: "/mutate",
                rule: ("cert-manager.io", "v1", &["certificaterequests"]),
                operations: &["CREATE"],
                selector: json!({}),
            },
        ),
    ]
}

/// The aggregated API of metrics-server.
pub(super) fn api_services() -> Vec<Value> {
    let mut metadata = objects::metadata("APIService", None, "v1beta1.metrics.k8s.io", INSTALLED);
    put(
        &mut metadata,
        "annotations",
        helm_annotations("metrics-server", "kube-system"),
    );
    vec![json!({
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": metadata,
        "spec": {
            "group": "metrics.k8s.io",
            "groupPriorityMinimum": 100,
            "insecureSkipTLSVerify": true,
            "service": { "name": "metrics-server", "namespace": "kube-system", "port": 443 },
            "version": "v1beta1",
            "versionPriority": 100,
        },
        "status": { "conditions": [{
            "lastTransitionTime": INSTALLED,
            "message": "all checks passed",
            "reason": "Passed",
            "status": "True",
            "type": "Available",
        }]},
    })]
}

/// How a version of a custom resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Stored,
    Deprecated,
    NotServed,
}

/// Those of cert-manager, and one that has stored three versions in its time.
pub(super) fn definitions() -> Vec<Value> {
    let stored: &[(&str, Version)] = &[("v1", Version::Stored)];
    let mut all = vec![definition(
        "berths",
        "Berth",
        "platform.harbour.example",
        BERTH,
        "",
        &[
            ("v1alpha1", Version::NotServed),
            ("v1beta1", Version::Deprecated),
            ("v1", Version::Stored),
        ],
    )];
    for (plural, kind) in [
        ("certificaterequests", "CertificateRequest"),
        ("certificates", "Certificate"),
        ("clusterissuers", "ClusterIssuer"),
        ("issuers", "Issuer"),
    ] {
        let group = "cert-manager.io";
        all.push(definition(
            plural,
            kind,
            group,
            INSTALLED,
            "cert-manager",
            stored,
        ));
    }
    all
}

fn definition(
    plural: &str,
    kind: &str,
    group: &str,
    created: &str,
    release: &str,
    versions: &[(&str, Version)],
) -> Value {
    let name = format!("{plural}.{group}");
    let mut metadata = objects::metadata("CustomResourceDefinition", None, &name, created);
    put(&mut metadata, "generation", versions.len().into());
    if !release.is_empty() {
        put(
            &mut metadata,
            "annotations",
            helm_annotations(release, release),
        );
        put(
            &mut metadata,
            "labels",
            json!({ "app.kubernetes.io/managed-by": "Helm" }),
        );
    }
    let listed: Vec<Value> = versions
        .iter()
        .map(|(version, how)| {
            let mut listed = json!({
                "name": version,
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                }},
                "served": *how != Version::NotServed,
                "storage": *how == Version::Stored,
            });
            if *how == Version::Deprecated {
                put(&mut listed, "deprecated", true.into());
                put(
                    &mut listed,
                    "deprecationWarning",
                    format!("{group}/{version} {kind} is deprecated; use {group}/v1").into(),
                );
            }
            listed
        })
        .collect();
    let stored: Vec<&str> = versions.iter().map(|(version, _)| *version).collect();
    let names = json!({
        "kind": kind,
        "listKind": format!("{kind}List"),
        "plural": plural,
        "singular": kind.to_lowercase(),
    });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "conversion": { "strategy": "None" },
            "group": group,
            "names": names,
            "scope": if kind == "ClusterIssuer" { "Cluster" } else { "Namespaced" },
            "versions": listed,
        },
        "status": {
            "acceptedNames": names,
            "conditions": [
                {
                    "lastTransitionTime": created,
                    "message": "no conflicts found",
                    "reason": "NoConflicts",
                    "status": "True",
                    "type": "NamesAccepted",
                },
                {
                    "lastTransitionTime": created,
                    "message": "the initial names have been accepted",
                    "reason": "InitialNamesAccepted",
                    "status": "True",
                    "type": "Established",
                },
            ],
            "storedVersions": stored,
        },
    })
}

/// The certificates of the two hosts.
pub(super) fn certificates() -> Vec<Value> {
    [
        ("payments", "gateway", "pay"),
        ("storefront", "web", "shop"),
    ]
    .iter()
    .map(|(namespace, service, host)| {
        let name = format!("{service}-tls");
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": objects::metadata("Certificate", Some(namespace), &name, INSTALLED),
            "spec": {
                "dnsNames": [format!("{host}.harbour.example")],
                "issuerRef": { "kind": "ClusterIssuer", "name": "harbour-ca" },
                "secretName": name,
            },
            "status": { "conditions": [{
                "lastTransitionTime": "2026-08-30T04:11:20Z",
                "message": "Certificate is up to date and has not expired",
                "reason": "Ready",
                "status": "True",
                "type": "Ready",
            }]},
        })
    })
    .collect()
}

/// Objects of the definition with three versions, read at the newest.
pub(super) fn berths() -> Vec<Value> {
    ["east-1", "east-2", "west-1"]
        .iter()
        .map(|name| {
            let mut metadata = objects::metadata("Berth", Some("logistics"), name, BERTH);
            extend(&mut metadata, &json!({ "generation": 2 }));
            json!({
                "apiVersion": "platform.harbour.example/v1",
                "kind": "Berth",
                "metadata": metadata,
                "spec": { "draughtMetres": 14, "lengthMetres": 360 },
            })
        })
        .collect()
}
