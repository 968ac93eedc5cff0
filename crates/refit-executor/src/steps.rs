//! The steps of a plan, by id and in order.

use refit_model::act::EffectClass;
use refit_model::name::StepId;
use refit_model::plan::{Stage, UpgradePlan};
use refit_model::step::{Step, StepKind};
use std::collections::BTreeMap;

/// The steps of a plan, by id and in order.
#[derive(Clone, Debug)]
pub struct Steps<'p> {
    in_order: Vec<(&'p Stage, &'p Step)>,
    by_id: BTreeMap<&'p StepId, usize>,
    pace: usize,
}

/// A plan that cannot be carried out at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// Two steps have one id.
    #[error("two steps of the plan are called {0}")]
    Twice(StepId),
    /// A step comes after one that is not there.
    #[error("step {step} comes after {after}, which is not in the plan")]
    Missing {
        /// The step.
        step: StepId,
        /// The step that it names.
        after: StepId,
    },
}

impl<'p> Steps<'p> {
    /// The steps of `plan`.
    ///
    /// # Errors
    /// [`StepsError`] when ids are not unique or name nothing.
    pub fn of(plan: &'p UpgradePlan) -> Result<Self, StepsError> {
        let in_order: Vec<_> = plan.steps().collect();
        let mut by_id = BTreeMap::new();
        for (place, (_, step)) in in_order.iter().enumerate() {
            if by_id.insert(&step.id, place).is_some() {
                return Err(StepsError::Twice(step.id.clone()));
            }
        }
        for (_, step) in &in_order {
            if let Some(after) = step.after.iter().find(|id| !by_id.contains_key(id)) {
                return Err(StepsError::Missing {
                    step: step.id.clone(),
                    after: after.clone(),
                });
            }
        }
        Ok(Self {
            in_order,
            by_id,
            // A pace of nothing would be a plan that never starts.
            pace: usize::from(plan.spec.pace.max(1)),
        })
    }

    /// The step of this id.
    #[must_use]
    pub fn get(&self, id: &StepId) -> Option<&'p Step> {
        let place = self.by_id.get(id)?;
        self.in_order.get(*place).map(|(_, step)| *step)
    }

    /// The place of the step in the plan's order.
    #[must_use]
    pub fn place(&self, id: &StepId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The steps from `place` on, with their places.
    pub fn from(&self, place: usize) -> impl Iterator<Item = (usize, &'p Step)> + '_ {
        self.in_order
            .iter()
            .enumerate()
            .skip(place)
            .map(|(place, (_, step))| (place, *step))
    }

    /// The steps with their stages, in order.
    pub fn with_stages(&self) -> impl Iterator<Item = (&'p Stage, &'p Step)> + '_ {
        self.in_order.iter().copied()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.in_order.len()
    }

    /// How many may be under way at once, at least one.
    #[must_use]
    pub const fn pace(&self) -> usize {
        self.pace
    }
}

/// What a lost answer of the step's act means: what the step says, but never
/// safer than the act is by its nature.
#[must_use]
pub fn class_of(step: &Step) -> EffectClass {
    step.act
        .as_ref()
        .map_or(EffectClass::Read, |act| act.class().max(step.effect))
}

/// Whether the plan itself gives the step to a person.
#[must_use]
pub fn is_for_a_person(step: &Step) -> bool {
    match &step.act {
        Some(_) => class_of(step) == EffectClass::Human,
        None => match step.kind {
            StepKind::Approve | StepKind::Manual => true,
            StepKind::Check
            | StepKind::Capture
            | StepKind::Backup
            | StepKind::Edit
            | StepKind::Notify
            | StepKind::Lock
            | StepKind::Act
            | StepKind::Wait
            | StepKind::Verify
            | StepKind::Cleanup => false,
        },
    }
}
