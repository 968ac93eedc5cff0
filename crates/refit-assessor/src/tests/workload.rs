//! Bare pods and data that stays on a node.

use super::*;

#[test]
fn bare_pods() {
    let mut kubernetes = cluster("1.35.8");
    let mut insert = |name: &str, change: fn(&mut Pod)| {
        let mut pod = pod("a", None);
        change(&mut pod);
        kubernetes.pods.items.insert(key(name), pod);
    };
    insert("a/bare", |_| {});
    insert("a/ended", |pod| pod.phase = Phase::Succeeded);
    insert("a/going", |pod| pod.terminating = true);
    insert("a/mirror", |pod| pod.mirror = true);
    insert("a/owned", |pod| {
        pod.owner = Some(owner("batch/v1 Job", "j"));
    });
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'W',
        &["warning RFW110 Pod a/bare"],
    );
    assert_eq!(
        found[0].evidence[0].detail,
        "no controller owns the pod on w-1"
    );
    assert_eq!(found[0].application, Some(application("a")));
}

#[test]
fn data_that_stays_on_a_node() {
    let mut kubernetes = cluster("1.35.8");
    let local = || LocalData::LocalVolume("w-1".parse().unwrap());
    let mut insert = |name: &str, kind: &str, data: LocalData| {
        let owner = owner(
            kind,
            name.split_once('/').unwrap().1.split_once('-').unwrap().0,
        );
        let pod = Pod {
            local_data: data,
            ..pod("a", Some(owner))
        };
        kubernetes.pods.items.insert(key(name), pod);
    };
    insert("a/db-0", "apps/v1 StatefulSet", local());
    insert("a/db-1", "apps/v1 StatefulSet", local());
    insert("b/db-0", "apps/v1 StatefulSet", LocalData::EmptyDir);
    insert("a/web-x", "apps/v1 ReplicaSet", LocalData::EmptyDir);
    insert("a/agent-x", "apps/v1 DaemonSet", local());
    let (set, mut seen) = workload("ReplicaSet/a/web", Some(1), "web");
    seen.owner = Some(owner("apps/v1 Deployment", "shop"));
    kubernetes.workloads.items.insert(set, seen);
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'W',
        &[
            "warning RFW111 StatefulSet a/db",
            "info RFW112 Deployment a/shop",
            "info RFW112 StatefulSet b/db",
        ],
    );
    assert_eq!(
        found[0].title,
        "2 pods of StatefulSet db can run on one node only each"
    );
    assert_eq!(
        found[0].evidence[0].detail,
        "local volumes: db-0 on w-1, db-1 on w-1"
    );
}
