//! `refit doctor` where there is no cluster.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// A program called `name` in `folder`.
fn script(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn without_a_kubeconfig_files_can_be_assessed_and_the_rest_has_a_next_step() {
    let home = tempfile::tempdir().unwrap();
    let tools = tempfile::tempdir().unwrap();
    script(tools.path(), "helm", "echo v3.14.0+gc309b6f");
    script(tools.path(), "juju", "echo 3.6.1; exit 7");
    let doctor = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_refit"))
            .arg("doctor")
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", tools.path())
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (printed, output.status.code())
    };
    let (screen, code) = doctor(&[]);
    assert_eq!(code, Some(0), "{screen}");
    let missing = format!("there is no kubeconfig at {}", home.path().display());
    for line in [
        "  found   helm                v3.14.0+gc309b6f",
        "  unclear juju                it ended with exit status: 7",
        "  absent  kubectl             needed for",
        "  yes     assess files        `refit assess -f DIR",
        "  no      assess the cluster  ",
        "  no      run live            ",
        "    -> ",
    ] {
        assert!(screen.contains(line), "{line:?} is not in\n{screen}");
    }
    let (json, code) = doctor(&["-o", "json"]);
    assert_eq!(code, Some(0));
    assert!(json.contains(&missing), "{json}");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["kubeconfig"]["state"], "unusable");
    assert_eq!(value["tools"][1]["version"], "v3.14.0+gc309b6f");

    // What was asked for by name and is not there is no success.
    assert_eq!(doctor(&["--context", "harbour"]).1, Some(4));
}
