//! When a plan can be carried out: the policy of the guide, and those that refuse.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn refit(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("USER", "ada")
        .output()
        .unwrap()
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with a plan and the policy of the guide.
fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let guide = fs::read_to_string(here().join("../../docs/guides/windows.md")).unwrap();
    let policy = guide.split("```yaml\n").nth(1).unwrap();
    let policy = policy.split("```").next().unwrap();
    fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    let status = here().join("../../examples/canonical/status.json");
    let made = refit(
        folder.path(),
        &[
            "plan",
            "new",
            "canonical-k8s/charm",
            "-f",
            status.to_str().unwrap(),
            "--to",
            "1.34.3",
            "-O",
            "plan.yaml",
        ],
    );
    assert!(made.status.success(), "{made:?}");
    folder
}

fn schedule(folder: &Path, now: &str) -> (Value, i32) {
    let arguments = ["plan", "windows", "plan.yaml", "--policy", "policy.yaml"];
    let output = refit(
        folder,
        &[&arguments[..], &["--now", now, "-o", "json"]].concat(),
    );
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (told, output.status.code().unwrap())
}

#[test]
fn the_policy_of_the_guide() {
    let folder = desk();
    // A Monday in winter: the first opening is on the night of Tuesday, which
    // the freeze of December does not touch.
    let (told, code) = schedule(folder.path(), "2026-11-30T08:00:00Z");
    assert_eq!(code, 0, "{told}");
    assert_eq!(told["first"], "2026-12-01T21:00:00Z");
    let openings = told["openings"].as_array().unwrap();
    // Nothing is open on a Friday: the night of Thursday ends when it begins.
    let thursday = openings
        .iter()
        .find(|slot| slot["closedBy"] == "fridays")
        .unwrap();
    assert_eq!(thursday["opens"], "2026-12-03T21:00:00Z");
    assert_eq!(thursday["closes"], "2026-12-03T23:00:00Z");
    let within = |slot: &&Value| {
        let opens = slot["opens"].as_str().unwrap();
        ("2026-12-15T00"..="2027-01-04T23").contains(&opens)
    };
    assert_eq!(openings.iter().filter(within).count(), 0, "{told}");
    let needs = &told["needs"];
    assert_eq!(needs["rollbackReserve"], "1h");
    assert!(needs["byBasis"]["guessed"].is_string(), "{told}");
}

#[test]
fn a_plan_that_fits_nowhere_is_refused_with_the_numbers() {
    let folder = desk();
    let policy = folder.path().join("policy.yaml");
    let long = fs::read_to_string(&policy)
        .unwrap()
        .replace("rollbackReserve: 1h", "rollbackReserve: 6h");
    fs::write(&policy, long).unwrap();
    let (told, code) = schedule(folder.path(), "2026-11-30T08:00:00Z");
    assert_eq!(code, 3);
    assert!(told["first"].is_null());
    let arguments = ["plan", "windows", "plan.yaml", "--policy", "policy.yaml"];
    let said = refit(folder.path(), &arguments);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("fits no opening of the next 60 days"),
        "{said}"
    );
    assert!(said.contains("the longest lasts 6h"), "{said}");
}

#[test]
fn a_run_outside_of_every_window_is_refused() {
    let folder = desk();
    let never = "apiVersion: refit.dev/v1alpha1
kind: UpgradePolicy
name: long-ago
windows:
  - name: once
    when: {start: 2020-01-01T00:00:00, zone: UTC, duration: 1h}
";
    fs::write(folder.path().join("policy.yaml"), never).unwrap();
    let status = here().join("../../examples/canonical/status.json");
    let arguments = [
        "run",
        "plan.yaml",
        "--policy",
        "policy.yaml",
        "--twin",
        "-f",
    ];
    let there = [status.to_str().unwrap(), "--store", "s.db"];
    let approve = ["plan", "approve", "plan.yaml", "-f"];
    let approved = refit(folder.path(), &[&approve[..], &there].concat());
    assert!(approved.status.success(), "{approved:?}");
    let output = refit(folder.path(), &[&arguments[..], &there].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("no window is open"), "{said}");
    assert!(said.contains("hint:"), "{said}");
}

#[test]
fn policies_that_cannot_be_used() {
    let folder = desk();
    for (wrong, right, says) in [
        (
            "zone: Europe/Berlin",
            "zone: Berlin",
            "names the zone \"Berlin\"",
        ),
        ("FREQ=WEEKLY", "FREQ=SECONDLY", "FREQ has to be DAILY"),
        ("duration: 6h", "duration: 200h", "lasts 200h"),
        ("rule:", "rul:", "rule"),
        ("kind: UpgradePolicy", "kind: UpgradePlan", "UpgradePlan"),
        ("v1alpha1", "v9", "v9"),
    ] {
        let policy = folder.path().join("policy.yaml");
        let good = fs::read_to_string(&policy).unwrap();
        fs::write(&policy, good.replacen(wrong, right, 1)).unwrap();
        let arguments = ["plan", "windows", "plan.yaml", "--policy", "policy.yaml"];
        let output = refit(folder.path(), &arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{right}: {said}");
        assert!(said.contains(says), "{right}: {said}");
        fs::write(&policy, good).unwrap();
    }
}
