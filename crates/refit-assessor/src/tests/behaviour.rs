//! Changes of behaviour on the way to the target.

use super::*;
use refit_model::kubernetes::Toleration;
use refit_model::seen::Extent;
use refit_model::snapshot::Area;
use refit_model::version::Minor;

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

/// A pod that runs an image of the registry that was frozen.
fn from_the_old_registry() -> Pod {
    Pod {
        images: vec!["k8s.gcr.io/ingress-nginx/controller:v1.1.0".to_owned()],
        ..pod("edge", None)
    }
}

#[test]
fn one_finding_for_a_change_however_many_pods_show_it() {
    let mut kubernetes = cluster("1.24.17");
    for number in 0..12 {
        let name = format!("edge/p-{number}");
        let pods = &mut kubernetes.pods.items;
        pods.insert(key(&name), from_the_old_registry());
    }
    let assessment = told(
        kubernetes,
        "1.25",
        &[
            "warning Kubernetes 1.25: images of Kubernetes come from registry.k8s.io, where k8s.gcr.io was before",
        ],
    );
    let finding = assessment
        .findings
        .iter()
        .find(|finding| finding.title.contains("images of Kubernetes"))
        .unwrap();
    assert_eq!(finding.evidence.len(), 11, "ten places, and how many more");
    assert_eq!(finding.evidence[10].detail, "and 2 more");
    assert_eq!(finding.subject.to_string(), "Cluster harbour");
    assert!(finding.remedy.contains("registry.k8s.io"));
    assert!(finding.references[1].ends_with("/pull/109938"));
}

/// Selectors and tolerations of what goes are the business of the family of
/// labels and taints, which names each workload.
#[test]
fn selectors_and_tolerations_are_not_told_twice() {
    let mut kubernetes = cluster("1.23.17");
    let taint = "node-role.kubernetes.io/master";
    let pod = Pod {
        node_selector: labels(&[(taint, "")]),
        tolerations: vec![Toleration {
            key: Some(taint.to_owned()),
            value: None,
            effect: None,
        }],
        ..pod("edge", None)
    };
    kubernetes.pods.items.insert(key("edge/p"), pod);
    let assessment = told(
        kubernetes,
        "1.25",
        &[
            "info Kubernetes 1.24: a new ServiceAccount gets no Secret with a token of its own any more",
            "info Kubernetes 1.24: kubeadm writes the kubelet's configuration to kube-system/kubelet-config only, without the minor in the name",
        ],
    );
    let by_label = |finding: &&Finding| finding.code.to_string() == "RFW114";
    assert_eq!(assessment.findings.iter().filter(by_label).count(), 1);
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
    assert!(told[0].contains("images"), "{told:?}");
    // Nothing lies ahead within one minor.
    assert_eq!(gaps(cluster("1.35.3"), "1.35.8"), (0, false, Vec::new()));
}

/// The family of nodes tells of a runtime that a kubelet does not work with; that
/// its end was announced is told here.
#[test]
fn a_runtime_whose_end_was_announced() {
    let mut kubernetes = cluster("1.19.16");
    let node = Node {
        runtime: Seen::Is("docker://19.3.1".parse().unwrap()),
        ..node("1.19.16")
    };
    kubernetes.nodes.items.insert("w-1".parse().unwrap(), node);
    let told = |kubernetes: &Kubernetes, from: &str, to: &str| {
        let mut kubernetes = kubernetes.clone();
        kubernetes.server = Seen::Is(from.parse().unwrap());
        let findings = run(&snapshot(Some(kubernetes)), to).findings;
        findings
            .into_iter()
            .filter(|f| f.code.family() == 'B' && f.title.contains("ocker"))
            .map(|f| format!("{} {}", f.severity, f.evidence[0].detail))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&kubernetes, "1.19.16", "1.20"),
        ["info the node w-1 runs docker://19.3.1"]
    );
    assert_eq!(told(&kubernetes, "1.23.17", "1.24"), [""; 0]);
    for node in kubernetes.nodes.items.values_mut() {
        node.runtime = Seen::Is("containerd://1.4.0".parse().unwrap());
    }
    assert_eq!(told(&kubernetes, "1.19.16", "1.20"), [""; 0]);
}

/// Uses of one field by these objects.
fn field(api: &str, path: &str, state: FieldState, objects: &[&str]) -> FieldUse {
    let user = |object: &&str| FieldUser {
        object: object.parse().unwrap(),
        by: String::new(),
        application: application("shop"),
        location: None,
    };
    FieldUse {
        api: api.parse().unwrap(),
        path: path.to_owned(),
        state,
        tier: EvidenceTier::LiveObject,
        made_by: None,
        count: objects.len(),
        first: objects.iter().map(user).collect(),
    }
}

/// What is told, on the hop to `to`, of the changes whose text holds `about`: the
/// severity, and the details of the evidence.
fn told_of(about: &str, to: &str, uses: Vec<FieldUse>) -> Vec<String> {
    let minor: Minor = to.parse().unwrap();
    let mut kubernetes = cluster(&format!("1.{}.0", minor.minor() - 1));
    kubernetes.fields = watched(uses);
    let findings = run(&snapshot(Some(kubernetes)), to).findings;
    findings
        .iter()
        .filter(|finding| finding.code.family() == 'B' && finding.title.contains(about))
        .flat_map(|finding| {
            let evidence = finding.evidence.iter();
            evidence.map(|one| format!("{}: {}", finding.severity, one.detail))
        })
        .collect()
}

#[test]
fn fields_of_objects_show_a_change() {
    let is = |text: &str| FieldState::Is(text.to_owned());
    let holds = |text: &str| FieldState::Holds(text.to_owned());
    for (about, to, found, expected) in [
        (
            "externalIPs",
            "1.36",
            field(
                "v1 Service",
                "spec.externalIPs",
                FieldState::Set,
                &["shop/web"],
            ),
            "info: Service shop/web sets spec.externalIPs, of shop",
        ),
        (
            "TZ",
            "1.29",
            field(
                "batch/v1 CronJob",
                "spec.schedule",
                holds("TZ="),
                &["shop/nightly"],
            ),
            "warning: CronJob shop/nightly has TZ= within spec.schedule, of shop",
        ),
        (
            "probe",
            "1.22",
            field(
                "apps/v1 Deployment",
                "spec.template.spec.containers.livenessProbe.terminationGracePeriodSeconds",
                is("0"),
                &["shop/web"],
            ),
            "warning: Deployment shop/web has 0 in spec.template.spec.containers.livenessProbe.terminationGracePeriodSeconds, of shop",
        ),
        (
            "RBD",
            "1.31",
            // The path as the family of fields spells it.
            field(
                "v1 Pod",
                "spec.volumes[].rbd",
                FieldState::Set,
                &["shop/web"],
            ),
            "warning: Pod shop/web sets spec.volumes[].rbd, of shop",
        ),
        (
            "RBD",
            "1.31",
            field(
                "storage.k8s.io/v1 StorageClass",
                "provisioner",
                is("kubernetes.io/rbd"),
                &["slow"],
            ),
            "warning: StorageClass slow has kubernetes.io/rbd in provisioner, of shop",
        ),
    ] {
        assert_eq!(told_of(about, to, vec![found.clone()]), [expected]);
        // Another field, another value and another version show nothing of it.
        let other = FieldUse {
            path: "spec.other".to_owned(),
            ..found.clone()
        };
        assert_eq!(told_of(about, to, vec![other]), [""; 0], "{about}");
        let other = FieldUse {
            state: is("other"),
            ..found.clone()
        };
        assert_eq!(told_of(about, to, vec![other]), [""; 0], "{about}");
        let other = FieldUse {
            api: "example.com/v1 Thing".parse().unwrap(),
            ..found
        };
        assert_eq!(told_of(about, to, vec![other]), [""; 0], "{about}");
    }
}

#[test]
fn fields_are_told_where_people_can_change_them() {
    let template = "spec.template.spec.topologySpreadConstraints";
    let set = FieldState::Set;
    let made = |api: &str, path: &str, by: &str| FieldUse {
        made_by: Some(by.parse().unwrap()),
        ..field(api, path, set.clone(), &["shop/made"])
    };
    let deployment = field("apps/v1 Deployment", template, set.clone(), &["shop/web"]);
    let uses = vec![
        made(
            "v1 Pod",
            "spec.topologySpreadConstraints",
            "apps/v1 ReplicaSet",
        ),
        made("apps/v1 ReplicaSet", template, "apps/v1 Deployment"),
        FieldUse {
            tier: EvidenceTier::OvertakenAnnotation,
            ..deployment.clone()
        },
        FieldUse {
            count: 13,
            ..deployment
        },
    ];
    assert_eq!(
        told_of("topology spread", "1.24", uses),
        [
            "warning: Deployment shop/web sets spec.template.spec.topologySpreadConstraints, of shop",
            "warning: and 12 more objects"
        ]
    );
    // What the API server itself keeps is nobody's to change.
    let roles = |names: &[&str]| {
        let api = "rbac.authorization.k8s.io/v1 ClusterRole";
        let logs = FieldState::Is("nodes/log".to_owned());
        vec![field(api, "rules.resources", logs, names)]
    };
    let about = "logs its whole configuration";
    let built_in = "system:kubelet-api-admin";
    assert_eq!(told_of(about, "1.37", roles(&[built_in])), [""; 0]);
    assert_eq!(
        told_of(about, "1.37", roles(&["reader", built_in])),
        ["warning: ClusterRole reader has nodes/log in rules.resources, of shop"]
    );
}

/// A snapshot of before the signs were watched, or of a minor before the change, is
/// none in which nothing was seen.
#[test]
fn fields_that_nobody_watched_are_told_as_a_gap() {
    let gaps = |fields: Seen<FieldUses>| {
        let mut kubernetes = cluster("1.35.0");
        kubernetes.fields = fields;
        let assessment = run(&snapshot(Some(kubernetes)), "1.36");
        let rows = assessment.coverage.into_iter();
        rows.filter(|row| row.area == Area::Behaviour)
            .flat_map(|row| row.gaps)
            .any(|gap| gap.what.contains("fields of objects"))
    };
    let through = |minor: Option<&str>| {
        let Seen::Is(fields) = watched(Vec::new()) else {
            return Seen::Gap(Unseen::NotAsked);
        };
        Seen::Is(FieldUses {
            behaviours_through: minor.map(|minor| minor.parse().unwrap()),
            ..fields
        })
    };
    assert!(gaps(Seen::Gap(Unseen::NotAsked)));
    assert!(gaps(through(None)));
    assert!(gaps(through(Some("1.35"))));
    assert!(!gaps(through(Some("1.36"))));
}
