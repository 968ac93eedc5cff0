//! Kernels of nodes that kubeadm does not accept on the way: one finding for each
//! kernel, however many nodes have it.
//!
//! It is kubeadm that looks, before it acts, and not the kubelet: only clusters that
//! it set up are concerned, and those of which nobody says who did.

use super::{NAMED, Named, is_ahead, meets, release, told};
use crate::codes;
use crate::finding::{count, named, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::component::{Floor, FloorEffect, FloorSubject};
use refit_model::assessment::Finding;
use refit_model::kubernetes::{Distribution, KernelRelease, Kubernetes};
use refit_model::name::NodeName;
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Area;
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

fn judge<'s>(scene: &Scene<'s>, kernel: &KernelRelease, nodes: &[Named<'s>]) -> Option<Finding> {
    let page = &codes::NODE_KERNEL;
    let met = meets(scene, floors(scene), kernel.release().as_ref(), nodes)?;
    let minor = met.floor.kubernetes;
    let remedy = met.least.map_or_else(
        || page.remedy.to_owned(),
        |least| {
            format!(
                "Bring these nodes to a kernel of {} or newer, with a newer release of their operating system, before kubeadm takes them to {minor}.",
                release(least)
            )
        },
    );
    let what = format!("the kernel {kernel}");
    let subject = (thing("Kernel", &kernel.to_string()), what.as_str());
    Some(told(scene, page, subject, &met, remedy))
}
