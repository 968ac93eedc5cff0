//! Through which API versions an object was written, as it tells itself.

use super::field;
use refit_model::object::{EvidenceTier, GroupVersionKind};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The annotation in which `kubectl apply` keeps what it was given.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// One API version that an object bears witness of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Witness {
    /// The version and kind.
    pub(super) api: GroupVersionKind,
    /// How strong the evidence is.
    pub(super) tier: EvidenceTier,
    /// Who wrote through it, where that is known.
    pub(super) by: String,
}

/// What `kubectl apply` was given last, as an annotation of the object keeps it.
pub(super) struct Applied<'o> {
    /// The manifest.
    pub(super) text: &'o str,
    /// The version and kind in it.
    pub(super) api: GroupVersionKind,
    object: &'o Value,
    /// What [`overtaken`] says. Hardly an object is asked for it, and it takes a
    /// walk through the managed fields.
    overtaken: OnceCell<Option<&'o Value>>,
}

impl<'o> Applied<'o> {
    /// What the annotation of `object` holds, if it is a manifest.
    pub(super) fn of(object: &'o Value) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Header {
            #[serde(rename = "apiVersion")]
            api_version: String,
            kind: String,
        }
        let text = field::annotation(object, LAST_APPLIED)?;
        let header: Header = serde_json::from_str(text).ok()?;
        Some(Self {
            text,
            api: GroupVersionKind::from_api_version(&header.api_version, &header.kind).ok()?,
            object,
            overtaken: OnceCell::new(),
        })
    }

    /// How strong it is as evidence.
    pub(super) fn tier(&self) -> EvidenceTier {
        if self.overtaken().is_some() {
            EvidenceTier::OvertakenAnnotation
        } else {
            EvidenceTier::LastApplied
        }
    }

    fn overtaken(&self) -> Option<&'o Value> {
        *self.overtaken.get_or_init(|| overtaken(self.object))
    }
}

/// The versions other than its own, `api`, that an object was written through;
/// `applied` is what its annotation holds.
///
/// A version equal to the object's own adds nothing and is left out. So are the
/// managed fields of the writer of an annotation that later writes have overtaken:
/// they tell of that same write.
pub(super) fn witnesses(
    api: &GroupVersionKind,
    object: &Value,
    applied: Option<&Applied<'_>>,
) -> Vec<Witness> {
    let mut found = BTreeSet::new();
    let applied = applied.filter(|applied| applied.api != *api);
    let past = applied
        .and_then(Applied::overtaken)
        .filter(|entry| owns_annotation(entry));
    let entries = field::list(object, &["metadata", "managedFields"]);
    for entry in entries
        .iter()
        .filter(|entry| !past.is_some_and(|past| std::ptr::eq(past, *entry)))
    {
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
    if let Some(applied) = applied {
        found.insert(Witness {
            api: applied.api.clone(),
            tier: applied.tier(),
            by: "kubectl apply".to_owned(),
        });
    }
    found.into_iter().collect()
}

/// A field manager's name may have 128 characters.
fn shown(manager: &str) -> String {
    manager.chars().take(128).collect()
}

/// The managed fields of the writer of the annotation, when other writers have
/// since written all that it wrote.
///
/// The writer of the annotation is whoever owns it among the managed fields.
/// Writes to subresources (a status, a scale) do not count, nor do writes to
/// metadata alone. Of a field that nobody else has written since, the writer's
/// word still holds: an autoscaler that sets the replicas, or a controller that
/// sets a single field, does not show that the file behind the annotation is gone.
/// Without managed fields nobody knows.
fn overtaken(object: &Value) -> Option<&Value> {
    let entries = field::list(object, &["metadata", "managedFields"]);
    let is_kubectl = |entry: &Value| {
        field::text(entry, &["manager"]).is_some_and(|name| name.starts_with("kubectl"))
            && field::filled(entry, &["subresource"]).is_none()
    };
    let time =
        |entry: &Value| -> Option<jiff::Timestamp> { field::text(entry, &["time"])?.parse().ok() };
    let writer = entries
        .iter()
        .find(|entry| owns_annotation(entry))
        .or_else(|| {
            entries
                .iter()
                .filter(|entry| is_kubectl(entry))
                .max_by_key(|entry| time(entry))
        })?;
    let written = time(writer)?;
    let own = field::at(writer, &["fieldsV1"])?;
    let manager = field::text(writer, &["manager"]);
    let later: Vec<&Value> = entries
        .iter()
        .filter(|entry| {
            field::text(entry, &["manager"]) != manager
                && field::filled(entry, &["subresource"]).is_none()
                && time(entry).is_some_and(|later| later > written)
        })
        .filter_map(|entry| field::at(entry, &["fieldsV1"]))
        .filter(|fields| contents(fields).next().is_some())
        .collect();
    let is_past =
        !later.is_empty() && contents(own).all(|(name, fields)| is_owned(name, fields, &later));
    is_past.then_some(writer)
}

fn owns_annotation(entry: &Value) -> bool {
    let name = format!("f:{LAST_APPLIED}");
    let path = ["fieldsV1", "f:metadata", "f:annotations", &name];
    field::at(entry, &path).is_some()
}

/// What a writer owns beside metadata and status.
fn contents(fields: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = fields.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| name.starts_with("f:") && *name != "f:metadata" && *name != "f:status")
}

/// Whether everything at and under the field `name` is also owned by one of
/// `others`. The depth is bounded by the parsers.
fn is_owned(name: &str, fields: &Value, others: &[&Value]) -> bool {
    let others: Vec<&Value> = others.iter().filter_map(|other| other.get(name)).collect();
    if others.is_empty() {
        return false;
    }
    // A field without fields in it is owned as a whole.
    let is_whole = |value: &Value| !field::is_filled(value);
    if others.iter().copied().any(is_whole) {
        return true;
    }
    // `.` is the list or the mapping itself, which is there as long as its parts are.
    let mut parts = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != ".")
        .peekable();
    parts.peek().is_some() && parts.all(|(name, part)| is_owned(name, part, &others))
}
