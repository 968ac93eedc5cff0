//! Which pods there are, what they are called, and on which nodes they stand.

use super::apps::{App, Controller, Place};
use super::catalogue::ALL;
use super::nodes::{CORDONED, Node, Pool};
use crate::examples::Error;
use crate::examples::identity::suffix;

/// The Job of the CronJob that is running, named by minutes since 1970 of its
/// schedule as the CronJob controller does: 2026-10-01T02:00Z.
pub(super) const RUNNING_JOB: u32 = 29_847_000;

/// Minutes between two runs: one a day.
const DAY: u32 = 1_440;

/// Earlier Jobs whose pods are still there.
pub(super) const DONE_JOBS: [u32; 2] = [RUNNING_JOB - DAY, RUNNING_JOB - 2 * DAY];

/// Whether a pod runs or has done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    Succeeded,
}

/// The object that owns a pod.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) kind: &'static str,
    pub(super) api: &'static str,
    pub(super) name: String,
}

/// One pod and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) app: &'static App,
    pub(super) name: String,
    pub(super) owner: Option<Owner>,
    pub(super) node: Node,
    pub(super) phase: Phase,
    pub(super) address: String,
    /// Place among the workload's pods.
    pub(super) ordinal: u32,
}

/// The name of the ReplicaSet of a Deployment.
pub(super) fn replica_set(app: &App) -> String {
    format!("{}-{}", app.name, template_hash(app))
}

/// The value of `pod-template-hash`.
pub(super) fn template_hash(app: &App) -> String {
    suffix(&format!("template/{}/{}", app.namespace, app.name), 9)
}

/// All pods, placed, in the order of `kubectl get pods -A`.
///
/// # Errors
///
/// [`Error::NoRoom`] when the tables ask for more than the nodes have.
pub(super) fn place(nodes: &[Node]) -> Result<Vec<Pod>, Error> {
    let mut pods: Vec<Pod> = Vec::new();
    for app in ALL {
        match app.controller {
            Controller::DaemonSet | Controller::Static => {
                for node in nodes.iter().filter(|node| may_stand(app.place, node.pool)) {
                    pods.push(pod(app, node.clone(), 0, Phase::Running, pods.len()));
                }
            }
            Controller::CronJob => {
                for ordinal in 0..app.replicas {
                    let node = pick(nodes, &pods, app, ordinal)?;
                    pods.push(pod(app, node, ordinal, Phase::Running, pods.len()));
                }
                for ordinal in app.replicas..3 * app.replicas {
                    let node = pick(nodes, &pods, app, ordinal)?;
                    pods.push(pod(app, node, ordinal, Phase::Succeeded, pods.len()));
                }
            }
            Controller::Deployment | Controller::StatefulSet | Controller::Nobody => {
                for ordinal in 0..app.replicas {
                    let node = pick(nodes, &pods, app, ordinal)?;
                    pods.push(pod(app, node, ordinal, Phase::Running, pods.len()));
                }
            }
        }
    }
    // The addresses of a node's pods count from 2, after its bridge.
    for node in nodes {
        for (last, pod) in (2..).zip(pods.iter_mut().filter(|pod| pod.node.name == node.name)) {
            pod.address = if on_host_network(pod.app) {
                node.address.clone()
            } else {
                format!("10.244.{}.{last}", node.number)
            };
        }
    }
    pods.sort_by(|a, b| (a.app.namespace, &a.name).cmp(&(b.app.namespace, &b.name)));
    Ok(pods)
}

fn may_stand(place: Place, pool: Pool) -> bool {
    match place {
        Place::Only(wanted) | Place::Usually(wanted) => wanted == pool,
        Place::Workers => pool != Pool::ControlPlane,
        Place::Everywhere => true,
    }
}

/// The node of the pool with the fewest of the workload's pods, then the fewest
/// in its zone, then the smallest share of its CPU requested: what the scheduler's
/// default spreading tends to.
fn pick(nodes: &[Node], pods: &[Pod], app: &App, ordinal: u32) -> Result<Node, Error> {
    let of_app = |pod: &&Pod| pod.app.name == app.name && pod.app.namespace == app.namespace;
    nodes
        .iter()
        .filter(|node| may_stand(app.place, node.pool) && fits(node, pods, app))
        // What started after the node was cordoned cannot stand on it.
        .filter(|node| app.controller != Controller::CronJob || node.name != CORDONED)
        .min_by_key(|node| {
            let here = pods
                .iter()
                .filter(of_app)
                .filter(|pod| pod.node.name == node.name)
                .count();
            let in_zone = pods
                .iter()
                .filter(of_app)
                .filter(|pod| pod.node.zone == node.zone)
                .count();
            let (cpu, _) = requested(node, pods);
            (here, in_zone, cpu * 1_000 / node.cpu)
        })
        .cloned()
        .ok_or_else(|| Error::NoRoom(ordinal, app.name.to_owned()))
}

/// Millicores and MiB that the pods on a node ask for.
pub(super) fn requested(node: &Node, pods: &[Pod]) -> (u32, u32) {
    pods.iter()
        .filter(|pod| pod.node.name == node.name && pod.phase == Phase::Running)
        .fold((0, 0), |(cpu, memory), pod| {
            (cpu + pod.app.cpu, memory + pod.app.memory)
        })
}

fn fits(node: &Node, pods: &[Pod], app: &App) -> bool {
    let (cpu, memory) = requested(node, pods);
    cpu + app.cpu <= node.cpu && memory + app.memory <= node.memory
}

fn pod(app: &'static App, node: Node, ordinal: u32, phase: Phase, count: usize) -> Pod {
    let random = |owner: &str| format!("{owner}-{}", suffix(&format!("{owner}/{count}"), 5));
    let owner = |kind, api, name: &str| {
        Some(Owner {
            kind,
            api,
            name: name.to_owned(),
        })
    };
    let (name, owner) = match app.controller {
        Controller::Deployment => {
            let set = replica_set(app);
            (random(&set), owner("ReplicaSet", "apps/v1", &set))
        }
        Controller::StatefulSet => (
            format!("{}-{ordinal}", app.name),
            owner("StatefulSet", "apps/v1", app.name),
        ),
        Controller::DaemonSet => (random(app.name), owner("DaemonSet", "apps/v1", app.name)),
        Controller::CronJob => {
            let job = job_of(app, ordinal);
            (random(&job), owner("Job", "batch/v1", &job))
        }
        Controller::Static => (
            format!("{}-{}", app.name, node.name),
            owner("Node", "v1", &node.name),
        ),
        Controller::Nobody => (app.name.to_owned(), None),
    };
    Pod {
        app,
        name,
        owner,
        node,
        phase,
        address: String::new(),
        ordinal,
    }
}

/// The Job a pod of the CronJob belongs to: the running one, or one of days ago.
pub(super) fn job_of(app: &App, ordinal: u32) -> String {
    let minutes = match ordinal / app.replicas.max(1) {
        0 => RUNNING_JOB,
        runs_ago => RUNNING_JOB - runs_ago * DAY,
    };
    format!("{}-{minutes}", app.name)
}

/// Whether the pod has its node's address.
pub(super) fn on_host_network(app: &App) -> bool {
    app.controller == Controller::Static
        || ["kube-proxy", "kube-flannel-ds", "node-exporter"].contains(&app.name)
}
