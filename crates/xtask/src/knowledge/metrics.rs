//! `kubernetes/metrics.csv` from the two lists of metrics in source trees of
//! Kubernetes: the one of all metrics, which is not made anew with every minor,
//! and the one of beta and stable metrics, which upstream's tests hold to the
//! code. Where both speak of a metric, the second is believed.

use super::{Derived, archive, tree};
use crate::Outcome;
use refit_knowledge::metric::SCHEMA;
use refit_knowledge::table;
use refit_model::version::{KubeVersion, Minor};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(super) const FILE: &str = "kubernetes/metrics.csv";

const DOCUMENTATION: &str = "test/instrumentation/documentation/documentation-list.yaml";
const STABLE: &str = "test/instrumentation/testdata/stable-metrics-list.yaml";

/// One entry of a list, as upstream writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    #[serde(default)]
    subsystem: String,
    #[serde(default)]
    namespace: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    deprecated_version: String,
    #[serde(default)]
    stability_level: String,
    #[serde(default)]
    labels: Vec<String>,
}

/// What one minor says of one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Metric {
    kind: String,
    stability: String,
    deprecated: String,
    labels: BTreeSet<String>,
    basis: &'static str,
}

type Listed = BTreeMap<String, Metric>;

/// The file from trees, directories or archives, of at least two minors.
pub(super) fn derive(trees: &[PathBuf]) -> Outcome<Derived> {
    let mut minors: BTreeMap<Minor, (KubeVersion, Listed)> = BTreeMap::new();
    for path in trees {
        // Its CHANGELOG does not tell: a tag is made before its own entry is.
        let version = tree::version(path)?;
        if minors.contains_key(&version.minor()) {
            return Err(format!("{}: a second tree of its minor", path.display()).into());
        }
        minors.insert(version.minor(), (version, read(path)?));
    }
    let tags: Vec<String> = minors
        .values()
        .map(|(version, _)| version.to_string())
        .collect();
    let mut lines = Vec::new();
    let mut before: Option<&Listed> = None;
    for (minor, (_, listed)) in &minors {
        lines.extend(changes(*minor, before, listed));
        before = Some(listed);
    }
    lines.sort_by(|a, b| SCHEMA.order(a, b));
    let mut text = format!(
        "# format: {}\n# as-of: \n# source: kubernetes/kubernetes {DOCUMENTATION} at {tags}\n# source: kubernetes/kubernetes {STABLE} at {tags}\n{}\n",
        SCHEMA.format,
        SCHEMA.columns.join(","),
        tags = tags.join(", "),
    );
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path: FILE, text })
}

fn changes(minor: Minor, before: Option<&Listed>, now: &Listed) -> Vec<Vec<String>> {
    let (minor, mut rows) = (minor.to_string(), Vec::new());
    let mut row = |metric: &str, event: &str, old: &str, new: &str, basis: &str| {
        let values = [minor.as_str(), metric, event, old, new, basis];
        rows.push(values.map(str::to_owned).to_vec());
    };
    let Some(before) = before else {
        for (name, metric) in now {
            row(name, "listed", "", &metric.stability, metric.basis);
        }
        return rows;
    };
    for (name, metric) in now {
        let Some(old) = before.get(name) else {
            row(name, "added", "", &metric.stability, metric.basis);
            continue;
        };
        let joined = |labels: &BTreeSet<String>| {
            labels
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("+")
        };
        if old.labels != metric.labels {
            let (old, new) = (joined(&old.labels), joined(&metric.labels));
            row(name, "labels", &old, &new, metric.basis);
        }
        if old.stability != metric.stability {
            row(
                name,
                "stability",
                &old.stability,
                &metric.stability,
                metric.basis,
            );
        }
        if old.kind != metric.kind {
            row(name, "type", &old.kind, &metric.kind, metric.basis);
        }
        if old.deprecated != metric.deprecated && !metric.deprecated.is_empty() {
            row(name, "deprecated", "", &metric.deprecated, metric.basis);
        }
    }
    for (name, old) in before {
        if !now.contains_key(name) {
            row(name, "removed", &old.stability, "", old.basis);
        }
    }
    rows
}

/// The metrics that the lists of a tree have.
fn read(path: &Path) -> Outcome<Listed> {
    let wanted = |name: &str| name.ends_with(DOCUMENTATION) || name.ends_with(STABLE);
    let files = archive::members(path, &wanted)?;
    let text = |ending: &str| -> Outcome<String> {
        let (_, content) = files
            .iter()
            .find(|(name, _)| name.ends_with(ending))
            .ok_or_else(|| format!("{}: there is no {ending}", path.display()))?;
        Ok(String::from_utf8(content.clone())?)
    };
    Ok(merge(
        metrics(&text(DOCUMENTATION)?, "documentation-list")?,
        metrics(&text(STABLE)?, "stable-list")?,
    ))
}

fn metrics(list: &str, basis: &'static str) -> Outcome<Listed> {
    let entries: Vec<Entry> = serde_saphyr::from_str(list)?;
    let mut listed = Listed::new();
    for entry in entries {
        let parts = [&entry.namespace, &entry.subsystem, &entry.name];
        let parts: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        let metric = Metric {
            kind: entry.kind,
            stability: entry.stability_level,
            deprecated: entry.deprecated_version,
            labels: entry.labels.into_iter().collect(),
            basis,
        };
        // Two components may register one name: then its labels are those of both.
        listed
            .entry(parts.join("_"))
            .and_modify(|known| known.labels.extend(metric.labels.iter().cloned()))
            .or_insert(metric);
    }
    Ok(listed)
}

/// Both lists as one: a metric that the list of all calls beta or stable and the
/// other does not have is gone, and what the other says of one is so.
fn merge(mut all: Listed, stable: Listed) -> Listed {
    all.retain(|name, metric| {
        !matches!(metric.stability.as_str(), "BETA" | "STABLE") || stable.contains_key(name)
    });
    all.extend(stable);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "\
- name: old_total
  subsystem: scheduler
  help: 'Of two lines:
    the second.'
  type: Counter
  stabilityLevel: STABLE
- name: requests_total
  namespace: etcd
  type: Counter
  stabilityLevel: ALPHA
  labels:
  - type
- name: bookmark_counts
  namespace: etcd
  type: Gauge
  stabilityLevel: ALPHA
";

    #[test]
    fn the_list_of_stable_metrics_is_believed() {
        let stable = "- name: requests_total\n  namespace: etcd\n  type: Counter\n  stabilityLevel: BETA\n  labels:\n  - type\n";
        let listed = merge(metrics(ALL, "a").unwrap(), metrics(stable, "b").unwrap());
        let told: Vec<(&str, &str, &str)> = listed
            .iter()
            .map(|(name, metric)| (name.as_str(), metric.stability.as_str(), metric.basis))
            .collect();
        assert_eq!(
            told,
            [
                ("etcd_bookmark_counts", "ALPHA", "a"),
                ("etcd_requests_total", "BETA", "b"),
            ]
        );
    }

    #[test]
    fn what_changes() {
        let before = metrics(ALL, "a").unwrap();
        let after = "\
- name: requests_total
  namespace: etcd
  type: Counter
  stabilityLevel: ALPHA
  labels:
  - resource
  - group
- name: bookmark_counts
  namespace: etcd
  type: Gauge
  deprecatedVersion: 1.36.0
  stabilityLevel: ALPHA
- name: bookmark_total
  namespace: etcd
  type: Counter
  stabilityLevel: ALPHA
";
        let after = metrics(after, "a").unwrap();
        let rows: Vec<String> = changes(Minor::new(1, 36), Some(&before), &after)
            .into_iter()
            .map(|row| row.join(","))
            .collect();
        assert_eq!(
            rows,
            [
                "1.36,etcd_bookmark_counts,deprecated,,1.36.0,a",
                "1.36,etcd_bookmark_total,added,,ALPHA,a",
                "1.36,etcd_requests_total,labels,type,group+resource,a",
                "1.36,scheduler_old_total,removed,STABLE,,a",
            ]
        );
    }

    #[test]
    fn the_version_is_that_of_the_tree() {
        let folder = tempfile::tempdir().unwrap();
        let tree = |version: &str, list: &str| {
            let path = folder.path().join(format!("kubernetes@{version}"));
            for file in [DOCUMENTATION, STABLE] {
                let file = path.join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, list).unwrap();
            }
            path
        };
        let list =
            |name: &str| format!("- name: {name}\n  type: Counter\n  stabilityLevel: STABLE\n");
        let trees = [tree("v1.35.8", &list("old")), tree("v1.36.4", &list("new"))];
        let text = derive(&trees).unwrap().text;
        assert!(text.contains("at v1.35.8, v1.36.4\n"), "{text}");
        let rows: Vec<&str> = text.lines().skip(5).collect();
        assert_eq!(
            rows,
            [
                "1.35,old,listed,,STABLE,stable-list",
                "1.36,new,added,,STABLE,stable-list",
                "1.36,old,removed,STABLE,,stable-list",
            ]
        );
        let again = [&trees[..], &[tree("v1.36.5", &list("new"))]].concat();
        assert!(derive(&again).is_err());
    }
}
