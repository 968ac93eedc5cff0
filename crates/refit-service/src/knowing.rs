//! Which knowledge answers rest on: the built-in facts, with what somebody lays
//! over them.

use crate::bundle;
use crate::documents::{parse, text_of};
use crate::failure::{Failure, FailureKind};
use refit_knowledge::Knowledge;
use refit_knowledge::overlay::{LaidRow, lay};
use refit_model::API_VERSION;
use refit_model::assessment::{Assessment, Finding};
use refit_model::overlay::{KnowledgeOverlay, OverlayUsed};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The knowledge that a command answers from.
#[derive(Clone, Debug)]
pub struct Known {
    /// None where nothing is laid over what is built in.
    laid: Option<Knowledge>,
    /// What the overlays are laid over, where that is not what is built in.
    beneath: Option<Knowledge>,
    overlays: Vec<(String, Vec<LaidRow>)>,
}

impl Known {
    /// What this binary was built with.
    pub const BUILT_IN: Self = Self {
        laid: None,
        beneath: None,
        overlays: Vec::new(),
    };

    /// The facts.
    #[must_use]
    pub fn knowledge(&self) -> &Knowledge {
        self.laid.as_ref().unwrap_or_else(|| Knowledge::embedded())
    }

    /// The facts without the overlays.
    pub(crate) fn beneath(&self) -> &Knowledge {
        self.beneath
            .as_ref()
            .unwrap_or_else(|| Knowledge::embedded())
    }

    /// The overlays that are laid, in the order in which they were.
    pub fn overlays(&self) -> impl Iterator<Item = OverlayUsed> {
        self.overlays.iter().map(|(name, rows)| {
            let contradicts: Vec<String> = rows.iter().filter_map(LaidRow::contradiction).collect();
            OverlayUsed {
                name: name.clone(),
                added: rows.len() - contradicts.len(),
                contradicts,
            }
        })
    }
}

/// The built-in facts, or newer ones that were imported to `imported`, with the
/// overlays of `paths` laid over them, the later over the earlier.
///
/// # Errors
/// When a file is missing, is no overlay, or does not go with what it lies over.
pub fn known(paths: &[PathBuf], imported: Option<&Path>) -> Result<Known, Failure> {
    let imported = imported.map(bundle::kept).transpose()?.flatten();
    if paths.is_empty() && imported.is_none() {
        return Ok(Known::BUILT_IN);
    }
    let mut files = imported.unwrap_or_default();
    let beneath = files.clone();
    let mut overlays = Vec::new();
    for path in paths {
        let overlay = read_overlay(path)?;
        let laid = lay(files, &overlay).map_err(|error| unusable(path, error))?;
        files = laid.files;
        overlays.push((overlay.name, laid.rows));
        // Read at once, so that the file that does not go with the rest is named.
        Knowledge::read(files.clone()).map_err(|error| unusable(path, error))?;
    }
    Ok(Known {
        laid: Some(Knowledge::lazily(files)),
        beneath: (!overlays.is_empty()).then(|| Knowledge::lazily(beneath)),
        overlays,
    })
}

fn unusable(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("could not use the overlay {}", path.display()),
    )
    .because(error)
    .hint("`refit knowledge list` names the files, `refit knowledge list FILE` the columns and rows of one")
    .hint("docs/guides/knowledge.md shows an overlay")
}

fn read_overlay(path: &Path) -> Result<KnowledgeOverlay, Failure> {
    let text = text_of(path, "--knowledge takes a KnowledgeOverlay in YAML or JSON")?;
    let name = path.display().to_string();
    let overlay: KnowledgeOverlay = parse(&name, &text, "KnowledgeOverlay")?;
    if overlay.api_version != API_VERSION {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "{name} is of apiVersion {}; this Refit reads {API_VERSION}",
                overlay.api_version
            ),
        ));
    }
    Ok(overlay)
}

/// Says in every finding that an overlay changed that it did, and returns a
/// sentence for those which it keeps from being found. `built_in` is the
/// assessment of the same without the overlay.
pub(crate) fn mark(
    known: &Known,
    assessment: &mut Assessment,
    built_in: &Assessment,
) -> Option<String> {
    assessment.metadata.knowledge.overlays = known.overlays().collect();
    let before: BTreeMap<&str, &Finding> = built_in
        .findings
        .iter()
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    for finding in &mut assessment.findings {
        if before.get(finding.id.as_str()) != Some(&&*finding) {
            let references = references(known, finding);
            finding.references.extend(references);
        }
    }
    let kept = built_in
        .findings
        .iter()
        .filter(|old| assessment.findings.iter().all(|new| new.id != old.id));
    let kept: Vec<&str> = kept.map(|finding| finding.id.as_str()).collect();
    let names: Vec<&str> = known
        .overlays
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    (!kept.is_empty()).then(|| {
        format!(
            "with the overlay {} these are not found: {}",
            names.join(", "),
            kept.join(", ")
        )
    })
}

/// The rows that a finding rests on. Which rows a rule looked at is not recorded:
/// they are those that speak of the same thing, and all of them where none does.
fn references(known: &Known, finding: &Finding) -> Vec<String> {
    let text = serde_json::to_string(finding).unwrap_or_default();
    let rows = |is_wanted: &dyn Fn(&LaidRow) -> bool| -> Vec<String> {
        known
            .overlays
            .iter()
            .flat_map(|(name, rows)| rows.iter().map(move |row| (name, row)))
            .filter(|(_, row)| is_wanted(row))
            .map(|(name, row)| match row.contradiction() {
                Some(told) => format!(
                    "overlay {name} contradicts a built-in fact: {told} [{}]",
                    row.source
                ),
                None => format!(
                    "overlay {name} adds {} {} [{}]",
                    row.file,
                    row.key.join(" "),
                    row.source
                ),
            })
            .collect()
    };
    let about = rows(&|row| row.is_about(&text));
    if about.is_empty() {
        rows(&|_| true)
    } else {
        about
    }
}
