//! `refit snapshot`: what it leaves behind is read like what it was made of, and
//! holds no secret. And the small commands beside it.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

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

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// The assessment of a snapshot is that of its source. A snapshot is made of
/// everything, an assessment of files skips what no rule asks for: so what was
/// seen and what was skipped agree in their sum, namespaces may be fewer, and
/// nothing else differs.
#[test]
fn a_snapshot_is_assessed_as_its_source_is() {
    let folder = tempfile::tempdir().unwrap();
    for (source, to) in [
        ("harbour", "1.36"),
        ("harbour/manifests", "1.34"),
        ("canonical/status.json", "1.34.3"),
    ] {
        let assess = |path: &str| {
            let arguments = ["assess", "-f", path, "--to", to, "-o", "json"];
            let now = ["--now", "2026-11-28T00:00:00Z", "--fail-on", "never"];
            let output = refit(&examples(), &[&arguments[..], &now].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let mut told: serde_json::Value = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{error}: {said}"));
            for row in told["coverage"].as_array_mut().unwrap() {
                // What was skipped was there to be seen.
                let skipped = row.as_object_mut().unwrap().remove("skipped");
                let skipped = skipped.and_then(|count| count.as_u64()).unwrap_or(0);
                row["seen"] = (row["seen"].as_u64().unwrap() + skipped).into();
            }
            let namespaces = told["scope"].as_object_mut().unwrap().remove("namespaces");
            assert!(namespaces.is_some(), "{said}");
            told
        };
        let whole = assess(source);
        for name in ["one.json", "one.json.gz"] {
            let file = folder.path().join(name);
            let file = file.to_str().unwrap();
            let taken = refit(&examples(), &["snapshot", "-f", source, "-o", file]);
            assert!(taken.status.success(), "{taken:?}");
            assert!(assess(file) == whole, "{source} by way of {name}");
        }
        let plain = std::fs::metadata(folder.path().join("one.json")).unwrap();
        let small = std::fs::metadata(folder.path().join("one.json.gz")).unwrap();
        assert!(small.len() < plain.len() / 2);
    }
}

#[test]
fn nothing_of_a_secret_is_in_a_snapshot() {
    // `marker-5up3r` in plain and in base64, wherever a cluster keeps such things.
    let (plain, encoded) = ("marker-5up3r", "bWFya2VyLTV1cDNy");
    let dump = format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[
{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"login","namespace":"shop","uid":"1",
  "annotations":{{"kubectl.kubernetes.io/last-applied-configuration":
  "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{{\"name\":\"login\"}},\"stringData\":{{\"p\":\"{plain}\"}}}}"}}}},
  "data":{{"password":"{encoded}"}},"stringData":{{"p":"{plain}"}},"type":"Opaque"}},
{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"conf","namespace":"shop","uid":"2"}},"data":{{"p":"{plain}"}}}},
{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web","namespace":"shop","uid":"3",
  "annotations":{{"token":"{plain}"}}}},
  "spec":{{"nodeName":"w-1","containers":[{{"name":"c","image":"web:1","args":["--password={plain}"],
  "env":[{{"name":"P","value":"{plain}"}}]}}]}},"status":{{"phase":"Running"}}}}]}}"#
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dump.json"), dump).unwrap();
    let output = refit(folder.path(), &["snapshot", "-f", "dump.json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("login") && text.contains("shop/web"),
        "{text}"
    );
    assert!(!text.contains(plain) && !text.contains(encoded), "{text}");
}

#[test]
fn completions_and_the_plugin_of_kubectl() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = refit(folder.path(), &["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains("baseline"), "{shell}");
    }
    #[cfg(unix)]
    {
        let plugin = folder.path().join("kubectl-refit");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_refit"), &plugin).unwrap();
        for arguments in [&["assess", "--help"][..], &["assess", "--too"]] {
            let output = Command::new(&plugin).args(arguments).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(said.contains("Usage: kubectl refit assess"), "{said}");
        }
    }
}

/// The role is one that kubectl understands, where there is a kubectl.
#[test]
fn kubectl_reads_the_role() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["rbac"][..], &["rbac", "--helm-releases"]] {
        let output = refit(folder.path(), arguments);
        assert!(output.status.success());
        let role = folder.path().join("role.yaml");
        std::fs::write(&role, &output.stdout).unwrap();
        // Without a cluster it can only be asked what needs none.
        let Ok(kubectl) = Command::new("kubectl")
            .args(["label", "--local", "--dry-run=client", "-o", "name", "-f"])
            .arg(&role)
            .arg("read=yes")
            .output()
        else {
            println!("skipped: there is no kubectl on the PATH");
            return;
        };
        let named = String::from_utf8_lossy(&kubectl.stdout).into_owned();
        assert!(named.contains("refit-assess"), "{kubectl:?}");
    }
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let source = examples().join("canonical/status.json");
    let source = source.to_str().unwrap();
    for command in [
        &["snapshot", "-o", "-"][..],
        &[
            "assess",
            "--to",
            "1.34",
            "-o",
            "json",
            "--output-file",
            "-",
            "--fail-on",
            "never",
        ],
        &["inventory", "-o", "json", "-O", "-"],
    ] {
        let output = refit(folder.path(), &[command, &["-f", source]].concat());
        assert!(output.stdout.starts_with(b"{"), "{command:?}: {output:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
