//! What is read of a folder, and what is only counted.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GONE: &str =
    "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\n";
const PLAIN: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

/// The assessment of `folder` and what standard error said.
fn assess(folder: &Path, more: &[&str]) -> (Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["assess", "--to", "1.36", "--now", "2026-11-29T00:00:00Z"])
        .args(["-o", "json", "--fail-on", "never", "-f", "."])
        .args(more)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let told =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (told, said)
}

fn places(assessment: &Value) -> Vec<String> {
    let mut places: Vec<String> = assessment["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "RFA101")
        .flat_map(|finding| finding["evidence"].as_array().unwrap())
        .map(|evidence| {
            let place = &evidence["location"];
            format!("{}:{}", place["file"].as_str().unwrap(), place["line"])
        })
        .collect();
    places.sort();
    places
}

#[test]
fn what_git_ignores_is_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(".gitignore", "build/\n*.local.yaml\n");
    write("web.yaml", GONE);
    write(".hidden/web.yaml", GONE);
    write("build/web.yaml", GONE);
    write("team/mine.local.yaml", GONE);
    // Without a repository, the file says nothing: git would not read it either.
    let every = [
        "./.hidden/web.yaml:1",
        "./build/web.yaml:1",
        "./team/mine.local.yaml:1",
        "./web.yaml:1",
    ];
    let (told, said) = assess(folder.path(), &[]);
    assert_eq!(places(&told), every);
    assert!(!said.contains("ignores"), "{said}");
    write(".git/HEAD", "ref: refs/heads/main\n");
    write(".git/web.yaml", GONE);
    let (told, said) = assess(folder.path(), &[]);
    assert_eq!(places(&told), ["./.hidden/web.yaml:1", "./web.yaml:1"]);
    assert!(said.contains("git ignores 2 files"), "{said}");
    let (told, said) = assess(folder.path(), &["--no-ignore"]);
    assert_eq!(places(&told), every);
    assert!(!said.contains("ignores"), "{said}");
}

#[test]
fn documents_that_no_rule_needs_are_counted_and_others_keep_their_places() {
    let folder = tempfile::tempdir().unwrap();
    // Many files, so that several threads have work, and one that is large.
    for number in 0..300 {
        let text = format!(
            "{PLAIN}---\n{}",
            GONE.replace("web", &format!("web-{number}"))
        );
        fs::write(folder.path().join(format!("{number:03}.yaml")), text).unwrap();
    }
    let large: String = (0..1000).map(|_| format!("{PLAIN}---\n")).collect();
    fs::write(folder.path().join("large.yaml"), large + GONE).unwrap();
    let (told, _) = assess(folder.path(), &[]);
    assert_eq!(told["summary"]["objects"], 300 * 2 + 1001);
    let apis = told["coverage"].as_array().unwrap();
    let apis = apis.iter().find(|row| row["area"] == "apis").unwrap();
    assert_eq!(apis["skipped"], 300 + 1000);
    let places = places(&told);
    assert_eq!(places.len(), 301);
    assert_eq!(places.first().unwrap(), "./000.yaml:6");
    assert_eq!(places.last().unwrap(), "./large.yaml:5001");
    // Whichever thread was faster, the answer is the same.
    let (again, _) = assess(folder.path(), &[]);
    assert_eq!(told, again);
    let (api, _) = assess(folder.path(), &["--only", "api"]);
    assert_eq!(api["findings"].as_array().unwrap().len(), 301);
}

/// What a link to nowhere should lead to was not seen, and everything beside it
/// was. What editors leave beside a file that is open is no such link.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_a_gap_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("web.yaml"), GONE).unwrap();
    for (target, link) in [
        ("ada@desk.1234", ".#web.yaml"),
        ("two.yaml", "one.yaml"),
        ("one.yaml", "two.yaml"),
        ("../submodule", "overlays"),
    ] {
        std::os::unix::fs::symlink(target, path(link)).unwrap();
    }
    let (told, _) = assess(folder.path(), &[]);
    assert_eq!(places(&told), ["./web.yaml:1"]);
    let gaps = told["coverage"].to_string();
    for link in ["./one.yaml", "./two.yaml", "./overlays"] {
        assert!(gaps.contains(link), "{gaps}");
    }
    assert!(!gaps.contains(".#web.yaml"), "{gaps}");
}

/// What is in the folder is read where it is, what is elsewhere by the link, and
/// nothing twice or without end.
#[cfg(unix)]
#[test]
fn what_links_lead_to_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("base")).unwrap();
    fs::write(path("base/web.yaml"), GONE).unwrap();
    fs::write(path("plain.txt"), GONE.replace("web", "text")).unwrap();
    fs::write(
        elsewhere.path().join("shop.yaml"),
        GONE.replace("web", "shop"),
    )
    .unwrap();
    let outside = elsewhere.path().to_str().unwrap();
    for (target, link) in [
        ("base/web.yaml", "again.yaml"),
        ("base", "copy"),
        (".", "round"),
        ("plain.txt", "named.yaml"),
        (outside, "outside"),
    ] {
        std::os::unix::fs::symlink(target, path(link)).unwrap();
    }
    let (told, _) = assess(folder.path(), &[]);
    let expected = [
        "./base/web.yaml:1",
        "./named.yaml:1",
        "./outside/shop.yaml:1",
    ];
    assert_eq!(places(&told), expected);
    assert_eq!(told["summary"]["objects"], 3);
}

/// A program for another tool is no file of manifests, and may make some.
#[test]
fn templates_of_other_tools_are_gaps_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("web.yaml"), GONE).unwrap();
    fs::write(
        path("shop.yaml.j2"),
        "apiVersion: {{ api }}\nkind: Ingress\n",
    )
    .unwrap();
    fs::write(path("shop.jsonnet"), "{apiVersion: 'v1', kind: 'Pod'}\n").unwrap();
    fs::write(path("README.md.j2"), "apiVersion: {{ api }}\n").unwrap();
    let (told, _) = assess(folder.path(), &[]);
    assert_eq!(places(&told), ["./web.yaml:1"]);
    let gaps = told["coverage"].to_string();
    for template in ["./shop.yaml.j2:1:13", "./shop.jsonnet:1:1"] {
        assert!(gaps.contains(template), "{gaps}");
    }
    assert!(!gaps.contains("README"), "{gaps}");
}

/// Root reads what it may not: so this takes the rights of nobody.
#[cfg(target_os = "linux")]
#[test]
fn what_may_not_be_read_is_a_gap_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let allow = |name: &str, mode| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::write(path("web.yaml"), GONE).unwrap();
    fs::write(path("secret.yaml"), PLAIN).unwrap();
    fs::create_dir(path("shut")).unwrap();
    fs::write(path("shut/in.yaml"), GONE).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_refit"), path("refit")).unwrap();
    for (name, mode) in [
        (".", 0o755),
        ("refit", 0o755),
        ("secret.yaml", 0),
        ("shut", 0),
    ] {
        allow(name, mode);
    }
    let mut command = Command::new(path("refit"));
    command
        .args(["assess", "--to", "1.36", "-o", "json", "-f", "."])
        .current_dir(folder.path())
        .env_clear();
    // Only root can become somebody else; anybody else is somebody already.
    if fs::read(path("secret.yaml")).is_ok() {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(places(&told), ["./web.yaml:1"]);
    let gaps = told["coverage"].to_string();
    for closed in ["./secret.yaml", "./shut"] {
        assert!(gaps.contains(closed), "{gaps}");
    }
    assert!(gaps.contains("Permission denied"), "{gaps}");
    allow("shut", 0o755);
}

fn harbour() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour")
}

/// What is known of a finding by its id.
fn findings(value: &Value) -> BTreeMap<String, (String, Value)> {
    value["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (text("id"), (text("code"), finding["subject"].clone()))
        })
        .collect()
}

/// CI compares by ids: what has nothing to do with a finding leaves its id.
#[test]
fn ids_of_findings_survive_unrelated_changes() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &Path, change: &dyn Fn(&str, String) -> (String, String)| {
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap();
                let (name, text) = change(name, fs::read_to_string(&path).unwrap());
                fs::write(folder.path().join(name), text).unwrap();
            }
        }
    };
    copy(&harbour(), &|name, text| (name.to_owned(), text));
    copy(&harbour().join("manifests"), &|name, text| {
        (format!("m-{name}"), text)
    });
    let before = findings(&assess(folder.path(), &[]).0);
    let codes: BTreeSet<&str> = before.values().map(|(code, _)| code.as_str()).collect();
    // Skew, budgets, webhooks, definitions, add-ons and more: not APIs alone.
    assert!(codes.len() >= 12, "{codes:?}");

    for file in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    // Other lines, manifests under other names and read first, and a team that
    // has come. The files of the dump keep their names: by a name such as
    // `pods.yaml` it is known that these are all pods.
    copy(&harbour(), &|name, text| {
        (name.to_owned(), format!("# moved\n\n{text}"))
    });
    copy(&harbour().join("manifests"), &|name, text| {
        (format!("a-{name}"), format!("# moved\n\n{text}"))
    });
    fs::write(folder.path().join("b-new.yaml"), GONE).unwrap();
    let after = findings(&assess(folder.path(), &[]).0);
    let lost: Vec<_> = before
        .iter()
        .filter(|(id, finding)| after.get(*id) != Some(*finding))
        .collect();
    assert_eq!(lost, Vec::<(&String, &(String, Value))>::new());
    assert!(after.len() > before.len(), "what is new is not found");
}
