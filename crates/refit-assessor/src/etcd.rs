//! Whether the etcd of the control plane goes along with the target.

use crate::codes;
use crate::finding::{finding, identity, thing};
use crate::scene::{Found, Scene};
use refit_knowledge::component::{EtcdPath, EtcdStep};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::{ComponentKind, Distribution, Kubernetes};
use refit_model::name::NodeName;
use refit_model::seen::Seen;
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use std::collections::BTreeMap;

/// Findings about etcd.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    // Only kubeadm is known to bring the releases that the facts list.
    if kubernetes.distribution != Seen::Is(Distribution::Kubeadm) || scene.from.is_none() {
        return Found::default();
    }
    let findings = members(kubernetes)
        .into_iter()
        .flat_map(|(version, nodes)| too_old(scene, version, &nodes))
        .collect();
    Found {
        findings,
        gaps: Vec::new(),
    }
}

/// The members of etcd by what they run.
fn members(kubernetes: &Kubernetes) -> BTreeMap<&KubeVersion, Vec<&NodeName>> {
    let mut members: BTreeMap<&KubeVersion, Vec<&NodeName>> = BTreeMap::new();
    for (key, component) in &kubernetes.components.items {
        if let (ComponentKind::Etcd, Some(version)) = (key.kind, component.version.get()) {
            members.entry(version).or_default().push(&key.node);
        }
    }
    members
}

/// The steps that a member of `version` would begin with too old a release: what
/// kubeadm brings at each hop is what it has before the next.
fn too_old(scene: &Scene<'_>, version: &KubeVersion, nodes: &[&NodeName]) -> Vec<Finding> {
    let components = scene.knowledge.components();
    let mut found = Vec::new();
    let mut runs = version.clone();
    for hop in scene.hops() {
        let Some(brings) = brought(scene, hop) else {
            break;
        };
        if let EtcdPath::Steps(steps) = components.etcd_steps(&runs, &brings) {
            for step in steps {
                if let Some(least) = &step.at_least
                    && step.from == runs.minor()
                    && runs < *least
                {
                    found.push(step_finding(
                        scene,
                        nodes,
                        (&runs, &brings),
                        (step, least),
                        hop,
                    ));
                }
            }
        }
        // kubeadm leaves an etcd alone that is newer than what it brings.
        runs = runs.max(brings);
    }
    found
}

/// The etcd that kubeadm brings at a hop: at the last, that of the target.
fn brought(scene: &Scene<'_>, hop: Minor) -> Option<KubeVersion> {
    let components = scene.knowledge.components();
    let images = match scene.target {
        TargetVersion::Release(release) if release.minor() == hop => components.images(release),
        TargetVersion::Release(_) | TargetVersion::Minor(_) => components.newest_images(hop),
    };
    images.map(|images| images.etcd.clone())
}

fn step_finding(
    scene: &Scene<'_>,
    nodes: &[&NodeName],
    (runs, brings): (&KubeVersion, &KubeVersion),
    (step, least): (&EtcdStep, &KubeVersion),
    hop: Minor,
) -> Finding {
    let bare = |version: &KubeVersion| version.to_string().trim_start_matches('v').to_owned();
    let (runs, brings, least) = (bare(runs), bare(brings), bare(least));
    let page = &codes::ETCD_STEP;
    let subject = thing("etcd", &step.to.to_string());
    Finding {
        id: identity(page, &subject, &runs),
        evidence: nodes
            .iter()
            .map(|node| scene.seen(format!("a member of etcd on {node}")))
            .collect(),
        remedy: format!(
            "Bring every member to {least} or newer before the control plane moves to {hop}."
        ),
        references: vec![page.source.to_owned(), step.source.clone()],
        ..finding(
            page,
            Severity::Warning,
            subject,
            format!(
                "etcd {runs} would go to {brings} at the hop to {hop}; etcd wants {least} first"
            ),
        )
    }
}
