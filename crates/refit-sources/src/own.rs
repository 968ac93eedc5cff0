//! Refit's own files among those that are read.

use refit_model::snapshot::Snapshot;
use serde_json::Value;

/// The group of Refit's own files.
const GROUP: &str = "refit.dev/";

/// Whether a file of this `apiVersion` is Refit's own.
pub(crate) fn is_own(api_version: &str) -> bool {
    api_version.starts_with(GROUP)
}

/// Whether it is a snapshot, of whatever version.
pub(crate) fn is_snapshot(api_version: &str, kind: &str) -> bool {
    is_own(api_version) && kind == "Snapshot"
}

/// The snapshot that the JSON `text` holds. It is made from the text at once: the
/// snapshot of a large cluster is one document, and larger than any object is.
pub(crate) fn snapshot_of_json(api_version: &str, text: &str) -> Result<Box<Snapshot>, String> {
    of_this_version(api_version)?;
    serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        // The place would be counted from the beginning of the value.
        match told.rsplit_once(" at line ") {
            Some((why, _)) => why.to_owned(),
            None => told,
        }
    })
}

/// The snapshot that `value` holds.
pub(crate) fn snapshot_of_value(api_version: &str, value: Value) -> Result<Box<Snapshot>, String> {
    of_this_version(api_version)?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn of_this_version(api_version: &str) -> Result<(), String> {
    if api_version == refit_model::API_VERSION {
        return Ok(());
    }
    Err(format!(
        "it is of apiVersion {api_version}; this Refit reads {}",
        refit_model::API_VERSION
    ))
}
