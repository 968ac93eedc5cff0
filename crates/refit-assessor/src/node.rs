//! Nodes and control-plane components that are not as an upgrade needs them.

use crate::codes;
use crate::finding::{finding, named, subject, thing};
use crate::scene::{Found, Scene};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::{Cordon, Kubernetes, Node, NodeRole};
use refit_model::name::{Key, NodeName};
use refit_model::seen::Seen;

/// Findings about nodes and components.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let mut findings = components(scene, kubernetes);
    for (name, node) in &kubernetes.nodes.items {
        findings.extend(not_ready(scene, name, node));
        findings.extend(cordoned(scene, name, node));
        findings.extend(under_pressure(scene, name, node));
    }
    Found {
        findings,
        gaps: Vec::new(),
    }
}

fn components(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Finding> {
    kubernetes
        .components
        .items
        .iter()
        .filter(|(_, component)| component.ready == Seen::Is(false))
        .map(|(key, _)| Finding {
            evidence: vec![scene.seen(format!("{} on {} is not ready", key.kind, key.node))],
            ..finding(
                &codes::COMPONENT_NOT_READY,
                Severity::Blocking,
                thing("Component", &key.to_string()),
                format!("{} on {} is not ready", key.kind, key.node),
            )
        })
        .collect()
}

fn not_ready(scene: &Scene<'_>, name: &NodeName, node: &Node) -> Option<Finding> {
    if node.ready != Seen::Is(false) {
        return None;
    }
    let severity = if node.role == Seen::Is(NodeRole::ControlPlane) {
        Severity::Blocking
    } else {
        Severity::Warning
    };
    let title = format!("the node {name} is not ready");
    about(scene, &codes::NODE_NOT_READY, severity, name, title)
}

fn cordoned(scene: &Scene<'_>, name: &NodeName, node: &Node) -> Option<Finding> {
    let title = format!("the node {name} was cordoned by somebody else");
    (node.cordon == Seen::Is(Cordon::Theirs))
        .then(|| about(scene, &codes::NODE_CORDONED, Severity::Info, name, title))
        .flatten()
}

fn under_pressure(scene: &Scene<'_>, name: &NodeName, node: &Node) -> Option<Finding> {
    if node.pressures.is_empty() {
        return None;
    }
    let reported = named(node.pressures.iter().map(|kind| kind.condition()), 4);
    let title = format!("the node {name} reports {reported}");
    about(
        scene,
        &codes::NODE_UNDER_PRESSURE,
        Severity::Warning,
        name,
        title,
    )
}

fn about(
    scene: &Scene<'_>,
    page: &refit_model::code::CodePage,
    severity: Severity,
    name: &NodeName,
    title: String,
) -> Option<Finding> {
    let key = Key {
        namespace: None,
        // Both follow the same rule, so that this never fails.
        name: name.as_str().parse().ok()?,
    };
    Some(Finding {
        evidence: vec![scene.evidence("", "Node", &key, title.clone())],
        ..finding(page, severity, subject("v1", "Node", &key), title)
    })
}
