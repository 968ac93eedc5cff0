//! What must move before what: the hops, and what has to be out of their way.

use crate::codes;
use crate::project::way;
use crate::scene::Scene;
use refit_model::assessment::{Dependency, Finding, Severity};
use refit_model::code::Code;
use std::collections::BTreeMap;

/// In the order in which an upgrade meets them. Findings that only inform ask
/// for nothing.
pub(crate) fn of(scene: &Scene<'_>, findings: &[Finding]) -> Vec<Dependency> {
    let mut rows = Vec::new();
    let matter = |code: Code| {
        findings
            .iter()
            .filter(move |finding| finding.code == code && finding.severity != Severity::Info)
    };
    for finding in matter(codes::COMPONENT_TOO_OLD.code) {
        rows.push(row(
            format!("{} {}", finding.subject.kind, finding.subject.name),
            "the API servers",
            finding,
        ));
    }
    let removed: Vec<&Finding> = matter(codes::API_REMOVED.code).collect();
    rows.extend(writers(&removed));
    let projects: Vec<&Finding> = matter(codes::PROJECT_NOT_SUPPORTED.code).collect();
    for finding in &projects {
        rows.push(row(finding.subject.to_string(), "the API servers", finding));
    }
    rows.extend(way::dependencies(scene, &projects));
    let hops = scene.hops();
    for pair in hops.windows(2) {
        if let [first, then] = pair {
            rows.push(Dependency {
                first: format!("the cluster to {first}"),
                then: format!("the API servers to {then}"),
                because: "API servers move by one minor at a time.".to_owned(),
                findings: Vec::new(),
            });
        }
    }
    for hop in hops {
        rows.push(Dependency {
            first: format!("every API server to {hop}"),
            then: format!("the controller managers, the schedulers and the kubelets to {hop}"),
            because: "No component may be newer than an API server that it talks to.".to_owned(),
            findings: Vec::new(),
        });
    }
    rows
}

/// One row for every version of a kind that goes, however many objects are
/// written so: a repository may hold thousands of them.
fn writers(removed: &[&Finding]) -> Vec<Dependency> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in removed.iter().copied() {
        let kind = (&*finding.subject.api_version, &*finding.subject.kind);
        kinds.entry(kind).or_default().push(finding);
    }
    let row = |((api_version, kind), findings): ((&str, &str), Vec<&Finding>)| {
        let [finding, rest @ ..] = findings.as_slice() else {
            return None;
        };
        let what = if rest.is_empty() {
            finding.subject.to_string()
        } else {
            format!("{} objects as {api_version} {kind}", findings.len())
        };
        let then = match &finding.removed_in {
            Some(minor) => format!("the API servers to {minor}"),
            None => "the API servers".to_owned(),
        };
        Some(Dependency {
            first: format!("whoever writes {what}"),
            then,
            because: format!("{}.", finding.title),
            findings: findings.iter().map(|finding| finding.id.clone()).collect(),
        })
    };
    kinds.into_iter().filter_map(row).collect()
}

fn row(first: String, then: &str, finding: &Finding) -> Dependency {
    Dependency {
        first,
        then: then.to_owned(),
        because: format!("{}.", finding.title),
        findings: vec![finding.id.clone()],
    }
}
