//! Source trees of Kubernetes: directories or module archives, and the staging
//! repositories beside them, put together by version.
//!
//! The module `k8s.io/kubernetes` comes without `staging/`, whose directories
//! are modules of their own: `k8s.io/apiserver` v0.36.1 belongs to v1.36.1.

use super::archive;
use crate::Outcome;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which paths make up which version.
#[derive(Debug, Default)]
pub(super) struct Trees {
    sources: BTreeMap<KubeVersion, Vec<(String, PathBuf)>>,
}

/// The files of one version that were asked for, by import path of their
/// package and their name: `k8s.io/kubernetes/pkg/features/kube_features.go`.
pub(super) type Files = BTreeMap<String, String>;

impl Trees {
    /// Finds out of which module and version each path is.
    pub(super) fn of(paths: &[PathBuf]) -> Outcome<Self> {
        let mut trees = Self::default();
        for path in paths {
            let (module, version) = identity(path)?;
            trees
                .sources
                .entry(version)
                .or_default()
                .push((module, path.clone()));
        }
        Ok(trees)
    }

    /// The versions, oldest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &KubeVersion> {
        self.sources.keys()
    }

    /// The files of `version` whose import path `wanted` accepts.
    pub(super) fn files(
        &self,
        version: &KubeVersion,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Outcome<Files> {
        let mut files = Files::new();
        for (module, path) in self.sources.get(version).into_iter().flatten() {
            let named = |name: &str| import_path(module, name);
            for (name, content) in archive::members(path, &|name| wanted(&named(name)))? {
                files.insert(named(&name), String::from_utf8(content)?);
            }
        }
        Ok(files)
    }
}

/// The import path of a file in a tree of `module`, staging resolved.
fn import_path(module: &str, name: &str) -> String {
    // A module archive repeats module and version before each name.
    let name = match name.split_once('@') {
        Some((_, rest)) if name.starts_with("k8s.io/") => {
            rest.split_once('/').map_or("", |(_, rest)| rest)
        }
        Some(_) | None => name,
    };
    match name.strip_prefix("staging/src/") {
        Some(staged) if module == "k8s.io/kubernetes" => staged.to_owned(),
        Some(_) | None => format!("{module}/{name}"),
    }
}

/// The version of one tree of Kubernetes.
pub(super) fn version(path: &Path) -> Outcome<KubeVersion> {
    identity(path).map(|(_, version)| version)
}

/// The module and version of a path: from its name, `apiserver@v0.36.1` or
/// anything with `v1.36.1` in it, or from the first member of an archive.
fn identity(path: &Path) -> Outcome<(String, KubeVersion)> {
    let unknown = || {
        format!(
            "{}: of which version is it? Name the directory like kubernetes@v1.36.1",
            path.display()
        )
    };
    if path.is_dir() {
        let name = path.file_name().and_then(|name| name.to_str());
        return from_name(name.unwrap_or_default()).ok_or_else(|| unknown().into());
    }
    let first = std::cell::RefCell::new(String::new());
    archive::members(path, &|name| {
        let mut first = first.borrow_mut();
        if first.is_empty() {
            name.clone_into(&mut first);
        }
        false
    })?;
    let first = first.into_inner();
    let rest = first.strip_prefix("k8s.io/").ok_or_else(unknown)?;
    from_name(rest.split('/').next().unwrap_or_default()).ok_or_else(|| unknown().into())
}

fn from_name(name: &str) -> Option<(String, KubeVersion)> {
    let (module, version) = match name.split_once('@') {
        Some((module, version)) => (module, version),
        None => ("kubernetes", name.get(name.find("v1.")?..)?),
    };
    let version: KubeVersion = version.parse().ok()?;
    // Staging repositories count from 0 where Kubernetes counts from 1.
    let minor = Minor::new(1, version.minor().minor());
    let version = if module == "kubernetes" {
        version
    } else {
        KubeVersion::new(minor, version.patch())
    };
    Some((format!("k8s.io/{module}"), version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("kubernetes@v1.36.1", Some(("k8s.io/kubernetes", "v1.36.1"))),
            ("apiserver@v0.36.1", Some(("k8s.io/apiserver", "v1.36.1"))),
            ("v1.16.4", Some(("k8s.io/kubernetes", "v1.16.4"))),
            ("kubernetes-v1.37.0", Some(("k8s.io/kubernetes", "v1.37.0"))),
            ("kubernetes", None),
        ] {
            let found = from_name(name);
            let found = found.map(|(module, version)| (module, version.to_string()));
            let expected = expected.map(|(m, v)| (m.to_owned(), v.to_owned()));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn import_paths() {
        for (name, expected) in [
            ("pkg/a.go", "k8s.io/kubernetes/pkg/a.go"),
            (
                "k8s.io/kubernetes@v1.36.1/pkg/a.go",
                "k8s.io/kubernetes/pkg/a.go",
            ),
            (
                "staging/src/k8s.io/apiserver/pkg/a.go",
                "k8s.io/apiserver/pkg/a.go",
            ),
        ] {
            assert_eq!(import_path("k8s.io/kubernetes", name), expected);
        }
    }
}
