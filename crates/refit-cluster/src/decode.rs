//! One object of the API server's answer as what an upgrade needs to know of it.
//!
//! The decoding itself is that of `refit-sources`, so that a live cluster and a
//! dump of it give the same facts. What is added here: which object a failure is
//! about, and what each object tells of API versions and of who built the cluster.

use crate::text;
use refit_model::budget::Budget;
use refit_model::kubernetes::{
    Definition, Distribution, Node, Pod, Service, Webhook, WebhookKey, WebhookKind, Workload,
    WorkloadKey, WorkloadKind,
};
use refit_model::name::{Key, NodeName, ObjectName};
use refit_model::object::{ApiUse, GroupVersionKind};
use refit_sources::kube::volume::LocalVolume;
use refit_sources::kube::{self, Refused};
use serde_json::Value;

/// What one object came to.
pub(crate) struct Decoded<T> {
    /// The thing it is.
    pub(crate) thing: T,
    /// The API versions, other than the one it was read at, that it was written
    /// through. The version that we asked for ourselves is no evidence.
    pub(crate) uses: Vec<ApiUse>,
    /// What it says of who built the cluster.
    pub(crate) mark: Option<Distribution>,
}

/// A decoder of one object.
pub(crate) type Decoder<T> = dyn Fn(&Value) -> Result<Decoded<T>, String> + Sync;

fn decoded<T>(object: &Value, thing: Result<T, Refused>) -> Result<Decoded<T>, String> {
    let thing = thing.map_err(|refused| about(object, &refused))?;
    Ok(Decoded {
        thing,
        uses: uses(object),
        mark: kube::distribution::mark(object),
    })
}

/// Which object cannot be understood, and why.
fn about(object: &Value, refused: &Refused) -> String {
    let field = |path| object.pointer(path).and_then(Value::as_str).unwrap_or("?");
    text::cut(&format!(
        "{} {}/{} cannot be understood: {refused}",
        field("/kind"),
        field("/metadata/namespace"),
        field("/metadata/name"),
    ))
}

fn uses(object: &Value) -> Vec<ApiUse> {
    let field = |path| object.pointer(path).and_then(Value::as_str);
    let api = field("/apiVersion")
        .zip(field("/kind"))
        .and_then(|(version, kind)| GroupVersionKind::from_api_version(version, kind).ok());
    let (Some(api), Ok(key)) = (api, kube::key(object)) else {
        return Vec::new();
    };
    let witnesses = kube::evidence::witnesses(&api, object);
    if witnesses.is_empty() {
        return Vec::new();
    }
    let application = kube::application::signed(object).unwrap_or_else(|| {
        let owner = kube::owner(object).ok().flatten();
        kube::application::unsigned(&key, owner.as_ref(), None)
    });
    witnesses
        .into_iter()
        .map(|witness| ApiUse {
            api: witness.api,
            object: key.clone(),
            tier: witness.tier,
            by: witness.by,
            application: application.clone(),
            location: None,
        })
        .collect()
}

pub(crate) fn node(object: &Value) -> Result<Decoded<(NodeName, Node)>, String> {
    decoded(object, kube::node::node(object))
}

pub(crate) fn pod(object: &Value) -> Result<Decoded<(Key, Pod)>, String> {
    decoded(object, kube::pod::pod(object))
}

/// A pod and the claims of its volumes.
pub(crate) type Claiming = ((Key, Pod), Vec<ObjectName>);

pub(crate) fn claiming_pod(object: &Value) -> Result<Decoded<Claiming>, String> {
    let pod = kube::pod::pod(object);
    decoded(
        object,
        pod.map(|pod| (pod, kube::pod::claims(object).collect())),
    )
}

/// The local volume that a PersistentVolume is, if it is one.
pub(crate) fn local_volume(object: &Value) -> Result<Decoded<Option<LocalVolume>>, String> {
    decoded(object, Ok(kube::volume::local(object)))
}

pub(crate) fn budget(object: &Value) -> Result<Decoded<(Key, Budget)>, String> {
    let budget = kube::budget::budget(object);
    decoded(object, budget.map(|budget| (budget.key.clone(), budget)))
}

pub(crate) fn workload(
    kind: WorkloadKind,
    object: &Value,
) -> Result<Decoded<(WorkloadKey, Workload)>, String> {
    decoded(object, kube::workload::workload(kind, object))
}

pub(crate) fn webhooks(
    kind: WebhookKind,
    object: &Value,
) -> Result<Decoded<Vec<(WebhookKey, Webhook)>>, String> {
    decoded(object, kube::webhook::webhooks(kind, object))
}

pub(crate) fn definition(object: &Value) -> Result<Decoded<(ObjectName, Definition)>, String> {
    decoded(object, kube::definition::definition(object))
}

pub(crate) fn service(object: &Value) -> Result<Decoded<(Key, Service)>, String> {
    decoded(object, kube::service::service(object))
}
