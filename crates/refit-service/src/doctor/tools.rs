//! The tools on the `PATH`, and what they call their version.

use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A tool that plans and people call.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What it is needed for.
    pub needed_for: &'static str,
    /// Whether it is there.
    #[serde(flatten)]
    pub state: ToolState,
}

/// Whether a tool is there.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum ToolState {
    /// It is.
    Found {
        /// Its version.
        version: String,
    },
    /// It is not on the `PATH`, which is no failure.
    Missing,
    /// It is there and does not tell its version.
    Unclear {
        /// Why not.
        why: String,
    },
}

/// Each tool, how it is asked for its version without talking to a cluster, and
/// what it is needed for.
///
/// Source: the help of each tool. osism prints its version like every program
/// that is built on cliff.
const TOOLS: [(&str, &[&str], &str); 7] = [
    (
        "kubectl",
        &["version", "--client"],
        "the commands that close gaps, and steps that a person does",
    ),
    (
        "helm",
        &["version", "--short"],
        "upgrading what Helm installed",
    ),
    (
        "juju",
        &["version"],
        "clusters that Juju charms run: `juju status --format json` for `-f`",
    ),
    ("osism", &["--version"], "clusters that OSISM runs"),
    (
        "aws",
        &["--version"],
        "the credentials and control planes of EKS",
    ),
    (
        "gcloud",
        &["--version"],
        "the credentials and control planes of GKE",
    ),
    (
        "az",
        &["version"],
        "the credentials and control planes of AKS",
    ),
];

/// How long a tool may take. The slowest start an interpreter, for a second or
/// two.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether a tool has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// How much of what a tool prints is read: a version is in the first lines.
const PRINTED: u64 = 16 << 10;

/// The longest version that is shown: the longest known, of a build with its
/// date and commit, has half of that.
const LONGEST: usize = 60;

/// Looks for all tools at once.
pub(super) fn tools() -> Vec<Tool> {
    let asked = TOOLS.map(|(name, arguments, needed_for)| {
        let (say, hear) = mpsc::channel();
        drop(std::thread::spawn(move || say.send(ask(name, arguments))));
        (name, needed_for, hear)
    });
    asked
        .into_iter()
        .map(|(name, needed_for, hear)| Tool {
            name,
            needed_for,
            state: hear.recv().unwrap_or_else(|_| ToolState::Unclear {
                why: "it could not be run".to_owned(),
            }),
        })
        .collect()
}

/// Runs one tool, and gives up after [`PATIENCE`].
fn ask(name: &str, arguments: &[&str]) -> ToolState {
    let unclear = |why: String| ToolState::Unclear { why };
    let begin = Instant::now();
    let started = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return ToolState::Missing,
        Err(error) => return unclear(format!("it cannot be run: {}", error.kind())),
    };
    let (say, hear) = mpsc::channel();
    let out = child.stdout.take();
    // What the tool has started may hold the pipe open after the tool is gone:
    // who reads it must not keep us.
    drop(std::thread::spawn(move || {
        let mut printed = Vec::new();
        if let Some(out) = out {
            drop(out.take(PRINTED).read_to_end(&mut printed));
        }
        say.send(printed)
    }));
    let printed = hear.recv_timeout(PATIENCE).ok();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if printed.is_some() && begin.elapsed() < PATIENCE => {
                std::thread::sleep(PAUSE);
            }
            Ok(None) | Err(_) => break None,
        }
    };
    let Some(status) = ended else {
        drop(child.kill());
        drop(child.wait());
        return unclear(format!("no answer within {} s", PATIENCE.as_secs()));
    };
    if !status.success() {
        return unclear(format!("it ended with {status}"));
    }
    match version_in(&String::from_utf8_lossy(&printed.unwrap_or_default())) {
        Some(version) => ToolState::Found { version },
        None => unclear("it printed no version".to_owned()),
    }
}

/// The first word that looks like a version: two numbers with a dot between
/// them, perhaps after a `v`. Nothing else of what a tool prints is shown.
fn version_in(printed: &str) -> Option<String> {
    printed
        .split(|c: char| !(c.is_ascii_alphanumeric() || ".+-_~".contains(c)))
        .map(|word| word.trim_end_matches(['.', '-', '_']))
        .find(|word| {
            let number = word.strip_prefix('v').unwrap_or(word);
            let is_number =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            number.split_once('.').is_some_and(|(major, rest)| {
                is_number(major) && rest.starts_with(|c: char| c.is_ascii_digit())
            })
        })
        .map(|word| word.chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (printed, version) in [
            (
                "Client Version: v1.33.1\nKustomize Version: v5.6.0\n",
                Some("v1.33.1"),
            ),
            (
                "Client Version: version.Info{Major:\"1\", GitVersion:\"v1.24.0\"}",
                Some("v1.24.0"),
            ),
            ("v3.14.0+gc309b6f\n", Some("v3.14.0+gc309b6f")),
            (
                "3.6.1-genericlinux-amd64\n",
                Some("3.6.1-genericlinux-amd64"),
            ),
            ("osism 0.20250823.0\n", Some("0.20250823.0")),
            ("aws-cli/2.15.0 Python/3.11.6 Linux/6.5\n", Some("2.15.0")),
            ("Google Cloud SDK 480.0.0\nbq 2.1.5\n", Some("480.0.0")),
            ("{\n  \"azure-cli\": \"2.60.0\"\n}", Some("2.60.0")),
            ("no version. 12 or so\u{1b}[31m", None),
            ("", None),
        ] {
            assert_eq!(version_in(printed).as_deref(), version, "{printed}");
        }
    }
}
