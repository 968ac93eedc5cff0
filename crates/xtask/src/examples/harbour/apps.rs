//! What can be said of a workload: the columns of the table of [`super::catalogue`].

use super::nodes::{KUBERNETES, Pool};

/// Who creates the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    Deployment,
    StatefulSet,
    DaemonSet,
    /// A Job of the CronJob of the same name, with pods that run and pods of
    /// earlier Jobs that are done.
    CronJob,
    /// The kubelet, from a file: one mirror pod on each control-plane node.
    Static,
    /// Nobody: a pod made by hand.
    Nobody,
}

/// The nodes a workload's pods stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// One pool, asked for by `nodeSelector: node-pool`.
    Only(Pool),
    /// They stand in this pool, but ask for no pool and may go elsewhere.
    Usually(Pool),
    /// All nodes without the taint of the control plane.
    Workers,
    /// All nodes.
    Everywhere,
}

/// What the pods keep on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    Nothing,
    /// An `emptyDir`, lost with the pod.
    Scratch,
    /// A claim on a disk of its node, which no other node can mount (GiB).
    Local(u32),
    /// A claim on a disk of its zone (GiB).
    Zonal(u32),
}

/// How the replicas are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    /// As the scheduler likes.
    Default,
    /// Over zones where that can be had.
    Zones,
    /// Never two on one node.
    Hosts,
}

/// The importance that the scheduler and the kubelet go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    Normal,
    ClusterCritical,
    NodeCritical,
}

/// One workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct App {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) controller: Controller,
    /// Ignored where the pods follow the nodes (`DaemonSet`, `Static`).
    pub(super) replicas: u32,
    pub(super) place: Place,
    /// Millicores and MiB requested by each pod.
    pub(super) cpu: u32,
    pub(super) memory: u32,
    pub(super) image: &'static str,
    pub(super) part_of: &'static str,
    /// The Helm release that made it, in the workload's own namespace.
    pub(super) release: &'static str,
    /// `app.kubernetes.io/name` where it is not the workload's name.
    pub(super) known_as: &'static str,
    /// The one label that selects the pods, where they do not carry the
    /// recommended ones.
    pub(super) label: Option<(&'static str, &'static str)>,
    /// The port of its Service; 0 where it has none.
    pub(super) port: u32,
    pub(super) storage: Storage,
    pub(super) spread: Spread,
    pub(super) priority: Priority,
}

impl App {
    /// The labels that select the pods.
    pub(super) fn selector(&self) -> Vec<(&'static str, &'static str)> {
        match (self.label, self.controller) {
            (Some(label), _) => vec![label],
            (None, Controller::Static) => vec![("component", self.name), ("tier", "control-plane")],
            (
                None,
                Controller::Deployment
                | Controller::StatefulSet
                | Controller::DaemonSet
                | Controller::CronJob
                | Controller::Nobody,
            ) => {
                let mut labels = vec![
                    ("app.kubernetes.io/instance", self.instance()),
                    ("app.kubernetes.io/name", self.known_as()),
                ];
                if self.name == "ingress-nginx-controller" {
                    labels.push(("app.kubernetes.io/component", "controller"));
                }
                labels
            }
        }
    }

    /// `app.kubernetes.io/name`.
    pub(super) fn known_as(&self) -> &'static str {
        if self.known_as.is_empty() {
            self.name
        } else {
            self.known_as
        }
    }

    /// `app.kubernetes.io/instance`.
    fn instance(&self) -> &'static str {
        if self.release.is_empty() {
            self.name
        } else {
            self.release
        }
    }

    /// The tag of the image.
    pub(super) fn version(&self) -> &'static str {
        self.image
            .rsplit_once(':')
            .map_or(KUBERNETES, |(_, tag)| tag)
    }
}
