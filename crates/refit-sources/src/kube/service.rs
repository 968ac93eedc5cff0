//! Services.

use super::{Refused, field};
use refit_model::kubernetes::Service;
use refit_model::name::Key;
use refit_model::selector::Selector;
use serde_json::Value;

/// What an upgrade needs to know of a Service.
///
/// # Errors
/// When the object has no usable name.
pub fn service(object: &Value) -> Result<(Key, Service), Refused> {
    let (namespace, name) = field::namespaced(object)?;
    let match_labels = field::texts(object, &["spec", "selector"]);
    let selector = (!match_labels.is_empty()).then_some(Selector {
        match_labels,
        match_expressions: Vec::new(),
    });
    Ok((Key::namespaced(namespace, name), Service { selector }))
}
