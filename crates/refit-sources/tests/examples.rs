//! What the examples of the tree show when they are read.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod tree;

use refit_model::kubernetes::{ComponentKind, Distribution, Kubernetes, LocalData};
use refit_model::object::EvidenceTier;
use refit_model::seen::{Extent, Seen};
use refit_model::snapshot::IdentityBasis;
use refit_sources::{ReadOptions, Reading, read};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static HARBOUR: LazyLock<Reading> = LazyLock::new(|| example("harbour"));

fn example(name: &str) -> Reading {
    read(tree::example(name), &ReadOptions::default())
}

fn kubernetes(reading: &Reading) -> &Kubernetes {
    reading.snapshot.kubernetes.as_ref().unwrap()
}

#[test]
fn harbour_is_whole() {
    let reading = &*HARBOUR;
    let cluster = kubernetes(reading);
    assert_eq!(reading.notes, []);
    assert_eq!(reading.snapshot.cluster.name, "harbour");
    assert_eq!(reading.snapshot.cluster.basis, IdentityBasis::KubeSystemUid);
    assert_eq!(
        reading.snapshot.taken_at.to_string(),
        "2026-10-01T07:58:41Z"
    );
    assert_eq!(cluster.distribution, Seen::Is(Distribution::Kubeadm));
    assert_eq!(cluster.server.get().unwrap().to_string(), "v1.31.9");
    assert_eq!(cluster.nodes.items.len(), 40);
    assert_eq!(cluster.pods.items.len(), 400);
    assert_eq!(cluster.pods.extent, Extent::Whole);
    assert_eq!(cluster.nodes.extent, Extent::Whole);
    assert_eq!(cluster.workloads.extent, Extent::Whole);
    assert_eq!(cluster.budgets.extent, Extent::Whole);
    assert_eq!(cluster.webhooks.extent, Extent::Whole);
    assert_eq!(cluster.definitions.extent, Extent::Whole);
    assert_eq!(cluster.services.extent, Extent::Whole);
    assert_eq!(cluster.releases.extent, Extent::Whole);
    assert_eq!(cluster.components.extent, Extent::Whole);
    assert_eq!(cluster.components.items.len(), 3 * ComponentKind::ALL.len());
    assert!(
        cluster
            .components
            .items
            .values()
            .all(|component| component.version.get().is_some())
    );
    assert!(
        cluster
            .nodes
            .items
            .values()
            .all(|node| matches!(&node.kube_proxy, Seen::Is(Some(_))))
    );
    assert_eq!(
        reading.snapshot.gaps.len(),
        1,
        "{:?}",
        reading.snapshot.gaps
    );
}

#[test]
fn harbour_keeps_local_data_and_a_bare_pod() {
    let reading = &*HARBOUR;
    let cluster = kubernetes(reading);
    let bound: Vec<String> = cluster
        .pods
        .items
        .iter()
        .filter_map(|(key, pod)| match &pod.local_data {
            LocalData::LocalVolume(node) => Some(format!("{key} on {node}")),
            LocalData::None | LocalData::EmptyDir => None,
        })
        .collect();
    assert_eq!(
        bound,
        [
            "data/postgres-0 on memory-01",
            "data/postgres-1 on memory-02",
            "data/postgres-2 on memory-03"
        ]
    );
    let bare: Vec<String> = cluster
        .pods
        .items
        .iter()
        .filter(|(_, pod)| pod.is_bare())
        .map(|(key, _)| key.to_string())
        .collect();
    assert_eq!(bare, ["storefront/reindex-by-hand"]);
}

/// Every route by which the example uses a version that is not the one an
/// object is served at.
#[test]
fn harbour_uses_old_versions_by_several_routes() {
    let mut found: BTreeMap<EvidenceTier, Vec<String>> = BTreeMap::new();
    for used in &kubernetes(&HARBOUR).api_uses {
        let is_old = used.api.version.contains("beta");
        if is_old {
            found.entry(used.tier).or_default().push(format!(
                "{} {} by {:?}",
                used.api.kind, used.object, used.by
            ));
        }
        // What was read from files knows its place.
        assert!(used.location.is_some(), "{used:?}");
    }
    let found: Vec<(EvidenceTier, Vec<&str>)> = found
        .iter()
        .map(|(tier, uses)| (*tier, uses.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        found,
        [
            (
                EvidenceTier::OvertakenAnnotation,
                vec!["HorizontalPodAutoscaler storefront/web by \"kubectl apply\""]
            ),
            (
                EvidenceTier::LastApplied,
                vec![
                    "FlowSchema operators by \"kubectl apply\"",
                    "PodDisruptionBudget logistics/tracker by \"kubectl apply\""
                ]
            ),
            (
                EvidenceTier::ManagedFields,
                vec![
                    "FlowSchema batch-reads by \"berth-controller\"",
                    "FlowSchema operators by \"kubectl-client-side-apply\"",
                    "FlowSchema tracker-lane by \"helm\"",
                    "PriorityLevelConfiguration batch by \"berth-controller\"",
                    "PriorityLevelConfiguration tracker-lane by \"helm\"",
                    "PodDisruptionBudget logistics/tracker by \"kubectl-client-side-apply\""
                ]
            ),
            (
                EvidenceTier::HelmManifest,
                vec![
                    "FlowSchema tracker-lane by \"platform/traffic-lanes\"",
                    "PriorityLevelConfiguration tracker-lane by \"platform/traffic-lanes\""
                ]
            ),
            (
                EvidenceTier::Manifest,
                vec![
                    "HorizontalPodAutoscaler storefront/gift-cards by \"\"",
                    "FlowSchema reports by \"\""
                ]
            ),
        ]
    );
}

#[test]
fn canonical_is_a_model_with_a_newer_charm() {
    let reading = example("canonical");
    let model = reading.snapshot.juju.as_ref().unwrap();
    assert_eq!(
        reading.snapshot.cluster.id.as_str(),
        "harbour-north/harbour-charm"
    );
    assert_eq!(reading.snapshot.cluster.basis, IdentityBasis::JujuModel);
    let offered: Vec<_> = model
        .applications
        .complete()
        .unwrap()
        .values()
        .map(|application| application.offered.clone())
        .collect();
    assert_eq!(offered, [Seen::Is(Some(1500)), Seen::Is(Some(1501))]);
}

/// Reading what was distilled gives the same snapshot.
#[test]
fn distilled_snapshots_are_read_back() {
    for first in [HARBOUR.snapshot.clone(), example("canonical").snapshot] {
        let name = &first.cluster.name;
        let bytes = serde_json::to_vec(&first).unwrap();
        let file = refit_sources::SourceFile {
            name: format!("{name}.json"),
            bytes,
        };
        assert_eq!(
            read([file], &ReadOptions::default()).snapshot,
            first,
            "{name}"
        );
    }
}
