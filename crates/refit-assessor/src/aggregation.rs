//! Aggregated APIs that do not answer, and what the API server warned of.

use crate::codes;
use crate::finding::{finding, identity, subject, thing};
use crate::scene::{Found, Scene, gap};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::kubernetes::{ApiService, ServerWarning};
use refit_model::name::{Key, ObjectName};
use refit_model::object::EvidenceTier;
use refit_model::seen::Seen;
use refit_model::snapshot::Area;

/// Findings about APIs that others answer for.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    for (name, service) in &kubernetes.api_services.items {
        match &service.available {
            Seen::Is(true) => {}
            Seen::Is(false) => found.findings.push(down(scene, name, service)),
            // The API server answers for its own groups, whatever a file leaves out.
            Seen::Gap(_) if service.service.is_none() => {}
            Seen::Gap(why) => found.gaps.push(gap(
                Area::ApiServices,
                format!("whether the aggregated API {name} answers"),
                why.clone(),
                &format!("kubectl get apiservice {name} -o yaml"),
            )),
        }
    }
    found
        .findings
        .extend(kubernetes.server_warnings.iter().map(warned));
    found
}

/// It blocks: discovery fails in part for every client, and deleted namespaces
/// never go, so that no check after the upgrade can be trusted.
fn down(scene: &Scene<'_>, name: &ObjectName, service: &ApiService) -> Finding {
    let key = Key {
        namespace: None,
        name: name.clone(),
    };
    let (group, kind) = ("apiregistration.k8s.io", "APIService");
    let behind = service.service.as_ref().map_or_else(
        || "the API server itself".to_owned(),
        |service| format!("the Service {service}"),
    );
    let because = if service.because.is_empty() {
        String::new()
    } else {
        format!(" ({})", service.because)
    };
    let detail = format!("it is not available through {behind}{because}");
    Finding {
        evidence: vec![scene.evidence(group, kind, &key, detail)],
        ..finding(
            &codes::API_SERVICE_DOWN,
            Severity::Blocking,
            subject(&format!("{group}/v1"), kind, &key),
            format!("the aggregated API {name} does not answer"),
        )
    }
}

fn warned(warning: &ServerWarning) -> Finding {
    let subject = thing("Request", &warning.path);
    Finding {
        id: identity(&codes::SERVER_WARNING, &subject, &warning.text),
        evidence: vec![Evidence {
            tier: EvidenceTier::ServerWarning,
            source: "API server".to_owned(),
            location: None,
            detail: warning.text.clone(),
        }],
        ..finding(
            &codes::SERVER_WARNING,
            Severity::Info,
            subject,
            format!("the API server warned about {}", warning.path),
        )
    }
}
