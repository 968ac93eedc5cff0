//! The remarks on one guide, as many as are told.

use refit_model::lint::{Gravity, Remark};

/// The most remarks of one gravity on one guide: a page with more is no guide, and
/// each remark carries a part of its line.
pub(super) const MOST_REMARKS: usize = 1000;

/// So many cautions that are not told end the looking: a defect behind them is
/// worth it, but not without end.
const MOST_UNTOLD: usize = 10_000;

/// The remarks on one guide. Each gravity has a room of its own, so that cautions
/// take none from defects.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    defects: Vec<Remark>,
    cautions: Vec<Remark>,
    untold: usize,
}

impl Remarks {
    pub(super) fn push(&mut self, remark: Remark) {
        let room = match remark.gravity {
            Gravity::Defect => &mut self.defects,
            Gravity::Caution => &mut self.cautions,
        };
        if room.len() < MOST_REMARKS {
            room.push(remark);
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// Takes remarks as long as there is room; those behind are not even made.
    pub(super) fn extend(&mut self, remarks: impl IntoIterator<Item = Remark>) {
        let mut remarks = remarks.into_iter();
        while !self.is_full() {
            let Some(remark) = remarks.next() else {
                return;
            };
            self.push(remark);
        }
    }

    /// Whether there is nothing to gain from looking on.
    pub(super) const fn is_full(&self) -> bool {
        self.defects.len() >= MOST_REMARKS || self.untold >= MOST_UNTOLD
    }

    /// The remarks in the order of the page, and how many more there were.
    pub(super) fn finish(mut self) -> (Vec<Remark>, usize) {
        let mut all = self.defects;
        all.append(&mut self.cautions);
        all.sort_by_key(|remark| (remark.line, remark.column, remark.code));
        all.dedup();
        (all, self.untold)
    }
}
