//! Which Kubernetes each release of a project is built against: the client
//! library that its `go.mod` asks for.
//!
//! The source is a folder of `go.mod` files, each named after the module and the
//! version of the project it is of: `github.com/velero/velero@v1.16.0.mod`, with
//! a folder for each part of the module's path. They are what a module proxy
//! serves, or what a clone has at a tag. Which module is which project's is a
//! table, `projects/go-modules.csv`.

use super::{Derived, get, rows};
use crate::Outcome;
use refit_knowledge::project::ProjectVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The file this derives.
pub(super) const FILE: &str = "projects/built-against.csv";
const MODULES: &str = "projects/go-modules.csv";

const HEADER: &str = "\
# format: refit-knowledge/built-against/1
# as-of: 0000-00-00
# source: the go.mod of each module at the tag of each version
project,from_version,to_version,kubernetes,library,module
";

/// The libraries whose minor is that of a Kubernetes release, the one that
/// matters most first: a program may use the types without the client.
const LIBRARIES: [&str; 3] = ["k8s.io/client-go", "k8s.io/api", "k8s.io/apimachinery"];

/// What one release is built with.
struct Built {
    version: ProjectVersion,
    kubernetes: u32,
    library: &'static str,
    module: String,
}

/// Derives the file from the `go.mod` files below `folder`.
pub(super) fn derive(folder: &Path, knowledge: &Path) -> Outcome<Derived> {
    let mut projects: BTreeMap<String, String> = BTreeMap::new();
    for row in rows(&knowledge.join(MODULES))? {
        let (module, project) = (get(&row, "module")?, get(&row, "project")?);
        projects.insert(module.to_owned(), project.to_owned());
    }
    let mut built: BTreeMap<String, Vec<Built>> = BTreeMap::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    for (module, version, text) in mod_files(folder)? {
        let Some(project) = projects.get(&module) else {
            unknown.insert(module);
            continue;
        };
        let Some((library, kubernetes)) = client(&text) else {
            continue;
        };
        built.entry(project.clone()).or_default().push(Built {
            version,
            kubernetes,
            library,
            module,
        });
    }
    if let Some(module) = unknown.first() {
        return Err(format!("{module} is not in {MODULES}: add the project it is of").into());
    }
    let mut text = HEADER.to_owned();
    for (project, mut releases) in built {
        releases.sort_by(|a, b| a.version.cmp(&b.version));
        for run in folded(&releases) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                text.push_str(&format!(
                    "{project},{},{},1.{},{},{}\n",
                    first.version, last.version, first.kubernetes, first.library, first.module
                ));
            }
        }
    }
    Ok(Derived { path: FILE, text })
}

/// Releases of one line that are built alike and follow each other.
fn folded(releases: &[Built]) -> impl Iterator<Item = &[Built]> {
    releases.chunk_by(|a, b| {
        a.kubernetes == b.kubernetes
            && a.library == b.library
            && a.module == b.module
            && line(&a.version) == line(&b.version)
    })
}

/// The first two numbers: what a project calls a minor release.
fn line(version: &ProjectVersion) -> Vec<String> {
    let text = version.to_string();
    text.split('.').take(2).map(str::to_owned).collect()
}

/// Every `go.mod` below `folder`: its module, its version, its text.
fn mod_files(folder: &Path) -> Outcome<Vec<(String, ProjectVersion, String)>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let mut entries = fs::read_dir(&current)
            .map_err(|error| format!("{}: {error}", current.display()))?
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(".mod") else {
                continue;
            };
            let refuse = || format!("{}: not named module@version.mod", path.display());
            let (module, version) = name.rsplit_once('@').ok_or_else(refuse)?;
            let version = version.parse().map_err(|_| refuse())?;
            found.push((module.to_owned(), version, fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

/// The library that a `go.mod` is built with, and the minor of its release.
///
/// A `replace` decides over a `require`. One that puts another module there says
/// nothing about the version, and then the next library is looked at.
fn client(text: &str) -> Option<(&'static str, u32)> {
    LIBRARIES
        .into_iter()
        .find_map(|library| Some((library, minor(&version_of(text, library)?)?)))
}

fn version_of(text: &str, library: &str) -> Option<String> {
    let mut required = None;
    let mut replaced = None;
    let mut block = "";
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_whitespace().collect();
        let words = match words.as_slice() {
            [directive, "("] => {
                block = directive;
                continue;
            }
            [")"] => {
                block = "";
                continue;
            }
            [directive @ ("require" | "replace"), rest @ ..] if block.is_empty() => {
                read(directive, rest, library, &mut required, &mut replaced);
                continue;
            }
            words => words,
        };
        read(block, words, library, &mut required, &mut replaced);
    }
    match replaced {
        Some(by) => by,
        None => required,
    }
}

/// Takes one line of a `require` or `replace`, when it is about the library. A
/// replacement by another module is remembered as no version.
fn read(
    directive: &str,
    words: &[&str],
    library: &str,
    required: &mut Option<String>,
    replaced: &mut Option<Option<String>>,
) {
    match (directive, words) {
        ("require", [name, version]) if *name == library => {
            *required = Some((*version).to_owned());
        }
        ("replace", [name, "=>", by @ ..] | [name, _, "=>", by @ ..]) if *name == library => {
            *replaced = Some(match by {
                [path, version] if *path == library => Some((*version).to_owned()),
                _ => None,
            });
        }
        _ => {}
    }
}

/// `v0.33.1` is of Kubernetes 1.33. Older schemes (`v11.0.0+incompatible`) say
/// nothing by their number.
fn minor(version: &str) -> Option<u32> {
    let rest = version.strip_prefix("v0.")?;
    let minor: u32 = rest.split('.').next()?.parse().ok()?;
    // Pseudo-versions of untagged commits are v0.0.0-...
    (minor > 0).then_some(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_decides() {
        for (text, expected) in [
            ("require k8s.io/client-go v0.33.1\n", Some(33)),
            (
                "require (\n\tk8s.io/api v0.34.0\n\tk8s.io/client-go v0.33.1 // indirect\n)\n",
                Some(33),
            ),
            (
                "require k8s.io/client-go v11.0.0+incompatible\nreplace k8s.io/client-go => k8s.io/client-go v0.26.4\n",
                Some(26),
            ),
            (
                "require (\n\tk8s.io/client-go v0.30.0\n)\nreplace (\n\tk8s.io/client-go v0.30.0 => k8s.io/client-go v0.29.2\n)\n",
                Some(29),
            ),
            // A fork says nothing, and the types decide.
            (
                "require (\n\tk8s.io/client-go v0.30.0\n\tk8s.io/api v0.31.0\n)\nreplace k8s.io/client-go => ./fork\n",
                Some(31),
            ),
            ("require k8s.io/api v0.0.0-20200101000000-abcdef\n", None),
            ("module example.com/x\n", None),
        ] {
            assert_eq!(client(text).map(|(_, minor)| minor), expected, "{text}");
        }
    }
}
