//! Pods that rely on a label or a taint which goes on the way.

use crate::codes;
use crate::finding::{count, finding, identity, named, object, subject};
use crate::scene::{Found, Scene};
use crate::workload::{NAMED_PODS, has_ended, top};
use refit_knowledge::label::{Bearer, KeyKind, KeyLife, SinceMinor};
use refit_model::assessment::{Finding, FindingSubject, Severity};
use refit_model::kubernetes::{
    Distribution, Kubernetes, NodeRole, Pod, Taint, TaintEffect, Workload, WorkloadKey,
    WorkloadKind,
};
use refit_model::name::Key;
use refit_model::seen::Seen;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Pods by what makes them, or by themselves where nothing does.
type Groups<'s> = BTreeMap<FindingSubject, Vec<(&'s Key, &'s Pod)>>;

/// Findings about labels and taints.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let mut findings = Vec::new();
    for life in scene.knowledge.well_known_keys().lives() {
        let Some(removed) = life.removed else {
            continue;
        };
        if life.bearer != Bearer::Node || removed > scene.target.minor() {
            continue;
        }
        findings.extend(match life.kind {
            KeyKind::Label => selected(scene, kubernetes, life, removed),
            KeyKind::Taint => tolerated(scene, kubernetes, life),
        });
    }
    Found {
        findings,
        gaps: Vec::new(),
    }
}

/// Pods that insist on a label that goes.
fn selected(
    scene: &Scene<'_>,
    kubernetes: &Kubernetes,
    life: &KeyLife,
    removed: Minor,
) -> Vec<Finding> {
    let groups = groups(kubernetes, |pod| {
        pod.node_selector.contains_key(&life.key) || pod.node_keys.contains(&life.key)
    });
    let idle = without_pods(kubernetes, &life.key, &groups);
    if groups.is_empty() && idle.is_empty() {
        return Vec::new();
    }
    let borne = kubernetes
        .nodes
        .items
        .values()
        .any(|node| node.labels.contains_key(&life.key));
    let went_before = scene
        .from
        .as_ref()
        .is_some_and(|from| from.minor() >= removed);
    // Somebody sets it still, although Kubernetes does not: that somebody may go on.
    if went_before && borne {
        return Vec::new();
    }
    let by_another = life.set_by == "kubeadm"
        && matches!(&kubernetes.distribution, Seen::Is(built) if *built != Distribution::Kubeadm);
    let severity = if by_another {
        Severity::Info
    } else if scene.from.is_some() && scene.hops().first() == Some(&removed) {
        Severity::Blocking
    } else {
        Severity::Warning
    };
    let by_template = idle.into_iter().map(|(key, workload)| {
        // Nothing of it runs that the hop would strand.
        let severity = severity.max(Severity::Warning);
        template(scene, life, severity, key, workload)
    });
    let by_template: Vec<Finding> = by_template.collect();
    groups
        .into_iter()
        .map(|(subject, pods)| {
            let title = format!(
                "{} of {} {} run only where the label {} is, which goes in {removed}",
                count(pods.len(), "pod", "pods"),
                subject.kind,
                subject.name,
                life.key,
            );
            about(scene, life, severity, subject, &pods, title)
        })
        .chain(by_template)
        .collect()
}

/// What insists on a label and has no pods that were read: it was written to a
/// file, or is scaled to zero. A Job that has no pods has ended.
fn without_pods<'s>(
    kubernetes: &'s Kubernetes,
    label: &str,
    groups: &Groups<'_>,
) -> Vec<(&'s WorkloadKey, &'s Workload)> {
    let is_idle = |(key, workload): &(&WorkloadKey, &Workload)| {
        workload.owner.is_none()
            && key.kind != WorkloadKind::Job
            && workload.node_keys.contains(label)
            && !groups.contains_key(&of_workload(key))
    };
    kubernetes.workloads.items.iter().filter(is_idle).collect()
}

fn of_workload(key: &WorkloadKey) -> FindingSubject {
    let name = Key::namespaced(key.namespace.clone(), key.name.clone());
    subject(key.kind.api_version(), key.kind.name(), &name)
}

/// The finding about a template that insists on a label that goes.
fn template(
    scene: &Scene<'_>,
    life: &KeyLife,
    severity: Severity,
    key: &WorkloadKey,
    workload: &Workload,
) -> Finding {
    let page = &codes::LABEL_GOES;
    let subject = of_workload(key);
    let went = life
        .removed
        .map_or_else(String::new, |minor| format!(", which goes in {minor}"));
    let title = format!(
        "pods of {} {} will run only where the label {} is{went}",
        subject.kind, subject.name, life.key
    );
    let name = Key::namespaced(key.namespace.clone(), key.name.clone());
    let detail = format!("the template insists on {}", life.key);
    Finding {
        id: identity(page, &subject, &life.key),
        application: Some(workload.application.clone()),
        evidence: vec![scene.evidence(key.kind.group(), key.kind.name(), &name, detail)],
        remedy: format!("{} Here: {}.", page.remedy, life.replacement),
        references: vec![page.source.to_owned(), life.source.clone()],
        ..finding(page, severity, subject, title)
    }
}

/// Pods that bear with a taint that goes, and not with what takes its place.
fn tolerated(scene: &Scene<'_>, kubernetes: &Kubernetes, life: &KeyLife) -> Vec<Finding> {
    let keys = scene.knowledge.well_known_keys();
    let Some(SinceMinor::In(added)) = keys
        .find(life.kind, life.bearer, &life.replacement)
        .map(|new| new.added)
    else {
        return Vec::new();
    };
    let comes = scene.from.as_ref().is_some_and(|from| from.minor() < added);
    if !comes || added > scene.target.minor() {
        return Vec::new();
    }
    let new = Taint {
        key: life.replacement.clone(),
        value: String::new(),
        effect: TaintEffect::NoSchedule,
    };
    let on_control_plane = |pod: &Pod| {
        pod.node
            .as_ref()
            .and_then(|node| kubernetes.nodes.items.get(node))
            .is_some_and(|node| node.role == Seen::Is(NodeRole::ControlPlane))
    };
    let groups = groups(kubernetes, |pod| {
        pod.tolerations
            .iter()
            .any(|toleration| toleration.key.as_ref() == Some(&life.key))
            && !pod
                .tolerations
                .iter()
                .any(|toleration| toleration.tolerates(&new))
            && on_control_plane(pod)
    });
    groups
        .into_iter()
        .map(|(subject, pods)| {
            let title = format!(
                "{} of {} {} on nodes of the control plane do not tolerate {}, which these nodes bear from {added} on",
                count(pods.len(), "pod", "pods"),
                subject.kind,
                subject.name,
                life.replacement,
            );
            about(scene, life, Severity::Warning, subject, &pods, title)
        })
        .collect()
}

fn groups<'s>(kubernetes: &'s Kubernetes, wanted: impl Fn(&Pod) -> bool) -> Groups<'s> {
    let mut groups = Groups::new();
    for (key, pod) in &kubernetes.pods.items {
        // What the kubelet makes from files is not scheduled.
        if pod.mirror || has_ended(pod) || !wanted(pod) {
            continue;
        }
        let subject = pod.owner.as_ref().map_or_else(
            || subject("v1", "Pod", key),
            |owner| {
                let top = top(kubernetes, key, owner);
                let key = Key {
                    namespace: key.namespace.clone(),
                    name: top.name.clone(),
                };
                object(&top.api, &key)
            },
        );
        groups.entry(subject).or_default().push((key, pod));
    }
    groups
}

fn about(
    scene: &Scene<'_>,
    life: &KeyLife,
    severity: Severity,
    subject: FindingSubject,
    pods: &[(&Key, &Pod)],
    title: String,
) -> Finding {
    let page = match life.kind {
        KeyKind::Label => &codes::LABEL_GOES,
        KeyKind::Taint => &codes::TAINT_RENAMED,
    };
    let names = named(pods.iter().map(|(key, _)| &key.name), NAMED_PODS);
    let evidence = pods
        .first()
        .map(|(key, _)| scene.evidence("", "Pod", key, format!("{} in: {names}", life.key)));
    Finding {
        id: identity(page, &subject, &life.key),
        application: pods.first().map(|(_, pod)| pod.application.clone()),
        evidence: evidence.into_iter().collect(),
        remedy: format!("{} Here: {}.", page.remedy, life.replacement),
        references: vec![page.source.to_owned(), life.source.clone()],
        ..finding(page, severity, subject, title)
    }
}
