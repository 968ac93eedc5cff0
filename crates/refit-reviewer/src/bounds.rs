//! Whether a plan looks before it changes the first thing, and after it has changed
//! the last one.

use crate::codes;
use crate::pen::Pen;
use refit_model::plan::UpgradePlan;
use refit_model::step::{Step, StepKind};

pub(crate) fn look(plan: &UpgradePlan, pen: &mut Pen) {
    let steps: Vec<&Step> = plan.steps().map(|(_, step)| step).collect();
    let changes = |step: &&Step| matters(step.kind);
    let (Some(first), Some(last)) = (
        steps.iter().position(changes),
        steps.iter().rposition(changes),
    ) else {
        return;
    };
    let looks = |part: Option<&[&Step]>| {
        let mut steps = part.into_iter().flatten();
        steps.any(|step| looks(step.kind) && can_fail(step))
    };
    if !looks(steps.get(..first)) {
        pen.fatal(
            &codes::NO_PREFLIGHT,
            steps.get(first).map(|step| &step.id),
            "nothing is looked at before it, and it is the first change",
        );
    }
    if !looks(steps.get(last..)) {
        pen.fatal(
            &codes::NOTHING_PROVEN,
            steps.get(last).map(|step| &step.id),
            "it is the last change, and nothing after it looks whether it worked",
        );
    }
}

/// Whether such a step brings the landscape nearer to where the plan goes. What is
/// cleared away afterwards was only needed on the way.
const fn matters(kind: StepKind) -> bool {
    match kind {
        StepKind::Act | StepKind::Edit => true,
        StepKind::Check
        | StepKind::Capture
        | StepKind::Backup
        | StepKind::Approve
        | StepKind::Notify
        | StepKind::Lock
        | StepKind::Wait
        | StepKind::Verify
        | StepKind::Cleanup
        | StepKind::Manual => false,
    }
}

const fn looks(kind: StepKind) -> bool {
    match kind {
        StepKind::Check | StepKind::Verify => true,
        StepKind::Act
        | StepKind::Edit
        | StepKind::Capture
        | StepKind::Backup
        | StepKind::Approve
        | StepKind::Notify
        | StepKind::Lock
        | StepKind::Wait
        | StepKind::Cleanup
        | StepKind::Manual => false,
    }
}

/// Whether the step can come out another way: it has something to see, or somebody
/// who sees it.
fn can_fail(step: &Step) -> bool {
    step.act.is_some() || !step.reaches.is_empty() || !step.expects.is_empty()
}
