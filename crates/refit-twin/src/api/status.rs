//! `Status` objects: what the server says when it does not show an object.

use crate::eviction::Verdict;
use refit_model::name::{Key, Namespace};
use serde_json::{Map, Value, json};

/// A status, before it is written as JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Status {
    pub(super) code: u16,
    reason: Option<&'static str>,
    message: Option<String>,
    details: Option<Value>,
    pub(super) retry_after: Option<u32>,
}

impl Status {
    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: Some(reason),
            message: Some(message.into()),
            details: None,
            retry_after: None,
        }
    }

    pub(super) const fn success(code: u16) -> Self {
        Self {
            code,
            reason: None,
            message: None,
            details: None,
            retry_after: None,
        }
    }

    pub(super) fn not_found(plural: &str, name: &str) -> Self {
        Self {
            details: Some(json!({"name": name, "kind": plural})),
            ..Self::new(404, "NotFound", format!("{plural} \"{name}\" not found"))
        }
    }

    /// For a group that is served, but not with this version or resource.
    pub(super) fn no_resource() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
    }

    pub(super) fn exists(plural: &str, name: &str) -> Self {
        Self {
            details: Some(json!({"name": name, "kind": plural})),
            ..Self::new(
                409,
                "AlreadyExists",
                format!("{plural} \"{name}\" already exists"),
            )
        }
    }

    pub(super) fn conflict(kind: &str, name: &str, why: &str) -> Self {
        Self {
            details: Some(json!({"name": name, "kind": kind})),
            ..Self::new(
                409,
                "Conflict",
                format!("Operation cannot be fulfilled on {kind} \"{name}\": {why}"),
            )
        }
    }

    pub(super) fn invalid(what: &str, name: &str, why: &str) -> Self {
        Self::new(
            422,
            "Invalid",
            format!("{what} \"{name}\" is invalid: {why}"),
        )
    }

    pub(super) fn hook_failed(why: &str) -> Self {
        Self {
            details: Some(json!({"causes": [{"message": why}]})),
            ..Self::new(
                500,
                "InternalError",
                format!("Internal error occurred: {why}"),
            )
        }
    }

    pub(super) fn namespace_terminating(plural: &str, name: &str, namespace: &str) -> Self {
        Self {
            details: Some(json!({
                "name": name,
                "kind": plural,
                "causes": [{
                    "reason": "NamespaceTerminating",
                    "message": format!("namespace {namespace} is being terminated"),
                    "field": "metadata.namespace",
                }],
            })),
            ..Self::new(
                403,
                "Forbidden",
                format!(
                    "{plural} \"{name}\" is forbidden: unable to create new content in namespace {namespace} because it is being terminated"
                ),
            )
        }
    }

    /// What the server says to an eviction.
    pub(super) fn of_verdict(verdict: &Verdict, pod: &Key) -> Self {
        let name = pod.name.as_str();
        match verdict {
            Verdict::Evicted => Self::success(201),
            Verdict::NotFound => Self::not_found("pods", name),
            Verdict::NamespaceTerminating => Self::namespace_terminating(
                "pods",
                name,
                pod.namespace.as_ref().map_or("", Namespace::as_str),
            ),
            Verdict::HookFailed(why) => Self::hook_failed(why),
            Verdict::SeveralBudgets => Self {
                reason: None,
                ..Self::new(
                    500,
                    "",
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                )
            },
            Verdict::Held {
                cause, retry_after, ..
            } => {
                let mut details = Map::new();
                details.insert(
                    "causes".to_owned(),
                    json!([{"reason": "DisruptionBudget", "message": cause}]),
                );
                if let Some(seconds) = retry_after {
                    details.insert("retryAfterSeconds".to_owned(), json!(seconds));
                }
                Self {
                    details: Some(Value::Object(details)),
                    retry_after: *retry_after,
                    ..Self::new(
                        429,
                        "TooManyRequests",
                        "Cannot evict pod as it would violate the pod's disruption budget.",
                    )
                }
            }
            Verdict::TooManyUnconfirmed => Self::new(
                403,
                "Forbidden",
                "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
            ),
            Verdict::Conflict(why) => Self::conflict("Pod", name, why),
        }
    }

    pub(super) fn render(&self) -> Value {
        let mut body = Map::new();
        body.insert("kind".to_owned(), json!("Status"));
        body.insert("apiVersion".to_owned(), json!("v1"));
        body.insert("metadata".to_owned(), json!({}));
        let word = if self.code < 400 {
            "Success"
        } else {
            "Failure"
        };
        body.insert("status".to_owned(), json!(word));
        if let Some(message) = &self.message {
            body.insert("message".to_owned(), json!(message));
        }
        if let Some(reason) = self.reason {
            body.insert("reason".to_owned(), json!(reason));
        }
        if let Some(details) = &self.details {
            body.insert("details".to_owned(), details.clone());
        }
        body.insert("code".to_owned(), json!(self.code));
        Value::Object(body)
    }
}
