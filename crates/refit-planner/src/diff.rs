//! What changed between two plans.

use refit_model::name::StepId;
use refit_model::plan::UpgradePlan;
use refit_model::step::Step;
use std::collections::BTreeMap;
use std::fmt;

/// What changed from one plan to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDiff {
    /// The steps that only the new plan has, in its order.
    pub added: Vec<StepId>,
    /// The steps that only the old plan had, in its order.
    pub removed: Vec<StepId>,
    /// The steps that both have and that differ, in the new plan's order.
    pub changed: Vec<ChangedStep>,
}

/// A step that both plans have and that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedStep {
    /// The step.
    pub step: StepId,
    /// The fields that differ, as plan files name them.
    pub fields: Vec<&'static str>,
}

impl PlanDiff {
    /// Whether no step differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl fmt::Display for PlanDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.removed {
            writeln!(f, "- {step}")?;
        }
        for step in &self.added {
            writeln!(f, "+ {step}")?;
        }
        for change in &self.changed {
            writeln!(f, "~ {}: {}", change.step, change.fields.join(", "))?;
        }
        Ok(())
    }
}

/// What changed from `old` to `new`, step by step.
#[must_use]
pub fn diff(old: &UpgradePlan, new: &UpgradePlan) -> PlanDiff {
    let steps = |plan: &UpgradePlan| -> BTreeMap<StepId, Step> {
        plan.steps()
            .map(|(_, step)| (step.id.clone(), step.clone()))
            .collect()
    };
    let (before, after) = (steps(old), steps(new));
    let missing_in = |plan: &UpgradePlan, other: &BTreeMap<StepId, Step>| {
        plan.steps()
            .map(|(_, step)| &step.id)
            .filter(|id| !other.contains_key(id))
            .cloned()
            .collect()
    };
    PlanDiff {
        added: missing_in(new, &before),
        removed: missing_in(old, &after),
        changed: new
            .steps()
            .filter_map(|(_, step)| {
                let fields = fields(before.get(&step.id)?, step);
                (!fields.is_empty()).then(|| ChangedStep {
                    step: step.id.clone(),
                    fields,
                })
            })
            .collect(),
    }
}

/// The fields in which two steps differ.
fn fields(old: &Step, new: &Step) -> Vec<&'static str> {
    [
        ("title", old.title != new.title),
        ("kind", old.kind != new.kind),
        ("subject", old.subject != new.subject),
        ("after", old.after != new.after),
        ("act", old.act != new.act),
        ("expects", old.expects != new.expects),
        ("keeps", old.keeps != new.keeps),
        ("passes", old.passes != new.passes),
        ("reaches", old.reaches != new.reaches),
        ("effect", old.effect != new.effect),
        ("timeout", old.timeout != new.timeout),
        ("stall", old.stall != new.stall),
        ("settle", old.settle != new.settle),
        ("resend", old.resend != new.resend),
        ("wayBack", old.way_back != new.way_back),
        ("assignee", old.assignee != new.assignee),
        ("shows", old.shows != new.shows),
        ("estimate", old.estimate != new.estimate),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
