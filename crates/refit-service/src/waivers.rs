//! Waiver files: which findings somebody accepted.

use crate::documents::{Flat, nearest_key, text_of};
use crate::failure::{Failure, FailureKind};
use refit_model::API_VERSION;
use refit_model::waiver::Waiver;
use std::path::Path;

/// Reads the waivers of a file: YAML or JSON, one document each.
///
/// # Errors
/// When the file is missing, a document is no waiver, or a waiver names no
/// finding, no person or no reason.
pub fn read_waivers(path: &Path) -> Result<Vec<Waiver>, Failure> {
    let hint = "--waivers takes a YAML file of Waiver documents; docs/guides/ci.md shows one";
    let text = text_of(path, hint)?;
    let name = path.display();
    let waivers: Vec<Waiver> = serde_saphyr::from_multiple(&text).map_err(|error| {
        let message = error.to_string();
        let failure = Failure::new(
            FailureKind::Usage,
            format!("{name} holds no waivers that can be used"),
        );
        match nearest_key(&message) {
            Some((wrong, right)) => failure.hint(format!("{wrong:?} may be meant as {right:?}")),
            None => failure.hint(
                "a waiver has apiVersion, kind: Waiver, an id (or a code and a subject), reason, by and until",
            ),
        }
        .because(Flat(message))
    })?;
    for (place, waiver) in (1..).zip(&waivers) {
        if waiver.api_version != API_VERSION {
            return Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "document {place} of {name} is of apiVersion {}; this Refit reads {API_VERSION}",
                    waiver.api_version
                ),
            )
            .hint("a newer Refit may read it; `refit --version` shows this one's"));
        }
        waiver.check().map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("document {place} of {name} accepts nothing"),
            )
            .because(error)
            .hint("`refit assess -o yaml` shows the id, code and subject of each finding")
        })?;
    }
    if waivers.is_empty() {
        return Err(
            Failure::new(FailureKind::Usage, format!("{name} holds no waiver"))
                .hint("leave --waivers out when nothing is accepted"),
        );
    }
    Ok(waivers)
}
