//! Container runtimes of nodes that do not go with the kubelets on the way, and
//! those that have ended: one finding for each runtime and release, however many
//! nodes have it.

mod kernel;
mod line;

use crate::codes;
use crate::finding::{count, finding, identity, named, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::component::{Floor, FloorEffect, FloorSubject};
use refit_model::assessment::{Finding, FindingSubject, Severity};
use refit_model::code::CodePage;
use refit_model::kubernetes::{ContainerRuntime, Kubernetes, Node};
use refit_model::name::NodeName;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use refit_model::version::KubeVersion;
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

/// Whether what has this release is below the floor; `None` where no release shows.
fn is_below(release: Option<&KubeVersion>, floor: &Floor) -> Option<bool> {
    let bare = |version: &KubeVersion| (version.minor(), version.patch());
    match &floor.at_least {
        None => Some(true),
        Some(least) => Some(bare(release?) < bare(least)),
    }
}

/// What something on nodes, a runtime or a kernel, meets on the way.
struct Met<'s> {
    /// The worst of it.
    floor: &'s Floor,
    /// The nodes that it lies ahead of.
    nodes: Vec<&'s NodeName>,
    /// The release that clears all of it; `None` where no release does.
    least: Option<&'s KubeVersion>,
}

/// What `release` of something on `nodes` meets of `floors`, if anything.
fn meets<'s>(
    scene: &Scene<'s>,
    floors: impl Iterator<Item = &'s Floor>,
    release: Option<&KubeVersion>,
    nodes: &[Named<'s>],
) -> Option<Met<'s>> {
    let ahead = |floor: &Floor| -> Vec<&'s NodeName> {
        let nodes = nodes.iter();
        let concerned = nodes.filter(|(_, node)| is_ahead(scene, node, floor));
        concerned.map(|(name, _)| *name).collect()
    };
    let met: Vec<(&Floor, Vec<&NodeName>)> = floors
        .filter(|floor| is_below(release, floor) == Some(true))
        .map(|floor| (floor, ahead(floor)))
        .filter(|(_, nodes)| !nodes.is_empty())
        .collect();
    let least: Option<Vec<&KubeVersion>> = met
        .iter()
        .map(|(floor, _)| floor.at_least.as_ref())
        .collect();
    let (floor, nodes) = met
        .into_iter()
        .min_by_key(|(floor, _)| (weight(floor.effect), floor.kubernetes))?;
    Some(Met {
        floor,
        nodes,
        least: least.and_then(|least| least.into_iter().max()),
    })
}

/// The finding about `subject`, which a sentence calls `what`, and what it meets.
fn told(
    scene: &Scene<'_>,
    page: &CodePage,
    (subject, what): (FindingSubject, &str),
    Met { floor, nodes, .. }: &Met<'_>,
    remedy: String,
) -> Finding {
    let on = count(nodes.len(), "node", "nodes");
    let title = format!("{}, on {on}", says(what, floor));
    let seen = format!("{} on {}", subject.name, named(nodes, NAMED));
    Finding {
        id: identity(page, &subject, &floor.kubernetes.to_string()),
        evidence: vec![scene.seen(seen)],
        remedy,
        cause: cause(page, floor),
        references: vec![page.source.to_owned(), floor.source.clone()],
        ..finding(page, weight(floor.effect), subject, title)
    }
}

fn cause(page: &CodePage, floor: &Floor) -> String {
    match floor.notes.trim_end_matches('.') {
        "" => page.means.to_owned(),
        notes => format!("From Kubernetes {} on: {notes}.", floor.kubernetes),
    }
}

fn says(what: &str, floor: &Floor) -> String {
    let minor = floor.kubernetes;
    match floor.effect {
        FloorEffect::Removed => format!("a kubelet of {minor} does not work with {what}"),
        FloorEffect::OffByDefault => {
            format!("a kubelet of {minor} does not start with {what} unless it is told to")
        }
        FloorEffect::Refused => format!("kubeadm of {minor} refuses {what}"),
        FloorEffect::Warned => format!("kubeadm of {minor} warns of {what}"),
        FloorEffect::Degraded => {
            format!("{what} lacks something that a kubelet of {minor} uses")
        }
        FloorEffect::Deprecated => format!("{what} is deprecated for a kubelet of {minor}"),
        FloorEffect::Scheduled => {
            format!("it is announced that a kubelet of {minor} will not work with {what}")
        }
    }
}

/// A release as its own project writes it.
fn release(version: &KubeVersion) -> String {
    version.to_string().trim_start_matches('v').to_owned()
}

/// The worst that the runtime meets on the way.
fn judge<'s>(
    scene: &Scene<'s>,
    runtime: &ContainerRuntime,
    nodes: &[Named<'s>],
) -> Option<Finding> {
    let own = runtime.release();
    let met = meets(scene, floors(scene, runtime.name()), own.as_ref(), nodes)?;
    let minor = met.floor.kubernetes;
    let remedy = met.least.map_or_else(
        || format!("Move these nodes to a container runtime that speaks CRI itself before their kubelets reach {minor}."),
        |least| format!("Bring the container runtime of these nodes to {} or newer before their kubelets reach {minor}.", release(least)),
    );
    let what = runtime.to_string();
    let subject = (thing("ContainerRuntime", &what), what.as_str());
    Some(told(scene, &codes::NODE_RUNTIME, subject, &met, remedy))
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
                .filter(|floor| is_ahead(scene, node, floor))
                .filter(|floor| is_below(runtime.release().as_ref(), floor).is_none())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_notes_is_told_by_its_page() {
        let floor = |notes: &str| Floor {
            subject: FloorSubject::Kernel,
            kubernetes: "1.33".parse().unwrap(),
            at_least: None,
            effect: FloorEffect::Refused,
            stated_by: "1.33".parse().unwrap(),
            source: String::new(),
            notes: notes.to_owned(),
        };
        for page in [&codes::NODE_RUNTIME, &codes::NODE_KERNEL] {
            assert_eq!(cause(page, &floor("")), page.means);
            assert_eq!(
                cause(page, &floor("it looks before it acts.")),
                "From Kubernetes 1.33 on: it looks before it acts."
            );
        }
    }
}
