//! A second opinion: objections to a plan, found without the planner's code.
//!
//! The review walks through the steps of a plan as they are listed and keeps
//! its own account of what would be true after each: versions, closed nodes,
//! copies of etcd, checks of charms. It knows the landscape and the facts, and
//! neither templates nor the planner.

mod bounds;
mod channel;
mod charm;
pub mod codes;
mod condition;
mod document;
mod landscape;
mod order;
mod pen;
mod project;
mod shape;
mod walk;

use pen::Pen;
use refit_knowledge::Knowledge;
use refit_model::plan::{Goal, UpgradePlan};
use refit_model::review::{Review, ReviewKind};
use refit_model::snapshot::Snapshot;

/// What is held against `plan` for the landscape of `snapshot`, worst first.
#[must_use]
pub fn review(plan: &UpgradePlan, snapshot: &Snapshot, knowledge: &Knowledge) -> Review {
    let mut pen = Pen::default();
    document::look(plan, snapshot, knowledge, &mut pen);
    order::look(plan, &mut pen);
    shape::look(plan, &mut pen);
    bounds::look(plan, &mut pen);
    landscape::look(plan, snapshot, &mut pen);
    match &plan.spec.goal {
        Goal::Kubernetes { hop, .. } => {
            walk::look(plan, hop, snapshot, knowledge, &mut pen);
            charm::look(plan, hop, snapshot, knowledge, &mut pen);
        }
        Goal::Project { project, hop, .. } => {
            project::look(plan, project.as_str(), hop, knowledge, &mut pen);
        }
    }
    Review {
        api_version: refit_model::API_VERSION.to_owned(),
        kind: ReviewKind::Review,
        plan: plan.content_hash.clone(),
        objections: pen.into_objections(),
    }
}
