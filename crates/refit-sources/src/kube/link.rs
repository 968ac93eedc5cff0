//! What becomes known when several objects are looked at together.

use super::component;
use super::node::HOSTNAME_LABEL;
use super::volume::LocalVolume;
use refit_model::kubernetes::{Component, ComponentKey, Kubernetes, LocalData, Node, Pod};
use refit_model::name::{Key, NodeName, ObjectName};
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;

/// The control plane's components among `pods`.
///
/// The listing reaches as far as that of the pods does, unless no component is
/// among them: then the control plane runs where nobody looked.
#[must_use]
pub fn components(
    pods: &Listing<Key, Pod, NodeName>,
) -> Listing<ComponentKey, Component, NodeName> {
    let items: BTreeMap<_, _> = pods
        .items
        .iter()
        .filter_map(|(key, pod)| component::component(key, pod))
        .collect();
    let extent = if items.is_empty() {
        match &pods.extent {
            Extent::Part(why) => Extent::Part(why.clone()),
            Extent::Whole | Extent::Only(_) => Extent::Part(Unseen::NotInSource),
        }
    } else {
        pods.extent.clone()
    };
    Listing { items, extent }
}

/// Sets the kube-proxy of every node: its version, none, or a gap where the
/// pods of the node were not all seen.
pub fn proxies(nodes: &mut BTreeMap<NodeName, Node>, pods: &Listing<Key, Pod, NodeName>) {
    let mut found: BTreeMap<&NodeName, Seen<KubeVersion>> = BTreeMap::new();
    for (key, pod) in &pods.items {
        if let (Some(node), Some(version)) = (&pod.node, component::kube_proxy(key, pod)) {
            found.insert(node, version);
        }
    }
    for (name, node) in nodes {
        node.kube_proxy = match (found.remove(name), pods.covers(name)) {
            (Some(version), _) => version.map(Some),
            (None, Ok(())) => Seen::Is(None),
            (None, Err(why)) => Seen::Gap(why),
        };
    }
}

/// The API server's release, by the newest of its components; for when nobody
/// asked the server itself.
#[must_use]
pub fn newest_apiserver(kubernetes: &Kubernetes) -> Option<&KubeVersion> {
    kubernetes
        .components
        .items
        .iter()
        .filter(|(key, _)| key.kind == refit_model::kubernetes::ComponentKind::KubeApiserver)
        .filter_map(|(_, component)| component.version.get())
        .max()
}

/// Binds pods to the nodes of their local volumes. `claims` are those of each
/// pod, in its namespace.
pub fn volumes(
    pods: &mut BTreeMap<Key, Pod>,
    claims: &BTreeMap<Key, Vec<ObjectName>>,
    volumes: &[LocalVolume],
    nodes: &BTreeMap<NodeName, Node>,
) {
    let by_hostname: BTreeMap<&str, &NodeName> = nodes
        .iter()
        .filter_map(|(name, node)| Some((node.labels.get(HOSTNAME_LABEL)?.as_str(), name)))
        .collect();
    let homes: BTreeMap<&Key, NodeName> = volumes
        .iter()
        .filter_map(|volume| {
            let node = by_hostname.get(volume.hostname.as_str()).copied().cloned();
            // The label is the node's name unless somebody changed it.
            let node = node.or_else(|| NodeName::new(&volume.hostname).ok())?;
            Some((&volume.claim, node))
        })
        .collect();
    for (key, claims) in claims {
        let home = claims.iter().find_map(|claim| {
            homes.get(&Key {
                namespace: key.namespace.clone(),
                name: claim.clone(),
            })
        });
        if let (Some(pod), Some(home)) = (pods.get_mut(key), home) {
            pod.local_data = LocalData::LocalVolume(home.clone());
        }
    }
}
