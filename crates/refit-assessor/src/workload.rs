//! What a drain loses or cannot move: bare pods, and data that stays on a node.

use crate::codes;
use crate::finding::{count, finding, named, subject};
use crate::scene::{Extract, Found, Scene};
use refit_model::assessment::{Finding, Severity};
use refit_model::code::CodePage;
use refit_model::kubernetes::{
    Kubernetes, LocalData, Phase, Pod, Workload, WorkloadKey, workload_kind,
};
use refit_model::name::{Key, Namespace};
use refit_model::object::Owner;
use std::collections::BTreeMap;

/// How many pods a sentence names before it only counts them.
pub(crate) const NAMED_PODS: usize = 20;

/// Pods by their owner and its namespace.
type ByOwner<'s> = BTreeMap<(&'s Owner, Option<&'s str>), Vec<(&'s Key, &'s Pod)>>;

/// Findings about pods and what makes them.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let mut findings: Vec<Finding> = kubernetes
        .pods
        .items
        .iter()
        .filter(|(_, pod)| pod.is_bare() && !has_ended(pod))
        .map(|(key, pod)| bare(scene, key, pod))
        .collect();
    findings.extend(local_data(scene, kubernetes));
    findings.extend(single_replicas(scene, kubernetes));
    Found {
        findings,
        gaps: Vec::new(),
    }
}

pub(crate) const fn has_ended(pod: &Pod) -> bool {
    match pod.phase {
        Phase::Succeeded | Phase::Failed => true,
        Phase::Pending | Phase::Running | Phase::Unknown => pod.terminating,
    }
}

fn bare(scene: &Scene<'_>, key: &Key, pod: &Pod) -> Finding {
    let place = pod
        .node
        .as_ref()
        .map_or_else(String::new, |node| format!(" on {node}"));
    Finding {
        application: Some(pod.application.clone()),
        evidence: vec![scene.evidence(
            "",
            "Pod",
            key,
            format!("no controller owns the pod{place}"),
        )],
        ..finding(
            &codes::BARE_POD,
            Severity::Warning,
            subject("v1", "Pod", key),
            format!("the pod {key} has no controller and is lost when its node is drained"),
        )
    }
}

/// One finding for every workload whose pods keep something on their nodes.
fn local_data(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Finding> {
    let mut pinned: ByOwner<'_> = BTreeMap::new();
    let mut fleeting: ByOwner<'_> = BTreeMap::new();
    for (key, pod) in &kubernetes.pods.items {
        let Some(owner) = &pod.owner else { continue };
        if !pod.is_drained() || has_ended(pod) {
            continue;
        }
        let owners = match pod.local_data {
            LocalData::None => continue,
            LocalData::LocalVolume(_) => &mut pinned,
            LocalData::EmptyDir => &mut fleeting,
        };
        let namespace = key.namespace.as_ref().map(Namespace::as_str);
        owners
            .entry((top(kubernetes, key, owner), namespace))
            .or_default()
            .push((key, pod));
    }
    let pinned = pinned.into_iter().filter_map(|((owner, _), pods)| {
        let where_to = pods.iter().map(|(key, pod)| match &pod.local_data {
            LocalData::LocalVolume(node) => format!("{} on {node}", key.name),
            LocalData::None | LocalData::EmptyDir => key.name.to_string(),
        });
        let detail = format!("local volumes: {}", named(where_to, NAMED_PODS));
        let each = if pods.len() == 1 { "" } else { " each" };
        let title = format!(
            "{} of {} {} can run on one node only{each}",
            count(pods.len(), "pod", "pods"),
            owner.api.kind,
            owner.name
        );
        let about = (&codes::LOCAL_VOLUME, Severity::Warning);
        owned(scene, about, owner, &pods, title, detail)
    });
    let fleeting = fleeting.into_iter().filter_map(|((owner, _), pods)| {
        let names = pods.iter().map(|(key, _)| &key.name);
        let detail = format!("an emptyDir in each of: {}", named(names, NAMED_PODS));
        let title = format!(
            "{} of {} {} {} what is in the emptyDir",
            count(pods.len(), "pod", "pods"),
            owner.api.kind,
            owner.name,
            if pods.len() == 1 { "loses" } else { "lose" }
        );
        let about = (&codes::EMPTY_DIR, Severity::Info);
        owned(scene, about, owner, &pods, title, detail)
    });
    pinned.chain(fleeting).collect()
}

/// One finding for every workload of one replica that alone stands behind a
/// Service. Manifests in files show no nodes to be drained: there it is a matter
/// of taste and is not told. Where pods or workloads may be missing, what stands
/// behind the Service is not known, and coverage says so already.
fn single_replicas(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Finding> {
    if scene.extract == Extract::Manifests || kubernetes.workloads.complete().is_err() {
        return Vec::new();
    }
    let mut by_namespace: BTreeMap<&Namespace, Vec<(&WorkloadKey, &Workload)>> = BTreeMap::new();
    for (key, workload) in &kubernetes.workloads.items {
        if workload.owner.is_none() && workload.replicas != Some(0) {
            by_namespace
                .entry(&key.namespace)
                .or_default()
                .push((key, workload));
        }
    }
    let mut alone: BTreeMap<&WorkloadKey, (&Workload, Vec<&Key>)> = BTreeMap::new();
    for (service, seen) in &kubernetes.services.items {
        let Some((selector, namespace)) = seen.selector.as_ref().zip(service.namespace.as_ref())
        else {
            continue;
        };
        let mut behind = by_namespace
            .get(namespace)
            .into_iter()
            .flatten()
            .filter(|(_, workload)| selector.matches(&workload.pod_labels));
        if let (Some((key, workload)), None) = (behind.next(), behind.next())
            && workload.replicas == Some(1)
        {
            let (_, services) = alone.entry(*key).or_insert((*workload, Vec::new()));
            services.push(service);
        }
    }
    alone
        .into_iter()
        .map(|(workload, (seen, services))| {
            let key = Key::namespaced(workload.namespace.clone(), workload.name.clone());
            let (group, kind) = (workload.kind.group(), workload.kind.name());
            let api_version = workload.kind.api_version();
            let behind = count(services.len(), "Service", "Services");
            let detail = format!("it alone stands behind {}", named(&services, NAMED_PODS));
            Finding {
                application: Some(seen.application.clone()),
                evidence: vec![scene.evidence(group, kind, &key, detail)],
                ..finding(
                    &codes::SINGLE_REPLICA,
                    Severity::Warning,
                    subject(api_version, kind, &key),
                    format!("{behind} of {kind} {key} will not answer while its only pod moves"),
                )
            }
        })
        .collect()
}

/// What stands above the owner, as a Deployment above its ReplicaSet, whose name
/// changes with every roll-out.
pub(crate) fn top<'s>(kubernetes: &'s Kubernetes, key: &Key, owner: &'s Owner) -> &'s Owner {
    let above = workload_kind(&owner.api).zip(key.namespace.clone());
    let above = above.and_then(|(kind, namespace)| {
        let name = owner.name.clone();
        kubernetes.workloads.items.get(&WorkloadKey {
            kind,
            namespace,
            name,
        })
    });
    above
        .and_then(|workload| workload.owner.as_ref())
        .unwrap_or(owner)
}

fn owned(
    scene: &Scene<'_>,
    (page, severity): (&CodePage, Severity),
    owner: &Owner,
    pods: &[(&Key, &Pod)],
    title: String,
    detail: String,
) -> Option<Finding> {
    let (key, pod) = pods.first()?;
    let key = Key {
        namespace: key.namespace.clone(),
        name: owner.name.clone(),
    };
    Some(Finding {
        application: Some(pod.application.clone()),
        evidence: vec![scene.evidence(&owner.api.group, &owner.api.kind, &key, detail)],
        ..finding(
            page,
            severity,
            subject(&owner.api.api_version(), &owner.api.kind, &key),
            title,
        )
    })
}
