//! `kubernetes/feature-gates.csv` from the Go sources of Kubernetes: every gate
//! that a component accepts, by the span of versions in which nothing about it
//! changes.
//!
//! Some staging repositories have no tag for some patches. Their gates are then
//! those of the patch before, since without them they would look removed.

mod maps;
pub(super) mod second;

use super::Derived;
use super::tree::{Files, Trees};
use crate::{Outcome, say};
use maps::{Package, Source, Spec};
use refit_knowledge::gates::{NOT_READ, SCHEMA};
use refit_knowledge::table;
use refit_knowledge::table::Schema;
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const FILE: &str = "kubernetes/feature-gates.csv";
pub(super) const NOT_READ_FILE: &str = "kubernetes/feature-gates-not-read.csv";

const MAIN: &str = "k8s.io/kubernetes/pkg/features";
const KUBEADM: &str = "k8s.io/kubernetes/cmd/kubeadm/app/features";
const COMMON: &str = "k8s.io/component-base/featuregate";
const EXTENSIONS: &str = "k8s.io/apiextensions-apiserver/pkg/features";
const CONTROLLERS: &str = "k8s.io/controller-manager/pkg/features";

/// The packages that register gates, and since which minor they are looked for.
const REGISTRIES: [(&str, Minor); 11] = [
    (MAIN, Minor::new(1, 16)),
    (KUBEADM, Minor::new(1, 16)),
    (COMMON, Minor::new(1, 16)),
    ("k8s.io/apiserver/pkg/features", Minor::new(1, 16)),
    (EXTENSIONS, Minor::new(1, 16)),
    (CONTROLLERS, Minor::new(1, 20)),
    ("k8s.io/component-base/logs", Minor::new(1, 24)),
    ("k8s.io/component-base/logs/api/v1", Minor::new(1, 25)),
    ("k8s.io/component-base/metrics/features", Minor::new(1, 26)),
    ("k8s.io/client-go/features", Minor::new(1, 30)),
    ("k8s.io/component-base/zpages/features", Minor::new(1, 32)),
];

/// The components that share one set of gates, each built from `cmd/<name>`.
const COMPONENTS: [&str; 5] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
];

/// What one version says about one gate: the columns behind `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    spec: Spec,
    known_in: String,
    registered_in: String,
    dependencies: String,
}

/// The set a gate belongs to, and its name.
type Key = (&'static str, String);

/// Both files, from the versions in `trees`; `header` gives the comments of one.
pub(super) fn derive(
    trees: &Trees,
    header: &dyn Fn(&str) -> Outcome<String>,
) -> Outcome<[Derived; 2]> {
    let mut versions: Vec<KubeVersion> = Vec::new();
    let mut states: BTreeMap<Key, Vec<(usize, State)>> = BTreeMap::new();
    let mut before = Files::new();
    for version in trees.versions() {
        let mut files = trees.files(version, &wanted)?;
        if versions.last().map(KubeVersion::minor) != Some(version.minor()) {
            before.clear();
        }
        if missing(&files, version.minor()).contains(&MAIN) {
            say(&format!(
                "left out: {version}, of which only staging is at hand"
            ))?;
            continue;
        }
        for registry in missing(&files, version.minor()) {
            say(&format!(
                "{version} has no {registry}: that of the patch before is taken"
            ))?;
            let of = |path: &&String| package(path) == registry;
            let kept: Vec<_> = before.keys().filter(of).cloned().collect();
            for path in kept {
                let content = before.get(&path).cloned().unwrap_or_default();
                files.insert(path, content);
            }
        }
        if let Some(registry) = missing(&files, version.minor()).first() {
            say(&format!(
                "left out: {version}, of which {registry} is not at hand"
            ))?;
            continue;
        }
        before.clone_from(&files);
        let found =
            gates(&files, version.minor()).map_err(|error| format!("{version}: {error}"))?;
        for (key, state) in found {
            states.entry(key).or_default().push((versions.len(), state));
        }
        versions.push(version.clone());
    }
    let mut lines = Vec::new();
    for ((set, gate), states) in &states {
        for (first, last, state) in spans(states) {
            let boundary = |at: usize, written: fn(&[KubeVersion], usize) -> Option<String>| {
                written(&versions, at).ok_or("a span ends outside the versions")
            };
            lines.push(
                [
                    (*set).to_owned(),
                    gate.clone(),
                    boundary(first, from)?,
                    boundary(last, to)?,
                    state.spec.stage.to_owned(),
                    state.spec.default.to_string(),
                    state.spec.locked.to_string(),
                    state.known_in.clone(),
                    state.registered_in.clone(),
                    state.dependencies.clone(),
                ]
                .to_vec(),
            );
        }
    }
    let not_read = not_read(&versions)
        .map(|version| vec![plain(&version)])
        .collect();
    Ok([
        table(FILE, &SCHEMA, header(FILE)?, lines),
        table(NOT_READ_FILE, &NOT_READ, header(NOT_READ_FILE)?, not_read),
    ])
}

fn table(
    path: &'static str,
    schema: &Schema,
    header: String,
    mut lines: Vec<Vec<String>>,
) -> Derived {
    lines.sort_by(|a, b| schema.order(a, b));
    let mut text = header;
    text.push_str(&schema.columns.join(","));
    text.push('\n');
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Derived { path, text }
}

/// The patches before the newest of each minor that are not among `versions`.
fn not_read(versions: &[KubeVersion]) -> impl Iterator<Item = KubeVersion> {
    let before = std::iter::once(None).chain(versions.iter().map(Some));
    before.zip(versions).flat_map(|(before, version)| {
        let minor = version.minor();
        let first = before
            .filter(|before| before.minor() == minor)
            .map_or(0, |before| before.patch() + 1);
        (first..version.patch()).map(move |patch| KubeVersion::new(minor, patch))
    })
}

/// Whether a file is one that gates are read from.
fn wanted(path: &str) -> bool {
    let package = package(path);
    let registers = REGISTRIES.iter().any(|(registry, _)| *registry == package);
    let main = package
        .strip_prefix("k8s.io/kubernetes/cmd/")
        .and_then(|rest| rest.split('/').next())
        .is_some_and(|component| COMPONENTS.contains(&component));
    path.ends_with(".go") && !path.ends_with("_test.go") && (registers || main)
}

/// The registries that the version must have and of which no file is there.
fn missing(files: &Files, minor: Minor) -> Vec<&'static str> {
    REGISTRIES
        .iter()
        .filter(|(registry, since)| {
            // The logging gates moved to `api/v1` after one minor.
            let gone = *registry == "k8s.io/component-base/logs" && minor > *since;
            let there = files.keys().any(|path| package(path) == *registry);
            *since <= minor && !gone && !there
        })
        .map(|(registry, _)| *registry)
        .collect()
}

fn package(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(package, _)| package)
}

/// Every gate that a binary of `minor` built from `files` has.
fn gates(files: &Files, minor: Minor) -> Outcome<BTreeMap<Key, State>> {
    let sources = maps::sources(files);
    let mut packages: BTreeMap<&str, Package> = BTreeMap::new();
    for (registry, _) in REGISTRIES {
        packages.insert(registry, maps::read(&sources, registry, minor)?);
    }
    let mut found = BTreeMap::new();
    if let Some(package) = packages.remove(KUBEADM) {
        for (gate, spec) in package.gates {
            let state = State {
                spec,
                known_in: "kubeadm".to_owned(),
                registered_in: short(KUBEADM).to_owned(),
                dependencies: String::new(),
            };
            found.insert(("kubeadm", gate), state);
        }
    }
    let mut merged: BTreeMap<String, (Spec, BTreeSet<&str>)> = BTreeMap::new();
    let mut dependencies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (registry, package) in packages {
        for (gate, spec) in package.gates {
            let (known, registries) = merged
                .entry(gate.clone())
                .or_insert_with(|| (spec.clone(), BTreeSet::new()));
            // A component in which two packages differ does not start at all.
            if *known != spec {
                return Err(format!("{gate} is {known:?}, and {spec:?} in {registry}").into());
            }
            registries.insert(registry);
        }
        for (gate, on) in package.dependencies {
            dependencies.entry(gate).or_default().extend(on);
        }
    }
    for (gate, (spec, registries)) in merged {
        let mut known_in = BTreeSet::new();
        for registry in &registries {
            known_in.extend(known(&sources, registry));
        }
        let known_in = if known_in.len() == COMPONENTS.len() {
            "all".to_owned()
        } else {
            joined(known_in)
        };
        // The main package repeats many gates of others, now and then.
        let mut registries = registries;
        if registries.len() > 1 {
            registries.remove(MAIN);
        }
        let on = dependencies.remove(&gate).unwrap_or_default();
        let state = State {
            spec,
            known_in,
            registered_in: joined(registries.iter().map(|registry| short(registry))),
            dependencies: joined(on.iter().map(String::as_str)),
        };
        found.insert(("kubernetes", gate), state);
    }
    Ok(found)
}

/// The components of which the sources show that they know the gates of
/// `registry`. Others may know them too, through packages between the two.
fn known(sources: &BTreeMap<String, Source>, registry: &str) -> Vec<&'static str> {
    let main = sources.get(MAIN);
    // Every component is built with the main registry, and with what that imports
    // and registers or repeats.
    let everywhere = registry == MAIN
        || registry == COMMON
        || main.is_some_and(|main| {
            let imports = main.imports();
            imports.contains(registry) && registry != CONTROLLERS
        });
    if everywhere {
        return COMPONENTS.to_vec();
    }
    match registry {
        EXTENSIONS => return vec!["kube-apiserver"],
        CONTROLLERS => return vec!["kube-controller-manager"],
        _ => {}
    }
    COMPONENTS
        .into_iter()
        .filter(|component| {
            let command = format!("k8s.io/kubernetes/cmd/{component}/");
            sources
                .iter()
                .filter(|(package, _)| format!("{package}/").starts_with(&command))
                .any(|(_, source)| source.added().contains(registry))
        })
        .collect()
}

/// A registry as the file names it: without what all of them have in common.
fn short(registry: &str) -> &str {
    registry.strip_prefix("k8s.io/").unwrap_or(registry)
}

fn joined<'s, I: IntoIterator<Item = &'s str>>(names: I) -> String {
    names.into_iter().collect::<Vec<_>>().join("+")
}

/// Runs of versions that follow each other and say the same.
fn spans(states: &[(usize, State)]) -> Vec<(usize, usize, &State)> {
    let mut spans: Vec<(usize, usize, &State)> = Vec::new();
    for (at, state) in states {
        match spans.last_mut() {
            Some((_, last, same)) if *last + 1 == *at && *same == state => *last = *at,
            Some(_) | None => spans.push((*at, *at, state)),
        }
    }
    spans
}

/// How the first version of a span is written: as a minor where it is its `.0`.
fn from(versions: &[KubeVersion], at: usize) -> Option<String> {
    let version = versions.get(at)?;
    Some(if version.patch() == 0 {
        version.minor().to_string()
    } else {
        plain(version)
    })
}

/// How the last version of a span is written: as a minor where it is the newest
/// of it, because later patches are then taken to be alike. Patches that were not
/// read are in the span before them, and in a file of their own.
fn to(versions: &[KubeVersion], at: usize) -> Option<String> {
    let version = versions.get(at)?;
    let next = versions.get(at + 1);
    let next = next.filter(|next| next.minor() == version.minor());
    Some(next.map_or_else(
        || version.minor().to_string(),
        |next| {
            plain(&KubeVersion::new(
                next.minor(),
                next.patch().saturating_sub(1),
            ))
        },
    ))
}

fn plain(version: &KubeVersion) -> String {
    format!("{}.{}", version.minor(), version.patch())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(default: bool) -> State {
        State {
            spec: Spec {
                stage: "beta",
                default,
                locked: false,
            },
            known_in: String::new(),
            registered_in: String::new(),
            dependencies: String::new(),
        }
    }

    #[test]
    fn spans_are_written_as_precisely_as_they_must_be() {
        let versions: Vec<KubeVersion> = ["1.28.0", "1.28.3", "1.29.0", "1.29.1", "1.30.0"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        // On in 1.28.0, off up to 1.29.0, absent in 1.29.1, off again.
        let states = [
            (0, state(true)),
            (1, state(false)),
            (2, state(false)),
            (4, state(false)),
        ];
        let written: Vec<_> = spans(&states)
            .into_iter()
            .map(|(first, last, _)| {
                let (first, last) = (from(&versions, first), to(&versions, last));
                format!("{}..{}", first.unwrap(), last.unwrap())
            })
            .collect();
        let not_read: Vec<_> = not_read(&versions).map(|version| plain(&version)).collect();
        assert_eq!(not_read, ["1.28.1", "1.28.2"]);
        assert_eq!(written, ["1.28..1.28.2", "1.28.3..1.29.0", "1.30..1.30"]);
    }
}
