//! What a step does when all goes well, at once and without a twin: enough to
//! ask what the planner says in the middle and at the end of its own plans.

use jiff::Timestamp;
use refit_model::act::{Act, EtcdAct, JujuAct, KubeAct, KubeadmAct};
use refit_model::juju::{ActionRun, ActionStatus, JujuModel};
use refit_model::kubernetes::{ComponentKind, Cordon, EtcdSnapshot, Kubernetes, NodeRole};
use refit_model::name::{NodeName, UnitName};
use refit_model::seen::Seen;
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::version::KubeVersion;

/// Carries out the act of `step` on `snapshot` as it would end when all goes
/// well. A refresh brings `release` to every unit.
pub fn carry_out(step: &Step, snapshot: &mut Snapshot, at: Timestamp, release: &KubeVersion) {
    let Some(act) = &step.act else { return };
    if let Some(side) = &mut snapshot.kubernetes {
        on_kubernetes(act, side, at);
    }
    if let (Some(model), Act::Juju(act)) = (&mut snapshot.juju, act) {
        on_juju(act, model, release);
    }
}

fn on_kubernetes(act: &Act, side: &mut Kubernetes, at: Timestamp) {
    match act {
        Act::Kube(KubeAct::Cordon { node }) => set_cordon(side, node, &Cordon::Open, Cordon::Ours),
        Act::Kube(KubeAct::Uncordon { node }) => {
            set_cordon(side, node, &Cordon::Ours, Cordon::Open);
        }
        Act::Kube(KubeAct::Drain { node, .. }) => move_pods(side, node),
        Act::Kubeadm(KubeadmAct::Apply { node, to } | KubeadmAct::Node { node, to }) => {
            for (key, component) in &mut side.components.items {
                if key.node == *node && key.kind != ComponentKind::Etcd {
                    component.version = Seen::Is(to.clone());
                }
            }
        }
        Act::Kubeadm(KubeadmAct::Kubelet { node, to }) => {
            if let Some(node) = side.nodes.items.get_mut(node) {
                node.kubelet = Seen::Is(to.clone());
            }
        }
        Act::Etcd(EtcdAct::SnapshotSave { node }) => {
            if let Seen::Is(copies) = &mut side.etcd_snapshots {
                copies.push(EtcdSnapshot {
                    node: node.clone(),
                    at,
                    key: None,
                    hash_checked: true,
                });
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

fn set_cordon(side: &mut Kubernetes, node: &NodeName, from: &Cordon, to: Cordon) {
    if let Some(node) = side.nodes.items.get_mut(node)
        && node.cordon.get() == Some(from)
    {
        node.cordon = Seen::Is(to);
    }
}

/// Moves every pod that a drain moves to the first worker that takes pods; a
/// pod without a controller is gone.
fn move_pods(side: &mut Kubernetes, node: &NodeName) {
    let elsewhere = side
        .nodes
        .items
        .iter()
        .find(|(name, other)| {
            *name != node
                && other.role.get() == Some(&NodeRole::Worker)
                && other.cordon.get() == Some(&Cordon::Open)
        })
        .map(|(name, _)| name.clone());
    side.pods
        .items
        .retain(|_, pod| pod.node.as_ref() != Some(node) || !pod.is_bare());
    for pod in side.pods.items.values_mut() {
        if pod.node.as_ref() == Some(node) && pod.is_drained() {
            pod.node.clone_from(&elsewhere);
        }
    }
}

fn on_juju(act: &JujuAct, model: &mut JujuModel, release: &KubeVersion) {
    match act {
        JujuAct::RunAction {
            application,
            action,
        } => {
            let Some(found) = model.applications.items.get_mut(application) else {
                return;
            };
            let Some(unit) = found
                .leader()
                .map(|(unit, _)| unit.clone())
                .or_else(|| UnitName::new(format!("{application}/0")).ok())
            else {
                return;
            };
            found.actions.items.insert(
                action.clone(),
                ActionRun {
                    unit,
                    status: ActionStatus::Completed,
                    message: String::new(),
                    key: None,
                    at_revision: found.revision.clone(),
                },
            );
        }
        JujuAct::Refresh {
            application,
            channel,
        } => {
            let Some(found) = model.applications.items.get_mut(application) else {
                return;
            };
            let revision = match (channel, &found.offered, found.revision.get()) {
                // Which revision the channel holds is for the store to say.
                (Some(channel), _, Some(revision)) => {
                    found.channel = Seen::Is(channel.clone());
                    Some(revision + 100)
                }
                (None, Seen::Is(offered), _) => *offered,
                (Some(_), _, None) | (None, Seen::Gap(_), _) => None,
            };
            if let Some(revision) = revision {
                found.revision = Seen::Is(revision);
                found.offered = Seen::Is(None);
                found.claimed_version = Seen::Is(Some(release.clone()));
                for unit in found.units.items.values_mut() {
                    unit.version = Seen::Is(release.clone());
                }
            }
        }
    }
}
