//! Beside a baseline: news is news, and nothing has cleared without a proof.

use super::*;
use refit_model::assessment::{Comparison, ProofSort, Waived};
use refit_model::kubernetes::{ApiService, Writers};
use refit_model::seen::Extent;
use refit_model::snapshot::{Area, Gap};

fn at(snapshot: &Snapshot) -> Assessment {
    let question = Question::whole(
        "1.36".parse().unwrap(),
        NOW.parse().unwrap(),
        snapshot.kubernetes.iter().map(|k| k.api_uses.len()).sum(),
    );
    assess(snapshot, Knowledge::embedded(), &question)
}

fn live(uses: Vec<ApiUse>) -> Snapshot {
    let mut kubernetes = cluster("v1.35.3");
    kubernetes.api_uses = uses;
    snapshot(Some(kubernetes))
}

fn files(uses: Vec<ApiUse>) -> Snapshot {
    let mut kubernetes = manifests();
    kubernetes.api_uses = uses;
    let mut files = snapshot(Some(kubernetes));
    files.cluster.basis = IdentityBasis::Given;
    files
}

fn with_gap(mut snapshot: Snapshot, why: Unseen) -> Snapshot {
    snapshot.gaps.push(Gap {
        area: Area::Apis,
        what: "the Ingresses".to_owned(),
        why,
        command: Some("kubectl get ingresses -A -o yaml".to_owned()),
    });
    snapshot
}

const NOWHERE: Looked<'_> = Looked {
    roots: &[],
    left_out: &BTreeSet::new(),
};

fn compared(before: &Snapshot, now: &Snapshot, roots: &[&str]) -> Comparison {
    let roots: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    let looked = Looked {
        roots: &roots,
        left_out: &BTreeSet::new(),
    };
    compare(&at(before), &at(now), now, looked)
}

/// How each finding of the baseline that is gone stands.
#[track_caller]
fn check(before: &Snapshot, now: &Snapshot, roots: &[&str], expected: Result<ProofSort, &str>) {
    let comparison = compared(before, now, roots);
    let apis = |code: refit_model::code::Code| code.family() == 'A';
    let cleared: Vec<_> = comparison
        .cleared
        .iter()
        .filter(|row| apis(row.finding.code))
        .collect();
    let unseen: Vec<_> = comparison
        .unseen
        .iter()
        .filter(|row| apis(row.finding.code))
        .collect();
    match expected {
        Ok(sort) => {
            assert!(unseen.is_empty(), "{unseen:#?}");
            assert_eq!(cleared[0].proof.by, sort, "{cleared:#?}");
        }
        Err(words) => {
            assert!(cleared.is_empty(), "{cleared:#?}");
            assert!(unseen[0].because.contains(words), "{unseen:#?}");
        }
    }
}

const OLD: &str = "networking.k8s.io/v1beta1 Ingress";
const NEW: &str = "networking.k8s.io/v1 Ingress";

#[test]
fn a_manifest_has_cleared_when_it_was_read_again_or_all_files_were() {
    let old = || used(OLD, "shop/web", EvidenceTier::Manifest, "");
    let new = || used(NEW, "shop/web", EvidenceTier::Manifest, "");
    let before = files(vec![old()]);
    check(
        &before,
        &files(vec![new()]),
        &["."],
        Ok(ProofSort::SeenFine),
    );
    let gone = files(vec![used(
        "v1 Service",
        "shop/a",
        EvidenceTier::Manifest,
        "",
    )]);
    check(&before, &gone, &["."], Ok(ProofSort::Absent));
    check(&before, &gone, &["./shop.yaml"], Ok(ProofSort::Absent));
    check(
        &before,
        &gone,
        &["other"],
        Err("shop.yaml was not looked at"),
    );
    check(
        &before,
        &gone,
        &["/shop.yaml"],
        Err("shop.yaml was not looked at"),
    );
    // Something could not be parsed: it may stand there.
    let broken = with_gap(gone, Unseen::Failed("line 3".to_owned()));
    check(&before, &broken, &["."], Err("line 3"));
    // The file was read again, so what else could not be does not matter.
    let broken = with_gap(files(vec![new()]), Unseen::Failed("line 3".to_owned()));
    check(&before, &broken, &["."], Ok(ProofSort::SeenFine));
    // It stands in another file now: the first one must have been looked at.
    let mut moved = new();
    moved.location.as_mut().unwrap().file = "b.yaml".to_owned();
    check(
        &before,
        &files(vec![moved.clone()]),
        &["b.yaml"],
        Err("shop.yaml"),
    );
    check(&before, &files(vec![moved]), &["."], Ok(ProofSort::Absent));
    // Another old version is no better.
    let older = files(vec![used(
        "extensions/v1beta1 Ingress",
        "shop/web",
        EvidenceTier::Manifest,
        "",
    )]);
    check(&before, &older, &["."], Err("now told of as"));
}

#[test]
fn what_a_cluster_does_not_show_has_not_cleared() {
    let old = || {
        used(
            "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema",
            "x",
            EvidenceTier::ManagedFields,
            "op",
        )
    };
    let before = live(vec![old()]);
    let again = || {
        used(
            "flowcontrol.apiserver.k8s.io/v1 FlowSchema",
            "x",
            EvidenceTier::ManagedFields,
            "op",
        )
    };
    let read = || {
        used(
            "flowcontrol.apiserver.k8s.io/v1 FlowSchema",
            "x",
            EvidenceTier::LiveObject,
            "",
        )
    };
    let refused = Unseen::Forbidden("RBAC".to_owned());
    check(&before, &live(vec![again()]), &[], Ok(ProofSort::SeenFine));
    check(&before, &live(vec![read()]), &[], Ok(ProofSort::Absent));
    check(&before, &live(Vec::new()), &[], Ok(ProofSort::Absent));
    check(
        &before,
        &with_gap(live(Vec::new()), refused.clone()),
        &[],
        Err("RBAC"),
    );
    // Read, but by a source that shows no managed fields and says so.
    check(
        &before,
        &with_gap(live(vec![read()]), Unseen::NotInSource),
        &[],
        Err("Ingresses"),
    );
    check(
        &before,
        &with_gap(live(vec![again()]), refused),
        &[],
        Ok(ProofSort::SeenFine),
    );
}

#[test]
fn a_caution_never_turns_into_a_proof() {
    // Each area of which the rule of a finding reads is taken away in turn.
    let mut kubernetes = cluster("v1.35.3");
    kubernetes.budgets = Listing::whole(BTreeMap::from([(
        "shop/web".parse().unwrap(),
        Budget {
            key: "shop/web".parse().unwrap(),
            generation: 1,
            selector: Some(selecting("web")),
            bound: Some(Bound::MaxUnavailable("0".parse().unwrap())),
            unhealthy: UnhealthyPods::IfHealthyBudget,
            status: Seen::Is(BudgetStatus {
                observed_generation: 1,
                disruptions_allowed: 0,
                current_healthy: 1,
                desired_healthy: 1,
                expected_pods: 1,
                sync_failure: None,
            }),
        },
    )]));
    kubernetes.pods = Listing::whole(BTreeMap::from([(
        "shop/web-1".parse().unwrap(),
        pod("web", None),
    )]));
    let before = snapshot(Some(kubernetes));
    let found = at(&before);
    assert!(
        found
            .findings
            .iter()
            .any(|finding| finding.code.family() == 'W'),
        "{found:#?}"
    );
    let whole = snapshot(Some(cluster("v1.35.3")));
    let comparison = compared(&before, &whole, &[]);
    assert!(comparison.unseen.is_empty(), "{:#?}", comparison.unseen);
    assert!(!comparison.cleared.is_empty());
    let mut no_pods = cluster("v1.35.3");
    no_pods.pods = Listing::unseen(Unseen::NotAsked);
    let mut no_budgets = cluster("v1.35.3");
    no_budgets.budgets = Listing::unseen(Unseen::NotAsked);
    for side in [no_pods, no_budgets] {
        let comparison = compared(&before, &snapshot(Some(side)), &[]);
        let budgets = |code: refit_model::code::Code| code.family() == 'W' && code.number() < 110;
        assert!(
            comparison
                .cleared
                .iter()
                .all(|row| !budgets(row.finding.code)),
            "{comparison:#?}"
        );
        assert!(
            comparison
                .unseen
                .iter()
                .any(|row| budgets(row.finding.code))
        );
    }
}

/// Families share areas: whoever asks for versions looks at nodes, and finds nothing
/// that another family would tell of them.
#[test]
fn what_was_not_asked_for_has_not_cleared() {
    let old = || used(OLD, "shop/web", EvidenceTier::Manifest, "");
    let before = files(vec![old()]);
    let gone = files(Vec::new());
    let roots = [".".to_owned()];
    let looked = Looked {
        roots: &roots,
        ..NOWHERE
    };
    let baseline = at(&before);
    let mut current = at(&gone);
    let cleared = |current: &Assessment| {
        let comparison = compare(&baseline, current, &gone, looked);
        let mut cleared = comparison.cleared.iter();
        cleared.any(|row| row.finding.code.family() == 'A')
    };
    assert!(cleared(&current));
    // All areas are there.
    current.metadata.only = [Family::Versions].into_iter().collect();
    assert!(!cleared(&current));
    current.metadata.only = [Family::Api].into_iter().collect();
    assert!(cleared(&current));
    // The file is there, and git ignores it.
    let left_out = ["shop.yaml".to_owned()].into_iter().collect();
    let looked = Looked {
        roots: &roots,
        left_out: &left_out,
    };
    let comparison = compare(&baseline, &current, &gone, looked);
    assert!(comparison.cleared.is_empty(), "{:#?}", comparison.cleared);
    assert!(comparison.unseen[0].because.contains("--no-ignore"));
}

/// A dump without a kind shows nothing of it, though no area lacks anything.
#[test]
fn what_a_dump_does_not_list_has_not_cleared() {
    let scaler = "autoscaling/v2beta2 HorizontalPodAutoscaler";
    let dump = |uses: Vec<ApiUse>, kinds: &[(&str, Writers)]| {
        let mut kubernetes = cluster("v1.35.3");
        kubernetes.api_uses = uses;
        kubernetes.kinds = Listing::unseen(Unseen::NotInSource);
        let kinds = kinds.iter();
        kubernetes
            .kinds
            .items
            .extend(kinds.map(|(name, writers)| (name.parse().unwrap(), *writers)));
        snapshot(Some(kubernetes))
    };
    let before = dump(
        vec![used(scaler, "shop/web", EvidenceTier::ManagedFields, "op")],
        &[],
    );
    let name = "horizontalpodautoscalers.autoscaling";
    for (kinds, expected) in [
        (vec![], Err("were not all listed")),
        (vec![(name, Writers::LeftOut)], Err("managed fields")),
        (vec![(name, Writers::Told)], Ok(ProofSort::Absent)),
        (
            vec![("horizontalpodautoscalers", Writers::Told)],
            Ok(ProofSort::Absent),
        ),
    ] {
        check(&before, &dump(Vec::new(), &kinds), &[], expected);
    }
    // What stood in a manifest beside the dump is over when that was looked at.
    let before = dump(vec![used(OLD, "shop/web", EvidenceTier::Manifest, "")], &[]);
    check(
        &before,
        &dump(Vec::new(), &[]),
        &["dump"],
        Err("shop.yaml was not looked at"),
    );
    check(
        &before,
        &dump(Vec::new(), &[]),
        &["dump", "."],
        Ok(ProofSort::Absent),
    );
}

#[test]
fn worse_is_news_and_milder_is_not() {
    let now = files(vec![used(OLD, "shop/web", EvidenceTier::Manifest, "")]);
    let current = at(&now);
    let place = current
        .findings
        .iter()
        .position(|finding| finding.code.family() == 'A')
        .unwrap();
    let with = |change: &dyn Fn(&mut Finding)| {
        let mut baseline = current.clone();
        change(&mut baseline.findings[place]);
        let comparison = compare(&baseline, &current, &now, NOWHERE);
        (comparison.new.len(), comparison.worse.len())
    };
    assert_eq!(with(&|_| {}), (0, 0));
    assert_eq!(with(&|finding| finding.severity = Severity::Info), (0, 1));
    assert_eq!(with(&|finding| finding.id = "RFA101-0".to_owned()), (1, 0));
    let waived = Waived {
        by: "ada".to_owned(),
        reason: "soon".to_owned(),
        until: jiff::civil::date(2026, 1, 1),
    };
    assert_eq!(
        with(&|finding| finding.waived = Some(waived.clone())),
        (0, 1)
    );
    let mut milder = current.clone();
    milder.findings[place].severity = Severity::Info;
    let comparison = compare(&current, &milder, &now, NOWHERE);
    assert_eq!(comparison.standing, current.findings.len());
}

/// The overlays of two environments hold the same object: that the second begins
/// to write the old version is news, although the finding stood before.
#[test]
fn a_finding_in_one_more_file_is_worse_and_a_renamed_file_is_not() {
    let within = |folders: &[&str]| {
        let uses = folders.iter().map(|folder| {
            let mut found = used(OLD, "shop/web", EvidenceTier::Manifest, "");
            if let Some(place) = &mut found.location {
                place.file = format!("{folder}/shop.yaml");
            }
            found
        });
        files(uses.collect())
    };
    let worse = |before: &[&str], now: &[&str]| {
        let comparison = compared(&within(before), &within(now), &["."]);
        comparison.worse.len()
    };
    assert_eq!(worse(&["dev"], &["dev"]), 0);
    assert_eq!(worse(&["dev"], &["dev", "prod"]), 1);
    assert_eq!(worse(&["dev", "prod"], &["dev"]), 0);
    assert_eq!(worse(&["dev"], &["staging"]), 0, "renamed");
}

#[test]
fn only_one_landscape_and_one_target_are_compared() {
    let one = at(&files(Vec::new()));
    let named = |name: &str, basis: IdentityBasis| {
        let mut other = one.clone();
        other.metadata.cluster.id = name.parse().unwrap();
        other.metadata.cluster.name = name.to_owned();
        other.metadata.cluster.basis = basis;
        other
    };
    use IdentityBasis::{Given, KubeSystemUid};
    for (before, now, alike) in [
        (("manifests", Given), ("manifests", Given), true),
        (("manifests/a.yaml", Given), ("manifests", Given), true),
        (("./manifests", Given), ("manifests", Given), true),
        (("manifests", Given), ("manifests-2", Given), false),
        (("prod", Given), ("test", Given), false),
        (("u-1", KubeSystemUid), ("u-2", KubeSystemUid), false),
        (("u-1", KubeSystemUid), ("u-1/a", Given), false),
    ] {
        let result = comparable(&named(before.0, before.1), &named(now.0, now.1));
        assert_eq!(result.is_ok(), alike, "{before:?} {now:?}: {result:?}");
    }
    let mut later = one.clone();
    later.target = "1.37".parse().unwrap();
    assert_eq!(
        comparable(&one, &later),
        Err(Incomparable::OtherTarget {
            baseline: "1.36".to_owned(),
            current: "1.37".to_owned()
        })
    );
}

/// Adding objects and moving lines changes no identity.
#[test]
fn identities_survive_unrelated_changes() {
    let ids = |snapshot: &Snapshot| -> Vec<String> {
        at(snapshot)
            .findings
            .into_iter()
            .map(|finding| finding.id)
            .collect()
    };
    let one = used(OLD, "shop/web", EvidenceTier::Manifest, "");
    let before = ids(&files(vec![one.clone()]));
    let mut moved = one.clone();
    moved.location = Some(Location {
        file: "else.yaml".to_owned(),
        line: 99,
        column: 5,
    });
    moved.application = application("other");
    assert_eq!(ids(&files(vec![moved])), before);
    let more = files(vec![
        one,
        used("v1 Service", "shop/web", EvidenceTier::Manifest, ""),
        used("apps/v1 Deployment", "shop/web", EvidenceTier::Manifest, ""),
    ]);
    assert_eq!(ids(&more), before);
}

/// The object was read again, and what is wrong with it is not its version: that
/// it was seen proves nothing.
#[test]
fn an_api_service_that_is_down_has_not_cleared_because_it_was_read_again() {
    let down = |seen: bool| {
        let mut kubernetes = cluster("v1.35.3");
        let own = "apiregistration.k8s.io/v1 APIService";
        kubernetes.api_uses = vec![used(own, "v1.metrics.k8s.io", EvidenceTier::LiveObject, "")];
        if seen {
            kubernetes.api_services.items.insert(
                "v1.metrics.k8s.io".parse().unwrap(),
                ApiService {
                    group: "metrics.k8s.io".to_owned(),
                    version: "v1".to_owned(),
                    service: Some("kube-system/metrics".parse().unwrap()),
                    available: Seen::Is(false),
                    because: "MissingEndpoints: no endpoints".to_owned(),
                },
            );
        } else {
            kubernetes.api_services.extent = Extent::Part(Unseen::NotInSource);
        }
        snapshot(Some(kubernetes))
    };
    check(&down(true), &down(false), &["."], Err("not seen this time"));
}
