//! Version skew.

use super::*;

/// The skew findings of a cluster with these nodes and components.
#[track_caller]
fn skew(
    server: &str,
    target: &str,
    nodes: &[(&str, &str)],
    components: &[(&str, &str)],
    expected: &[&str],
) -> Vec<Finding> {
    let mut kubernetes = cluster(server);
    for (name, version) in nodes {
        let name = name.parse().unwrap();
        kubernetes.nodes.items.insert(name, node(version));
    }
    for (key, version) in components {
        let key = key.parse().unwrap();
        kubernetes.components.items.insert(key, component(version));
    }
    let assessment = run(&snapshot(Some(kubernetes)), target);
    let findings: Vec<Finding> = assessment
        .findings
        .into_iter()
        .filter(|finding| finding.code >= codes::COMPONENT_TOO_OLD.code)
        .filter(|finding| finding.code <= codes::APISERVERS_APART.code)
        .collect();
    let lines: Vec<String> = findings
        .iter()
        .map(|f| format!("{} {} {}", f.severity, f.code, f.title))
        .collect();
    assert_eq!(lines, expected);
    findings
}

#[test]
fn kubelets_that_lag() {
    skew(
        "1.35.8",
        "1.36",
        &[("w-1", "1.33.1"), ("w-2", "1.35.8")],
        &[],
        &[],
    );
    let found = skew(
        "1.35.8",
        "1.36",
        &[("w-1", "1.32.1"), ("w-2", "1.32.4"), ("w-3", "1.35.8")],
        &[],
        &[
            "blocking RFC111 kube-proxy 1.32 is too old for the hop to 1.36",
            "blocking RFC111 kubelet 1.32 is too old for the hop to 1.36",
        ],
    );
    let nodes: Vec<&str> = found[1]
        .evidence
        .iter()
        .map(|e| e.detail.as_str())
        .collect();
    assert_eq!(nodes, ["kubelet v1.32.1 on w-1", "kubelet v1.32.4 on w-2"]);
    assert!(
        found[1].remedy.contains("1.33 or newer"),
        "{}",
        found[1].remedy
    );
    skew(
        "1.35.8",
        "1.36",
        &[("w-1", "1.31.1")],
        &[],
        &[
            "blocking RFC111 kube-proxy 1.31 is too old for the API server of 1.35 that runs",
            "blocking RFC111 kubelet 1.31 is too old for the API server of 1.35 that runs",
        ],
    );
}

/// What is a later hop's matter warns when it lags, and informs when all it has
/// is the distance.
#[test]
fn later_hops() {
    skew(
        "1.31.9",
        "1.35",
        &[("w-1", "1.29.12"), ("w-2", "1.31.9")],
        &[],
        &[
            "warning RFC111 kube-proxy 1.29 is too old for the hop to 1.33",
            "warning RFC111 kubelet 1.29 is too old for the hop to 1.33",
            "info RFC111 kube-proxy 1.31 is too old for the hop to 1.35",
            "info RFC111 kubelet 1.31 is too old for the hop to 1.35",
        ],
    );
}

#[test]
fn what_is_ahead_of_the_api_server() {
    skew(
        "1.34.2",
        "1.35",
        &[("w-1", "1.35.1"), ("w-2", "1.36.1")],
        &[],
        &[
            "blocking RFC112 kube-proxy 1.36 is too new for an API server of 1.34",
            "blocking RFC112 kubelet 1.36 is too new for an API server of 1.34",
            "warning RFC112 kube-proxy 1.35 is too new for an API server of 1.34",
            "warning RFC112 kubelet 1.35 is too new for an API server of 1.34",
        ],
    );
}

#[test]
fn the_control_plane() {
    let plane = |server: &'static str, scheduler: &'static str| {
        [
            ("cp-1/kube-apiserver", server),
            ("cp-1/kube-scheduler", scheduler),
            ("cp-1/etcd", "3.5.21"),
        ]
    };
    skew("1.34.2", "1.35", &[], &plane("1.34.2", "1.34.2"), &[]);
    skew(
        "1.34.2",
        "1.35",
        &[],
        &plane("1.34.2", "1.33.2"),
        &["blocking RFC111 kube-scheduler 1.33 is too old for the hop to 1.35"],
    );
    skew(
        "1.34.2",
        "1.35",
        &[],
        &plane("1.34.2", "1.35.2"),
        &["warning RFC112 kube-scheduler 1.35 is too new for an API server of 1.34"],
    );
    skew(
        "1.34.2",
        "1.35",
        &[],
        &[
            ("cp-1/kube-apiserver", "1.34.2"),
            ("cp-2/kube-apiserver", "1.32.2"),
        ],
        &["blocking RFC114 API servers of 1.32 and 1.34 run side by side"],
    );
}

#[test]
fn a_proxy_beside_a_kubelet_of_another_age() {
    let mut kubernetes = cluster("1.35.8");
    let mut aged = node("1.35.8");
    aged.kubelet = Seen::Is("1.31.1".parse().unwrap());
    kubernetes.nodes.items.insert("w-1".parse().unwrap(), aged);
    let assessment = run(&snapshot(Some(kubernetes)), "1.35");
    let found: Vec<&Finding> = assessment
        .findings
        .iter()
        .filter(|finding| finding.code == codes::PROXY_AND_KUBELET.code)
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].title,
        "kube-proxy 1.35 runs beside a kubelet of 1.31"
    );
}
