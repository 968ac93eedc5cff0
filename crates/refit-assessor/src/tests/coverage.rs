//! Coverage and verdict.

use super::*;
use refit_model::seen::Extent;
use refit_model::snapshot::{Area, Gap};

/// The verdict at 1.36 on a snapshot that was `change`d, and its gaps as
/// `area: what`; those of changes of behaviour have tests of their own.
#[track_caller]
fn check_verdict(
    kubernetes: Kubernetes,
    change: impl FnOnce(&mut Snapshot),
    verdict: Verdict,
    gaps: &[&str],
) {
    let mut snapshot = snapshot(Some(kubernetes));
    change(&mut snapshot);
    let assessment = run(&snapshot, "1.36");
    let told: Vec<String> = assessment
        .coverage
        .iter()
        .filter(|coverage| coverage.area != Area::Behaviour)
        .flat_map(|coverage| &coverage.gaps)
        .map(|gap| format!("{}: {}", gap.area, gap.what))
        .collect();
    assert_eq!(told, gaps);
    assert_eq!(
        assessment.summary.verdict, verdict,
        "{:#?}",
        assessment.findings
    );
}

fn told(area: Area, what: &str, why: Unseen) -> Gap {
    Gap {
        area,
        what: what.to_owned(),
        why,
        command: None,
    }
}

/// What is done to a cluster before it is assessed.
type Change = fn(&mut Kubernetes);

#[test]
fn a_cluster_that_was_seen_whole() {
    let whole = || cluster("1.35.8");
    check_verdict(whole(), |_| {}, Verdict::Ready, &[]);
    // Each listing that is not whole spoils it, and is told with a command.
    let cut: [(Change, &str); 10] = [
        (
            |k| k.components.extent = Extent::Part(Unseen::NotInSource),
            "control plane: the components of the control plane",
        ),
        (
            |k| k.nodes.extent = Extent::Part(Unseen::NotInSource),
            "nodes: the nodes",
        ),
        (
            |k| k.pods.extent = Extent::Part(Unseen::NotAsked),
            "workloads and pods: the pods",
        ),
        (
            |k| k.workloads.extent = Extent::Part(Unseen::NotAsked),
            "workloads and pods: what creates pods",
        ),
        (
            |k| k.budgets.extent = Extent::Part(Unseen::Forbidden("403".to_owned())),
            "disruption budgets: the disruption budgets",
        ),
        (
            |k| k.webhooks.extent = Extent::Part(Unseen::Failed("reset".to_owned())),
            "admission webhooks: the admission webhooks",
        ),
        (
            |k| k.services.extent = Extent::Part(Unseen::NotAsked),
            "admission webhooks: the Services",
        ),
        (
            |k| k.definitions.extent = Extent::Part(Unseen::NotAsked),
            "custom resource definitions: the custom resource definitions",
        ),
        (
            |k| k.api_services.extent = Extent::Part(Unseen::NotAsked),
            "aggregated APIs: who answers for which API group",
        ),
        (
            |k| k.releases.extent = Extent::Part(Unseen::Forbidden("403".to_owned())),
            "Helm releases: the Helm releases",
        ),
    ];
    for (change, gap) in cut {
        let mut kubernetes = whole();
        change(&mut kubernetes);
        let assessment = run(&snapshot(Some(kubernetes.clone())), "1.36");
        let rows = assessment.coverage.iter();
        let mut gaps = rows
            .filter(|row| row.area != Area::Behaviour)
            .flat_map(|row| &row.gaps);
        assert!(gaps.all(|gap| gap.command.is_some()), "{gap}");
        check_verdict(kubernetes, |_| {}, Verdict::Unseen, &[gap]);
    }
}

/// A dump that lacks a kind looks like a cluster without such objects: where a
/// version of the kind goes on the way, that is told and decides.
#[test]
fn kinds_of_which_a_version_goes_must_have_been_listed() {
    use refit_model::kubernetes::Writers;
    let dump = |server: &str, kinds: &[(&str, Writers)]| {
        let mut kubernetes = cluster(server);
        kubernetes.kinds = Listing::unseen(Unseen::NotInSource);
        let kinds = kinds.iter();
        kubernetes
            .kinds
            .items
            .extend(kinds.map(|(name, writers)| (name.parse().unwrap(), *writers)));
        kubernetes
    };
    let flow = "flowschemas.flowcontrol.apiserver.k8s.io";
    let levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";
    let no_flow =
        "API versions in use: the flowschemas, whose version v1beta3 goes with Kubernetes 1.32";
    let no_levels = "API versions in use: the prioritylevelconfigurations, whose version v1beta3 goes with Kubernetes 1.32";
    let unnamed = "API versions in use: who writes the flowschemas through flowcontrol.apiserver.k8s.io/v1beta3, which goes with Kubernetes 1.32: they were read without managed fields";
    for (server, kinds, expected) in [
        // Nothing that every server offers goes after 1.32.
        ("1.33.2", vec![], vec![]),
        ("1.31.9", vec![], vec![no_flow, no_levels]),
        ("1.31.9", vec![(flow, Writers::Told)], vec![no_levels]),
        (
            "1.31.9",
            vec![(flow, Writers::LeftOut), (levels, Writers::Told)],
            vec![unnamed],
        ),
        // Files that are named after the kind, and empty.
        (
            "1.31.9",
            vec![
                ("flowschemas", Writers::Told),
                ("prioritylevelconfigurations", Writers::Told),
            ],
            vec![],
        ),
    ] {
        let assessment = run(&snapshot(Some(dump(server, &kinds))), "1.36");
        let apis = assessment
            .coverage
            .iter()
            .find(|row| row.area == Area::Apis);
        let told: Vec<String> = apis
            .unwrap()
            .gaps
            .iter()
            .map(|gap| format!("{}: {}", gap.area, gap.what))
            .collect();
        assert_eq!(told, expected, "{server} {kinds:?}");
        assert_eq!(
            assessment.summary.verdict == Verdict::Unseen,
            !expected.is_empty(),
            "{server} {kinds:?}"
        );
    }
    // Which versions go on the way nobody knows who does not know where it begins.
    let mut nowhere = dump("1.33.2", &[]);
    nowhere.server = Seen::Gap(Unseen::NotInSource);
    let question = Question {
        families: [Family::Api].into_iter().collect(),
        ..Question::whole("1.36".parse().unwrap(), NOW.parse().unwrap(), 0)
    };
    let assessment = assess(&snapshot(Some(nowhere)), Knowledge::embedded(), &question);
    assert_eq!(assessment.summary.verdict, Verdict::Unseen);
}

#[test]
fn releases_that_nobody_asked_for_are_told_and_do_not_decide() {
    let mut kubernetes = cluster("1.35.8");
    kubernetes.releases.extent = Extent::Part(Unseen::NotAsked);
    check_verdict(
        kubernetes,
        |_| {},
        Verdict::Ready,
        &["Helm releases: the Helm releases"],
    );
}

#[test]
fn a_gap_of_the_snapshot_is_told_once_and_in_its_own_words() {
    let mut kubernetes = cluster("1.35.8");
    kubernetes.nodes.extent = Extent::Part(Unseen::NotInSource);
    check_verdict(
        kubernetes,
        |snapshot| {
            snapshot
                .gaps
                .push(told(Area::Nodes, "the machines", Unseen::NotInSource));
        },
        Verdict::Unseen,
        &["nodes: the machines"],
    );
}

#[test]
fn readings_that_are_missing() {
    let mut kubernetes = cluster("1.35.8");
    for name in ["w-1", "w-2"] {
        let mut node = node("1.35.8");
        node.kubelet = Seen::Gap(Unseen::NotInSource);
        kubernetes.nodes.items.insert(name.parse().unwrap(), node);
    }
    check_verdict(
        kubernetes,
        |_| {},
        Verdict::Unseen,
        &["nodes: the kubelet's version on 2 items: w-1, w-2"],
    );
}

#[test]
fn a_budget_whose_status_was_not_seen() {
    let mut kubernetes = cluster("1.35.8");
    let owner = owner("example.org/v1 Fleet", "ships");
    kubernetes
        .pods
        .items
        .insert(key("a/x"), pod("ships", Some(owner)));
    let budget = Budget {
        key: key("a/b"),
        selector: Some(selecting("ships")),
        bound: Some(Bound::MaxUnavailable("1".parse().unwrap())),
        unhealthy: UnhealthyPods::IfHealthyBudget,
        generation: 1,
        status: Seen::Gap(Unseen::NotInSource),
    };
    kubernetes.budgets.items.insert(key("a/b"), budget);
    check_verdict(
        kubernetes,
        |_| {},
        Verdict::Unseen,
        &["disruption budgets: whether 1 budget let pods go: a/b"],
    );
}

#[test]
fn backups_hide_nothing_and_blocks_outweigh_gaps() {
    let mut kubernetes = cluster("1.35.8");
    let backups = |snapshot: &mut Snapshot| {
        let gap = told(Area::Backups, "copies of etcd", Unseen::NotInSource);
        snapshot.gaps.push(gap);
    };
    let gap = ["backups: copies of etcd"];
    check_verdict(kubernetes.clone(), backups, Verdict::Ready, &gap);
    kubernetes.pods.items.insert(key("a/x"), pod("a", None));
    check_verdict(
        kubernetes.clone(),
        backups,
        Verdict::ReadyWithWarnings,
        &gap,
    );
    let old = "extensions/v1beta1 Ingress";
    kubernetes.api_uses = vec![used(old, "a/x", EvidenceTier::Manifest, "")];
    kubernetes.nodes.extent = Extent::Part(Unseen::NotAsked);
    check_verdict(kubernetes, |_| {}, Verdict::Blocked, &["nodes: the nodes"]);
}

/// A provider's control plane is shown to nobody.
#[test]
fn a_control_plane_of_a_provider() {
    let mut kubernetes = cluster("1.35.8-eks-abc");
    kubernetes.distribution = Seen::Is(Distribution::Eks);
    kubernetes.components = Listing::unseen(Unseen::NotInSource);
    let gap = told(Area::ControlPlane, "the components", Unseen::NotInSource);
    let with_gap = |snapshot: &mut Snapshot| snapshot.gaps.push(gap.clone());
    check_verdict(
        kubernetes.clone(),
        with_gap,
        Verdict::Ready,
        &["control plane: the components"],
    );
    kubernetes.server = Seen::Gap(Unseen::NotInSource);
    check_verdict(
        kubernetes,
        with_gap,
        Verdict::Unseen,
        &["control plane: the components"],
    );
}

#[test]
fn manifests_in_files_are_a_subject_of_their_own() {
    let verdict = |kubernetes: Kubernetes, gaps: Vec<Gap>| {
        let mut snapshot = snapshot(Some(kubernetes));
        snapshot.gaps = gaps;
        let assessment = run(&snapshot, "1.36");
        let covered = assessment.coverage.iter().map(|coverage| coverage.area);
        assert!(covered.eq(Area::ALL.into_iter().filter(|area| *area != Area::Juju)));
        assessment.summary.verdict
    };
    let repository = || Kubernetes {
        api_uses: vec![used(
            "apps/v1 Deployment",
            "a/x",
            EvidenceTier::Manifest,
            "",
        )],
        ..manifests()
    };
    assert_eq!(verdict(repository(), Vec::new()), Verdict::Ready);
    // A file that could not be read is another matter, wherever it belongs.
    for area in [Area::Apis, Area::Releases] {
        let failed = told(area, "chart.tgz", Unseen::Failed("cut short".to_owned()));
        assert_eq!(verdict(repository(), vec![failed]), Verdict::Unseen);
    }
    // What a server gave out is part of a cluster.
    let mut dump = repository();
    dump.api_uses
        .push(used("v1 Service", "a/x", EvidenceTier::LiveObject, ""));
    assert_eq!(verdict(dump, Vec::new()), Verdict::Unseen);
    let mut refused = repository();
    refused.nodes = Listing::unseen(Unseen::Forbidden("403".to_owned()));
    assert_eq!(verdict(refused, Vec::new()), Verdict::Unseen);
}

/// Nobody looked at anything.
#[test]
fn nothing_at_all() {
    let assessment = run(&snapshot(None), "1.36");
    assert_eq!(assessment.summary.verdict, Verdict::Unseen);
    let empty: Vec<Area> = assessment
        .coverage
        .iter()
        .filter(|coverage| coverage.gaps.is_empty())
        .map(|coverage| coverage.area)
        .collect();
    assert_eq!(empty, [Area::Backups]);
}

/// Only the families that are wanted are told, and only gaps that could hide
/// theirs count.
#[test]
fn chosen_families() {
    let mut kubernetes = cluster("1.35.8");
    kubernetes.nodes = Listing::unseen(Unseen::Forbidden("403".to_owned()));
    kubernetes.api_uses.push(used(
        "storagemigration.k8s.io/v1alpha1 StorageVersionMigration",
        "x",
        EvidenceTier::Manifest,
        "",
    ));
    let snapshot = snapshot(Some(kubernetes));
    let check = |families: &[Family], letters: &str, verdict: Verdict, areas: &[Area]| {
        let question = Question {
            families: families.iter().copied().collect(),
            skipped: 7,
            ..Question::whole("1.36".parse().unwrap(), NOW.parse().unwrap(), 1)
        };
        let assessment = assess(&snapshot, Knowledge::embedded(), &question);
        let found: String = assessment
            .findings
            .iter()
            .map(|f| f.code.family())
            .collect();
        assert!(
            found.chars().all(|letter| letters.contains(letter)),
            "{found}"
        );
        assert_eq!(found.is_empty(), letters.is_empty());
        assert_eq!(assessment.summary.verdict, verdict, "{families:?}");
        let covered: Vec<Area> = assessment.coverage.iter().map(|row| row.area).collect();
        assert_eq!(covered, areas);
        for row in &assessment.coverage {
            assert_eq!(row.skipped, if row.area == Area::Apis { 7 } else { 0 });
        }
    };
    let apis = [
        Area::Apis,
        Area::Definitions,
        Area::ApiServices,
        Area::Releases,
    ];
    check(&[Family::Api], "A", Verdict::Blocked, &apis);
    let nodes = [Area::Nodes];
    check(&[Family::Nodes], "", Verdict::Unseen, &nodes);
    let workloads = [Area::Workloads, Area::Budgets];
    check(&[Family::Workloads], "", Verdict::Ready, &workloads);
}

/// Manifests answer for themselves, not for the nodes that they do not show.
#[test]
fn manifests_asked_about_what_they_cannot_show() {
    let mut kubernetes = manifests();
    kubernetes
        .api_uses
        .push(used("v1 Service", "a/x", EvidenceTier::Manifest, ""));
    let snapshot = snapshot(Some(kubernetes));
    let check = |family: Family, verdict: Verdict| {
        let question = Question {
            families: [family].into(),
            ..Question::whole("1.36".parse().unwrap(), NOW.parse().unwrap(), 1)
        };
        let assessment = assess(&snapshot, Knowledge::embedded(), &question);
        assert_eq!(assessment.summary.verdict, verdict, "{family}");
    };
    check(Family::Api, Verdict::Ready);
    check(Family::Nodes, Verdict::Unseen);
    check(Family::Workloads, Verdict::Unseen);
}

/// Whoever asks for Juju alone expects a model; a folder without one answers nothing.
#[test]
fn juju_that_was_asked_for_and_is_not_there_is_unseen() {
    let manifests = || {
        let mut manifests = Kubernetes::unseen(&Unseen::NotInSource);
        manifests.api_uses = vec![used(
            "apps/v1 Deployment",
            "a/x",
            EvidenceTier::Manifest,
            "",
        )];
        manifests
    };
    for (kubernetes, families, verdict) in [
        (cluster("1.23.8"), vec![Family::Juju], Verdict::Unseen),
        (manifests(), vec![Family::Juju], Verdict::Unseen),
        (
            manifests(),
            vec![Family::Juju, Family::Api],
            Verdict::Unseen,
        ),
        (manifests(), vec![Family::Api], Verdict::Ready),
        (
            manifests(),
            Family::ALL.to_vec(),
            Verdict::ReadyWithWarnings,
        ),
    ] {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let mut question = Question::whole("1.24".parse().unwrap(), now, 1);
        question.families = families.iter().copied().collect();
        let assessment = assess(
            &snapshot(Some(kubernetes)),
            Knowledge::embedded(),
            &question,
        );
        assert_eq!(assessment.summary.verdict, verdict, "{families:?}");
    }
}

/// An exported object keeps what the server wrote into its metadata, and is a
/// manifest all the same.
#[test]
fn annotations_and_managed_fields_make_no_cluster() {
    let old = "policy/v1beta1 PodDisruptionBudget";
    for tier in [EvidenceTier::LastApplied, EvidenceTier::ManagedFields] {
        let mut manifests = Kubernetes::unseen(&Unseen::NotInSource);
        manifests.api_uses = vec![
            used(
                "policy/v1 PodDisruptionBudget",
                "a/x",
                EvidenceTier::Manifest,
                "",
            ),
            used(old, "a/x", tier, "kubectl-client-side-apply"),
        ];
        let assessment = run(&snapshot(Some(manifests)), "1.24");
        assert_eq!(
            assessment.summary.verdict,
            Verdict::ReadyWithWarnings,
            "{tier}"
        );
    }
}
