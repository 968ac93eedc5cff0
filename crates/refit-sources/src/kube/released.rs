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

/// The newest revision of each release.
#[derive(Debug, Default)]
pub(super) struct Releases {
    newest: BTreeMap<Key, helm::Stored>,
}

impl Releases {
    /// Keeps the revision that the object holds, if it holds one that is newer
    /// than what is known. A revision that cannot be read is a gap.
    pub(super) fn keep(&mut self, object: &Value, place: Option<&Location>) -> Option<Gap> {
        if !helm::holds_release(object) {
            return None;
        }
        match helm::stored(object) {
            Ok(mut stored) => {
                stored.release.location = place.cloned();
                self.insert(stored);
                None
            }
            Err(error) => {
                let name = field::text(object, &["metadata", "name"]).unwrap_or_default();
                Some(Gap {
                    area: Area::Releases,
                    what: place.map_or_else(
                        || format!("the Helm release in {name}"),
                        |place| format!("the Helm release in {name} ({place})"),
                    ),
                    why: Unseen::Failed(chain(&error)),
                    command: None,
                })
            }
        }
    }

    fn insert(&mut self, stored: helm::Stored) {
        let is_newer = self
            .newest
            .get(&stored.key)
            .is_none_or(|known| known.release.revision <= stored.release.revision);
        if is_newer {
            self.newest.insert(stored.key.clone(), stored);
        }
    }

    /// Joins what others keep.
    pub(super) fn absorb(&mut self, other: Self) {
        for stored in other.newest.into_values() {
            self.insert(stored);
        }
    }

    /// The manifests of the releases, each once: whose they are, where they
    /// stand, and their text.
    pub(super) fn take_manifests(&mut self) -> Vec<(Key, String, String)> {
        let mut manifests = Vec::new();
        for (key, stored) in &mut self.newest {
            // What is uninstalled is never applied again from here.
            if stored.release.status == "uninstalled" {
                continue;
            }
            let place = stored.release.location.as_ref();
            let file = place.map_or("cluster", |place| place.file.as_str());
            let name = format!("{file} » release {key}.v{}", stored.release.revision);
            for (hook, text) in std::mem::take(&mut stored.hooks) {
                manifests.push((key.clone(), format!("{name} » hook {hook}"), text));
            }
            manifests.push((key.clone(), name, std::mem::take(&mut stored.manifest)));
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
    const KINDS: [&str; 18] = [
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    ];
    KINDS.contains(&kind)
        || kind.starts_with("Cluster")
        || kind.starts_with("ValidatingAdmission")
        || kind.starts_with("MutatingAdmission")
}
