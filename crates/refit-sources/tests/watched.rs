//! Who sets fields that are watched, by every route that shows it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use refit_model::kubernetes::{FieldState, FieldUse, WatchedField};
use refit_model::seen::{Seen, Unseen};
use refit_sources::{ReadOptions, SourceFile, Watch, read};

fn options() -> ReadOptions {
    let field = |api: &str, path: &str| WatchedField {
        api: api.parse().unwrap(),
        path: path.to_owned(),
        state: FieldState::Set,
        minor: "1.36".parse().unwrap(),
    };
    let fields = [
        field("v1 Service", "spec.topologyKeys"),
        field("v1 Pod", "spec.workloadRef"),
        field("apps/v1 Deployment", "spec.template.spec.workloadRef"),
        field(
            "batch/v1 CronJob",
            "spec.jobTemplate.spec.template.spec.workloadRef",
        ),
    ];
    ReadOptions {
        watch: Watch::new("1.37".parse().unwrap(), fields),
        ..ReadOptions::default()
    }
}

fn uses(name: &str, text: &str, options: &ReadOptions) -> Seen<Vec<FieldUse>> {
    let file = SourceFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let side = read([file], options).snapshot.kubernetes.unwrap();
    side.fields.map(|fields| fields.uses)
}

/// The uses as `tier count api path: object of application at place`.
#[track_caller]
fn check(name: &str, text: &str, expected: &[&str]) {
    let Seen::Is(found) = uses(name, text, &options()) else {
        panic!("nothing was watched");
    };
    let lines: Vec<String> = found
        .iter()
        .map(|used| {
            let first = &used.first[0];
            let made_by = used.made_by.as_ref();
            let made_by = made_by.map_or_else(String::new, |by| format!(" made by {by}"));
            let place = first.location.as_ref().map(ToString::to_string);
            format!(
                "{} {} {} {}{made_by}: {}{} of {} at {}",
                used.tier,
                used.count,
                used.api,
                used.path,
                first.object,
                first.by,
                first.application.name,
                place.unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(lines, expected, "{text}");
}

#[test]
fn manifests_with_their_place() {
    let text = "# two of them
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web, labels: {app.kubernetes.io/name: shop}}
spec:
  topologyKeys: [kubernetes.io/hostname]
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: api, labels: {app.kubernetes.io/name: shop}}
spec: {topologyKeys: []}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: plain}
spec: {ports: [{port: 80}]}
---
apiVersion: example.com/v1
kind: Service
metadata: {namespace: shop, name: other}
spec: {topologyKeys: [a]}
";
    check(
        "web.yaml",
        text,
        &["manifest 2 v1 Service spec.topologyKeys: shop/api of shop at web.yaml:8:1"],
    );
}

#[test]
fn objects_of_a_cluster_with_what_makes_them_and_what_they_were_applied_from() {
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": "p-1",
        "uid": "u1", "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "name": "web-1", "uid": "r1", "controller": true}]},
        "spec": {"workloadRef": {"name": "w"}, "containers": []}, "status": {"phase": "Running"}}"#;
    check(
        "pods.json",
        pod,
        &[
            "live object 1 v1 Pod spec.workloadRef made by apps/v1 ReplicaSet: shop/p-1 of shop/web-1 at pods.json:1:2",
        ],
    );
    // The server dropped the field; the file that it came from still sets it.
    let applied = r#"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"topologyKeys\":[\"a\"]}}"#;
    let service = format!(
        r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"namespace": "shop", "name": "web",
        "uid": "s1", "annotations": {{"kubectl.kubernetes.io/last-applied-configuration": "{applied}"}}}},
        "spec": {{"ports": []}}}}"#
    );
    check(
        "services.json",
        &service,
        &[
            "last-applied annotation 1 v1 Service spec.topologyKeys: shop/web of shop/web at services.json:1:2",
        ],
    );
}

#[test]
fn templates_in_templates() {
    let text = "apiVersion: batch/v1
kind: CronJob
metadata: {namespace: shop, name: nightly}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          workloadRef: {name: a}
";
    check(
        "cron.yaml",
        text,
        &[
            "manifest 1 batch/v1 CronJob spec.jobTemplate.spec.template.spec.workloadRef: shop/nightly of shop/nightly at cron.yaml:1:1",
        ],
    );
}

#[test]
fn nothing_watched_is_not_nothing_seen() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {topologyKeys: [a]}\n";
    assert_eq!(
        uses("web.yaml", text, &ReadOptions::default()),
        Seen::Gap(Unseen::NotAsked)
    );
    let plain = text.replace("topologyKeys", "ports");
    assert_eq!(uses("web.yaml", &plain, &options()), Seen::Is(Vec::new()));
}

/// No shape of an object makes looking fail.
#[test]
fn objects_of_any_shape() {
    for spec in [
        "null",
        "[]",
        "7",
        "{topologyKeys: {}}",
        "[[{topologyKeys: 1}]]",
    ] {
        let text =
            format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {spec}\n");
        let found = uses("web.yaml", &text, &options());
        let expected = usize::from(spec.contains("topologyKeys"));
        assert_eq!(found.get().unwrap().len(), expected, "{spec}");
    }
}
