//! The parts that all Kubernetes objects of the example have in common.

use serde_json::{Value, json};

use crate::examples::identity::{number, uid};

/// The UID of the namespace `kube-system`, by which the cluster is known.
const CLUSTER: &str = "6f1d9c0e-4b7a-4c53-9a3e-0d2f6b8e41c7";

/// Sets one key of an object; does nothing to a value that is not an object.
pub(super) fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

/// Adds all keys of `more` to an object.
pub(super) fn extend(object: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        put(object, key, value.clone());
    }
}

/// The UID of an object.
pub(super) fn object_uid(kind: &str, namespace: Option<&str>, name: &str) -> String {
    if (kind, name) == ("Namespace", "kube-system") {
        CLUSTER.to_owned()
    } else {
        uid(&format!("{kind}/{}/{name}", namespace.unwrap_or_default()))
    }
}

/// Name, namespace, UID, resource version and time of creation.
pub(super) fn metadata(kind: &str, namespace: Option<&str>, name: &str, created: &str) -> Value {
    let key = format!("{kind}/{}/{name}", namespace.unwrap_or_default());
    let mut metadata = json!({
        "creationTimestamp": created,
        "name": name,
        "resourceVersion": (410_000_000 + number(&key, 9_000_000)).to_string(),
        "uid": object_uid(kind, namespace, name),
    });
    if let Some(namespace) = namespace {
        put(&mut metadata, "namespace", namespace.into());
    }
    metadata
}

/// The list `kubectl get -o yaml` prints.
pub(super) fn list(items: Vec<Value>) -> Value {
    json!({
        "apiVersion": "v1",
        "items": items,
        "kind": "List",
        "metadata": { "resourceVersion": "" },
    })
}

/// What Helm puts on everything it creates.
pub(super) fn helm_annotations(release: &str, namespace: &str) -> Value {
    json!({
        "meta.helm.sh/release-name": release,
        "meta.helm.sh/release-namespace": namespace,
    })
}

/// One entry of `managedFields`: who wrote `fields` last, through which version.
pub(super) fn writer(
    name: &str,
    operation: &str,
    version: &str,
    time: &str,
    fields: Value,
) -> Value {
    json!({
        "apiVersion": version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        "manager": name,
        "operation": operation,
        "time": time,
    })
}
