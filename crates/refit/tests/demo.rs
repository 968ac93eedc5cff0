//! The demo does what the README says: it walks the whole line and leaves a
//! page that loads nothing, and a plan that the other commands can read. The
//! same binary leaves the same bytes.

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

#[test]
fn the_whole_line_on_the_bundled_example() {
    let folder = tempfile::tempdir().unwrap();
    let first = refit(folder.path(), &["demo"]);
    let told = String::from_utf8(first.stderr).unwrap();
    assert_eq!(first.status.code(), Some(0), "{told}");
    for word in [
        "blocked: ",
        "v1.31.9 to v1.32.13",
        "v1.33.13 to v1.34",
        "RFO170",
        "RFO171",
        "RFO173",
        "nothing forbids approval",
        "every step succeeded",
        "the run succeeded",
        "promises were observed to hold",
    ] {
        assert!(
            told.contains(word),
            "the demo does not tell {word:?}:\n{told}"
        );
    }
    let next = String::from_utf8(first.stdout).unwrap();
    assert!(next.contains("What to try next"), "{next}");

    let read =
        |name: &str| std::fs::read_to_string(folder.path().join("refit-demo").join(name)).unwrap();
    let page = read("report.html");
    for external in ["<script", "src=", "href=\"http", "url(", "@import", "<link"] {
        assert!(!page.contains(external), "the page holds {external}");
    }
    for part in [
        "default-src 'none'",
        "prefers-color-scheme:dark",
        "Timeline of the rehearsal",
        "node-pools/memory-09",
        "id=\"findings\"",
        "id=\"coverage\"",
        "id=\"plan\"",
        "id=\"review\"",
    ] {
        assert!(page.contains(part), "the page lacks {part}");
    }
    let plan = read("plan.yaml");
    let shown = refit(folder.path(), &["plan", "show", "refit-demo/plan.yaml"]);
    assert_eq!(shown.status.code(), Some(0));
    assert!(read("plan.md").contains("kubeadm upgrade apply --yes v1.32.13"));

    // The run was verified by observation, and so the plan is completed; the record
    // says who did what.
    let of_record = |command: &str| {
        let record = ["--store", "refit-demo/journal.db", "-o", "json"];
        let line = [&["plan", command, "refit-demo/plan.yaml"][..], &record].concat();
        let told = refit(folder.path(), &line).stdout;
        serde_json::from_slice::<serde_json::Value>(&told).unwrap()
    };
    let status = of_record("status");
    assert_eq!(status["state"], "completed", "{status}");
    assert_eq!(status["run"]["ended"], status["run"]["steps"], "{status}");
    let feed = of_record("feed");
    let lines = feed["lines"].as_array().unwrap();
    let said = |what: &str| lines.iter().filter(|line| line["what"] == what).count();
    assert_eq!((said("approves"), said("ends the run")), (1, 1), "{feed}");

    // Once more over the first one's files: the same bytes.
    let second = refit(folder.path(), &["demo"]);
    assert_eq!(second.status.code(), Some(0));
    assert_eq!(read("report.html"), page);
    assert_eq!(read("plan.yaml"), plan);
}

#[test]
fn a_folder_that_cannot_be_made_is_a_clear_failure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "a file").unwrap();
    let output = refit(folder.path(), &["demo", "--output", "taken"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("taken") && said.contains("--output DIR"),
        "{said}"
    );
}
