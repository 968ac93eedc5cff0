//! Every row of the API table, in use by a manifest, assessed at every minor
//! that the knowledge covers: as the table says.
//!
//! What is expected is worked out here from the columns of the file, without
//! any of the code under test: the text is split again, and minors are numbers.

#![cfg(test)]

use refit_assessor::{Question, assess};
use refit_knowledge::Knowledge;
use refit_model::assessment::{Finding, Severity, Verdict};
use refit_model::kubernetes::{FieldUses, Kubernetes};
use refit_model::object::{ApiUse, Application, ApplicationSign, EvidenceTier, Location};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::{Area, ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::{Minor, TargetVersion};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../../knowledge/kubernetes/api-lifecycle.csv");
const MINORS: std::ops::RangeInclusive<u16> = 16..=37;

/// What the columns of a row say.
#[derive(Debug)]
struct Row {
    api_version: String,
    kind: String,
    on: bool,
    introduced: u16,
    deprecated: Option<u16>,
    removed: Option<u16>,
    scheduled: Option<u16>,
    replacement: String,
}

/// `1.25` and `<=1.10` as the number behind the dot.
fn number(text: &str) -> Option<u16> {
    let text = text.trim_start_matches("<=");
    text.strip_prefix("1.")?.parse().ok()
}

fn rows() -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(TABLE.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| {
        let row = row.unwrap();
        let group = &row["group"];
        let slash = if group.is_empty() { "" } else { "/" };
        Row {
            api_version: format!("{group}{slash}{}", row["version"]),
            kind: row["kind"].clone(),
            on: row["served_by_default"] == "yes",
            introduced: number(&row["introduced"]).unwrap(),
            deprecated: number(&row["deprecated"]),
            removed: number(&row["removed"]),
            scheduled: number(&row["removal_scheduled"]),
            replacement: row["replacement"].clone(),
        }
    })
    .collect()
}

/// The severity and code that a manifest written as `row` gets at 1.`minor`.
fn expected(row: &Row, minor: u16) -> Option<(Severity, &'static str)> {
    // What servers and webhooks say to each other; no server serves it.
    if ["AdmissionReview", "ConversionReview"].contains(&row.kind.as_str()) {
        return None;
    }
    let reached = |since: Option<u16>| since.is_some_and(|since| since <= minor);
    if reached(row.removed) {
        Some((Severity::Blocking, "RFA101"))
    } else if minor < row.introduced {
        Some((Severity::Blocking, "RFA106"))
    } else if reached(row.deprecated) {
        let ends = row.removed.or(row.scheduled).is_some();
        let severity = if ends {
            Severity::Warning
        } else {
            Severity::Info
        };
        Some((severity, "RFA103"))
    } else if row.on {
        None
    } else {
        Some((Severity::Warning, "RFA104"))
    }
}

/// Whether the table has `api` there at 1.`minor`.
fn is_served(rows: &[Row], api: &str, minor: u16) -> bool {
    rows.iter().any(|row| {
        format!("{} {}", row.api_version, row.kind) == api
            && row.introduced <= minor
            && row.removed.is_none_or(|removed| removed > minor)
    })
}

/// Manifests in a directory, one written as each row.
fn manifests(rows: &[Row]) -> Snapshot {
    let mut kubernetes = Kubernetes::unseen(&Unseen::NotInSource);
    kubernetes.fields = Seen::Is(FieldUses {
        through: Knowledge::embedded().covers().1,
        behaviours_through: None,
        uses: Vec::new(),
    });
    kubernetes.api_uses = rows
        .iter()
        .zip(1..)
        .map(|(row, line)| ApiUse {
            api: format!("{} {}", row.api_version, row.kind).parse().unwrap(),
            object: "shop/thing".parse().unwrap(),
            tier: EvidenceTier::Manifest,
            by: String::new(),
            application: Application {
                name: "shop".to_owned(),
                by: ApplicationSign::NameLabel,
            },
            location: Some(Location {
                file: "all.yaml".to_owned(),
                line,
                column: 1,
            }),
        })
        .collect();
    let cluster = ClusterIdentity {
        id: "manifests".parse().unwrap(),
        name: "manifests".to_owned(),
        basis: IdentityBasis::Given,
    };
    Snapshot {
        kubernetes: Some(kubernetes),
        ..Snapshot::empty(cluster, "2026-11-29T00:00:00Z".parse().unwrap())
    }
}

/// The findings about APIs at 1.`minor`, by the line of the manifest.
fn found(snapshot: &Snapshot, minor: u16) -> BTreeMap<u32, Finding> {
    let target = TargetVersion::Minor(Minor::new(1, minor));
    let now = "2026-11-29T00:00:00Z".parse().unwrap();
    let objects = snapshot.kubernetes.as_ref().unwrap().api_uses.len();
    let assessment = assess(
        snapshot,
        Knowledge::embedded(),
        &Question::whole(target, now, objects),
    );
    assert_eq!(assessment.summary.objects, objects);
    assessment
        .findings
        .into_iter()
        .filter(|finding| finding.code.family() == 'A')
        .map(|finding| (finding.evidence[0].location.as_ref().unwrap().line, finding))
        .collect()
}

#[test]
fn every_row_at_every_target() {
    let rows = rows();
    let snapshot = manifests(&rows);
    let mut judged = 0;
    for minor in MINORS {
        let found = found(&snapshot, minor);
        for (row, line) in rows.iter().zip(1..) {
            let finding = found.get(&line);
            let got = finding.map(|finding| (finding.severity, finding.code.to_string()));
            let wanted = expected(row, minor).map(|(severity, code)| (severity, code.to_owned()));
            assert_eq!(got, wanted, "{row:?} at 1.{minor}");
            judged += 1;
            let Some(finding) = finding else { continue };
            assert_eq!(finding.subject.api_version, row.api_version);
            assert_eq!(finding.subject.kind, row.kind);
            let minor_of =
                |text: &Option<String>| text.as_deref().map(|text| number(text).unwrap());
            assert_eq!(minor_of(&finding.deprecated_in), row.deprecated);
            assert_eq!(minor_of(&finding.removed_in), row.removed.or(row.scheduled));
            assert!(finding.references.len() > 1, "{row:?}");
            if let Some(replacement) = &finding.replacement {
                let replacement = replacement.to_string();
                assert!(
                    is_served(&rows, &replacement, minor),
                    "{replacement} instead of {row:?} at 1.{minor}"
                );
            } else {
                // Nothing may be offered only when the table offers nothing.
                assert!(
                    row.replacement.is_empty() || !is_served(&rows, &row.replacement, minor),
                    "{row:?} at 1.{minor}"
                );
            }
        }
    }
    assert_eq!(judged, 231 * 22);
}

/// One manifest alone: the verdict, and the gaps that do not spoil it.
#[test]
fn a_directory_of_manifests_can_be_ready() {
    let rows = rows();
    let only = |kind: &str, api_version: &str| {
        let rows: Vec<Row> = rows_like(&rows, kind, api_version);
        manifests(&rows)
    };
    let verdict = |snapshot: &Snapshot, minor| {
        let target = TargetVersion::Minor(Minor::new(1, minor));
        let now = "2026-11-29T00:00:00Z".parse().unwrap();
        let assessment = assess(
            snapshot,
            Knowledge::embedded(),
            &Question::whole(target, now, 1),
        );
        let areas: Vec<Area> = assessment.coverage.iter().map(|c| c.area).collect();
        assert!(!areas.contains(&Area::Juju));
        assert!(
            assessment
                .coverage
                .iter()
                .any(|coverage| coverage.area == Area::Nodes && !coverage.gaps.is_empty())
        );
        assessment.summary.verdict
    };
    let fine = only("Deployment", "apps/v1");
    let gone = only("PodDisruptionBudget", "policy/v1beta1");
    assert_eq!(verdict(&fine, 36), Verdict::Ready);
    assert_eq!(verdict(&gone, 36), Verdict::Blocked);
    assert_eq!(verdict(&gone, 24), Verdict::ReadyWithWarnings);
    // What the knowledge does not cover can hide anything.
    assert_eq!(verdict(&fine, 45), Verdict::Unseen);
}

fn rows_like(rows: &[Row], kind: &str, api_version: &str) -> Vec<Row> {
    rows.iter()
        .filter(|row| row.kind == kind && row.api_version == api_version)
        .map(|row| Row {
            api_version: row.api_version.clone(),
            kind: row.kind.clone(),
            replacement: row.replacement.clone(),
            ..*row
        })
        .collect()
}
