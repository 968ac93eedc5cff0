//! What the live world sends when it acts, and what it makes of the answers.

use crate::scripted::{Asked, Reply, Scripted};
use refit_cluster::{CORDONED_BY, Hands, LiveWorld};
use refit_executor::ports::World as _;
use refit_model::act::{
    Act, Adapter, Allowed, Answer, DrainAllowance, Epoch, Fence, Intent, JujuAct, KubeAct,
    KubeadmAct, PersonAct, Refusal, Trace,
};
use refit_model::name::NodeName;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const NODE: &str = "GET /api/v1/nodes/w-1";
const PATCH: &str = "PATCH /api/v1/nodes/w-1";
const PODS: &str = "GET /api/v1/pods";

fn intent(act: KubeAct) -> Intent {
    Intent {
        key: "key2".parse().unwrap(),
        epoch: Epoch(7),
        deadline: jiff::Timestamp::MAX,
        act: Act::Kube(act),
    }
}

fn w1() -> NodeName {
    "w-1".parse().unwrap()
}

fn cordon() -> Intent {
    intent(KubeAct::Cordon { node: w1() })
}

fn uncordon() -> Intent {
    intent(KubeAct::Uncordon { node: w1() })
}

fn drain(allow: Allowed) -> Intent {
    intent(KubeAct::Drain {
        node: w1(),
        allow: DrainAllowance {
            bare_pods: allow,
            empty_dirs: allow,
        },
    })
}

fn world(server: &Scripted) -> LiveWorld {
    LiveWorld::from_client(server.client(), Hands::Kube)
}

fn acknowledged(waits_on: &[&str]) -> Answer {
    Answer::Acknowledged {
        operation: None,
        waits_on: waits_on.iter().map(|why| (*why).to_owned()).collect(),
    }
}

fn node(closed: bool, by: Option<&str>) -> Value {
    json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "w-1", "resourceVersion": "41", "annotations": by.map(|by| json!({CORDONED_BY: by}))},
        "spec": {"unschedulable": closed}})
}

fn pod(name: &str, owner: Option<&str>) -> Value {
    json!({"metadata": {"namespace": "shop", "name": name, "uid": format!("uid-{name}"),
            "ownerReferences": owner.map(|kind| json!([{"apiVersion": "apps/v1", "kind": kind, "name": "o", "controller": true}]))},
        "spec": {"nodeName": "w-1"}, "status": {"phase": "Running"}})
}

fn pods(items: &[Value]) -> Reply {
    Reply::Json(
        200,
        json!({"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": items}),
    )
}

fn status(code: u16, message: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "message": message})
}

fn blocked() -> Value {
    let mut status = status(
        429,
        "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    status["reason"] = json!("TooManyRequests");
    status["details"] = json!({"causes": [{"reason": "DisruptionBudget",
        "message": "The disruption budget web needs 2 healthy pods and has 2 currently"}]});
    status
}

#[tokio::test]
async fn a_cordon_names_what_it_read_and_bears_its_key() {
    let server = Scripted::new(|asked| match asked.method.as_str() {
        "GET" => Reply::Json(200, node(false, None)),
        _ => Reply::Json(200, node(true, Some("key2"))),
    });
    assert_eq!(world(&server).act(&cordon()).await, acknowledged(&[]));
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].line(), PATCH);
    assert_eq!(asked[1].target, "/api/v1/nodes/w-1?fieldManager=refit");
    assert!(
        asked[1]
            .headers
            .contains("content-type: application/merge-patch+json")
    );
    assert_eq!(
        asked[1].body,
        json!({"metadata": {"resourceVersion": "41", "annotations": {CORDONED_BY: "key2"}},
            "spec": {"unschedulable": true}})
    );
}

#[tokio::test]
async fn a_cordon_of_others_is_neither_taken_nor_undone() {
    let server = Scripted::new(|_| Reply::Json(200, node(true, None)));
    let world = world(&server);
    assert_eq!(world.act(&cordon()).await, acknowledged(&[]));
    assert_eq!(world.act(&uncordon()).await, acknowledged(&[]));
    assert_eq!((server.count(NODE), server.count(PATCH)), (2, 0));
}

#[tokio::test]
async fn our_own_cordon_is_undone_with_its_annotation() {
    let server = Scripted::new(|asked| match asked.method.as_str() {
        "GET" => Reply::Json(200, node(true, Some("an-earlier-key"))),
        _ => Reply::Json(200, node(false, None)),
    });
    assert_eq!(world(&server).act(&uncordon()).await, acknowledged(&[]));
    assert_eq!(
        server.asked()[1].body,
        json!({"metadata": {"resourceVersion": "41", "annotations": {CORDONED_BY: null}},
            "spec": {"unschedulable": null}})
    );
}

#[tokio::test]
async fn a_node_that_changed_in_between_is_read_again() {
    let patches = AtomicUsize::new(0);
    let server = Scripted::new(move |asked| match asked.method.as_str() {
        "GET" => Reply::Json(200, node(false, None)),
        _ if patches.fetch_add(1, Ordering::SeqCst) == 0 => {
            Reply::Json(409, status(409, "changed"))
        }
        _ => Reply::Json(200, node(true, Some("key2"))),
    });
    assert_eq!(world(&server).act(&cordon()).await, acknowledged(&[]));
    assert_eq!((server.count(NODE), server.count(PATCH)), (2, 2));
}

#[tokio::test]
async fn a_cordon_that_cannot_be_says_why() {
    let check = async |reply: fn(&Asked) -> Reply, expected: fn(&Answer) -> bool| {
        let server = Scripted::new(reply);
        let answer = world(&server).act(&cordon()).await;
        assert!(expected(&answer), "{answer:?}");
    };
    let denied = |answer: &Answer| matches!(answer, Answer::Refused(Refusal::Denied(_)));
    let later = |answer: &Answer| matches!(answer, Answer::Refused(Refusal::Later { .. }));
    let unknown = |answer: &Answer| matches!(answer, Answer::Unknown(_));
    check(|_| Reply::Json(404, status(404, "no such node")), denied).await;
    check(|_| Reply::Json(403, status(403, "may not")), denied).await;
    check(|_| Reply::Json(503, status(503, "starting")), later).await;
    check(|_| Reply::Half, later).await;
    check(
        |asked| match asked.method.as_str() {
            "GET" => Reply::Json(200, node(false, None)),
            _ => Reply::Nothing,
        },
        unknown,
    )
    .await;
    check(
        |asked| match asked.method.as_str() {
            "GET" => Reply::Json(200, node(false, None)),
            _ => Reply::Json(409, status(409, "changed")),
        },
        later,
    )
    .await;
}

/// The client repeats a 429 up to 15 times unless it is told not to; an
/// eviction that a budget refuses would then hang for minutes.
#[tokio::test]
async fn one_pass_asks_each_pod_once_whatever_the_budget_says() {
    let server = Scripted::new(|asked| match asked.line().as_str() {
        PODS => pods(&[
            pod("web-0", Some("StatefulSet")),
            pod("web-1", Some("StatefulSet")),
            pod("log", Some("DaemonSet")),
        ]),
        "POST /api/v1/namespaces/shop/pods/web-0/eviction" => {
            Reply::With(429, "retry-after: 1", blocked())
        }
        _ => Reply::Json(201, json!({"kind": "Status", "status": "Success"})),
    });
    let world = world(&server);
    assert_eq!(
        world.act(&drain(Allowed::No)).await,
        acknowledged(&["pod shop/web-0 is held by budget shop/web: \
            The disruption budget web needs 2 healthy pods and has 2 currently"])
    );
    for name in ["web-0", "web-1"] {
        let line = format!("POST /api/v1/namespaces/shop/pods/{name}/eviction");
        assert_eq!(server.count(&line), 1, "{name}");
    }
    assert_eq!(server.asked().len(), 3);
    assert_eq!(
        server.asked()[0].target,
        "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dw-1"
    );
    let eviction = server
        .asked()
        .into_iter()
        .find(|asked| asked.target.contains("web-1"));
    assert_eq!(
        eviction.unwrap().body,
        json!({"apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"namespace": "shop", "name": "web-1"},
            "deleteOptions": {"preconditions": {"uid": "uid-web-1"}}})
    );
}

#[tokio::test]
async fn nothing_is_touched_when_a_pod_would_be_lost() {
    let server = Scripted::new(|_| pods(&[pod("web-0", Some("StatefulSet")), pod("task", None)]));
    let world = world(&server);
    assert_eq!(
        world.act(&drain(Allowed::No)).await,
        Answer::Refused(Refusal::Denied(
            "pod shop/task has no controller and would never come back".to_owned()
        ))
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn half_a_list_of_pods_evicts_nobody() {
    let server = Scripted::new(|asked| {
        if asked.target.contains("continue=") {
            return Reply::Json(500, status(500, "etcd"));
        }
        Reply::Json(
            200,
            json!({"kind": "PodList", "metadata": {"continue": "c"}, "items": [pod("web-0", Some("StatefulSet"))]}),
        )
    });
    let answer = world(&server).act(&drain(Allowed::Yes)).await;
    assert!(
        matches!(&answer, Answer::Refused(Refusal::Later { why, .. }) if why.contains("500: etcd")),
        "{answer:?}"
    );
    assert!(server.asked().iter().all(|asked| asked.method == "GET"));
}

#[tokio::test]
async fn a_lost_answer_to_an_eviction_is_unknown() {
    let server = Scripted::new(|asked| match asked.line().as_str() {
        PODS => pods(&[pod("web-0", Some("StatefulSet"))]),
        _ => Reply::Nothing,
    });
    let answer = world(&server).act(&drain(Allowed::No)).await;
    assert!(
        matches!(&answer, Answer::Unknown(why) if why.contains("shop/web-0")),
        "{answer:?}"
    );
    let posts = server
        .asked()
        .into_iter()
        .filter(|asked| asked.method == "POST");
    assert_eq!(posts.count(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_did_nothing() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let client = refit_cluster::client(kube::Config::new(url.parse().unwrap())).unwrap();
    let world = LiveWorld::from_client(client, Hands::Kube);
    for intent in [cordon(), uncordon(), drain(Allowed::Yes)] {
        let answer = world.act(&intent).await;
        assert!(
            matches!(&answer, Answer::Refused(Refusal::Later { why, .. }) if why.contains("refused")),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn there_are_no_hands_for_anything_else() {
    let server = Scripted::new(|_| Reply::Json(500, Value::Null));
    let acts = [
        (
            Act::Kubeadm(KubeadmAct::Node {
                node: w1(),
                to: "1.32.1".parse().unwrap(),
            }),
            Adapter::Ssh,
        ),
        (
            Act::Juju(JujuAct::Refresh {
                application: "k8s".parse().unwrap(),
                channel: None,
            }),
            Adapter::Juju,
        ),
        (
            Act::Person(PersonAct::Do {
                instructions: "look".to_owned(),
                commands: Vec::new(),
            }),
            Adapter::Person,
        ),
    ];
    let live = world(&server);
    for (act, adapter) in acts {
        let intent = Intent { act, ..cordon() };
        assert_eq!(
            live.act(&intent).await,
            Answer::Refused(Refusal::NoHands(adapter))
        );
    }
    let looking = world(&server).with_hands(Hands::Tied);
    assert_eq!(
        looking.act(&cordon()).await,
        Answer::Refused(Refusal::NoHands(Adapter::Kube))
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_lower_epoch_is_refused() {
    let server = Scripted::new(|_| Reply::Json(200, node(true, None)));
    let world = world(&server);
    assert_eq!(world.act(&cordon()).await, acknowledged(&[]));
    let older = Intent {
        epoch: Epoch(6),
        ..cordon()
    };
    assert_eq!(
        world.act(&older).await,
        Answer::Refused(Refusal::Fenced(Epoch(7)))
    );
    assert_eq!(world.fence(Epoch(9)).await, Fence::Unsupported);
    assert_eq!(
        world.act(&cordon()).await,
        Answer::Refused(Refusal::Fenced(Epoch(9)))
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_behind_the_deadline() {
    let server = Scripted::new(|_| Reply::Json(200, node(false, None)));
    let now: jiff::Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
    let world = world(&server).timed_by(move || now);
    let late = Intent {
        deadline: now,
        ..cordon()
    };
    assert!(matches!(
        world.act(&late).await,
        Answer::Refused(Refusal::Later { .. })
    ));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_key_is_looked_for_on_every_node() {
    let check = async |key: &'static str, failing: bool, expected: fn(&Trace) -> bool| {
        let server = Scripted::new(move |_| {
            if failing {
                return Reply::Json(403, status(403, "may not"));
            }
            Reply::Json(
                200,
                json!({"kind": "NodeList", "items": [node(true, None), node(true, Some(key))]}),
            )
        });
        let trace = world(&server).probe(&"key2".parse().unwrap()).await;
        assert!(expected(&trace), "{trace:?}");
    };
    check(
        "key2",
        false,
        |trace| matches!(trace, Trace::Present(why) if why.contains("w-1")),
    )
    .await;
    check("key1", false, |trace| matches!(trace, Trace::CannotTell(_))).await;
    check(
        "key2",
        true,
        |trace| matches!(trace, Trace::CannotTell(why) if why.contains("may not")),
    )
    .await;
}
