//! Which etcd, CoreDNS and pause image kubeadm of each release installs: from a
//! list that others write from kubeadm's own answers, and from the constants in
//! its source.

use super::{Derived, archive, get, header, openapi, rows};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) const FILE: &str = "kubernetes/component-images.csv";
pub(super) const CONSTANTS: &str = "second-sources/kubeadm-constants.csv";

/// etcd, CoreDNS, pause.
type Images = [String; 3];

/// Both files from the list and the source trees.
///
/// # Errors
/// When they disagree about a release: then somebody has to look.
pub(super) fn derive(list: &Path, trees: &[PathBuf], knowledge: &Path) -> Outcome<Vec<Derived>> {
    let listed = listed(list)?;
    let mut constants = BTreeMap::new();
    for tree in trees {
        let (release, images, least) = of_tree(tree)?;
        constants.insert(release, (images, least));
    }
    let mut releases: Vec<&KubeVersion> = listed.keys().chain(constants.keys()).collect();
    releases.sort();
    releases.dedup();
    let mut images_text =
        header(&knowledge.join(FILE))? + "kubernetes,etcd,coredns,pause,min_external_etcd,basis\n";
    let mut constants_text =
        header(&knowledge.join(CONSTANTS))? + "kubernetes,etcd,coredns,pause,min_external_etcd\n";
    for release in releases {
        let (by_list, by_source) = (listed.get(release), constants.get(release));
        let basis = match (by_list, by_source) {
            (Some(one), Some((other, _))) if one != other => {
                return Err(format!("{release}: the list says {one:?}, kubeadm {other:?}").into());
            }
            (Some(_), Some(_)) => "constants+list",
            (Some(_), None) => "list",
            (None, Some(_) | None) => "constants",
        };
        let Some([etcd, coredns, pause]) = by_list.or(by_source.map(|(images, _)| images)) else {
            continue;
        };
        let name = bare(release);
        let least = by_source.map_or("", |(_, least)| least.as_str());
        let row = [name.as_str(), etcd, coredns, pause, least];
        if by_source.is_some() {
            constants_text += &(table::line(row) + "\n");
        }
        images_text += &(table::line(row.into_iter().chain([basis])) + "\n");
    }
    Ok(vec![
        Derived {
            path: FILE,
            text: images_text,
        },
        Derived {
            path: CONSTANTS,
            text: constants_text,
        },
    ])
}

fn bare(release: &KubeVersion) -> String {
    release.to_string().trim_start_matches('v').to_owned()
}

/// The releases of the list; what came before a release is left out.
fn listed(list: &Path) -> Outcome<BTreeMap<KubeVersion, Images>> {
    let mut found = BTreeMap::new();
    for row in rows(list)? {
        let release: KubeVersion = get(&row, "kubernetes")?.parse()?;
        if !release.suffix().is_empty() {
            continue;
        }
        let images = [
            get(&row, "etcd")?.to_owned(),
            get(&row, "coredns")?.trim_start_matches('v').to_owned(),
            get(&row, "pause")?.to_owned(),
        ];
        found.insert(release, images);
    }
    Ok(found)
}

/// What kubeadm of a source tree installs at its own release, and the oldest
/// etcd outside of the cluster that it accepts.
fn of_tree(tree: &Path) -> Outcome<(KubeVersion, Images, String)> {
    let mut release = openapi::release_of(&tree.to_string_lossy());
    let members = archive::members(tree, &|name| {
        name.contains("cmd/kubeadm/app/constants/") || name.contains("cmd/kubeadm/app/images/")
    })?;
    let mut source = String::new();
    for (name, content) in members {
        release = release.or_else(|| openapi::release_of(&name));
        source += &String::from_utf8(content)?;
    }
    let place = tree.display();
    let release = release.ok_or_else(|| format!("{place}: which release is it?"))?;
    let constant = |name: &str| {
        text_constant(&source, name).ok_or_else(|| format!("{place}: there is no constant {name}"))
    };
    // The default may be of the minor that comes next.
    let etcd = supported_etcd(&source, release.minor().minor());
    let images = [
        etcd.map_or_else(|| constant("DefaultEtcdVersion"), Ok)?,
        constant("CoreDNSVersion")?
            .trim_start_matches('v')
            .to_owned(),
        constant("PauseVersion")?,
    ];
    let least = constant("MinExternalEtcdVersion")?;
    Ok((release, images, least))
}

/// The value of `name = "value"`.
fn text_constant(source: &str, name: &str) -> Option<String> {
    source.lines().find_map(|line| {
        let rest = line.trim_start();
        let rest = rest.strip_prefix("const ").unwrap_or(rest);
        let value = rest
            .strip_prefix(name)?
            .trim_start()
            .strip_prefix('=')?
            .trim_start()
            .strip_prefix('"')?;
        Some(value.split('"').next()?.to_owned())
    })
}

/// What `SupportedEtcdVersion` says of a minor.
fn supported_etcd(source: &str, minor: u16) -> Option<String> {
    let (_, map) = source.split_once("SupportedEtcdVersion = map[uint8]string{")?;
    let (map, _) = map.split_once('}')?;
    map.lines().find_map(|line| {
        let value = line
            .trim_start()
            .strip_prefix(&format!("{minor}:"))?
            .trim_start()
            .strip_prefix('"')?;
        Some(value.split('"').next()?.to_owned())
    })
}
