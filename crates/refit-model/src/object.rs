//! Kubernetes objects as evidence: what they are, where they stand, and how we
//! know through which API version they were written.

use crate::name::{Key, ObjectName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A kind at one version of one API group; the core group is the empty text.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct GroupVersionKind {
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `v1beta1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
}

impl GroupVersionKind {
    /// From an object's own `apiVersion` and `kind`.
    ///
    /// # Errors
    /// When either is empty, too long or holds characters that no API has.
    pub fn from_api_version(api_version: &str, kind: &str) -> Result<Self, ObjectError> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let plain = |text: &str| {
            // 253 is the limit of a group, which is a DNS subdomain.
            text.len() <= 253
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        };
        if version.is_empty()
            || kind.is_empty()
            || !plain(group)
            || !plain(version)
            || !plain(kind)
            || (group.is_empty() && api_version.contains('/'))
        {
            return Err(ObjectError {
                text: format!("{api_version} {kind}").chars().take(64).collect(),
            });
        }
        Ok(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        })
    }

    /// What the object's `apiVersion` says: `apps/v1`, or `v1` for the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

impl fmt::Display for GroupVersionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api_version(), self.kind)
    }
}

impl FromStr for GroupVersionKind {
    type Err = ObjectError;
    fn from_str(text: &str) -> Result<Self, ObjectError> {
        let (api_version, kind) = text.split_once(' ').ok_or_else(|| ObjectError {
            text: text.chars().take(64).collect(),
        })?;
        Self::from_api_version(api_version, kind)
    }
}

impl TryFrom<String> for GroupVersionKind {
    type Error = ObjectError;
    fn try_from(text: String) -> Result<Self, ObjectError> {
        text.parse()
    }
}

impl From<GroupVersionKind> for String {
    fn from(gvk: GroupVersionKind) -> Self {
        gvk.to_string()
    }
}

/// A text that names no kind at an API version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an API version and kind such as \"apps/v1 Deployment\"")]
pub struct ObjectError {
    /// What was given, cut to 64 characters.
    pub text: String,
}

/// Where something stands in what we read: a file, an archive member, a release.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Location {
    /// The file as the user would open it; for nested sources followed by
    /// what is inside, as in `dump.yaml » release shop/web.v3`.
    pub file: String,
    /// One-based line of the object's first key.
    pub line: u32,
    /// One-based column, counted in characters.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// By which route an API version was seen in use, strongest last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum EvidenceTier {
    /// A `last-applied-configuration` that a later write by another field
    /// manager has overtaken: it may speak of a past that is gone.
    OvertakenAnnotation,
    /// The manifest in a `last-applied-configuration` annotation.
    LastApplied,
    /// A field manager wrote through this version, says `managedFields`.
    ManagedFields,
    /// The API server answered a request with a deprecation warning.
    ServerWarning,
    /// The stored manifest of a Helm release, which the next `helm upgrade` reads.
    HelmManifest,
    /// A manifest in a repository: it will be applied again.
    Manifest,
    /// The object itself was read at this version.
    LiveObject,
}

impl fmt::Display for EvidenceTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OvertakenAnnotation => "overtaken last-applied annotation",
            Self::LastApplied => "last-applied annotation",
            Self::ManagedFields => "managed fields",
            Self::ServerWarning => "server warning",
            Self::HelmManifest => "Helm release manifest",
            Self::Manifest => "manifest",
            Self::LiveObject => "live object",
        })
    }
}

/// One use of one API version by one object, and how we know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiUse {
    /// The version and kind in use.
    pub api: GroupVersionKind,
    /// The object.
    pub object: Key,
    /// By which route it was seen.
    pub tier: EvidenceTier,
    /// Who used it: the field manager, the release, else empty.
    pub by: String,
    /// Which application the object belongs to.
    pub application: Application,
    /// Where we read it, if it came from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What people call a set of workloads, and by which sign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Application {
    /// The name people use.
    pub name: String,
    /// What told us.
    pub by: ApplicationSign,
}

/// The signs that name an application, in the order in which they are believed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum ApplicationSign {
    /// The label `app.kubernetes.io/part-of`.
    PartOf,
    /// The label `app.kubernetes.io/name`.
    NameLabel,
    /// The annotation `meta.helm.sh/release-name`, or the release itself.
    HelmRelease,
    /// An Argo CD or Flux owner.
    Delivery,
    /// Nothing better than the namespace and the top owner.
    TopOwner,
}

/// The server that an object's controller runs under: its kind, name and UID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Owner {
    /// The controller's API version and kind.
    pub api: GroupVersionKind,
    /// Its name, in the namespace of what it owns.
    pub name: ObjectName,
    /// Its UID: an owner of the same name with another UID is not the owner.
    pub uid: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_round_trip_and_nonsense_is_refused() {
        for text in [
            "v1 Pod",
            "apps/v1 Deployment",
            "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema",
        ] {
            assert_eq!(text.parse::<GroupVersionKind>().unwrap().to_string(), text);
        }
        for refused in [
            "",
            "v1",
            "/v1 Pod",
            "apps/ Pod",
            "apps/v1 Po d",
            "a\n/v1 Pod",
        ] {
            assert!(refused.parse::<GroupVersionKind>().is_err(), "{refused:?}");
        }
    }
}
