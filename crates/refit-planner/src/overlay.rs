//! Overlays: what people change in a template before plans are made from it.

use refit_model::name::{ObjectName, StageId, StepId, TemplateName};
use refit_model::plan_overlay::{Change, PlanOverlay};
use refit_model::template::{Serves, StageTemplate, StepTemplate, UpgradeTemplate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// `template` with `overlay` laid over it.
///
/// What comes out is checked like any other template when a plan is made from
/// it; the reviewer judges the plan, whoever wrote its steps.
///
/// # Errors
/// When the overlay is for another template, or changes what is not there.
pub fn overlaid(
    template: &UpgradeTemplate,
    overlay: &PlanOverlay,
) -> Result<UpgradeTemplate, OverlayError> {
    let refuse = |change: Option<usize>, problem| OverlayError {
        overlay: overlay.name.clone(),
        change: change.map(|index| index.saturating_add(1)),
        problem,
    };
    if overlay.template != template.metadata.name {
        let problem = OverlayProblem::OtherTemplate {
            wanted: overlay.template.clone(),
            found: template.metadata.name.clone(),
        };
        return Err(refuse(None, problem));
    }
    let mut template = template.clone();
    for (index, change) in overlay.changes.iter().enumerate() {
        make(&mut template, change).map_err(|problem| refuse(Some(index), problem))?;
    }
    Ok(template)
}

/// An overlay that cannot be laid over a template.
#[derive(Debug, thiserror::Error)]
#[error("overlay {overlay} cannot be used{}", change.map_or_else(String::new, |change| format!(": change {change}")))]
pub struct OverlayError {
    /// The overlay.
    pub overlay: ObjectName,
    /// Which of its changes, counted from 1; the overlay itself when absent.
    pub change: Option<usize>,
    /// What is wrong.
    #[source]
    pub problem: OverlayProblem,
}

/// What is wrong with a change.
#[derive(Debug, thiserror::Error)]
pub enum OverlayProblem {
    /// It is for another template.
    #[error("it is for template {wanted}, and this is {found}")]
    OtherTemplate {
        /// The one that it is for.
        wanted: TemplateName,
        /// The one at hand.
        found: TemplateName,
    },
    /// There is no such stage.
    #[error("there is no stage {wanted}; there are {}", known.join(", "))]
    NoStage {
        /// What was named.
        wanted: StageId,
        /// What there is.
        known: Vec<String>,
    },
    /// There is no such step.
    #[error("there is no step {wanted} in stage {stage}; there are {}", known.join(", "))]
    NoStep {
        /// In which stage.
        stage: StageId,
        /// What was named.
        wanted: StepId,
        /// What there is.
        known: Vec<String>,
    },
    /// The name is taken.
    #[error("there is a {0} of this name already; edit that one")]
    Taken(String),
    /// A field that stays as it is.
    #[error("the field {0} cannot be changed by an overlay")]
    Fixed(&'static str),
    /// What came out is none.
    #[error("what comes out of the change does not read as it must")]
    Unreadable(#[source] serde_json::Error),
}

fn make(template: &mut UpgradeTemplate, change: &Change) -> Result<(), OverlayProblem> {
    match change {
        Change::AddStage { before, stage } => add_stage(template, before, stage),
        Change::AddStep { to, step } => {
            let stage = stage_of(template, to)?;
            if stage.steps.iter().any(|other| other.id == step.id) {
                return Err(OverlayProblem::Taken(format!("step {}", step.id)));
            }
            stage.steps.push(step.as_ref().clone());
            Ok(())
        }
        Change::EditStep { of, step, set } => {
            fixed(set, &["id"])?;
            let stage = stage_of(template, of)?;
            let place = place_of(stage, step)?;
            if let Some(step) = stage.steps.get_mut(place) {
                *step = merged(step, set)?;
            }
            Ok(())
        }
        Change::RemoveStep { of, step, .. } => {
            let stage = stage_of(template, of)?;
            place_of(stage, step)?;
            remove(&mut stage.steps, step);
            Ok(())
        }
        Change::EditStage { stage, set } => {
            fixed(set, &["id", "steps"])?;
            let stage = stage_of(template, stage)?;
            *stage = merged(stage, set)?;
            Ok(())
        }
    }
}

fn add_stage(
    template: &mut UpgradeTemplate,
    before: &[StageId],
    stage: &StageTemplate,
) -> Result<(), OverlayProblem> {
    if template.stages.iter().any(|other| other.id == stage.id) {
        return Err(OverlayProblem::Taken(format!("stage {}", stage.id)));
    }
    for then in before {
        stage_of(template, then)?.after.push(stage.id.clone());
    }
    template.stages.push(stage.clone());
    Ok(())
}

/// Takes a step out, with those that are there for it alone. What came after it
/// comes after what came before it.
fn remove(steps: &mut Vec<StepTemplate>, id: &StepId) {
    let Some(place) = steps.iter().position(|step| step.id == *id) else {
        return;
    };
    let gone = steps.remove(place);
    let mut orphans = Vec::new();
    for step in steps.iter_mut() {
        if step.before.contains(&gone.id) {
            replace(&mut step.before, &gone.id, &gone.before);
        }
        if step.after.contains(&gone.id) {
            replace(&mut step.after, &gone.id, &gone.after);
        }
        if gone.before.contains(&step.id) {
            // The order that the step itself asked for.
            for first in &gone.after {
                if !step.after.contains(first) {
                    step.after.push(first.clone());
                }
            }
        }
        let serves = step.serves.steps();
        // What serves others too goes on doing that.
        let left: Vec<StepId> = serves
            .iter()
            .filter(|id| **id != gone.id)
            .cloned()
            .collect();
        let is_orphan = left.is_empty() && !serves.is_empty();
        if is_orphan || step.undoes.as_ref() == Some(&gone.id) {
            orphans.push(step.id.clone());
        } else if left.len() < serves.len() {
            step.serves = Serves::AnyOf(left);
        }
    }
    for orphan in orphans {
        remove(steps, &orphan);
    }
}

fn replace(ids: &mut Vec<StepId>, gone: &StepId, by: &[StepId]) {
    ids.retain(|id| id != gone);
    for id in by {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
}

fn stage_of<'t>(
    template: &'t mut UpgradeTemplate,
    id: &StageId,
) -> Result<&'t mut StageTemplate, OverlayProblem> {
    let known = || template.stages.iter().map(|stage| stage.id.to_string());
    let Some(place) = template.stages.iter().position(|stage| stage.id == *id) else {
        return Err(OverlayProblem::NoStage {
            wanted: id.clone(),
            known: known().collect(),
        });
    };
    let known = known().collect();
    template
        .stages
        .get_mut(place)
        .ok_or_else(|| OverlayProblem::NoStage {
            wanted: id.clone(),
            known,
        })
}

fn place_of(stage: &StageTemplate, id: &StepId) -> Result<usize, OverlayProblem> {
    let mut steps = stage.steps.iter();
    steps
        .position(|step| step.id == *id)
        .ok_or_else(|| OverlayProblem::NoStep {
            stage: stage.id.clone(),
            wanted: id.clone(),
            known: stage.steps.iter().map(|step| step.id.to_string()).collect(),
        })
}

/// Refuses a change of a field by which others name the thing.
fn fixed(set: &Map<String, Value>, fields: &[&'static str]) -> Result<(), OverlayProblem> {
    match fields.iter().find(|field| set.contains_key(**field)) {
        Some(field) => Err(OverlayProblem::Fixed(field)),
        None => Ok(()),
    }
}

/// `value` with the fields of `set`, as RFC 7396 merges them.
fn merged<T: Serialize + DeserializeOwned>(
    value: &T,
    set: &Map<String, Value>,
) -> Result<T, OverlayProblem> {
    let mut written = serde_json::to_value(value).map_err(OverlayProblem::Unreadable)?;
    json_patch::merge(&mut written, &Value::Object(set.clone()));
    serde_json::from_value(written).map_err(OverlayProblem::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// One stage `s` with the steps `a`, `b` after `a`, `check` that serves `b`, and
    /// `c` after `b`; another stage `t` after it.
    fn template() -> UpgradeTemplate {
        let step = |id: &str, more: Value| {
            let mut step = json!({
                "id": id, "title": id, "kind": "check", "timeout": "1m",
                "wayBack": "nothingToUndo", "shows": "-",
            });
            json_patch::merge(&mut step, &more);
            step
        };
        serde_json::from_value(json!({
            "apiVersion": "refit.dev/v1alpha1",
            "kind": "UpgradeTemplate",
            "metadata": {"name": "t", "revision": 1, "title": "t", "description": "-"},
            "appliesTo": {"cluster": {"distribution": "kubeadm", "hop": "patch"}},
            "stages": [
                {"id": "s", "title": "s", "oncePer": "cluster", "steps": [
                    step("a", json!({})),
                    step("b", json!({"after": ["a"]})),
                    step("check", json!({"serves": "b", "before": ["b"], "after": ["a"]})),
                    step("c", json!({"after": ["b"]})),
                ]},
                {"id": "t", "title": "t", "oncePer": "cluster", "after": ["s"], "steps": []},
            ],
        }))
        .unwrap()
    }

    /// The template as one line: each stage with what it comes after, each step
    /// with what it comes after and its time-out where that was changed.
    fn told(template: &UpgradeTemplate) -> String {
        let stages = template.stages.iter().map(|stage| {
            let after: Vec<_> = stage.after.iter().map(ToString::to_string).collect();
            let steps = stage.steps.iter().map(|step| {
                let after: Vec<_> = step.after.iter().map(ToString::to_string).collect();
                let before: Vec<_> = step.before.iter().map(ToString::to_string).collect();
                let timeout = step.timeout.0.as_str().unwrap_or_default();
                let timeout = if timeout == "1m" {
                    String::new()
                } else {
                    format!(" {timeout}")
                };
                format!(
                    "{}<{}>{}{timeout}",
                    step.id,
                    after.join("+"),
                    before.join("+")
                )
            });
            let steps: Vec<_> = steps.collect();
            format!("{}<{}: {}", stage.id, after.join("+"), steps.join(" "))
        });
        stages.collect::<Vec<_>>().join("; ")
    }

    #[track_caller]
    fn check(changes: Value, expected: &str) {
        let overlay: PlanOverlay = serde_json::from_value(json!({
            "apiVersion": "refit.dev/v1alpha1", "kind": "PlanOverlay", "name": "ours",
            "template": "t", "reason": "because", "changes": changes,
        }))
        .unwrap();
        let said = match overlaid(&template(), &overlay) {
            Ok(template) => told(&template),
            Err(error) => match error.change {
                Some(change) => format!("{change}: {}", error.problem),
                None => error.problem.to_string(),
            },
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn changes() {
        check(json!([]), "s<: a<> b<a> check<a>b c<b>; t<s: ");
        let step = json!({
            "id": "d", "title": "d", "kind": "manual", "timeout": "2m", "after": ["c"],
            "wayBack": "nothingToUndo", "shows": "-",
        });
        check(
            json!([{"addStep": {"to": "s", "step": step}}]),
            "s<: a<> b<a> check<a>b c<b> d<c> 2m; t<s: ",
        );
        check(
            json!([{"editStep": {"of": "s", "step": "c", "set": {"timeout": "3m", "after": null}}}]),
            "s<: a<> b<a> check<a>b c<> 3m; t<s: ",
        );
        check(
            json!([{"addStage": {"before": ["t"], "stage":
                {"id": "n", "title": "n", "oncePer": "cluster", "after": ["s"], "steps": []}}}]),
            "s<: a<> b<a> check<a>b c<b>; t<s+n: ; n<s: ",
        );
        check(
            json!([{"editStage": {"stage": "t", "set": {"after": []}}}]),
            "s<: a<> b<a> check<a>b c<b>; t<: ",
        );
    }

    #[test]
    fn a_removed_step_leaves_the_order_and_takes_what_serves_it() {
        check(
            json!([{"removeStep": {"of": "s", "step": "b", "reason": "done elsewhere"}}]),
            "s<: a<> c<a>; t<s: ",
        );
        check(
            json!([{"removeStep": {"of": "s", "step": "check", "reason": "done elsewhere"}}]),
            "s<: a<> b<a> c<b>; t<s: ",
        );
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        check(
            json!([{"editStep": {"of": "x", "step": "c", "set": {}}}]),
            "1: there is no stage x; there are s, t",
        );
        check(
            json!([
                {"editStep": {"of": "s", "step": "c", "set": {}}},
                {"removeStep": {"of": "s", "step": "z", "reason": "-"}},
            ]),
            "2: there is no step z in stage s; there are a, b, check, c",
        );
        check(
            json!([{"editStep": {"of": "s", "step": "c", "set": {"id": "d"}}}]),
            "1: the field id cannot be changed by an overlay",
        );
        check(
            json!([{"editStep": {"of": "s", "step": "c", "set": {"timeuot": "1m"}}}]),
            "1: what comes out of the change does not read as it must",
        );
    }
}
