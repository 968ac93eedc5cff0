//! Container runtimes of nodes that do not go with the kubelets on the way, and
//! those that have ended: one finding for each runtime and release, however many
//! nodes have it.

mod kernel;
mod line;

use crate::codes;
use crate::finding::{count, finding, identity, named, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::component::{Floor, FloorEffect, FloorSubject};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::{ContainerRuntime, Kubernetes, Node};
use refit_model::name::NodeName;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// How many nodes a finding or a gap names before it only counts them.
const NAMED: usize = 10;

/// What shows the runtimes.
const COMMAND: &str = "kubectl get nodes -o yaml";

type Named<'s> = (&'s NodeName, &'s Node);

/// Findings about container runtimes.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let mut runtimes: BTreeMap<&ContainerRuntime, Vec<Named<'_>>> = BTreeMap::new();
    for (name, node) in &kubernetes.nodes.items {
        if let Some(runtime) = node.runtime.get() {
            runtimes.entry(runtime).or_default().push((name, node));
        }
    }
    let findings = runtimes
        .into_iter()
        .flat_map(|(runtime, nodes)| {
            let met = judge(scene, runtime, &nodes);
            met.into_iter().chain(line::judge(scene, runtime, &nodes))
        })
        .collect();
    let mut found = Found {
        findings,
        gaps: unseen(scene, kubernetes),
    };
    let kernels = kernel::find(scene, kubernetes);
    found.findings.extend(kernels.findings);
    found.gaps.extend(kernels.gaps);
    found
}

/// The floors about a runtime of this name; nothing is known of others.
fn floors<'s>(scene: &Scene<'s>, name: &str) -> impl Iterator<Item = &'s Floor> + use<'s> {
    let subject = match name {
        "containerd" => Some(FloorSubject::Containerd),
        "docker" => Some(FloorSubject::Docker),
        _ => None,
    };
    let components = scene.knowledge.components();
    subject
        .into_iter()
        .flat_map(move |subject| components.floors(subject))
}

/// Whether a floor lies between the kubelet of `node` and the target. Kubelets
/// that run are past the floors before theirs: one that says `docker` after 1.24
/// reaches it through cri-dockerd.
fn is_ahead(scene: &Scene<'_>, node: &Node, floor: &Floor) -> bool {
    let kubelet = node.kubelet.get().or(scene.from.as_ref());
    let last = match floor.effect {
        // What is announced for the minor after the target is worth knowing.
        FloorEffect::Scheduled => scene.target.minor().next(),
        FloorEffect::Removed
        | FloorEffect::OffByDefault
        | FloorEffect::Refused
        | FloorEffect::Warned
        | FloorEffect::Degraded
        | FloorEffect::Deprecated => scene.target.minor(),
    };
    floor.kubernetes <= last && kubelet.is_none_or(|kubelet| kubelet.minor() < floor.kubernetes)
}

const fn weight(effect: FloorEffect) -> Severity {
    match effect {
        FloorEffect::Removed | FloorEffect::OffByDefault => Severity::Blocking,
        FloorEffect::Refused | FloorEffect::Degraded => Severity::Warning,
        FloorEffect::Warned | FloorEffect::Deprecated | FloorEffect::Scheduled => Severity::Info,
    }
}

/// Whether the runtime is below the floor; `None` where its version does not say.
fn is_below(runtime: &ContainerRuntime, floor: &Floor) -> Option<bool> {
    let bare = |version: &KubeVersion| (version.minor(), version.patch());
    match &floor.at_least {
        None => Some(true),
        Some(least) => Some(bare(&runtime.release()?) < bare(least)),
    }
}

/// The worst that the runtime meets on the way.
fn judge(scene: &Scene<'_>, runtime: &ContainerRuntime, nodes: &[Named<'_>]) -> Option<Finding> {
    let met = |floor: &&Floor| {
        is_below(runtime, floor) == Some(true)
            && nodes.iter().any(|(_, node)| is_ahead(scene, node, floor))
    };
    let floor = floors(scene, runtime.name())
        .filter(met)
        .min_by_key(|floor| (weight(floor.effect), floor.kubernetes))?;
    let concerned: Vec<&NodeName> = nodes
        .iter()
        .filter(|(_, node)| is_ahead(scene, node, floor))
        .map(|(name, _)| *name)
        .collect();
    let page = &codes::NODE_RUNTIME;
    let subject = thing("ContainerRuntime", &runtime.to_string());
    let least = floors(scene, runtime.name())
        .filter(met)
        .filter(|floor| floor.effect != FloorEffect::Scheduled || floor.at_least.is_some())
        .filter_map(|floor| floor.at_least.as_ref())
        .max();
    let minor = floor.kubernetes;
    let title = format!("{}, on {}", says(runtime, floor), {
        count(concerned.len(), "node", "nodes")
    });
    Some(Finding {
        id: identity(page, &subject, &minor.to_string()),
        evidence: vec![scene.seen(format!("{runtime} on {}", named(&concerned, NAMED)))],
        remedy: remedy(least, minor),
        cause: match floor.notes.trim_end_matches('.') {
            "" => page.means.to_owned(),
            notes => format!("From Kubernetes {minor} on: {notes}."),
        },
        references: vec![page.source.to_owned(), floor.source.clone()],
        ..finding(page, weight(floor.effect), subject, title)
    })
}

fn says(runtime: &ContainerRuntime, floor: &Floor) -> String {
    let minor = floor.kubernetes;
    match floor.effect {
        FloorEffect::Removed => format!("a kubelet of {minor} does not work with {runtime}"),
        FloorEffect::OffByDefault => {
            format!("a kubelet of {minor} does not start with {runtime} unless it is told to")
        }
        FloorEffect::Refused => format!("kubeadm of {minor} refuses {runtime}"),
        FloorEffect::Warned => format!("kubeadm of {minor} warns of {runtime}"),
        FloorEffect::Degraded => {
            format!("{runtime} lacks something that a kubelet of {minor} uses")
        }
        FloorEffect::Deprecated => {
            format!("{runtime} is deprecated for a kubelet of {minor}")
        }
        FloorEffect::Scheduled => {
            format!("it is announced that a kubelet of {minor} will not work with {runtime}")
        }
    }
}

fn remedy(least: Option<&KubeVersion>, minor: Minor) -> String {
    match least {
        Some(least) => format!(
            "Bring the container runtime of these nodes to {} or newer before their kubelets reach {minor}.",
            least.to_string().trim_start_matches('v')
        ),
        None => format!(
            "Move these nodes to a container runtime that speaks CRI itself before their kubelets reach {minor}."
        ),
    }
}

/// The nodes whose runtime was not seen, or not its release, though a floor lies
/// ahead. Where none of these stops a kubelet, what is not seen cannot block.
fn unseen(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Gap> {
    let (mut names, mut worst, mut why) = (Vec::new(), Severity::Info, Unseen::NotInSource);
    for (name, node) in &kubernetes.nodes.items {
        let ahead: Option<Severity> = match node.runtime.known() {
            Err(unseen) => {
                why = unseen.clone();
                let all = ["containerd", "docker"];
                all.into_iter()
                    .flat_map(|runtime| floors(scene, runtime))
                    .filter(|floor| is_ahead(scene, node, floor))
                    .map(|floor| weight(floor.effect))
                    .min()
            }
            Ok(runtime) => floors(scene, runtime.name())
                .filter(|floor| is_ahead(scene, node, floor) && is_below(runtime, floor).is_none())
                .map(|floor| weight(floor.effect))
                .min(),
        };
        if let Some(ahead) = ahead.filter(|ahead| *ahead != Severity::Info) {
            names.push(name);
            worst = worst.min(ahead);
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let area = if worst == Severity::Blocking {
        Area::Nodes
    } else {
        Area::Behaviour
    };
    let what = format!(
        "the release of the container runtime of {}: {}",
        count(names.len(), "node", "nodes"),
        named(names, NAMED)
    );
    vec![gap(area, what, why, COMMAND)]
}
