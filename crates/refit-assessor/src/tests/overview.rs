//! Scope, impact, dependencies, and what is left once findings are accepted.

use super::*;
use refit_model::assessment::Waived;

/// Two minors to go, with one kubelet behind and two writers of a removed version.
fn landscape() -> Kubernetes {
    let mut kubernetes = cluster("1.31.9");

    let nodes = &mut kubernetes.nodes.items;
    nodes.insert("w-1".parse().unwrap(), node("1.31.9"));
    nodes.insert("w-2".parse().unwrap(), node("1.28.2"));
    kubernetes
        .pods
        .items
        .insert(key("shop/x"), pod("shop", None));
    let removed = "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema";
    kubernetes.api_uses = ["reads", "writes"]
        .map(|name| used(removed, name, EvidenceTier::Manifest, ""))
        .into();
    kubernetes
}

#[test]
fn what_runs_who_must_act_and_what_moves_first() {
    let assessment = run(&snapshot(Some(landscape())), "1.33");
    let scope = &assessment.scope;
    let counts = (scope.nodes, scope.namespaces, scope.workloads, scope.pods);
    assert_eq!(counts, (2, 1, 0, 1));
    let versions: Vec<String> = scope
        .versions
        .iter()
        .map(|row| format!("{} {} x{}", row.component, row.version, row.count))
        .collect();
    assert_eq!(
        versions,
        [
            "kube-proxy v1.28.2 x1",
            "kube-proxy v1.31.9 x1",
            "kubelet v1.28.2 x1",
            "kubelet v1.31.9 x1",
        ]
    );
    let [pool] = scope.pools.as_slice() else {
        panic!("{:?}", scope.pools)
    };
    assert_eq!(
        (pool.name.as_str(), pool.nodes, pool.ready),
        ("worker", 2, 2)
    );
    let who: Vec<String> = assessment
        .impact
        .applications
        .iter()
        .map(|row| {
            let name = row.application.as_ref().map_or("-", |a| a.name.as_str());
            format!("{name}: {} block, {} warn", row.blocking, row.warning)
        })
        .collect();
    assert_eq!(who, ["-: 2 block, 2 warn", "shop: 2 block, 1 warn"]);
    let order: Vec<String> = assessment
        .dependencies
        .iter()
        .map(|row| format!("{} -> {}", row.first, row.then))
        .collect();
    assert_eq!(
        order,
        [
            "kube-proxy 1.28 -> the API servers",
            "kubelet 1.28 -> the API servers",
            "whoever writes 2 objects as flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema -> the API servers to 1.32",
            "the cluster to 1.32 -> the API servers to 1.33",
            "every API server to 1.32 -> the controller managers, the schedulers and the kubelets to 1.32",
            "every API server to 1.33 -> the controller managers, the schedulers and the kubelets to 1.33",
        ]
    );
}

/// Accepting what blocks leaves the warnings; gaps still hide what they hid.
#[test]
fn what_is_accepted_counts_no_more() {
    let accept = |assessment: &mut Assessment| {
        for finding in &mut assessment.findings {
            finding.waived = (finding.severity == Severity::Blocking).then(|| Waived {
                by: "harbour master".to_owned(),
                reason: "the writers go with the upgrade".to_owned(),
                until: "2027-01-31".parse().unwrap(),
            });
        }
        settle(assessment);
    };
    let mut assessment = run(&snapshot(Some(landscape())), "1.33");
    let before = assessment.clone();
    settle(&mut assessment);
    assert_eq!(assessment, before);
    accept(&mut assessment);
    let summary = &assessment.summary;
    assert_eq!((summary.blocking, summary.waived), (0, 4));
    assert_eq!(summary.warning, before.summary.warning);
    assert_eq!(summary.verdict, Verdict::ReadyWithWarnings);
    assert!(assessment.impact.blocks.is_empty());
    let mut kubernetes = landscape();
    kubernetes.budgets = Listing::unseen(Unseen::NotAsked);
    let mut assessment = run(&snapshot(Some(kubernetes)), "1.33");
    assert_eq!(assessment.summary.verdict, Verdict::Blocked);
    accept(&mut assessment);
    assert_eq!(assessment.summary.verdict, Verdict::Unseen);
}
