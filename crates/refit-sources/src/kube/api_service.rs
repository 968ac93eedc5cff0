//! Aggregated APIs: who answers for one version of one API group.

use super::{Refused, field, webhook};
use refit_model::kubernetes::ApiService;
use refit_model::name::ObjectName;
use serde_json::Value;

/// A condition's message may be as long as its writer likes; a sentence of it
/// is enough to know where to look.
const LONGEST_MESSAGE: usize = 200;

/// What an upgrade needs to know of an `APIService`.
///
/// Those that the API server answers for itself have no `spec.service`.
///
/// # Errors
/// When the object, or the Service that it names, has no usable name.
pub fn api_service(object: &Value) -> Result<(ObjectName, ApiService), Refused> {
    let name = field::name(object)?;
    let spec = |key: &str| {
        field::text(object, &["spec", key])
            .unwrap_or_default()
            .to_owned()
    };
    let available = field::list(object, &["status", "conditions"])
        .iter()
        .find(|condition| field::text(condition, &["type"]) == Some("Available"));
    let because = available.map_or_else(String::new, |condition| {
        let text = |key: &str| field::text(condition, &[key]).unwrap_or_default();
        let said = format!("{}: {}", text("reason"), text("message"));
        said.trim_matches([':', ' '])
            .chars()
            .take(LONGEST_MESSAGE)
            .collect()
    });
    let service = field::at(object, &["spec"]).map_or(Ok(None), webhook::service_of)?;
    Ok((
        name,
        ApiService {
            group: spec("group"),
            version: spec("version"),
            service,
            available: field::condition(object, "Available"),
            because,
        },
    ))
}
