//! Remarks on guides as SARIF, each with the change that makes it right.

use super::{
    ArtifactLocation, Notification, PhysicalLocation, Place, Region, ScanResult, Text, log, uri,
};
use crate::failure::Failure;
use refit_model::lint::{Edit, Gravity, GuideLint, LintedGuide, Remark};
use serde::Serialize;
use std::collections::BTreeMap;

/// SARIF 2.1.0, section 3.55.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix {
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

/// What was found in guides as a SARIF log: a result for each remark, and a
/// notification for what was not looked at.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn guide_sarif(lint: &GuideLint) -> Result<String, Failure> {
    let remarks = || {
        lint.guides.iter().flat_map(|guide| {
            let remarks = guide.remarks.iter();
            remarks.map(move |remark| (guide, remark))
        })
    };
    let used = remarks().map(|(_, remark)| remark.code).collect();
    let results = remarks().map(|(guide, remark)| result(guide, remark));
    let unseen = lint.guides.iter().flat_map(|guide| {
        let unseen = guide.unseen.iter();
        unseen.map(|what| Notification {
            level: "warning",
            message: Text {
                text: format!("not seen: {}: {what}", guide.file),
            },
        })
    });
    log(&lint.refit, &used, unseen.collect(), results.collect())
}

fn result(guide: &LintedGuide, remark: &Remark) -> ScanResult {
    let artifact_location = || ArtifactLocation {
        uri: uri(&guide.file),
    };
    let region = |line: u32, column: u32, length: u32| Region {
        start_line: line.max(1),
        start_column: column.max(1),
        end_column: Some(column.max(1).saturating_add(length)),
    };
    let replacement = |edit: &Edit| Replacement {
        deleted_region: region(edit.line, edit.column, edit.length),
        inserted_content: Text {
            text: edit.with.clone(),
        },
    };
    let mut text = format!("{}: {}.", remark.what, remark.pasted);
    if let Some(advice) = &remark.advice {
        text.push_str(&format!(" To mend it: {advice}."));
    }
    let replacements: Vec<_> = remark.edits.iter().map(replacement).collect();
    ScanResult {
        rule_id: remark.code.to_string(),
        level: match remark.gravity {
            Gravity::Defect => "error",
            Gravity::Caution => "warning",
        },
        message: Text { text },
        locations: vec![Place {
            physical_location: PhysicalLocation {
                artifact_location: artifact_location(),
                region: region(remark.line, remark.column, remark.length),
            },
            logical_locations: Vec::new(),
        }],
        // A page is edited above a remark more often than the line itself is.
        partial_fingerprints: BTreeMap::from([(
            "refitRemark/v1",
            format!("{} {}", remark.code, remark.excerpt.text.trim()),
        )]),
        suppressions: Vec::new(),
        baseline_state: None,
        fixes: if replacements.is_empty() {
            Vec::new()
        } else {
            vec![Fix {
                artifact_changes: [ArtifactChange {
                    artifact_location: artifact_location(),
                    replacements,
                }],
            }]
        },
    }
}
