//! Which application an object belongs to, and by which sign.

use super::field;
use refit_model::name::Key;
use refit_model::object::{Application, ApplicationSign, Owner};
use serde_json::Value;

/// The label by which Argo CD owns what it applies, where it is told so.
const ARGO_LABEL: &str = "argocd.argoproj.io/instance";

/// The annotation of Argo CD: `application:group/kind:namespace/name`.
const ARGO_TRACKING: &str = "argocd.argoproj.io/tracking-id";

/// The labels that Flux puts on what it applies.
const FLUX_LABELS: [&str; 2] = [
    "kustomize.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/name",
];

/// The application that the object's own labels and annotations name.
#[must_use]
pub fn signed(object: &Value) -> Option<Application> {
    let label = |name: &str| field::filled(object, &["metadata", "labels", name]);
    let annotation = |name: &str| field::annotation(object, name).filter(|text| !text.is_empty());
    let delivery = || {
        annotation(ARGO_TRACKING)
            .and_then(|text| text.split(':').next())
            .or_else(|| label(ARGO_LABEL))
            .or_else(|| FLUX_LABELS.iter().find_map(|name| label(name)))
    };
    let named = |name: &str, by| Application {
        // The limit of a label's value; an annotation may be longer.
        name: name.chars().take(63).collect(),
        by,
    };
    label("app.kubernetes.io/part-of")
        .map(|name| named(name, ApplicationSign::PartOf))
        .or_else(|| {
            label("app.kubernetes.io/name").map(|name| named(name, ApplicationSign::NameLabel))
        })
        .or_else(|| {
            annotation("meta.helm.sh/release-name")
                .map(|name| named(name, ApplicationSign::HelmRelease))
        })
        .or_else(|| delivery().map(|name| named(name, ApplicationSign::Delivery)))
}

/// The name for want of a better one: the namespace and the top owner that is
/// known. A ReplicaSet is called after its Deployment and the template's hash.
#[must_use]
pub fn unsigned(key: &Key, owner: Option<&Owner>, pod: Option<&Value>) -> Application {
    // A mirror pod is owned by its node and called after it.
    if let Some(node) = owner.filter(|owner| owner.api.group.is_empty() && owner.api.kind == "Node")
    {
        let own = key.name.as_str();
        let without_node = own
            .strip_suffix(node.name.as_str())
            .and_then(|rest| rest.strip_suffix('-'))
            .filter(|rest| !rest.is_empty());
        return top_owner(key, without_node.unwrap_or(own));
    }
    let mut name = owner.map_or(key.name.as_str(), |owner| owner.name.as_str());
    let hash = pod.and_then(|pod| field::filled(pod, &["metadata", "labels", "pod-template-hash"]));
    if let (Some(hash), Some("ReplicaSet")) = (hash, owner.map(|owner| owner.api.kind.as_str()))
        && let Some(deployment) = name
            .strip_suffix(hash)
            .and_then(|rest| rest.strip_suffix('-'))
            .filter(|rest| !rest.is_empty())
    {
        name = deployment;
    }
    top_owner(key, name)
}

/// The application of a top owner called `name`, in the namespace of `key`.
#[must_use]
pub fn top_owner(key: &Key, name: &str) -> Application {
    Application {
        name: key.namespace.as_ref().map_or_else(
            || name.to_owned(),
            |namespace| format!("{namespace}/{name}"),
        ),
        by: ApplicationSign::TopOwner,
    }
}
