//! `refit inventory` on the example cluster.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["inventory", "-f", "examples/harbour"])
        .args(["--now", "2026-11-28T00:00:00Z"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// `project version sureness answer` of every entry.
fn entries(inventory: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    inventory["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            format!(
                "{} {} {} {}",
                word(&found["project"]),
                word(&found["version"]["version"]),
                word(&found["sureness"]),
                word(&found["support"]["answer"])
            )
        })
        .collect()
}

#[test]
fn every_project_of_the_example_is_named() {
    let output = run(&["--to", "1.34", "-o", "json"]);
    // Ingress NGINX 1.12.2 does not go with 1.34.
    assert_eq!(output.status.code(), Some(3));
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entries = entries(&inventory);
    for expected in [
        "alertmanager 0.28.1 certain",
        "cert-manager 1.19.2 certain",
        "cluster-autoscaler 1.34.1",
        "coredns 1.11.3",
        "flannel 0.26.7",
        "fluent-bit 4.0.8",
        "grafana 12.1.1",
        "ingress-nginx 1.12.2",
        "kubernetes 1.31.9",
        "metrics-server 0.8.0",
        "node-exporter 1.9.1",
        "postgresql 17.6",
        "prometheus 3.5.0",
        "rabbitmq 4.1.4",
        "redis 8.2.1",
    ] {
        assert!(
            entries.iter().any(|entry| entry.starts_with(expected)),
            "{expected} is not in {entries:#?}"
        );
    }
    let refused: Vec<&String> = entries
        .iter()
        .filter(|entry| entry.ends_with(" not-supported"))
        .collect();
    assert!(
        refused
            .iter()
            .any(|entry| entry.starts_with("ingress-nginx")),
        "{refused:?}"
    );
    // The applications of the port itself are nobody's projects.
    let unnamed = inventory["workloads"]["unnamed"].as_array().unwrap();
    assert!(unnamed.len() > 20, "{}", unnamed.len());
    for one in unnamed {
        let images = one["images"].as_array().unwrap();
        assert!(
            images
                .iter()
                .all(|image| image.as_str().unwrap().contains("registry.harbour.example")),
            "{one}"
        );
    }
    let all = inventory["workloads"]["all"].as_u64().unwrap();
    let named = inventory["workloads"]["named"].as_u64().unwrap();
    assert_eq!(all, named + u64::try_from(unnamed.len()).unwrap());
}

#[test]
fn without_a_target_nothing_is_refused() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0));
    let text = text(&output);
    for line in [
        "cert-manager 1.19.2",
        "goes with 1.31",
        "workloads that no rule could name",
        "no fixes since 2026-03-31",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
}

#[test]
fn the_forms_say_the_same() {
    let json: Value = serde_json::from_slice(&run(&["-o", "json"]).stdout).unwrap();
    assert_eq!(json["kind"], "Inventory");
    assert_eq!(json["apiVersion"], "refit.dev/v1alpha1");
    let markdown = text(&run(&["-o", "markdown"]));
    let human = text(&run(&[]));
    for found in json["projects"].as_array().unwrap() {
        let title = found["title"].as_str().unwrap();
        assert!(markdown.contains(title), "{title}");
        assert!(human.contains(title), "{title}");
    }
    let yaml = text(&run(&["-o", "yaml"]));
    assert!(yaml.contains("kind: Inventory"), "{yaml}");
    // The same input gives the same bytes.
    assert_eq!(run(&["-o", "json"]).stdout, run(&["-o", "json"]).stdout);
}

#[test]
fn a_target_that_nothing_is_known_of_is_refused() {
    let output = run(&["--to", "1.99"]);
    assert_eq!(output.status.code(), Some(2));
}
