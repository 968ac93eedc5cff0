//! kubeadm, the kubelet package and copies of etcd, in virtual time.
//!
//! kubeadm replaces the static pods of a node one after another, etcd first,
//! and waits for each. It refuses what its version rules forbid: more than one
//! minor at a time, a way down, kubelets more than three minors behind.
//! Source: kubeadm's preflight and `enforceRequirements` (1.36); the durations
//! are options, because no source gives them.

use crate::agenda::{Core, Event};
use crate::state::{Cluster, NodeId, WorkloadId};
use refit_model::act::Refusal;
use refit_model::kubernetes::{
    ComponentKey, ComponentKind, EtcdSnapshot, WorkloadKey, WorkloadKind,
};
use refit_model::name::{NodeName, OpKey};
use refit_model::seen::Seen;
use refit_model::version::KubeVersion;

/// How many minors a kubelet may be older than the API server (version-skew
/// policy since 1.28).
const KUBELET_LAG: i32 = 3;

/// What kubeadm calls the DaemonSet of kube-proxy, and its image.
const PROXY: &str = "kube-proxy";

/// What happens to a static pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StaticPod {
    /// Its manifest was replaced.
    Stops,
    /// It is back, at another release if one is given.
    Starts(Option<KubeVersion>),
}

impl Cluster {
    fn known(&self, name: &NodeName) -> Result<NodeId, Refusal> {
        self.node_names
            .get(name)
            .copied()
            .ok_or_else(|| Refusal::Denied(format!("node {name} does not exist")))
    }

    /// The releases of the API servers, lowest first.
    fn servers(&self) -> Vec<KubeVersion> {
        let mut found: Vec<_> = self
            .components
            .iter()
            .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
            .filter_map(|(_, component)| component.version.get().cloned())
            .collect();
        found.sort();
        found
    }

    fn runs_control_plane(&self, name: &NodeName) -> bool {
        self.components.keys().any(|key| key.node == *name)
    }

    /// `kubeadm upgrade apply`.
    pub(crate) fn kubeadm_apply(
        &mut self,
        core: &mut Core,
        name: &NodeName,
        to: &KubeVersion,
        key: &OpKey,
    ) -> Result<(), Refusal> {
        let node = self.known(name)?;
        if !self.runs_control_plane(name) {
            return Err(Refusal::Denied(format!(
                "{name} runs no control plane, where kubeadm upgrade apply belongs"
            )));
        }
        let Some(from) = self
            .configured
            .clone()
            .or_else(|| self.servers().last().cloned())
        else {
            return Err(Refusal::Denied(
                "no API server shows which release the cluster has".to_owned(),
            ));
        };
        match to.minor().ahead_of(from.minor()) {
            Some(0 | 1) if *to >= from => {}
            Some(ahead) if ahead > 1 => {
                return Err(Refusal::Denied(format!(
                    "kubeadm upgrades one minor at a time, and {to} is {ahead} ahead of {from}"
                )));
            }
            Some(_) | None => {
                return Err(Refusal::Denied(format!(
                    "kubeadm does not go down from {from} to {to}"
                )));
            }
        }
        for other in self.nodes.values() {
            if let Some(kubelet) = other.seen.kubelet.get()
                && to
                    .minor()
                    .ahead_of(kubelet.minor())
                    .is_none_or(|lag| lag > KUBELET_LAG)
            {
                return Err(Refusal::Denied(format!(
                    "the kubelet on {} is {kubelet}, too old for {to}",
                    other.name
                )));
            }
        }
        self.control_planes_rest()?;
        self.replace_static_pods(core, node, name, to, key);
        Ok(())
    }

    /// `kubeadm upgrade node`.
    pub(crate) fn kubeadm_node(
        &mut self,
        core: &mut Core,
        name: &NodeName,
        to: &KubeVersion,
        key: &OpKey,
    ) -> Result<(), Refusal> {
        let node = self.known(name)?;
        let configured = self
            .configured
            .clone()
            .or_else(|| self.servers().last().cloned());
        if configured.as_ref() != Some(to) {
            let found = configured.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
            return Err(Refusal::Denied(format!(
                "kubeadm upgrade node goes to the cluster's own release, which is {found} and not {to}"
            )));
        }
        if self.runs_control_plane(name) {
            self.control_planes_rest()?;
            self.replace_static_pods(core, node, name, to, key);
        } else {
            // On a worker it writes the kubelet's configuration and ends.
            core.after(
                core.options.kubeadm_preflight,
                Event::OperationEnds(key.clone()),
            );
        }
        Ok(())
    }

    /// kubeadm's health checks: every control-plane node is ready, and so are
    /// its static pods.
    fn control_planes_rest(&self) -> Result<(), Refusal> {
        for (key, component) in &self.components {
            let node_ready = self
                .node_names
                .get(&key.node)
                .and_then(|id| self.nodes.get(id))
                .is_some_and(crate::state::NodeState::ready);
            if !node_ready {
                return Err(Refusal::Later {
                    why: format!("control-plane node {} is not ready", key.node),
                    after: None,
                });
            }
            if component.ready.get() == Some(&false) {
                return Err(Refusal::Later {
                    why: format!("{} on {} is not ready", key.kind, key.node),
                    after: None,
                });
            }
        }
        Ok(())
    }

    fn replace_static_pods(
        &self,
        core: &mut Core,
        node: NodeId,
        name: &NodeName,
        to: &KubeVersion,
        key: &OpKey,
    ) {
        let mut at = core.options.kubeadm_preflight;
        for kind in ComponentKind::ALL {
            let here = ComponentKey {
                node: name.clone(),
                kind,
            };
            if !self.components.contains_key(&here) {
                continue;
            }
            // Which etcd a kubeadm brings is not known here: it restarts as is.
            let version = (kind != ComponentKind::Etcd).then(|| to.clone());
            core.after(at, Event::ComponentTurns(node, kind, StaticPod::Stops));
            at = at.saturating_add(core.options.static_pod_restart);
            core.after(
                at,
                Event::ComponentTurns(node, kind, StaticPod::Starts(version)),
            );
        }
        core.after(at, Event::KubeadmEnds(key.clone(), to.clone()));
    }

    /// The kubelet package and a restart of it.
    pub(crate) fn kubelet_upgrade(
        &self,
        core: &mut Core,
        name: &NodeName,
        to: &KubeVersion,
        key: &OpKey,
    ) -> Result<(), Refusal> {
        let node = self.known(name)?;
        // A control-plane node's kubelet is upgraded after its own API server and
        // before the other ones; a worker's may meet any of them.
        let own = self.components.get(&ComponentKey {
            node: name.clone(),
            kind: ComponentKind::KubeApiserver,
        });
        let server = match own {
            Some(own) => own.version.get().cloned(),
            None => self.servers().into_iter().next(),
        };
        if let Some(server) = server
            && to.minor() > server.minor()
        {
            return Err(Refusal::Denied(format!(
                "a kubelet must not be newer than the API server it talks to, which may be at {server}"
            )));
        }
        let stops = core.options.kubelet_install;
        core.after(stops, Event::KubeletStops(node, to.clone()));
        let ready = stops.saturating_add(core.options.kubelet_restart);
        core.after(ready, Event::NodeReady(node));
        core.after(ready, Event::OperationEnds(key.clone()));
        Ok(())
    }

    /// `etcdctl snapshot save`.
    pub(crate) fn etcd_save(
        &self,
        core: &mut Core,
        name: &NodeName,
        key: &OpKey,
    ) -> Result<(), Refusal> {
        let node = self.known(name)?;
        let here = ComponentKey {
            node: name.clone(),
            kind: ComponentKind::Etcd,
        };
        match self.components.get(&here) {
            None => Err(Refusal::Denied(format!("there is no etcd on {name}"))),
            Some(etcd) if etcd.ready.get() == Some(&false) => Err(Refusal::Later {
                why: format!("etcd on {name} is not ready"),
                after: None,
            }),
            Some(_) => {
                core.after(core.options.etcd_save, Event::EtcdSaved(node, key.clone()));
                Ok(())
            }
        }
    }

    pub(crate) fn etcd_saved(&mut self, core: &Core, node: NodeId, key: &OpKey) {
        if let Some(node) = self.nodes.get(&node) {
            self.etcd_snapshots.push(EtcdSnapshot {
                node: node.name.clone(),
                at: core.now,
                key: Some(key.clone()),
                hash_checked: true,
            });
        }
    }

    /// A static pod goes down, or is back.
    pub(crate) fn component_turns(
        &mut self,
        core: &mut Core,
        node: NodeId,
        kind: ComponentKind,
        turn: StaticPod,
    ) {
        let Some(name) = self.nodes.get(&node).map(|node| node.name.clone()) else {
            return;
        };
        let mirror = format!("kube-system/{kind}-{name}");
        let Some(component) = self.components.get_mut(&ComponentKey { node: name, kind }) else {
            return;
        };
        let (ready, version) = match turn {
            StaticPod::Stops => (false, None),
            StaticPod::Starts(version) => (true, version),
        };
        component.ready = Seen::Is(ready);
        if let Some(version) = &version {
            component.version = Seen::Is(version.clone());
        }
        if let Some(id) = mirror.parse().ok().and_then(|key| self.pod_keys.get(&key)) {
            self.alter_pod(core, *id, |pod| {
                pod.seen.ready = Seen::Is(ready);
                if let Some(version) = &version {
                    retag(&mut pod.seen.images, kind.name(), version);
                }
            });
        }
    }

    /// kubeadm has ended on a control-plane node; after the last one it brings
    /// the add-ons along.
    pub(crate) fn kubeadm_ends(&mut self, core: &mut Core, to: &KubeVersion) {
        self.configured = Some(to.clone());
        if self.servers().iter().all(|server| server == to) {
            if let Some(set) = self.proxy_set().and_then(|id| self.workloads.get_mut(&id)) {
                set.meta.generation += 1;
                if let Some(template) = &mut set.template {
                    retag(&mut template.images, PROXY, to);
                }
            }
            self.proxy_roll = Some(to.clone());
            core.after(core.options.replace_delay, Event::RollProxy);
        }
    }

    /// The DaemonSet of kube-proxy, as kubeadm names it.
    pub(crate) fn proxy_set(&self) -> Option<WorkloadId> {
        let key = WorkloadKey {
            kind: WorkloadKind::DaemonSet,
            namespace: "kube-system".parse().ok()?,
            name: PROXY.parse().ok()?,
        };
        self.workload_keys.get(&key).copied()
    }

    /// Goes on with the roll of kube-proxy: one pod at a time, the default of a
    /// DaemonSet.
    pub(crate) fn roll_proxy(&mut self, core: &mut Core) {
        let Some(to) = self.proxy_roll.clone() else {
            return;
        };
        let next = self.nodes.iter().find_map(|(id, node)| {
            let old = matches!(&node.seen.kube_proxy, Seen::Is(Some(found)) if *found != to);
            old.then_some(id)
        });
        let Some(node) = next else {
            self.proxy_roll = None;
            return;
        };
        let set = self.proxy_set();
        let pod = self.nodes.get(&node).and_then(|node| {
            node.pods
                .iter()
                .copied()
                .find(|pod| set.is_some() && self.pods.get(pod).is_some_and(|pod| pod.owner == set))
        });
        if let Some(pod) = pod {
            self.delete_pod(core, pod, None);
        } else {
            // The node's kube-proxy is known and its pod is not: it takes
            // the time that one would.
            if let Some(node) = self.nodes.get_mut(&node) {
                node.seen.kube_proxy = Seen::Is(Some(to));
            }
            let takes = core
                .options
                .stop_delay
                .saturating_add(core.options.start_delay);
            core.after(takes, Event::RollProxy);
        }
    }

    /// A pod of kube-proxy has started on a node.
    pub(crate) fn proxy_starts(
        &mut self,
        core: &mut Core,
        node: Option<NodeId>,
        images: &[String],
    ) {
        // While a roll is under way every new pod is made from what it brings,
        // whether its tag names a release or not.
        let version = self.proxy_roll.clone().or_else(|| {
            images.iter().find_map(|image| {
                let (_, tag) = image.rsplit_once(':')?;
                tag.parse::<KubeVersion>().ok()
            })
        });
        if let (Some(version), Some(node)) =
            (version, node.and_then(|node| self.nodes.get_mut(&node)))
        {
            node.seen.kube_proxy = Seen::Is(Some(version));
        }
        if self.proxy_roll.is_some() {
            core.after(core.options.replace_delay, Event::RollProxy);
        }
    }
}

/// The images of the part called `name` at another release, without digests,
/// which no longer fit; the images of its companions stay.
fn retag(images: &mut [String], name: &str, version: &KubeVersion) {
    let alone = images.len() == 1;
    for image in images {
        let bare = image.split('@').next().unwrap_or_default();
        let repository = match bare.rsplit_once(':') {
            // A colon before the last slash is a registry's port.
            Some((repository, tag)) if !tag.contains('/') => repository,
            Some(_) | None => bare,
        };
        let last = repository.rsplit('/').next().unwrap_or_default();
        if alone || last.starts_with(name) {
            *image = format!("{repository}:{version}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_change_their_tag_and_nothing_else() {
        let to = "v1.34.2".parse().unwrap();
        let check = |image: &str, expected: &str| {
            let mut images = [image.to_owned()];
            retag(&mut images, "kube-proxy", &to);
            assert_eq!(images, [expected]);
        };
        check(
            "registry.k8s.io/kube-proxy:v1.33.1",
            "registry.k8s.io/kube-proxy:v1.34.2",
        );
        check("local:5000/kube-proxy", "local:5000/kube-proxy:v1.34.2");
        let mut pair = ["kube-proxy:v1".to_owned(), "watcher:v1".to_owned()];
        retag(&mut pair, "kube-proxy", &to);
        assert_eq!(pair, ["kube-proxy:v1.34.2", "watcher:v1"]);
        check(
            "local:5000/kube-proxy:v1@sha256:abc",
            "local:5000/kube-proxy:v1.34.2",
        );
    }
}
