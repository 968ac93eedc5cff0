//! What machines read is held to its contract by other people's programs:
//! check-jsonschema (PyPI) for our schemas and the examples of the CI guide, and
//! sarif-multitool (npm), the validator of those who made SARIF. Where one is
//! not installed its test says so and checks nothing; `.ci/run` installs both.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]
#![expect(
    clippy::print_stderr,
    reason = "a test that is skipped has to say so, and a test prints there"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A page with remarks of every kind.
const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/guide.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `refit` in `folder` and returns what it wrote and its exit code.
fn refit(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("USER", "ada")
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    // 1 is a defect and 2 a command that is not understood.
    assert!(
        ![1, 2].contains(&code),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    (String::from_utf8(output.stdout).unwrap(), code)
}

/// What `tool` says about its arguments; `None`, told, where it is not installed.
fn validated(tool: &str, arguments: &[&Path]) -> Option<Output> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: {tool} is not installed");
            None
        }
        Err(error) => panic!("{tool}: {error}"),
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Whether `file` is as `schema` wants it; `None` where that cannot be told.
fn is_valid(schema: &[&Path], file: &Path) -> Option<Result<(), String>> {
    let arguments: Vec<&Path> = schema.iter().copied().chain([file]).collect();
    let output = validated("check-jsonschema", &arguments)?;
    Some(if output.status.success() {
        Ok(())
    } else {
        Err(format!("{}: {}", file.display(), text(&output)))
    })
}

/// A block of YAML of a guide, counted from 0.
fn of_guide(name: &str, block: usize) -> String {
    let guide = fs::read_to_string(root().join(format!("docs/guides/{name}.md"))).unwrap();
    let block = guide.split("```yaml\n").nth(block + 1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn documents_are_as_their_schemas_say() {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/harbour");
    let source = ["-f", example.to_str().unwrap()];
    let run = |arguments: &[&str]| refit(folder.path(), &[arguments, &source[..]].concat());
    let now = ["--to", "1.34", "--now", "2026-11-28T00:00:00Z"];
    let plan = folder.path().join("plan.yaml");
    run(&["plan", "new", "kubeadm", "--to", "1.34", "-O", "plan.yaml"]);
    let store = ["--store", "store.db", "--as", "ada"];
    let comment = ["plan", "comment", "plan.yaml", "hello"];
    refit(folder.path(), &[&comment[..], &store].concat());
    let said = |arguments: &[&str]| {
        let arguments = [arguments, &store[..], &["-o", "json"]].concat();
        refit(folder.path(), &arguments).0
    };
    let written = [
        (
            "assessment",
            "json",
            run(&[&["assess", "-o", "json"], &now[..]].concat()).0,
        ),
        (
            "assessment",
            "yaml",
            run(&[&["assess", "-o", "yaml"], &now[..]].concat()).0,
        ),
        ("snapshot", "json", run(&["snapshot", "-o", "-"]).0),
        ("upgrade-plan", "yaml", fs::read_to_string(&plan).unwrap()),
        (
            "review",
            "json",
            run(&["plan", "review", "plan.yaml", "-o", "json"]).0,
        ),
        (
            "rehearsal",
            "json",
            run(&["rehearse", "plan.yaml", "-o", "json"]).0,
        ),
        (
            "plan-status",
            "json",
            said(&["plan", "status", "plan.yaml"]),
        ),
        ("plan-feed", "json", said(&["plan", "feed", "plan.yaml"])),
        ("template-list", "json", said(&["template", "list"])),
        ("environment", "yaml", of_guide("approvals", 1)),
        ("upgrade-policy", "yaml", of_guide("approvals", 0)),
        ("plan-overlay", "yaml", of_guide("templates", 0)),
        (
            "guide-lint",
            "json",
            refit(folder.path(), &["lint", GUIDE, "-o", "json"]).0,
        ),
        (
            "diagnosis",
            "json",
            refit(folder.path(), &["doctor", "-o", "json"]).0,
        ),
        (
            "upgrade-template",
            "yaml",
            refit(folder.path(), &["template", "show", "kubeadm"]).0,
        ),
    ];
    for (kind, ending, document) in written {
        let schema = root().join(format!("docs/schemas/{kind}.schema.json"));
        let file = folder.path().join(format!("{kind}.{ending}"));
        fs::write(&file, &document).unwrap();
        let option = Path::new("--schemafile");
        let Some(found) = is_valid(&[option, &schema], &file) else {
            return;
        };
        assert_eq!(found, Ok(()));
        // A validator that accepts everything would prove nothing.
        let broken = folder.path().join(format!("broken.{ending}"));
        fs::write(&broken, document.replacen("kind", "sort", 1)).unwrap();
        let found = is_valid(&[option, &schema], &broken).unwrap();
        assert!(found.is_err(), "{kind}: a document without a kind passes");
    }
}

#[test]
fn sarif_is_valid_to_those_who_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/harbour");
    let (log, _) = refit(
        folder.path(),
        &[
            "assess",
            "-f",
            example.to_str().unwrap(),
            "--to",
            "1.36",
            "-o",
            "sarif",
        ],
    );
    fs::copy(GUIDE, folder.path().join("guide.md")).unwrap();
    let (remarks, _) = refit(folder.path(), &["lint", "guide.md", "-o", "sarif"]);
    let judge = |name: &str, log: &str| {
        let file = folder.path().join(name);
        fs::write(&file, log).unwrap();
        validated("sarif-multitool", &[Path::new("validate"), &file]).map(|output| text(&output))
    };
    for log in [&log, &remarks] {
        let Some(found) = judge("refit.sarif", log) else {
            return;
        };
        assert!(
            found.contains("Analysis completed successfully."),
            "{found}"
        );
        assert!(!found.contains(": error "), "{found}");
    }
    let broken = judge("broken.sarif", &log.replacen("ruleId", "rule", 1)).unwrap();
    assert!(broken.contains(": error "), "{broken}");
}

/// The blocks of the CI guide in `language`.
fn blocks(language: &str) -> Vec<String> {
    let guide = fs::read_to_string(root().join("docs/guides/ci.md")).unwrap();
    guide
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn examples_of_the_ci_guide_are_what_the_services_take() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for block in blocks("yaml") {
        let schema = if block.contains("runs-on:") {
            "vendor.github-workflows"
        } else if block.contains("script:") {
            "vendor.gitlab-ci"
        } else {
            continue;
        };
        let file = folder.path().join("example.yaml");
        fs::write(&file, block).unwrap();
        let option = [Path::new("--builtin-schema"), Path::new(schema)];
        match is_valid(&option, &file) {
            None => return,
            Some(found) => assert_eq!(found, Ok(())),
        }
        seen.push(schema);
    }
    assert_eq!(seen, ["vendor.github-workflows", "vendor.gitlab-ci"]);
}

#[test]
fn commands_of_the_ci_guide_run() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    fs::create_dir(&manifests).unwrap();
    for entry in fs::read_dir(root().join("examples/harbour/manifests")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), manifests.join(entry.file_name())).unwrap();
    }
    let waivers = blocks("yaml")
        .into_iter()
        .find(|block| block.contains("kind: Waiver"))
        .unwrap();
    fs::write(folder.path().join("waivers.yaml"), waivers).unwrap();
    let commands: Vec<String> = [blocks("yaml"), blocks("sh")]
        .concat()
        .iter()
        .flat_map(|block| block.lines())
        .filter_map(|line| line.split_once("refit assess "))
        .map(|(_, arguments)| format!("assess {arguments} --now 2026-10-01T00:00:00Z"))
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let (_, code) = refit(folder.path(), &arguments);
        // With a baseline nothing is new here; accepted or not, something blocks.
        let expected = match command.as_str() {
            line if line.contains("--baseline") || line.contains("--fail-on never") => 0,
            _ => 3,
        };
        assert_eq!(code, expected, "{command}");
    }
}
