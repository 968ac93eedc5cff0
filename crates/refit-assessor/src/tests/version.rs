//! The present release, the target, and the calendar.

use super::*;

#[track_caller]
fn versions(server: &str, target: &str, expected: &[&str]) -> Vec<String> {
    let found = check(&snapshot(Some(cluster(server))), target, 'C', expected);
    found.into_iter().map(|finding| finding.title).collect()
}

#[test]
fn distance_and_dates() {
    versions("1.35.8", "1.36", &[]);
    versions("1.36.4", "1.36", &[]);
    let titles = versions(
        "1.31.9",
        "1.34",
        &[
            "warning RFC103 Cluster harbour",
            "warning RFC104 Cluster harbour",
            "info RFC102 Cluster harbour",
            "info RFC105 Cluster harbour",
        ],
    );
    assert_eq!(
        titles,
        [
            "the present minor 1.31 has had no support since 2025-11-11",
            "the target minor 1.34 has had no support since 2026-10-27",
            "1.34 is 3 hops ahead: 1.32, 1.33, 1.34",
            "v1.31.14 of 2025-11-11 is newer than v1.31.9",
        ]
    );
}

#[test]
fn older_targets_block() {
    versions("1.36.4", "1.35", &["blocking RFC101 Cluster harbour"]);
    versions(
        "1.36.4",
        "1.36.3",
        &[
            "blocking RFC101 Cluster harbour",
            "info RFC106 Cluster harbour",
        ],
    );
    versions("1.36.4-eks-abc", "1.36.4", &[]);
}

#[test]
fn what_the_calendar_does_not_know_is_said() {
    let titles = versions(
        "1.36.4",
        "1.38",
        &["info RFC102 Cluster harbour", "info RFC104 Cluster harbour"],
    );
    assert_eq!(
        titles[1],
        "it is not known until when the target minor 1.38 is supported; the calendar is of 2026-08-22"
    );
    let titles = versions("1.36.4", "1.36.9", &["info RFC106 Cluster harbour"]);
    assert!(titles[0].contains("newest patch known"), "{titles:?}");
}

/// Who offers the cluster has a calendar of its own; upstream's stands beside it.
#[test]
fn the_calendar_of_whoever_offers_the_cluster() {
    #[track_caller]
    fn offered(by: Distribution, server: &str, target: &str, expected: &[&str]) {
        let kubernetes = Kubernetes {
            distribution: Seen::Is(by),
            ..cluster(server)
        };
        let titles: Vec<String> = run(&snapshot(Some(kubernetes)), target)
            .findings
            .into_iter()
            .filter(|finding| ["RFC103", "RFC104"].contains(&finding.code.to_string().as_str()))
            .map(|finding| finding.title)
            .collect();
        assert_eq!(titles, expected, "{by} {server} {target}");
    }
    // Upstream ended 1.34 on 2026-10-27; EKS supports it three days more.
    offered(Distribution::Eks, "1.34.9-eks-abc", "1.35", &[]);
    offered(
        Distribution::Eks,
        "1.33.9-eks-abc",
        "1.37",
        &[
            "Amazon EKS has the present minor 1.33 in extended support, which costs more, until 2027-07-29; upstream ended it on 2026-06-28",
            "it is not known until when Amazon EKS supports the target minor 1.37; upstream supports it until 2027-10-28",
        ],
    );
    offered(
        Distribution::Aks,
        "1.33.2",
        "1.34",
        &[
            "Azure Kubernetes Service has the present minor 1.33 in long-term support, which costs more, until 2027-07-31; upstream ended it on 2026-06-28",
        ],
    );
    offered(
        Distribution::Gke,
        "1.34.9-gke.1655001",
        "1.35",
        &[
            "Google Kubernetes Engine ended its support of the present minor 1.34 on 2026-10-01; upstream ended it on 2026-10-27",
        ],
    );
    // k3s has no calendar of its own.
    offered(
        Distribution::K3s,
        "1.34.9+k3s1",
        "1.35",
        &["the present minor 1.34 has had no support since 2026-10-27"],
    );
}

/// The oldest API server decides where the path begins.
#[test]
fn the_present_is_the_oldest_api_server() {
    let mut kubernetes = cluster("1.35.8");
    for (node, version) in [("cp-1", "1.35.8"), ("cp-2", "1.34.2")] {
        let key = format!("{node}/kube-apiserver").parse().unwrap();
        kubernetes.components.items.insert(key, component(version));
    }
    let assessment = run(&snapshot(Some(kubernetes)), "1.36");
    assert_eq!(assessment.from, Some("1.34.2".parse().unwrap()));
}
