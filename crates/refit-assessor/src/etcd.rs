//! Whether the etcd of the control plane goes along with the target.

use crate::codes;
use crate::finding::{finding, identity, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::component::{EtcdPath, EtcdStep};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::{ComponentKind, Distribution, Kubernetes};
use refit_model::name::{Key, NodeName};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Area;
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use std::collections::BTreeMap;

/// The project, as the knowledge names it.
const ETCD: &str = "etcd";

/// How many pods a finding names.
const NAMED: usize = 10;

/// Findings about etcd.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    // Only kubeadm is known to bring the releases that the facts list.
    if kubernetes.distribution != Seen::Is(Distribution::Kubeadm) || scene.from.is_none() {
        return Found::default();
    }
    let members = members(kubernetes);
    if members.is_empty() {
        return outside(scene, kubernetes);
    }
    let findings = members
        .into_iter()
        .flat_map(|(version, nodes)| too_old(scene, version, &nodes))
        .collect();
    Found {
        findings,
        gaps: Vec::new(),
    }
}

/// A control plane that was seen, and has no etcd of its own: the oldest that
/// kubeadm accepts on the way, against what else is there of etcd.
fn outside(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Found {
    let mut found = Found::default();
    let has_servers = kubernetes
        .components
        .items
        .keys()
        .any(|key| key.kind == ComponentKind::KubeApiserver);
    // What does not show may be a member that was not read.
    if !has_servers || kubernetes.components.complete().is_err() {
        return found;
    }
    let components = scene.knowledge.components();
    let least = scene.hops().into_iter().filter_map(|hop| {
        let images = components.newest_images(hop)?;
        Some((images.min_external_etcd.clone()?, hop))
    });
    let Some((least, hop)) = least.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))) else {
        return found;
    };
    let (mut any, mut old) = (false, BTreeMap::<KubeVersion, Vec<&Key>>::new());
    for (key, pod) in &kubernetes.pods.items {
        let etcd = pod.images.iter().find_map(|image| {
            let known = scene.knowledge.detection().by_image(image)?;
            (known.project == ETCD).then_some(known.version)?
        });
        let Some(version) = etcd.and_then(|version| version.to_string().parse().ok()) else {
            continue;
        };
        any = true;
        if is_older(&version, &least) {
            old.entry(version).or_default().push(key);
        }
    }
    found.findings = old
        .into_iter()
        .map(|(version, pods)| outside_finding(scene, (&version, &pods), (&least, hop)))
        .collect();
    if !any {
        found.gaps.push(gap(
            Area::ControlPlane,
            format!(
                "the release of the etcd outside of the control plane; kubeadm of {hop} wants {} or newer",
                bare(&least)
            ),
            Unseen::NotInSource,
            "etcdctl endpoint status --cluster -w table",
        ));
    }
    found
}

/// What packagers append does not count.
fn is_older(version: &KubeVersion, least: &KubeVersion) -> bool {
    let release = |version: &KubeVersion| (version.minor(), version.patch());
    release(version) < release(least)
}

/// etcd's releases bear no `v` where people speak of them.
fn bare(version: &KubeVersion) -> String {
    version.to_string().trim_start_matches('v').to_owned()
}

fn outside_finding(
    scene: &Scene<'_>,
    (version, pods): (&KubeVersion, &[&Key]),
    (least, hop): (&KubeVersion, Minor),
) -> Finding {
    let page = &codes::ETCD_OUTSIDE;
    let (version, least) = (bare(version), bare(least));
    let subject = thing(ETCD, &version);
    let evidence = pods.iter().take(NAMED).map(|key| {
        let detail = format!("the pod {key} runs etcd {version}");
        scene.evidence("", "Pod", key, detail)
    });
    Finding {
        id: identity(page, &subject, &hop.to_string()),
        evidence: evidence.collect(),
        remedy: format!(
            "If the API servers store in it, bring it to {least} or newer before the hop to {hop}."
        ),
        ..finding(
            page,
            Severity::Warning,
            subject,
            format!("kubeadm of {hop} wants an etcd of {least} or newer, and {version} runs"),
        )
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
