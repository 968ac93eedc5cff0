//! Which steps a plan needs.
//!
//! A step that changes state is left out when what it reaches holds already. A
//! step that serves another one is left out with it; a step that undoes another
//! one is there when that one is, or when what it undoes is still in place.
//! What cannot be decided, because it was not seen, is not decided.

use refit_model::condition::{Judgement, judge_all};
use refit_model::name::StepId;
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::template::StepTemplate;

/// Whether a step belongs into the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It does.
    Needed,
    /// It does not, and why.
    Spared(String),
    /// It cannot be told, and what was not seen.
    Open(String),
}

/// A step of a template together with what it became for one subject.
pub(crate) struct Draft<'t> {
    /// As the template has it.
    pub(crate) template: &'t StepTemplate,
    /// As the plan would have it; absent when a parameter leaves it out.
    pub(crate) step: Result<Step, String>,
}

/// Whether each of `drafts` is needed; the steps that `serves` and `undoes`
/// name are known to exist.
pub(crate) fn needs(drafts: &[Draft<'_>], snapshot: &Snapshot) -> Vec<Need> {
    (0..drafts.len())
        .map(|index| need(index, drafts, snapshot, drafts.len()))
        .collect()
}

/// `depth` bounds the way along `serves` and `undoes`, which may go round in a
/// circle: then nothing on it is needed for itself.
fn need(index: usize, drafts: &[Draft<'_>], snapshot: &Snapshot, depth: usize) -> Need {
    let (Some(draft), Some(depth)) = (drafts.get(index), depth.checked_sub(1)) else {
        return Need::Spared("it serves nothing but itself".to_owned());
    };
    let step = match &draft.step {
        Ok(step) => step,
        Err(why) => return Need::Spared(why.clone()),
    };
    let of = |id: &StepId| {
        drafts
            .iter()
            .position(|other| other.template.id == *id)
            .map_or_else(
                || Need::Spared(format!("there is no step {id}")),
                |other| need(other, drafts, snapshot, depth),
            )
    };
    let own = || own_need(step, snapshot);
    if let Some(id) = &draft.template.undoes {
        return match of(id) {
            Need::Spared(why) if !step.changes_state() => Need::Spared(why),
            Need::Spared(_) => own(),
            other @ (Need::Needed | Need::Open(_)) => other,
        };
    }
    // Needed for any of the steps that it serves; else what was not seen of one
    // of them decides, and only then what leaves all of them out.
    let mut spared = None;
    let mut open = None;
    for id in draft.template.serves.steps() {
        match of(id) {
            Need::Needed => return own(),
            Need::Open(why) => open = open.or(Some(Need::Open(why))),
            Need::Spared(why) => {
                spared = Some(Need::Spared(format!(
                    "it is only there for {id}, which is left out: {why}"
                )));
            }
        }
    }
    open.or(spared).unwrap_or_else(own)
}

/// The need of a step for itself.
fn own_need(step: &Step, snapshot: &Snapshot) -> Need {
    // Whether a check, a copy or a notice took place is decided by the journal
    // of the run, not by the landscape.
    if !step.changes_state() || step.reaches.is_empty() {
        return Need::Needed;
    }
    match judge_all(&step.reaches, snapshot) {
        Judgement::Holds(why) => Need::Spared(why),
        Judgement::Fails(_) => Need::Needed,
        Judgement::Unknown(why) => Need::Open(why),
    }
}
