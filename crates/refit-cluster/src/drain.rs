//! One pass of a drain: which pods have to leave a node, and asking each to.
//!
//! The filters are those of `kubectl drain` 1.36 (`pkg/drain/filters.go`), with
//! three differences that follow from a drain being sent again until the node
//! is empty: pods that are already terminating are waited for, not evicted
//! again; nothing is refused for the sake of a pod that is already leaving; and
//! a DaemonSet's pod stays even when its DaemonSet is gone or its containers
//! have ended, because it does not hold the drain up.
//!
//! Every eviction names the UID of the pod that was listed. The price is known:
//! the server spends the budget before it compares, so that a mismatch costs a
//! disruption for up to two minutes (recorded on 1.36.3). Without it, an
//! eviction that comes late would hit the healthy pod of the same name that a
//! StatefulSet has meanwhile started on another node. A lost disruption delays;
//! a lost pod harms.

use crate::eviction::{Outcome, answer, outcome};
use crate::list::{self, Set};
use crate::refusal::later;
use crate::text;
use crate::wire::{Ask, Patience, Wire};
use refit_model::act::{Allowed, Answer, DrainAllowance, Refusal};
use refit_model::name::NodeName;
use refit_model::seen::Unseen;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

/// How many evictions are under way at once. A default API server serves them
/// at 77 to 94 a second to 16 callers, and no faster to more (measured).
const AT_ONCE: usize = 16;

/// The annotation of a pod that a kubelet made from a file.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The parts of a pod that decide whether and how it leaves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PodView {
    metadata: Metadata,
    spec: Spec,
    status: PodStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    annotations: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<OwnerView>>,
    deletion_timestamp: Option<String>,
    finalizers: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OwnerView {
    api_version: String,
    kind: String,
    controller: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    volumes: Option<Vec<VolumeView>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VolumeView {
    empty_dir: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PodStatus {
    phase: String,
}

/// What a drain does about one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// It stays: the kubelet's own, or a DaemonSet's.
    Stays,
    /// It has been deleted already; these finalizers hold it.
    Leaving(Vec<String>),
    /// It has to be evicted.
    Evicted,
    /// It would be lost, or lose something, without anybody's leave.
    Withheld(&'static str),
}

impl PodView {
    /// The pod in `object`.
    pub(crate) fn read(object: &Value) -> Result<Self, String> {
        let pod = Self::deserialize(object)
            .map_err(|error| format!("a pod cannot be understood: {error}"))?;
        if pod.metadata.name.is_empty()
            || pod.metadata.namespace.is_empty()
            || pod.metadata.uid.is_empty()
        {
            return Err("a pod without namespace, name or UID".to_owned());
        }
        Ok(pod)
    }

    fn key(&self) -> String {
        text::cut(&format!(
            "{}/{}",
            self.metadata.namespace, self.metadata.name
        ))
    }

    fn part(&self, allow: DrainAllowance) -> Part {
        let controller = self
            .metadata
            .owner_references
            .iter()
            .flatten()
            .find(|owner| owner.controller == Some(true));
        let mirror = self
            .metadata
            .annotations
            .iter()
            .any(|all| all.contains_key(MIRROR));
        if mirror
            || controller.is_some_and(|owner| {
                owner.kind == "DaemonSet" && owner.api_version.starts_with("apps/")
            })
        {
            return Part::Stays;
        }
        if self.metadata.deletion_timestamp.is_some() {
            return Part::Leaving(self.metadata.finalizers.clone().unwrap_or_default());
        }
        if matches!(self.status.phase.as_str(), "Succeeded" | "Failed") {
            return Part::Evicted;
        }
        if controller.is_none() && allow.bare_pods == Allowed::No {
            return Part::Withheld("has no controller and would never come back");
        }
        let keeps = self
            .spec
            .volumes
            .iter()
            .flatten()
            .any(|volume| volume.empty_dir.is_some());
        if keeps && allow.empty_dirs == Allowed::No {
            return Part::Withheld("would lose the contents of an emptyDir volume");
        }
        Part::Evicted
    }

    fn eviction(&self) -> Ask {
        let Metadata {
            namespace,
            name,
            uid,
            ..
        } = &self.metadata;
        Ask::post(
            &format!(
                "/api/v1/namespaces/{}/pods/{}/eviction",
                text::encoded(namespace),
                text::encoded(name)
            ),
            json!({
                "apiVersion": "policy/v1",
                "kind": "Eviction",
                "metadata": {"namespace": namespace, "name": name},
                "deleteOptions": {"preconditions": {"uid": uid}},
            }),
        )
    }
}

/// What a pass has to do, or which pods forbid it.
struct Pass {
    evict: Vec<PodView>,
    waits_on: Vec<String>,
}

fn sort(pods: Vec<PodView>, allow: DrainAllowance) -> Result<Pass, String> {
    let mut pass = Pass {
        evict: Vec::new(),
        waits_on: Vec::new(),
    };
    let mut withheld = Vec::new();
    for pod in pods {
        match pod.part(allow) {
            Part::Stays => {}
            Part::Leaving(finalizers) => {
                if let Some(first) = finalizers.first() {
                    pass.waits_on.push(format!(
                        "pod {} is held by finalizer {}",
                        pod.key(),
                        text::cut(first)
                    ));
                }
            }
            Part::Evicted => pass.evict.push(pod),
            Part::Withheld(why) => withheld.push(format!("pod {} {why}", pod.key())),
        }
    }
    if withheld.is_empty() {
        Ok(pass)
    } else {
        withheld.sort();
        Err(withheld.join("; "))
    }
}

/// Evicts once every pod that has to leave `node`.
pub(crate) async fn pass(
    wire: &Wire,
    node: &NodeName,
    allow: DrainAllowance,
    patience: Patience<'_>,
) -> Answer {
    let selector = format!("spec.nodeName={}", text::selected(node.as_str()));
    let selectors = [("fieldSelector", selector.as_str())];
    let set = Set::of("/api/v1/pods", &selectors);
    let reading = list::list(wire, &set, &PodView::read);
    let Ok(pods) = tokio::time::timeout(patience.left(), reading).await else {
        return later(format!("the pods on {node} were not listed in time"));
    };
    match pods.hole {
        None => {}
        Some(Unseen::Forbidden(why)) => {
            return Answer::Refused(Refusal::Denied(format!("the pods on {node}: {why}")));
        }
        // Half a list could hide the pod for whose sake nothing may be touched.
        Some(why) => return later(format!("the pods on {node}: {why}")),
    }
    match sort(pods.items, allow) {
        Err(withheld) => Answer::Refused(Refusal::Denied(withheld)),
        Ok(pass) => {
            let outcomes = evict(wire, pass.evict, patience).await;
            answer(pass.waits_on, outcomes)
        }
    }
}

async fn evict(wire: &Wire, pods: Vec<PodView>, patience: Patience<'_>) -> Vec<Outcome> {
    let mut waiting = pods.into_iter();
    let mut under_way = JoinSet::new();
    let mut outcomes = Vec::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(pod) = waiting.next()
        {
            let (wire, patience) = (wire.clone(), patience.request());
            if patience.is_zero() {
                outcomes.push(Outcome::NotSent(
                    "the deadline came before every pod was asked".to_owned(),
                ));
                continue;
            }
            under_way.spawn(async move {
                outcome(&pod.key(), &wire.send(&pod.eviction(), patience).await)
            });
        }
        match under_way.join_next().await {
            Some(Ok(outcome)) => outcomes.push(outcome),
            Some(Err(error)) => outcomes.push(Outcome::Unknown(error.to_string())),
            None => return outcomes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(overlay: Value) -> PodView {
        let mut base = json!({
            "metadata": {"namespace": "shop", "name": "web-0", "uid": "u1", "ownerReferences":
                [{"apiVersion": "apps/v1", "kind": "StatefulSet", "controller": true}]},
            "spec": {"volumes": [{"name": "config"}]},
            "status": {"phase": "Running"},
        });
        for (part, fields) in overlay.as_object().unwrap() {
            for (name, value) in fields.as_object().unwrap() {
                base[part][name] = value.clone();
            }
        }
        PodView::read(&base).unwrap()
    }

    const NOTHING: DrainAllowance = DrainAllowance {
        bare_pods: Allowed::No,
        empty_dirs: Allowed::No,
    };
    const ANYTHING: DrainAllowance = DrainAllowance {
        bare_pods: Allowed::Yes,
        empty_dirs: Allowed::Yes,
    };

    #[test]
    fn pods_are_sorted_as_kubectl_does() {
        let owned =
            |kind: &str| json!([{"apiVersion": "apps/v1", "kind": kind, "controller": true}]);
        let scratch = json!([{"name": "scratch", "emptyDir": {}}]);
        let bare = "has no controller and would never come back";
        let local = "would lose the contents of an emptyDir volume";
        for (overlay, strict, lax) in [
            (json!({}), Part::Evicted, Part::Evicted),
            (
                json!({"metadata": {"ownerReferences": owned("DaemonSet")}, "spec": {"volumes": scratch}}),
                Part::Stays,
                Part::Stays,
            ),
            (
                json!({"metadata": {"annotations": {MIRROR: "x"}, "ownerReferences": null}}),
                Part::Stays,
                Part::Stays,
            ),
            (
                json!({"metadata": {"ownerReferences": null}}),
                Part::Withheld(bare),
                Part::Evicted,
            ),
            (
                json!({"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Thing"}]}}),
                Part::Withheld(bare),
                Part::Evicted,
            ),
            (
                json!({"spec": {"volumes": scratch}}),
                Part::Withheld(local),
                Part::Evicted,
            ),
            (
                json!({"metadata": {"ownerReferences": null}, "spec": {"volumes": scratch}, "status": {"phase": "Succeeded"}}),
                Part::Evicted,
                Part::Evicted,
            ),
            (
                json!({"metadata": {"ownerReferences": null, "deletionTimestamp": "2026-11-29T00:00:00Z", "finalizers": ["a/b"]}}),
                Part::Leaving(vec!["a/b".to_owned()]),
                Part::Leaving(vec!["a/b".to_owned()]),
            ),
        ] {
            let pod = pod(overlay);
            assert_eq!(pod.part(NOTHING), strict, "{pod:?}");
            assert_eq!(pod.part(ANYTHING), lax, "{pod:?}");
        }
    }

    #[test]
    fn one_pod_that_may_not_go_stops_the_whole_pass() {
        let bare = pod(json!({"metadata": {"name": "task", "ownerReferences": null}}));
        let refused = sort(vec![pod(json!({})), bare], NOTHING).err();
        assert_eq!(
            refused.as_deref(),
            Some("pod shop/task has no controller and would never come back")
        );
    }
}
