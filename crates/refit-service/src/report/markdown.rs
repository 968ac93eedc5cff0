//! Markdown: the assessment for a ticket, a pull request or a wiki.

use super::comparison_line;
use refit_model::assessment::{Assessment, Finding, Severity};
use std::fmt::Display;

/// The assessment: what runs, who must act, what must move first, the findings,
/// and what was looked at. Beside a baseline: what is new, what has cleared, and
/// what was not seen again.
#[must_use]
pub fn assessment_markdown(assessment: &Assessment) -> String {
    let mut out = Lines::default();
    head(&mut out, assessment);
    if let Some(comparison) = &assessment.comparison {
        out.line(&comparison_line(comparison));
        out.line("");
    } else {
        scope(&mut out, assessment);
        impact(&mut out, assessment);
        dependencies(&mut out, assessment);
    }
    findings(&mut out, assessment);
    gone(&mut out, assessment);
    coverage(&mut out, assessment);
    remarks(&mut out, assessment);
    out.0
}

/// Lines, one after the other.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.line(&format!("## {text}"));
        self.line("");
    }

    pub(super) fn table(&mut self, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        self.line(&format!("| {} |", heads.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(heads.len())));
        for row in rows {
            self.line(&format!("| {} |", row.join(" | ")));
        }
        self.line("");
    }
}

fn head(out: &mut Lines, assessment: &Assessment) {
    let summary = &assessment.summary;
    let from = assessment
        .from
        .as_ref()
        .map_or_else(|| "an unknown version".to_owned(), ToString::to_string);
    out.line(&format!(
        "# {} from {from} to {}: {}",
        escape(&assessment.metadata.cluster.name),
        assessment.target,
        summary.verdict
    ));
    out.line("");
    out.line(&format!(
        "{} blocking, {} to check, {} to know, {} accepted, in {} objects. Knowledge {} of {}; seen as of {}.",
        summary.blocking,
        summary.warning,
        summary.info,
        summary.waived,
        summary.objects,
        assessment.metadata.knowledge.version,
        assessment.metadata.knowledge.as_of,
        assessment.metadata.now,
    ));
    out.line("");
    if let Some(asked) = assessment.metadata.asked() {
        out.line(&format!("Mind that {asked}."));
        out.line("");
    }
}

fn scope(out: &mut Lines, assessment: &Assessment) {
    let scope = &assessment.scope;
    out.heading("What runs");
    out.line(&format!(
        "{} nodes, {} namespaces, {} workloads, {} pods, {} Helm releases.",
        scope.nodes, scope.namespaces, scope.workloads, scope.pods, scope.releases
    ));
    out.line("");
    if !scope.versions.is_empty() {
        out.table(
            &["Component", "Version", "How many"],
            scope.versions.iter().map(|row| {
                vec![
                    escape(&row.component),
                    escape(&row.version),
                    row.count.to_string(),
                ]
            }),
        );
    }
    if !scope.pools.is_empty() {
        out.table(
            &["Pool", "Nodes", "Ready", "Kubelets"],
            scope.pools.iter().map(|row| {
                vec![
                    escape(&row.name),
                    row.nodes.to_string(),
                    row.ready.to_string(),
                    escape(&row.kubelets.join(", ")),
                ]
            }),
        );
    }
    if !scope.projects.is_empty() {
        out.table(
            &["Project", "Version", "Known by"],
            scope.projects.iter().map(|row| {
                let version = row.version.as_deref().unwrap_or("not seen");
                vec![escape(&row.project), escape(version), escape(&row.by)]
            }),
        );
    }
}

fn impact(out: &mut Lines, assessment: &Assessment) {
    if assessment.impact.applications.is_empty() {
        return;
    }
    out.heading("Who must act");
    out.table(
        &["Application", "Blocking", "To check"],
        assessment.impact.applications.iter().map(|row| {
            let who = row
                .application
                .as_ref()
                .map_or("whoever runs the cluster", |found| found.name.as_str());
            vec![
                escape(who),
                row.blocking.to_string(),
                row.warning.to_string(),
            ]
        }),
    );
}

fn dependencies(out: &mut Lines, assessment: &Assessment) {
    if assessment.dependencies.is_empty() {
        return;
    }
    out.heading("What must move first");
    for (number, row) in (1..).zip(&assessment.dependencies) {
        out.line(&format!(
            "{number}. {}, then {}. {}",
            escape(&row.first),
            escape(&row.then),
            escape(&row.because)
        ));
    }
    out.line("");
}

fn findings(out: &mut Lines, assessment: &Assessment) {
    for (heading, severity) in [
        ("Blocking", Severity::Blocking),
        ("Warnings", Severity::Warning),
        ("Good to know", Severity::Info),
    ] {
        let findings: Vec<&Finding> = assessment
            .told()
            .into_iter()
            .filter(|finding| finding.severity == severity)
            .collect();
        if findings.is_empty() {
            continue;
        }
        let new = if assessment.comparison.is_some() {
            ", new"
        } else {
            ""
        };
        out.heading(&format!("{heading}{new} ({})", findings.len()));
        for finding in findings {
            one(out, finding);
        }
        out.line("");
    }
}

fn one(out: &mut Lines, finding: &Finding) {
    let whose = finding.application.as_ref().map_or_else(String::new, |of| {
        format!(", application {}", escape(&of.name))
    });
    out.line(&format!(
        "- **{}** {} ({}{whose})",
        finding.code,
        escape(&finding.title),
        escape(&finding.subject.to_string()),
    ));
    out.line(&format!("  - Remedy: {}", escape(&finding.remedy)));
    if !finding.mitigation.is_empty() {
        out.line(&format!("  - Until then: {}", escape(&finding.mitigation)));
    }
    if let Some(waived) = &finding.waived {
        out.line(&format!("  - Accepted: {}", escape(&waived.to_string())));
    }
    for evidence in &finding.evidence {
        let place = evidence
            .location
            .as_ref()
            .map_or_else(String::new, |location| format!(", {}", code(location)));
        out.line(&format!(
            "  - Seen by {}{place}: {}",
            evidence.tier,
            escape(&evidence.detail)
        ));
    }
}

fn gone(out: &mut Lines, assessment: &Assessment) {
    let Some(comparison) = &assessment.comparison else {
        return;
    };
    let head = |finding: &Finding| {
        format!(
            "- **{}** {} ({})",
            finding.code,
            escape(&finding.title),
            escape(&finding.subject.to_string())
        )
    };
    if !comparison.cleared.is_empty() {
        out.heading(&format!("Cleared ({})", comparison.cleared.len()));
        for row in &comparison.cleared {
            let place = row
                .proof
                .location
                .as_ref()
                .map_or_else(String::new, |location| format!(", {}", code(location)));
            out.line(&head(&row.finding));
            out.line(&format!("  - {}{place}", escape(&row.proof.detail)));
        }
        out.line("");
    }
    if !comparison.unseen.is_empty() {
        out.heading(&format!(
            "Not seen again, and not cleared ({})",
            comparison.unseen.len()
        ));
        for row in &comparison.unseen {
            let command = row.command.as_ref().map_or_else(String::new, |command| {
                format!("; {} would show it", code(command))
            });
            out.line(&head(&row.finding));
            out.line(&format!("  - {}{command}", escape(&row.because)));
        }
        out.line("");
    }
}

fn coverage(out: &mut Lines, assessment: &Assessment) {
    out.heading("What was looked at");
    for coverage in &assessment.coverage {
        let skipped = match coverage.skipped {
            0 => String::new(),
            number => format!(", {number} documents that no rule needs"),
        };
        out.line(&format!(
            "- {}: {} seen{skipped}",
            coverage.area, coverage.seen
        ));
        for gap in &coverage.gaps {
            let command = gap.command.as_ref().map_or_else(String::new, |command| {
                format!(" {} would show it.", code(command))
            });
            out.line(&format!(
                "  - not seen: {}, because {}.{command}",
                escape(&gap.what),
                escape(&gap.why.to_string())
            ));
        }
    }
}

/// What the authors of files should know.
fn remarks(out: &mut Lines, assessment: &Assessment) {
    if assessment.remarks.is_empty() {
        return;
    }
    out.line("");
    out.heading("What was noticed in reading");
    for remark in &assessment.remarks {
        let place = remark.location.as_ref();
        let place = place.map_or_else(String::new, |place| format!("{}: ", code(place)));
        out.line(&format!("- {place}{}", escape(&remark.text)));
    }
}

/// A text as code: the fence is longer than any row of backticks in it
/// (CommonMark 0.31, section 6.1), and line breaks become blanks.
fn code(text: impl Display) -> String {
    let text = text.to_string().replace(|c: char| c.is_control(), " ");
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// A text that Markdown shows as it is, on one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.push(' ');
            continue;
        }
        // The last two keep a code host from calling people and linking issues.
        if "\\`*_{}[]<>#|@~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_text() {
        assert_eq!(escape("<b>\n# x|y"), r"\<b\> \# x\|y");
        assert_eq!(escape("@all"), r"\@all");
        for (text, expected) in [
            ("kubectl get pods", "`kubectl get pods`"),
            ("a`b``c", "``` a`b``c ```"),
            ("a\nb", "`a b`"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
