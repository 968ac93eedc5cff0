//! What people set for a plan.

use crate::error::{ParameterProblem, PlanError};
use crate::placeholder::{Filling, Fillings};
use refit_model::name::ParameterName;
use refit_model::template::UpgradeTemplate;
use refit_model::visible::hidden;
use std::collections::BTreeMap;

/// The longest value of a parameter: it ends up in titles and messages.
const MAX_PARAMETER: usize = 1000;

/// The parameters of `template` with their defaults, each checked.
///
/// # Errors
/// [`PlanError::Parameter`] for one that is missing, unknown or unfit.
pub fn parameters(
    template: &UpgradeTemplate,
    given: &BTreeMap<ParameterName, String>,
) -> Result<BTreeMap<ParameterName, String>, PlanError> {
    let refuse = |name: &ParameterName, problem| {
        Err(PlanError::Parameter {
            name: name.clone(),
            problem,
        })
    };
    for name in given.keys() {
        if template.parameters.iter().all(|known| known.name != *name) {
            let known = template
                .parameters
                .iter()
                .map(|known| known.name.to_string())
                .collect();
            return refuse(name, ParameterProblem::Unknown { known });
        }
    }
    let mut found = BTreeMap::new();
    for parameter in &template.parameters {
        let set = given.get(&parameter.name);
        let Some(value) = set.or(parameter.default.as_ref()) else {
            let others = template
                .parameters
                .iter()
                .filter(|other| {
                    other.name != parameter.name
                        && other.default.is_none()
                        && !given.contains_key(&other.name)
                })
                .map(|other| other.name.to_string())
                .collect();
            return refuse(&parameter.name, ParameterProblem::Missing { others });
        };
        if value.chars().count() > MAX_PARAMETER || hidden(value).is_some() {
            return refuse(
                &parameter.name,
                ParameterProblem::Unprintable {
                    limit: MAX_PARAMETER,
                },
            );
        }
        if !parameter.one_of.is_empty() && !parameter.one_of.contains(value) {
            return refuse(
                &parameter.name,
                ParameterProblem::NotOneOf {
                    value: value.clone(),
                    one_of: parameter.one_of.clone(),
                },
            );
        }
        if !parameter.r#type.admits(value) {
            return refuse(
                &parameter.name,
                ParameterProblem::NotOfType {
                    value: value.clone(),
                    wanted: parameter.r#type.words(),
                },
            );
        }
        found.insert(parameter.name.clone(), value.clone());
    }
    Ok(found)
}

/// What fills `{{parameters.NAME}}`.
pub(crate) fn fillings(parameters: &BTreeMap<ParameterName, String>) -> Fillings {
    parameters
        .iter()
        .map(|(name, value)| {
            (
                format!("parameters.{name}"),
                Ok(Filling::Text(value.clone())),
            )
        })
        .collect()
}
