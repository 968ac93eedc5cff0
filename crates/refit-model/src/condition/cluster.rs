//! Conditions on a cluster as a whole and on its control plane.

use super::Judgement;
use super::node::side;
use crate::kubernetes::{ComponentKey, ComponentKind};
use crate::name::NodeName;
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use crate::version::KubeVersion;
use std::collections::BTreeSet;

pub(super) fn servers_at(version: &KubeVersion, snapshot: &Snapshot) -> Judgement {
    let components = match side(snapshot).and_then(|k| k.components.complete()) {
        Ok(components) => components,
        Err(why) => return Judgement::unseen("the control plane", &why),
    };
    let mut seen = 0_usize;
    for (key, component) in components {
        if key.kind != ComponentKind::KubeApiserver {
            continue;
        }
        seen += 1;
        match component.version.known() {
            Ok(found) if found.minor() == version.minor() && found >= version => {}
            Ok(found) => {
                return Judgement::Fails(format!("the API server on {} is {found}", key.node));
            }
            Err(why) => {
                return Judgement::unseen(
                    &format!("the version of the API server on {}", key.node),
                    why,
                );
            }
        }
    }
    Judgement::of(
        seen > 0,
        if seen > 0 {
            format!("every API server is at {version}")
        } else {
            "no API server was seen".to_owned()
        },
    )
}

pub(super) fn components_at(
    node: &NodeName,
    version: &KubeVersion,
    snapshot: &Snapshot,
) -> Judgement {
    let components = match side(snapshot).and_then(|k| {
        k.components.covers(node)?;
        Ok(&k.components.items)
    }) {
        Ok(components) => components,
        Err(why) => return Judgement::unseen(&format!("the control plane on {node}"), &why),
    };
    for kind in ComponentKind::ALL {
        // etcd has versions of its own; its readiness is judged with the quorum.
        if kind == ComponentKind::Etcd {
            continue;
        }
        let key = ComponentKey {
            node: node.clone(),
            kind,
        };
        let Some(component) = components.get(&key) else {
            return Judgement::Fails(format!("there is no {kind} on {node}"));
        };
        match component.version.known() {
            Ok(found) if found == version => {}
            Ok(found) => return Judgement::Fails(format!("{kind} on {node} is {found}")),
            Err(why) => {
                return Judgement::unseen(&format!("the version of {kind} on {node}"), why);
            }
        }
    }
    Judgement::Holds(format!("the control plane on {node} is at {version}"))
}

pub(super) fn control_plane_ready(snapshot: &Snapshot) -> Judgement {
    let components = match side(snapshot).and_then(|k| k.components.complete()) {
        Ok(components) => components,
        Err(why) => return Judgement::unseen("the control plane", &why),
    };
    if components.is_empty() {
        return Judgement::Fails("no component of a control plane was seen".to_owned());
    }
    for (key, component) in components {
        match component.ready.known() {
            Ok(true) => {}
            Ok(false) => {
                return Judgement::Fails(format!("{} on {} is not ready", key.kind, key.node));
            }
            Err(why) => {
                return Judgement::unseen(
                    &format!("whether {} on {} is ready", key.kind, key.node),
                    why,
                );
            }
        }
    }
    Judgement::Holds("every component of the control plane is ready".to_owned())
}

pub(super) fn quorum(kind: ComponentKind, snapshot: &Snapshot) -> Judgement {
    let components = match side(snapshot).and_then(|k| k.components.complete()) {
        Ok(components) => components,
        Err(why) => return Judgement::unseen("the control plane", &why),
    };
    let (mut members, mut ready) = (0_usize, 0_usize);
    for (key, component) in components.iter().filter(|(key, _)| key.kind == kind) {
        members += 1;
        match component.ready.known() {
            Ok(true) => ready += 1,
            Ok(false) => {}
            Err(why) => {
                return Judgement::unseen(&format!("whether {kind} on {} is ready", key.node), why);
            }
        }
    }
    // A majority must be left when the node that is worked on goes away; below
    // three members there is none to spare, and all must be there.
    let needed = if members >= 3 {
        members / 2 + 1
    } else {
        members
    };
    Judgement::of(
        members > 0 && ready >= needed,
        format!("{ready} of {members} {kind} are ready"),
    )
}

pub(super) fn etcd_snapshot_taken(
    node: &NodeName,
    since: jiff::Timestamp,
    snapshot: &Snapshot,
) -> Judgement {
    let taken = match side(snapshot) {
        Ok(kubernetes) => match kubernetes.etcd_snapshots.known() {
            Ok(taken) => taken,
            Err(why) => return Judgement::unseen("which copies of etcd exist", why),
        },
        Err(why) => return Judgement::unseen("which copies of etcd exist", &why),
    };
    let fresh: Vec<_> = taken
        .iter()
        .filter(|copy| copy.node == *node && copy.at >= since)
        .collect();
    if fresh.iter().any(|copy| copy.hash_checked) {
        Judgement::Holds(format!("a checked copy of etcd was taken on {node}"))
    } else if fresh.is_empty() {
        Judgement::Fails(format!("no copy of etcd was taken on {node} since {since}"))
    } else {
        Judgement::Fails(format!(
            "the copy of etcd taken on {node} was not checked against its hash"
        ))
    }
}

pub(super) fn nodes_ready(except: &[NodeName], snapshot: &Snapshot) -> Judgement {
    let nodes = match side(snapshot).and_then(|k| k.nodes.complete()) {
        Ok(nodes) => nodes,
        Err(why) => return Judgement::unseen("the nodes", &why),
    };
    for (name, node) in nodes {
        if except.contains(name) {
            continue;
        }
        match node.ready.known() {
            Ok(true) => {}
            Ok(false) => return Judgement::Fails(format!("node {name} is not ready")),
            Err(why) => {
                return Judgement::unseen(&format!("whether node {name} is ready"), why);
            }
        }
    }
    Judgement::of(
        !nodes.is_empty(),
        format!(
            "all {} nodes are ready",
            nodes.len().saturating_sub(except.len())
        ),
    )
}

pub(super) fn workloads_served(on: Option<&NodeName>, snapshot: &Snapshot) -> Judgement {
    let workloads = match side(snapshot).and_then(|k| k.workloads.complete()) {
        Ok(workloads) => workloads,
        Err(why) => return Judgement::unseen("the workloads", &why),
    };
    let owners = match on.map(|node| owners_on(node, snapshot)).transpose() {
        Ok(owners) => owners,
        Err(why) => return Judgement::unseen("what runs on the node", &why),
    };
    for (key, workload) in workloads {
        if owners
            .as_ref()
            .is_some_and(|uids| !uids.contains(&workload.uid))
        {
            continue;
        }
        let Some(wanted) = workload.replicas else {
            continue;
        };
        match workload.ready.known() {
            Ok(ready) if *ready >= wanted => {}
            Ok(ready) => {
                return Judgement::Fails(format!("{key} has {ready} of {wanted} pods ready"));
            }
            Err(why) => {
                return Judgement::unseen(&format!("how many pods of {key} are ready"), why);
            }
        }
    }
    Judgement::Holds("every workload has its pods".to_owned())
}

/// The UIDs of what owns the pods on a node, when none of them can be missing.
fn owners_on(node: &NodeName, snapshot: &Snapshot) -> Result<BTreeSet<String>, Unseen> {
    let pods = &side(snapshot)?.pods;
    pods.covers(node)?;
    Ok(pods
        .items
        .values()
        .filter(|pod| pod.node.as_ref() == Some(node))
        .filter_map(|pod| pod.owner.as_ref().map(|owner| owner.uid.clone()))
        .collect())
}
