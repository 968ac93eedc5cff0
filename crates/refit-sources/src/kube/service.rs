//! Services.

use super::{Refused, field};
use refit_model::kubernetes::{LeadsTo, Service};
use refit_model::name::Key;
use refit_model::selector::Selector;
use serde_json::Value;
use std::collections::BTreeSet;

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
    let service = Service {
        selector,
        ports: ports(object),
        leads_to: match field::at(object, &["spec", "publishNotReadyAddresses"]) {
            Some(Value::Bool(true)) => LeadsTo::All,
            Some(_) | None => LeadsTo::Ready,
        },
    };
    Ok((Key::namespaced(namespace, name), service))
}

/// The ports that a caller can ask for. A name that stands for another leads to any.
fn ports(object: &Value) -> Option<BTreeSet<u16>> {
    if field::text(object, &["spec", "type"]) == Some("ExternalName") {
        return None;
    }
    let ports = field::list(object, &["spec", "ports"]);
    let ports: Option<BTreeSet<u16>> = ports
        .iter()
        .map(|port| u16::try_from(field::count(port, &["port"])?).ok())
        .collect();
    // A Service has one at least: where none is stated, nobody knows.
    ports.filter(|ports| !ports.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ports_and_whom_it_leads_to() {
        use LeadsTo::{All, Ready};
        for (spec, ports, leads_to) in [
            (
                json!({"ports": [{"port": 443}, {"port": 80}]}),
                Some(vec![80, 443]),
                Ready,
            ),
            (
                json!({"ports": [{"port": 443}], "publishNotReadyAddresses": true}),
                Some(vec![443]),
                All,
            ),
            (
                json!({"type": "ExternalName", "ports": [{"port": 443}]}),
                None,
                Ready,
            ),
            (json!({"ports": [{"port": "https"}]}), None, Ready),
            (json!({"publishNotReadyAddresses": false}), None, Ready),
        ] {
            let object = json!({"metadata": {"name": "a"}, "spec": spec});
            let (_, service) = service(&object).unwrap();
            let found = service
                .ports
                .map(|ports| ports.into_iter().collect::<Vec<_>>());
            assert_eq!((found, service.leads_to), (ports, leads_to), "{object}");
        }
    }
}
