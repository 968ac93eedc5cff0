//! The collections that are read, each at the newest version that is not
//! deprecated.
//!
//! Source: the API lifecycle table; all of these are `v1` and have been served
//! since 1.21 at the latest.

use refit_model::kubernetes::WorkloadKind;
use refit_model::snapshot::Area;

/// A collection, and what people call it.
pub(crate) struct Collection {
    pub(crate) path: &'static str,
    pub(crate) area: Area,
    pub(crate) what: &'static str,
    pub(crate) command: &'static str,
}

pub(crate) const NODES: Collection = Collection {
    path: "/api/v1/nodes",
    area: Area::Nodes,
    what: "the nodes",
    command: "kubectl get nodes -o json",
};

pub(crate) const PODS: Collection = Collection {
    path: "/api/v1/pods",
    area: Area::Workloads,
    what: "the pods",
    command: "kubectl get pods -A -o json",
};

pub(crate) const CONTROL_PLANE: Collection = Collection {
    path: "/api/v1/namespaces/kube-system/pods",
    area: Area::ControlPlane,
    what: "the pods of the control plane",
    command: "kubectl get pods -n kube-system -l tier=control-plane -o json",
};

pub(crate) const BUDGETS: Collection = Collection {
    path: "/apis/policy/v1/poddisruptionbudgets",
    area: Area::Budgets,
    what: "the disruption budgets",
    command: "kubectl get poddisruptionbudgets -A -o json",
};

pub(crate) const VALIDATING: Collection = Collection {
    path: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    area: Area::Webhooks,
    what: "the validating webhooks",
    command: "kubectl get validatingwebhookconfigurations -o json",
};

pub(crate) const MUTATING: Collection = Collection {
    path: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    area: Area::Webhooks,
    what: "the mutating webhooks",
    command: "kubectl get mutatingwebhookconfigurations -o json",
};

pub(crate) const DEFINITIONS: Collection = Collection {
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    area: Area::Definitions,
    what: "the custom resource definitions",
    command: "kubectl get customresourcedefinitions -o json",
};

pub(crate) const SERVICES: Collection = Collection {
    path: "/api/v1/services",
    area: Area::Webhooks,
    what: "the Services",
    command: "kubectl get services -A -o json",
};

pub(crate) const VOLUMES: Collection = Collection {
    path: "/api/v1/persistentvolumes",
    area: Area::Workloads,
    what: "the persistent volumes, which bind pods to nodes",
    command: "kubectl get persistentvolumes -o json",
};

/// What makes pods.
pub(crate) const WORKLOADS: [(WorkloadKind, Collection); 6] = [
    (
        WorkloadKind::Deployment,
        Collection {
            path: "/apis/apps/v1/deployments",
            area: Area::Workloads,
            what: "the Deployments",
            command: "kubectl get deployments -A -o json",
        },
    ),
    (
        WorkloadKind::ReplicaSet,
        Collection {
            path: "/apis/apps/v1/replicasets",
            area: Area::Workloads,
            what: "the ReplicaSets",
            command: "kubectl get replicasets -A -o json",
        },
    ),
    (
        WorkloadKind::StatefulSet,
        Collection {
            path: "/apis/apps/v1/statefulsets",
            area: Area::Workloads,
            what: "the StatefulSets",
            command: "kubectl get statefulsets -A -o json",
        },
    ),
    (
        WorkloadKind::DaemonSet,
        Collection {
            path: "/apis/apps/v1/daemonsets",
            area: Area::Workloads,
            what: "the DaemonSets",
            command: "kubectl get daemonsets -A -o json",
        },
    ),
    (
        WorkloadKind::Job,
        Collection {
            path: "/apis/batch/v1/jobs",
            area: Area::Workloads,
            what: "the Jobs",
            command: "kubectl get jobs -A -o json",
        },
    ),
    (
        WorkloadKind::ReplicationController,
        Collection {
            path: "/api/v1/replicationcontrollers",
            area: Area::Workloads,
            what: "the ReplicationControllers",
            command: "kubectl get replicationcontrollers -A -o json",
        },
    ),
];
