//! What a template wants to know before a plan can be made.

use crate::error::{PlanError, TemplateProblem};
use crate::placeholder::{Fault, Filling, Fillings, Unread, fill};
use refit_model::look::{Look, answer};
use refit_model::seen::Unseen;
use refit_model::snapshot::Snapshot;
use refit_model::template::{Fact, UpgradeTemplate};
use serde_json::Value;

/// The looks that show what `template` wants to know, where `known` is.
pub(crate) fn asked(template: &UpgradeTemplate, known: &Fillings) -> Result<Vec<Look>, PlanError> {
    template
        .facts
        .iter()
        .map(|fact| look(template, fact, known))
        .collect()
}

fn look(template: &UpgradeTemplate, fact: &Fact, known: &Fillings) -> Result<Look, PlanError> {
    let unsound = |problem| PlanError::Template {
        template: template.metadata.name.clone(),
        at: format!("fact {}, look", fact.name),
        problem,
    };
    let value = fill(&fact.look.0, known).map_err(|fault| match fault {
        Fault::Problem(problem) => unsound(problem),
        Fault::Unread(Unread { what, .. }) => unsound(TemplateProblem::Unreadable(what)),
    })?;
    serde_json::from_value(value)
        .map_err(|error| unsound(TemplateProblem::Unreadable(error.to_string())))
}

/// What fills `{{facts.NAME}}`, for every fact of the template.
pub(crate) fn fillings(
    template: &UpgradeTemplate,
    known: &Fillings,
    snapshot: &Snapshot,
) -> Result<Fillings, PlanError> {
    let mut found = Fillings::new();
    let mut earlier = serde_json::Map::new();
    for fact in &template.facts {
        let look = look(template, fact, known)?;
        let read = match answer(&snapshot.looks, &look) {
            Err(why) => Err(why),
            Ok(shown) => shown
                .value_beside(&fact.is, &Value::Object(earlier.clone()))
                .map_err(|error| Unseen::Failed(format!("`{look}` does not tell it: {error}")))
                .and_then(|value| {
                    let filled = filling(&value).ok_or_else(|| {
                        Unseen::Failed(format!(
                            "`{look}` tells {value}, which is no text, number or list of texts"
                        ))
                    })?;
                    earlier.insert(fact.name.to_string(), value);
                    Ok(filled)
                }),
        };
        found.insert(
            format!("facts.{}", fact.name),
            read.map_err(|why| Unread {
                what: fact.description.clone(),
                why,
            }),
        );
    }
    Ok(found)
}

fn filling(value: &Value) -> Option<Filling> {
    match value {
        Value::String(text) => Some(Filling::Text(text.clone())),
        Value::Number(number) => Some(match number.as_u64().map(u32::try_from) {
            Some(Ok(number)) => Filling::Number(number),
            Some(Err(_)) | None => Filling::Text(number.to_string()),
        }),
        Value::Bool(truth) => Some(Filling::Text(truth.to_string())),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Filling::List),
        Value::Null | Value::Object(_) => None,
    }
}
