//! Changes of behaviour on the way to the target.

use super::*;
use refit_model::kubernetes::{Taint, TaintEffect, Toleration};
use refit_model::seen::Extent;
use refit_model::snapshot::Area;

/// What a cluster shows of the changes up to `target`: the titles of the
/// findings with their severities.
#[track_caller]
fn told(kubernetes: Kubernetes, target: &str, expected: &[&str]) -> Assessment {
    let assessment = run(&snapshot(Some(kubernetes)), target);
    let mut lines: Vec<String> = assessment
        .findings
        .iter()
        .filter(|finding| finding.code.family() == 'B')
        .map(|finding| format!("{} {}", finding.severity, finding.title))
        .collect();
    // Within one severity their identities order them, which are hashes.
    lines.sort();
    assert_eq!(lines, expected);
    assessment
}

fn bearing(key: &str) -> Toleration {
    let taint = Taint {
        key: key.to_owned(),
        value: String::new(),
        effect: TaintEffect::NoSchedule,
    };
    let toleration = Toleration {
        key: Some(taint.key.clone()),
        value: None,
        effect: None,
    };
    assert!(toleration.tolerates(&taint));
    toleration
}

/// A pod that asks for the old label, bears with the old taint alone, and runs
/// an image of the old registry.
fn old_fashioned() -> Pod {
    Pod {
        node_selector: labels(&[("node-role.kubernetes.io/master", "")]),
        tolerations: vec![bearing("node-role.kubernetes.io/master")],
        images: vec!["k8s.gcr.io/ingress-nginx/controller:v1.1.0".to_owned()],
        ..pod("edge", None)
    }
}

#[test]
fn one_finding_for_a_change_however_many_pods_show_it() {
    let mut kubernetes = cluster("1.23.17");
    for number in 0..12 {
        let name = format!("edge/p-{number}");
        kubernetes.pods.items.insert(key(&name), old_fashioned());
    }
    let assessment = told(
        kubernetes,
        "1.24",
        &[
            "info Kubernetes 1.24: a new ServiceAccount gets no Secret with a token of its own any more",
            "warning Kubernetes 1.24: kubeadm puts the taint node-role.kubernetes.io/control-plane on control-plane nodes, beside the one named master",
            "warning Kubernetes 1.24: kubeadm takes the label node-role.kubernetes.io/master off control-plane nodes",
        ],
    );
    let finding = assessment
        .findings
        .iter()
        .find(|finding| finding.title.contains("takes the label"))
        .unwrap();
    assert_eq!(finding.evidence.len(), 11, "ten places, and how many more");
    assert_eq!(finding.evidence[10].detail, "and 2 more");
    assert_eq!(finding.subject.to_string(), "Cluster harbour");
    assert!(
        finding
            .remedy
            .contains("node-role.kubernetes.io/control-plane")
    );
    assert!(finding.references[1].ends_with("/pull/107533"));
}

#[test]
fn who_bears_with_both_taints_or_with_all_is_not_concerned() {
    let mut kubernetes = cluster("1.24.17");
    let both = [
        "node-role.kubernetes.io/master",
        "node-role.kubernetes.io/control-plane",
    ];
    let pods = [
        both.map(bearing).to_vec(),
        vec![Toleration {
            key: None,
            value: None,
            effect: None,
        }],
        Vec::new(),
    ];
    for (number, tolerations) in pods.into_iter().enumerate() {
        let name = format!("a/p-{number}");
        let pod = Pod {
            tolerations,
            ..pod("a", None)
        };
        kubernetes.pods.items.insert(key(&name), pod);
    }
    told(kubernetes.clone(), "1.25", &[]);
    kubernetes.pods.items.insert(key("a/old"), old_fashioned());
    told(
        kubernetes,
        "1.25",
        &[
            "warning Kubernetes 1.25: images of Kubernetes come from registry.k8s.io, where k8s.gcr.io was before",
            "warning Kubernetes 1.25: kubeadm takes the taint node-role.kubernetes.io/master off control-plane nodes; the one named control-plane stays",
        ],
    );
}

#[test]
fn objects_that_must_be_gone_first_block() {
    let mut kubernetes = cluster("1.34.11");
    let migration = "storagemigration.k8s.io/v1alpha1 StorageVersionMigration";
    kubernetes.api_uses = vec![
        used(migration, "x", EvidenceTier::LiveObject, ""),
        used(migration, "y", EvidenceTier::OvertakenAnnotation, ""),
    ];
    let assessment = told(
        kubernetes.clone(),
        "1.35",
        &[
            "blocking Kubernetes 1.35: StorageVersionMigration moves to v1beta1, and v1alpha1 is not served any more",
        ],
    );
    let finding = &assessment.findings[0];
    assert_eq!(
        finding.evidence.len(),
        1,
        "an overtaken annotation proves nothing"
    );
    // Removals and deprecations of APIs are told object by object, elsewhere.
    kubernetes.api_uses = vec![used("v1 Endpoints", "a/x", EvidenceTier::Manifest, "")];
    kubernetes.server = Seen::Is("1.32.13".parse().unwrap());
    let assessment = told(
        kubernetes,
        "1.33",
        &[
            "info Kubernetes 1.33: whoever may make ServiceCIDR objects can add address ranges for Services",
        ],
    );
    assert!(
        assessment
            .findings
            .iter()
            .any(|f| f.code.to_string() == "RFA103")
    );
}

/// What a snapshot cannot show is one gap, which names the forms.
#[test]
fn what_was_not_looked_for_is_told() {
    let gaps = |kubernetes: Kubernetes, target: &str| {
        let assessment = run(&snapshot(Some(kubernetes)), target);
        let rows = assessment.coverage.into_iter();
        let mut rows = rows.filter(|row| row.area == Area::Behaviour);
        let row = rows.next().unwrap();
        let gaps: Vec<String> = row.gaps.into_iter().map(|gap| gap.what).collect();
        (row.seen, row.could_hide, gaps)
    };
    let (seen, could_hide, told) = gaps(cluster("1.34.11"), "1.35");
    assert_eq!((seen, could_hide), (6, false));
    assert_eq!(
        told,
        [
            "what would show 5 changes of behaviour up to Kubernetes 1.35: configuration files of components, flags of components, feature gates"
        ]
    );
    // A listing that is not whole is one more thing that was not looked at.
    let mut kubernetes = cluster("1.24.17");
    kubernetes.pods.extent = Extent::Part(Unseen::NotAsked);
    let (_, _, told) = gaps(kubernetes, "1.25");
    assert!(
        told[0].contains("images") && told[0].contains("tolerations"),
        "{told:?}"
    );
    // Nothing lies ahead within one minor.
    assert_eq!(gaps(cluster("1.35.3"), "1.35.8"), (0, false, Vec::new()));
}
