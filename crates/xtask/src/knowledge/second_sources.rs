//! What others say which kinds each minor of Kubernetes has: the PyPI package
//! `kubernetes-validate`, made from OpenAPI documents, and the crate
//! `k8s-openapi`, generated from them by other people with another program.
//!
//! They are checked in so that the tests that compare need no network.

use super::{Derived, archive};
use crate::{Outcome, root};
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const KUBERNETES_VALIDATE: &str = "second-sources/kubernetes-validate.csv";
pub(super) const K8S_OPENAPI: &str = "second-sources/k8s-openapi.csv";

/// Which minors have which kind.
type Kinds = BTreeMap<[String; 3], BTreeSet<Minor>>;

#[derive(serde::Deserialize)]
struct Definitions {
    // Its newer releases call it as newer JSON Schema does.
    #[serde(alias = "$defs")]
    definitions: BTreeMap<String, Definition>,
}

#[derive(serde::Deserialize)]
struct Definition {
    #[serde(default, rename = "x-kubernetes-group-version-kind")]
    kinds: Vec<Kind>,
}

#[derive(serde::Deserialize)]
struct Kind {
    #[serde(default)]
    group: String,
    version: String,
    kind: String,
}

/// `second-sources/kubernetes-validate.csv` from wheels, sdists or directories.
pub(super) fn kubernetes_validate(packages: &[PathBuf]) -> Outcome<Derived> {
    let mut kinds = Kinds::new();
    let mut minors = BTreeSet::new();
    for package in packages {
        let members = archive::members(package, &|name| wanted(name))?;
        for (name, content) in members {
            let minor = minor_of(&name).ok_or_else(|| format!("{name}: of which minor?"))?;
            minors.insert(minor);
            let read: Definitions = serde_json::from_slice(&content)?;
            for kind in read
                .definitions
                .into_values()
                .flat_map(|definition| definition.kinds)
            {
                let name = [kind.group, kind.version, kind.kind];
                kinds.entry(name).or_default().insert(minor);
            }
        }
    }
    Ok(Derived {
        path: KUBERNETES_VALIDATE,
        text: text(
            "kubernetes-validate",
            "PyPI kubernetes-validate, _definitions.json of every minor: the sdist of 1.24.1 for 1.10 to 1.24, the wheel of 1.37.0 for 1.25 to 1.37 (Apache-2.0)",
            &minors,
            &kinds,
        )?,
    })
}

/// Whether a member lists the kinds of a minor. The strict copies list the same
/// ones again; 1.10 comes only as such.
fn wanted(path: &str) -> bool {
    path.ends_with("-local/_definitions.json")
        || path.ends_with("/v1.10.0-local-strict/_definitions.json")
}

/// The minor in a path such as `.../v1.25.0-local/_definitions.json`.
fn minor_of(path: &str) -> Option<Minor> {
    let directory = path.rsplit('/').nth(1)?;
    let release = directory.strip_prefix('v')?.split('-').next()?;
    release.strip_suffix(".0")?.parse().ok()
}

/// Where cargo has the source of `k8s-openapi`, if it has.
pub(super) fn locate_k8s_openapi() -> Outcome<Option<PathBuf>> {
    // Only what is built here has to be in the registry's folder, so only this
    // platform is asked about: without that, cargo wants to download the rest.
    let compiler = Command::new("rustc").arg("-vV").output()?;
    let about = String::from_utf8(compiler.stdout)?;
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc does not say its host")?;
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--offline", "--filter-platform", host].map(str::to_owned))
        .exec();
    // Without the registry at hand this source is not at hand either.
    let Ok(metadata) = metadata else {
        return Ok(None);
    };
    Ok(metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "k8s-openapi")
        .and_then(|package| package.manifest_path.parent())
        .map(|directory| directory.to_path_buf().into_std_path_buf()))
}

/// `second-sources/k8s-openapi.csv` from the source of the crate.
pub(super) fn k8s_openapi(crate_directory: &Path) -> Outcome<Derived> {
    let mut kinds = Kinds::new();
    let mut minors = BTreeSet::new();
    let mut modules: Vec<PathBuf> = fs::read_dir(crate_directory.join("src"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    modules.sort();
    for module in modules {
        let name = module
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some(minor) = name
            .strip_prefix('v')
            .and_then(|name| name.replace('_', ".").parse().ok())
        else {
            continue;
        };
        minors.insert(minor);
        for (_, content) in archive::members(&module, &|name| name.ends_with(".rs"))? {
            for kind in resources(&String::from_utf8(content)?) {
                kinds.entry(kind).or_default().insert(minor);
            }
        }
    }
    let version = crate_version(crate_directory)?;
    Ok(Derived {
        path: K8S_OPENAPI,
        text: text(
            "k8s-openapi",
            &format!(
                "crate k8s-openapi {version}, implementations of its trait Resource in each of its version modules (Apache-2.0)"
            ),
            &minors,
            &kinds,
        )?,
    })
}

pub(super) fn crate_version(directory: &Path) -> Outcome<String> {
    let manifest = fs::read_to_string(directory.join("Cargo.toml"))?;
    manifest
        .lines()
        .find_map(|line| {
            line.strip_prefix("version = \"")?
                .strip_suffix('"')
                .map(str::to_owned)
        })
        .ok_or_else(|| "k8s-openapi does not say its version".into())
}

/// The kinds of the `Resource` implementations in one source file.
fn resources(source: &str) -> Vec<[String; 3]> {
    let mut found = Vec::new();
    for block in source.split("crate::Resource for ").skip(1) {
        let body = block.split("\n}").next().unwrap_or_default();
        let constant = |name: &str| -> Option<String> {
            let after = body
                .split_once(&format!("const {name}: &'static str = \""))?
                .1;
            Some(after.split('"').next()?.to_owned())
        };
        // A generic implementation, that of lists, has no constants of its own.
        if let (Some(group), Some(version), Some(kind)) =
            (constant("GROUP"), constant("VERSION"), constant("KIND"))
        {
            found.push([group, version, kind]);
        }
    }
    found
}

fn text(name: &str, source: &str, minors: &BTreeSet<Minor>, kinds: &Kinds) -> Outcome<String> {
    let all = spans(minors);
    let mut text = format!(
        "# format: refit-knowledge/second-source/1\n# as-of: \n# source: {source}\n# minors: {all}\ngroup,version,kind,minors\n"
    );
    if minors.is_empty() {
        return Err(format!("{name}: no minor was found in what was given").into());
    }
    for ([group, version, kind], minors) in kinds {
        let spans = spans(minors);
        text.push_str(&table::line([group, version, kind, &spans]));
        text.push('\n');
    }
    Ok(text)
}

/// Minors as spans: `1.10..1.21 1.25..1.37`.
pub(super) fn spans(minors: &BTreeSet<Minor>) -> String {
    let mut spans: Vec<(Minor, Minor)> = Vec::new();
    for minor in minors {
        match spans.last_mut() {
            Some((_, last)) if last.next() == *minor => *last = *minor,
            Some(_) | None => spans.push((*minor, *minor)),
        }
    }
    let written: Vec<String> = spans
        .iter()
        .map(|(first, last)| format!("{first}..{last}"))
        .collect();
    written.join(" ")
}
