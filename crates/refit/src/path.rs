//! A path as people read it in a terminal.

use crate::output::{BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use refit_model::path::{Because, Need, NotKnown, PathHop, ProjectOnPath, UpgradePath};
use std::collections::BTreeMap;

/// How many facts are shown under a move; the machine output has all.
const MOST_FACTS: usize = 2;

/// The moves in their order with what forces them, what blocks, which projects
/// have to move, and what nobody says.
pub(crate) fn path(path: &UpgradePath, width: usize) -> String {
    let mut out = String::new();
    if path.hops.is_empty() && path.blocked.is_empty() {
        out.push_str(&format!("{}\n", styled(GOOD, "nothing has to move")));
    }
    for (hop, number) in path.hops.iter().zip(1..) {
        out.push_str(&self::hop(hop, number, width));
    }
    if !path.blocked.is_empty() {
        let line = if path.hops.is_empty() {
            "no move is possible on the way to the target"
        } else {
            "the target is not reached: this is as far as everything can follow"
        };
        out.push_str(&format!("\n{}\n", styled(BAD, line)));
    }
    for blocker in &path.blocked {
        out.push_str(&format!(
            "\n{} {} at {} cannot go on to {}: {}\n",
            styled(BAD, "blocked:"),
            blocker.subject,
            blocker.at,
            blocker.before,
            styled(BOLD, blocker.whose)
        ));
        out.push_str(&facts(&blocker.facts, width));
        out.push_str(&format!("{}\n", wrapped(&blocker.remedy, 4, width)));
    }
    let needed = path.projects.iter();
    let needed: Vec<&ProjectOnPath> = needed
        .filter(|project| project.need != Need::NotRecommended)
        .collect();
    if !path.projects.is_empty() {
        out.push_str(&format!("\n{}\n", styled(BOLD, "projects")));
    }
    for project in &needed {
        let version = project.version.as_deref().unwrap_or("version not seen");
        let need = match project.need {
            Need::Required => styled(WARN, project.need),
            Need::Optional | Need::NotRecommended => project.need.to_string(),
        };
        out.push_str(&format!("  {} {version}: {need}\n", project.installation));
        out.push_str(&facts(&project.because, width));
    }
    let others = path.projects.len() - needed.len();
    if others > 0 {
        let line = format!("nothing speaks for moving {others} more; `-o json` names them");
        out.push_str(&format!("{}\n", styled(DIM, wrapped(&line, 2, width))));
    }
    if !path.not_known.is_empty() {
        out.push_str(&format!("\n{}\n", styled(WARN, "not known")));
        for (minors, of) in by_minors(&path.not_known) {
            let line = format!(
                "which of these go with Kubernetes {minors}: {}",
                of.join(", ")
            );
            out.push_str(&format!("{}\n", wrapped(&line, 2, width)));
        }
    }
    if !path.notes.is_empty() {
        out.push_str(&format!("\n{}\n", styled(BOLD, "notes")));
        let notes = path.notes.iter();
        out.extend(notes.map(|note| format!("{}\n", wrapped(note, 2, width))));
    }
    out
}

fn hop(hop: &PathHop, number: usize, width: usize) -> String {
    let chart = hop.chart.as_ref();
    let chart = chart.map_or_else(String::new, |chart| format!(", chart {chart}"));
    let data = hop.data_version.as_ref();
    let data = data.map_or_else(String::new, |data| format!(", data to {data}"));
    let mut out = format!("  {number}. {hop}{chart}{data}\n");
    out.push_str(&facts(&hop.because, width));
    out
}

fn facts(because: &[Because], width: usize) -> String {
    let mut out = String::new();
    for one in because.iter().take(MOST_FACTS) {
        let line = if one.source.is_empty() {
            one.detail.clone()
        } else {
            format!("{} [{}]", one.detail, one.source)
        };
        out.push_str(&format!("{}\n", styled(DIM, wrapped(&line, 6, width))));
    }
    let more = because.len().saturating_sub(MOST_FACTS);
    if more > 0 {
        out.push_str(&format!(
            "      {}\n",
            styled(DIM, format!("and {more} more"))
        ));
    }
    out
}

fn by_minors(not_known: &[NotKnown]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in not_known {
        let version = one.version.as_deref().unwrap_or("of any version");
        let entry = all.entry(one.kubernetes.join(", ")).or_default();
        entry.push(format!("{} {version}", one.installation));
    }
    all
}
