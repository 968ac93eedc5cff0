//! What is asked of the API server: one table, which the collector follows and
//! from which the rights are told that it needs.
//!
//! Collections whose contents a snapshot is made from are read whole, at `v1`:
//! the API lifecycle table has all of them at `v1`, not deprecated, from 1.21 to
//! 1.37. Of the other kinds of Kubernetes only the metadata is read, at the
//! newest version that the server offers and that is not deprecated.

use refit_model::kubernetes::WorkloadKind;
use refit_model::snapshot::Area;

/// A collection that is read whole, and what people call it.
pub(crate) struct Collection {
    pub(crate) group: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) scope: Scope,
    pub(crate) area: Area,
    pub(crate) what: &'static str,
}

/// Where the objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Cluster,
    Namespaces,
    /// Only those of one namespace are wanted.
    Namespace(&'static str),
}

impl Collection {
    /// The path of the collection.
    pub(crate) fn path(&self) -> String {
        match self.scope {
            Scope::Cluster | Scope::Namespaces => path(self.group, "v1", self.resource),
            Scope::Namespace(name) => {
                let within = format!("namespaces/{name}/{}", self.resource);
                path(self.group, "v1", &within)
            }
        }
    }

    /// The command that shows it.
    pub(crate) fn command(&self) -> String {
        let place = match self.scope {
            Scope::Cluster => String::new(),
            Scope::Namespaces => " -A".to_owned(),
            Scope::Namespace(name) => format!(" -n {name}"),
        };
        format!("kubectl get {}{place} -o json", self.resource)
    }
}

/// The path of a collection over all namespaces.
pub(crate) fn path(group: &str, version: &str, resource: &str) -> String {
    if group.is_empty() {
        format!("/api/{version}/{resource}")
    } else {
        format!("/apis/{group}/{version}/{resource}")
    }
}

const fn collection(
    group: &'static str,
    resource: &'static str,
    scope: Scope,
    area: Area,
    what: &'static str,
) -> Collection {
    Collection {
        group,
        resource,
        scope,
        area,
        what,
    }
}

pub(crate) const NODES: Collection =
    collection("", "nodes", Scope::Cluster, Area::Nodes, "the nodes");

pub(crate) const PODS: Collection =
    collection("", "pods", Scope::Namespaces, Area::Workloads, "the pods");

/// The control plane's static pods are in one namespace.
pub(crate) const CONTROL_PLANE: Collection = collection(
    "",
    "pods",
    Scope::Namespace("kube-system"),
    Area::ControlPlane,
    "the pods of the control plane",
);

pub(crate) const BUDGETS: Collection = collection(
    "policy",
    "poddisruptionbudgets",
    Scope::Namespaces,
    Area::Budgets,
    "the disruption budgets",
);

pub(crate) const VALIDATING: Collection = collection(
    "admissionregistration.k8s.io",
    "validatingwebhookconfigurations",
    Scope::Cluster,
    Area::Webhooks,
    "the validating webhooks",
);

pub(crate) const MUTATING: Collection = collection(
    "admissionregistration.k8s.io",
    "mutatingwebhookconfigurations",
    Scope::Cluster,
    Area::Webhooks,
    "the mutating webhooks",
);

pub(crate) const DEFINITIONS: Collection = collection(
    "apiextensions.k8s.io",
    "customresourcedefinitions",
    Scope::Cluster,
    Area::Definitions,
    "the custom resource definitions",
);

pub(crate) const API_SERVICES: Collection = collection(
    "apiregistration.k8s.io",
    "apiservices",
    Scope::Cluster,
    Area::ApiServices,
    "who answers for which API group",
);

pub(crate) const SERVICES: Collection = collection(
    "",
    "services",
    Scope::Namespaces,
    Area::Webhooks,
    "the Services",
);

pub(crate) const VOLUMES: Collection = collection(
    "",
    "persistentvolumes",
    Scope::Cluster,
    Area::Workloads,
    "the persistent volumes, which bind pods to nodes",
);

/// What makes pods.
pub(crate) const WORKLOADS: [(WorkloadKind, Collection); 6] = [
    (
        WorkloadKind::Deployment,
        workloads("apps", "deployments", "the Deployments"),
    ),
    (
        WorkloadKind::ReplicaSet,
        workloads("apps", "replicasets", "the ReplicaSets"),
    ),
    (
        WorkloadKind::StatefulSet,
        workloads("apps", "statefulsets", "the StatefulSets"),
    ),
    (
        WorkloadKind::DaemonSet,
        workloads("apps", "daemonsets", "the DaemonSets"),
    ),
    (WorkloadKind::Job, workloads("batch", "jobs", "the Jobs")),
    (
        WorkloadKind::ReplicationController,
        workloads("", "replicationcontrollers", "the ReplicationControllers"),
    ),
];

const fn workloads(group: &'static str, resource: &'static str, what: &'static str) -> Collection {
    collection(group, resource, Scope::Namespaces, Area::Workloads, what)
}

/// Every collection that is read whole, in the order in which it is told.
pub(crate) const WHOLE: [&Collection; 15] = {
    let [(_, a), (_, b), (_, c), (_, d), (_, e), (_, f)] = &WORKLOADS;
    [
        &NODES,
        &PODS,
        &VOLUMES,
        &BUDGETS,
        a,
        b,
        c,
        d,
        e,
        f,
        &VALIDATING,
        &MUTATING,
        &DEFINITIONS,
        &API_SERVICES,
        &SERVICES,
    ]
};

/// The kinds of Kubernetes of which only the metadata is read: group and
/// resource, as any server from 1.24 to 1.37 offers them. A server may offer
/// others; they are read as well, where that is allowed.
///
/// Source: the kinds of the API lifecycle table that clusters store.
pub(crate) const METADATA: [(&str, &str); 61] = [
    ("", "configmaps"),
    ("", "limitranges"),
    ("", "namespaces"),
    ("", "persistentvolumeclaims"),
    ("", "podtemplates"),
    ("", "resourcequotas"),
    ("", "serviceaccounts"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
    (
        "admissionregistration.k8s.io",
        "mutatingadmissionpolicybindings",
    ),
    (
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
    ),
    (
        "admissionregistration.k8s.io",
        "validatingadmissionpolicybindings",
    ),
    ("apps", "controllerrevisions"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("batch", "cronjobs"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("certificates.k8s.io", "clustertrustbundles"),
    ("certificates.k8s.io", "podcertificaterequests"),
    ("coordination.k8s.io", "leasecandidates"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    (
        "flowcontrol.apiserver.k8s.io",
        "prioritylevelconfigurations",
    ),
    ("internal.apiserver.k8s.io", "storageversions"),
    ("lifecycle.k8s.io", "evictionrequests"),
    ("networking.k8s.io", "clustercidrs"),
    ("networking.k8s.io", "ingressclasses"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "ipaddresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("networking.k8s.io", "servicecidrs"),
    ("node.k8s.io", "runtimeclasses"),
    ("policy", "podsecuritypolicies"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "roles"),
    ("resource.k8s.io", "deviceclasses"),
    ("resource.k8s.io", "devicetaintrules"),
    ("resource.k8s.io", "podschedulingcontexts"),
    ("resource.k8s.io", "podschedulings"),
    ("resource.k8s.io", "resourceclaimparameters"),
    ("resource.k8s.io", "resourceclaims"),
    ("resource.k8s.io", "resourceclaimtemplates"),
    ("resource.k8s.io", "resourceclasses"),
    ("resource.k8s.io", "resourceclassparameters"),
    ("resource.k8s.io", "resourcepoolstatusrequests"),
    ("resource.k8s.io", "resourceslices"),
    ("scheduling.k8s.io", "compositepodgroups"),
    ("scheduling.k8s.io", "podgroups"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("scheduling.k8s.io", "workloads"),
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "csinodes"),
    ("storage.k8s.io", "csistoragecapacities"),
    ("storage.k8s.io", "storageclasses"),
    ("storage.k8s.io", "volumeattachments"),
    ("storage.k8s.io", "volumeattributesclasses"),
    ("storagemigration.k8s.io", "storageversionmigrations"),
    // Served by nobody from 1.22 on; older servers still answer for them.
    ("extensions", "ingresses"),
    ("extensions", "networkpolicies"),
    ("extensions", "podsecuritypolicies"),
];

/// Never read. ComponentStatus and Endpoints are deprecated without a
/// successor at another version: reading them would raise the server's count of
/// deprecated requests, and no removal of either is known that could block.
/// Secrets hold secrets. Events are many, and gone within the hour.
pub(crate) const NEVER: [(&str, &str); 5] = [
    ("", "componentstatuses"),
    ("", "endpoints"),
    ("", "events"),
    ("", "secrets"),
    ("events.k8s.io", "events"),
];

/// Whether Helm's stored releases are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelmReleases {
    /// They are not: nobody needs the right to read Secrets.
    #[default]
    NotAsked,
    /// The Secrets and ConfigMaps that Helm owns are read, and no others are
    /// asked for.
    Read,
}

/// One right that looking needs: to `get` or `list` a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource, in the plural.
    pub resource: String,
    /// The verb: `get` or `list`.
    pub verb: &'static str,
    /// The only object that is asked for; absent for all of them.
    pub name: Option<&'static str>,
}

/// Every right that an assessment of a live cluster needs.
///
/// RBAC knows no versions and no label selectors: whoever may list Helm's
/// Secrets may list all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// The resources, by group and name.
    pub resources: Vec<Read>,
    /// The paths beside them (`nonResourceURLs`). The roles `system:discovery`
    /// and `system:public-info-viewer` give them to everybody who is known,
    /// unless somebody took that away.
    pub paths: Vec<&'static str>,
}

/// What looking at a live cluster asks for, and so what it needs to be allowed.
#[must_use]
pub fn reads(releases: HelmReleases) -> Reads {
    let list = |group: &str, resource: &str| Read {
        group: group.to_owned(),
        resource: resource.to_owned(),
        verb: "list",
        name: None,
    };
    let mut resources: Vec<_> = WHOLE
        .iter()
        .map(|whole| (whole.group, whole.resource))
        .chain(METADATA)
        .map(|(group, resource)| list(group, resource))
        .collect();
    // Who the cluster is.
    resources.push(Read {
        verb: "get",
        name: Some("kube-system"),
        ..list("", "namespaces")
    });
    match releases {
        HelmReleases::NotAsked => {}
        HelmReleases::Read => resources.push(list("", "secrets")),
    }
    resources.sort();
    resources.dedup();
    Reads {
        resources,
        paths: vec!["/api", "/api/*", "/apis", "/apis/*", "/version"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn secrets_are_needed_for_helm_alone_and_nothing_is_asked_that_never_is() {
        let needed = |releases| -> BTreeSet<(String, String)> {
            reads(releases)
                .resources
                .into_iter()
                .map(|read| (read.group, read.resource))
                .collect()
        };
        let plain = needed(HelmReleases::NotAsked);
        for (group, resource) in NEVER {
            assert!(
                !plain.contains(&(group.to_owned(), resource.to_owned())),
                "{resource}"
            );
        }
        let more: Vec<_> = needed(HelmReleases::Read)
            .difference(&plain)
            .map(|(group, resource)| format!("{group}/{resource}"))
            .collect();
        assert_eq!(more, ["/secrets"]);
    }

    #[test]
    fn each_collection_is_in_the_table_once() {
        let all: Vec<_> = WHOLE
            .iter()
            .map(|whole| (whole.group, whole.resource))
            .chain(METADATA)
            .chain(NEVER)
            .collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(BUDGETS.path(), "/apis/policy/v1/poddisruptionbudgets");
        assert_eq!(PODS.path(), "/api/v1/pods");
        assert_eq!(PODS.command(), "kubectl get pods -A -o json");
    }
}
