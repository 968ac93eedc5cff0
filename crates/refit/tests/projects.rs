//! A plan for a project, as a user makes it: with stand-ins for the tools, which
//! answer what they are asked and nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

/// A folder with stand-ins for Helm and kubectl in its `bin`.
struct Desk(tempfile::TempDir);

const HELM: &str = r#"#!/bin/sh
case "$*" in
  "get values cluedin-platform -n cluedin -o json")
    echo '{"global": {"image": {"tag": "2026.01.00"}}, "password": "hunter2"}' ;;
  "list -a -n cluedin -o json")
    echo '[{"name": "cluedin-platform", "revision": "14", "status": "deployed", "chart": "cluedin-platform-2.7.0"}]' ;;
  *) echo "helm: not asked for: $*" >&2; exit 64 ;;
esac
"#;

const KUBECTL: &str = r#"#!/bin/sh
case "$*" in
  "get pvc -n cluedin -o json") echo '{"items": [{"spec": {"volumeName": "pvc-1a2b"}}]}' ;;
  "get deploy -n cluedin -o json" | "get statefulset -n cluedin -o json")
    echo '{"items": [{"status": {"replicas": 2}}]}' ;;
  "logs deployment/cluedin-server -n cluedin --tail=-1") echo 'Application started' ;;
  *) echo "kubectl: not asked for: $*" >&2; exit 64 ;;
esac
"#;

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for (name, text) in [("helm", HELM), ("kubectl", KUBECTL)] {
            let path = bin.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(folder)
    }

    fn refit(&self, arguments: &[&str]) -> Output {
        let path = format!("{}/bin:/usr/bin:/bin", self.0.path().display());
        Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.0.path())
            .env("USER", "ada")
            .output()
            .unwrap()
    }

    /// Runs refit, and gives what it printed and said.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32) -> (String, String) {
        let output = self.refit(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}:\n{said}");
        (String::from_utf8_lossy(&output.stdout).into_owned(), said)
    }

    fn plan(&self) -> String {
        let mut arguments = vec!["plan", "new", "cluedin/platform"];
        arguments.extend(["--landscape", "aks-cluedin", "--to", "2026.02.00"]);
        for set in [
            "environment=prod",
            "context=aks-cluedin",
            "subscription=sub",
            "nodeResourceGroup=mrg",
            "url=https://cluedin.example.com",
            "audience=the data stewards",
        ] {
            arguments.extend(["--set", set]);
        }
        arguments.extend(["-O", "plan.yaml"]);
        self.check(&arguments, 0).1
    }
}

#[test]
fn programs_are_told_before_they_run_and_secrets_stay_where_they_are() {
    let desk = Desk::new();
    let said = desk.plan();
    for line in [
        "looking: helm get values cluedin-platform -n cluedin -o json",
        "looking: kubectl get pvc -n cluedin -o json",
        "for cluedin 2026.01.00 to 2026.02.00",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let plan = fs::read_to_string(desk.0.path().join("plan.yaml")).unwrap();
    assert!(!plan.contains("hunter2"));
    // A snapshot for later holds the answers, and no secret either.
    desk.check(
        &[
            "snapshot",
            "--landscape",
            "aks-cluedin",
            "--for",
            "cluedin/platform",
            "--to",
            "2026.02.00",
            "--set",
            "environment=prod",
            "--set",
            "context=aks-cluedin",
            "--set",
            "subscription=sub",
            "--set",
            "nodeResourceGroup=mrg",
            "--set",
            "url=https://cluedin.example.com",
            "--set",
            "audience=all",
            "-O",
            "seen.json",
        ],
        0,
    );
    let seen = fs::read_to_string(desk.0.path().join("seen.json")).unwrap();
    assert!(seen.contains("2026.01.00") && !seen.contains("hunter2"));
}

#[test]
fn what_is_missing_is_named_at_once() {
    let desk = Desk::new();
    let (_, said) = desk.check(
        &[
            "plan",
            "new",
            "cluedin/platform",
            "--landscape",
            "aks",
            "--to",
            "2026.02.00",
        ],
        2,
    );
    assert!(
        said.contains("parameter environment: it must be set, and so must context, subscription, nodeResourceGroup, url, audience"),
        "{said}"
    );
    assert!(said.contains("--set NAME=VALUE"), "{said}");
}

#[test]
fn a_plan_is_written_down_for_people() {
    let desk = Desk::new();
    desk.plan();
    let export = |format: &str, more: &[&str], code| {
        let mut arguments = vec!["plan", "export", "plan.yaml", "--format", format];
        arguments.extend(more);
        desk.check(&arguments, code)
    };
    let (runbook, said) = export("markdown", &[], 0);
    assert!(runbook.starts_with("# Upgrade of cluedin 2026.01.00 to 2026.02.00 on aks-cluedin\n"));
    assert!(runbook.contains(
        "helm upgrade cluedin-platform -n cluedin cluedin/cluedin-platform --version 2.8.0"
    ));
    assert!(said.contains("not in this form"), "{said}");
    let (page, _) = export("html", &[], 0);
    assert!(page.starts_with("<!doctype html>") && page.contains("<pre><code"));
    let (json, _) = export("json", &[], 0);
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(plan["kind"], "UpgradePlan");

    let starts = [
        "--starts",
        "2026-12-01T19:00:00Z",
        "--now",
        "2026-12-01T08:00:00Z",
    ];
    let (entry, said) = export("ical", &starts, 0);
    for line in [
        "DTSTART:20261201T190000Z",
        "SUMMARY:Upgrade of cluedin 2026.01.00 to 2026.02.00 on aks-cluedin",
        "END:VCALENDAR",
    ] {
        assert!(entry.contains(line), "{line}: {entry}");
    }
    assert!(said.contains("--format markdown"), "{said}");
    assert_eq!(
        entry,
        export("ical", &starts, 0).0,
        "same inputs, same bytes"
    );
    let (_, said) = export("ical", &[], 2);
    assert!(
        said.contains("--starts TIME") && said.contains("--policy FILE"),
        "{said}"
    );
}

/// A landscape that only programs show has nothing for a command that asks none:
/// a clean report of nothing would be a lie.
#[test]
fn what_only_programs_show_is_nothing_for_other_commands() {
    let desk = Desk::new();
    for arguments in [
        ["assess", "--landscape", "aks", "--to", "1.36"].as_slice(),
        &["inventory", "--landscape", "aks"],
        &["path", "--landscape", "aks", "--to", "1.36"],
    ] {
        let (_, said) = desk.check(arguments, 2);
        assert!(
            said.contains("unexpected argument '--landscape'"),
            "{arguments:?}: {said}"
        );
    }
    let (_, said) = desk.check(&["snapshot", "--landscape", "aks"], 2);
    assert!(said.contains("`--for TEMPLATE --to VERSION`"), "{said}");
}
