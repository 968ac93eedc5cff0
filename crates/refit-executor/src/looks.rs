//! What is remembered between two looks and not recorded: a restarted process
//! begins to count anew.

use refit_model::name::StepId;
use std::collections::BTreeMap;

/// What is remembered of the looks at the steps under way.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    steps: BTreeMap<StepId, Look>,
    cursor: usize,
}

/// The looks at one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// When to look again; at once when absent.
    pub next: Option<jiff::Timestamp>,
    /// How many looks in a row have shown the end.
    pub in_a_row: u16,
}

/// What to remember after a decision.
#[derive(Clone, Debug, Default)]
pub struct LooksChange {
    /// Of which step, and what; nothing forgets it.
    pub step: Option<(StepId, Option<Look>)>,
    /// Every step before this place of the plan has begun.
    pub cursor: Option<usize>,
}

impl Looks {
    /// The looks at a step.
    #[must_use]
    pub fn at(&self, step: &StepId) -> Look {
        self.steps.get(step).copied().unwrap_or_default()
    }

    /// A place in the plan before which every step has begun.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Remembers what a decision said.
    pub fn take_in(&mut self, change: LooksChange) {
        match change.step {
            Some((step, Some(look))) => {
                self.steps.insert(step, look);
            }
            Some((step, None)) => {
                self.steps.remove(&step);
            }
            None => {}
        }
        if let Some(cursor) = change.cursor {
            self.cursor = cursor;
        }
    }
}
