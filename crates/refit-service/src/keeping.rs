//! The use case *snapshot*: what a landscape boils down to, as a file that every
//! later command reads with `-f`.

use crate::failure::{Failure, FailureKind, defect};
use flate2::{Compression, GzBuilder};
use refit_sources::Reading;
use std::io::Write as _;
use std::path::Path;

/// What was read as the text of a snapshot file: one line of JSON. It holds what
/// upgrades need to know of the objects, not the objects; nothing of a Secret or
/// a ConfigMap is in it, but feature gates and names of flags of kubeadm's three.
///
/// # Errors
/// When it cannot be written as JSON, which is a defect.
pub fn snapshot_text(reading: &Reading) -> Result<String, Failure> {
    let mut snapshot = reading.snapshot.clone();
    snapshot.objects = Some(reading.objects);
    let mut text = serde_json::to_string(&snapshot).map_err(defect)?;
    text.push('\n');
    Ok(text)
}

/// The bytes of `text` for a file of this name: compressed when it ends in
/// `.gz`. The same text gives the same bytes: no time and no name is put in.
///
/// # Errors
/// When the compression fails, which is a defect.
pub fn for_file(text: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let is_gzip = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    if !is_gzip {
        return Ok(text.as_bytes().to_vec());
    }
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::default());
    writer
        .write_all(text.as_bytes())
        .and_then(|()| writer.finish())
        .map_err(|error| {
            Failure::new(FailureKind::Broken, "could not compress the snapshot").because(error)
        })
}
