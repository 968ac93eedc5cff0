//! SARIF 2.1.0, which code hosts and editors show at the lines it names.
//!
//! Only the properties that are used exist here; their names and required parts
//! are those of `sarif-schema-2.1.0.json` of OASIS (oasis-tcs/sarif-spec).

use crate::codes;
use crate::documents::to_json;
use crate::failure::Failure;
use refit_model::assessment::{Assessment, Finding, Severity};
use refit_model::code::{Code, CodePage};
use refit_model::object::Location;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

mod guides;

pub use guides::guide_sarif;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    /// The specification's default unit is UTF-16 code units; ours is characters.
    column_kind: &'static str,
    results: Vec<ScanResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Text,
    full_description: Text,
    help: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScanResult {
    rule_id: String,
    level: &'static str,
    message: Text,
    locations: Vec<Place>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<guides::Fix>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    /// The column behind the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

/// The assessment as a SARIF log: a result for each finding, at every place
/// where it was read, and a notification for each gap. Beside a baseline each
/// result says how it stands to it, and what has cleared is there as `absent`;
/// what was not seen again is a notification, since nothing proves it absent.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn sarif(assessment: &Assessment) -> Result<String, Failure> {
    let cleared = assessment.comparison.iter().flat_map(|one| &one.cleared);
    let told = assessment
        .findings
        .iter()
        .chain(cleared.map(|row| &row.finding));
    let used: BTreeSet<_> = told.map(|finding| finding.code).collect();
    log(
        &assessment.metadata.refit,
        &used,
        notifications(assessment),
        results(assessment),
    )
}

/// A log of one run, with the pages of the codes that are used.
fn log(
    refit: &str,
    used: &BTreeSet<Code>,
    notifications: Vec<Notification>,
    results: Vec<ScanResult>,
) -> Result<String, Failure> {
    to_json(&Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "refit",
                    version: refit.to_owned(),
                    rules: codes::all()
                        .into_iter()
                        .filter(|page| used.contains(&page.code))
                        .map(rule)
                        .collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications,
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn rule(page: &CodePage) -> Rule {
    let text = |text: &str| Text {
        text: text.to_owned(),
    };
    let until_then = match page.mitigation {
        "" => String::new(),
        mitigation => format!("\n\nUntil then: {mitigation}"),
    };
    Rule {
        id: page.code.to_string(),
        short_description: text(page.title),
        full_description: text(page.means),
        help: Text {
            text: format!("{}{until_then}\n\nSource: {}", page.remedy, page.source),
        },
    }
}

/// SARIF 2.1.0, section 3.27.24: `updated` is for a result that differs from the
/// baseline's, which here is one that got worse.
fn results(assessment: &Assessment) -> Vec<ScanResult> {
    let landscape = assessment.metadata.cluster.name.as_str();
    let Some(comparison) = &assessment.comparison else {
        return assessment
            .findings
            .iter()
            .map(|finding| result(finding, landscape, None))
            .collect();
    };
    let new: BTreeSet<&str> = comparison.new.iter().map(String::as_str).collect();
    let worse: BTreeSet<&str> = comparison.worse.iter().map(String::as_str).collect();
    let state = |finding: &Finding| {
        if new.contains(&*finding.id) {
            "new"
        } else if worse.contains(&*finding.id) {
            "updated"
        } else {
            "unchanged"
        }
    };
    let present = assessment.findings.iter();
    let cleared = comparison.cleared.iter();
    present
        .map(|finding| result(finding, landscape, Some(state(finding))))
        .chain(cleared.map(|row| result(&row.finding, landscape, Some("absent"))))
        .collect()
}

fn notifications(assessment: &Assessment) -> Vec<Notification> {
    let told = |what: String, command: Option<&String>| Notification {
        level: "warning",
        message: Text {
            text: match command {
                Some(command) => format!("{what}; `{command}` would show it"),
                None => what,
            },
        },
    };
    let gaps = assessment.coverage.iter().flat_map(|row| &row.gaps);
    let gone = assessment.comparison.iter().flat_map(|one| &one.unseen);
    let asked = assessment.metadata.asked().map(|asked| Notification {
        level: "note",
        message: Text { text: asked },
    });
    let gaps = gaps.map(|gap| {
        let what = format!("not seen: {}: {}", gap.what, gap.why);
        told(what, gap.command.as_ref())
    });
    asked
        .into_iter()
        .chain(gaps)
        .chain(assessment.remarks.iter().map(|remark| Notification {
            level: "note",
            message: Text {
                text: match &remark.location {
                    Some(location) => format!("{location}: {}", remark.text),
                    None => remark.text.clone(),
                },
            },
        }))
        .chain(gone.map(|row| {
            let what = format!(
                "not seen again, and not cleared: {} {}: {}",
                row.finding.code, row.finding.subject, row.because
            );
            told(what, row.command.as_ref())
        }))
        .collect()
}

fn result(finding: &Finding, landscape: &str, baseline_state: Option<&'static str>) -> ScanResult {
    let name = || {
        vec![LogicalLocation {
            fully_qualified_name: finding.subject.to_string(),
        }]
    };
    let mut locations: Vec<Place> = finding
        .evidence
        .iter()
        .filter_map(|evidence| evidence.location.as_ref())
        .map(|location| Place {
            physical_location: physical(location),
            logical_locations: name(),
        })
        .collect();
    if locations.is_empty() {
        // Code hosts drop a result without a file. What stands in none is put at
        // the beginning of what was looked at: the common path, or the cluster.
        let file = landscape.to_owned();
        let location = Location {
            file,
            line: 1,
            column: 1,
        };
        locations.push(Place {
            physical_location: physical(&location),
            logical_locations: name(),
        });
    }
    ScanResult {
        rule_id: finding.code.to_string(),
        level: match finding.severity {
            Severity::Blocking => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        },
        message: Text {
            text: format!("{}: {}. {}", finding.subject, finding.title, finding.remedy),
        },
        locations,
        partial_fingerprints: BTreeMap::from([("refitFinding/v1", finding.id.clone())]),
        suppressions: finding
            .waived
            .iter()
            .map(|waived| Suppression {
                kind: "external",
                status: "accepted",
                justification: waived.to_string(),
            })
            .collect(),
        baseline_state,
        fixes: Vec::new(),
    }
}

fn physical(location: &Location) -> PhysicalLocation {
    // A line inside an archive or a stored release is none of the file that a
    // viewer opens.
    let is_inside = location.file.contains(" » ");
    let (line, column) = if is_inside {
        (1, 1)
    } else {
        (location.line, location.column)
    };
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: uri(&location.file),
        },
        region: Region {
            // The schema forbids what is smaller.
            start_line: line.max(1),
            start_column: column.max(1),
            end_column: None,
        },
    }
}

/// A path as a URI reference: what stands inside the file is left out, a
/// relative path stays relative to where the command ran, an absolute one
/// becomes a `file:` URI, and every byte that a path segment cannot hold
/// (RFC 3986, section 3.3) is escaped. Dot segments are resolved here as every
/// reader of a URI does (section 5.2.4): the validator of SARIF refuses them
/// (SARIF1002).
fn uri(file: &str) -> String {
    let path = file.split(" » ").next().unwrap_or(file);
    let mut segments: Vec<&str> = Vec::new();
    for segment in path
        .split('/')
        .filter(|segment| !matches!(*segment, "" | "."))
    {
        match segments.last() {
            Some(last) if segment == ".." && *last != ".." => {
                segments.pop();
            }
            // Nothing is above the root.
            None if segment == ".." && path.starts_with('/') => {}
            Some(_) | None => segments.push(segment),
        }
    }
    let root = if path.starts_with('/') {
        "file:///"
    } else {
        ""
    };
    let mut out = root.to_owned();
    for byte in segments.join("/").bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        for (file, expected) in [
            ("./a/b.yaml", "a/b.yaml"),
            ("a b.yaml", "a%20b.yaml"),
            ("a:b/c%.yaml", "a%3Ab/c%25.yaml"),
            ("/etc/ü.yaml", "file:///etc/%C3%BC.yaml"),
            ("/a/b/../../c//./d.yaml", "file:///c/d.yaml"),
            ("/../c.yaml", "file:///c.yaml"),
            ("../../c/../d.yaml", "../../d.yaml"),
            ("dump.yaml » release shop/web.v3", "dump.yaml"),
        ] {
            assert_eq!(uri(file), expected);
        }
    }
}
