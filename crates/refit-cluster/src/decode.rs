//! One object of the API server's answer as what an upgrade needs to know of it.
//!
//! The decoding itself is that of `refit-sources`, so that a live cluster and a
//! dump of it give the same facts. What is added here is which object a failure
//! is about.

use crate::text;
use refit_model::budget::Budget;
use refit_model::kubernetes::{Node, Pod, Workload, WorkloadKey, WorkloadKind};
use refit_model::name::{Key, NodeName};
use refit_sources::kube::{self, Refused};
use serde_json::Value;

/// A decoder of one object.
pub(crate) type Decoder<T> = dyn Fn(&Value) -> Result<T, String> + Sync;

/// Which object cannot be understood, and why.
pub(crate) fn about(object: &Value, refused: &Refused) -> String {
    let field = |path| object.pointer(path).and_then(Value::as_str).unwrap_or("?");
    text::cut(&format!(
        "{} {}/{} cannot be understood: {refused}",
        field("/kind"),
        field("/metadata/namespace"),
        field("/metadata/name"),
    ))
}

pub(crate) fn node(object: &Value) -> Result<(NodeName, Node), String> {
    kube::node::node(object).map_err(|refused| about(object, &refused))
}

pub(crate) fn pod(object: &Value) -> Result<(Key, Pod), String> {
    kube::pod::pod(object).map_err(|refused| about(object, &refused))
}

pub(crate) fn budget(object: &Value) -> Result<(Key, Budget), String> {
    kube::budget::budget(object)
        .map(|budget| (budget.key.clone(), budget))
        .map_err(|refused| about(object, &refused))
}

pub(crate) fn workload(
    kind: WorkloadKind,
    object: &Value,
) -> Result<(WorkloadKey, Workload), String> {
    kube::workload::workload(kind, object).map_err(|refused| about(object, &refused))
}
