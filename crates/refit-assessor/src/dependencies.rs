//! What must move before what: the hops, and what has to be out of their way.

use crate::codes;
use crate::scene::Scene;
use refit_model::assessment::{Dependency, Finding, Severity};
use refit_model::code::Code;

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
    for finding in matter(codes::API_REMOVED.code) {
        let then = match &finding.removed_in {
            Some(minor) => format!("the API servers to {minor}"),
            None => "the API servers".to_owned(),
        };
        rows.push(row(
            format!("whoever writes {}", finding.subject),
            &then,
            finding,
        ));
    }
    for finding in matter(codes::PROJECT_NOT_SUPPORTED.code) {
        rows.push(row(finding.subject.to_string(), "the API servers", finding));
    }
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

fn row(first: String, then: &str, finding: &Finding) -> Dependency {
    Dependency {
        first,
        then: then.to_owned(),
        because: format!("{}.", finding.title),
        findings: vec![finding.id.clone()],
    }
}
