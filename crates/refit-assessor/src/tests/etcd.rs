//! etcd along the hops.

use super::*;

#[track_caller]
fn with(server: &str, etcd: &[&str], target: &str, expected: &[&str]) -> Vec<Finding> {
    let mut kubernetes = cluster(server);
    for (number, version) in etcd.iter().enumerate() {
        let key = format!("cp-{number}/etcd").parse().unwrap();
        kubernetes.components.items.insert(key, component(version));
    }
    let assessment = run(&snapshot(Some(kubernetes)), target);
    let findings: Vec<Finding> = assessment
        .findings
        .into_iter()
        .filter(|finding| finding.code.to_string() == "RFC116")
        .collect();
    let titles: Vec<&str> = findings
        .iter()
        .map(|finding| finding.title.as_str())
        .collect();
    assert_eq!(titles, expected);
    findings
}

#[test]
fn a_step_wants_a_patch_first() {
    let found = with(
        "1.33.13",
        &["3.5.24-0", "3.5.24-0"],
        "1.34",
        &["etcd 3.5.24-0 would go to 3.6.5-0 at the hop to 1.34; etcd wants 3.5.32 first"],
    );
    assert_eq!(found.first().map(|finding| finding.evidence.len()), Some(2));
    with("1.33.13", &["3.5.32-0"], "1.34", &[]);
    // No step of etcd lies between.
    with("1.34.12", &["3.6.5-0"], "1.36", &[]);
}

/// What kubeadm brings at one hop is what the next one finds.
#[test]
fn later_steps_find_what_kubeadm_brought() {
    with(
        "1.35.8",
        &["3.6.6-0"],
        "1.37",
        &["etcd 3.6.8-0 would go to 3.7.0-0 at the hop to 1.37; etcd wants 3.6.11 first"],
    );
    // A newer one of one's own is left alone.
    with("1.35.8", &["3.6.12-0"], "1.37", &[]);
}

#[test]
fn without_kubeadm_or_facts_nothing_is_said() {
    let mut kubernetes = cluster("1.33.13");
    kubernetes.distribution = Seen::Is(Distribution::Eks);
    let key = "cp-1/etcd".parse().unwrap();
    kubernetes
        .components
        .items
        .insert(key, component("3.5.24-0"));
    let assessment = run(&snapshot(Some(kubernetes)), "1.34");
    assert!(
        assessment
            .findings
            .iter()
            .all(|finding| finding.code.to_string() != "RFC116")
    );
    with("1.37.2", &["3.7.0-0"], "1.38", &[]);
}

/// A control plane that stores elsewhere.
#[test]
fn an_etcd_outside_of_the_control_plane() {
    let outside = |image: Option<&str>, target: &str| -> (Vec<String>, Vec<String>) {
        let mut kubernetes = cluster("1.33.13");
        let servers = "cp-1/kube-apiserver".parse().unwrap();
        kubernetes
            .components
            .items
            .insert(servers, component("1.33.13"));
        if let Some(image) = image {
            let pod = Pod {
                images: vec![image.to_owned()],
                ..pod("store", None)
            };
            kubernetes.pods.items.insert(key("store/etcd-0"), pod);
        }
        let assessment = run(&snapshot(Some(kubernetes)), target);
        let found = assessment.findings.iter();
        let titles = found
            .filter(|finding| finding.code == codes::ETCD_OUTSIDE.code)
            .map(|finding| format!("{} {}", finding.severity, finding.title));
        let rows = assessment.coverage.iter().flat_map(|row| &row.gaps);
        let gaps = rows
            .filter(|gap| gap.what.contains("etcd outside"))
            .map(|gap| gap.what.clone());
        (titles.collect(), gaps.collect())
    };
    let none: Vec<String> = Vec::new();
    let wants = "warning kubeadm of 1.34 wants an etcd of 3.5.24-0 or newer, and 3.5.9-0 runs";
    assert_eq!(
        outside(Some("registry.k8s.io/etcd:3.5.9-0"), "1.34"),
        (vec![wants.to_owned()], none.clone())
    );
    assert_eq!(
        outside(Some("registry.k8s.io/etcd:3.5.24-0"), "1.34"),
        (none.clone(), none.clone())
    );
    let unseen = "the release of the etcd outside of the control plane; kubeadm of 1.34 wants 3.5.24-0 or newer";
    assert_eq!(outside(None, "1.34"), (none, vec![unseen.to_owned()]));
}
