//! Which resource a path means.

use super::status::Status;
use refit_model::name::Key;
use std::collections::BTreeMap;

/// A resource that the twin serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) plural: &'static str,
    pub(super) kind: &'static str,
    pub(super) namespaced: bool,
}

const fn resource(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> Resource {
    Resource {
        group,
        version,
        plural,
        kind,
        namespaced,
    }
}

const ADMISSION: &str = "admissionregistration.k8s.io";

/// Everything that is served.
pub(super) const RESOURCES: &[Resource] = &[
    resource("", "v1", "namespaces", "Namespace", false),
    resource("", "v1", "nodes", "Node", false),
    resource("", "v1", "persistentvolumes", "PersistentVolume", false),
    resource("", "v1", "pods", "Pod", true),
    resource(
        "",
        "v1",
        "replicationcontrollers",
        "ReplicationController",
        true,
    ),
    resource("", "v1", "serviceaccounts", "ServiceAccount", true),
    resource("", "v1", "services", "Service", true),
    resource("apps", "v1", "daemonsets", "DaemonSet", true),
    resource("apps", "v1", "deployments", "Deployment", true),
    resource("apps", "v1", "replicasets", "ReplicaSet", true),
    resource("apps", "v1", "statefulsets", "StatefulSet", true),
    resource("batch", "v1", "jobs", "Job", true),
    resource(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        true,
    ),
    resource(
        ADMISSION,
        "v1",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        false,
    ),
    resource(
        ADMISSION,
        "v1",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        false,
    ),
    resource(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        false,
    ),
];

/// The groups that a 1.36 server registers by default, with their versions.
/// Recorded from 1.36.3 (`/apis`, not aggregated).
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("apiregistration.k8s.io", &["v1"]),
    ("apps", &["v1"]),
    ("events.k8s.io", &["v1"]),
    ("authentication.k8s.io", &["v1"]),
    ("authorization.k8s.io", &["v1"]),
    ("autoscaling", &["v2", "v1"]),
    ("batch", &["v1"]),
    ("certificates.k8s.io", &["v1"]),
    ("networking.k8s.io", &["v1"]),
    ("policy", &["v1"]),
    ("rbac.authorization.k8s.io", &["v1"]),
    ("storage.k8s.io", &["v1"]),
    (ADMISSION, &["v1"]),
    ("apiextensions.k8s.io", &["v1"]),
    ("scheduling.k8s.io", &["v1"]),
    ("coordination.k8s.io", &["v1"]),
    ("node.k8s.io", &["v1"]),
    ("discovery.k8s.io", &["v1"]),
    ("resource.k8s.io", &["v1"]),
    ("flowcontrol.apiserver.k8s.io", &["v1"]),
];

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A page about the API itself.
    Discovery(Page),
    /// Objects.
    Resource(Route),
}

/// Pages about the API itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// `/version`
    Version,
    /// `/healthz`, `/livez`, `/readyz`
    Health,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/api/v1` or `/apis/GROUP/VERSION`
    Resources(String, String),
    /// `/apis/GROUP`
    Group(String),
}

/// Objects of one resource, by a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) subresource: Option<String>,
}

impl Route {
    /// The resource, if it is served at this version.
    pub(super) fn resource(&self) -> Result<&'static Resource, Status> {
        RESOURCES
            .iter()
            .find(|known| {
                known.group == self.group
                    && known.version == self.version
                    && known.plural == self.plural
            })
            .ok_or_else(Status::no_resource)
    }

    /// The key of the object called `name` here.
    pub(super) fn key(&self, name: &str) -> Result<Key, Status> {
        let refuse = || Status::not_found(&self.plural, name);
        Ok(Key {
            namespace: self
                .namespace
                .as_ref()
                .map(|namespace| namespace.parse())
                .transpose()
                .map_err(|_| refuse())?,
            name: name.parse().map_err(|_| refuse())?,
        })
    }
}

/// What `path` means; `None` for what no API server of this kind has, which
/// answers in plain text.
pub(super) fn target(path: &str) -> Option<Target> {
    let parts: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(decode)
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["version"] => Some(Target::Discovery(Page::Version)),
        ["healthz" | "livez" | "readyz"] => Some(Target::Discovery(Page::Health)),
        ["api"] => Some(Target::Discovery(Page::Core)),
        ["apis"] => Some(Target::Discovery(Page::Groups)),
        ["api", version] => Some(Target::Discovery(Page::Resources(
            String::new(),
            (*version).to_owned(),
        ))),
        ["apis", group] => {
            known(group).then(|| Target::Discovery(Page::Group((*group).to_owned())))
        }
        ["apis", group, version] => known(group).then(|| {
            Target::Discovery(Page::Resources((*group).to_owned(), (*version).to_owned()))
        }),
        ["api", version, rest @ ..] => route("", version, rest).map(Target::Resource),
        ["apis", group, version, rest @ ..] if known(group) => {
            route(group, version, rest).map(Target::Resource)
        }
        _ => None,
    }
}

fn known(group: &str) -> bool {
    GROUPS.iter().any(|(name, _)| *name == group)
}

fn route(group: &str, version: &str, rest: &[&str]) -> Option<Route> {
    let make =
        |namespace: Option<&str>, plural: &str, name: Option<&str>, sub: Option<&str>| Route {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            subresource: sub.map(str::to_owned),
        };
    match rest {
        ["namespaces", namespace, plural] if *plural != "status" && *plural != "finalize" => {
            Some(make(Some(namespace), plural, None, None))
        }
        ["namespaces", namespace, plural, name] => {
            Some(make(Some(namespace), plural, Some(name), None))
        }
        ["namespaces", namespace, plural, name, sub] => {
            Some(make(Some(namespace), plural, Some(name), Some(sub)))
        }
        [plural] => Some(make(None, plural, None, None)),
        [plural, name] => Some(make(None, plural, Some(name), None)),
        [plural, name, sub] => Some(make(None, plural, Some(name), Some(sub))),
        _ => None,
    }
}

/// The parameters of a query; of one that is given twice the first counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut found = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            found
                .entry(decode(name))
                .or_insert_with(|| decode(&value.replace('+', " ")));
        }
        Self(found)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Undoes percent-encoding; what is no encoding stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high)
                .zip(hex(*low))
                .map(|(high, low)| (high * 16 + low, after)),
            _ => None,
        };
        if let Some((byte, after)) = code {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_parameters_are_read_once() {
        let query = Query::parse("fieldSelector=spec.nodeName%3Dw-1&limit=5&x=100%");
        assert_eq!(query.get("fieldSelector"), Some("spec.nodeName=w-1"));
        assert_eq!(query.get("limit"), Some("5"));
        assert_eq!(query.get("x"), Some("100%"));
    }

    #[test]
    fn paths_of_groups_that_are_not_registered_mean_nothing() {
        assert_eq!(target("/apis/extensions/v1beta1"), None);
        assert!(target("/apis/policy/v1beta1").is_some());
        assert!(target("/api/v1/namespaces/a/pods/b/eviction").is_some());
    }
}
