//! `kubernetes/config-apis.csv`: from when to when each version of a
//! configuration file is read, by the packages that define them.
//!
//! kubeadm says of its own versions which it discourages, and which an older one
//! has to bring forward. What others announce stands in release notes alone: that
//! column, and the notes, are kept as they are checked in.

use super::super::golang::{Token, group, suffixes, tokens};
use super::super::{Derived, get, header, rows};
use super::{Source, Sources, package, since, span, until};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use Token::{Mark, Text, Word};

pub(super) const FILE: &str = "kubernetes/config-apis.csv";

/// A group, who reads it, where its versions are, and what a version must define:
/// some directories held another API before, and some files moved.
struct Group {
    name: &'static str,
    read_by: &'static str,
    places: &'static [&'static str],
    defines: Option<&'static str>,
}

const GROUPS: [Group; 6] = [
    Group {
        name: "apiserver.config.k8s.io",
        read_by: "kube-apiserver",
        places: &[
            "k8s.io/apiserver/pkg/apis/apiserver/",
            "k8s.io/apiserver/pkg/apis/config/",
        ],
        defines: None,
    },
    Group {
        name: "audit.k8s.io",
        read_by: "kube-apiserver",
        places: &["k8s.io/apiserver/pkg/apis/audit/"],
        defines: None,
    },
    Group {
        name: KUBEADM,
        read_by: "kubeadm",
        places: &["k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/"],
        defines: None,
    },
    Group {
        name: "kubelet.config.k8s.io",
        read_by: "kubelet",
        places: &["k8s.io/kubelet/config/"],
        defines: None,
    },
    Group {
        name: "kubeproxy.config.k8s.io",
        read_by: "kube-proxy",
        places: &["k8s.io/kube-proxy/config/"],
        defines: None,
    },
    Group {
        name: "kubescheduler.config.k8s.io",
        read_by: "kube-scheduler",
        places: &["k8s.io/kube-scheduler/config/"],
        defines: Some("KubeSchedulerConfiguration"),
    },
];

const KUBEADM: &str = "kubeadm.k8s.io";
/// Where kubeadm says which versions it refuses and discourages.
const COMMON: &str = "k8s.io/kubernetes/cmd/kubeadm/app/util/config/common.go";

pub(super) fn wanted(path: &str) -> bool {
    let mut places = GROUPS.iter().flat_map(|group| group.places);
    path == COMMON || places.any(|place| path.starts_with(place))
}

pub(super) fn derive(sources: &Sources, knowledge: &Path) -> Outcome<Derived> {
    let path = knowledge.join(FILE);
    let mut kept: BTreeMap<(String, String), [String; 2]> = BTreeMap::new();
    for row in rows(&path)? {
        let key = (
            get(&row, "group")?.to_owned(),
            get(&row, "version")?.to_owned(),
        );
        let curated = [
            get(&row, "deprecated")?.to_owned(),
            get(&row, "notes")?.to_owned(),
        ];
        kept.insert(key, curated);
    }
    let mut text = header(&path)? + "group,version,read_by,introduced,deprecated,removed,notes\n";
    for group in &GROUPS {
        let by_minor: BTreeMap<Minor, BTreeSet<&str>> = sources
            .iter()
            .map(|(minor, source)| (*minor, versions(group, source)))
            .collect();
        if let Some((minor, _)) = by_minor.iter().find(|(_, of)| of.is_empty()) {
            return Err(format!("{minor}: no version of {} was found", group.name).into());
        }
        let names: BTreeSet<&str> = by_minor.values().flatten().copied().collect();
        for name in names {
            let has = |minor: &Minor| by_minor.get(minor).is_some_and(|of| of.contains(name));
            let Some(life) = span(sources, &has) else {
                continue;
            };
            let curated = kept.get(&(group.name.to_owned(), name.to_owned()));
            let [deprecated, notes] = curated.cloned().unwrap_or_default();
            let deprecated = if group.name == KUBEADM {
                until(discouraged(sources, name))
            } else {
                deprecated
            };
            text += &table::line([
                group.name,
                name,
                group.read_by,
                &since(life.introduced, sources),
                &deprecated,
                &until(life.removed),
                &notes,
            ]);
            text.push('\n');
        }
    }
    Ok(Derived { path: FILE, text })
}

/// The versions of a group in one minor.
fn versions<'s>(group: &Group, source: &'s Source) -> BTreeSet<&'s str> {
    let version = |path: &'s str| {
        let mut places = group.places.iter();
        let name = places.find_map(|place| package(path).strip_prefix(place))?;
        let number = name.strip_prefix('v')?;
        (number.starts_with(|c: char| c.is_ascii_digit()) && !number.contains('/')).then_some(name)
    };
    let defines = |text: &str| {
        group.defines.is_none_or(|name| {
            suffixes(&tokens(text)).any(|rest| {
                matches!(rest, [Word(kind), Word(defined), Word(shape), ..]
                    if kind == "type" && defined == name && shape == "struct")
            })
        })
    };
    source
        .files
        .iter()
        .filter_map(|(path, text)| Some((version(path)?, text)))
        .filter(|(_, text)| defines(text))
        .map(|(name, _)| name)
        .collect()
}

/// The first minor in which kubeadm discourages a version that it reads.
fn discouraged(sources: &Sources, version: &str) -> Option<Minor> {
    let name = format!("{KUBEADM}/{version}");
    let says = |source: &Source| {
        let text = source.files.get(COMMON)?;
        let tokens = tokens(text);
        // `deprecatedAPIVersions := map[string]struct{}{ "kubeadm.k8s.io/v1beta3": {}, }`
        suffixes(&tokens).find_map(|rest| match rest {
            [Word(word), Mark(':'), Mark('='), Word(map), rest @ ..]
                if word == "deprecatedAPIVersions" && map == "map" =>
            {
                let (_, rest) = group(rest)?;
                let [Word(_), rest @ ..] = rest else {
                    return None;
                };
                let (_, rest) = group(rest)?;
                let (body, _) = group(rest)?;
                Some(body.contains(&Text(name.clone())))
            }
            _ => None,
        })
    };
    sources
        .iter()
        .find(|(_, source)| says(source) == Some(true))
        .map(|(minor, _)| *minor)
}
