//! The inventory of small landscapes built by hand.

use super::*;
use refit_model::inventory::{Inventory, Life, SupportAnswer, Sureness};
use refit_model::kubernetes::{Conversion, Definition, Release};

fn take(kubernetes: Kubernetes, target: Option<&str>) -> Inventory {
    let target = target.map(|target| target.parse().unwrap());
    inventory(
        &snapshot(Some(kubernetes)),
        Knowledge::embedded(),
        target.as_ref(),
        NOW.parse().unwrap(),
    )
}

fn with_image(name: &str, image: &str) -> Pod {
    Pod {
        images: vec![image.to_owned()],
        ..pod(
            name,
            Some(owner("apps/v1 ReplicaSet", &format!("{name}-1"))),
        )
    }
}

/// A Deployment, its ReplicaSet and a pod are one workload; what has no
/// namespace joins the project that has one.
#[test]
fn things_of_one_project_are_one_entry() {
    let mut kubernetes = cluster("1.33.4");
    let (key_of, made) = workload("Deployment/certs/issuer", Some(1), "issuer");
    kubernetes.workloads.items.insert(key_of, made);
    let (key_of, mut made) = workload("ReplicaSet/certs/issuer-1", Some(1), "issuer");
    made.owner = Some(owner("apps/v1 Deployment", "issuer"));
    kubernetes.workloads.items.insert(key_of, made);
    let image = "mirror.example:5000/quay.io/jetstack/cert-manager-controller:v1.18.2@sha256:0f";
    kubernetes
        .pods
        .items
        .insert(key("certs/issuer-1-x"), with_image("issuer", image));
    kubernetes.definitions.items.insert(
        "certificates.cert-manager.io".parse().unwrap(),
        Definition {
            group: "cert-manager.io".to_owned(),
            kind: "Certificate".to_owned(),
            served: vec!["v1".to_owned()],
            stored: vec!["v1".to_owned()],
            conversion: Conversion::default(),
            application: None,
        },
    );
    let found = take(kubernetes, Some("1.33"));
    assert_eq!(found.projects.len(), 1, "{:?}", found.projects);
    let project = &found.projects[0];
    assert_eq!(project.project, "cert-manager");
    assert_eq!(project.namespace.as_deref(), Some("certs"));
    assert_eq!(project.version.as_ref().unwrap().version, "1.18.2");
    assert_eq!(project.workloads, ["Deployment/certs/issuer"]);
    assert_eq!(project.sureness, Sureness::Likely);
    // The life of its line, not that of the whole project.
    assert!(
        matches!(&project.life, Life::Ended { on, .. } if on == "2026-03-10"),
        "{:?}",
        project.life
    );
    let support = project.support.as_ref().unwrap();
    assert_eq!(support.answer, SupportAnswer::Supported);
    assert!(support.on.iter().any(|claim| claim.basis == "declared"));
    assert_eq!((found.workloads.all, found.workloads.named), (1, 1));
    assert_eq!(found.workloads.unnamed_percent, 0);
}

#[test]
fn what_nobody_can_name_is_counted_and_listed() {
    let mut kubernetes = cluster("1.33.4");
    for (name, image) in [
        ("shop", "registry.example/shop/till:3"),
        ("mesh", "docker.io/istio/pilot:1.26.0"),
        ("till", "registry.example/shop/till:4"),
    ] {
        let mut pod = with_image(name, image);
        pod.owner = None;
        kubernetes
            .pods
            .items
            .insert(key(&format!("{name}/{name}")), pod);
    }
    let found = take(kubernetes, None);
    // Judged against what runs, since nothing else is named.
    assert_eq!(found.target.unwrap().to_string(), "1.33");
    assert_eq!(found.projects.len(), 1);
    let unnamed: Vec<&str> = found
        .workloads
        .unnamed
        .iter()
        .map(|one| one.workload.as_str())
        .collect();
    assert_eq!(unnamed, ["Pod/shop/shop", "Pod/till/till"]);
    assert_eq!(found.workloads.unnamed_percent, 67);
}

/// A release names what was installed, and the image what runs.
#[test]
fn versions_that_disagree_are_both_told() {
    let mut kubernetes = cluster("1.31.9");
    kubernetes.releases.items.insert(
        key("infra/edge"),
        Release {
            revision: 3,
            status: "deployed".to_owned(),
            chart: "ingress-nginx".to_owned(),
            chart_version: "4.12.2".to_owned(),
            app_version: Some("1.12.2".to_owned()),
            kube_version: None,
            publishers: BTreeSet::new(),
            location: None,
        },
    );
    let image = "registry.k8s.io/ingress-nginx/controller:v1.11.5";
    let mut controller = with_image("edge", image);
    controller.owner = None;
    kubernetes.pods.items.insert(key("infra/edge"), controller);
    let found = take(kubernetes, Some("1.34"));
    assert_eq!(found.projects.len(), 1, "{:?}", found.projects);
    let project = &found.projects[0];
    assert_eq!(project.sureness, Sureness::Certain);
    let versions: Vec<&str> = project
        .version
        .iter()
        .chain(&project.other_versions)
        .map(|one| one.version.as_str())
        .collect();
    assert_eq!(versions.len(), 2, "{versions:?}");
    assert!(versions.contains(&"1.11.5") && versions.contains(&"1.12.2"));
    assert!(matches!(&project.life, Life::Ended { on, .. } if on == "2026-03-31"));
    let support = project.support.as_ref().unwrap();
    assert_eq!(support.answer, SupportAnswer::NotSupported);
}

#[test]
fn a_landscape_without_kubernetes_has_no_projects() {
    let found = inventory(
        &snapshot(None),
        Knowledge::embedded(),
        None,
        NOW.parse().unwrap(),
    );
    assert_eq!((found.projects.len(), found.workloads.all), (0, 0));
    assert_eq!(found.target, None);
}

/// Whether Kubernetes goes with Kubernetes is not asked.
#[test]
fn kubernetes_itself_is_named_and_not_judged() {
    let mut kubernetes = cluster("1.33.4");
    let image = "registry.k8s.io/kube-proxy:v1.33.4";
    let mut proxy = with_image("kube-proxy", image);
    proxy.owner = None;
    kubernetes
        .pods
        .items
        .insert(key("kube-system/kube-proxy"), proxy);
    let found = take(kubernetes, Some("1.34"));
    let [project] = &found.projects[..] else {
        panic!("{:?}", found.projects);
    };
    assert_eq!(project.project, "kubernetes");
    assert_eq!(project.support, None);
}
