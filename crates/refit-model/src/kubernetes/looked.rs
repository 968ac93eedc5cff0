//! Which kinds were looked at as a whole, whatever is kept of their objects.

use crate::name::{NameError, ResourceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether objects were read with what tells who wrote them, and through which
/// version (`metadata.managedFields`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Writers {
    /// They were, or there are no such objects.
    Told,
    /// `kubectl` leaves that out unless it is asked for.
    LeftOut,
}

impl ResourceName {
    /// What `kubectl get` takes for `kind` of `group`.
    ///
    /// The plural is made as Kubernetes makes it where nobody states one
    /// (apimachinery v0.36.0, `pkg/api/meta/restmapper.go`,
    /// `UnsafeGuessKindToResource`); every built-in kind that an upgrade asks for
    /// is called so.
    ///
    /// # Errors
    /// When that is no name.
    pub fn of(group: &str, kind: &str) -> Result<Self, NameError> {
        let singular = kind.to_lowercase();
        let plural = if singular.ends_with("endpoints") {
            singular
        } else if singular.ends_with('s') {
            format!("{singular}es")
        } else if let Some(stem) = singular.strip_suffix('y') {
            format!("{stem}ies")
        } else {
            format!("{singular}s")
        };
        Self::new(if group.is_empty() {
            plural
        } else {
            format!("{plural}.{group}")
        })
    }

    /// The name without the group.
    #[must_use]
    pub fn plural(&self) -> &str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_called_as_kubectl_calls_them() {
        for (group, kind, expected) in [
            ("", "Pod", "pods"),
            ("", "Endpoints", "endpoints"),
            (
                "networking.k8s.io",
                "Ingress",
                "ingresses.networking.k8s.io",
            ),
            (
                "networking.k8s.io",
                "NetworkPolicy",
                "networkpolicies.networking.k8s.io",
            ),
            (
                "flowcontrol.apiserver.k8s.io",
                "PriorityLevelConfiguration",
                "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
            ),
        ] {
            let name = ResourceName::of(group, kind).unwrap();
            assert_eq!(name.as_str(), expected);
            assert!(expected.starts_with(name.plural()));
        }
        assert!(ResourceName::of("", "a b").is_err());
    }
}
