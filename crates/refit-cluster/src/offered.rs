//! Which kinds the server offers at which versions, and the version at which
//! each is read: the newest that is not deprecated.

use crate::collection::{NEVER, Scope, WHOLE};
use crate::wire::{Ask, Wire};
use refit_model::object::GroupVersionKind;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use refit_model::version::Minor;
use refit_sources::Watch;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Discovery in one answer: stable since 1.30, `v2beta1` since 1.26. A server
/// that knows neither answers in the old way.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,\
                          application/json";

/// What has to be known of Kubernetes' own APIs to ask for none that is
/// deprecated, and for more than metadata only where that tells something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiFacts {
    /// The groups that are Kubernetes' own; no other is read.
    pub groups: BTreeSet<String>,
    /// Since which minor a kind at its version is deprecated.
    pub deprecated: BTreeMap<GroupVersionKind, Minor>,
    /// The fields that are worth telling who sets them; kinds that have one are
    /// read whole.
    pub watch: Watch,
}

impl ApiFacts {
    /// Whether a server of this minor counts reads of `api` as deprecated. A
    /// server that does not say what it is may be any.
    fn is_deprecated(&self, api: &GroupVersionKind, server: Option<Minor>) -> bool {
        self.deprecated
            .get(api)
            .is_some_and(|since| server.is_none_or(|server| *since <= server))
    }
}

/// One kind that a server offers at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) api: GroupVersionKind,
    pub(crate) resource: String,
    pub(crate) scope: Scope,
}

/// One kind of which the metadata is read.
pub(crate) type Choice = Offered;

impl Offered {
    /// The resource as `kubectl` names it without doubt.
    pub(crate) fn name(&self) -> String {
        if self.api.group.is_empty() {
            self.resource.clone()
        } else {
            format!("{}.{}", self.resource, self.api.group)
        }
    }

    /// The command that shows it, with the managed fields that `kubectl` hides.
    pub(crate) fn command(&self) -> String {
        let everywhere = match self.scope {
            Scope::Cluster => "",
            Scope::Namespaces | Scope::Namespace(_) => " -A",
        };
        format!(
            "kubectl get {}{everywhere} --show-managed-fields -o json",
            self.name()
        )
    }
}

/// What the server offers to list of the groups in `facts`.
pub(crate) async fn ask(wire: &Wire, facts: &ApiFacts, gaps: &mut Vec<Gap>) -> Vec<Offered> {
    let mut offered = Vec::new();
    for root in ["/api", "/apis"] {
        let answer = match wire.read(&Ask::get(root, &[]).accepting(AGGREGATED)).await {
            Ok(answer) => answer,
            Err(refused) => {
                gaps.push(untold(root, refused.into()));
                continue;
            }
        };
        if text(&answer, "kind") == "APIGroupDiscoveryList" {
            for group in list(&answer, "items") {
                aggregated(group, facts, &mut offered, gaps);
            }
            continue;
        }
        for path in documents(root, &answer, facts) {
            match wire.read(&Ask::get(&path, &[])).await {
                Ok(document) => old(&document, &mut offered),
                Err(refused) => gaps.push(untold(&path, refused.into())),
            }
        }
    }
    offered
}

fn untold(path: &str, why: Unseen) -> Gap {
    Gap {
        area: Area::Apis,
        what: format!("which kinds the server offers at {path}, and their objects"),
        why,
        command: Some(format!("kubectl get --raw {path}")),
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// One group of an aggregated document.
fn aggregated(group: &Value, facts: &ApiFacts, offered: &mut Vec<Offered>, gaps: &mut Vec<Gap>) {
    let name = group.pointer("/metadata/name").and_then(Value::as_str);
    let name = name.unwrap_or_default();
    if !facts.groups.contains(name) {
        return;
    }
    for version in list(group, "versions") {
        let within = text(version, "version");
        if text(version, "freshness") == "Stale" {
            let path = format!("/apis/{name}/{within}");
            let why = Unseen::Failed("the server says that it is stale".to_owned());
            gaps.push(untold(&path, why));
        }
        for resource in list(version, "resources") {
            let kind = resource
                .pointer("/responseKind/kind")
                .and_then(Value::as_str);
            let scope = match text(resource, "scope") {
                "Cluster" => Scope::Cluster,
                _ => Scope::Namespaces,
            };
            offered.extend(listed(
                (name, within, kind.unwrap_or_default()),
                text(resource, "resource"),
                scope,
                resource,
            ));
        }
    }
}

/// The documents of the groups in `facts` that an answer in the old way names.
fn documents(root: &str, answer: &Value, facts: &ApiFacts) -> Vec<String> {
    let core = list(answer, "versions").iter().filter_map(Value::as_str);
    let groups = list(answer, "groups")
        .iter()
        .filter(|group| facts.groups.contains(text(group, "name")));
    core.map(|version| format!("{root}/{version}"))
        .chain(groups.flat_map(|group| {
            list(group, "versions")
                .iter()
                .map(|version| format!("{root}/{}", text(version, "groupVersion")))
        }))
        .collect()
}

/// A document of one version of one group.
fn old(document: &Value, offered: &mut Vec<Offered>) {
    let within = text(document, "groupVersion");
    let (group, version) = within.split_once('/').unwrap_or(("", within));
    for resource in list(document, "resources") {
        let scope = match resource.get("namespaced") {
            Some(Value::Bool(false)) => Scope::Cluster,
            Some(_) | None => Scope::Namespaces,
        };
        offered.extend(listed(
            (group, version, text(resource, "kind")),
            text(resource, "name"),
            scope,
            resource,
        ));
    }
}

/// The resource, when it can be listed and its name can be sent.
fn listed(
    (group, version, kind): (&str, &str, &str),
    resource: &str,
    scope: Scope,
    stated: &Value,
) -> Option<Offered> {
    let can_list = list(stated, "verbs").iter().any(|verb| verb == "list");
    // A slash is a subresource; anything else is no name of a resource.
    let plain = !resource.is_empty()
        && resource
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    let api = GroupVersionKind::from_api_version(&api_version, kind).ok()?;
    (can_list && plain).then(|| Offered {
        api,
        resource: resource.to_owned(),
        scope,
    })
}

/// The kinds of which the metadata is read, each at one version, by group and
/// resource. A kind that is offered at deprecated versions alone is not asked
/// for, and told as a gap.
pub(crate) fn choose(
    offered: &[Offered],
    facts: &ApiFacts,
    server: Option<Minor>,
    gaps: &mut Vec<Gap>,
) -> Vec<Choice> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Offered>> = BTreeMap::new();
    for one in offered {
        let key = (one.api.group.as_str(), one.resource.as_str());
        let elsewhere = WHOLE
            .iter()
            .map(|whole| (whole.group, whole.resource))
            .chain(NEVER);
        if !elsewhere.into_iter().any(|known| known == key) {
            kinds.entry(key).or_default().push(one);
        }
    }
    let mut chosen = Vec::new();
    for versions in kinds.into_values() {
        let best = versions
            .iter()
            .filter(|one| !facts.is_deprecated(&one.api, server))
            .max_by_key(|one| rank(&one.api.version));
        match (best, versions.first()) {
            (Some(best), _) => chosen.push((**best).clone()),
            (None, Some(first)) => gaps.push(Gap {
                area: Area::Apis,
                what: format!(
                    "the {}, which this server offers at deprecated versions alone",
                    first.name()
                ),
                why: Unseen::NotAsked,
                command: Some(first.command()),
            }),
            (None, None) => {}
        }
    }
    chosen
}

/// Stable before beta before alpha, then the newest, as `kubectl` chooses.
/// Source: apimachinery `pkg/version`, `CompareKubeAwareVersionStrings`.
fn rank(version: &str) -> (bool, u8, u32, u32, Reverse<String>) {
    let digits = |text: &str| -> (u32, usize) {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        (
            text.get(..end)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
            end,
        )
    };
    let rest = version.strip_prefix('v').unwrap_or_default();
    let (major, end) = digits(rest);
    let stage = rest.get(end..).unwrap_or_default();
    let (level, number) = match (
        stage,
        stage.strip_prefix("beta"),
        stage.strip_prefix("alpha"),
    ) {
        ("", _, _) => (2, 0),
        (_, Some(number), _) => (1, digits(number).0),
        (_, _, Some(number)) => (0, digits(number).0),
        _ => return (false, 0, 0, 0, Reverse(version.to_owned())),
    };
    (end > 0, level, major, number, Reverse(String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(api: &str, resource: &str) -> Offered {
        Offered {
            api: api.parse().unwrap(),
            resource: resource.to_owned(),
            scope: Scope::Namespaces,
        }
    }

    #[test]
    fn the_newest_version_that_is_not_deprecated_is_read() {
        let facts = ApiFacts {
            groups: BTreeSet::new(),
            deprecated: [
                ("policy/v1beta1 PodSecurityPolicy", "1.21"),
                ("autoscaling/v2beta2 HorizontalPodAutoscaler", "1.23"),
                ("flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema", "1.26"),
            ]
            .map(|(api, since)| (api.parse().unwrap(), since.parse().unwrap()))
            .into(),
            watch: Watch::default(),
        };
        let on_offer = [
            offered(
                "autoscaling/v2beta2 HorizontalPodAutoscaler",
                "horizontalpodautoscalers",
            ),
            offered(
                "autoscaling/v2 HorizontalPodAutoscaler",
                "horizontalpodautoscalers",
            ),
            offered(
                "autoscaling/v1 HorizontalPodAutoscaler",
                "horizontalpodautoscalers",
            ),
            offered(
                "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema",
                "flowschemas",
            ),
            offered(
                "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema",
                "flowschemas",
            ),
            offered("policy/v1beta1 PodSecurityPolicy", "podsecuritypolicies"),
            offered("policy/v1beta1 PodDisruptionBudget", "poddisruptionbudgets"),
            offered("v1 Secret", "secrets"),
            offered("v1 Endpoints", "endpoints"),
        ];
        let check = |server: Option<&str>, expected: &[&str], untold: &[&str]| {
            let mut gaps = Vec::new();
            let server = server.map(|minor| minor.parse().unwrap());
            let chosen = choose(&on_offer, &facts, server, &mut gaps);
            let chosen: Vec<_> = chosen.iter().map(|one| one.api.to_string()).collect();
            assert_eq!(chosen, expected);
            let gaps: Vec<_> = gaps.into_iter().filter_map(|gap| gap.command).collect();
            assert_eq!(gaps, untold);
        };
        let policies = "kubectl get podsecuritypolicies.policy -A --show-managed-fields -o json";
        check(
            Some("1.24"),
            &[
                "autoscaling/v2 HorizontalPodAutoscaler",
                "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema",
            ],
            &[policies],
        );
        // One that does not say what it is may be any.
        check(
            None,
            &[
                "autoscaling/v2 HorizontalPodAutoscaler",
                "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema",
            ],
            &[policies],
        );
    }

    #[test]
    fn versions_are_ranked_as_kubectl_does() {
        let mut versions = [
            "v1alpha1", "v2beta1", "odd", "v1", "v10", "v2", "v1beta2", "v2beta2",
        ];
        versions.sort_by_key(|version| Reverse(rank(version)));
        assert_eq!(
            versions,
            [
                "v10", "v2", "v1", "v2beta2", "v2beta1", "v1beta2", "v1alpha1", "odd"
            ]
        );
    }
}
