//! Version skew: of what runs now, and of what would run after each hop.

use crate::codes;
use crate::finding::{CLUSTER, finding, identity, thing};
use crate::scene::{Found, Scene, api_servers};
use refit_knowledge::skew::{Against, Component, SkewRule, SkewVerdict};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::kubernetes::{ComponentKind, Kubernetes};
use refit_model::name::{Key, NodeName};
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// What runs where, by component and minor.
type Runs<'s> = BTreeMap<(Component, Minor), Vec<(&'s NodeName, &'s KubeVersion)>>;

/// Findings about version skew. Versions that were not seen are gaps of the
/// coverage, see [`crate::coverage`].
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    let servers: Vec<Minor> = api_servers(kubernetes)
        .into_iter()
        .map(KubeVersion::minor)
        .collect();
    let (Some(oldest), Some(newest)) = (servers.iter().min(), servers.iter().max()) else {
        return found;
    };
    let (oldest, newest) = (*oldest, *newest);
    found
        .findings
        .extend(api_servers_apart(scene, kubernetes, oldest, newest));
    for ((component, minor), places) in runs(kubernetes) {
        let finding = too_new(scene, component, minor, oldest)
            .or_else(|| too_old(scene, component, minor, newest));
        found.findings.extend(finding.map(|finding| {
            Finding {
                evidence: places
                    .iter()
                    .map(|(node, version)| evidence(scene, component, node, version))
                    .collect(),
                ..finding
            }
        }));
    }
    found
        .findings
        .extend(proxies_and_kubelets(scene, kubernetes));
    found
}

fn runs(kubernetes: &Kubernetes) -> Runs<'_> {
    let mut runs: Runs<'_> = BTreeMap::new();
    for (node, seen) in &kubernetes.nodes.items {
        if let Some(version) = seen.kubelet.get() {
            runs.entry((Component::Kubelet, version.minor()))
                .or_default()
                .push((node, version));
        }
        if let Some(Some(version)) = seen.kube_proxy.get() {
            runs.entry((Component::KubeProxy, version.minor()))
                .or_default()
                .push((node, version));
        }
    }
    for (key, seen) in &kubernetes.components.items {
        let component = match key.kind {
            ComponentKind::KubeControllerManager => Component::KubeControllerManager,
            ComponentKind::KubeScheduler => Component::KubeScheduler,
            // API servers are compared with each other; etcd has no skew rule.
            ComponentKind::KubeApiserver | ComponentKind::Etcd => continue,
        };
        if let Some(version) = seen.version.get() {
            runs.entry((component, version.minor()))
                .or_default()
                .push((&key.node, version));
        }
    }
    runs
}

fn evidence(
    scene: &Scene<'_>,
    component: Component,
    node: &NodeName,
    version: &KubeVersion,
) -> Evidence {
    let detail = format!("{component} {version} on {node}");
    match node.as_str().parse() {
        Ok(name) => {
            let key = Key {
                namespace: None,
                name,
            };
            scene.evidence("", "Node", &key, detail)
        }
        Err(_) => scene.seen(detail),
    }
}

/// Too new for the oldest API server.
fn too_new(
    scene: &Scene<'_>,
    component: Component,
    minor: Minor,
    oldest: Minor,
) -> Option<Finding> {
    let policy = scene.skew();
    let SkewVerdict::TooNew { rule, .. } = policy.judge(oldest, component, minor) else {
        return None;
    };
    let stays = matches!(
        policy.judge(scene.target.minor(), component, minor),
        SkewVerdict::TooNew { .. }
    );
    let severity = if stays {
        Severity::Blocking
    } else {
        Severity::Warning
    };
    let subject = thing(component.name(), &minor.to_string());
    Some(Finding {
        cause: limit(rule),
        references: references(&codes::COMPONENT_TOO_NEW, rule),
        ..finding(
            &codes::COMPONENT_TOO_NEW,
            severity,
            subject,
            format!("{component} {minor} is too new for an API server of {oldest}"),
        )
    })
}

/// Too old for the newest API server, now or after a hop on the way.
fn too_old(
    scene: &Scene<'_>,
    component: Component,
    minor: Minor,
    newest: Minor,
) -> Option<Finding> {
    let policy = scene.skew();
    let broken = |server| match policy.judge(server, component, minor) {
        SkewVerdict::TooOld { rule, .. } => Some((server, rule)),
        SkewVerdict::Allowed(_) | SkewVerdict::TooNew { .. } | SkewVerdict::NoRule => None,
    };
    let subject = thing(component.name(), &minor.to_string());
    if let Some((server, rule)) = broken(newest) {
        return Some(Finding {
            cause: limit(rule),
            references: references(&codes::COMPONENT_TOO_OLD, rule),
            ..finding(
                &codes::COMPONENT_TOO_OLD,
                Severity::Blocking,
                subject,
                format!("{component} {minor} is too old for the API server of {server} that runs"),
            )
        });
    }
    let hops: Vec<Minor> = newest.up_to(scene.target.minor()).collect();
    let (position, (hop, rule)) = hops
        .iter()
        .enumerate()
        .find_map(|(position, hop)| Some((position, broken(*hop)?)))?;
    // Later hops are only named: a plan takes the nodes along at every hop. What
    // lags behind already shows that somebody has not done so.
    let severity = if position == 0 {
        Severity::Blocking
    } else if minor < newest {
        Severity::Warning
    } else if moves_with_the_api_servers(component) {
        return None;
    } else {
        Severity::Info
    };
    let least = hop
        .minor()
        .checked_sub(rule.max_older)
        .map_or(hop, |least| Minor::new(hop.major(), least));
    Some(Finding {
        cause: limit(rule),
        remedy: format!("Bring it to {least} or newer before the API servers move to {hop}."),
        references: references(&codes::COMPONENT_TOO_OLD, rule),
        ..finding(
            &codes::COMPONENT_TOO_OLD,
            severity,
            subject,
            format!("{component} {minor} is too old for the hop to {hop}"),
        )
    })
}

/// Whether the component is upgraded with the API servers in every hop, so that
/// the plain distance to the target says nothing.
const fn moves_with_the_api_servers(component: Component) -> bool {
    match component {
        Component::CloudControllerManager
        | Component::KubeApiserver
        | Component::Kubeadm
        | Component::KubeControllerManager
        | Component::KubeScheduler => true,
        Component::KubeProxy | Component::Kubectl | Component::Kubelet => false,
    }
}

fn api_servers_apart(
    scene: &Scene<'_>,
    kubernetes: &Kubernetes,
    oldest: Minor,
    newest: Minor,
) -> Option<Finding> {
    let policy = scene.skew();
    let verdict = policy.judge(oldest, Component::KubeApiserver, newest);
    let SkewVerdict::TooNew { rule, .. } = verdict else {
        return None;
    };
    Some(Finding {
        evidence: kubernetes
            .components
            .items
            .iter()
            .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
            .filter_map(|(key, seen)| {
                let version = seen.version.get()?;
                Some(evidence(
                    scene,
                    Component::KubeApiserver,
                    &key.node,
                    version,
                ))
            })
            .collect(),
        cause: limit(rule),
        references: references(&codes::APISERVERS_APART, rule),
        ..finding(
            &codes::APISERVERS_APART,
            Severity::Blocking,
            thing(CLUSTER, &scene.snapshot.cluster.name),
            format!("API servers of {oldest} and {newest} run side by side"),
        )
    })
}

/// One finding for every pair of minors that do not go together on a node.
fn proxies_and_kubelets(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Finding> {
    let mut pairs: BTreeMap<(Minor, Minor), Vec<Evidence>> = BTreeMap::new();
    for (node, seen) in &kubernetes.nodes.items {
        if let (Some(kubelet), Some(Some(proxy))) = (seen.kubelet.get(), seen.kube_proxy.get()) {
            pairs
                .entry((proxy.minor(), kubelet.minor()))
                .or_default()
                .push(evidence(scene, Component::KubeProxy, node, proxy));
        }
    }
    pairs
        .into_iter()
        .filter_map(|((proxy, kubelet), evidence)| {
            let verdict =
                scene
                    .skew()
                    .judge_against(Against::Kubelet, kubelet, Component::KubeProxy, proxy);
            let rule = match verdict {
                SkewVerdict::TooOld { rule, .. } | SkewVerdict::TooNew { rule, .. } => rule,
                SkewVerdict::Allowed(_) | SkewVerdict::NoRule => return None,
            };
            let page = &codes::PROXY_AND_KUBELET;
            let subject = thing(Component::KubeProxy.name(), &proxy.to_string());
            Some(Finding {
                id: identity(page, &subject, &kubelet.to_string()),
                evidence,
                cause: limit(rule),
                references: references(page, rule),
                ..finding(
                    page,
                    Severity::Warning,
                    subject,
                    format!("kube-proxy {proxy} runs beside a kubelet of {kubelet}"),
                )
            })
        })
        .collect()
}

fn limit(rule: &SkewRule) -> String {
    format!(
        "{} may be at most {} older and {} newer than {} ({}).",
        rule.component,
        minors(rule.max_older),
        minors(rule.max_newer),
        rule.against,
        rule.source
    )
}

fn minors(count: u16) -> String {
    match count {
        0 => "no minor".to_owned(),
        1 => "one minor".to_owned(),
        more => format!("{more} minors"),
    }
}

fn references(page: &refit_model::code::CodePage, rule: &SkewRule) -> Vec<String> {
    vec![page.source.to_owned(), rule.source.clone()]
}
