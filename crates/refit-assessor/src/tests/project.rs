//! Projects that run in the cluster.

use super::*;
use refit_model::kubernetes::Release;

fn release(chart: &str, app_version: Option<&str>) -> Release {
    Release {
        revision: 1,
        status: "deployed".to_owned(),
        chart: chart.to_owned(),
        chart_version: "4.0.0".to_owned(),
        app_version: app_version.map(str::to_owned),
        kube_version: None,
        location: None,
    }
}

/// The findings about one release in a cluster of 1.`from`, at 1.`to`.
#[track_caller]
fn project(from: &str, to: &str, release: Release, expected: &[&str]) -> Vec<Finding> {
    let mut kubernetes = cluster(from);
    kubernetes.releases.items.insert(key("infra/it"), release);
    check(&snapshot(Some(kubernetes)), to, 'P', expected)
}

#[test]
fn by_release() {
    let ingress = || release("ingress-nginx", Some("1.12.2"));
    let ended = "warning RFP103 Project infra/ingress-nginx";
    let found = project(
        "1.31.9",
        "1.34",
        ingress(),
        &["blocking RFP101 Project infra/ingress-nginx", ended],
    );
    assert_eq!(
        found[0].title,
        "Ingress NGINX Controller 1.12.2 does not go with Kubernetes 1.33"
    );
    assert!(
        found[0].remedy.contains("before the hop to 1.33"),
        "{}",
        found[0].remedy
    );
    project("1.31.9", "1.32", ingress(), &[ended]);
    // It runs outside of its own support already.
    project(
        "1.34.1",
        "1.35",
        ingress(),
        &["warning RFP101 Project infra/ingress-nginx", ended],
    );
}

#[test]
fn not_known_is_never_fine() {
    let unknown = ["info RFP102 Project infra/cert-manager"];
    project("1.35.8", "1.36", release("cert-manager", None), &unknown);
    project(
        "1.35.8",
        "1.36",
        release("cert-manager", Some("99.0.0")),
        &unknown,
    );
    project(
        "1.35.8",
        "1.36",
        release("somebody-elses", Some("1.0.0")),
        &[],
    );
}

/// A release and the images that it runs are one project.
#[test]
fn by_image() {
    let mut kubernetes = cluster("1.31.9");
    let image = "mirror.example/registry.k8s.io/ingress-nginx/controller:v1.12.2";
    for name in ["infra/x", "infra/y"] {
        let mut pod = pod("ingress", Some(owner("apps/v1 ReplicaSet", "ingress")));
        pod.images = vec![image.to_owned()];
        kubernetes.pods.items.insert(key(name), pod);
    }
    kubernetes
        .releases
        .items
        .insert(key("infra/it"), release("ingress-nginx", Some("1.12.2")));
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.34",
        'P',
        &[
            "blocking RFP101 Project infra/ingress-nginx",
            "warning RFP103 Project infra/ingress-nginx",
        ],
    );
    assert_eq!(found[0].evidence.len(), 3);
    assert_eq!(
        found[0].application.as_ref().unwrap().by,
        ApplicationSign::HelmRelease
    );
}
