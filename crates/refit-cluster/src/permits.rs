//! What the server would let us do, asked before any of it is done.

use crate::collection::{self, Read};
use crate::offered::{self, ApiFacts};
use crate::wire::{Ask, Wire};
use crate::world::LiveWorld;
use refit_model::seen::Unseen;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Something that RBAC can allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To do something with the objects of a resource.
    Resource {
        /// The API group; empty for the core group.
        group: String,
        /// The resource, in the plural; a subresource follows a slash.
        resource: String,
        /// The verb.
        verb: &'static str,
        /// The only object that is meant; absent for all of them.
        name: Option<&'static str>,
    },
    /// To `get` a path that is no resource.
    Path(&'static str),
}

impl From<Read> for Right {
    fn from(read: Read) -> Self {
        Self::Resource {
            group: read.group,
            resource: read.resource,
            verb: read.verb,
            name: read.name,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "get {path}"),
            Self::Resource {
                group,
                resource,
                verb,
                name,
            } => {
                write!(f, "{verb} {resource}")?;
                if !group.is_empty() {
                    write!(f, ".{group}")?;
                }
                name.map_or(Ok(()), |name| write!(f, " {name}"))
            }
        }
    }
}

/// The rights that a live run needs beside those of looking: it marks nodes and
/// evicts pods, and reads the node again that it marks.
#[must_use]
pub fn acts() -> Vec<Right> {
    [
        ("get", "nodes"),
        ("patch", "nodes"),
        ("create", "pods/eviction"),
    ]
    .into_iter()
    .map(|(verb, resource)| Right::Resource {
        group: String::new(),
        resource: resource.to_owned(),
        verb,
        name: None,
    })
    .collect()
}

impl LiveWorld {
    /// What the server calls its version.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn version(&self) -> Result<String, Unseen> {
        let answer = self.wire().read(&Ask::get("/version", &[])).await?;
        answer
            .get("gitVersion")
            .and_then(Value::as_str)
            .map(crate::text::cut)
            .ok_or_else(|| Unseen::Failed("the answer names no version".to_owned()))
    }

    /// Whether each of `rights` is allowed, by a SelfSubjectAccessReview each, at
    /// most four at once. Resources that the server does not offer are left out:
    /// nobody needs a right to them. What has no answer `within` that time is
    /// [`Unseen::Failed`].
    pub async fn permits(
        &self,
        rights: Vec<Right>,
        facts: &ApiFacts,
        within: Duration,
    ) -> BTreeMap<Right, Result<bool, Unseen>> {
        let deadline = Instant::now() + within;
        let wire = self.wire().surveying();
        let late = || Unseen::Failed(format!("no answer within {} s", within.as_secs()));
        let mut gaps = Vec::new();
        let offered = timeout_at(deadline, offered::ask(&wire, facts, &mut gaps))
            .await
            .unwrap_or_default();
        // Without the whole of what is offered nothing is known to be missing.
        let offered: Option<BTreeSet<_>> = (gaps.is_empty() && !offered.is_empty()).then(|| {
            offered
                .into_iter()
                .map(|offered| (offered.api.group, offered.resource))
                .collect()
        });
        let is_needed = |right: &Right| match (right, &offered) {
            (
                Right::Resource {
                    group,
                    resource,
                    verb: "list",
                    ..
                },
                Some(offered),
            ) => offered.contains(&(group.clone(), resource.clone())),
            (Right::Resource { .. } | Right::Path(_), _) => true,
        };
        let mut asking = JoinSet::new();
        let mut answers = BTreeMap::new();
        for right in rights.into_iter().filter(is_needed) {
            answers.insert(right.clone(), Err(late()));
            let wire = wire.clone();
            asking.spawn(async move {
                let allowed = review(&wire, &right).await;
                (right, allowed)
            });
        }
        while let Ok(Some(joined)) = timeout_at(deadline, asking.join_next()).await {
            if let Ok((right, allowed)) = joined {
                answers.insert(right, allowed);
            }
        }
        answers
    }
}

/// Asks the server after one right.
async fn review(wire: &Wire, right: &Right) -> Result<bool, Unseen> {
    let path = collection::path("authorization.k8s.io", "v1", "selfsubjectaccessreviews");
    let answer = wire.read(&Ask::post(&path, question(right))).await?;
    answer
        .pointer("/status/allowed")
        .and_then(Value::as_bool)
        .ok_or_else(|| Unseen::Failed("the answer does not say whether it is allowed".to_owned()))
}

/// The object that asks after `right`.
fn question(right: &Right) -> Value {
    let spec = match right {
        Right::Path(path) => json!({"nonResourceAttributes": {"path": path, "verb": "get"}}),
        Right::Resource {
            group,
            resource,
            verb,
            name,
        } => {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            // A namespace is an object within itself to the server's authorizer.
            let namespace = match resource {
                "namespaces" => name.unwrap_or_default(),
                _ => "",
            };
            json!({"resourceAttributes": {"group": group, "resource": resource,
                "subresource": subresource, "verb": verb,
                "name": name.unwrap_or_default(), "namespace": namespace}})
        }
    };
    json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_asked_for_and_named_as_rbac_has_them() {
        let resource = |group: &str, resource: &str, verb, name| Right::Resource {
            group: group.to_owned(),
            resource: resource.to_owned(),
            verb,
            name,
        };
        for (right, named, place, value) in [
            (
                resource("", "pods/eviction", "create", None),
                "create pods/eviction",
                "/spec/resourceAttributes/subresource",
                "eviction",
            ),
            (
                resource("apps", "deployments", "list", None),
                "list deployments.apps",
                "/spec/resourceAttributes/group",
                "apps",
            ),
            (
                resource("", "namespaces", "get", Some("kube-system")),
                "get namespaces kube-system",
                "/spec/resourceAttributes/namespace",
                "kube-system",
            ),
            (
                Right::Path("/apis/*"),
                "get /apis/*",
                "/spec/nonResourceAttributes/path",
                "/apis/*",
            ),
        ] {
            assert_eq!(right.to_string(), named);
            let asked = question(&right);
            assert_eq!(asked.pointer(place), Some(&json!(value)), "{asked}");
        }
    }
}
