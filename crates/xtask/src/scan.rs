//! Measures reading against pluto, over the corpus, in one run.

use crate::corpus::{Expected, expected_beside};
use crate::{Outcome, say};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const USAGE: &str = "\
usage: cargo xtask bench-scan --refit FILE --pluto FILE --corpus DIR [--rounds N]
  runs refit (a release build) and pluto in turns over what `cargo xtask corpus`
  wrote, and prints CPU seconds, wall seconds and peak memory of the best round
  of each (five rounds without --rounds); needs GNU time in /usr/bin/time";

/// What one command took.
#[derive(Clone, Copy, Debug)]
struct Cost {
    cpu: f64,
    wall: f64,
    mebibytes: f64,
}

/// Runs the benchmark.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let (paths, rounds) = match arguments {
        [refit, a, pluto, b, corpus, c, rest @ ..]
            if (refit.as_str(), pluto.as_str(), corpus.as_str())
                == ("--refit", "--pluto", "--corpus") =>
        {
            let rounds = match rest {
                [] => 5,
                [flag, rounds] if flag == "--rounds" => rounds.parse()?,
                _ => return Err(USAGE.into()),
            };
            ([a, b, c].map(PathBuf::from), rounds)
        }
        _ => return Err(USAGE.into()),
    };
    let [refit, pluto, corpus] = &paths;
    let assess = |only: &[&str]| {
        let mut command = vec![refit.display().to_string()];
        let fixed = ["assess", "--to", "1.36", "--now", "2026-11-29T00:00:00Z"];
        command.extend(fixed.map(str::to_owned));
        command.extend(["-o", "json", "--fail-on", "never", "-f"].map(str::to_owned));
        command.push(corpus.display().to_string());
        command.extend(only.iter().map(|&word| word.to_owned()));
        command
    };
    let api = assess(&["--only", "api"]);
    let whole = assess(&[]);
    for (name, command) in [
        ("API findings alone", &api),
        ("the whole assessment", &whole),
    ] {
        verify(name, command, corpus)?;
    }
    let peer = [
        pluto.display().to_string(),
        "detect-files".to_owned(),
        "-d".to_owned(),
        corpus.display().to_string(),
        "--target-versions".to_owned(),
        "k8s=v1.36.0".to_owned(),
    ];
    let mut best: [Option<Cost>; 3] = [None; 3];
    for _ in 0..rounds {
        // In turns, so that a noisy minute meets all of them.
        for (command, best) in [&api[..], &whole[..], &peer[..]].iter().zip(&mut best) {
            let cost = measure(command)?;
            if best.is_none_or(|best| cost.cpu < best.cpu) {
                *best = Some(cost);
            }
        }
    }
    let [Some(api), Some(whole), Some(peer)] = best else {
        return Err("no round was run".into());
    };
    for (name, cost) in [
        ("refit assess --only api", api),
        ("refit assess", whole),
        ("pluto detect-files", peer),
    ] {
        say(&format!(
            "{name:24} {:5.2} s CPU, {:5.2} s wall, {:4.0} MiB; of pluto's: {:.2} CPU, {:.2} wall",
            cost.cpu,
            cost.wall,
            cost.mebibytes,
            cost.cpu / peer.cpu,
            cost.wall / peer.wall
        ))?;
    }
    let bars = [
        (
            "API findings in a fifth of its CPU",
            api.cpu <= peer.cpu / 5.0,
        ),
        ("the whole in no more CPU", whole.cpu <= peer.cpu),
        (
            "the whole in half its wall time",
            whole.wall <= peer.wall / 2.0,
        ),
        ("under 250 MiB", api.mebibytes.max(whole.mebibytes) < 250.0),
    ];
    for (name, is_met) in bars {
        say(&format!(
            "{}: {name}",
            if is_met { "met" } else { "NOT MET" }
        ))?;
    }
    Ok(())
}

/// Runs `command` once under GNU time.
fn measure(command: &[String]) -> Outcome<Cost> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "cost %U %S %e %M"])
        .args(command)
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("could not run /usr/bin/time (package `time`): {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rfind(|line| line.starts_with("cost "));
    let numbers: Vec<f64> = last
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|number| number.parse().ok())
        .collect();
    match numbers[..] {
        [user, system, wall, kibibytes] => Ok(Cost {
            cpu: user + system,
            wall,
            mebibytes: kibibytes / 1024.0,
        }),
        _ => Err(format!("{command:?} was not measured:\n{text}").into()),
    }
}

/// The part of an assessment that is compared.
#[derive(Deserialize)]
struct Told {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    code: String,
    subject: Subject,
    evidence: Vec<Evidence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    api_version: Option<String>,
    kind: String,
    name: String,
}

#[derive(Deserialize)]
struct Evidence {
    location: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
}

/// Whether `command` tells exactly the uses that the corpus was written with.
fn verify(name: &str, command: &[String], corpus: &Path) -> Outcome<()> {
    let expected: Vec<Expected> =
        serde_json::from_str(&fs::read_to_string(expected_beside(corpus))?)?;
    let expected: BTreeSet<Expected> = expected.into_iter().collect();
    let (program, arguments) = command.split_first().ok_or(USAGE)?;
    let output = Command::new(program).args(arguments).output()?;
    let told: Told = serde_json::from_slice(&output.stdout).map_err(|error| {
        format!(
            "{program} gave no assessment ({error}):\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let mut found = BTreeSet::new();
    for finding in told
        .findings
        .iter()
        .filter(|finding| is_api_use(&finding.code))
    {
        for place in finding
            .evidence
            .iter()
            .filter_map(|evidence| evidence.location.as_ref())
        {
            found.insert(Expected {
                file: place.file.clone(),
                line: place.line,
                column: place.column,
                api_version: finding.subject.api_version.clone().unwrap_or_default(),
                kind: finding.subject.kind.clone(),
                name: finding.subject.name.clone(),
            });
        }
    }
    let first = |set: &BTreeSet<Expected>, other: &BTreeSet<Expected>| {
        set.difference(other).next().map(|one| format!("{one:?}"))
    };
    if let Some(missed) = first(&expected, &found) {
        return Err(format!("{name}: missed {missed}").into());
    }
    if let Some(invented) = first(&found, &expected) {
        return Err(format!("{name}: invented {invented}").into());
    }
    say(&format!(
        "{name}: all {} expected uses were told, with line and column, and no other",
        expected.len()
    ))
}

/// The codes about a use of an API version: `RFA101` to `RFA106`.
fn is_api_use(code: &str) -> bool {
    code.starts_with("RFA10")
}
