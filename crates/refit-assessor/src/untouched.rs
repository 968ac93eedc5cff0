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

/// The page of a group, the names in it, and what its title says of one and of
/// several.
type Group = (&'static CodePage, Vec<String>, [&'static str; 2]);

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
        // Helm keeps the history of what it took away, where it is told to.
        .filter(|(_, release)| release.status != "uninstalled")
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
            [
                "workload keeps its pods until they are deleted",
                "workloads keep their pods until they are deleted",
            ],
        ),
        (
            &codes::RELEASES_STAY,
            releases,
            [
                "Helm release stays at its version",
                "Helm releases stay at their versions",
            ],
        ),
        (
            &codes::DEFINITIONS_STAY,
            definitions,
            [
                "custom resource definition stays as it is",
                "custom resource definitions stay as they are",
            ],
        ),
    ];
    Found {
        findings: groups
            .into_iter()
            .filter(|(_, names, _)| !names.is_empty())
            .map(|(page, names, words)| group(scene, page, &names, words))
            .collect(),
        gaps: Vec::new(),
    }
}

fn group(scene: &Scene<'_>, page: &CodePage, names: &[String], [one, many]: [&str; 2]) -> Finding {
    let title = count(names.len(), one, many);
    Finding {
        evidence: vec![scene.seen(named(names, NAMED))],
        ..finding(page, Severity::Info, thing("Cluster", "untouched"), title)
    }
}
