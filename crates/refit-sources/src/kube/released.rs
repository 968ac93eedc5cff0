//! Helm releases among the objects of a cluster.

use super::field;
use crate::helm;
use refit_model::kubernetes::Release;
use refit_model::name::Key;
use refit_model::object::Location;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use serde_json::Value;
use std::collections::BTreeMap;

/// The revisions of each release that count: the newest, which says how the
/// release stands, and the newest that is deployed, from which the next
/// `helm upgrade` begins (helm/helm pkg/action/upgrade.go, v3).
#[derive(Debug, Default)]
pub(super) struct Releases {
    newest: BTreeMap<Key, helm::Stored>,
    deployed: BTreeMap<Key, helm::Stored>,
}

/// A revision of a release, as an object holds it.
#[derive(Debug)]
pub(super) enum Revision {
    Read(Box<helm::Stored>),
    Unread(Gap),
}

/// The revision that the object holds, if it holds one.
pub(super) fn revision(object: &Value, place: Option<&Location>) -> Option<Revision> {
    if !helm::holds_release(object) {
        return None;
    }
    Some(match helm::stored(object) {
        Ok(mut stored) => {
            stored.release.location = place.cloned();
            Revision::Read(Box::new(stored))
        }
        Err(error) => {
            let name = field::text(object, &["metadata", "name"]).unwrap_or_default();
            Revision::Unread(Gap {
                area: Area::Releases,
                what: place.map_or_else(
                    || format!("the Helm release in {name}"),
                    |place| format!("the Helm release in {name} ({place})"),
                ),
                why: Unseen::Failed(chain(&error)),
                command: None,
            })
        }
    })
}

impl Releases {
    /// Keeps a revision that is newer than what is known.
    pub(super) fn insert(&mut self, stored: helm::Stored) {
        if stored.release.status == DEPLOYED {
            keep_newer(&mut self.deployed, stored.clone());
        }
        keep_newer(&mut self.newest, stored);
    }

    /// Joins what others keep.
    pub(super) fn absorb(&mut self, other: Self) {
        for stored in other.deployed.into_values() {
            keep_newer(&mut self.deployed, stored);
        }
        for stored in other.newest.into_values() {
            keep_newer(&mut self.newest, stored);
        }
    }

    /// The manifests of the releases, each once: whose they are, where they
    /// stand, and their text.
    pub(super) fn take_manifests(&mut self) -> Vec<(Key, String, String)> {
        let mut manifests = Vec::new();
        for (key, newest) in &mut self.newest {
            // What is uninstalled is never applied again from here.
            if newest.release.status == UNINSTALLED {
                continue;
            }
            let before = self
                .deployed
                .get_mut(key)
                .filter(|deployed| deployed.release.revision != newest.release.revision);
            for stored in before.into_iter().chain([newest]) {
                take_manifest(key, stored, &mut manifests);
            }
        }
        manifests
    }

    /// What a snapshot keeps.
    pub(super) fn into_listing(self) -> BTreeMap<Key, Release> {
        self.newest
            .into_iter()
            .map(|(key, stored)| (key, stored.release))
            .collect()
    }
}

const DEPLOYED: &str = "deployed";
const UNINSTALLED: &str = "uninstalled";

fn keep_newer(kept: &mut BTreeMap<Key, helm::Stored>, stored: helm::Stored) {
    let is_newer = kept
        .get(&stored.key)
        .is_none_or(|known| known.release.revision <= stored.release.revision);
    if is_newer {
        kept.insert(stored.key.clone(), stored);
    }
}

fn take_manifest(key: &Key, stored: &mut helm::Stored, manifests: &mut Vec<(Key, String, String)>) {
    let place = stored.release.location.as_ref();
    let file = place.map_or("cluster", |place| place.file.as_str());
    let name = format!("{file} » release {key}.v{}", stored.release.revision);
    for (hook, text) in std::mem::take(&mut stored.hooks) {
        manifests.push((key.clone(), format!("{name} » hook {hook}"), text));
    }
    manifests.push((key.clone(), name, std::mem::take(&mut stored.manifest)));
}

/// An error and its sources in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// The built-in kinds outside namespaces that charts install, and by the custom
/// of naming them `Cluster...` those of others.
pub(super) fn is_cluster_scoped(kind: &str) -> bool {
    const KINDS: [&str; 25] = [
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    ];
    KINDS.contains(&kind)
        || kind.starts_with("Cluster")
        || kind.starts_with("ValidatingAdmission")
        || kind.starts_with("MutatingAdmission")
}
