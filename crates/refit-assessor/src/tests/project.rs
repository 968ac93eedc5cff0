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
        publishers: BTreeSet::new(),
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

/// Where to go is known, though nobody rules out what runs.
#[test]
fn not_known_names_a_version_that_is_known_to_go() {
    let found = project(
        "1.32.1",
        "1.33",
        release("cilium", Some("1.16.0")),
        &[
            "warning RFP104 Project infra/cilium",
            "info RFP102 Project infra/cilium",
        ],
    );
    let remedy = &found[1].remedy;
    assert!(
        remedy.contains("Cilium 1.18.0 is known to go with Kubernetes 1.33. Not in one step"),
        "{remedy}"
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

/// On the day of the tests: ended in August, in its last days, and open.
#[test]
fn a_line_that_gets_no_more_fixes() {
    let line = |chart: &str, version: &str, expected: &[&str]| -> Vec<Finding> {
        let mut kubernetes = cluster("1.35.8");
        kubernetes
            .releases
            .items
            .insert(key("infra/it"), release(chart, Some(version)));
        let found = run(&snapshot(Some(kubernetes)), "1.36").findings;
        let found: Vec<Finding> = found
            .into_iter()
            .filter(|finding| finding.code == codes::PROJECT_LINE_ENDED.code)
            .collect();
        let lines: Vec<String> = found
            .iter()
            .map(|finding| format!("{} {}", finding.severity, finding.title))
            .collect();
        assert_eq!(lines, expected);
        found
    };
    let found = line(
        "istiod",
        "1.29.4",
        &["warning Istio 1.29.4 has had no fixes since 2026-08-31"],
    );
    assert!(
        found[0].remedy.contains("a line that gets fixes"),
        "{}",
        found[0].remedy
    );
    assert!(found[0].cause.contains("line 1.29"), "{}", found[0].cause);
    line("istiod", "1.31.0", &[]);
    // The whole project has ended: that is told instead.
    line("ingress-nginx", "1.12.2", &[]);
}

/// The etcd of a control plane moves with it; another is its owner's business.
#[test]
fn what_the_upgrade_itself_moves_is_left_alone() {
    let lines = |mirror: bool| -> usize {
        let mut kubernetes = cluster("1.35.8");
        let pod = Pod {
            images: vec!["registry.k8s.io/etcd:3.4.13-0".to_owned()],
            mirror,
            ..pod("etcd", None)
        };
        kubernetes.pods.items.insert(key("kube-system/etcd"), pod);
        let found = run(&snapshot(Some(kubernetes)), "1.36").findings;
        let ended = |finding: &&Finding| finding.code == codes::PROJECT_LINE_ENDED.code;
        found.iter().filter(ended).count()
    };
    assert_eq!((lines(true), lines(false)), (0, 1));
}

#[test]
fn the_way_to_the_version_that_the_target_needs() {
    let found = project(
        "1.31.9",
        "1.34",
        release("cert-manager", Some("1.15.1")),
        &[
            "blocking RFP101 Project infra/cert-manager",
            "warning RFP104 Project infra/cert-manager",
        ],
    );
    let remedy = &found[0].remedy;
    for part in [
        "The project advises: take it there minor by minor from 1.15.1 on",
        "remove misspelt and old values before (1.16.0: the chart refuses values it does not know)",
        "Before it, see that: its resources are backed up; the definitions are upgraded before, where",
    ] {
        assert!(remedy.contains(part), "{part:?} in {remedy}");
    }
}

#[test]
fn a_stop_that_a_project_insists_on_is_a_dependency() {
    let mut kubernetes = cluster("1.31.9");
    kubernetes
        .releases
        .items
        .insert(key("infra/it"), release("istiod", Some("1.24.2")));
    let assessment = run(&snapshot(Some(kubernetes)), "1.33");
    let finding = assessment
        .findings
        .iter()
        .find(|finding| finding.code == codes::PROJECT_NOT_SUPPORTED.code)
        .unwrap();
    assert!(
        finding
            .remedy
            .contains("Not in one step: take it there minor by minor"),
        "{}",
        finding.remedy
    );
    let row = assessment
        .dependencies
        .iter()
        .find(|row| row.first.contains("at most 1 minor older"))
        .unwrap();
    assert!(row.then.starts_with("Project infra/istio to 1."), "{row:?}");
    assert_eq!(row.findings, std::slice::from_ref(&finding.id));
}
