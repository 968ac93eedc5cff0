//! What extends the API: custom resource definitions, aggregated API servers,
//! and what the API server says of requests by itself.

use crate::name::Key;
use crate::object::Application;
use crate::seen::Seen;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A custom resource definition as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// The API group it defines.
    pub group: String,
    /// The kind it defines.
    pub kind: String,
    /// The versions that are served.
    pub served: Vec<String>,
    /// The versions in which objects may still be stored.
    pub stored: Vec<String>,
    /// How objects come from one version to another.
    #[serde(default)]
    pub conversion: Conversion,
    /// The application that its labels or annotations name, if any does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
}

/// How a custom resource comes from one version to another (`spec.conversion`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Conversion {
    /// Only `apiVersion` is changed: strategy `None`, the default.
    #[default]
    None,
    /// A webhook is asked, at every read and write of another version.
    Webhook {
        /// The Service that it is reached by; absent when it is called by URL.
        service: Option<Key>,
    },
}

/// An `APIService` of `apiregistration.k8s.io`: who answers for one version of
/// one API group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiService {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The Service of the server that answers; absent when the API server does so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Key>,
    /// The condition `Available`.
    pub available: Seen<bool>,
    /// The reason and message of that condition; empty where there are none.
    #[serde(default)]
    pub because: String,
}

/// A `Warning` header that the API server sent with an answer (RFC 9110 no
/// longer defines it, Kubernetes does: KEP 1693).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerWarning {
    /// The path that was asked for.
    pub path: String,
    /// What the server said.
    pub text: String,
}
