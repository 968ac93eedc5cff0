//! The walk through a kubeadm plan: what would be true after each step.
//!
//! Versions, closed nodes and copies of etcd are kept in an account that the
//! acts change; every rule is looked at after every act, so that it holds after
//! every prefix of the plan.

use crate::codes;
use crate::condition::{Mention, demanded, mentions};
use crate::pen::Pen;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Component, SkewVerdict};
use refit_model::act::{Act, EtcdAct, KubeAct, KubeadmAct};
use refit_model::condition::{Condition, judge};
use refit_model::kubernetes::{ComponentKind, Cordon, Kubernetes};
use refit_model::name::NodeName;
use refit_model::plan::{Hop, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at the plan as far as it is one for Kubernetes nodes.
pub(crate) fn look(
    plan: &UpgradePlan,
    hop: &Hop,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    pen: &mut Pen,
) {
    let on_nodes = plan
        .steps()
        .any(|(_, step)| step.act.as_ref().is_some_and(|act| act.node().is_some()));
    let Some(side) = &snapshot.kubernetes else {
        if on_nodes {
            pen.fatal(
                &codes::CANNOT_JUDGE,
                None,
                "the plan works on nodes, and the snapshot holds none",
            );
        }
        return;
    };
    // A cluster that is upgraded by other means than node by node.
    if !on_nodes && snapshot.juju.is_some() {
        return;
    }
    // A provider's command replaces nodes as it likes; what it leaves is looked
    // at by the steps behind it, and cannot be followed here.
    let by_command = plan.steps().find(|(_, step)| {
        step.changes_state()
            && matches!(step.act, Some(Act::Exec(_) | Act::Helm(_) | Act::Osism(_)))
    });
    if let (false, Some((_, step))) = (on_nodes, by_command) {
        pen.caution(
            &codes::COMMAND_NOT_FOLLOWED,
            Some(&step.id),
            "what its command does to nodes is not followed step by step",
        );
        return;
    }
    let mut account = Account::open(side, snapshot, hop, knowledge, pen);
    for (_, step) in plan.steps() {
        account.names(step, pen);
        if let Some(act) = &step.act {
            account.act(step, act, pen);
        } else {
            account.observe(step);
        }
    }
    account.close(pen);
}

/// What would be true at this point of the plan.
struct Account<'a> {
    hop: &'a Hop,
    knowledge: &'a Knowledge,
    /// What the API server on each control-plane node runs.
    servers: BTreeMap<NodeName, KubeVersion>,
    /// The nodes with a member of etcd.
    members: BTreeSet<NodeName>,
    nodes: BTreeMap<NodeName, Standing>,
    /// The nodes that are closed by us.
    out: BTreeSet<NodeName>,
    /// The node on which `kubeadm upgrade apply` ran.
    applied: Option<NodeName>,
    copied: bool,
    changed_servers: bool,
    /// Whether the versions of the API servers were looked at since the last
    /// change of one.
    servers_verified: bool,
    /// Nodes whose kubelet was changed and not looked at since.
    unverified: BTreeSet<NodeName>,
}

/// What would be true of a node.
struct Standing {
    kubelet: Option<KubeVersion>,
    closed: bool,
    /// This plan, or an earlier one of ours, closed it.
    ours: bool,
    drained: bool,
}

impl<'a> Account<'a> {
    fn open(
        side: &Kubernetes,
        snapshot: &Snapshot,
        hop: &'a Hop,
        knowledge: &'a Knowledge,
        pen: &mut Pen,
    ) -> Self {
        let mut unseen = Vec::new();
        if let Err(why) = side.nodes.complete() {
            unseen.push(format!("whether there are more nodes is not known: {why}"));
        }
        if let Err(why) = side.components.complete() {
            unseen.push(format!(
                "whether the control plane has more components is not known: {why}"
            ));
        }
        let mut servers = BTreeMap::new();
        let mut members = BTreeSet::new();
        for (key, component) in &side.components.items {
            match key.kind {
                ComponentKind::KubeApiserver => match component.version.known() {
                    Ok(version) => {
                        servers.insert(key.node.clone(), version.clone());
                    }
                    Err(why) => unseen.push(format!(
                        "the version of the API server on {} is not known: {why}",
                        key.node
                    )),
                },
                ComponentKind::Etcd => {
                    members.insert(key.node.clone());
                }
                ComponentKind::KubeControllerManager | ComponentKind::KubeScheduler => {}
            }
        }
        let mut nodes = BTreeMap::new();
        for (name, node) in &side.nodes.items {
            if let Err(why) = node.kubelet.known() {
                unseen.push(format!("the kubelet version on {name} is not known: {why}"));
            }
            if let Err(why) = node.cordon.known() {
                unseen.push(format!("the cordon of {name} is not known: {why}"));
            }
            let cordon = node.cordon.get();
            let closed = matches!(cordon, Some(Cordon::Ours | Cordon::Theirs));
            nodes.insert(
                name.clone(),
                Standing {
                    kubelet: node.kubelet.get().cloned(),
                    closed,
                    ours: cordon == Some(&Cordon::Ours),
                    drained: closed
                        && judge(&Condition::NodeDrained(name.clone()), snapshot).holds(),
                },
            );
        }
        let out = nodes
            .iter()
            .filter(|(_, standing)| standing.ours)
            .map(|(name, _)| name.clone())
            .collect();
        for what in unseen {
            pen.fatal(&codes::CANNOT_JUDGE, None, what);
        }
        Self {
            hop,
            knowledge,
            servers,
            members,
            nodes,
            out,
            applied: None,
            copied: false,
            changed_servers: false,
            servers_verified: false,
            unverified: BTreeSet::new(),
        }
    }

    /// Every node that the step speaks of must exist.
    fn names(&self, step: &Step, pen: &mut Pen) {
        let conditions = [&step.expects, &step.keeps, &step.passes, &step.reaches];
        let mut named: BTreeSet<&NodeName> = conditions
            .into_iter()
            .flatten()
            .flat_map(mentions)
            .filter_map(|mention| match mention {
                Mention::Node(node) => Some(node),
                Mention::Application(_) => None,
            })
            .collect();
        named.extend(step.act.as_ref().and_then(Act::node));
        for node in named {
            if !self.nodes.contains_key(node) {
                pen.fatal(
                    &codes::UNKNOWN_SUBJECT,
                    Some(&step.id),
                    format!("node {node} was not observed"),
                );
            }
        }
    }

    fn act(&mut self, step: &Step, act: &Act, pen: &mut Pen) {
        match act {
            Act::Kube(KubeAct::Cordon { node }) => self.cordon(step, node, pen),
            Act::Kube(KubeAct::Drain { node, .. }) => self.drain(step, node, pen),
            Act::Kube(KubeAct::Uncordon { node }) => {
                if let Some(standing) = self.nodes.get_mut(node)
                    && standing.ours
                {
                    standing.closed = false;
                    standing.ours = false;
                    standing.drained = false;
                    self.out.remove(node);
                }
            }
            Act::Kubeadm(KubeadmAct::Apply { node, to }) => {
                match &self.applied {
                    Some(other) if other != node => pen.fatal(
                        &codes::APPLY_TWICE,
                        Some(&step.id),
                        format!("apply ran on {other} already"),
                    ),
                    Some(_) | None => {}
                }
                self.applied = Some(node.clone());
                self.components(step, node, to, pen);
            }
            Act::Kubeadm(KubeadmAct::Node { node, to }) => {
                if !self.servers.values().any(|server| server == to) {
                    pen.fatal(
                        &codes::NODE_BEFORE_APPLY,
                        Some(&step.id),
                        format!("no API server is at {to} yet"),
                    );
                }
                self.components(step, node, to, pen);
            }
            Act::Kubeadm(KubeadmAct::Kubelet { node, to }) => self.kubelet(step, node, to, pen),
            Act::Etcd(EtcdAct::SnapshotSave { node }) => {
                if self.members.contains(node) {
                    self.copied = true;
                } else {
                    pen.fatal(
                        &codes::BACKUP_ELSEWHERE,
                        Some(&step.id),
                        format!("no member of etcd was observed on {node}"),
                    );
                }
            }
            Act::Juju(_)
            | Act::Helm(_)
            | Act::Osism(_)
            | Act::Exec(_)
            | Act::Edit(_)
            | Act::Person(_) => {}
        }
    }

    fn cordon(&mut self, step: &Step, node: &NodeName, pen: &mut Pen) {
        if let Some(other) = self.out.iter().find(|name| *name != node) {
            pen.fatal(
                &codes::TWO_NODES_OUT,
                Some(&step.id),
                format!("{node} is closed while {other} is"),
            );
        }
        if let Some(standing) = self.nodes.get_mut(node)
            && !standing.closed
        {
            standing.closed = true;
            standing.ours = true;
            self.out.insert(node.clone());
        }
    }

    fn drain(&mut self, step: &Step, node: &NodeName, pen: &mut Pen) {
        if let Some(standing) = self.nodes.get_mut(node) {
            if !standing.closed {
                pen.fatal(
                    &codes::DRAIN_WITHOUT_CORDON,
                    Some(&step.id),
                    format!("{node} takes new pods"),
                );
            }
            standing.drained = true;
        }
    }

    /// The components of the control plane on `node` go to `to`.
    fn components(&mut self, step: &Step, node: &NodeName, to: &KubeVersion, pen: &mut Pen) {
        if !self.copied {
            pen.fatal(
                &codes::NO_BACKUP,
                Some(&step.id),
                "no step before it takes a copy of etcd",
            );
        }
        self.release(step, to, pen);
        match self.servers.get(node) {
            None => pen.fatal(
                &codes::NOT_CONTROL_PLANE,
                Some(&step.id),
                format!("no API server was observed on {node}"),
            ),
            Some(server) if server > to => pen.fatal(
                &codes::GOES_BACK,
                Some(&step.id),
                format!("the API server on {node} is {server}, and {to} is older"),
            ),
            Some(_) => {}
        }
        if let Some(server) = self.servers.get_mut(node) {
            *server = to.clone();
        }
        self.changed_servers = true;
        self.servers_verified = false;
        let mut lagging = self
            .nodes
            .iter()
            .filter_map(|(name, standing)| Some((name, standing.kubelet.as_ref()?)))
            .filter(|(_, kubelet)| self.too_old(kubelet, to.minor()));
        if let Some((name, kubelet)) = lagging.next() {
            pen.fatal(
                &codes::KUBELET_TOO_OLD,
                Some(&step.id),
                format!(
                    "the kubelet on {name} is {kubelet}, too old for an API server at {to}; so are {} more",
                    lagging.count()
                ),
            );
        }
    }

    fn too_old(&self, kubelet: &KubeVersion, server: Minor) -> bool {
        matches!(
            self.knowledge
                .skew()
                .judge(server, Component::Kubelet, kubelet.minor()),
            SkewVerdict::TooOld { .. }
        )
    }

    fn release(&self, step: &Step, to: &KubeVersion, pen: &mut Pen) {
        if *to != self.hop.to {
            pen.fatal(
                &codes::OTHER_RELEASE,
                Some(&step.id),
                format!("it goes to {to}, and the hop to {}", self.hop.to),
            );
        }
    }

    fn kubelet(&mut self, step: &Step, node: &NodeName, to: &KubeVersion, pen: &mut Pen) {
        self.release(step, to, pen);
        let newer_than = self.servers.iter().find(|(_, server)| {
            matches!(
                self.knowledge
                    .skew()
                    .judge(server.minor(), Component::Kubelet, to.minor()),
                SkewVerdict::TooNew { .. }
            )
        });
        if let Some((name, server)) = newer_than {
            pen.fatal(
                &codes::KUBELET_NEWER,
                Some(&step.id),
                format!("the API server on {name} is {server}, older than {to}"),
            );
        }
        let own = self.servers.get(node).into_iter();
        let awaited: Vec<&KubeVersion> = if self.servers.contains_key(node) {
            own.collect()
        } else {
            self.servers.values().collect()
        };
        if awaited.iter().any(|server| *server < to) {
            pen.fatal(
                &codes::WORKER_TOO_EARLY,
                Some(&step.id),
                format!("the control plane is not at {to} yet"),
            );
        }
        let Some(standing) = self.nodes.get_mut(node) else {
            return;
        };
        if !standing.closed {
            pen.fatal(
                &codes::KUBELET_WITHOUT_CORDON,
                Some(&step.id),
                format!("{node} takes new pods"),
            );
        }
        if !standing.drained {
            pen.fatal(
                &codes::KUBELET_WITHOUT_DRAIN,
                Some(&step.id),
                format!("pods run on {node}"),
            );
        }
        if let Some(kubelet) = &standing.kubelet
            && kubelet > to
        {
            pen.fatal(
                &codes::GOES_BACK,
                Some(&step.id),
                format!("the kubelet on {node} is {kubelet}, and {to} is older"),
            );
        }
        standing.kubelet = Some(to.clone());
        self.unverified.insert(node.clone());
    }

    /// What a step without an act looks at.
    fn observe(&mut self, step: &Step) {
        for condition in demanded(&step.reaches) {
            if *condition == Condition::ServersAt(self.hop.to.clone()) {
                self.servers_verified = true;
            }
            if let Condition::KubeletAt { node, version } = condition
                && *version == self.hop.to
            {
                self.unverified.remove(node);
            }
        }
    }

    /// What would be true at the end.
    fn close(&self, pen: &mut Pen) {
        let to = &self.hop.to;
        for (name, server) in &self.servers {
            if server < to {
                pen.fatal(
                    &codes::SERVER_LEFT_BEHIND,
                    None,
                    format!("at the end the API server on {name} is still {server}"),
                );
            }
        }
        let mut behind = Vec::new();
        for (name, standing) in &self.nodes {
            if standing.ours {
                pen.fatal(
                    &codes::LEFT_CORDONED,
                    None,
                    format!("at the end {name} still takes no pods"),
                );
            }
            match &standing.kubelet {
                Some(kubelet) if self.too_old(kubelet, to.minor()) => pen.fatal(
                    &codes::KUBELET_TOO_OLD,
                    None,
                    format!("at the end the kubelet on {name} is still {kubelet}"),
                ),
                Some(kubelet) if kubelet < to => behind.push(name.to_string()),
                Some(_) | None => {}
            }
        }
        if let Some(first) = behind.first() {
            pen.caution(
                &codes::NODE_LEFT_BEHIND,
                None,
                match behind.len() {
                    1 => format!("{first} is not brought to {to}"),
                    count => format!("{count} nodes are not brought to {to}, {first} among them"),
                },
            );
        }
        if self.changed_servers && !self.servers_verified {
            pen.fatal(
                &codes::NOT_VERIFIED,
                None,
                format!("no step looks whether every API server runs {to} in the end"),
            );
        }
        if let Some(first) = self.unverified.first() {
            pen.fatal(
                &codes::NOT_VERIFIED,
                None,
                format!("no step looks whether the kubelet on {first} runs {to} in the end"),
            );
        }
    }
}
