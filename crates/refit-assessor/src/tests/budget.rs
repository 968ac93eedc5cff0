//! Disruption budgets.

use super::*;

/// A budget over `app` whose status was not seen.
fn budget(name: &str, app: &str, bound: Option<Bound>) -> Budget {
    Budget {
        key: key(name),
        selector: Some(selecting(app)),
        bound,
        unhealthy: UnhealthyPods::IfHealthyBudget,
        generation: 1,
        status: Seen::Gap(Unseen::NotInSource),
    }
}

fn status(allowed: i64, current: i64, desired: i64, expected: i64) -> Seen<BudgetStatus> {
    Seen::Is(BudgetStatus {
        observed_generation: 1,
        disruptions_allowed: allowed,
        current_healthy: current,
        desired_healthy: desired,
        expected_pods: expected,
        sync_failure: None,
    })
}

fn max(text: &str) -> Option<Bound> {
    Some(Bound::MaxUnavailable(text.parse().unwrap()))
}

fn min(text: &str) -> Option<Bound> {
    Some(Bound::MinAvailable(text.parse().unwrap()))
}

/// A cluster with a StatefulSet `a/db` of `replicas` ready pods, and these budgets.
fn with(replicas: u32, budgets: Vec<Budget>) -> Kubernetes {
    let mut kubernetes = cluster("1.35.8");
    let (workload, seen) = workload("StatefulSet/a/db", Some(replicas), "db");
    kubernetes.workloads.items.insert(workload, seen);
    for number in 0..replicas {
        let owner = owner("apps/v1 StatefulSet", "db");
        let pods = &mut kubernetes.pods.items;
        pods.insert(key(&format!("a/db-{number}")), pod("db", Some(owner)));
    }
    for budget in budgets {
        kubernetes.budgets.items.insert(budget.key.clone(), budget);
    }
    kubernetes
}

/// What five replicas under one bound come to, by the bound alone.
#[track_caller]
fn bound(bound: Option<Bound>, never: bool) {
    let expected: &[&str] = if never {
        &["blocking RFW101 PodDisruptionBudget a/b"]
    } else {
        &[]
    };
    let kubernetes = with(5, vec![budget("a/b", "db", bound)]);
    check(&snapshot(Some(kubernetes)), "1.36", 'W', expected);
}

/// The settings on five replicas that were recorded on 1.36.3: desired 3, 4, 5,
/// 3, 5, 1 and 7 healthy pods.
#[test]
fn bounds_that_never_open() {
    bound(max("30%"), false);
    bound(max("1%"), false);
    bound(max("0%"), true);
    bound(max("0"), true);
    bound(max("1"), false);
    bound(min("50%"), false);
    bound(min("99%"), true);
    bound(min("100%"), true);
    bound(min("1%"), false);
    bound(min("5"), true);
    bound(min("7"), true);
    bound(min("4"), false);
    bound(None, true);
}

#[test]
fn a_deployment_is_counted_through_its_replica_set() {
    let mut kubernetes = cluster("1.35.8");
    let (deployment, seen) = workload("Deployment/a/web", Some(2), "web");
    kubernetes.workloads.items.insert(deployment, seen);
    let (set, mut seen) = workload("ReplicaSet/a/web-1", Some(1), "web");
    seen.owner = Some(owner("apps/v1 Deployment", "web"));
    kubernetes.workloads.items.insert(set, seen);
    let web = pod("web", Some(owner("apps/v1 ReplicaSet", "web-1")));
    kubernetes.pods.items.insert(key("a/web-1-x"), web);
    let insert = |kubernetes: &mut Kubernetes, budget: Budget| {
        kubernetes.budgets.items.insert(budget.key.clone(), budget);
    };
    // One pod is there, but two are expected, so that one is to spare later.
    insert(&mut kubernetes, budget("a/b", "web", min("50%")));
    check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &[]);
    insert(&mut kubernetes, budget("a/b", "web", min("2")));
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'W',
        &["blocking RFW101 PodDisruptionBudget a/b"],
    );
    assert_eq!(
        found[0].title,
        "the budget a/b can never open: minAvailable 2 of 2 pods"
    );
    assert_eq!(found[0].application, Some(application("web")));
    assert!(found[0].evidence[1].detail.contains("web-1-x"));
}

#[test]
fn by_status() {
    let by = |status, change: fn(&mut Budget)| {
        let mut budget = budget("a/b", "db", max("1"));
        budget.status = status;
        change(&mut budget);
        with(3, vec![budget])
    };
    let closed = ["blocking RFW102 PodDisruptionBudget a/b"];
    let stale = ["warning RFW103 PodDisruptionBudget a/b"];
    let mut unready = by(status(0, 2, 2, 3), |budget| {
        budget.unhealthy = UnhealthyPods::AlwaysAllow;
    });
    let cases: [(&str, Kubernetes, &[&str]); 5] = [
        ("open", by(status(1, 3, 2, 3), |_| {}), &[]),
        ("closed", by(status(0, 2, 2, 3), |_| {}), &closed),
        (
            "not yet worked out",
            by(status(1, 3, 2, 3), |budget| budget.generation = 2),
            &stale,
        ),
        (
            "unready pods may go, but ready ones may not",
            unready.clone(),
            &closed,
        ),
        (
            "unready pods may go, and there are no others",
            {
                for pod in unready.pods.items.values_mut() {
                    pod.ready = Seen::Is(false);
                }
                unready
            },
            &[],
        ),
    ];
    for (case, kubernetes, expected) in cases {
        println!("{case}");
        check(&snapshot(Some(kubernetes)), "1.36", 'W', expected);
    }
}

#[test]
fn budgets_that_cannot_be_worked_out() {
    let failing = |mut budget: Budget| {
        budget.status = Seen::Is(BudgetStatus {
            observed_generation: 0,
            disruptions_allowed: 0,
            current_healthy: 0,
            desired_healthy: 0,
            expected_pods: 0,
            sync_failure: Some("jobs.batch does not implement the scale subresource".to_owned()),
        });
        budget
    };
    let mut kubernetes = with(1, vec![failing(budget("a/idle", "nightly", max("1")))]);
    let (job, seen) = workload("Job/a/import", None, "import");
    kubernetes.workloads.items.insert(job, seen);
    let running = pod("import", Some(owner("batch/v1 Job", "import")));
    kubernetes.pods.items.insert(key("a/import-x"), running);
    let told = failing(budget("a/told", "import", max("1")));
    kubernetes.budgets.items.insert(told.key.clone(), told);
    check(
        &snapshot(Some(kubernetes.clone())),
        "1.36",
        'W',
        &[
            "blocking RFW103 PodDisruptionBudget a/told",
            "warning RFW103 PodDisruptionBudget a/idle",
        ],
    );
    // The same without a status: it follows from the kind of the owner, unless
    // the bound is a whole number of pods.
    kubernetes.budgets.items.clear();
    let told = budget("a/told", "import", max("1"));
    kubernetes.budgets.items.insert(told.key.clone(), told);
    check(
        &snapshot(Some(kubernetes.clone())),
        "1.36",
        'W',
        &["blocking RFW103 PodDisruptionBudget a/told"],
    );
    let whole = budget("a/told", "import", min("0"));
    kubernetes.budgets.items.insert(whole.key.clone(), whole);
    check(&snapshot(Some(kubernetes)), "1.36", 'W', &[]);
}

#[test]
fn two_budgets_over_one_pod() {
    let mut open = [
        budget("a/one", "db", max("1")),
        budget("a/two", "db", max("1")),
    ];
    for budget in &mut open {
        budget.status = status(1, 3, 2, 3);
    }
    let mut elsewhere = budget("b/three", "db", max("1"));
    elsewhere.status = status(1, 3, 2, 3);
    let [one, two] = open;
    let mut kubernetes = with(3, vec![one, two, elsewhere]);
    let found = check(
        &snapshot(Some(kubernetes.clone())),
        "1.36",
        'W',
        &["blocking RFW104 PodDisruptionBudget a/one"],
    );
    assert_eq!(
        found[0].title,
        "the budgets a/one and a/two cover the same pods"
    );
    assert!(found[0].evidence[2].detail.contains("a/db-2"));
    // A pod that has ended is let go without asking any budget.
    for pod in kubernetes.pods.items.values_mut() {
        pod.phase = Phase::Succeeded;
    }
    check(&snapshot(Some(kubernetes)), "1.36", 'W', &[]);
}

#[test]
fn budgets_over_bare_pods_only() {
    let mut kubernetes = cluster("1.35.8");
    for name in ["a/x", "a/y"] {
        kubernetes.pods.items.insert(key(name), pod("bare", None));
    }
    let bare = ["warning RFW110 Pod a/x", "warning RFW110 Pod a/y"];
    let mut case = |bound, first: Option<&'static str>| {
        let budget = budget("a/b", "bare", bound);
        kubernetes.budgets.items.insert(budget.key.clone(), budget);
        let expected: Vec<&str> = first.into_iter().chain(bare).collect();
        check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &expected);
    };
    case(max("1"), Some("blocking RFW105 PodDisruptionBudget a/b"));
    case(min("50%"), Some("blocking RFW105 PodDisruptionBudget a/b"));
    case(min("2"), Some("blocking RFW101 PodDisruptionBudget a/b"));
    case(min("1"), None);
}

/// A budget that a drain never asks holds nothing up.
#[test]
fn budgets_that_no_drain_asks() {
    let mut kubernetes = with(0, vec![budget("a/b", "db", max("0"))]);
    check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &[]);
    let daemon = pod("db", Some(owner("apps/v1 DaemonSet", "agent")));
    kubernetes.pods.items.insert(key("a/agent-x"), daemon);
    check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &[]);
    let mut nothing = budget("a/b", "db", max("0"));
    nothing.selector = None;
    let mut kubernetes = with(2, vec![nothing]);
    check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &[]);
    kubernetes.pods = Listing::unseen(Unseen::NotInSource);
    check(&snapshot(Some(kubernetes)), "1.36", 'W', &[]);
}

/// In manifests there are no pods; their owners tell.
#[test]
fn from_manifests() {
    let mut kubernetes = manifests();
    let (deployment, seen) = workload("Deployment/a/web", Some(3), "web");
    kubernetes.workloads.items.insert(deployment, seen);
    let (set, seen) = workload("DaemonSet/a/agent", None, "agent");
    kubernetes.workloads.items.insert(set, seen);
    for budget in [
        budget("a/agents", "agent", max("1")),
        budget("a/fine", "web", max("1")),
        budget("a/full", "web", min("3")),
        budget("a/nobody", "ghost", max("0")),
        budget("a/somebody", "ghost", max("1")),
    ] {
        kubernetes.budgets.items.insert(budget.key.clone(), budget);
    }
    check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'W',
        &[
            "blocking RFW101 PodDisruptionBudget a/full",
            "blocking RFW101 PodDisruptionBudget a/nobody",
            "blocking RFW104 PodDisruptionBudget a/fine",
            "warning RFW103 PodDisruptionBudget a/agents",
        ],
    );
}

#[test]
fn budgets_of_manifests_over_bare_pods() {
    let mut kubernetes = manifests();
    // In a manifest no scheduler has chosen a node.
    let written = Pod {
        node: None,
        ..pod("bare", None)
    };
    kubernetes.pods.items.insert(key("a/x"), written);
    let budget = budget("a/b", "bare", max("1"));
    kubernetes.budgets.items.insert(budget.key.clone(), budget);
    let expected = [
        "blocking RFW105 PodDisruptionBudget a/b",
        "warning RFW110 Pod a/x",
    ];
    check(&snapshot(Some(kubernetes.clone())), "1.36", 'W', &expected);
    // A workload that makes such pods is counted instead.
    let (deployment, seen) = workload("Deployment/a/web", Some(3), "bare");
    kubernetes.workloads.items.insert(deployment, seen);
    let found = run(&snapshot(Some(kubernetes)), "1.36");
    let is_told = |finding: &Finding| finding.code.to_string() == "RFW105";
    assert!(!found.findings.iter().any(is_told));
}

#[test]
fn budgets_of_manifests_overlap_over_a_workload() {
    let mut kubernetes = manifests();
    let (deployment, seen) = workload("Deployment/a/web", Some(3), "web");
    kubernetes.workloads.items.insert(deployment, seen);
    for name in ["a/one", "a/two"] {
        let budget = budget(name, "web", max("1"));
        kubernetes.budgets.items.insert(budget.key.clone(), budget);
    }
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'W',
        &["blocking RFW104 PodDisruptionBudget a/one"],
    );
    assert_eq!(
        found[0].evidence.last().unwrap().detail,
        "these pods are covered more than once: those of Deployment/a/web"
    );
    assert_eq!(found[0].application, Some(application("web")));
}
