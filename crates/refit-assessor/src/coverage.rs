//! What was looked at, what could not be, and whether that could hide something
//! that blocks.
//!
//! Gaps come from three places: those that the snapshot brings, those that its
//! listings and readings show by being incomplete, and those that a family of
//! findings met while judging. The same gap is told once.

use crate::Question;
use crate::behaviour;
use crate::finding::{count, named};
use crate::juju;
use crate::listed;
use crate::scene::{Extract, Scene, gap};
use refit_model::assessment::{Coverage, Family};
use refit_model::kubernetes::{Distribution, Kubernetes};
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, Gap};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// How many things a sentence names before it only counts them.
const NAMED: usize = 10;

/// The coverage of every area that applies and was asked about, in the order of [`Area::ALL`].
pub(crate) fn of(scene: &Scene<'_>, judged: Vec<Gap>, question: &Question) -> Vec<Coverage> {
    let brought = &scene.snapshot.gaps;
    let mut gaps: BTreeMap<Area, Vec<Gap>> = BTreeMap::new();
    for gap in brought.iter().cloned().chain(judged) {
        gaps.entry(gap.area).or_default().push(gap);
    }
    for gap in readings(scene).into_iter().chain(listed::gaps(scene)) {
        gaps.entry(gap.area).or_default().push(gap);
    }
    // Who asks for Juju expects a model; who asks for everything need not have one.
    let asks_for_juju =
        question.families.contains(&Family::Juju) && question.families.len() < Family::ALL.len();
    if asks_for_juju && scene.snapshot.juju.is_none() {
        gaps.entry(Area::Juju).or_default().push(gap(
            Area::Juju,
            "the Juju model",
            Unseen::NotInSource,
            "juju status --format json > status.json",
        ));
    }
    let explained = gaps.clone();
    for gap in listings(scene) {
        // A source that explains why an area is not whole knows it better, and
        // where there is no Kubernetes side at all, why does not matter.
        let all = scene.kubernetes().is_none() && gap.area != Area::Juju;
        let mut told = explained.get(&gap.area).into_iter().flatten();
        if !told.any(|known| all || known.why == gap.why) {
            gaps.entry(gap.area).or_default().push(gap);
        }
    }
    let asked: BTreeSet<Area> = question
        .families
        .iter()
        .flat_map(|family| family.areas())
        .copied()
        .collect();
    Area::ALL
        .into_iter()
        .filter(|area| asked.contains(area))
        .filter_map(|area| {
            let mut gaps = gaps.remove(&area).unwrap_or_default();
            gaps.sort();
            gaps.dedup();
            let applies = area != Area::Juju || scene.snapshot.juju.is_some() || !gaps.is_empty();
            applies.then(|| Coverage {
                area,
                seen: seen(scene, area),
                skipped: if area == Area::Apis {
                    question.skipped
                } else {
                    0
                },
                could_hide: gaps
                    .iter()
                    .any(|gap| could_hide_a_block(scene, question, gap)),
                gaps,
            })
        })
        .collect()
}

/// Whether a gap could hide a finding that blocks.
///
/// Every gap can, with four exceptions. Nothing that blocks is found in the
/// areas of backups and of changes of behaviour. Manifests in files are a subject of their own: that a
/// repository has no nodes, budgets or releases to show hides nothing about its
/// manifests; unless the question was about nodes or budgets alone. And a control plane that a provider runs is shown to nobody: the
/// version that its API server states is all there is to know. Helm releases
/// that a live cluster was not asked for hide nothing that the upgrade breaks: what
/// Helm wrote bears its name in the managed fields of the objects, which are read,
/// and a gap among those counts (decision 0011). What was refused or failed always
/// counts.
fn could_hide_a_block(scene: &Scene<'_>, question: &Question, gap: &Gap) -> bool {
    let untold = match &gap.why {
        Unseen::NotAsked | Unseen::NotInSource => true,
        Unseen::Forbidden(_) | Unseen::Failed(_) => false,
    };
    let manifests = scene.extract == Extract::Manifests && question.families.contains(&Family::Api);
    match gap.area {
        // What blocks is found by the families of APIs, gates and flags, which have
        // areas of their own; here it is only told of beforehand.
        Area::Backups | Area::Behaviour => false,
        // Of Juju there are gaps only where a model was read or asked for.
        Area::Apis | Area::Juju => true,
        Area::ControlPlane => !untold || (!manifests && !control_plane_is_seen(scene)),
        Area::Releases => gap.why != Unseen::NotAsked && !(untold && manifests),
        Area::Nodes
        | Area::Workloads
        | Area::Budgets
        | Area::Webhooks
        | Area::Definitions
        | Area::ApiServices => !(untold && manifests),
    }
}

/// Whether everything about the control plane that a finding could block on was
/// seen, however much else a source says is missing.
fn control_plane_is_seen(scene: &Scene<'_>) -> bool {
    let Some(side) = scene.kubernetes() else {
        return false;
    };
    let whole = side.components.complete().is_ok_and(|components| {
        components
            .values()
            .all(|component| component.version.get().is_some() && component.ready.get().is_some())
    });
    side.server.get().is_some() && (whole || is_provided(side))
}

/// Whether a provider runs the control plane.
const fn is_provided(side: &Kubernetes) -> bool {
    matches!(
        side.distribution,
        Seen::Is(Distribution::Aks | Distribution::Eks | Distribution::Gke)
    )
}

/// How many things of an area were looked at.
fn seen(scene: &Scene<'_>, area: Area) -> usize {
    let Some(side) = scene.kubernetes() else {
        return match area {
            Area::Juju => units(scene),
            Area::Apis
            | Area::ControlPlane
            | Area::Nodes
            | Area::Workloads
            | Area::Budgets
            | Area::Webhooks
            | Area::Definitions
            | Area::ApiServices
            | Area::Releases
            | Area::Behaviour
            | Area::Backups => 0,
        };
    };
    match area {
        Area::Apis => side.api_uses.len(),
        Area::ControlPlane => side.components.items.len(),
        Area::Nodes => side.nodes.items.len(),
        Area::Workloads => side.workloads.items.len() + side.pods.items.len(),
        Area::Budgets => side.budgets.items.len(),
        Area::Webhooks => side.webhooks.items.len(),
        Area::Definitions => side.definitions.items.len(),
        Area::ApiServices => side.api_services.items.len(),
        Area::Releases => side.releases.items.len(),
        Area::Behaviour => behaviour::asked(scene),
        Area::Juju => units(scene),
        Area::Backups => side.etcd_snapshots.get().map_or(0, Vec::len),
    }
}

fn units(scene: &Scene<'_>) -> usize {
    scene
        .snapshot
        .juju
        .iter()
        .flat_map(|model| model.applications.items.values())
        .map(|application| application.units.items.len())
        .sum()
}

/// The gaps that incomplete listings show.
fn listings(scene: &Scene<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    match scene.kubernetes() {
        Some(side) => kubernetes_listings(side, &mut gaps),
        None => {
            for (area, what, command) in LISTINGS {
                gaps.push(gap(area, what, Unseen::NotAsked, command));
            }
        }
    }
    if let Some(model) = &scene.snapshot.juju {
        let command = "juju status --format json";
        let about = (Area::Juju, "the applications", command);
        incomplete(&model.applications, about, &mut gaps);
        for application in model.applications.items.values() {
            let about = (Area::Juju, "the units", command);
            incomplete(&application.units, about, &mut gaps);
        }
        gaps.extend(juju::unseen(model));
    }
    gaps
}

/// The gaps that single readings show, and the limits of the knowledge.
fn readings(scene: &Scene<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let (first, last) = scene.knowledge.covers();
    let target = scene.target.minor();
    if target < first || target > last {
        gaps.push(gap(
            Area::Apis,
            format!("the life of APIs at Kubernetes {target}"),
            Unseen::Failed(format!("the knowledge covers {first} to {last}")),
            "",
        ));
    }
    if let Some(side) = scene.kubernetes() {
        kubernetes_readings(side, &mut gaps);
    }
    gaps
}

/// Every listing of the Kubernetes side: its area, what it holds, and the
/// command that shows it.
const LISTINGS: [(Area, &str, &str); 12] = [
    (
        Area::Apis,
        "the objects and the versions they are written in",
        "kubectl get all,ingresses,poddisruptionbudgets --all-namespaces --show-managed-fields -o yaml",
    ),
    (
        Area::ControlPlane,
        "the API server's version",
        "kubectl version -o json",
    ),
    (
        Area::ControlPlane,
        "the components of the control plane",
        "kubectl get pods --namespace kube-system -o yaml",
    ),
    (Area::Nodes, "the nodes", "kubectl get nodes -o yaml"),
    (
        Area::Workloads,
        "the pods",
        "kubectl get pods --all-namespaces -o yaml",
    ),
    (
        Area::Workloads,
        "what creates pods",
        "kubectl get deployments,replicasets,statefulsets,daemonsets,jobs,replicationcontrollers --all-namespaces -o yaml",
    ),
    (
        Area::Budgets,
        "the disruption budgets",
        "kubectl get poddisruptionbudgets --all-namespaces -o yaml",
    ),
    (
        Area::Webhooks,
        "the admission webhooks",
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml",
    ),
    (
        Area::Webhooks,
        "the Services",
        "kubectl get services --all-namespaces -o yaml",
    ),
    (
        Area::Definitions,
        "the custom resource definitions",
        "kubectl get customresourcedefinitions -o yaml",
    ),
    (
        Area::ApiServices,
        "who answers for which API group",
        "kubectl get apiservices -o yaml",
    ),
    (
        Area::Releases,
        "the Helm releases",
        "kubectl get secrets --all-namespaces --field-selector type=helm.sh/release.v1 -o yaml",
    ),
];

fn kubernetes_listings(side: &Kubernetes, gaps: &mut Vec<Gap>) {
    let [
        _,
        server,
        components,
        nodes,
        pods,
        workloads,
        budgets,
        webhooks,
        services,
        definitions,
        api_services,
        releases,
    ] = LISTINGS;
    if let Seen::Gap(why) = &side.server {
        gaps.push(gap(server.0, server.1, why.clone(), server.2));
    }
    if !is_provided(side) {
        incomplete(&side.components, components, gaps);
    }
    incomplete(&side.nodes, nodes, gaps);
    incomplete(&side.pods, pods, gaps);
    incomplete(&side.workloads, workloads, gaps);
    incomplete(&side.budgets, budgets, gaps);
    incomplete(&side.webhooks, webhooks, gaps);
    incomplete(&side.services, services, gaps);
    incomplete(&side.definitions, definitions, gaps);
    incomplete(&side.api_services, api_services, gaps);
    incomplete(&side.releases, releases, gaps);
}

fn incomplete<K: Ord, V, By: Ord>(
    listing: &Listing<K, V, By>,
    (area, what, command): (Area, &str, &str),
    gaps: &mut Vec<Gap>,
) {
    let (what, why) = match &listing.extent {
        Extent::Whole => return,
        Extent::Only(_) => (format!("some of {what}"), Unseen::NotAsked),
        Extent::Part(why) if listing.items.is_empty() => (what.to_owned(), why.clone()),
        Extent::Part(why) => (format!("possibly some of {what}"), why.clone()),
    };
    gaps.push(gap(area, what, why, command));
}

/// Single readings that are missing, one gap for each kind of reading.
fn kubernetes_readings(side: &Kubernetes, gaps: &mut Vec<Gap>) {
    let nodes = "kubectl get nodes -o yaml";
    let items = &side.nodes.items;
    missing(
        (Area::Nodes, "the kubelet's version on", nodes),
        items
            .iter()
            .map(|(name, node)| (name, node.kubelet.known().err())),
        gaps,
    );
    missing(
        (
            Area::Nodes,
            "the kube-proxy's version on",
            "kubectl get pods --namespace kube-system -o yaml",
        ),
        items
            .iter()
            .map(|(name, node)| (name, node.kube_proxy.known().err())),
        gaps,
    );
    missing(
        (Area::Nodes, "the readiness of", nodes),
        items
            .iter()
            .map(|(name, node)| (name, node.ready.known().err())),
        gaps,
    );
    missing(
        (Area::Nodes, "the role of", nodes),
        items
            .iter()
            .map(|(name, node)| (name, node.role.known().err())),
        gaps,
    );
    missing(
        (
            Area::ControlPlane,
            "the version of",
            "kubectl get pods --namespace kube-system -o yaml",
        ),
        side.components
            .items
            .iter()
            .map(|(key, component)| (key, component.version.known().err())),
        gaps,
    );
    missing(
        (
            Area::ControlPlane,
            "the readiness of",
            "kubectl get pods --namespace kube-system -o yaml",
        ),
        side.components
            .items
            .iter()
            .map(|(key, component)| (key, component.ready.known().err())),
        gaps,
    );
}

fn missing<'s, T: Display + 's>(
    (area, what, command): (Area, &str, &str),
    readings: impl Iterator<Item = (&'s T, Option<&'s Unseen>)>,
    gaps: &mut Vec<Gap>,
) {
    let missing: Vec<(&T, &Unseen)> = readings
        .filter_map(|(name, why)| Some((name, why?)))
        .collect();
    if let Some((_, why)) = missing.first() {
        gaps.push(gap(
            area,
            format!(
                "{what} {}: {}",
                count(missing.len(), "item", "items"),
                named(missing.iter().map(|(name, _)| name), NAMED)
            ),
            (*why).clone(),
            command,
        ));
    }
}
