//! API versions in use.

use super::*;

const OLD: &str = "policy/v1beta1 PodDisruptionBudget";
const NEW: &str = "policy/v1 PodDisruptionBudget";

/// The API findings about these uses in a cluster of 1.24, at 1.25.
#[track_caller]
fn hop(uses: Vec<ApiUse>, expected: &[&str]) -> Vec<Finding> {
    let kubernetes = Kubernetes {
        api_uses: uses,
        ..cluster("1.24.17")
    };
    check(&snapshot(Some(kubernetes)), "1.25", 'A', expected)
}

/// The mixed-evidence table: five budgets on a server of 1.24 that serves both
/// versions, each written in another way. Five of five.
#[test]
fn mixed_evidence_five_of_five() {
    use EvidenceTier::{LiveObject, ManagedFields, OvertakenAnnotation};
    let live = |name| used(NEW, name, LiveObject, "");
    let found = hop(
        vec![
            // Client-side apply through v1beta1: the annotation says so, and so
            // does the manager of the write.
            live("a/client-side"),
            used(
                OLD,
                "a/client-side",
                EvidenceTier::LastApplied,
                "kubectl-client-side-apply",
            ),
            used(
                OLD,
                "a/client-side",
                ManagedFields,
                "kubectl-client-side-apply",
            ),
            // Server-side apply through v1beta1: managed fields only.
            live("a/server-side"),
            used(OLD, "a/server-side", ManagedFields, "argocd-controller"),
            // An operator's update through v1beta1: managed fields only.
            live("a/operator"),
            used(OLD, "a/operator", ManagedFields, "cache-operator"),
            // Written through v1: clean, though the disruption controller wrote
            // its status, and an old one may have done so through v1beta1.
            live("a/clean"),
            used(NEW, "a/clean", ManagedFields, "kubectl"),
            used(OLD, "a/clean", ManagedFields, "kube-controller-manager"),
            // A stale annotation, rewritten through v1.
            live("a/stale"),
            used(OLD, "a/stale", OvertakenAnnotation, "kubectl apply"),
            used(NEW, "a/stale", ManagedFields, "flux"),
        ],
        &[
            "blocking RFA101 PodDisruptionBudget a/client-side",
            "blocking RFA101 PodDisruptionBudget a/operator",
            "blocking RFA101 PodDisruptionBudget a/server-side",
            "info RFA101 PodDisruptionBudget a/stale",
        ],
    );
    let tiers: Vec<EvidenceTier> = found[0].evidence.iter().map(|e| e.tier).collect();
    assert_eq!(
        tiers,
        [ManagedFields, EvidenceTier::LastApplied],
        "strongest first"
    );
    assert!(found[3].evidence[0].detail.contains("weak"));
    assert!(
        found[1].remedy.contains("cache-operator"),
        "{}",
        found[1].remedy
    );
}

#[test]
fn one_finding_for_an_object_with_its_strongest_route_first() {
    let found = hop(
        vec![
            used(OLD, "a/x", EvidenceTier::OvertakenAnnotation, ""),
            used(OLD, "a/x", EvidenceTier::Manifest, ""),
            used(OLD, "a/x", EvidenceTier::HelmManifest, "shop"),
            used(OLD, "a/x", EvidenceTier::Manifest, ""),
        ],
        &["blocking RFA101 PodDisruptionBudget a/x"],
    );
    let finding = &found[0];
    let tiers: Vec<EvidenceTier> = finding.evidence.iter().map(|e| e.tier).collect();
    assert_eq!(
        tiers,
        [
            EvidenceTier::Manifest,
            EvidenceTier::HelmManifest,
            EvidenceTier::OvertakenAnnotation
        ]
    );
    assert_eq!(finding.evidence[0].location.as_ref().unwrap().line, 3);
    assert_eq!(finding.deprecated_in.as_deref(), Some("1.21"));
    assert_eq!(finding.removed_in.as_deref(), Some("1.25"));
    assert_eq!(finding.replacement.as_ref().unwrap().to_string(), NEW);
    assert_eq!(finding.application.as_ref().unwrap().name, "shop");
    assert!(finding.mitigation.contains("Stored objects stay"));
}

/// One name may stand for several programs and files, so that nothing but its own
/// annotation is weakened by what it or others wrote later.
#[test]
fn managed_fields_block_whatever_was_written_since() {
    for manager in ["operator", "kubectl-client-side-apply", "kubectl-edit"] {
        hop(
            vec![
                used(OLD, "a/x", EvidenceTier::ManagedFields, manager),
                used(NEW, "a/x", EvidenceTier::ManagedFields, manager),
                used(
                    OLD,
                    "a/x",
                    EvidenceTier::OvertakenAnnotation,
                    "kubectl apply",
                ),
                used(NEW, "a/x", EvidenceTier::ManagedFields, "somebody-else"),
            ],
            &["blocking RFA101 PodDisruptionBudget a/x"],
        );
    }
}

#[test]
fn who_must_act_depends_on_how_it_was_written() {
    for (manager, told) in [
        (
            "operator",
            "Bring operator to a version that writes policy/v1",
        ),
        (
            "kubectl-client-side-apply",
            "Write the file that it was applied from",
        ),
        ("kubectl", "Write the file that it was applied from"),
        ("kubectl-edit", "changed the object with `kubectl edit`"),
        ("kubectl-patch", "--field-manager=kubectl-patch"),
        ("kubectlish", "Bring kubectlish to a version"),
    ] {
        let found = hop(
            vec![used(OLD, "a/x", EvidenceTier::ManagedFields, manager)],
            &["blocking RFA101 PodDisruptionBudget a/x"],
        );
        assert!(found[0].remedy.contains(told), "{}", found[0].remedy);
    }
}

#[test]
fn what_was_read_is_lost_only_without_a_version_that_stays() {
    let found = hop(
        vec![
            used(OLD, "a/x", EvidenceTier::LiveObject, ""),
            used(
                "policy/v1beta1 PodSecurityPolicy",
                "x",
                EvidenceTier::LiveObject,
                "",
            ),
        ],
        &[
            "blocking RFA101 PodSecurityPolicy x",
            "info RFA101 PodDisruptionBudget a/x",
        ],
    );
    assert_eq!(found[0].replacement, None);
    assert!(found[0].remedy.contains("serves nothing in its place"));
    // What a move means beyond the version is said with it, and where that is from.
    assert!(found[0].remedy.contains("Pod Security admission"));
    assert!(
        found[1]
            .remedy
            .contains("An empty selector matches every pod")
    );
    let from = "kubernetes/kubernetes pkg/apis/policy/v1beta1/conversion.go at v1.24.17";
    assert!(
        found[1]
            .references
            .iter()
            .any(|reference| reference == from)
    );
}

#[test]
fn gone_already() {
    let kubernetes = Kubernetes {
        api_uses: vec![
            used(OLD, "a/manifest", EvidenceTier::Manifest, ""),
            used(OLD, "a/release", EvidenceTier::HelmManifest, "shop"),
            used(OLD, "a/managed", EvidenceTier::ManagedFields, "operator"),
            used(OLD, "a/applied", EvidenceTier::LastApplied, ""),
        ],
        ..cluster("1.31.9")
    };
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.32",
        'A',
        &[
            "blocking RFA102 PodDisruptionBudget a/manifest",
            "blocking RFA102 PodDisruptionBudget a/release",
            "warning RFA102 PodDisruptionBudget a/applied",
            "info RFA102 PodDisruptionBudget a/managed",
        ],
    );
    assert!(
        found[0].title.contains("since Kubernetes 1.25"),
        "{}",
        found[0].title
    );
}

#[test]
fn deprecated_off_unknown_and_to_come() {
    let manifest = |api, name| used(api, name, EvidenceTier::Manifest, "");
    let kubernetes = Kubernetes {
        api_uses: vec![
            manifest(
                "admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy",
                "going",
            ),
            manifest("v1 Endpoints", "a/discouraged"),
            used("v1 Endpoints", "a/read", EvidenceTier::LiveObject, ""),
            manifest("coordination.k8s.io/v1beta1 LeaseCandidate", "a/off"),
            manifest("apps/v1 Deploymnet", "a/misspelt"),
            manifest("apps/v1 Deployment", "a/fine"),
            manifest("example.org/v1 Widget", "a/not-ours"),
            manifest("storage.k8s.io/v1 VolumeAttributesClass", "to-come"),
        ],
        ..manifests()
    };
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.33",
        'A',
        &[
            "blocking RFA105 Deploymnet a/misspelt",
            "blocking RFA106 VolumeAttributesClass to-come",
            "warning RFA103 ValidatingAdmissionPolicy going",
            "warning RFA104 LeaseCandidate a/off",
            "info RFA103 Endpoints a/discouraged",
        ],
    );
    assert_eq!(
        found[1].replacement.as_ref().unwrap().to_string(),
        "storage.k8s.io/v1beta1 VolumeAttributesClass"
    );
}

#[test]
fn a_replacement_that_is_gone_itself_is_followed() {
    let api = "extensions/v1beta1 PodSecurityPolicy";
    let flow = "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema";
    let kubernetes = Kubernetes {
        api_uses: vec![
            used(api, "x", EvidenceTier::Manifest, ""),
            used(flow, "x", EvidenceTier::Manifest, ""),
        ],
        ..manifests()
    };
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.33",
        'A',
        &[
            "blocking RFA101 PodSecurityPolicy x",
            "blocking RFA101 FlowSchema x",
        ],
    );
    assert_eq!(
        found[1].replacement.as_ref().unwrap().to_string(),
        "flowcontrol.apiserver.k8s.io/v1 FlowSchema"
    );
    assert_eq!(found[0].replacement, None);
}

#[test]
fn a_replacement_that_comes_on_the_way_says_after_which_hop() {
    let api = "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema";
    let kubernetes = Kubernetes {
        api_uses: vec![used(api, "x", EvidenceTier::Manifest, "")],
        ..cluster("1.27.3")
    };
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.32",
        'A',
        &["blocking RFA101 FlowSchema x"],
    );
    assert_eq!(
        found[0].remedy,
        "Write the manifest as flowcontrol.apiserver.k8s.io/v1 FlowSchema. It is served from Kubernetes 1.29 on, so write flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema before the hop to 1.29, and flowcontrol.apiserver.k8s.io/v1 FlowSchema once 1.29 runs."
    );
}

#[test]
fn where_no_release_serves_both_the_object_is_taken_out() {
    let api = "networking.k8s.io/v1alpha1 ServiceCIDR";
    let kubernetes = Kubernetes {
        api_uses: vec![used(api, "x", EvidenceTier::Manifest, "")],
        ..Kubernetes::unseen(&Unseen::NotInSource)
    };
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'A',
        &["blocking RFA101 ServiceCIDR x"],
    );
    assert!(
        found[0]
            .remedy
            .contains("take the object out before the hop to 1.31"),
        "{}",
        found[0].remedy
    );
}

/// Where a line moved, the finding is the same.
#[test]
fn identities_survive_edits_around_the_object() {
    let mut moved = used(OLD, "a/x", EvidenceTier::Manifest, "");
    let still = hop(
        vec![moved.clone()],
        &["blocking RFA101 PodDisruptionBudget a/x"],
    );
    moved.location.as_mut().unwrap().line = 900;
    let moved = hop(vec![moved], &["blocking RFA101 PodDisruptionBudget a/x"]);
    assert_eq!(still[0].id, moved[0].id);
    let other = hop(
        vec![used(OLD, "a/y", EvidenceTier::Manifest, "")],
        &["blocking RFA101 PodDisruptionBudget a/y"],
    );
    assert_ne!(still[0].id, other[0].id);
}

/// What servers and webhooks say to each other lies in repositories as fixtures
/// of tests; no server ever served it.
#[test]
fn payloads_of_webhooks_are_no_objects() {
    hop(
        vec![
            used(
                "admission.k8s.io/v1beta1 AdmissionReview",
                "x",
                EvidenceTier::Manifest,
                "",
            ),
            used(
                "apiextensions.k8s.io/v1beta1 ConversionReview",
                "x",
                EvidenceTier::Manifest,
                "",
            ),
        ],
        &[],
    );
}
