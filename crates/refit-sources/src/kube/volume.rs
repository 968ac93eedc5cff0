//! Volumes that bind a pod to a node.

use super::{field, node};
use refit_model::name::{Key, Namespace, ObjectName};
use serde_json::Value;

/// A volume that exists on one machine only, and the claim that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalVolume {
    /// The claim that the volume is bound to.
    pub claim: Key,
    /// The value of the hostname label of the only node that has it.
    pub hostname: String,
}

/// The volume, when it is bound and can be reached from one node alone.
///
/// Whatever its type, that is what a required node affinity says that names one
/// value of the hostname label.
#[must_use]
pub fn local(object: &Value) -> Option<LocalVolume> {
    let claim = field::at(object, &["spec", "claimRef"])?;
    let namespace = Namespace::new(field::text(claim, &["namespace"])?).ok()?;
    let name = ObjectName::new(field::text(claim, &["name"])?).ok()?;
    let terms = field::list(
        object,
        &["spec", "nodeAffinity", "required", "nodeSelectorTerms"],
    );
    let [term] = terms else {
        return None;
    };
    let hostname = field::list(term, &["matchExpressions"])
        .iter()
        .filter(|expression| {
            field::text(expression, &["key"]) == Some(node::HOSTNAME_LABEL)
                && field::text(expression, &["operator"]) == Some("In")
        })
        .find_map(|expression| match field::list(expression, &["values"]) {
            [one] => one.as_str(),
            _ => None,
        })?;
    Some(LocalVolume {
        claim: Key::namespaced(namespace, name),
        hostname: hostname.to_owned(),
    })
}
