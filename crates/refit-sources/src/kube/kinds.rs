//! The kinds that a snapshot is made from, and how to ask for them.

use refit_model::name::ResourceName;
use refit_model::object::GroupVersionKind;
use refit_model::snapshot::Area;

/// A kind that a listing of the snapshot is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Node,
    Pod,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    ReplicationController,
    Budget,
    Validating,
    Mutating,
    Definition,
    ApiService,
    Service,
    Secret,
}

/// How `kubectl` and its users speak of a kind.
pub(crate) struct Words {
    /// The name in a `kind:` line.
    pub(crate) kind: &'static str,
    /// The groups that serve it or have served it.
    pub(crate) groups: &'static [&'static str],
    /// What `kubectl get` takes, and what a file of it is called.
    pub(crate) plural: &'static str,
    /// Whether its objects live in namespaces.
    pub(crate) namespaced: bool,
    /// The part of the landscape it belongs to.
    pub(crate) area: Area,
}

impl Kind {
    pub(crate) const ALL: [Self; 15] = [
        Self::Node,
        Self::Pod,
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::ReplicationController,
        Self::Budget,
        Self::Validating,
        Self::Mutating,
        Self::Definition,
        Self::ApiService,
        Self::Service,
        Self::Secret,
    ];

    pub(crate) fn words(self) -> Words {
        const APPS: &[&str] = &["apps", "extensions"];
        const CORE: &[&str] = &[""];
        let words = |kind, groups, plural, namespaced, area| Words {
            kind,
            groups,
            plural,
            namespaced,
            area,
        };
        match self {
            Self::Node => words("Node", CORE, "nodes", false, Area::Nodes),
            Self::Pod => words("Pod", CORE, "pods", true, Area::Workloads),
            Self::Deployment => words("Deployment", APPS, "deployments", true, Area::Workloads),
            Self::ReplicaSet => words("ReplicaSet", APPS, "replicasets", true, Area::Workloads),
            Self::StatefulSet => words("StatefulSet", APPS, "statefulsets", true, Area::Workloads),
            Self::DaemonSet => words("DaemonSet", APPS, "daemonsets", true, Area::Workloads),
            Self::Job => words("Job", &["batch"], "jobs", true, Area::Workloads),
            Self::ReplicationController => words(
                "ReplicationController",
                CORE,
                "replicationcontrollers",
                true,
                Area::Workloads,
            ),
            Self::Budget => words(
                "PodDisruptionBudget",
                &["policy"],
                "poddisruptionbudgets",
                true,
                Area::Budgets,
            ),
            Self::Validating => words(
                "ValidatingWebhookConfiguration",
                &["admissionregistration.k8s.io"],
                "validatingwebhookconfigurations",
                false,
                Area::Webhooks,
            ),
            Self::Mutating => words(
                "MutatingWebhookConfiguration",
                &["admissionregistration.k8s.io"],
                "mutatingwebhookconfigurations",
                false,
                Area::Webhooks,
            ),
            Self::Definition => words(
                "CustomResourceDefinition",
                &["apiextensions.k8s.io"],
                "customresourcedefinitions",
                false,
                Area::Definitions,
            ),
            Self::ApiService => words(
                "APIService",
                &["apiregistration.k8s.io"],
                "apiservices",
                false,
                Area::ApiServices,
            ),
            Self::Service => words("Service", CORE, "services", true, Area::Webhooks),
            Self::Secret => words("Secret", CORE, "secrets", true, Area::Releases),
        }
    }

    pub(crate) fn of(api: &GroupVersionKind) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| {
            let words = kind.words();
            words.kind == api.kind && words.groups.contains(&api.group.as_str())
        })
    }

    /// Whether a list or a file of this name holds the kind: by the group, where
    /// the name has one.
    pub(crate) fn is_called(self, name: &ResourceName) -> bool {
        let words = self.words();
        let group = name.as_str().split_once('.').map(|(_, group)| group);
        name.plural() == words.plural && group.is_none_or(|group| words.groups.contains(&group))
    }

    /// The command that lists the kind, into the file that is named after it.
    pub(crate) fn command(self) -> String {
        let Words {
            plural, namespaced, ..
        } = self.words();
        let everywhere = if namespaced { " -A" } else { "" };
        let only = if self == Self::Secret {
            " -l owner=helm"
        } else {
            ""
        };
        format!("kubectl get {plural}{everywhere}{only} -o yaml > {plural}.yaml")
    }
}
