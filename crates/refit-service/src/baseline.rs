//! A baseline: an assessment that was written before, read again.

use crate::documents::{parse, text_of};
use crate::failure::Failure;
use refit_model::assessment::Assessment;
use std::path::Path;

/// Reads an assessment that `refit assess -o json` or `-o yaml` has written.
///
/// # Errors
/// When the file is missing, holds something else, or was written by a newer
/// Refit in a form that this one does not know.
pub fn read_baseline(path: &Path) -> Result<Assessment, Failure> {
    let hint = "`refit assess -o json --output-file FILE` writes a baseline";
    let text = text_of(path, hint)?;
    parse(&path.display().to_string(), &text, "Assessment")
}
