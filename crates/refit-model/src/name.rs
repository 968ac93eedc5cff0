//! Names as types: a node cannot be passed where a namespace is wanted.
//!
//! Every name is checked when it is made, because names end up in command
//! lines, paths, SQL and pages. The rule is the loosest one that all the
//! systems we read keep: 1 to 253 printable characters without white space,
//! quotes or a leading dash (253 is the limit of a DNS subdomain, RFC 1123,
//! which Kubernetes applies to object names).

use crate::visible::hidden;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that cannot be the name it was offered as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: it {rule}")]
pub struct NameError {
    /// What was given, cut to 64 characters.
    pub text: String,
    /// What it was to be the name of.
    pub kind: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

/// Checks `text` as a name of `kind`.
fn checked(text: &str, kind: &'static str) -> Result<(), NameError> {
    let refuse = |rule| {
        Err(NameError {
            text: text.chars().take(64).collect(),
            kind,
            rule,
        })
    };
    if text.is_empty() || text.len() > 253 {
        return refuse("must have 1 to 253 characters");
    }
    if text.starts_with('-') {
        return refuse("must not begin with a dash, which commands read as a flag");
    }
    if text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || "\"'`\\{}".contains(c))
    {
        return refuse("must not hold white space, quotes, braces or control characters");
    }
    if hidden(text).is_some() {
        return refuse("must not hold characters that nobody sees");
    }
    Ok(())
}

macro_rules! names {
    ($($(#[$doc:meta])* $type:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name made of `text`.
            ///
            /// # Errors
            /// When `text` breaks the rule of this module.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                checked(&text, $kind)?;
                Ok(Self(text))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }
    )*};
}

names! {
    /// What a cluster is known by: the UID of its `kube-system` namespace, or
    /// a given name where there is none (a landscape, a bare dump).
    ClusterId, "cluster identity";
    /// The name of a Kubernetes node.
    NodeName, "node name";
    /// A Kubernetes namespace.
    Namespace, "namespace";
    /// What `kubectl get` takes for a kind: `pods`, `ingresses.networking.k8s.io`.
    ResourceName, "resource name";
    /// The name of any other object, of a release, of a unit's machine.
    ObjectName, "name";
    /// The object UID that a server gave.
    Uid, "UID";
    /// A named set of nodes that are alike.
    PoolName, "pool name";
    /// A failure domain of nodes.
    ZoneName, "zone name";
    /// A Juju application, such as `k8s-worker`.
    ApplicationName, "application name";
    /// A Juju unit, such as `k8s/0`.
    UnitName, "unit name";
    /// A Juju channel, such as `1.34/stable`.
    Channel, "channel";
    /// The name of an upgrade template, such as `canonical-k8s/charm`.
    TemplateName, "template name";
    /// The name of a template's parameter.
    ParameterName, "parameter name";
    /// A step within a plan, such as `node-pools/w-1/drain`.
    StepId, "step id";
    /// A stage within a plan, such as `node-pools/w-1`.
    StageId, "stage id";
    /// One execution of one plan.
    RunId, "run id";
    /// A person, or the part of Refit that acts in a person's name.
    Actor, "actor";
    /// A role that a step can be assigned to, such as `platform`.
    RoleName, "role";
    /// One append-only stream of events.
    StreamId, "stream id";
    /// One start of one process that may hold leases: random, never a host name,
    /// so that a restarted process is not taken for the one that died.
    Incarnation, "incarnation";
    /// The key under which a target knows one effect; see [`crate::act::op_key`].
    OpKey, "operation key";
}

impl OpKey {
    /// The key made of base-32 digits, which keep the rule of this module by
    /// construction.
    pub(crate) const fn from_base32(digits: String) -> Self {
        Self(digits)
    }
}

/// A namespaced name, written `namespace/name`.
///
/// Cluster-scoped objects have no namespace and are written by name alone.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// Absent for cluster-scoped objects.
    pub namespace: Option<Namespace>,
    /// The object's name.
    pub name: ObjectName,
}

impl Key {
    /// The key of `name` in `namespace`.
    #[must_use]
    pub const fn namespaced(namespace: Namespace, name: ObjectName) -> Self {
        Self {
            namespace: Some(namespace),
            name,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => self.name.fmt(f),
        }
    }
}

impl FromStr for Key {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((namespace, name)) => Ok(Self {
                namespace: Some(namespace.parse()?),
                name: name.parse()?,
            }),
            None => Ok(Self {
                namespace: None,
                name: text.parse()?,
            }),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_refuse_what_commands_would_misread() {
        for refused in [
            "",
            "-rf",
            "a b",
            "a\nb",
            "{{node}}",
            "a'b",
            "w\u{200b}-1",
            "\u{202e}1-w",
            "w-1\u{e0031}",
            &"x".repeat(254),
        ] {
            assert!(NodeName::new(refused).is_err(), "{refused:?}");
        }
        assert_eq!(UnitName::new("k8s/0").unwrap().as_str(), "k8s/0");
    }

    #[test]
    fn keys_round_trip() {
        for text in ["web/shop", "harbour"] {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
    }
}
