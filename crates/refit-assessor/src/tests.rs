//! Findings on small landscapes built by hand: one module for each family.

use super::*;
use refit_model::assessment::Severity;
use refit_model::budget::{Bound, Budget, BudgetStatus, UnhealthyPods};
use refit_model::kubernetes::{
    Component, ComponentSettings, ConfiguredComponent, Cordon, Distribution, FieldState, FieldUse,
    FieldUser, FieldUses, Kubernetes, LocalData, Node, NodeRole, Phase, Pod, Resources,
    UpdateStrategy, Workload, WorkloadKey,
};
use refit_model::name::Key;
use refit_model::object::{ApiUse, Application, ApplicationSign, EvidenceTier, Location, Owner};
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::selector::{Labels, Selector};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis};
use std::collections::BTreeMap;

mod api;
mod behaviour;
mod beside;
mod budget;
mod comparison;
mod coverage;
mod etcd;
mod field;
mod inventory;
mod juju;
mod label;
mod node;
mod overview;
mod project;
mod runtime;
mod settings;
mod skew;
mod version;
mod webhook;
mod workload;

/// A day on which 1.34 has just ended and 1.35 and 1.36 are supported.
const NOW: &str = "2026-11-29T00:00:00Z";

fn application(name: &str) -> Application {
    Application {
        name: name.to_owned(),
        by: ApplicationSign::NameLabel,
    }
}

fn snapshot(kubernetes: Option<Kubernetes>) -> Snapshot {
    let cluster = ClusterIdentity {
        id: "7f1e".parse().unwrap(),
        name: "harbour".to_owned(),
        basis: IdentityBasis::KubeSystemUid,
    };
    Snapshot {
        kubernetes,
        ..Snapshot::empty(cluster, NOW.parse().unwrap())
    }
}

/// A cluster of which everything was seen, and that is empty.
fn cluster(server: &str) -> Kubernetes {
    Kubernetes {
        distribution: Seen::Is(Distribution::Kubeadm),
        server: Seen::Is(server.parse().unwrap()),
        components: Listing::whole(BTreeMap::new()),
        nodes: Listing::whole(BTreeMap::new()),
        pods: Listing::whole(BTreeMap::new()),
        workloads: Listing::whole(BTreeMap::new()),
        budgets: Listing::whole(BTreeMap::new()),
        webhooks: Listing::whole(BTreeMap::new()),
        definitions: Listing::whole(BTreeMap::new()),
        api_services: Listing::whole(BTreeMap::new()),
        services: Listing::whole(BTreeMap::new()),
        releases: Listing::whole(BTreeMap::new()),
        etcd_snapshots: Seen::Is(Vec::new()),
        api_uses: Vec::new(),
        kinds: Listing::whole(BTreeMap::new()),
        server_warnings: Vec::new(),
        settings: ConfiguredComponent::ALL
            .into_iter()
            .map(|component| told(component, &[]))
            .collect(),
        fields: watched(Vec::new()),
    }
}

/// All that is known to go was watched for, and these were seen.
fn watched(uses: Vec<FieldUse>) -> Seen<FieldUses> {
    Seen::Is(FieldUses {
        through: Knowledge::embedded().covers().1,
        behaviours_through: Knowledge::embedded().behaviours().through(),
        uses,
    })
}

/// What a component of the cluster is told.
fn told(component: ConfiguredComponent, gates: &[(&str, bool)]) -> ComponentSettings {
    ComponentSettings {
        component,
        gates: gates
            .iter()
            .map(|(gate, value)| ((*gate).to_owned(), *value))
            .collect(),
        flags: BTreeSet::new(),
        admission_plugins: BTreeSet::new(),
        written_in: None,
        stated_by: format!("Pod kube-system/{component}-cp-1"),
        others: 0,
        location: None,
    }
}

/// A directory of manifests: nothing but uses of APIs can be seen.
fn manifests() -> Kubernetes {
    Kubernetes {
        fields: watched(Vec::new()),
        ..Kubernetes::unseen(&Unseen::NotInSource)
    }
}

fn used(api: &str, object: &str, tier: EvidenceTier, by: &str) -> ApiUse {
    ApiUse {
        api: api.parse().unwrap(),
        object: object.parse().unwrap(),
        tier,
        by: by.to_owned(),
        application: application("shop"),
        location: (tier == EvidenceTier::Manifest).then(|| Location {
            file: "shop.yaml".to_owned(),
            line: 3,
            column: 1,
        }),
    }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn selecting(app: &str) -> Selector {
    Selector {
        match_labels: labels(&[("app", app)]),
        match_expressions: Vec::new(),
    }
}

/// A running and ready pod of `app` on node `w-1`.
fn pod(app: &str, owner: Option<Owner>) -> Pod {
    Pod {
        uid: "u".to_owned(),
        node: Some("w-1".parse().unwrap()),
        phase: Phase::Running,
        ready: Seen::Is(true),
        terminating: false,
        owner,
        mirror: false,
        local_data: LocalData::None,
        labels: labels(&[("app", app)]),
        application: application(app),
        requests: Resources::default(),
        node_selector: Labels::new(),
        node_keys: BTreeSet::new(),
        tolerations: Vec::new(),
        grace_seconds: 30,
        images: Vec::new(),
    }
}

fn owner(api: &str, name: &str) -> Owner {
    Owner {
        api: api.parse().unwrap(),
        name: name.parse().unwrap(),
        uid: format!("uid-{name}"),
    }
}

/// A workload whose UID is that of [`owner`].
fn workload(key: &str, replicas: Option<u32>, app: &str) -> (WorkloadKey, Workload) {
    let key: WorkloadKey = key.parse().unwrap();
    let workload = Workload {
        uid: format!("uid-{}", key.name),
        owner: None,
        replicas,
        ready: Seen::Is(replicas.unwrap_or(0)),
        selector: selecting(app),
        pod_labels: labels(&[("app", app)]),
        application: application(app),
        update: UpdateStrategy::default(),
        node_keys: BTreeSet::new(),
    };
    (key, workload)
}

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

/// A worker that runs `version`.
fn node(version: &str) -> Node {
    Node {
        role: Seen::Is(NodeRole::Worker),
        pool: Seen::Is(None),
        zone: Seen::Is(None),
        kubelet: Seen::Is(version.parse().unwrap()),
        kube_proxy: Seen::Is(Some(version.parse().unwrap())),
        runtime: Seen::Is("containerd://2.3.0".parse().unwrap()),
        kernel: Seen::Is("6.1.0-35-amd64".parse().unwrap()),
        ready: Seen::Is(true),
        cordon: Seen::Is(Cordon::Open),
        pressures: BTreeSet::new(),
        taints: Vec::new(),
        labels: Labels::new(),
        allocatable: Seen::Is(Resources::default()),
    }
}

fn component(version: &str) -> Component {
    Component {
        version: Seen::Is(version.parse().unwrap()),
        ready: Seen::Is(true),
    }
}

fn run(snapshot: &Snapshot, target: &str) -> Assessment {
    assess(
        snapshot,
        Knowledge::embedded(),
        &Question::whole(target.parse().unwrap(), NOW.parse().unwrap(), 1),
    )
}

/// The findings of one family as `severity CODE subject`.
#[track_caller]
fn check(snapshot: &Snapshot, target: &str, family: char, expected: &[&str]) -> Vec<Finding> {
    let assessment = run(snapshot, target);
    let findings: Vec<Finding> = assessment
        .findings
        .into_iter()
        .filter(|finding| finding.code.family() == family)
        .collect();
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.severity, finding.code, finding.subject))
        .collect();
    assert_eq!(lines, expected, "{findings:#?}");
    for finding in &findings {
        assert!(!finding.remedy.is_empty() && !finding.cause.is_empty());
        assert!(!finding.references.is_empty());
        assert!(!finding.title.ends_with('.'), "{}", finding.title);
        // Whoever cannot act at once wants to know what holds until then. That
        // more than one hop lies ahead has nothing to hold.
        assert!(
            finding.severity != Severity::Blocking
                || finding.code == codes::SEVERAL_HOPS.code
                || !finding.mitigation.is_empty(),
            "{finding:#?}"
        );
    }
    findings
}

#[test]
fn same_inputs_same_bytes_whatever_the_order_of_what_was_read() {
    let mut kubernetes = cluster("1.31.9");
    for number in 0..20 {
        let name = format!("shop/w-{number}");
        kubernetes.api_uses.extend([
            used(
                "policy/v1beta1 PodDisruptionBudget",
                &name,
                EvidenceTier::Manifest,
                "",
            ),
            used(
                "policy/v1beta1 PodDisruptionBudget",
                &name,
                EvidenceTier::HelmManifest,
                "shop",
            ),
            used("v1 Endpoints", &name, EvidenceTier::LastApplied, "kubectl"),
        ]);
        kubernetes.pods.items.insert(key(&name), pod("a", None));
    }
    let forwards = snapshot(Some(kubernetes.clone()));
    kubernetes.api_uses.reverse();
    let backwards = snapshot(Some(kubernetes));
    let bytes = |snapshot| serde_json::to_string(&run(snapshot, "1.34")).unwrap();
    assert_eq!(bytes(&forwards), bytes(&forwards));
    assert_eq!(bytes(&forwards), bytes(&backwards));
}

#[test]
fn worst_first_then_code_then_subject_and_every_identity_once() {
    let mut kubernetes = cluster("1.31.9");
    kubernetes.api_uses = vec![
        used("v1 Endpoints", "b/x", EvidenceTier::Manifest, ""),
        used(
            "policy/v1beta1 PodDisruptionBudget",
            "b/x",
            EvidenceTier::Manifest,
            "",
        ),
        used(
            "policy/v1beta1 PodDisruptionBudget",
            "a/x",
            EvidenceTier::Manifest,
            "",
        ),
    ];
    kubernetes.pods.items.insert(key("a/x"), pod("a", None));
    let assessment = run(&snapshot(Some(kubernetes)), "1.34");
    let lines: Vec<String> = assessment
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.subject))
        .collect();
    assert_eq!(
        lines,
        [
            "RFA102 PodDisruptionBudget a/x",
            "RFA102 PodDisruptionBudget b/x",
            "RFC103 Cluster harbour",
            "RFC104 Cluster harbour",
            "RFW110 Pod a/x",
            "RFA103 Endpoints b/x",
            "RFB101 Cluster harbour",
            "RFC102 Cluster harbour",
            "RFC105 Cluster harbour",
        ]
    );
    let ids: BTreeSet<&str> = assessment.findings.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), assessment.findings.len());
    let summary = &assessment.summary;
    assert_eq!((summary.blocking, summary.warning, summary.info), (2, 3, 4));
    assert_eq!(summary.verdict, Verdict::Blocked);
}
