//! What kubeadm installs beside Kubernetes, patch by patch, and what a node must
//! have.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::component::{Components, EtcdPath, FloorEffect, FloorSubject, Images};

/// The changes of images and the floors in the span.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> Vec<(Who, Change)> {
    let components = knowledge.components();
    let mut changes: Vec<(Who, Change)> = images(components, span)
        .into_iter()
        .map(|change| (Who::Infrastructure, change))
        .collect();
    for subject in [
        FloorSubject::Containerd,
        FloorSubject::Docker,
        FloorSubject::CgroupV1,
        FloorSubject::Kernel,
    ] {
        for floor in components.floors(subject) {
            if !span.has(floor.kubernetes) || floor.effect == FloorEffect::Scheduled {
                continue;
            }
            let name = match subject {
                FloorSubject::Containerd => "containerd",
                FloorSubject::Docker => "Docker as the container runtime",
                FloorSubject::CgroupV1 => "cgroup v1",
                FloorSubject::Kernel => "a kernel",
            };
            let older = floor
                .at_least
                .as_ref()
                .map_or_else(String::new, |least| format!(" older than {least}"));
            let effect = match floor.effect {
                FloorEffect::Removed => "does not work with this kubelet",
                FloorEffect::OffByDefault => "keeps this kubelet from starting unless it is told",
                FloorEffect::Refused => "is refused by the checks of kubeadm",
                FloorEffect::Warned => "makes the checks of kubeadm warn",
                FloorEffect::Degraded => "lacks something that this kubelet uses",
                FloorEffect::Deprecated | FloorEffect::Scheduled => "is deprecated",
            };
            changes.push((
                Who::Infrastructure,
                Change {
                    with: floor.kubernetes.to_string(),
                    what: format!("{name}{older} {effect}"),
                    act: floor.at_least.as_ref().map_or_else(String::new, |least| {
                        format!("Bring nodes to {least} or newer before their kubelets.")
                    }),
                    source: floor.source.clone(),
                },
            ));
        }
    }
    changes
}

fn images(components: &Components, span: Span) -> Vec<Change> {
    let mut before = components.newest_images(span.from);
    let mut changes = Vec::new();
    for row in components.all_images() {
        if !span.has(row.kubernetes.minor()) || !row.kubernetes.suffix().is_empty() {
            continue;
        }
        if let Some(before) = before {
            changes.extend(step(components, before, row));
        }
        before = Some(row);
    }
    changes
}

/// What one release of kubeadm installs otherwise than the one before it.
fn step(components: &Components, before: &Images, now: &Images) -> Option<Change> {
    let mut told = Vec::new();
    let mut act = String::new();
    let plain = |version: &refit_model::version::KubeVersion| {
        let text = version.to_string();
        text.strip_prefix('v').unwrap_or(&text).to_owned()
    };
    if before.etcd != now.etcd {
        told.push(format!(
            "etcd {} in place of {}",
            plain(&now.etcd),
            plain(&before.etcd)
        ));
        match components.etcd_steps(&before.etcd, &now.etcd) {
            EtcdPath::Steps(steps) => {
                for step in steps {
                    if let Some(least) = &step.at_least {
                        act = format!(
                            "Every member of etcd runs {} or newer before the first moves to {}.",
                            plain(least),
                            step.to
                        );
                    }
                }
            }
            EtcdPath::NotKnown => act = "The way of etcd between the two is not known.".to_owned(),
            // The first patches of a minor may stand before the last of the one before.
            EtcdPath::Backwards => {}
        }
    }
    if before.coredns != now.coredns {
        told.push(format!(
            "CoreDNS {} in place of {}",
            plain(&now.coredns),
            plain(&before.coredns)
        ));
    }
    if before.pause != now.pause {
        told.push(format!("pause {} in place of {}", now.pause, before.pause));
    }
    (!told.is_empty()).then(|| Change {
        with: plain(&now.kubernetes),
        what: format!("kubeadm installs {}", told.join(", ")),
        act,
        source: "knowledge kubernetes/component-images.csv".to_owned(),
    })
}
