//! By which routes API versions are found in use, and how much each is trusted.

#![cfg(test)]

mod reading;

use base64::Engine as _;
use reading::{kubernetes, one};
use refit_model::kubernetes::Kubernetes;
use refit_model::object::EvidenceTier::{
    self, HelmManifest, LastApplied, LiveObject, ManagedFields, Manifest, OvertakenAnnotation,
};
use refit_model::seen::{Extent, Unseen};
use serde_json::{Value, json};
use std::io::Write as _;

const OLD: &str = "policy/v1beta1";

/// A budget that a server gave out at `policy/v1`, with these annotations and
/// managed fields.
fn budget(annotations: Value, managed: Value) -> Value {
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {
            "name": "web", "namespace": "shop", "uid": "u-1",
            "annotations": annotations, "managedFields": managed,
        },
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    })
}

fn applied() -> Value {
    let text = json!({"apiVersion": OLD, "kind": "PodDisruptionBudget"}).to_string();
    json!({"kubectl.kubernetes.io/last-applied-configuration": text})
}

fn wrote(manager: &str, version: &str, time: &str, fields: Value) -> Value {
    json!({
        "manager": manager, "operation": "Update", "apiVersion": version,
        "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields,
    })
}

fn by_kubectl(version: &str) -> Value {
    let name = "f:kubectl.kubernetes.io/last-applied-configuration";
    let fields = json!({"f:metadata": {"f:annotations": {name: {}}}, "f:spec": {}});
    wrote(
        "kubectl-client-side-apply",
        version,
        "2026-01-01T00:00:00Z",
        fields,
    )
}

fn tiers(kubernetes: &Kubernetes) -> Vec<(EvidenceTier, String, String)> {
    let mut found: Vec<_> = kubernetes
        .api_uses
        .iter()
        .map(|used| (used.tier, used.api.api_version(), used.by.clone()))
        .collect();
    found.sort();
    found
}

#[track_caller]
fn check(object: &Value, expected: &[(EvidenceTier, &str, &str)]) {
    let reading = one("dump.json", &object.to_string());
    let found = tiers(kubernetes(&reading));
    let found: Vec<(EvidenceTier, &str, &str)> = found
        .iter()
        .map(|(tier, api, by)| (*tier, api.as_str(), by.as_str()))
        .collect();
    assert_eq!(found, expected, "{object}");
}

#[test]
fn live_objects_tell_through_what_they_were_written() {
    let later = |fields| wrote("operator", "policy/v1", "2026-02-01T00:00:00Z", fields);
    let live = (LiveObject, "policy/v1", "");
    let last = (LastApplied, OLD, "kubectl apply");
    let overtaken = (OvertakenAnnotation, OLD, "kubectl apply");
    let kubectl = (ManagedFields, OLD, "kubectl-client-side-apply");
    check(&budget(json!({}), json!([])), &[live]);
    check(&budget(applied(), json!([])), &[last, live]);
    check(
        &budget(applied(), json!([by_kubectl(OLD)])),
        &[last, kubectl, live],
    );
    // Later writes to all that it wrote overtake the annotation, and leave its
    // writer nothing to say ...
    let entries = json!([by_kubectl(OLD), later(json!({"f:spec": {}}))]);
    check(&budget(applied(), entries), &[overtaken, live]);
    // ... those to metadata, to the status, or before it do not.
    for fields in [json!({"f:metadata": {}}), json!({"f:status": {}})] {
        let entries = json!([by_kubectl(OLD), later(fields)]);
        check(&budget(applied(), entries), &[last, kubectl, live]);
    }
    let earlier = wrote(
        "operator",
        "policy/v1",
        "2025-01-01T00:00:00Z",
        json!({"f:spec": {}}),
    );
    check(
        &budget(applied(), json!([by_kubectl(OLD), earlier])),
        &[last, kubectl, live],
    );
    let mut scale = later(json!({"f:spec": {}}));
    scale["subresource"] = json!("status");
    check(
        &budget(applied(), json!([by_kubectl(OLD), scale])),
        &[last, kubectl, live],
    );
    // Whoever wrote through the present version adds nothing.
    check(
        &budget(json!({}), json!([by_kubectl("policy/v1")])),
        &[live],
    );
    let helm = wrote("helm", OLD, "2026-01-01T00:00:00Z", json!({"f:spec": {}}));
    check(
        &budget(json!({}), json!([helm])),
        &[(ManagedFields, OLD, "helm"), live],
    );
}

/// What kubectl wrote and later writers did, and whether anything of the former is left.
#[test]
fn only_a_write_to_all_that_was_applied_overtakes_it() {
    let name = "f:kubectl.kubernetes.io/last-applied-configuration";
    let old = |content: &Value| {
        let mut fields = json!({"f:metadata": {"f:annotations": {name: {}}}});
        fields
            .as_object_mut()
            .unwrap()
            .extend(content.as_object().unwrap().clone());
        let manager = "kubectl-client-side-apply";
        wrote(manager, OLD, "2026-01-01T00:00:00Z", fields)
    };
    let at = |manager: &str, version: &str, fields: &Value| {
        wrote(manager, version, "2026-02-01T00:00:00Z", fields.clone())
    };
    let whole = json!({"f:spec": {"f:minAvailable": {}, "f:selector": {}}});
    let one = json!({"f:spec": {"f:minAvailable": {}}});
    let other = json!({"f:spec": {"f:selector": {}}});
    let ports =
        json!({"f:spec": {"f:ports": {".": {}, "k:{\"port\":1}": {".": {}, "f:name": {}}}}});
    let port = json!({"f:spec": {"f:ports": {"k:{\"port\":1}": {"f:name": {}}}}});
    let cases: [(&Value, Vec<Value>, bool); 9] = [
        // Nothing but the annotation is left of it.
        (&json!({}), vec![at("flux", "policy/v1", &one)], true),
        (&whole, vec![at("flux", "policy/v1", &whole)], true),
        // An autoscaler, or whoever sets a single field.
        (&whole, vec![at("flux", "policy/v1", &one)], false),
        (&one, vec![at("flux", "policy/v1", &other)], false),
        // Two of them, together.
        (
            &whole,
            vec![at("flux", "policy/v1", &one), at("x", "policy/v1", &other)],
            true,
        ),
        (
            &json!({"f:spec": {}}),
            vec![at("flux", "policy/v1", &one)],
            false,
        ),
        (&ports, vec![at("flux", "policy/v1", &ports)], true),
        (&ports, vec![at("flux", "policy/v1", &port)], true),
        (
            &whole,
            vec![at("kubectl-client-side-apply", "policy/v1", &whole)],
            false,
        ),
    ];
    let live = (LiveObject, "policy/v1", "");
    for (content, later, is_past) in cases {
        let mut entries = later;
        entries.push(old(content));
        let object = budget(applied(), Value::Array(entries));
        if is_past {
            check(
                &object,
                &[(OvertakenAnnotation, OLD, "kubectl apply"), live],
            );
        } else {
            let kubectl = (ManagedFields, OLD, "kubectl-client-side-apply");
            check(
                &object,
                &[(LastApplied, OLD, "kubectl apply"), kubectl, live],
            );
        }
    }
    // The managed fields of others stand for themselves, of kubectl too.
    for manager in ["operator", "kubectl-edit"] {
        let entries = json!([
            old(&one),
            at("flux", "policy/v1", &one),
            wrote(manager, OLD, "2025-01-01T00:00:00Z", one.clone()),
        ]);
        check(
            &budget(applied(), entries),
            &[
                (OvertakenAnnotation, OLD, "kubectl apply"),
                (ManagedFields, OLD, manager),
                live,
            ],
        );
    }
}

#[test]
fn manifests_are_what_they_say() {
    let mut manifest = budget(json!({}), json!([]));
    manifest["apiVersion"] = json!(OLD);
    manifest["metadata"].as_object_mut().unwrap().remove("uid");
    check(&manifest, &[(Manifest, OLD, "")]);
}

#[test]
fn annotations_that_are_no_manifests_are_no_evidence() {
    for text in [
        "",
        "{",
        "[]",
        "{\"apiVersion\": 1, \"kind\": \"X\"}",
        "{\"kind\": \"X\"}",
    ] {
        let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": text});
        check(
            &budget(annotations, json!([])),
            &[(LiveObject, "policy/v1", "")],
        );
    }
}

const RENDERED: &str = "---\n# Source: web/templates/pdb.yaml\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  minAvailable: 1\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\nstringData:\n  password: hunter2\n";

fn packed(release: &Value) -> String {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(release.to_string().as_bytes()).unwrap();
    base64::engine::general_purpose::STANDARD.encode(encoder.finish().unwrap())
}

fn release(revision: u32, status: &str, manifest: &str) -> Value {
    json!({
        "name": "web", "namespace": "shop", "version": revision,
        "info": {"status": status},
        "chart": {"metadata": {
            "name": "web", "version": "1.2.3", "appVersion": "4.5", "kubeVersion": ">=1.25.0-0",
            "home": "https://example.com", "sources": ["https://u:hunter2@github.com/Shop/web"],
        }},
        "manifest": manifest,
        "hooks": [{"name": "migrate", "manifest": "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: migrate}\n"}],
    })
}

fn secret(revision: u32, data: &str) -> Value {
    let twice = base64::engine::general_purpose::STANDARD.encode(data);
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {
            "name": format!("sh.helm.release.v1.web.v{revision}"), "namespace": "shop",
            "uid": format!("s-{revision}"),
        },
        "data": {"release": twice},
    })
}

#[test]
fn the_newest_revision_of_a_release_is_read() {
    let newest = secret(12, &packed(&release(12, "deployed", RENDERED)));
    let older = secret(
        9,
        &packed(&release(
            9,
            "superseded",
            "apiVersion: gone/v1\nkind: Gone\nmetadata: {name: x}\n",
        )),
    );
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [newest, older]});
    let reading = one("dump/secrets.json", &list.to_string());
    let cluster = kubernetes(&reading);
    let found: Vec<_> = cluster
        .api_uses
        .iter()
        .filter(|used| used.tier == HelmManifest)
        .map(|used| {
            let place = used.location.as_ref().unwrap();
            format!("{} {} by {} at {place}", used.api, used.object, used.by)
        })
        .collect();
    assert_eq!(
        found,
        [
            "v1 Secret shop/keys by shop/web at dump/secrets.json » release shop/web.v12:10:1",
            "batch/v1beta1 CronJob shop/migrate by shop/web at dump/secrets.json » release shop/web.v12 » hook migrate:1:1",
            "policy/v1beta1 PodDisruptionBudget shop/web by shop/web at dump/secrets.json » release shop/web.v12:3:1",
        ]
    );
    let (key, release) = cluster.releases.items.iter().next().unwrap();
    assert_eq!(
        (key.to_string().as_str(), release.revision),
        ("shop/web", 12)
    );
    assert_eq!(release.chart_version, "1.2.3");
    assert_eq!(release.kube_version.as_deref(), Some(">=1.25.0-0"));
    let publishers: Vec<String> = release.publishers.iter().map(ToString::to_string).collect();
    assert_eq!(publishers, ["github.com/shop"]);
    assert_eq!(cluster.releases.extent, Extent::Whole);
    // No content of a Secret is kept, nested ones included.
    let text = serde_json::to_string(&reading.snapshot).unwrap();
    assert!(!text.contains("hunter2"));
}

#[test]
fn releases_in_config_maps_are_read() {
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": "sh.helm.release.v1.web.v2", "namespace": "shop", "uid": "c-1",
            "labels": {"owner": "helm"},
        },
        "data": {"release": packed(&release(2, "deployed", RENDERED))},
    });
    let reading = one("dump.json", &object.to_string());
    let cluster = kubernetes(&reading);
    assert_eq!(cluster.releases.items.len(), 1);
    // ConfigMaps show no Secrets.
    assert_eq!(cluster.releases.extent, Extent::Part(Unseen::NotInSource));
}

#[test]
fn releases_that_cannot_be_read_are_gaps() {
    let truncated = {
        let whole = packed(&release(1, "deployed", RENDERED));
        whole[..whole.len() / 2 / 4 * 4].to_owned()
    };
    for (data, why) in [
        ("*", "not base64"),
        ("aGVsbG8=", "not a release"),
        (&truncated, "cannot be unpacked"),
        (
            &packed(&json!({"name": "-bad", "namespace": "shop"})),
            "not a release",
        ),
    ] {
        let reading = one("dump.json", &secret(1, data).to_string());
        let told = reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| matches!(&gap.why, Unseen::Failed(text) if text.contains(why)));
        assert!(told, "{why}: {:?}", reading.snapshot.gaps);
        assert!(kubernetes(&reading).releases.items.is_empty());
    }
}
