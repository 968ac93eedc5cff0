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

/// What `refit lint` makes of `page` on its standard input.
fn piped(page: &str, arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["lint", "-"])
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(page.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

#[test]
fn standard_input_is_a_guide_too() {
    let output = piped("Then:\n\nhelm upgarde a b\n", &["-o", "json"]);
    let lint: Value = serde_json::from_slice(&output.stdout).unwrap();
    let guide = &lint["guides"][0];
    assert_eq!(guide["file"], "standard input");
    assert_eq!(guide["remarks"][0]["code"], "RFG121");
    assert_eq!(output.status.code(), Some(3));
}

/// A page that was not looked at as a whole is not without a defect.
#[test]
fn what_was_not_looked_at_is_said_everywhere() {
    let cautions = format!("```sh\n{}```\n", "kubectl logs <pod>\n".repeat(1001));
    let long = format!("```sh\nhelm list {}\n```\n", "x".repeat(5000));
    let defect = "```sh\nhelm upgarde a b\n```\n";
    for (page, arguments, expected) in [
        (cautions.clone(), &[][..], 4),
        (long.clone(), &[], 4),
        (long.clone(), &["--fail-on", "never"], 4),
        (format!("{long}{defect}"), &[], 3),
        (format!("{cautions}{defect}"), &[], 3),
        (format!("{long}{defect}"), &["--fail-on", "never"], 4),
    ] {
        let human = piped(&page, arguments);
        assert_eq!(
            human.status.code(),
            Some(expected),
            "{arguments:?} {page:.80}"
        );
        let said = String::from_utf8(human.stderr).unwrap();
        assert!(said.contains("not seen: standard input: "), "{said}");
        let shown = String::from_utf8(human.stdout).unwrap();
        assert_eq!(
            shown.contains("no defect in what was looked at"),
            !page.contains(defect),
            "{shown}"
        );
        let json = piped(&page, &["-o", "json"]);
        let json: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(json["guides"][0]["unseen"].as_array().unwrap().len(), 1);
        let sarif = piped(&page, &["-o", "sarif"]);
        let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
        let told = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(told.as_array().unwrap().len(), 1);
    }
    let whole = piped("```sh\nhelm list\n```\n", &["-o", "json"]);
    assert_eq!(whole.status.code(), Some(0));
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert!(whole["guides"][0].get("unseen").is_none());
}

/// An overlay brings a tool along: its lines are found where a page does not mark
/// them, and judged.
#[test]
fn tools_come_from_the_knowledge() {
    let folder = tempfile::tempdir().unwrap();
    let overlay = folder.path().join("harbour.yaml");
    std::fs::write(
        &overlay,
        r#"apiVersion: refit.dev/v1alpha1
kind: KnowledgeOverlay
name: harbour
facts:
  - file: tools/tools.csv
    source: the crane team
    asOf: 2026-11-29
    rows:
      - {tool: craneadm, line: "1", complete: "yes", source: its help}
  - file: tools/commands.csv
    source: the crane team
    asOf: 2026-11-29
    rows:
      - {tool: craneadm, command: "", line: "1", kind: group}
      - {tool: craneadm, command: hoist, line: "1", kind: command}
"#,
    )
    .unwrap();
    let page = "Then:\n\n```\nNAME  READY\nsudo craneadm hiost\n```\n\ncraneadm hiost\n";
    let told = |arguments: &[&str]| {
        let output = piped(page, &[arguments, &["-o", "json"]].concat());
        let lint: Value = serde_json::from_slice(&output.stdout).unwrap();
        let remarks = lint["guides"][0]["remarks"].as_array().unwrap().clone();
        let lines: Vec<_> = remarks.iter().map(|one| one["line"].clone()).collect();
        lines
    };
    assert_eq!(told(&[]), [Value::Null; 0]);
    assert_eq!(told(&["--knowledge", overlay.to_str().unwrap()]), [5, 8]);
}
