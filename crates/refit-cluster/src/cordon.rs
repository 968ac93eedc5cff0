//! Cordon and uncordon: one flag, and an annotation that says it is ours.
//!
//! Kubernetes keeps no owner for `spec.unschedulable`. A cordon that somebody
//! else set before us must survive our upgrade, so ours carries the operation's
//! key, and only a cordon with such a key is ever undone. Ours is set only where
//! the node was open before, so that the value to go back to is always *open*.

use crate::refusal::{later, refused};
use crate::wire::{Ask, Lost, Patience, Wire, said};
use refit_model::act::{Answer, Trace};
use refit_model::name::{NodeName, OpKey};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub use refit_sources::kube::node::CORDONED_BY;

/// How often a node is read again because somebody changed it in between. A
/// kubelet writes its node's status every five minutes, or when it changes.
const CONFLICTS: u32 = 5;

/// What is to become of a node's flag.
#[derive(Clone, Copy)]
pub(crate) enum Wish<'a> {
    /// Closed, under this key.
    Cordoned(&'a OpKey),
    /// Open, as far as it was us.
    Released,
}

/// The parts of a node that decide.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NodeView {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    resource_version: String,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    unschedulable: Option<bool>,
}

/// The patch that fulfils `wish`, or `None` when there is nothing to do.
///
/// It names the version of the node that was read, so that the server refuses it
/// when somebody changed the node meanwhile.
fn patch(node: &NodeView, wish: Wish<'_>) -> Option<Value> {
    let closed = node.spec.unschedulable == Some(true);
    let ours = node
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(CORDONED_BY));
    let version = &node.metadata.resource_version;
    match wish {
        // Somebody else's: it serves us as well, and stays theirs.
        Wish::Cordoned(_) if closed && ours.is_none() => None,
        Wish::Cordoned(key) if closed && ours.is_some_and(|by| by == key.as_str()) => None,
        Wish::Cordoned(key) => Some(json!({
            "metadata": {"resourceVersion": version, "annotations": {CORDONED_BY: key.as_str()}},
            "spec": {"unschedulable": true},
        })),
        Wish::Released if ours.is_none() => None,
        Wish::Released => Some(json!({
            "metadata": {"resourceVersion": version, "annotations": {CORDONED_BY: null}},
            "spec": {"unschedulable": null},
        })),
    }
}

/// Fulfils `wish` on `node`.
pub(crate) async fn turn(
    wire: &Wire,
    node: &NodeName,
    wish: Wish<'_>,
    patience: Patience<'_>,
) -> Answer {
    let path = format!("/api/v1/nodes/{}", crate::text::encoded(node.as_str()));
    for _ in 0..CONFLICTS {
        let read = match wire.send(&Ask::get(&path, &[]), patience.request()).await {
            Ok(reply) if reply.code == 200 => reply,
            Ok(reply) => return refused(&reply, &format!("node {node}")),
            // Nothing but a read was sent so far.
            Err(lost) => return later(lost.why()),
        };
        let view: NodeView = match serde_json::from_slice(&read.body) {
            Ok(view) => view,
            Err(error) => return later(format!("node {node} cannot be understood: {error}")),
        };
        let Some(patch) = patch(&view, wish) else {
            return DONE;
        };
        match wire
            .send(&Ask::patch(&path, patch), patience.request())
            .await
        {
            Ok(reply) if (200..300).contains(&reply.code) => return DONE,
            Ok(reply) if reply.code == 409 => {}
            // A server that fails may have written before it failed.
            Ok(reply) if reply.code >= 500 => {
                return Answer::Unknown(format!("node {node}: {}: {}", reply.code, said(&reply)));
            }
            Ok(reply) => return refused(&reply, &format!("node {node}")),
            Err(Lost::Before(why)) => return later(why),
            Err(lost) => return Answer::Unknown(format!("node {node}: {}", lost.why())),
        }
    }
    later(format!("node {node} changes faster than it can be patched"))
}

/// The answer to an act that needs no name and waits on nothing.
const DONE: Answer = Answer::Acknowledged {
    operation: None,
    waits_on: Vec::new(),
};

/// What the nodes know of `key`.
///
/// A node that bears it is proof. That none does is not: drains and uncordons
/// leave no key, and neither does a cordon that found the node closed.
pub(crate) fn trace(key: &OpKey, nodes: &[(String, Option<String>)]) -> Trace {
    match nodes
        .iter()
        .find(|(_, by)| by.as_deref() == Some(key.as_str()))
    {
        Some((node, _)) => Trace::Present(format!("node {node} is cordoned under this key")),
        None => Trace::CannotTell(
            "no node bears this key, and only cordons leave one: look at the node itself"
                .to_owned(),
        ),
    }
}

/// A node's name, and the key under which it is cordoned.
pub(crate) fn key_on(node: &Value) -> Result<(String, Option<String>), String> {
    let name = node
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .ok_or("a node without a name")?;
    let key = node
        .pointer("/metadata/annotations")
        .and_then(|all| all.get(CORDONED_BY))
        .and_then(Value::as_str);
    Ok((name.to_owned(), key.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> OpKey {
        "k2".parse().unwrap()
    }

    #[track_caller]
    fn check(closed: bool, by: Option<&str>, wish: Wish<'_>, expected: Option<Value>) {
        let node: NodeView = serde_json::from_value(json!({
            "metadata": {"resourceVersion": "7", "annotations": by.map(|by| json!({CORDONED_BY: by}))},
            "spec": {"unschedulable": closed},
        }))
        .unwrap();
        let found = patch(&node, wish).map(|patch| {
            assert_eq!(patch["metadata"]["resourceVersion"], "7");
            json!([
                patch["metadata"]["annotations"][CORDONED_BY],
                patch["spec"]["unschedulable"]
            ])
        });
        assert_eq!(found, expected, "closed {closed}, by {by:?}");
    }

    #[test]
    fn only_our_own_cordon_is_undone() {
        let key = key();
        let cordon = Wish::Cordoned(&key);
        check(false, None, cordon, Some(json!(["k2", true])));
        check(true, None, cordon, None);
        check(true, Some("k2"), cordon, None);
        check(true, Some("k1"), cordon, Some(json!(["k2", true])));
        check(false, Some("k1"), cordon, Some(json!(["k2", true])));
        check(false, None, Wish::Released, None);
        check(true, None, Wish::Released, None);
        check(true, Some("k1"), Wish::Released, Some(json!([null, null])));
        check(false, Some("k1"), Wish::Released, Some(json!([null, null])));
    }

    #[test]
    fn a_key_that_no_node_bears_proves_nothing() {
        let nodes = [
            ("w-1".to_owned(), None),
            ("w-2".to_owned(), Some("k2".to_owned())),
        ];
        assert!(matches!(trace(&key(), &nodes), Trace::Present(why) if why.contains("w-2")));
        assert!(matches!(trace(&key(), &nodes[..1]), Trace::CannotTell(_)));
    }
}
