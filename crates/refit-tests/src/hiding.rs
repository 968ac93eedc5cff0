//! Snapshots with one observation hidden: the material of the law *Caution*.

#![expect(
    clippy::expect_used,
    reason = "this serves tests alone, where a panic is the failure that is wanted"
)]

use refit_model::snapshot::Snapshot;
use serde_json::{Value, json};

/// Where one observation stands in a snapshot's JSON.
pub type Place = Vec<String>;

/// Every observation of `snapshot`: each reading that has a value, and each
/// listing that is whole.
///
/// # Panics
/// When the snapshot cannot be written as JSON.
#[must_use]
pub fn observations(snapshot: &Snapshot) -> Vec<Place> {
    let value = serde_json::to_value(snapshot).expect("a snapshot is JSON");
    let mut found = Vec::new();
    walk(&value, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, here: &mut Place, found: &mut Vec<Place>) {
    if is_reading(value) || value.get("extent") == Some(&json!("whole")) {
        found.push(here.clone());
    }
    if let Some(map) = value.as_object() {
        for (key, item) in map {
            here.push(key.clone());
            walk(item, here, found);
            here.pop();
        }
    }
}

/// Whether the value is `{"is": ...}`, as a reading with a value is written.
fn is_reading(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.contains_key("is"))
}

/// `snapshot` with the observation at `place` turned into a gap.
///
/// # Panics
/// When there is no observation at `place`.
#[must_use]
pub fn without(snapshot: &Snapshot, place: &Place) -> Snapshot {
    let mut value = serde_json::to_value(snapshot).expect("a snapshot is JSON");
    let mut at = &mut value;
    for key in place {
        at = at.get_mut(key).expect("the place exists");
    }
    if is_reading(at) {
        *at = json!({"gap": "notInSource"});
    } else {
        at["extent"] = json!({"part": "notInSource"});
    }
    serde_json::from_value(value).expect("a snapshot with a gap is a snapshot")
}
