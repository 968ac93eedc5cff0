//! What is known, as people ask for it, and facts of theirs laid over it.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

struct Said {
    out: String,
    err: String,
    code: i32,
}

fn refit(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn facts_are_listed_shown_and_searched() {
    for (arguments, expected) in [
        (&["list"][..], "kubernetes/api-lifecycle.csv"),
        (&["list", "releases"], "1.34  kubernetes/releases.csv"),
        (
            &["show", "FlowSchema"],
            "flowcontrol.apiserver.k8s.io v1beta3 FlowSchema",
        ),
        (&["search", "version-skew-policy"], "kubelet kube-apiserver"),
        (
            &["diff", "1.24", "1.26"],
            "policy/v1beta1 PodSecurityPolicy is not served any more",
        ),
        (&["sources"], "endoflife.date"),
        (&["coverage"], "cert-manager"),
    ] {
        let said = refit(here(), &[&["knowledge"], arguments].concat());
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        assert!(said.out.contains(expected), "{arguments:?}: {}", said.out);
        let json = refit(
            here(),
            &[&["knowledge"], arguments, &["-o", "json"]].concat(),
        );
        serde_json::from_str::<Value>(&json.out).unwrap();
    }
}

#[test]
fn what_is_not_known_is_said() {
    for (arguments, expected) in [
        (&["show", "FlowShema"][..], "FlowSchema may be meant"),
        (
            &["search", "no such text anywhere"],
            "does not mean that it is fine",
        ),
        (&["list", "relases"], "releases may be meant"),
        (&["diff", "1.36", "1.33"], "1.33 does not come after 1.36"),
        (
            &["diff", "1.33", "1.99"],
            "the knowledge covers 1.16 to 1.37",
        ),
    ] {
        let said = refit(here(), &[&["knowledge"], arguments].concat());
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(said.err.contains(expected), "{arguments:?}: {}", said.err);
    }
}

const MANIFEST: &str = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\n";

/// Says that policy/v1 PodDisruptionBudget goes, which no source says.
fn overlay(removed: &str) -> String {
    format!(
        "apiVersion: refit.dev/v1alpha1
kind: KnowledgeOverlay
name: harbour-platform
facts:
  - file: kubernetes/api-lifecycle.csv
    source: platform team, ticket 12
    asOf: 2026-11-29
    rows:
      - group: policy
        version: v1
        kind: PodDisruptionBudget
        object: resource
        stage: ga
        served_by_default: \"yes\"
        introduced: \"1.21\"
        introduced_basis: source-tag
        deprecated: \"1.25\"
        deprecated_basis: source-tag
        removed: \"{removed}\"
        removal_basis: openapi-absence
        removal_stated_by: \"1.37\"
        first_openapi: \"1.21\"
        last_openapi: \"1.37\"
"
    )
}

#[test]
fn an_overlay_that_contradicts_says_so_in_every_finding_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("web.yaml"), MANIFEST).unwrap();
    fs::write(folder.path().join("ours.yaml"), overlay("1.35")).unwrap();
    let assess = |more: &[&str]| {
        let arguments = ["assess", "-f", "web.yaml", "--to", "1.36", "-o", "json"];
        let said = refit(folder.path(), &[&arguments, more].concat());
        (serde_json::from_str::<Value>(&said.out).unwrap(), said.code)
    };
    let (plain, _) = assess(&[]);
    assert_eq!(
        plain["findings"].as_array().map(Vec::len),
        Some(0),
        "{plain}"
    );
    assert_eq!(plain["metadata"]["knowledge"]["overlays"], Value::Null);

    let (changed, code) = assess(&["--knowledge", "ours.yaml"]);
    assert_eq!(code, 3);
    let finding = &changed["findings"][0];
    assert_eq!(finding["code"], "RFA101");
    let told = finding["references"].to_string();
    for part in [
        "overlay harbour-platform contradicts a built-in fact",
        "removed is \\\"1.35\\\", built in as empty",
        "platform team, ticket 12 (2026-11-29)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let used = &changed["metadata"]["knowledge"]["overlays"][0];
    assert_eq!(used["name"], "harbour-platform");
    assert_eq!(used["contradicts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_an_overlay_keeps_away_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let gone = MANIFEST.replace("policy/v1", "policy/v1beta1");
    fs::write(folder.path().join("web.yaml"), gone).unwrap();
    let text = overlay("")
        .replace("version: v1\n", "version: v1beta1\n")
        .replace(
            "removed: \"\"",
            "removed: \"\"\n        notes: kept by our fork",
        )
        .replace("removal_basis: openapi-absence", "removal_basis: \"\"")
        .replace("removal_stated_by: \"1.37\"", "removal_stated_by: \"\"")
        .replace("introduced: \"1.21\"", "introduced: \"<=1.10\"")
        .replace("deprecated: \"1.25\"", "deprecated: \"\"")
        .replace("deprecated_basis: source-tag", "deprecated_basis: \"\"")
        .replace("stage: ga", "stage: beta");
    fs::write(folder.path().join("ours.yaml"), text).unwrap();
    let said = refit(
        folder.path(),
        &[
            "assess",
            "-f",
            "web.yaml",
            "--to",
            "1.36",
            "--knowledge",
            "ours.yaml",
        ],
    );
    assert!(
        said.err
            .contains("with the overlay harbour-platform these are not found: RFA101-"),
        "{}",
        said.err
    );
}

#[test]
fn overlays_that_cannot_be_used_are_refused_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("web.yaml"), MANIFEST).unwrap();
    for (text, expected) in [
        (overlay("soon"), "removed is \"soon\", which is not a minor"),
        (
            overlay("1.35").replace("stage: ga", "stag: ga"),
            "has no column stag",
        ),
        (
            overlay("1.35").replace("api-lifecycle.csv", "apis.csv"),
            "there is no fact file",
        ),
        (
            overlay("1.35").replace("kind: KnowledgeOverlay", "kind: Waiver"),
            "KnowledgeOverlay",
        ),
        ("facts: [".to_owned(), "ours.yaml"),
    ] {
        fs::write(folder.path().join("ours.yaml"), &text).unwrap();
        let said = refit(
            folder.path(),
            &[
                "assess",
                "-f",
                "web.yaml",
                "--to",
                "1.36",
                "--knowledge",
                "ours.yaml",
            ],
        );
        assert_eq!(said.code, 2, "{text}");
        assert!(said.err.contains(expected), "{expected}: {}", said.err);
    }
    let said = refit(
        folder.path(),
        &["knowledge", "list", "--knowledge", "absent.yaml"],
    );
    assert_eq!(said.code, 2);
}

/// Keys that were made for this test and sign nothing else.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKGUqLxSFqW3KAcLVt7lU+4xqF809AOjbh5XbOljmGuo\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEArzyVjJTZ4Fvv5Q0YWmBe4gWlJk03ebDC9d+1kMZXiHk=\n-----END PUBLIC KEY-----\n";
const OF_OTHERS: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEArjg9lF73zu1dmNOCj2q1EEdy3WXPTW4JUsf3KyZqwT4=\n-----END PUBLIC KEY-----\n";

#[test]
fn knowledge_is_taken_over_when_it_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("key", PRIVATE), ("pub", PUBLIC), ("other", OF_OTHERS)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_refit"))
            .arg("knowledge")
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("XDG_DATA_HOME", folder.path())
            .output()
            .unwrap();
        Said {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    };
    let first_line = || run(&["list"]).out.lines().next().unwrap().to_owned();
    let built_in = first_line();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let said = run(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(expected), "{arguments:?}: {}", said.err);
    };
    check(
        &["export", "--key", "pub", "-O", "same"],
        2,
        "does not hold a private key",
    );
    check(&["export", "--key", "key", "-O", "same"], 0, "wrote same");
    check(
        &["import", "same", "--trust", "other"],
        3,
        "was not signed with the key of other",
    );
    check(
        &["import", "key", "--trust", "pub"],
        2,
        "is no bundle of knowledge",
    );
    check(
        &["import", "same", "--trust", "pub"],
        0,
        "what is built in is as new, and is used",
    );
    assert_eq!(first_line(), built_in);

    let text = fs::read_to_string(folder.path().join("same")).unwrap();
    fs::write(
        folder.path().join("forged"),
        text.replacen("H4sI", "H4sJ", 1),
    )
    .unwrap();
    check(&["import", "forged", "--trust", "pub"], 3, "was not signed");
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let version = bundle["version"].as_str().unwrap();
    let text = text.replacen(version, "9999.1.1", 1);
    fs::write(folder.path().join("renamed"), text).unwrap();
    check(
        &["import", "renamed", "--trust", "pub"],
        3,
        "says that it is 9999.1.1, and what is signed in it is",
    );

    fs::write(folder.path().join("refit/knowledge.json"), "{").unwrap();
    check(&["list"], 2, "could not read the imported knowledge");
    check(&["import", "same", "--trust", "pub"], 0, "is kept at");
    assert_eq!(first_line(), built_in);
}

#[test]
fn the_overlay_of_the_guide_can_be_laid() {
    let guide = fs::read_to_string(here().join("../../docs/guides/knowledge.md")).unwrap();
    let overlay = guide
        .split("```yaml\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains("kind: KnowledgeOverlay"))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("harbour.yaml"), overlay).unwrap();
    let arguments = ["knowledge", "show", "tide-gauge"];
    let without = refit(folder.path(), &arguments);
    assert_ne!(without.code, 0, "{}", without.out);
    let with = refit(
        folder.path(),
        &[&arguments[..], &["--knowledge", "harbour.yaml"]].concat(),
    );
    assert_eq!(with.code, 0, "{}", with.err);
    assert!(with.out.contains("Tide Gauge"), "{}", with.out);
}
