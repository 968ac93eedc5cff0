//! Admission webhooks that refuse requests when they do not answer, and what
//! stands behind them.

use crate::codes;
use crate::finding::{count, finding, identity, named, subject};
use crate::scene::{Found, Named, Scene, gap, pods_beside};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::code::CodePage;
use refit_model::kubernetes::{
    Conversion, Definition, FailurePolicy, Kubernetes, LeadsTo, Phase, Pod, Service, Webhook,
    WebhookKey, WebhookKind,
};
use refit_model::name::{Key, Namespace, ObjectName};
use refit_model::object::Application;
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::Selector;
use refit_model::snapshot::Area;
use std::collections::{BTreeMap, BTreeSet};

/// How many rules or pods a sentence names before it only counts them.
const NAMED: usize = 10;

/// The pods of the namespaces in which something answers for webhooks.
type Pods<'s> = BTreeMap<&'s Namespace, Vec<Named<'s>>>;

/// Findings about admission webhooks.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    let services = kubernetes.webhooks.items.values();
    let services = services.filter_map(|webhook| webhook.service.as_ref());
    let definitions = kubernetes.definitions.items.values();
    let services = services.chain(definitions.filter_map(converted_by));
    let pods = pods_beside(kubernetes, services);
    for (key, webhook) in &kubernetes.webhooks.items {
        // A webhook without rules is never called.
        if webhook.rules.is_empty() {
            continue;
        }
        match webhook.failure_policy {
            FailurePolicy::Ignore => continue,
            FailurePolicy::Fail => {}
        }
        match judge(scene, kubernetes, &pods, key, webhook) {
            Ok(finding) => found.findings.extend(finding),
            Err(why) => found.gaps.push(gap(
                Area::Webhooks,
                format!("what stands behind the webhook {key}"),
                why,
                &command(webhook),
            )),
        }
    }
    for (name, definition) in &kubernetes.definitions.items {
        match conversion(scene, kubernetes, &pods, name, definition) {
            Ok(finding) => found.findings.extend(finding),
            Err(why) => found.gaps.push(gap(
                Area::Webhooks,
                format!("what stands behind the conversion of {name}"),
                why,
                &format!("kubectl get customresourcedefinition {name} -o yaml"),
            )),
        }
    }
    found
}

/// The Service that a definition's conversion webhook is reached by.
const fn converted_by(definition: &Definition) -> Option<&Key> {
    match &definition.conversion {
        Conversion::Webhook { service } => service.as_ref(),
        Conversion::None => None,
    }
}

/// The finding about a definition whose conversion nothing answers for. One
/// that is called by URL, or whose Service names no pods, cannot be judged from
/// inside; a webhook for a single version is never asked.
///
/// # Errors
/// Why it cannot be judged.
fn conversion(
    scene: &Scene<'_>,
    kubernetes: &Kubernetes,
    pods: &Pods<'_>,
    name: &ObjectName,
    definition: &Definition,
) -> Result<Option<Finding>, Unseen> {
    let several = definition.served.len() > 1
        || definition
            .stored
            .iter()
            .any(|version| !definition.served.contains(version));
    let Some(service) = converted_by(definition).filter(|_| several) else {
        return Ok(None);
    };
    let detail = match kubernetes.services.find(service)? {
        None => format!("the Service {service} does not exist"),
        Some(Service { selector: None, .. }) => return Ok(None),
        Some(Service {
            selector: Some(selector),
            leads_to,
            ..
        }) => {
            let behind = behind(pods, service, selector);
            if behind.iter().any(|(_, pod)| answers(pod, *leads_to)) {
                return Ok(None);
            }
            kubernetes.pods.complete()?;
            if let Some(why) = behind.iter().find_map(|(_, pod)| pod.ready.known().err()) {
                return Err(why.clone());
            }
            format!("no ready pod stands behind the Service {service}")
        }
    };
    let key = Key {
        namespace: None,
        name: name.clone(),
    };
    let (group, kind) = ("apiextensions.k8s.io", "CustomResourceDefinition");
    Ok(Some(Finding {
        application: definition.application.clone(),
        evidence: vec![scene.evidence(group, kind, &key, detail)],
        ..finding(
            &codes::CONVERSION_DOWN,
            Severity::Blocking,
            subject(&format!("{group}/v1"), kind, &key),
            format!("nothing converts {name} between its versions"),
        )
    }))
}

fn command(webhook: &Webhook) -> String {
    let namespace = webhook
        .service
        .as_ref()
        .and_then(|key| key.namespace.as_ref());
    namespace.map_or_else(String::new, |namespace| {
        format!("kubectl get services,pods --namespace {namespace} -o yaml")
    })
}

/// The finding about one webhook that must answer, if there is one.
///
/// # Errors
/// Why it cannot be judged.
fn judge(
    scene: &Scene<'_>,
    kubernetes: &Kubernetes,
    pods: &Pods<'_>,
    key: &WebhookKey,
    webhook: &Webhook,
) -> Result<Option<Finding>, Unseen> {
    let Some(service) = &webhook.service else {
        let detail = "it is called by URL".to_owned();
        return Ok(Some(outside(scene, key, webhook, detail)));
    };
    let Some(seen) = kubernetes.services.find(service)? else {
        let detail = format!("the Service {service} does not exist");
        return Ok(Some(down(scene, key, webhook, None, detail)));
    };
    if let Some(ports) = &seen.ports
        && !ports.contains(&webhook.port)
    {
        let detail = format!(
            "the Service {service} has no port {}, only {}",
            webhook.port,
            named(ports, NAMED)
        );
        return Ok(Some(down(scene, key, webhook, None, detail)));
    }
    let Some(selector) = &seen.selector else {
        let detail = format!("the Service {service} has no selector");
        return Ok(Some(outside(scene, key, webhook, detail)));
    };
    let behind = behind(pods, service, selector);
    let ready: Vec<&Named<'_>> = behind
        .iter()
        .filter(|(_, pod)| answers(pod, seen.leads_to))
        .collect();
    let nodes: BTreeSet<_> = ready
        .iter()
        .filter_map(|(_, pod)| pod.node.as_ref())
        .collect();
    if nodes.len() > 1 {
        return Ok(None);
    }
    // Whatever was not seen may be the second pod, or the first.
    kubernetes.pods.complete()?;
    if ready.len() < 2
        && let Some(why) = behind.iter().find_map(|(_, pod)| match &pod.ready {
            Seen::Is(_) => None,
            Seen::Gap(why) => Some(why),
        })
    {
        return Err(why.clone());
    }
    let application = behind.first().map(|(_, pod)| pod.application.clone());
    if ready.is_empty() {
        let detail = if behind.is_empty() {
            format!("no pod stands behind the Service {service}")
        } else {
            let names = behind.iter().map(|(key, _)| &key.name);
            format!(
                "none of the pods behind the Service {service} is ready: {}",
                named(names, NAMED)
            )
        };
        return Ok(Some(down(scene, key, webhook, application, detail)));
    }
    Ok(Some(single(scene, key, webhook, application, &ready)))
}

fn behind<'s>(pods: &Pods<'s>, service: &Key, selector: &Selector) -> Vec<Named<'s>> {
    service
        .namespace
        .as_ref()
        .and_then(|namespace| pods.get(namespace))
        .into_iter()
        .flatten()
        .copied()
        .filter(|(_, pod)| selector.matches(&pod.labels))
        .collect()
}

/// Whether an endpoint stands for the pod, of a Service that leads to these.
fn answers(pod: &Pod, leads_to: LeadsTo) -> bool {
    let runs = match pod.phase {
        Phase::Running | Phase::Unknown => true,
        Phase::Pending | Phase::Succeeded | Phase::Failed => false,
    };
    let is_ready = match leads_to {
        LeadsTo::Ready => pod.ready == Seen::Is(true),
        LeadsTo::All => true,
    };
    runs && !pod.terminating && is_ready
}

fn about(
    scene: &Scene<'_>,
    page: &CodePage,
    severity: Severity,
    key: &WebhookKey,
    webhook: &Webhook,
    (title, detail): (String, String),
) -> Finding {
    let kind = match key.kind {
        WebhookKind::Validating => "ValidatingWebhookConfiguration",
        WebhookKind::Mutating => "MutatingWebhookConfiguration",
    };
    let group = "admissionregistration.k8s.io";
    let configuration = Key {
        namespace: None,
        name: key.configuration.clone(),
    };
    let subject = subject(&format!("{group}/v1"), kind, &configuration);
    let asked = format!("it is asked about {}", named(&webhook.rules, NAMED));
    let own = format!("the webhook {} has failurePolicy Fail; {asked}", key.name);
    let evidence: Vec<Evidence> = vec![
        scene.evidence(group, kind, &configuration, own),
        scene.seen(detail),
    ];
    Finding {
        id: identity(page, &subject, key.name.as_str()),
        evidence,
        ..finding(page, severity, subject, title)
    }
}

fn down(
    scene: &Scene<'_>,
    key: &WebhookKey,
    webhook: &Webhook,
    application: Option<Application>,
    detail: String,
) -> Finding {
    let title = format!("nothing answers for the webhook {}", key.name);
    Finding {
        application,
        ..about(
            scene,
            &codes::WEBHOOK_DOWN,
            Severity::Blocking,
            key,
            webhook,
            (title, detail),
        )
    }
}

fn single(
    scene: &Scene<'_>,
    key: &WebhookKey,
    webhook: &Webhook,
    application: Option<Application>,
    ready: &[&Named<'_>],
) -> Finding {
    let place = ready
        .first()
        .and_then(|(_, pod)| pod.node.as_ref())
        .map_or_else(String::new, |node| format!(" on {node}"));
    let names = named(ready.iter().map(|(key, _)| &key.name), NAMED);
    let pods = count(ready.len(), "ready pod", "ready pods");
    Finding {
        application,
        ..about(
            scene,
            &codes::WEBHOOK_SINGLE,
            Severity::Warning,
            key,
            webhook,
            (
                format!("the webhook {} hangs on {pods}{place}", key.name),
                format!("{pods}{place}: {names}"),
            ),
        )
    }
}

fn outside(scene: &Scene<'_>, key: &WebhookKey, webhook: &Webhook, detail: String) -> Finding {
    let title = format!("what answers for the webhook {} does not show", key.name);
    about(
        scene,
        &codes::WEBHOOK_OUTSIDE,
        Severity::Warning,
        key,
        webhook,
        (title, detail),
    )
}
