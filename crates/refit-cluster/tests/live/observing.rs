//! What the live world asks when it looks, and how far it says it saw.

use crate::scripted::{Asked, Reply, Scripted};
use refit_cluster::{ApiFacts, Hands, HelmReleases, LiveWorld};
use refit_executor::ports::World as _;
use refit_model::kubernetes::{
    ComponentKind, Cordon, Distribution, FieldState, Kubernetes, NodeRole, WatchedField,
};
use refit_model::query::Query;
use refit_model::seen::{Extent, Seen, Unseen};
use refit_model::snapshot::{Area, IdentityBasis, Snapshot};
use refit_sources::{Tally, Watch};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const IDENTITY: &str = "GET /api/v1/namespaces/kube-system";
const UID: &str = "0b6f3a52-8c1f-4d0e-9a53-5d7c7d8d8a11";

fn list(kind: &str, items: &[Value]) -> Reply {
    Reply::Json(
        200,
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"resourceVersion": "9"}, "items": items}),
    )
}

fn identity() -> Reply {
    Reply::Json(
        200,
        json!({"kind": "Namespace", "metadata": {"name": "kube-system", "uid": UID}}),
    )
}

fn refused(code: u16) -> Reply {
    Reply::Json(
        code,
        json!({"kind": "Status", "status": "Failure", "code": code, "message": "because"}),
    )
}

fn node(name: &str) -> Value {
    json!({"metadata": {"name": name, "annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "x"}},
        "spec": {}, "status": {"nodeInfo": {"kubeletVersion": "v1.31.9"},
            "conditions": [{"type": "Ready", "status": "True"}]}})
}

fn pod(namespace: &str, name: &str, node: &str, labels: &Value, image: &str) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name, "uid": name, "labels": labels,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d", "controller": true}]},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": image}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})
}

/// A small cluster that serves everything that is asked for.
fn cluster(asked: &Asked) -> Reply {
    let line = asked.line();
    let path = line.strip_prefix("GET ").unwrap();
    match path {
        "/version" => Reply::Json(
            200,
            json!({"major": "1", "minor": "31", "gitVersion": "v1.31.9"}),
        ),
        "/api/v1/namespaces/kube-system" => identity(),
        "/api/v1/nodes" => list("NodeList", &[node("cp-1"), node("w-1")]),
        "/api/v1/nodes/w-1" => Reply::Json(200, node("w-1")),
        "/api/v1/pods" | "/api/v1/namespaces/kube-system/pods" => {
            let plane = json!({"component": "kube-apiserver", "tier": "control-plane"});
            let proxy = json!({"k8s-app": "kube-proxy"});
            list(
                "PodList",
                &[
                    pod(
                        "kube-system",
                        "kube-apiserver-cp-1",
                        "cp-1",
                        &plane,
                        "registry.k8s.io/kube-apiserver:v1.31.9",
                    ),
                    pod(
                        "kube-system",
                        "kube-proxy-a",
                        "w-1",
                        &proxy,
                        "registry.k8s.io/kube-proxy:v1.31.8",
                    ),
                ],
            )
        }
        _ if path.starts_with("/api") => list("List", &[]),
        _ => refused(404),
    }
}

async fn seen(server: &Scripted, query: Query) -> Snapshot {
    LiveWorld::from_client(server.client(), Hands::Tied)
        .called("harbour")
        .observe(&query)
        .await
}

fn side(snapshot: &Snapshot) -> &Kubernetes {
    snapshot.kubernetes.as_ref().unwrap()
}

#[tokio::test]
async fn everything_is_read_page_by_page_at_stable_versions_without_secrets() {
    let server = Scripted::new(cluster);
    let snapshot = seen(&server, Query::Everything).await;
    assert_eq!(snapshot.cluster.id.as_str(), UID);
    assert_eq!(snapshot.cluster.name, "harbour");
    assert_eq!(snapshot.cluster.basis, IdentityBasis::KubeSystemUid);
    let k = side(&snapshot);
    assert_eq!(k.server, Seen::Is("1.31.9".parse().unwrap()));
    assert_eq!(k.distribution, Seen::Is(Distribution::Kubeadm));
    assert_eq!(k.nodes.extent, Extent::Whole);
    assert_eq!(k.pods.items.len(), 2);
    assert_eq!(k.components.items.len(), 1);
    let worker = &k.nodes.items[&"w-1".parse().unwrap()];
    assert_eq!(worker.kube_proxy, Seen::Is(Some("1.31.8".parse().unwrap())));
    assert_eq!(worker.cordon, Seen::Is(Cordon::Open));
    assert_eq!(worker.role, Seen::Is(NodeRole::Worker));
    for extent in [
        &k.workloads.complete().err(),
        &k.budgets.complete().err(),
        &k.webhooks.complete().err(),
        &k.definitions.complete().err(),
        &k.api_services.complete().err(),
        &k.services.complete().err(),
    ] {
        assert_eq!(extent, &None);
    }
    assert_eq!(k.releases.extent, Extent::Part(Unseen::NotAsked));
    let areas: Vec<_> = snapshot.gaps.iter().map(|gap| gap.area).collect();
    assert_eq!(areas, [Area::Apis, Area::Releases, Area::Backups]);
    for asked in server.asked() {
        assert_eq!(asked.method, "GET");
        assert!(!asked.target.contains("secrets"), "{}", asked.target);
        assert!(
            !asked.target.contains("alpha") && !asked.target.contains("beta"),
            "{}",
            asked.target
        );
        let single = ["/version", "/api/v1/namespaces/kube-system"];
        assert!(
            asked.target.contains("limit=") || single.contains(&asked.target.as_str()),
            "{}",
            asked.target
        );
    }
}

#[tokio::test]
async fn a_restricted_question_says_that_it_was_one() {
    let server = Scripted::new(cluster);
    let w1: refit_model::name::NodeName = "w-1".parse().unwrap();
    let other = "w-2".parse().unwrap();

    let snapshot = seen(&server, Query::Node(w1.clone())).await;
    let k = side(&snapshot);
    assert!(k.nodes.find(&w1).unwrap().is_some());
    assert_eq!(k.nodes.find(&other), Err(Unseen::NotAsked));
    assert_eq!(k.pods.extent, Extent::Part(Unseen::NotAsked));

    let snapshot = seen(&server, Query::PodsOn(w1.clone())).await;
    let k = side(&snapshot);
    assert_eq!(k.pods.covers(&w1), Ok(()));
    assert_eq!(k.pods.covers(&other), Err(Unseen::NotAsked));
    assert_eq!(k.nodes.extent, Extent::Part(Unseen::NotAsked));
    let last = server.asked().pop().unwrap();
    assert_eq!(
        last.target,
        "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dw-1"
    );

    let snapshot = seen(&server, Query::ControlPlane).await;
    let k = side(&snapshot);
    let kinds: Vec<_> = k.components.items.keys().map(|key| key.kind).collect();
    assert_eq!(kinds, [ComponentKind::KubeApiserver]);
    assert_eq!(k.pods.extent, Extent::Part(Unseen::NotAsked));
}

#[tokio::test]
async fn a_node_that_is_not_there_is_known_not_to_be() {
    let server = Scripted::new(|asked| match asked.line().as_str() {
        IDENTITY => identity(),
        _ => refused(404),
    });
    let name: refit_model::name::NodeName = "gone".parse().unwrap();
    let snapshot = seen(&server, Query::Node(name.clone())).await;
    assert_eq!(side(&snapshot).nodes.find(&name), Ok(None));
    assert!(snapshot.gaps.is_empty());
}

#[tokio::test]
async fn what_may_not_be_seen_is_a_gap_and_not_an_absence() {
    let check = async |code: u16, forbidden: bool| {
        let server = Scripted::new(move |asked| match asked.line().as_str() {
            IDENTITY => identity(),
            _ => refused(code),
        });
        let snapshot = seen(&server, Query::Budgets).await;
        let why = format!("{code}: because");
        let expected = if forbidden {
            Unseen::Forbidden(why)
        } else {
            Unseen::Failed(why)
        };
        assert_eq!(side(&snapshot).budgets.complete(), Err(expected.clone()));
        assert_eq!(snapshot.gaps.len(), 1);
        assert_eq!(snapshot.gaps[0].why, expected);
        assert_eq!(snapshot.gaps[0].area, Area::Budgets);
        assert!(
            snapshot.gaps[0]
                .command
                .as_ref()
                .unwrap()
                .starts_with("kubectl")
        );
    };
    check(403, true).await;
    check(401, true).await;
    check(404, false).await;
    check(500, false).await;
}

#[tokio::test]
async fn lists_follow_the_server_from_page_to_page() {
    let server = Scripted::new(|asked| {
        if asked.line() == IDENTITY {
            return identity();
        }
        let (items, place) = if asked.target.contains("continue=page%2F2") {
            ([node("w-3")], json!(null))
        } else {
            ([node("w-2")], json!("page/2"))
        };
        Reply::Json(
            200,
            json!({"kind": "NodeList", "metadata": {"continue": place}, "items": items}),
        )
    });
    let snapshot = seen(&server, Query::Nodes).await;
    let names: Vec<_> = side(&snapshot)
        .nodes
        .complete()
        .unwrap()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["w-2", "w-3"]);
    assert_eq!(server.count("GET /api/v1/nodes"), 2);
}

#[tokio::test]
async fn a_list_whose_place_expired_is_begun_again_and_a_circle_is_left() {
    let pages = AtomicUsize::new(0);
    let server = Scripted::new(move |asked| {
        if asked.line() == IDENTITY {
            return identity();
        }
        match pages.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Json(
                200,
                json!({"kind": "NodeList", "metadata": {"continue": "a"}, "items": [node("old")]}),
            ),
            1 => refused(410),
            _ => list("NodeList", &[node("new")]),
        }
    });
    let snapshot = seen(&server, Query::Nodes).await;
    let names: Vec<_> = side(&snapshot)
        .nodes
        .complete()
        .unwrap()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["new"]);

    let server = Scripted::new(|asked| {
        if asked.line() == IDENTITY {
            return identity();
        }
        Reply::Json(
            200,
            json!({"kind": "NodeList", "metadata": {"continue": "a"}, "items": [node("w-1")]}),
        )
    });
    let snapshot = seen(&server, Query::Nodes).await;
    assert!(side(&snapshot).nodes.complete().is_err());
    assert_eq!(server.count("GET /api/v1/nodes"), 2);
}

#[tokio::test]
async fn an_object_that_cannot_be_understood_leaves_a_hole() {
    let server = Scripted::new(|asked| match asked.line().as_str() {
        IDENTITY => identity(),
        _ => list("NodeList", &[node("w-1"), node("a node")]),
    });
    let snapshot = seen(&server, Query::Nodes).await;
    let nodes = &side(&snapshot).nodes;
    assert_eq!(nodes.items.len(), 1);
    assert!(
        matches!(&nodes.extent, Extent::Part(Unseen::Failed(why)) if why.contains("a node")),
        "{:?}",
        nodes.extent
    );
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_a_broken_answer_is_a_gap() {
    let busy = AtomicUsize::new(0);
    let server = Scripted::new(move |asked| match asked.line().as_str() {
        IDENTITY => identity(),
        _ if busy.fetch_add(1, Ordering::SeqCst) == 0 => {
            Reply::With(429, "retry-after: 0", json!({}))
        }
        _ => list("NodeList", &[]),
    });
    let snapshot = seen(&server, Query::Nodes).await;
    assert_eq!(side(&snapshot).nodes.extent, Extent::Whole);
    assert_eq!(server.count("GET /api/v1/nodes"), 2);

    let check = async |reply: fn() -> Reply, tries: usize, why: &str| {
        let server = Scripted::new(move |asked| match asked.line().as_str() {
            IDENTITY => identity(),
            _ => reply(),
        });
        let snapshot = seen(&server, Query::Nodes).await;
        let found = side(&snapshot).nodes.complete().unwrap_err();
        assert!(
            matches!(&found, Unseen::Failed(text) if text.contains(why)),
            "{found:?}"
        );
        assert_eq!(server.count("GET /api/v1/nodes"), tries, "{found:?}");
    };
    check(|| Reply::Half, 3, "").await;
    check(|| Reply::With(503, "retry-after: 60", json!({})), 1, "503").await;
    check(|| Reply::Text(200, "{"), 1, "not JSON").await;
    check(|| Reply::Json(200, json!({"items": 7})), 1, "not a list").await;
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_has_not_become_another_one() {
    let down = std::sync::Arc::new(AtomicUsize::new(0));
    let switch = std::sync::Arc::clone(&down);
    let server = Scripted::new(move |asked| match switch.load(Ordering::SeqCst) {
        0 => cluster(asked),
        _ => refused(500),
    });
    let world = LiveWorld::from_client(server.client(), Hands::Tied);
    let before = world.observe(&Query::Nodes).await;
    down.store(1, Ordering::SeqCst);
    let after = world.observe(&Query::Nodes).await;
    assert_eq!(before.cluster, after.cluster);
    assert!(side(&after).nodes.complete().is_err());
    assert_eq!(after.gaps.len(), 2);

    let stranger = seen(&server, Query::Nodes).await;
    assert_eq!(stranger.cluster.basis, IdentityBasis::Given);
    assert_ne!(stranger.cluster.id, before.cluster.id);
}

#[tokio::test]
async fn nothing_is_known_of_a_server_that_is_not_there() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let client = refit_cluster::client(kube::Config::new(url.parse().unwrap())).unwrap();
    let snapshot = LiveWorld::from_client(client, Hands::Tied)
        .observe(&Query::Everything)
        .await;
    let k = side(&snapshot);
    assert!(
        matches!(&k.server, Seen::Gap(Unseen::Failed(why)) if why.contains("refused")),
        "{:?}",
        k.server
    );
    assert!(
        k.nodes.complete().is_err()
            && k.pods.complete().is_err()
            && k.workloads.complete().is_err()
    );
    assert!(
        k.budgets.complete().is_err()
            && k.webhooks.complete().is_err()
            && k.components.complete().is_err()
    );
}

/// A survey that knows of no group: what is read whole, and no releases.
async fn surveyed(server: &Scripted) -> Snapshot {
    LiveWorld::from_client(server.client(), Hands::Tied)
        .survey(
            &ApiFacts::default(),
            HelmReleases::NotAsked,
            &Tally::default(),
        )
        .await
        .snapshot
}

#[tokio::test]
async fn a_survey_goes_on_where_an_expired_list_can_and_counts_nothing_twice() {
    let check = async |expired: fn() -> Reply, names: &[&str], requests: usize| {
        let old = AtomicUsize::new(0);
        let server = Scripted::new(move |asked| {
            if asked.line() != "GET /api/v1/nodes" {
                return cluster(asked);
            }
            let first = old.fetch_add(1, Ordering::SeqCst) == 0;
            let place = |place: &str| asked.target.contains(&format!("continue={place}"));
            if place("old") {
                expired()
            } else if place("new") {
                list("NodeList", &[node("c")])
            } else if first {
                Reply::Json(
                    200,
                    json!({"apiVersion": "v1", "kind": "NodeList", "metadata": {"continue": "old"},
                        "items": [node("a")]}),
                )
            } else {
                list("NodeList", &[node("b"), node("c")])
            }
        });
        let snapshot = surveyed(&server).await;
        let nodes = side(&snapshot).nodes.complete().unwrap();
        let found: Vec<_> = nodes.keys().map(ToString::to_string).collect();
        assert_eq!(found, names);
        assert_eq!(server.count("GET /api/v1/nodes"), requests);
    };
    let named = || {
        Reply::Json(
            410,
            json!({"kind": "Status", "code": 410, "metadata": {"continue": "new"}}),
        )
    };
    check(named, &["a", "c"], 3).await;
    // Begun again: what the first beginning gave has gone since.
    check(|| refused(410), &["b", "c"], 3).await;
}

#[tokio::test]
async fn a_kind_is_read_whole_where_a_later_minor_takes_a_field_away() {
    // Whether the objects themselves were asked for, and how often the field was
    // seen, on a server of 1.31.
    let check = async |lost_in: &str, whole: bool, uses: usize| {
        let server = Scripted::new(|asked| match asked.line().as_str() {
            "GET /api" => Reply::Json(200, json!({"kind": "APIVersions", "versions": []})),
            "GET /apis" => Reply::Json(
                200,
                json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "batch"},
                    "versions": [{"version": "v1", "resources": [{"resource": "cronjobs",
                        "responseKind": {"kind": "CronJob"}, "scope": "Namespaced",
                        "verbs": ["list"]}]}]}]}),
            ),
            "GET /apis/batch/v1/cronjobs" => Reply::Json(
                200,
                json!({"apiVersion": "batch/v1", "kind": "CronJobList", "metadata": {},
                    "items": [{"metadata": {"namespace": "a", "name": "b", "uid": "c"},
                        "spec": {"schedule": "@daily"}}]}),
            ),
            _ => cluster(asked),
        });
        let field = WatchedField {
            api: "batch/v1 CronJob".parse().unwrap(),
            path: "spec.schedule".to_owned(),
            state: FieldState::Set,
            minor: lost_in.parse().unwrap(),
        };
        let facts = ApiFacts {
            groups: ["batch".to_owned()].into(),
            watch: Watch::new("1.37".parse().unwrap(), [field]),
            ..ApiFacts::default()
        };
        let survey = LiveWorld::from_client(server.client(), Hands::Tied)
            .survey(&facts, HelmReleases::NotAsked, &Tally::default())
            .await;
        let found = side(&survey.snapshot).fields.get().unwrap();
        assert_eq!(found.uses.len(), uses);
        let asked = server.asked();
        let asked = asked
            .iter()
            .find(|asked| asked.line().ends_with("/cronjobs"))
            .unwrap();
        let metadata_alone = asked.headers.contains("as=partialobjectmetadatalist");
        assert_eq!(metadata_alone, !whole, "{}", asked.headers);
    };
    check("1.32", true, 1).await;
    check("1.31", false, 0).await;
}

#[tokio::test]
async fn a_survey_survives_what_a_busy_network_does() {
    let bad = AtomicUsize::new(0);
    let server = Scripted::new(move |asked| {
        if asked.line() != "GET /api/v1/nodes" {
            return cluster(asked);
        }
        match bad.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::With(429, "retry-after: 0", json!({})),
            1 => Reply::Half,
            2 => Reply::Nothing,
            _ => cluster(asked),
        }
    });
    let snapshot = surveyed(&server).await;
    assert_eq!(
        side(&snapshot)
            .nodes
            .complete()
            .map(std::collections::BTreeMap::len),
        Ok(2)
    );
    assert_eq!(server.count("GET /api/v1/nodes"), 4);
}
