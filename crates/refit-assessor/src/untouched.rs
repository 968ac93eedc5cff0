//! What the upgrade does not touch: told once for each group, so that nobody
//! takes it for done.

use crate::codes;
use crate::finding::{count, finding, named, thing};
use crate::scene::{Found, Scene};
use refit_model::assessment::{Finding, Severity};
use refit_model::code::CodePage;
use refit_model::kubernetes::UpdateStrategy;

/// How many names a sentence has before it only counts them.
const NAMED: usize = 10;

/// The page of a group, the names in it, and how its title speaks of one and of
/// several.
type Group = (
    &'static CodePage,
    Vec<String>,
    (&'static str, &'static str),
    &'static str,
);

/// Findings about what stays as it is.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let stay: Vec<String> = kubernetes
        .workloads
        .items
        .iter()
        .filter_map(|(key, workload)| match workload.update {
            UpdateStrategy::ByController => None,
            UpdateStrategy::OnDelete => Some(format!("{key} (OnDelete)")),
            UpdateStrategy::From(first) => Some(format!("{key} (partition {first})")),
        })
        .collect();
    let releases: Vec<String> = kubernetes
        .releases
        .items
        .iter()
        .map(|(key, release)| format!("{key} ({} {})", release.chart, release.chart_version))
        .collect();
    let definitions: Vec<String> = kubernetes
        .definitions
        .items
        .keys()
        .map(ToString::to_string)
        .collect();
    let groups: [Group; 3] = [
        (
            &codes::PODS_STAY,
            stay,
            ("workload keeps", "workloads keep"),
            "its pods until they are deleted",
        ),
        (
            &codes::RELEASES_STAY,
            releases,
            ("Helm release stays", "Helm releases stay"),
            "at its version",
        ),
        (
            &codes::DEFINITIONS_STAY,
            definitions,
            ("definition stays", "definitions stay"),
            "as it is",
        ),
    ];
    Found {
        findings: groups
            .into_iter()
            .filter(|(_, names, ..)| !names.is_empty())
            .map(|(page, names, words, how)| group(scene, page, &names, words, how))
            .collect(),
        gaps: Vec::new(),
    }
}

fn group(
    scene: &Scene<'_>,
    page: &CodePage,
    names: &[String],
    (one, many): (&str, &str),
    how: &str,
) -> Finding {
    let how = if names.len() == 1 {
        how.to_owned()
    } else {
        how.replace("its", "their").replace("it is", "they are")
    };
    let title = format!("{} {how}", count(names.len(), one, many));
    Finding {
        evidence: vec![scene.seen(named(names, NAMED))],
        ..finding(page, Severity::Info, thing("Cluster", "untouched"), title)
    }
}
