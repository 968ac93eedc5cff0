//! Kernels of nodes that kubeadm does not accept on the way: one finding for each
//! kernel, however many nodes have it.
//!
//! It is kubeadm that looks, before it acts, and not the kubelet: only clusters that
//! it set up are concerned, and those of which nobody says who did.

use super::{NAMED, Named, is_ahead, weight};
use crate::codes;
use crate::finding::{count, finding, identity, named, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::component::{Floor, FloorEffect, FloorSubject};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::{Distribution, KernelRelease, Kubernetes};
use refit_model::name::NodeName;
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Area;
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;

/// What shows the kernels.
const COMMAND: &str = "kubectl get nodes -o wide";

/// Nodes of Windows count their kernels otherwise, and nobody asks for one.
const OS_LABEL: &str = "kubernetes.io/os";

/// Findings about kernels, and the nodes whose kernel was not seen.
pub(super) fn find(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Found {
    let mut found = Found::default();
    match kubernetes.distribution {
        Seen::Is(Distribution::Kubeadm) | Seen::Gap(_) => {}
        Seen::Is(
            Distribution::Eks
            | Distribution::Gke
            | Distribution::Aks
            | Distribution::K3s
            | Distribution::CanonicalK8s,
        ) => return found,
    }
    let mut kernels: BTreeMap<&KernelRelease, Vec<Named<'_>>> = BTreeMap::new();
    let mut unseen: Vec<&NodeName> = Vec::new();
    for (name, node) in &kubernetes.nodes.items {
        if node.labels.get(OS_LABEL).is_some_and(|os| os == "windows") {
            continue;
        }
        match &node.kernel {
            Seen::Is(kernel) if kernel.release().is_some() => {
                kernels.entry(kernel).or_default().push((name, node));
            }
            Seen::Is(_) | Seen::Gap(_) => {
                let refuses = |floor: &&Floor| floor.effect == FloorEffect::Refused;
                let mut ahead = floors(scene).filter(refuses);
                if ahead.any(|floor| is_ahead(scene, node, floor)) {
                    unseen.push(name);
                }
            }
        }
    }
    found.findings = kernels
        .into_iter()
        .filter_map(|(kernel, nodes)| judge(scene, kernel, &nodes))
        .collect();
    if !unseen.is_empty() {
        let what = format!(
            "the kernel of {}: {}",
            count(unseen.len(), "node", "nodes"),
            named(&unseen, NAMED)
        );
        // That kubeadm stops and asks is no reason to call a cluster unseen.
        let gap = gap(Area::Behaviour, what, Unseen::NotInSource, COMMAND);
        found.gaps.push(gap);
    }
    found
}

fn floors<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s Floor> + use<'s> {
    scene.knowledge.components().floors(FloorSubject::Kernel)
}

fn judge(scene: &Scene<'_>, kernel: &KernelRelease, nodes: &[Named<'_>]) -> Option<Finding> {
    let release = kernel.release()?;
    let bare = |version: &KubeVersion| (version.minor(), version.patch());
    let below = |floor: &&Floor| {
        let least = floor.at_least.as_ref();
        least.is_some_and(|least| bare(&release) < bare(least))
    };
    let concerned = |floor: &Floor| -> Vec<&NodeName> {
        let ahead = nodes
            .iter()
            .filter(|(_, node)| is_ahead(scene, node, floor));
        ahead.map(|(name, _)| *name).collect()
    };
    let floor = floors(scene)
        .filter(below)
        .filter(|floor| !concerned(floor).is_empty())
        .min_by_key(|floor| (weight(floor.effect), floor.kubernetes))?;
    let (minor, names) = (floor.kubernetes, concerned(floor));
    let least = floors(scene)
        .filter(below)
        .filter_map(|floor| floor.at_least.as_ref())
        .max()?;
    let does = match weight(floor.effect) {
        Severity::Blocking | Severity::Warning => "refuses",
        Severity::Info => "warns of",
    };
    let page = &codes::NODE_KERNEL;
    let subject = thing("Kernel", &kernel.to_string());
    let on = count(names.len(), "node", "nodes");
    Some(Finding {
        id: identity(page, &subject, &minor.to_string()),
        evidence: vec![scene.seen(format!("{kernel} on {}", named(&names, NAMED)))],
        remedy: format!(
            "Bring these nodes to a kernel of {} or newer, with a newer release of their operating system, before kubeadm takes them to {minor}.",
            least.to_string().trim_start_matches('v')
        ),
        cause: format!(
            "Of Kubernetes {minor}: {}.",
            floor.notes.trim_end_matches('.')
        ),
        references: vec![page.source.to_owned(), floor.source.clone()],
        ..finding(
            page,
            weight(floor.effect),
            subject,
            format!("kubeadm of {minor} {does} the kernel {kernel}, on {on}"),
        )
    })
}
