//! Through which API versions an object was written, as it tells itself.

use super::field;
use refit_model::object::{EvidenceTier, GroupVersionKind};
use serde_json::Value;
use std::collections::BTreeSet;

/// The annotation in which `kubectl apply` keeps what it was given.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// One API version that an object bears witness of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// The version and kind.
    pub api: GroupVersionKind,
    /// How strong the evidence is.
    pub tier: EvidenceTier,
    /// Who wrote through it, where that is known.
    pub by: String,
}

/// The versions other than its own, `api`, that an object was written through.
///
/// A version equal to the object's own adds nothing and is left out.
#[must_use]
pub fn witnesses(api: &GroupVersionKind, object: &Value) -> Vec<Witness> {
    let mut found = BTreeSet::new();
    for entry in field::list(object, &["metadata", "managedFields"]) {
        let version = field::text(entry, &["apiVersion"]).unwrap_or_default();
        let Ok(used) = GroupVersionKind::from_api_version(version, &api.kind) else {
            continue;
        };
        if used != *api {
            found.insert(Witness {
                api: used,
                tier: EvidenceTier::ManagedFields,
                by: shown(field::text(entry, &["manager"]).unwrap_or_default()),
            });
        }
    }
    if let Some(used) = applied(object).filter(|used| used != api) {
        found.insert(Witness {
            api: used,
            tier: applied_tier(object),
            by: "kubectl apply".to_owned(),
        });
    }
    found.into_iter().collect()
}

/// How strong the annotation of `object` is as evidence.
pub(super) fn applied_tier(object: &Value) -> EvidenceTier {
    if is_overtaken(object) {
        EvidenceTier::OvertakenAnnotation
    } else {
        EvidenceTier::LastApplied
    }
}

/// A field manager's name may have 128 characters.
fn shown(manager: &str) -> String {
    manager.chars().take(128).collect()
}

/// The version and kind in the annotation.
fn applied(object: &Value) -> Option<GroupVersionKind> {
    #[derive(serde::Deserialize)]
    struct Header {
        #[serde(rename = "apiVersion")]
        api_version: String,
        kind: String,
    }
    let header: Header = serde_json::from_str(field::annotation(object, LAST_APPLIED)?).ok()?;
    GroupVersionKind::from_api_version(&header.api_version, &header.kind).ok()
}

/// Whether another writer has written what the object is for after the writer
/// of the annotation did.
///
/// The writer of the annotation is whoever owns it among the managed fields.
/// Writes to subresources (a status, a scale) do not count, nor do writes to
/// metadata alone. Without managed fields nobody knows.
fn is_overtaken(object: &Value) -> bool {
    let entries = field::list(object, &["metadata", "managedFields"]);
    let owns = |entry: &Value| {
        let name = format!("f:{LAST_APPLIED}");
        let path = ["fieldsV1", "f:metadata", "f:annotations", &name];
        field::at(entry, &path).is_some()
    };
    let is_kubectl = |entry: &Value| {
        field::text(entry, &["manager"]).is_some_and(|name| name.starts_with("kubectl"))
            && field::filled(entry, &["subresource"]).is_none()
    };
    let time =
        |entry: &Value| -> Option<jiff::Timestamp> { field::text(entry, &["time"])?.parse().ok() };
    let Some(writer) = entries.iter().find(|entry| owns(entry)).or_else(|| {
        entries
            .iter()
            .filter(|entry| is_kubectl(entry))
            .max_by_key(|entry| time(entry))
    }) else {
        return false;
    };
    let Some(written) = time(writer) else {
        return false;
    };
    let manager = field::text(writer, &["manager"]);
    entries.iter().any(|entry| {
        field::text(entry, &["manager"]) != manager
            && field::filled(entry, &["subresource"]).is_none()
            && time(entry).is_some_and(|later| later > written)
            && covers_content(entry)
    })
}

/// Whether a writer owns anything but metadata and status.
fn covers_content(entry: &Value) -> bool {
    field::at(entry, &["fieldsV1"])
        .and_then(Value::as_object)
        .is_some_and(|fields| {
            fields
                .keys()
                .any(|name| name.starts_with("f:") && name != "f:metadata" && name != "f:status")
        })
}
