//! Custom resource definitions whose objects may rest in a version that is not
//! served.

use crate::codes;
use crate::finding::{finding, named, subject};
use crate::scene::{Found, Scene};
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::Definition;
use refit_model::name::{Key, ObjectName};

/// Findings about custom resource definitions.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    Found {
        findings: scene
            .kubernetes()
            .into_iter()
            .flat_map(|kubernetes| &kubernetes.definitions.items)
            .filter_map(|(name, definition)| stored_not_served(scene, name, definition))
            .collect(),
        gaps: Vec::new(),
    }
}

/// It warns and does not block: a Kubernetes upgrade leaves definitions alone,
/// and what is stored can still be read through the versions that are served.
/// What fails is the next upgrade of the project that owns the definition.
fn stored_not_served(
    scene: &Scene<'_>,
    name: &ObjectName,
    definition: &Definition,
) -> Option<Finding> {
    let hidden: Vec<&String> = definition
        .stored
        .iter()
        .filter(|version| !definition.served.contains(version))
        .collect();
    if hidden.is_empty() {
        return None;
    }
    // With nothing served at all, the objects are out of reach already.
    let severity = if definition.served.is_empty() {
        Severity::Blocking
    } else {
        Severity::Warning
    };
    let key = Key {
        namespace: None,
        name: name.clone(),
    };
    // 20 versions are more than any definition has.
    let hidden = named(hidden, 20);
    let detail = format!(
        "storedVersions are {}; served are {}",
        named(&definition.stored, 20),
        if definition.served.is_empty() {
            "none".to_owned()
        } else {
            named(&definition.served, 20)
        }
    );
    Some(Finding {
        application: definition.application.clone(),
        evidence: vec![scene.evidence(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            &key,
            detail,
        )],
        ..finding(
            &codes::DEFINITION_STORED_NOT_SERVED,
            severity,
            subject("apiextensions.k8s.io/v1", "CustomResourceDefinition", &key),
            format!("{name} may store objects as {hidden}, which is not served"),
        )
    })
}
