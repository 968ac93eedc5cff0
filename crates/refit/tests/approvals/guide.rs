//! The lines of the guides are taken as they stand.

use crate::desk::Desk;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The words of a line as a shell has them, without its comment.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && words.last().is_some_and(String::is_empty) => break,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Every line is one that the program understands and whose files are there; what
/// it says to them depends on who has said what before.
#[test]
fn the_lines_of_the_guides_are_understood() {
    let desk = Desk::new();
    fs::copy(&desk.status, desk.path("status.json")).unwrap();
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides");
    let mut tried = 0;
    for guide in ["templates", "approvals", "windows"] {
        let text = fs::read_to_string(guides.join(format!("{guide}.md"))).unwrap();
        let blocks = text.split("```sh\n").skip(1);
        let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
        for line in lines.filter(|line| line.starts_with("refit ")) {
            let output = Command::new(env!("CARGO_BIN_EXE_refit"))
                .args(&words(line)[1..])
                .current_dir(desk.folder.path())
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", desk.folder.path())
                .env("USER", "grace")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            for wrong in ["For more information, try", "could not read"] {
                assert!(!said.contains(wrong), "{guide}: {line}:\n{said}");
            }
            assert_ne!(output.status.code(), Some(1), "{guide}: {line}:\n{said}");
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried} lines were found");
}
