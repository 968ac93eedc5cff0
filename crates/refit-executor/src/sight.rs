//! What one look at a step's part of the landscape shows, as the core needs it.

use crate::steps::is_for_a_person;
use refit_model::condition::{Judgement, judge_all};
use refit_model::snapshot::Snapshot;
use refit_model::standing::{Standing, standing};
use refit_model::step::Step;

/// What one look shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The end is there.
    End(String),
    /// All that can be observed is as it should be, and the rest is a person's.
    ForAPerson(String),
    /// The end is not there, or not seen.
    NotYet(Standing),
}

/// Looks at `step` in `snapshot`.
#[must_use]
pub fn sight(step: &Step, snapshot: &Snapshot) -> Sight {
    match standing(step, snapshot) {
        Standing::Done(why) => Sight::End(why),
        Standing::Ready(left) if step.act.is_none() => without_act(step, snapshot, left),
        other @ (Standing::Ready(_)
        | Standing::Underway(_)
        | Standing::Unseen(_)
        | Standing::Diverged(_)) => Sight::NotYet(other),
    }
}

/// A step that only looks, and whose expectations hold.
fn without_act(step: &Step, snapshot: &Snapshot, left: String) -> Sight {
    if is_for_a_person(step) {
        return Sight::ForAPerson(step.shows.clone());
    }
    if !step.reaches.is_empty() {
        return Sight::NotYet(Standing::Ready(left));
    }
    if step.expects.is_empty() && step.keeps.is_empty() {
        return Sight::ForAPerson(format!(
            "{}: nothing in the plan shows whether it is done",
            step.title
        ));
    }
    let held: Vec<_> = step.expects.iter().chain(&step.keeps).cloned().collect();
    match judge_all(&held, snapshot) {
        Judgement::Holds(why) => Sight::End(why),
        Judgement::Fails(why) => Sight::NotYet(Standing::Diverged(why)),
        Judgement::Unknown(why) => Sight::NotYet(Standing::Unseen(why)),
    }
}

/// Whether what must be kept definitely is.
#[must_use]
pub fn keeps_hold(step: &Step, snapshot: &Snapshot) -> bool {
    judge_all(&step.keeps, snapshot).holds()
}
