//! What stands in the way and who must act, and the result in numbers: both
//! leave out what somebody accepted.

use crate::codes;
use refit_model::assessment::{
    ApplicationImpact, Assessment, Blocked, Finding, Impact, Severity, Verdict,
};
use refit_model::code::Code;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What blocks, and who must act, by findings that nobody accepted.
#[must_use]
pub fn impact(findings: &[Finding]) -> Impact {
    let mut blocks: BTreeMap<Code, Vec<String>> = BTreeMap::new();
    // A name is one application, by whichever sign a finding shows it.
    let mut applications: BTreeMap<Option<&str>, ApplicationImpact> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.waived.is_none()) {
        let (blocking, warning) = match finding.severity {
            Severity::Blocking => (1, 0),
            Severity::Warning => (0, 1),
            Severity::Info => continue,
        };
        if blocking > 0 {
            blocks
                .entry(finding.code)
                .or_default()
                .push(finding.id.clone());
        }
        let row = applications
            .entry(finding.application.as_ref().map(|of| of.name.as_str()))
            .or_insert_with(|| ApplicationImpact {
                application: finding.application.clone(),
                blocking: 0,
                warning: 0,
                findings: Vec::new(),
            });
        if let (Some(known), Some(other)) = (&mut row.application, &finding.application) {
            known.by = known.by.min(other.by);
        }
        row.blocking += blocking;
        row.warning += warning;
        row.findings.push(finding.id.clone());
    }
    let mut applications: Vec<ApplicationImpact> = applications.into_values().collect();
    // The sort keeps the order of the names among equals.
    applications.sort_by_key(|row| (Reverse(row.blocking), Reverse(row.warning)));
    Impact {
        blocks: blocks
            .into_iter()
            .map(|(code, findings)| Blocked {
                code,
                title: title(code),
                findings,
            })
            .collect(),
        applications,
    }
}

fn title(code: Code) -> String {
    codes::ALL
        .iter()
        .find(|page| page.code == code)
        .map_or_else(|| code.to_string(), |page| page.title.to_owned())
}

/// Works the numbers, the verdict and the impact of an assessment out of its
/// findings and its coverage: after findings were accepted or taken away, call
/// it again.
pub fn settle(assessment: &mut Assessment) {
    let count = |severity| {
        let standing = assessment.findings.iter();
        standing
            .filter(|finding| finding.waived.is_none() && finding.severity == severity)
            .count()
    };
    let [blocking, warning, info] =
        [Severity::Blocking, Severity::Warning, Severity::Info].map(count);
    let verdict = if blocking > 0 {
        Verdict::Blocked
    } else if assessment.coverage.iter().any(|row| row.could_hide) {
        Verdict::Unseen
    } else if warning > 0 {
        Verdict::ReadyWithWarnings
    } else {
        Verdict::Ready
    };
    let waived = assessment.findings.len() - blocking - warning - info;
    assessment.impact = impact(&assessment.findings);
    let summary = &mut assessment.summary;
    summary.verdict = verdict;
    (summary.blocking, summary.warning, summary.info) = (blocking, warning, info);
    summary.waived = waived;
}
