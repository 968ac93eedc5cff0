//! What an assessment opens with on a screen: what runs, who must act, and what
//! must move first.

use crate::output::{BOLD, styled, wrapped};
use refit_model::assessment::{Assessment, Scope};

/// How many lines each part has before it only counts the rest: the findings
/// themselves should begin on the first screen of 24 lines.
const MOST_LINES: usize = 4;

/// Scope, impact and dependencies; nothing where there is nothing to tell.
pub(crate) fn opening(assessment: &Assessment, width: usize) -> String {
    let mut out = scope(&assessment.scope, width);
    let act = assessment.impact.applications.iter().map(|row| {
        let who = row
            .application
            .as_ref()
            .map_or("whoever runs the cluster", |found| found.name.as_str());
        format!("{who}: {} blocking, {} to check", row.blocking, row.warning)
    });
    out.push_str(&part("who must act", act, width));
    let first = assessment
        .dependencies
        .iter()
        .map(|row| format!("{}, then {}", row.first, row.then));
    out.push_str(&part("what must move first", first, width));
    out
}

/// What somebody accepted: who, why and until when.
pub(crate) fn accepted(assessment: &Assessment, width: usize) -> String {
    let mut out = String::new();
    for finding in &assessment.findings {
        let Some(waived) = &finding.waived else {
            continue;
        };
        if out.is_empty() {
            out.push_str(&format!("\n{}\n", styled(BOLD, "accepted")));
        }
        let line = format!("{}  {}: {waived}", finding.code, finding.subject);
        out.push_str(&wrapped(&line, 2, width));
        out.push('\n');
    }
    out
}

fn scope(scope: &Scope, width: usize) -> String {
    let counts: Vec<String> = [
        (scope.nodes, "node", "nodes"),
        (scope.namespaces, "namespace", "namespaces"),
        (scope.workloads, "workload", "workloads"),
        (scope.pods, "pod", "pods"),
        (scope.releases, "Helm release", "Helm releases"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| format!("{number} {}", if number == 1 { one } else { many }))
    .collect();
    let versions: Vec<String> = scope
        .versions
        .iter()
        .map(|row| format!("{} {} ({})", row.component, row.version, row.count))
        .collect();
    let lines = [counts.join(", "), versions.join(", ")];
    let told = lines.into_iter().filter(|line| !line.is_empty());
    part("what runs", told, width)
}

fn part(heading: &str, lines: impl Iterator<Item = String>, width: usize) -> String {
    let mut out = String::new();
    let mut more = 0_usize;
    for (place, line) in lines.enumerate() {
        if place == 0 {
            out.push_str(&format!("\n{}\n", styled(BOLD, heading)));
        }
        if place < MOST_LINES {
            out.push_str(&wrapped(&line, 2, width));
            out.push('\n');
        } else {
            more += 1;
        }
    }
    if more > 0 {
        out.push_str(&format!("  and {more} more; `-o yaml` has them all\n"));
    }
    out
}
