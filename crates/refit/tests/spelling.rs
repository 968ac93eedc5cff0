//! The same file gives the same verdict however it is spelled, and by way of a
//! snapshot too: what is skipped at a glance in one spelling is read in another.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use refit_service::documents::to_yaml;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn refit(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// YAML in braces and brackets, with plain keys: it is no JSON.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{key}: {}", flow(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(flow).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Block YAML whose keys are in quotes.
fn quoted(block: &str) -> String {
    let line = |line: &str| {
        let text = line.trim_start_matches([' ', '-']);
        let (indent, rest) = line.split_at(line.len() - text.len());
        match rest.split_once(':') {
            Some((key, value)) if !key.starts_with(['"', '\'']) => {
                format!("{indent}\"{key}\":{value}\n")
            }
            Some(_) | None => format!("{line}\n"),
        }
    };
    block.lines().map(line).collect()
}

fn spellings(value: &Value) -> Vec<(&'static str, String)> {
    let block = to_yaml(value).unwrap();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [value]});
    vec![
        ("quoted.yaml", quoted(&block)),
        ("flow.yaml", format!("# as it is\n{}\n", flow(value))),
        ("array.yaml", format!("# as it is\n[{}]\n", flow(value))),
        ("one.json", value.to_string()),
        ("pretty.json", serde_json::to_string_pretty(value).unwrap()),
        ("one.jsonl", format!("{value}\n")),
        ("list.json", list.to_string()),
        ("list.yaml", to_yaml(&list).unwrap()),
        ("block.yaml", block),
    ]
}

/// The verdict, and the codes and subjects of what was found.
fn verdict(folder: &Path, path: &str, more: &[&str]) -> String {
    let arguments = ["assess", "-f", path, "--to", "1.36", "-o", "json"];
    let now = ["--now", "2026-11-28T00:00:00Z", "--fail-on", "never"];
    let output = refit(folder, &[&arguments[..], &now, more].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{path}: {error}: {said}"));
    let text = |value: &Value, path: &str| {
        let text = value.pointer(path).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let findings = told.get("findings").and_then(Value::as_array).unwrap();
    let findings = findings
        .iter()
        .map(|one| format!(" {} {}", text(one, "/code"), text(one, "/subject/name")));
    format!(
        "{}{}",
        text(&told, "/summary/verdict"),
        findings.collect::<String>()
    )
}

#[track_caller]
fn check(value: &Value, expected: &str) {
    check_with(value, &[], expected);
}

#[track_caller]
fn check_with(value: &Value, more: &[&str], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let beside = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: beside\n";
    for (name, text) in spellings(value) {
        let place = folder.path().join(name.replace('.', "-"));
        fs::create_dir(&place).unwrap();
        fs::write(place.join(name), &text).unwrap();
        fs::write(place.join("beside.yaml"), beside).unwrap();
        assert_eq!(verdict(&place, ".", more), expected, "{name}:\n{text}");
        // A snapshot reads everything: one spelling that a glance believes, and one
        // that it does not, are enough.
        if !matches!(name, "block.yaml" | "flow.yaml") {
            continue;
        }
        let taken = refit(&place, &["snapshot", "-f", ".", "-o", "../one.json"]);
        assert!(taken.status.success(), "{taken:?}");
        assert_eq!(
            verdict(folder.path(), "one.json", more),
            expected,
            "by way of a snapshot: {name}:\n{text}"
        );
    }
}

#[test]
fn files_of_tools_hide_nothing() {
    check(
        &json!({"apiVersion": "v1", "kind": "Config", "current-context": "a",
            "clusters": [{"name": "a", "cluster": {"server": "https://localhost"}}]}),
        "ready",
    );
    check(
        &json!({"apiVersion": "kind.x-k8s.io/v1alpha4", "kind": "Cluster",
            "nodes": [{"role": "control-plane"}]}),
        "ready",
    );
    check(
        &json!({"apiVersion": "skaffold/v4beta6", "kind": "Config",
            "build": {"artifacts": [{"image": "web"}]}}),
        "ready",
    );
    check(
        &json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "namePrefix": "${ENVIRONMENT}-", "resources": ["a.yaml"]}),
        "ready",
    );
    check(
        &json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "namePrefix": "{{ environment }}-"}),
        "ready",
    );
    check(
        &json!({"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration",
            "resources": []}),
        "ready",
    );
}

#[test]
fn names_that_are_filled_in_later_hide_what_they_name() {
    let of = |api: &str, kind: &str, name: &str| {
        json!({"apiVersion": api, "kind": kind,
            "metadata": {"name": name, "namespace": "shop"}})
    };
    for name in ["${NAME}", "{{ name }}"] {
        for kind in ["ConfigMap", "Secret", "ServiceAccount"] {
            check(&of("v1", kind, name), "ready");
        }
        check(
            &of("networking.k8s.io/v1beta1", "Ingress", name),
            "blocked RFA101 unnamed",
        );
        // What a budget counts may stand behind it.
        let deployment = of("apps/v1", "Deployment", name);
        check(&deployment, "unseen");
        check_with(&deployment, &["--only", "api"], "ready");
    }
    check(&json!({"apiVersion": "v1", "kind": "ConfigMap"}), "ready");
}

/// One object of a server among manifests makes no cluster of them, whether they are
/// read or skipped.
#[test]
fn an_exported_object_is_a_manifest() {
    let exported = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "web", "namespace": "shop", "uid": "4711"},
        "spec": {"replicas": 2}});
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("one.yaml"), to_yaml(&exported).unwrap()).unwrap();
    let more: &[&[&str]] = &[&[], &["--only", "api"]];
    // By itself it is a dump, of which most is missing.
    assert_eq!(verdict(folder.path(), "a", &[]), "unseen");
    for kind in ["Service", "ConfigMap"] {
        for name in ["a", "b"] {
            let text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
            fs::write(place.join(format!("{kind}-{name}.yaml")), text).unwrap();
        }
        let taken = refit(folder.path(), &["snapshot", "-f", "a", "-o", "one.json"]);
        assert!(taken.status.success(), "{taken:?}");
        for more in more {
            for path in ["a", "one.json"] {
                let found = verdict(folder.path(), path, more);
                assert_eq!(found, "ready", "{kind} {path} {more:?}");
            }
        }
    }
}

/// What a person writes twice is told in the machine output too; and a path is the
/// same landscape however it is spelled.
#[test]
fn remarks_and_paths_are_told_alike() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: a\n  name: b\n";
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a/a.yaml"), text).unwrap();
    let absolute = folder.path().canonicalize().unwrap().join("a");
    let assess = |path: &str| {
        let arguments = ["assess", "-f", path, "--to", "1.36", "-o", "json"];
        let now = ["--now", "2026-11-28T00:00:00Z", "--fail-on", "never"];
        let output = refit(folder.path(), &[&arguments[..], &now].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let told = assess("a");
    assert_eq!(told, assess("./a/"));
    assert_eq!(told, assess(absolute.to_str().unwrap()));
    let told: Value = serde_json::from_str(&told).unwrap();
    let remark = told.pointer("/remarks/0").unwrap();
    assert_eq!(
        remark.pointer("/location/file").and_then(Value::as_str),
        Some("a/a.yaml")
    );
    assert_eq!(
        remark.pointer("/location/line").and_then(Value::as_u64),
        Some(5)
    );
    let text = remark.pointer("/text").and_then(Value::as_str).unwrap();
    assert!(text.contains("\"name\" is given twice"), "{text}");
}

/// Whoever reads a page in a ticket did not see the screen on which it was made.
#[test]
fn what_was_noticed_stands_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\n\"name\":\"b\"}}\n";
    fs::write(folder.path().join("a.json"), text).unwrap();
    let check = |target: &[&str], words: &[&str]| {
        for form in ["json", "yaml", "markdown", "sarif", "html"] {
            let arguments = ["assess", "-f", "a.json", "-o", form];
            let now = ["--now", "2026-11-28T00:00:00Z", "--fail-on", "never"];
            let output = refit(folder.path(), &[&arguments[..], &now, target].concat());
            let told = String::from_utf8(output.stdout).unwrap();
            for word in words {
                assert!(told.contains(word), "{form} does not say {word:?}:\n{told}");
            }
        }
    };
    check(&["--to", "1.36"], &["is given twice", "a.json"]);
    check(&[], &["is the newest known"]);
    check(&["--to", "1.36.99"], &["v1.36.99 was not out on"]);
}

/// A document that no rule asks for is counted, readable or not.
#[test]
fn what_no_rule_asks_for_need_not_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: [\n---\n\
        apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n";
    fs::write(folder.path().join("a/a.yaml"), broken).unwrap();
    assert_eq!(verdict(folder.path(), "a", &[]), "ready");
    let taken = refit(folder.path(), &["snapshot", "-f", "a", "-o", "one.json"]);
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!(verdict(folder.path(), "one.json", &[]), "ready");
    let asked = broken.replace(
        "v1\nkind: ConfigMap",
        "policy/v1\nkind: PodDisruptionBudget",
    );
    fs::write(folder.path().join("a/a.yaml"), asked).unwrap();
    assert!(verdict(folder.path(), "a", &[]).starts_with("unseen"));
}
