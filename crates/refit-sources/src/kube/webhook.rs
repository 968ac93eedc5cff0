//! Admission webhooks.

use super::{Refused, field};
use refit_model::kubernetes::{FailurePolicy, Webhook, WebhookKey, WebhookKind};
use refit_model::name::{Key, Namespace, ObjectName};
use serde_json::Value;

/// The most combinations of operations, groups, versions and resources that the
/// rules of one webhook may spell out; those of a real one spell out a handful.
const MOST_RULES: usize = 1024;

/// The webhooks of one configuration.
///
/// # Errors
/// When the configuration or one of its webhooks has no usable name, or more
/// rules than can be kept: with a part of them, a webhook would look harmless.
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
    let spelled = field::list(webhook, &["rules"]).iter().flat_map(rule);
    let rules: Vec<String> = spelled.take(MOST_RULES + 1).collect();
    if rules.len() > MOST_RULES {
        return Err(Refused {
            field: "webhooks.rules",
            why: format!("spells out more than {MOST_RULES} combinations"),
        });
    }
    Ok(Webhook {
        failure_policy,
        service: field::at(webhook, &["clientConfig"]).map_or(Ok(None), service_of)?,
        port: field::count(webhook, &["clientConfig", "service", "port"])
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(443),
        rules,
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn more_rules_than_can_be_kept_are_refused_and_not_cut() {
        let check = |resources: usize, is_read: bool| {
            let names: Vec<String> = (0..resources).map(|number| format!("r{number}")).collect();
            let object = json!({"metadata": {"name": "w"}, "webhooks": [{
                "name": "w.example.com",
                "rules": [{
                    "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                    "resources": names,
                }],
            }]});
            let read = webhooks(WebhookKind::Validating, &object);
            assert_eq!(read.is_ok(), is_read, "{resources}: {read:?}");
        };
        check(MOST_RULES, true);
        check(MOST_RULES + 1, false);
    }
}
