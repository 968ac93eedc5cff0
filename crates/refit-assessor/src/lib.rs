//! From a snapshot, the knowledge and a target to findings and coverage.
//!
//! [`assess`] is a pure function: the clock, the target and the facts come in
//! as arguments, and the same arguments give the same bytes. It reports what
//! the landscape has; what to do about it in which order is the planner's.
//!
//! Every family of findings is a module of its own, a function from the scene
//! to findings and gaps. What could not be judged is never silently fine: it
//! becomes a gap, and the coverage decides whether the gap could hide something
//! that blocks.

mod api;
mod budget;
pub mod codes;
mod coverage;
mod definition;
mod finding;
mod juju;
mod node;
mod project;
mod scene;
mod skew;
mod version;
mod webhook;
mod workload;

use jiff::Timestamp;
use refit_knowledge::Knowledge;
use refit_model::assessment::{
    Assessment, AssessmentKind, AssessmentMetadata, Finding, KnowledgeUsed, Severity, Summary,
    Verdict,
};
use refit_model::snapshot::Snapshot;
use refit_model::version::TargetVersion;

use scene::{Found, Scene};

/// What an upgrade of `snapshot`'s landscape to `target` would meet.
///
/// `now` is the day against which support dates are read. `objects` is how many
/// objects the sources held; it is only passed on. A target outside of
/// [`Knowledge::covers`] is for the caller to refuse; here it makes the verdict
/// [`Verdict::Unseen`] at best.
#[must_use]
pub fn assess(
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    target: &TargetVersion,
    now: Timestamp,
    objects: usize,
) -> Assessment {
    let scene = Scene::new(snapshot, knowledge, target, now);
    let families: [fn(&Scene<'_>) -> Found; 9] = [
        api::find,
        version::find,
        skew::find,
        node::find,
        budget::find,
        workload::find,
        webhook::find,
        definition::find,
        project::find,
    ];
    let mut found = juju::find(&scene);
    for family in families {
        found.extend(family(&scene));
    }
    let mut findings = found.findings;
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let coverage = coverage::of(&scene, found.gaps);
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (blocking, warning) = (count(Severity::Blocking), count(Severity::Warning));
    let verdict = if blocking > 0 {
        Verdict::Blocked
    } else if coverage::could_hide_a_block(&scene, &coverage) {
        Verdict::Unseen
    } else if warning > 0 {
        Verdict::ReadyWithWarnings
    } else {
        Verdict::Ready
    };
    Assessment {
        api_version: refit_model::API_VERSION.to_owned(),
        kind: AssessmentKind::Assessment,
        metadata: AssessmentMetadata {
            now,
            refit: env!("CARGO_PKG_VERSION").to_owned(),
            knowledge: KnowledgeUsed {
                version: knowledge.version().to_owned(),
                as_of: knowledge.as_of().to_string(),
            },
            cluster: snapshot.cluster.clone(),
        },
        from: scene.from.clone(),
        target: target.clone(),
        summary: Summary {
            verdict,
            blocking,
            warning,
            info: count(Severity::Info),
            objects,
        },
        findings,
        coverage,
    }
}

/// Worst first, then by code and subject; the identity makes the order total.
fn order(finding: &Finding) -> impl Ord {
    (
        finding.severity,
        finding.code,
        &finding.subject,
        finding.id.as_str(),
    )
}

#[cfg(test)]
mod tests;
