//! What others say of the same gates: the list that upstream generates with a
//! program of its own since 1.33, and an extraction made by others before.

use super::super::tree::Trees;
use super::super::{Derived, get, rows, second_sources::spans};
use crate::Outcome;
use refit_knowledge::table::{self, Schema};
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(in super::super) const UPSTREAM: &str = "second-sources/upstream-gates.csv";
pub(in super::super) const MINED: &str = "second-sources/mined-gates.csv";

const LIST: &str =
    "k8s.io/kubernetes/test/compatibility_lifecycle/reference/versioned_feature_list.yaml";
/// The list is complete since this minor: before, gates of the older form were
/// in another one.
const FIRST: Minor = Minor::new(1, 33);

/// Also in the test that compares.
const SCHEMA: Schema = Schema {
    format: "refit-knowledge/second-gates/1",
    columns: &["gate", "minors", "stage", "default", "locked"],
    key: 2,
};

/// Gate, stage, default and lock, with the minors in which they hold.
type Said = BTreeMap<[String; 4], BTreeSet<Minor>>;

#[derive(serde::Deserialize)]
struct Gate {
    name: String,
    #[serde(rename = "versionedSpecs")]
    specs: Vec<Spec>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    default: bool,
    lock_to_default: bool,
    pre_release: String,
    version: String,
    min_compatibility_version: Option<String>,
}

/// The generated list, of the newest version of each minor in `trees`.
pub(in super::super) fn upstream(trees: &Trees) -> Outcome<Derived> {
    let newest: BTreeMap<Minor, &KubeVersion> = trees
        .versions()
        .map(|version| (version.minor(), version))
        .collect();
    let mut said = Said::new();
    let mut read = Vec::new();
    for (minor, version) in newest {
        if minor < FIRST {
            continue;
        }
        let files = trees.files(version, &|path| path == LIST)?;
        let text = files
            .get(LIST)
            .ok_or_else(|| format!("{version} has no {LIST}"))?;
        let gates: Vec<Gate> = serde_saphyr::from_str(text)?;
        for gate in gates {
            let mut followed = None;
            for spec in gate.specs {
                let from: Minor = spec.version.parse()?;
                let beside = spec.min_compatibility_version.as_deref();
                let beside = beside.map(str::parse::<Minor>).transpose()?;
                if from <= minor && beside.is_none_or(|beside| beside.next() <= minor) {
                    followed = Some(spec);
                }
            }
            // One that is only for later minors can be set to nothing.
            let Some(spec) = followed else {
                continue;
            };
            let key = [
                gate.name,
                spec.pre_release.to_lowercase(),
                spec.default.to_string(),
                spec.lock_to_default.to_string(),
            ];
            said.entry(key).or_default().insert(minor);
        }
        read.push(version.to_string());
    }
    let source = format!(
        "k8s.io/kubernetes {}: test/compatibility_lifecycle/reference/versioned_feature_list.yaml (Apache-2.0)",
        read.join(", ")
    );
    text(UPSTREAM, &source, &said)
}

/// The list that others mined, with one row a gate and minor.
pub(in super::super) fn mined(source: &Path) -> Outcome<Derived> {
    let mut said = Said::new();
    for row in rows(source)? {
        let key = [
            get(&row, "gate")?.to_owned(),
            get(&row, "stage")?.to_lowercase(),
            get(&row, "default")?.to_owned(),
            get(&row, "locked")?.to_owned(),
        ];
        let minor = get(&row, "minor")?.parse()?;
        said.entry(key).or_default().insert(minor);
    }
    let source = "feature-gates-long.csv, an extraction by another program from the first tag of each minor, 1.37 from a commit before its release";
    text(MINED, source, &said)
}

fn text(path: &'static str, source: &str, said: &Said) -> Outcome<Derived> {
    let minors: BTreeSet<Minor> = said.values().flatten().copied().collect();
    if minors.is_empty() {
        return Err(format!("{path}: no gate was found in what was given").into());
    }
    let mut lines: Vec<Vec<String>> = said
        .iter()
        .map(|([gate, stage, default, locked], minors)| {
            [gate, &spans(minors), stage, default, locked]
                .map(Clone::clone)
                .to_vec()
        })
        .collect();
    lines.sort_by(|a, b| SCHEMA.order(a, b));
    let mut text = format!(
        "# format: {}\n# as-of: \n# source: {source}\n# minors: {}\n{}\n",
        SCHEMA.format,
        spans(&minors),
        SCHEMA.columns.join(",")
    );
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path, text })
}
