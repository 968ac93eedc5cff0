//! What changed between two plans, or between two templates.

use refit_model::plan::UpgradePlan;
use refit_model::template::UpgradeTemplate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What changed from one plan or template to another, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepDiff {
    /// The fields beside the steps that differ, as the files name them.
    pub whole: Vec<String>,
    /// The steps that only the new one has, in its order.
    pub added: Vec<String>,
    /// The steps that only the old one had, in its order.
    pub removed: Vec<String>,
    /// The steps that both have and that differ, in the new one's order.
    pub changed: Vec<ChangedStep>,
}

/// A step that both have and that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedStep {
    /// The step.
    pub step: String,
    /// The fields that differ, as the files name them.
    pub fields: Vec<String>,
}

impl StepDiff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for StepDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.whole.is_empty() {
            writeln!(f, "~ the whole: {}", self.whole.join(", "))?;
        }
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

/// What changed from `old` to `new`. That one was made from a later look than
/// the other goes without saying.
///
/// # Errors
/// Only when a step cannot be written as JSON, which is a defect.
pub fn diff(old: &UpgradePlan, new: &UpgradePlan) -> Result<StepDiff, serde_json::Error> {
    let whole = |plan: &UpgradePlan| -> Result<Map<String, Value>, serde_json::Error> {
        let spec = &plan.spec;
        let mut fields = written(&spec.made_from)?;
        fields.remove("snapshotTakenAt");
        fields.insert("cluster".to_owned(), serde_json::to_value(&spec.cluster)?);
        fields.insert("goal".to_owned(), serde_json::to_value(&spec.goal)?);
        fields.insert(
            "parameters".to_owned(),
            serde_json::to_value(&spec.parameters)?,
        );
        fields.insert(
            "governance".to_owned(),
            serde_json::to_value(&spec.governance)?,
        );
        Ok(fields)
    };
    let steps = |plan: &UpgradePlan| -> Result<Steps, serde_json::Error> {
        let steps = plan.steps();
        steps
            .map(|(_, step)| Ok((step.id.to_string(), written(step)?)))
            .collect()
    };
    Ok(compare(
        &whole(old)?,
        &whole(new)?,
        &steps(old)?,
        &steps(new)?,
    ))
}

/// What changed from one template to another.
///
/// # Errors
/// As [`diff`].
pub fn template_diff(
    old: &UpgradeTemplate,
    new: &UpgradeTemplate,
) -> Result<StepDiff, serde_json::Error> {
    let whole = |template: &UpgradeTemplate| {
        let mut fields = written(template)?;
        fields.remove("stages");
        for stage in &template.stages {
            let mut field = written(stage)?;
            field.remove("steps");
            fields.insert(format!("stage {}", stage.id), Value::Object(field));
        }
        Ok::<_, serde_json::Error>(fields)
    };
    let steps = |template: &UpgradeTemplate| -> Result<Steps, serde_json::Error> {
        let stages = template.stages.iter();
        stages
            .flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)))
            .map(|(stage, step)| Ok((format!("{}/{}", stage.id, step.id), written(step)?)))
            .collect()
    };
    Ok(compare(
        &whole(old)?,
        &whole(new)?,
        &steps(old)?,
        &steps(new)?,
    ))
}

/// The steps by name, in order.
type Steps = Vec<(String, Map<String, Value>)>;

fn compare(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    before: &Steps,
    after: &Steps,
) -> StepDiff {
    let missing_in = |steps: &Steps, others: &Steps| {
        let known: BTreeSet<_> = others.iter().map(|(name, _)| name).collect();
        let names = steps.iter().map(|(name, _)| name);
        names
            .filter(|name| !known.contains(name))
            .cloned()
            .collect()
    };
    let known: BTreeMap<_, _> = before.iter().map(|(name, step)| (name, step)).collect();
    let changed = after.iter().filter_map(|(name, step)| {
        let fields = differing(known.get(name)?, step);
        (!fields.is_empty()).then(|| ChangedStep {
            step: name.clone(),
            fields,
        })
    });
    StepDiff {
        whole: differing(old, new),
        added: missing_in(after, before),
        removed: missing_in(before, after),
        changed: changed.collect(),
    }
}

/// A value as the map that it is written as.
fn written<T: Serialize>(value: &T) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(value)?)
}

/// The names under which two maps differ.
fn differing(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differ = |name: &&String| old.get(*name) != new.get(*name);
    names.into_iter().filter(differ).cloned().collect()
}
