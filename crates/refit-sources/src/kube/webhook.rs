//! Admission webhooks.

use super::{Refused, field};
use refit_model::kubernetes::{FailurePolicy, Webhook, WebhookKey, WebhookKind};
use refit_model::name::{Key, Namespace, ObjectName};
use serde_json::Value;

/// The most combinations of one rule that are written out; a rule of a real
/// webhook has a handful.
const MOST_RULES: usize = 1024;

/// The webhooks of one configuration.
///
/// # Errors
/// When the configuration or one of its webhooks has no usable name.
pub fn webhooks(kind: WebhookKind, object: &Value) -> Result<Vec<(WebhookKey, Webhook)>, Refused> {
    let configuration = field::name(object)?;
    let is_old =
        field::text(object, &["apiVersion"]) == Some("admissionregistration.k8s.io/v1beta1");
    field::list(object, &["webhooks"])
        .iter()
        .map(|webhook| {
            let name = field::text(webhook, &["name"]).unwrap_or_default();
            let name = ObjectName::new(name).map_err(|error| Refused {
                field: "webhooks.name",
                why: error.rule.to_owned(),
            })?;
            let key = WebhookKey {
                kind,
                configuration: configuration.clone(),
                name,
            };
            Ok((key, read(webhook, is_old)?))
        })
        .collect()
}

/// The defaults are those of the version: v1beta1 ignored failures and waited
/// 30 seconds, v1 refuses and waits 10.
fn read(webhook: &Value, is_old: bool) -> Result<Webhook, Refused> {
    let failure_policy = match field::text(webhook, &["failurePolicy"]) {
        Some("Ignore") => FailurePolicy::Ignore,
        Some(_) => FailurePolicy::Fail,
        None if is_old => FailurePolicy::Ignore,
        None => FailurePolicy::Fail,
    };
    Ok(Webhook {
        failure_policy,
        service: field::at(webhook, &["clientConfig"]).map_or(Ok(None), service_of)?,
        rules: field::list(webhook, &["rules"])
            .iter()
            .flat_map(rule)
            .take(MOST_RULES)
            .collect(),
        timeout_seconds: field::count(webhook, &["timeoutSeconds"]).unwrap_or(if is_old {
            30
        } else {
            10
        }),
    })
}

/// The Service in a `clientConfig`; `None` where it has a URL.
pub(super) fn service_of(client_config: &Value) -> Result<Option<Key>, Refused> {
    let Some(service) = field::at(client_config, &["service"]) else {
        return Ok(None);
    };
    let refuse = |error: refit_model::name::NameError| Refused {
        field: "clientConfig.service",
        why: error.to_string(),
    };
    let namespace = field::text(service, &["namespace"]).unwrap_or_default();
    let name = field::text(service, &["name"]).unwrap_or_default();
    Ok(Some(Key::namespaced(
        Namespace::new(namespace).map_err(refuse)?,
        ObjectName::new(name).map_err(refuse)?,
    )))
}

/// A rule as `operation group/version/resource`, each combination by itself.
fn rule(rule: &Value) -> impl Iterator<Item = String> {
    let texts = |name: &str| field::list(rule, &[name]).iter().filter_map(Value::as_str);
    texts("operations").flat_map(move |operation| {
        texts("apiGroups").flat_map(move |group| {
            texts("apiVersions").flat_map(move |version| {
                texts("resources")
                    .map(move |resource| format!("{operation} {group}/{version}/{resource}"))
            })
        })
    })
}
