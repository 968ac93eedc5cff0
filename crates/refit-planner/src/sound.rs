//! Everything about a template that can be told without a landscape.

use crate::error::{PlanError, TemplateProblem};
use crate::order;
use crate::soundness::{check_names, stage_order, step_pairs, unsound};
use crate::vocabulary::{of_subject, shared};
use refit_model::duration::Seconds;
use refit_model::template::{
    AppliesTo, OncePer, Pattern, StageTemplate, StepTemplate, UpgradeTemplate,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest time-out that is taken seriously: the longest that any node
/// upgrader lets people set for a drain (AKS, 24 hours).
const LONGEST: Seconds = Seconds::minutes(24 * 60);

/// Checks all of a template that can be checked without a landscape: names,
/// orders, times, and that something fills every placeholder.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn sound(template: &UpgradeTemplate) -> Result<(), PlanError> {
    check_names(template)?;
    stage_order(template)?;
    // An overlay may take the last step of a stage out, and others come after it.
    if template.stages.iter().all(|stage| stage.steps.is_empty()) {
        return Err(unsound(template, "stages", TemplateProblem::NoSteps));
    }
    let mut known = shared(template);
    if let AppliesTo::Project { name, .. } = &template.applies_to {
        Texts::of(template, "appliesTo", &known).text(name)?;
    }
    for fact in &template.facts {
        let at = format!("fact {}, look", fact.name);
        Texts::of(template, &at, &known).all(&fact.look.0)?;
    }
    let everywhere = known.len();
    for stage in &template.stages {
        known.truncate(everywhere);
        check_stage(template, stage, &known)?;
        let more = of_subject(&stage.once_per).iter();
        known.extend(more.map(|name| (*name).to_owned()));
        let at = format!("stage {}", stage.id);
        Texts::of(template, &format!("{at}, title"), &known).text(&stage.title)?;
        for step in &stage.steps {
            check_step(template, &format!("{at}, step {}", step.id), step, &known)?;
        }
    }
    Ok(())
}

/// What is decided of a stage before its subjects are known.
fn check_stage(
    template: &UpgradeTemplate,
    stage: &StageTemplate,
    known: &[String],
) -> Result<(), PlanError> {
    let at = format!("stage {}", stage.id);
    let pairs = step_pairs(&stage.steps);
    if let Err(index) = order::stable(stage.steps.len(), &pairs) {
        let step = stage.steps.get(index);
        let step = step.map_or_else(String::new, |step| format!(", step {}", step.id));
        return Err(unsound(template, at + &step, TemplateProblem::Cycle));
    }
    let place = format!("{at}, when");
    Texts::of(template, &place, known).names_of(&stage.when)?;
    let place = format!("{at}, oncePer");
    let texts = Texts::of(template, &place, known);
    match &stage.once_per {
        OncePer::Each { of, .. } => texts.name(of),
        OncePer::Role {
            profile, deployed, ..
        } => {
            texts.text(profile)?;
            texts.text(deployed)
        }
        OncePer::Cluster | OncePer::Node(_) | OncePer::Application { .. } | OncePer::Pool => Ok(()),
    }
}

fn check_step(
    template: &UpgradeTemplate,
    at: &str,
    step: &StepTemplate,
    known: &[String],
) -> Result<(), PlanError> {
    check_times(template, at, step)?;
    let Value::Object(fields) = serde_json::to_value(step).map_err(PlanError::Seal)? else {
        return Ok(());
    };
    for (field, value) in &fields {
        let place = format!("{at}, {field}");
        let texts = Texts::of(template, &place, known);
        match field.as_str() {
            "when" => texts.names_of(&step.when)?,
            // A note may quote a page, and pages write `${NAME}` for what a shell fills.
            "notes" => texts.quoting().all(value)?,
            _ => texts.all(value)?,
        }
    }
    Ok(())
}

/// Times that can be read, are some, and are not beyond all use.
fn check_times(template: &UpgradeTemplate, at: &str, step: &StepTemplate) -> Result<(), PlanError> {
    let wrong = |field: &str, problem| Err(unsound(template, format!("{at}, {field}"), problem));
    let patterns = [
        ("timeout", Some(&step.timeout)),
        ("stall", step.stall.as_ref()),
    ];
    for (field, pattern) in patterns {
        let Some(Pattern(value)) = pattern else {
            continue;
        };
        let Some(text) = value.as_str() else {
            return wrong(field, TemplateProblem::NoTime(value.to_string()));
        };
        if text.contains("{{") {
            continue;
        }
        match text.parse::<Seconds>() {
            Err(_) => return wrong(field, TemplateProblem::NoTime(value.to_string())),
            Ok(time) if time == Seconds::new(0) || time > LONGEST => {
                return wrong(field, TemplateProblem::UselessTime(time, LONGEST));
            }
            Ok(_) => {}
        }
    }
    let settle = step.settle;
    if settle.samples == 0 || settle.every == Seconds::new(0) {
        return wrong("settle", TemplateProblem::NoLook);
    }
    match step.resend {
        Some(every) if every == Seconds::new(0) => {
            wrong("resend", TemplateProblem::UselessTime(every, LONGEST))
        }
        Some(_) | None => Ok(()),
    }
}

/// What a `${NAME}` is taken for where no placeholder is called so.
#[derive(Clone, Copy)]
enum Dollars {
    /// A placeholder that somebody wrote in another way.
    Placeholders,
    /// Something that is quoted.
    Quotes,
}

/// The texts of one place of a template.
#[derive(Clone, Copy)]
struct Texts<'a> {
    template: &'a UpgradeTemplate,
    at: &'a str,
    known: &'a [String],
    dollars: Dollars,
}

impl<'a> Texts<'a> {
    const fn of(template: &'a UpgradeTemplate, at: &'a str, known: &'a [String]) -> Self {
        Self {
            template,
            at,
            known,
            dollars: Dollars::Placeholders,
        }
    }

    const fn quoting(self) -> Self {
        Self {
            dollars: Dollars::Quotes,
            ..self
        }
    }

    /// Something fills every placeholder in all texts of `value`.
    fn all(self, value: &Value) -> Result<(), PlanError> {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().try_for_each(|item| self.all(item)),
            Value::Object(map) => map.values().try_for_each(|item| self.all(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn text(self, text: &str) -> Result<(), PlanError> {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                let open = TemplateProblem::OpenPlaceholder(text.chars().take(64).collect());
                return Err(unsound(self.template, self.at, open));
            };
            self.name(name.trim())?;
            rest = after;
        }
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            self.dollar(name.trim())?;
            rest = after;
        }
        Ok(())
    }

    fn dollar(self, name: &str) -> Result<(), PlanError> {
        let is_known = self.known.iter().any(|known| known == name);
        match self.dollars {
            Dollars::Quotes if !is_known => Ok(()),
            Dollars::Quotes | Dollars::Placeholders => {
                let name = name.chars().take(64).collect();
                Err(unsound(
                    self.template,
                    self.at,
                    TemplateProblem::Dollar(name),
                ))
            }
        }
    }

    /// Something fills `name`.
    fn name(self, name: &str) -> Result<(), PlanError> {
        if self.known.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(unsound(
            self.template,
            self.at,
            TemplateProblem::UnknownPlaceholder {
                name: name.chars().take(64).collect(),
                known: self.known.to_vec(),
            },
        ))
    }

    /// Something fills each of these names, and every placeholder in the texts
    /// beside them.
    fn names_of(self, texts: &BTreeMap<String, String>) -> Result<(), PlanError> {
        for (name, text) in texts {
            self.name(name)?;
            self.text(text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use refit_model::name::StageId;
    use serde_json::json;

    /// A template of one stage for each node; `changes` are merged into its step.
    fn template(changes: Value) -> UpgradeTemplate {
        let mut step = json!({
            "id": "look", "title": "Look at {{node}}", "kind": "check", "timeout": "5m",
            "wayBack": "nothingToUndo", "shows": "{{parameters.who}} looks at {{cluster}}.",
        });
        step.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        serde_json::from_value(json!({
            "apiVersion": "refit.dev/v1alpha1", "kind": "UpgradeTemplate",
            "metadata": {"name": "a/b", "revision": 1, "title": "t", "description": "d"},
            "appliesTo": {"cluster": {"distribution": "kubeadm", "hop": "patch"}},
            "parameters": [{"name": "who", "description": "who looks"}],
            "stages": [
                {"id": "nodes", "title": "Node {{node}}", "oncePer": {"node": "workers"}, "steps": [step]},
            ],
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(changes: Value, expected: Result<(), &str>) {
        let said = sound(&template(changes)).map_err(|error| error.to_string());
        match (said, expected) {
            (Ok(()), Ok(())) => {}
            (Err(said), Err(wanted)) => assert!(said.contains(wanted), "{said}"),
            (said, expected) => panic!("{said:?}, not {expected:?}"),
        }
    }

    #[test]
    fn something_fills_every_placeholder() {
        check(json!({}), Ok(()));
        check(
            json!({"title": "Look at {{nod}}"}),
            Err("stage nodes, step look, title: nothing fills {{nod}} here"),
        );
        check(
            json!({"shows": "{{parameters.how}}"}),
            Err("{{parameters.how}}"),
        );
        check(json!({"shows": "{{facts.sum}}"}), Err("{{facts.sum}}"));
        // What another subject fills.
        check(json!({"shows": "{{pool}}"}), Err("{{pool}}"));
        check(
            json!({"shows": "{{node"}),
            Err("a placeholder is not closed"),
        );
        check(
            json!({"wayBack": {"byHand": "Open {{nodes}} again."}}),
            Err("step look, wayBack: nothing fills {{nodes}}"),
        );
        check(
            json!({"act": {"exec": {"run": ["look", "--at={{where}}"]}}}),
            Err("step look, act: nothing fills {{where}}"),
        );
        check(json!({"when": {"hop.sise": "minor"}}), Err("{{hop.sise}}"));
        check(json!({"when": {"hop.size": "minor"}}), Ok(()));
    }

    #[test]
    fn dollars_fill_nothing() {
        check(
            json!({"title": "Look at ${node}"}),
            Err("${node} is filled by nothing: a placeholder is written {{node}}"),
        );
        check(
            json!({"act": {"exec": {"run": ["look", "${HOME}"]}}}),
            Err("${HOME} is filled by nothing"),
        );
        check(json!({"notes": ["The page has ${VERSION} in it."]}), Ok(()));
        check(json!({"notes": ["It is about ${node}."]}), Err("${node}"));
    }

    #[test]
    fn times_are_of_use() {
        check(json!({"timeout": "24h"}), Ok(()));
        check(json!({"timeout": "{{parameters.who}}"}), Ok(()));
        check(
            json!({"timeout": "0s"}),
            Err("step look, timeout: 0s is no time that is of use; from 1s to 24h is"),
        );
        for (field, time) in [
            ("timeout", json!("-5m")),
            ("timeout", json!(5)),
            ("stall", json!("soon")),
        ] {
            check(
                json!({ field: time }),
                Err("is not a time such as 90s, 5m or 1h30m"),
            );
        }
        check(
            json!({"timeout": "9999h"}),
            Err("9999h is no time that is of use"),
        );
        check(json!({"stall": "0s"}), Err("step look, stall: 0s"));
        check(json!({"resend": "0s"}), Err("step look, resend: 0s"));
        check(
            json!({"settle": {"samples": 0, "every": "1s"}}),
            Err("step look, settle: at least one look"),
        );
    }

    #[test]
    fn there_is_something_to_do() {
        let mut none = template(json!({}));
        let mut more = none.stages[0].clone();
        more.id = StageId::new("more").unwrap();
        more.steps.clear();
        none.stages.push(more);
        assert!(sound(&none).is_ok());
        none.stages.remove(0);
        let said = sound(&none).unwrap_err().to_string();
        assert!(said.contains("stages: there is no step"), "{said}");
        none.stages.clear();
        let said = sound(&none).unwrap_err().to_string();
        assert!(said.contains("stages: there is no step"), "{said}");
    }
}
