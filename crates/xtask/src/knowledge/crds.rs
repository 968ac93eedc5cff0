//! Which versions of its kinds each release of a project serves, stores and
//! deprecates: from the manifests of its custom resource definitions.
//!
//! The source is a folder with one folder for each release, named
//! `project@version`, with the manifests in it and a file `SOURCE` that says in
//! one line where they are from. Only the newest patch of each minor is needed:
//! a project changes what it serves from minor to minor.

use super::Derived;
use crate::Outcome;
use refit_knowledge::project::ProjectVersion;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The file this derives.
pub(super) const FILE: &str = "projects/crds.csv";

const HEADER: &str = "\
# format: refit-knowledge/crds/1
# as-of: 0000-00-00
# source: the manifests of each project at the tag of its newest patch of each minor, see the column of that name
project,group,kind,api_version,from_version,to_version,served,storage,deprecated,source
";

/// A definition, as far as it is asked.
#[derive(Deserialize)]
struct Definition {
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    group: String,
    names: Names,
    /// Absent or null in the definition of nothing that a generator leaves behind.
    versions: Option<Vec<Version>>,
}

#[derive(Deserialize)]
struct Names {
    kind: String,
}

#[derive(Deserialize)]
struct Version {
    name: String,
    served: bool,
    storage: bool,
    #[serde(default)]
    deprecated: bool,
}

/// One version of one kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Api {
    group: String,
    kind: String,
    version: String,
}

/// How a release offers it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    served: bool,
    storage: bool,
    deprecated: bool,
}

/// One release of a project.
struct Release {
    version: ProjectVersion,
    source: String,
    apis: BTreeMap<Api, State>,
}

/// Derives the file from the releases in `folders`.
pub(super) fn derive(folders: &[std::path::PathBuf]) -> Outcome<Derived> {
    let mut projects: BTreeMap<String, Vec<Release>> = BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some((project, version)) = name.and_then(|name| name.rsplit_once('@')) else {
                return Err(format!("{}: not named project@version", path.display()).into());
            };
            let release = release(&path, version)?;
            projects
                .entry(project.to_owned())
                .or_default()
                .push(release);
        }
    }
    let mut text = HEADER.to_owned();
    for (project, mut releases) in projects {
        releases.sort_by(|a, b| a.version.cmp(&b.version));
        let mut apis: Vec<&Api> = releases.iter().flat_map(|one| one.apis.keys()).collect();
        apis.sort();
        apis.dedup();
        for api in apis {
            spans(&project, api, &releases, &mut text)?;
        }
    }
    Ok(Derived { path: FILE, text })
}

/// The rows of one version of one kind: a row for each run of releases that say
/// the same of it.
fn spans(project: &str, api: &Api, releases: &[Release], text: &mut String) -> Outcome<()> {
    for run in releases.chunk_by(|a, b| a.apis.get(api) == b.apis.get(api)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let Some(state) = first.apis.get(api) else {
            continue;
        };
        let word = |value: bool| if value { "yes" } else { "no" };
        writeln!(
            text,
            "{project},{},{},{},{},{},{},{},{},{}",
            api.group,
            api.kind,
            api.version,
            first.version,
            last.version,
            word(state.served),
            word(state.storage),
            word(state.deprecated),
            last.source
        )?;
    }
    Ok(())
}

fn release(folder: &Path, version: &str) -> Outcome<Release> {
    let version = version
        .parse()
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut release = Release {
        version,
        source: String::new(),
        apis: BTreeMap::new(),
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if path.file_name().is_some_and(|name| name == "SOURCE") {
            text.trim().clone_into(&mut release.source);
            continue;
        }
        for document in documents(&without_schemas(&text)) {
            if !document
                .lines()
                .any(|line| line.trim_end() == "kind: CustomResourceDefinition")
            {
                continue;
            }
            let definition: Definition = serde_saphyr::from_str(&document)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let spec = definition.spec;
            // What a generator leaves behind of nothing has no group and no kind.
            if spec.group.is_empty() {
                continue;
            }
            for one in spec.versions.unwrap_or_default() {
                let api = Api {
                    group: spec.group.clone(),
                    kind: spec.names.kind.clone(),
                    version: one.name,
                };
                let state = State {
                    served: one.served,
                    storage: one.storage,
                    deprecated: one.deprecated,
                };
                release.apis.insert(api, state);
            }
        }
    }
    if release.source.is_empty() || release.source.contains(',') {
        return Err(format!(
            "{}: SOURCE is not one line without commas",
            folder.display()
        )
        .into());
    }
    Ok(release)
}

/// The documents of a file.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        if line.starts_with("---") {
            documents.push(String::new());
        } else if let Some(document) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    documents
}

/// The text without schemas, which are nine tenths of it and tell nothing here,
/// and without lines of a chart's template, which hold labels and conditions.
fn without_schemas(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut skipped: Option<usize> = None;
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(depth) = skipped {
            if line.trim().is_empty() || indent(line) > depth {
                continue;
            }
            skipped = None;
        }
        let key = line.trim_start_matches([' ', '-']);
        if key.starts_with("schema:") || key.starts_with("validation:") {
            skipped = Some(indent(line));
            continue;
        }
        if !line.contains("{{") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_become_spans() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = |versions: &str| {
            format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                 metadata:\n  labels: {{}}\n    {{{{- a }}}}\nspec:\n  group: a.example\n  names:\n    kind: Thing\n  versions:\n{versions}"
            )
        };
        let version = |name: &str, served: bool, storage: bool| {
            format!(
                "  - name: {name}\n    schema:\n      openAPIV3Schema:\n        type: object\n    served: {served}\n    storage: {storage}\n"
            )
        };
        for (release, versions) in [
            ("1.0.3", version("v1beta1", true, true)),
            ("1.1.0", version("v1beta1", true, true)),
            (
                "1.2.0",
                version("v1", true, true) + &version("v1beta1", false, false),
            ),
        ] {
            let path = folder.path().join(format!("thing@{release}"));
            fs::create_dir(&path).unwrap();
            fs::write(path.join("SOURCE"), "example/thing crds\n").unwrap();
            fs::write(path.join("crd.yaml"), manifest(&versions)).unwrap();
            let nothing = "kind: CustomResourceDefinition\nspec:\n  group: \"\"\n  names:\n    kind: \"\"\n  versions: null\n";
            fs::write(path.join("_.yaml"), nothing).unwrap();
        }
        let derived = derive(&[folder.path().to_owned()]).unwrap();
        let rows: Vec<&str> = derived.text.lines().skip(4).collect();
        assert_eq!(
            rows,
            [
                "thing,a.example,Thing,v1,1.2.0,1.2.0,yes,yes,no,example/thing crds",
                "thing,a.example,Thing,v1beta1,1.0.3,1.1.0,yes,yes,no,example/thing crds",
                "thing,a.example,Thing,v1beta1,1.2.0,1.2.0,no,no,no,example/thing crds",
            ]
        );
    }
}
