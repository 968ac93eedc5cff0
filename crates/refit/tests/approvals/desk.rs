//! The desk at which people work: the files of the guides and a record.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with the files of the guides, and a store of its own.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) status: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (guide, block, name) in [
            ("approvals", 0, "policy.yaml"),
            ("approvals", 1, "environment.yaml"),
            ("templates", 0, "overlay.yaml"),
        ] {
            let guide = here.join(format!("../../docs/guides/{guide}.md"));
            let guide = fs::read_to_string(guide).unwrap();
            let block = guide.split("```yaml\n").nth(block + 1).unwrap();
            let block = block.split("```").next().unwrap();
            fs::write(folder.path().join(name), block).unwrap();
        }
        let status = here.join("../../examples/canonical/status.json");
        Self {
            folder,
            status: status.canonicalize().unwrap().display().to_string(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn replace(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(old), "{name} has no {old:?}");
        fs::write(self.path(name), text.replace(old, new)).unwrap();
    }

    pub(crate) fn refit(&self, line: &str) -> Output {
        let words = line.split(' ').map(|word| match word {
            "STATUS" => self.status.clone(),
            other => other.replace('_', " "),
        });
        Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder.path())
            .env("REFIT_STORE", self.path("store.db"))
            .output()
            .unwrap()
    }

    /// Runs a line, where `STATUS` is the example and `_` a blank within a word;
    /// checks its exit code and that it says each of `words`, and gives what it
    /// printed.
    #[track_caller]
    pub(crate) fn check(&self, line: &str, code: i32, words: &[&str]) -> String {
        let output = self.refit(line);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "refit {line}:\n{said}{printed}"
        );
        for word in words {
            let told = said.contains(word) || printed.contains(word);
            assert!(told, "refit {line} does not say {word:?}:\n{said}{printed}");
        }
        printed
    }

    /// The plan of the environment.
    pub(crate) fn plan(&self) {
        let line = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 \
                    --environment environment.yaml -O plan.yaml";
        self.check(line, 0, &[]);
    }

    /// Where the plan stands, as machines read it.
    pub(crate) fn status(&self) -> Value {
        let printed = self.check("plan status plan.yaml -o json", 0, &[]);
        serde_json::from_str(&printed).unwrap()
    }
}
