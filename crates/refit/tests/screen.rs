//! The screens in the README are what the program really prints.

use std::path::Path;
use std::process::Command;

/// Runs each `<!-- screen: COMMAND -->` and compares it with the block below it.
/// With `SNAPSHOTS=overwrite` the block is rewritten instead.
#[test]
fn the_screens_in_the_readme_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = root.join("README.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut renewed = String::new();
    let mut rest = text.as_str();
    let mut screens = 0;
    while let Some((before, after)) = rest.split_once("<!-- screen: ") {
        let (command, after) = after.split_once(" -->\n```console\n").unwrap();
        let (block, after) = after.split_once("```\n").unwrap();
        let shown = block.lines().next().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "refit");
        let output = Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(&words[1..])
            .current_dir(&root)
            .env_clear()
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let expected = format!("{shown}\n{printed}");
        if std::env::var("SNAPSHOTS").as_deref() != Ok("overwrite") {
            assert_eq!(
                block, expected,
                "run with SNAPSHOTS=overwrite and read the difference"
            );
        }
        renewed.push_str(&format!(
            "{before}<!-- screen: {command} -->\n```console\n{expected}```\n"
        ));
        rest = after;
        screens += 1;
    }
    renewed.push_str(rest);
    assert!(screens > 0, "the README shows no screen");
    if renewed != text {
        std::fs::write(&file, renewed).unwrap();
    }
}
