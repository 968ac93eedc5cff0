//! `refit lint` on a page with the defects that guides have.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .arg("lint")
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint"))
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn json(arguments: &[&str]) -> (Value, Option<i32>) {
    let output = run(&[arguments, &["-o", "json"]].concat());
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (value, output.status.code())
}

/// The screen is in `tests/lint/guide.txt`; `SNAPSHOTS=overwrite` writes it anew.
#[test]
fn the_screen_shows_each_remark_at_its_line() {
    let output = run(&["guide.md"]);
    assert_eq!(output.status.code(), Some(3));
    let shown = String::from_utf8(output.stdout).unwrap();
    // The version of the knowledge is no matter of this test.
    let (shown, _) = shown.rsplit_once("; knowledge").unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/guide.txt");
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        std::fs::write(&file, format!("{shown}\n")).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        format!("{shown}\n"),
        expected,
        "run with SNAPSHOTS=overwrite and read the difference"
    );
}

#[test]
fn the_exit_code_follows_what_is_asked_for() {
    for (arguments, expected) in [
        (&["guide.md"][..], 3),
        (&["guide.md", "--fail-on", "never"], 0),
        (&["cautions.md"], 0),
        (&["cautions.md", "--fail-on", "caution"], 3),
        (&["cautions.md", "guide.md"], 3),
    ] {
        assert_eq!(json(arguments).1, Some(expected), "{arguments:?}");
    }
}

#[test]
fn every_guide_is_there_with_its_numbers() {
    let (lint, _) = json(&["cautions.md", "guide.md"]);
    let guides = lint["guides"].as_array().unwrap();
    let told: Vec<_> = guides
        .iter()
        .map(|guide| {
            let remarks = guide["remarks"].as_array().unwrap().len();
            (guide["file"].as_str().unwrap(), &guide["judged"], remarks)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("cautions.md", &Value::from(1), 1),
            ("guide.md", &Value::from(11), 19)
        ]
    );
}

#[test]
fn sarif_has_the_change_at_its_place() {
    let output = run(&["guide.md", "-o", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let missing = results
        .iter()
        .find(|result| result["ruleId"] == "RFG101")
        .unwrap();
    assert_eq!(missing["level"], "error");
    let region = &missing["locations"][0]["physicalLocation"]["region"];
    let at = serde_json::json!({"startLine": 39, "startColumn": 24, "endColumn": 24});
    assert_eq!(*region, at);
    let replacement = &missing["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"], at);
    assert_eq!(replacement["insertedContent"]["text"], " \\");
}

#[test]
fn standard_input_is_a_guide_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["lint", "-", "-o", "json"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"Then:\n\nhelm upgarde a b\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let lint: Value = serde_json::from_slice(&output.stdout).unwrap();
    let guide = &lint["guides"][0];
    assert_eq!(guide["file"], "standard input");
    assert_eq!(guide["remarks"][0]["code"], "RFG121");
    assert_eq!(output.status.code(), Some(3));
}
