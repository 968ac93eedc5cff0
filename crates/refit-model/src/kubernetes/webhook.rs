//! Admission webhooks.

use super::{KeyError, key_error};
use crate::name::{Key, ObjectName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One webhook of one configuration, written `Kind/configuration/webhook`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookKey {
    /// Whether it validates or mutates.
    pub kind: WebhookKind,
    /// The configuration object.
    pub configuration: ObjectName,
    /// The webhook within it.
    pub name: ObjectName,
}

/// The two kinds of admission webhook.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum WebhookKind {
    /// It may refuse.
    Validating,
    /// It may change.
    Mutating,
}

impl fmt::Display for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            WebhookKind::Validating => "Validating",
            WebhookKind::Mutating => "Mutating",
        };
        write!(f, "{kind}/{}/{}", self.configuration, self.name)
    }
}

impl FromStr for WebhookKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refuse = || key_error(text, "Validating/configuration/webhook");
        let mut parts = text.splitn(3, '/');
        let (Some(kind), Some(configuration), Some(name)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        Ok(Self {
            kind: match kind {
                "Validating" => WebhookKind::Validating,
                "Mutating" => WebhookKind::Mutating,
                _ => return Err(refuse()),
            },
            configuration: configuration.parse().map_err(|_| refuse())?,
            name: name.parse().map_err(|_| refuse())?,
        })
    }
}

/// An admission webhook as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Webhook {
    /// The port of the Service; 443 where none is stated.
    #[serde(default = "https")]
    pub port: u16,
    /// What happens to a request when the webhook does not answer.
    pub failure_policy: FailurePolicy,
    /// The Service it stands behind; `None` for a URL.
    pub service: Option<Key>,
    /// What it is asked about, as `operation group/version/resource`.
    pub rules: Vec<String>,
    /// The seconds the server waits for it.
    pub timeout_seconds: u32,
}

/// The port of a Service that an API server takes where none is stated.
const fn https() -> u16 {
    443
}

/// `failurePolicy` of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FailurePolicy {
    /// The request is refused.
    Fail,
    /// The request goes through.
    Ignore,
}
