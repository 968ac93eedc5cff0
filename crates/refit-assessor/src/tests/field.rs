//! Fields that go.

use super::*;
use refit_knowledge::files::Files;

/// `count` objects of `api` that set `path`.
fn uses(api: &str, path: &str, tier: EvidenceTier, count: usize) -> FieldUse {
    let user = |number: usize| FieldUser {
        object: key(&format!("shop/o-{number}")),
        by: String::new(),
        application: application("shop"),
        location: (tier == EvidenceTier::Manifest).then(|| Location {
            file: "shop.yaml".to_owned(),
            line: 3,
            column: 1,
        }),
    };
    FieldUse {
        api: api.parse().unwrap(),
        path: path.to_owned(),
        state: FieldState::Set,
        tier,
        made_by: None,
        count,
        first: (0..count.min(FieldUse::NAMED)).map(user).collect(),
    }
}

#[track_caller]
fn check_uses(from: &str, to: &str, uses: Vec<FieldUse>, expected: &[&str]) -> Vec<Finding> {
    let mut kubernetes = cluster(from);
    kubernetes.fields = watched(uses);
    check(&snapshot(Some(kubernetes)), to, 'A', expected)
}

const KEYS: &str = "spec.topologyKeys";
const SERVICE: &str = "v1 Service";

#[test]
fn what_the_server_drops_warns_and_what_it_is_asked_to_refuse_blocks() {
    use EvidenceTier::{HelmManifest, LastApplied, LiveObject, Manifest, OvertakenAnnotation};
    for (tier, line) in [
        (LiveObject, "warning RFA107 Service spec.topologyKeys"),
        (Manifest, "blocking RFA107 Service spec.topologyKeys"),
        (HelmManifest, "blocking RFA107 Service spec.topologyKeys"),
        (LastApplied, "blocking RFA107 Service spec.topologyKeys"),
        (OvertakenAnnotation, "info RFA107 Service spec.topologyKeys"),
    ] {
        let seen = || vec![uses(SERVICE, KEYS, tier, 1)];
        check_uses("1.21.14", "1.22", seen(), &[line]);
        // Not yet, and already: then the upgrade changes nothing.
        check_uses("1.20.15", "1.21", seen(), &[]);
        check_uses(
            "1.22.17",
            "1.23",
            seen(),
            &["info RFA107 Service spec.topologyKeys"],
        );
    }
}

#[test]
fn one_finding_for_each_field_and_kind_with_the_places_of_the_first() {
    let found = check_uses(
        "1.34.3",
        "1.36",
        vec![
            uses(
                "apps/v1 Deployment",
                "spec.template.spec.workloadRef",
                EvidenceTier::Manifest,
                12,
            ),
            uses(
                "apps/v1 Deployment",
                "spec.template.spec.workloadRef",
                EvidenceTier::LiveObject,
                3,
            ),
            uses("v1 Pod", "spec.workloadRef", EvidenceTier::LiveObject, 1),
        ],
        &[
            "blocking RFA107 Deployment spec.template.spec.workloadRef",
            "warning RFA107 Pod spec.workloadRef",
        ],
    );
    let [deployments, pods] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        deployments.title,
        "apps/v1 Deployment has no field spec.template.spec.workloadRef from Kubernetes 1.36 on, and 12 objects set it"
    );
    let places = deployments.evidence.iter();
    assert_eq!(places.filter(|one| one.location.is_some()).count(), 10);
    assert!(
        deployments
            .evidence
            .iter()
            .any(|one| one.detail == "and 2 more")
    );
    // Two of them are not named: they may be anybody's.
    assert_eq!(deployments.application, None);
    assert_eq!(pods.application, Some(application("shop")));
    assert_eq!(
        pods.remedy,
        "Set schedulingGroup in place of spec.workloadRef, before the hop to Kubernetes 1.36."
    );
    assert!(pods.cause.contains("GenericWorkload"), "{}", pods.cause);
}

#[test]
fn what_another_makes_is_told_where_it_is_written() {
    let made = |api: &str, path: &str, by: &str| FieldUse {
        made_by: Some(by.parse().unwrap()),
        ..uses(api, path, EvidenceTier::LiveObject, 1)
    };
    let of_pods = || made("v1 Pod", "spec.workloadRef", "apps/v1 ReplicaSet");
    let template = "spec.template.spec.workloadRef";
    check_uses(
        "1.35.0",
        "1.36",
        vec![
            of_pods(),
            made("apps/v1 ReplicaSet", template, "apps/v1 Deployment"),
            uses("apps/v1 Deployment", template, EvidenceTier::LiveObject, 1),
        ],
        &["warning RFA107 Deployment spec.template.spec.workloadRef"],
    );
    // What makes them was not seen to set it.
    check_uses(
        "1.35.0",
        "1.36",
        vec![of_pods()],
        &["warning RFA107 Pod spec.workloadRef"],
    );
}

#[test]
fn an_api_version_that_goes_is_told_as_that() {
    let claims = || {
        vec![uses(
            "resource.k8s.io/v1alpha3 ResourceClaim",
            "spec.controller",
            EvidenceTier::Manifest,
            1,
        )]
    };
    check_uses(
        "1.31.0",
        "1.32",
        claims(),
        &["blocking RFA107 ResourceClaim spec.controller"],
    );
    check_uses("1.31.0", "1.34", claims(), &[]);
}

#[test]
fn without_a_present_every_minor_up_to_the_target_counts() {
    let mut kubernetes = manifests();
    kubernetes.fields = watched(vec![uses(SERVICE, KEYS, EvidenceTier::Manifest, 1)]);
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.34",
        'A',
        &["blocking RFA107 Service spec.topologyKeys"],
    );
    let place = found[0].evidence[0].location.as_ref().unwrap();
    assert_eq!(place.to_string(), "shop.yaml:3:1");
}

#[test]
fn what_nobody_watched_for_is_a_gap_where_something_goes() {
    let gaps = |fields: Seen<FieldUses>, to: &str| -> Vec<String> {
        let mut kubernetes = cluster("1.33.1");
        kubernetes.fields = fields;
        let assessment = run(&snapshot(Some(kubernetes)), to);
        let rows = assessment.coverage.iter();
        rows.flat_map(|row| &row.gaps)
            .filter(|gap| gap.what.starts_with("who sets fields"))
            .map(|gap| gap.what.clone())
            .collect()
    };
    let unseen = || Seen::Gap(Unseen::NotAsked);
    let through = |minor: &str| {
        Seen::Is(FieldUses {
            through: minor.parse().unwrap(),
            behaviours_through: None,
            uses: Vec::new(),
        })
    };
    let told = ["who sets fields that go up to Kubernetes 1.36"];
    assert_eq!(gaps(unseen(), "1.36"), told);
    assert_eq!(gaps(through("1.35"), "1.36"), told);
    // Nothing goes with 1.34 and 1.35 that an object would meet there.
    assert_eq!(gaps(unseen(), "1.34"), [""; 0]);
    assert_eq!(gaps(through("1.36"), "1.36"), [""; 0]);
}

/// No fact of today is of this kind: the server refuses what lacks the field.
#[test]
fn a_field_that_is_wanted_blocks_where_it_is_left_out() {
    let file = "kubernetes/schemas/changes.csv";
    let text = Files::embedded().text(file).unwrap().into_owned();
    let row = "HTTPIngressPath,pathType,1.22,required,";
    let changed = text.replacen(&format!("{row}document-only"), &format!("{row}refused"), 1);
    assert_ne!(changed, text);
    let knowledge = Knowledge::read(Files::embedded().with(file, changed)).unwrap();
    let mut kubernetes = cluster("1.21.14");
    kubernetes.fields = watched(vec![FieldUse {
        state: FieldState::Missing,
        ..uses(
            "networking.k8s.io/v1 Ingress",
            "spec.rules[].http.paths[].pathType",
            EvidenceTier::LiveObject,
            2,
        )
    }]);
    let assessment = assess(
        &snapshot(Some(kubernetes)),
        &knowledge,
        &Question::whole("1.22".parse().unwrap(), NOW.parse().unwrap(), 1),
    );
    let found: Vec<String> = assessment
        .findings
        .iter()
        .filter(|finding| finding.code.family() == 'A')
        .map(|finding| format!("{} {}", finding.severity, finding.title))
        .collect();
    assert_eq!(
        found,
        [
            "blocking networking.k8s.io/v1 Ingress must set spec.rules[].http.paths[].pathType from Kubernetes 1.22 on, and 2 objects leave it out"
        ]
    );
}
