//! What can be asked about: things in a snapshot, and the clues they show.

use refit_knowledge::detection::Clue;
use refit_model::kubernetes::{Kubernetes, Pod, Release, WorkloadKey, workload_kind};
use refit_model::name::{Key, Namespace};
use refit_model::object::{Application, ApplicationSign};
use refit_model::selector::Labels;
use std::collections::{BTreeMap, BTreeSet};

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThingKind {
    /// It makes pods, or is one.
    Workload,
    /// Anything else.
    Other,
}

/// One thing, and what it shows.
pub(super) struct Thing<'s> {
    pub(super) kind: ThingKind,
    /// `Kind/namespace/name`.
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) application: &'s str,
    pub(super) images: BTreeSet<&'s str>,
    labels: Vec<&'s Labels>,
    others: Vec<Clue<'s>>,
}

impl<'s> Thing<'s> {
    fn new(kind: ThingKind, name: String, namespace: Option<String>) -> Self {
        Self {
            kind,
            name,
            namespace,
            application: "",
            images: BTreeSet::new(),
            labels: Vec::new(),
            others: Vec::new(),
        }
    }

    fn showing(kind: &str, name: &str, clue: Clue<'s>) -> Self {
        Self {
            others: vec![clue],
            ..Self::new(ThingKind::Other, format!("{kind}//{name}"), None)
        }
    }

    /// All of them.
    pub(super) fn clues(&self) -> Vec<Clue<'_>> {
        let labels: BTreeSet<(&str, &str)> = self
            .labels
            .iter()
            .flat_map(|labels| labels.iter())
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        labels
            .into_iter()
            .map(|(key, value)| Clue::Label { key, value })
            .chain(self.images.iter().map(|image| Clue::Image(image)))
            .chain(self.others.iter().copied())
            .collect()
    }

    fn pod(&mut self, pod: &'s Pod) {
        self.images.extend(pod.images.iter().map(String::as_str));
        // Replicas differ in labels that tell nothing.
        if self.labels.len() < 2 {
            self.labels.push(&pod.labels);
        }
    }
}

/// Every thing of a cluster, workloads by their keys first.
pub(super) fn of(kubernetes: &Kubernetes) -> Vec<Thing<'_>> {
    let mut workloads: BTreeMap<&WorkloadKey, Thing<'_>> = BTreeMap::new();
    for (key, workload) in &kubernetes.workloads.items {
        if top(kubernetes, key) != *key {
            continue;
        }
        let mut thing = Thing::new(
            ThingKind::Workload,
            key.to_string(),
            Some(key.namespace.to_string()),
        );
        thing.application = &workload.application.name;
        thing.labels.push(&workload.pod_labels);
        thing.others.push(Clue::Name(key.name.as_str()));
        let namespace = Some(key.namespace.as_str());
        thing
            .others
            .extend(released(kubernetes, namespace, &workload.application));
        workloads.insert(key, thing);
    }
    let mut things: Vec<Thing<'_>> = Vec::new();
    for (key, pod) in &kubernetes.pods.items {
        if let Some(owner) = owner(kubernetes, key, pod)
            && let Some(thing) = workloads.get_mut(&owner)
        {
            thing.pod(pod);
            continue;
        }
        // Pods whose maker was not seen are told one by one; a DaemonSet of
        // which nothing else is known has as many as there are nodes.
        let mut thing = Thing::new(
            ThingKind::Workload,
            format!("Pod/{key}"),
            key.namespace.as_ref().map(ToString::to_string),
        );
        thing.application = &pod.application.name;
        thing.pod(pod);
        let namespace = key.namespace.as_ref().map(Namespace::as_str);
        thing
            .others
            .extend(released(kubernetes, namespace, &pod.application));
        things.push(thing);
    }
    let mut all: Vec<Thing<'_>> = workloads.into_values().collect();
    all.append(&mut things);
    all.extend(cluster_wide(kubernetes));
    all
}

/// What is no workload.
fn cluster_wide(kubernetes: &Kubernetes) -> impl Iterator<Item = Thing<'_>> {
    let releases = kubernetes.releases.items.iter().map(|(key, release)| {
        let namespace = key.namespace.as_ref().map(ToString::to_string);
        Thing {
            others: vec![clue(release)],
            ..Thing::new(ThingKind::Other, format!("Release/{key}"), namespace)
        }
    });
    let definitions = kubernetes
        .definitions
        .items
        .iter()
        .map(|(name, definition)| {
            let (group, kind) = (definition.group.as_str(), definition.kind.as_str());
            Thing::showing(
                "CustomResourceDefinition",
                name.as_str(),
                Clue::Definition { group, kind },
            )
        });
    let webhooks = kubernetes.webhooks.items.keys().map(|key| {
        let name = key.name.as_str();
        Thing::showing("Webhook", name, Clue::Webhook(name))
    });
    let services = kubernetes.api_services.items.keys().filter_map(|name| {
        // An APIService is called after its version and its group.
        let (_, group) = name.as_str().split_once('.')?;
        Some(Thing::showing("APIService", group, Clue::ApiGroup(group)))
    });
    let drivers: BTreeSet<&str> = kubernetes
        .api_uses
        .iter()
        .filter(|used| used.api.group == "storage.k8s.io" && used.api.kind == "CSIDriver")
        .map(|used| used.object.name.as_str())
        .collect();
    let drivers = drivers
        .into_iter()
        .map(|name| Thing::showing("CSIDriver", name, Clue::Driver(name)));
    releases
        .chain(definitions)
        .chain(webhooks)
        .chain(services)
        .chain(drivers)
}

const fn clue(release: &Release) -> Clue<'_> {
    Clue::Release {
        chart: release.chart.as_str(),
        chart_version: release.chart_version.as_str(),
        app_version: match &release.app_version {
            Some(version) => version.as_str(),
            None => "",
        },
        publishers: &release.publishers,
    }
}

/// The release that an application is, when it is one that was seen.
fn released<'s>(
    kubernetes: &'s Kubernetes,
    namespace: Option<&str>,
    application: &Application,
) -> Option<Clue<'s>> {
    if application.by != ApplicationSign::HelmRelease {
        return None;
    }
    kubernetes
        .releases
        .items
        .iter()
        .find(|(key, _)| {
            key.name.as_str() == application.name
                && key.namespace.as_ref().map(Namespace::as_str) == namespace
        })
        .map(|(_, release)| clue(release))
}

/// The workload that makes a pod, at the top of the chain.
fn owner(kubernetes: &Kubernetes, key: &Key, pod: &Pod) -> Option<WorkloadKey> {
    let owner = pod.owner.as_ref()?;
    let made_by = WorkloadKey {
        kind: workload_kind(&owner.api)?,
        namespace: key.namespace.clone()?,
        name: owner.name.clone(),
    };
    Some(top(kubernetes, &made_by))
}

/// The workload at the top of the chain of owners, as far as it was seen.
fn top(kubernetes: &Kubernetes, key: &WorkloadKey) -> WorkloadKey {
    let mut at = key.clone();
    // A pod's ReplicaSet has a Deployment, and nothing built in goes higher;
    // what somebody else makes them with has no key here.
    for _ in 0..2 {
        let above = kubernetes
            .workloads
            .items
            .get(&at)
            .and_then(|workload| workload.owner.as_ref())
            .and_then(|owner| {
                Some(WorkloadKey {
                    kind: workload_kind(&owner.api)?,
                    namespace: at.namespace.clone(),
                    name: owner.name.clone(),
                })
            })
            .filter(|above| kubernetes.workloads.items.contains_key(above));
        let Some(above) = above else {
            break;
        };
        at = above;
    }
    at
}
