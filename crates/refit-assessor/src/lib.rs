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

mod aggregation;
mod api;
mod behaviour;
mod budget;
pub mod codes;
mod comparison;
mod coverage;
mod definition;
mod dependencies;
mod etcd;
mod field;
mod finding;
pub mod guide;
mod impact;
mod inventory;
mod juju;
mod label;
mod life;
mod listed;
pub mod near;
mod node;
mod project;
mod runtime;
mod scene;
mod scope;
mod settings;
mod skew;
mod support;
mod untouched;
mod version;
mod wanted;
mod webhook;
mod workload;

pub use comparison::{Incomparable, Looked, comparable, compare};
pub use impact::{impact, settle};
pub use inventory::inventory;
pub use wanted::is_of_concern;

use jiff::Timestamp;
use refit_knowledge::Knowledge;
use refit_model::assessment::{
    Assessment, AssessmentKind, AssessmentMetadata, Family, Finding, Impact, KnowledgeUsed,
    Summary, Verdict,
};
use refit_model::snapshot::Snapshot;
use refit_model::version::TargetVersion;
use std::collections::BTreeSet;

use scene::{Found, Scene};

/// What is asked about a landscape.
#[derive(Clone, Debug)]
pub struct Question {
    /// The target. One outside of [`Knowledge::covers`] is for the caller to
    /// refuse; here it makes the verdict [`Verdict::Unseen`] at best.
    pub target: TargetVersion,
    /// The time against which support dates are read.
    pub now: Timestamp,
    /// The families of findings that are wanted. Gaps that can only hide others
    /// do not count.
    pub families: BTreeSet<Family>,
    /// How many objects the sources held; it is only passed on.
    pub objects: usize,
    /// How many documents no rule needed; it is only passed on.
    pub skipped: usize,
}

impl Question {
    /// Everything there is to find at `target`, as of `now`.
    #[must_use]
    pub fn whole(target: TargetVersion, now: Timestamp, objects: usize) -> Self {
        Self {
            target,
            now,
            families: Family::ALL.into_iter().collect(),
            objects,
            skipped: 0,
        }
    }
}

/// What an upgrade of `snapshot`'s landscape would meet.
#[must_use]
pub fn assess(snapshot: &Snapshot, knowledge: &Knowledge, question: &Question) -> Assessment {
    let Question {
        target,
        now,
        objects,
        ..
    } = question;
    let (now, objects) = (*now, *objects);
    let scene = Scene::new(snapshot, knowledge, target, now);
    let families: [fn(&Scene<'_>) -> Found; 17] = [
        api::find,
        field::find,
        aggregation::find,
        version::find,
        skew::find,
        settings::find,
        node::find,
        runtime::find,
        budget::find,
        workload::find,
        label::find,
        etcd::find,
        webhook::find,
        definition::find,
        project::find,
        behaviour::find,
        untouched::find,
    ];
    let mut found = juju::find(&scene);
    for family in families {
        found.extend(family(&scene));
    }
    let mut findings = found.findings;
    findings.retain(|finding| {
        Family::of(finding.code).is_none_or(|family| question.families.contains(&family))
    });
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let coverage = coverage::of(&scene, found.gaps, question);
    let mut assessment = Assessment {
        api_version: refit_model::API_VERSION.to_owned(),
        kind: AssessmentKind::Assessment,
        metadata: AssessmentMetadata {
            now,
            refit: env!("CARGO_PKG_VERSION").to_owned(),
            knowledge: KnowledgeUsed {
                version: knowledge.version().to_owned(),
                as_of: knowledge.as_of().to_string(),
                overlays: Vec::new(),
            },
            cluster: snapshot.cluster.clone(),
            only: if question.families.len() == Family::ALL.len() {
                BTreeSet::new()
            } else {
                question.families.clone()
            },
        },
        from: scene.from.clone(),
        target: target.clone(),
        summary: Summary {
            // Settled below.
            verdict: Verdict::Unseen,
            blocking: 0,
            warning: 0,
            info: 0,
            waived: 0,
            objects,
        },
        scope: scope::of(&scene),
        impact: Impact::default(),
        dependencies: dependencies::of(&scene, &findings),
        findings,
        coverage,
        remarks: Vec::new(),
        comparison: None,
    };
    settle(&mut assessment);
    assessment
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
