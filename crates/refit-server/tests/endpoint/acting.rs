//! Cordon, drain, wait and release, by the real client.

use crate::harbour::{self, Stage};
use refit_cluster::{CORDONED_BY, LiveWorld};
use refit_executor::ports::{Clock as _, World as _};
use refit_model::act::{Act, Answer, DrainAllowance, Epoch, Intent, KubeAct, Trace};
use refit_model::condition::{Condition, judge};
use refit_model::duration::Seconds;
use refit_model::kubernetes::Cordon;
use refit_model::name::NodeName;
use refit_model::query::Query;
use refit_model::seen::Seen;
use refit_twin::{ApiRequest, Method};
use serde_json::json;

fn w1() -> NodeName {
    "w-1".parse().unwrap()
}

async fn act(live: &LiveWorld, act: KubeAct) -> Answer {
    let intent = Intent {
        key: "key1".parse().unwrap(),
        epoch: Epoch(1),
        deadline: jiff::Timestamp::MAX,
        act: Act::Kube(act),
    };
    live.act(&intent).await
}

fn drain() -> KubeAct {
    KubeAct::Drain {
        node: w1(),
        allow: DrainAllowance::default(),
    }
}

fn acknowledged(waits_on: &[&str]) -> Answer {
    Answer::Acknowledged {
        operation: None,
        waits_on: waits_on.iter().map(|why| (*why).to_owned()).collect(),
    }
}

async fn holds(live: &LiveWorld, condition: &Condition) -> bool {
    let mut seen = None;
    for query in condition.needs() {
        let more = live.observe(&query).await;
        seen = Some(match seen {
            Some(before) => refit_executor::gather(before, more),
            None => more,
        });
    }
    judge(condition, &seen.unwrap()).holds()
}

fn evictions(asked: &[String]) -> Vec<&str> {
    asked
        .iter()
        .filter(|line| line.starts_with("POST "))
        .map(|line| line.split(['/', '?']).rev().nth(2).unwrap())
        .collect()
}

#[tokio::test]
async fn a_node_is_emptied_pass_by_pass_under_its_budget() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let live = stage.live();
    assert_eq!(
        act(&live, KubeAct::Cordon { node: w1() }).await,
        acknowledged(&[])
    );
    assert!(holds(&live, &Condition::NodeCordoned(w1())).await);
    assert!(matches!(
        live.probe(&"key1".parse().unwrap()).await,
        Trace::Present(_)
    ));
    stage.asked();

    let answer = act(&live, drain()).await;
    let Answer::Acknowledged { waits_on, .. } = &answer else {
        panic!("{answer:?}");
    };
    assert_eq!(waits_on.len(), 1);
    assert!(
        waits_on[0].starts_with("pod shop/web-1-")
            && waits_on[0].contains("is held by budget shop/web: The disruption budget web"),
        "{waits_on:?}"
    );
    let asked = stage.asked();
    let mut first = evictions(&asked);
    first.sort_unstable();
    assert_eq!(first, ["web-1-a", "web-1-b"], "each pod is asked once");
    assert!(!holds(&live, &Condition::NodeDrained(w1())).await);

    // The grid of `kubectl drain`: 5 s until the next pass, by which the
    // replacement is up.
    let mut passes = 1;
    while !holds(&live, &Condition::NodeDrained(w1())).await {
        passes += 1;
        assert!(passes < 10, "the drain does not end");
        let next = Seconds::new(5).after(stage.twin.now());
        stage.twin.sleep_until(next).await;
        assert!(matches!(
            act(&live, drain()).await,
            Answer::Acknowledged { .. }
        ));
    }
    assert!(passes > 1);
    let left = live.observe(&Query::PodsOn(w1())).await.kubernetes.unwrap();
    assert!(
        left.pods
            .items
            .values()
            .all(refit_model::kubernetes::Pod::is_daemon)
    );

    assert_eq!(
        act(&live, KubeAct::Uncordon { node: w1() }).await,
        acknowledged(&[])
    );
    assert!(holds(&live, &Condition::NodeReleased(w1())).await);
    let node = live.observe(&Query::Node(w1())).await.kubernetes.unwrap();
    assert_eq!(node.nodes.items[&w1()].cordon, Seen::Is(Cordon::Open));
}

#[tokio::test]
async fn a_closed_budget_is_asked_once_a_pass() {
    let stage = Stage::new(&harbour::snapshot(0)).await;
    let live = stage.live();
    act(&live, KubeAct::Cordon { node: w1() }).await;
    for pass in 0..3 {
        stage.asked();
        let answer = act(&live, drain()).await;
        assert!(
            matches!(&answer, Answer::Acknowledged { waits_on, .. } if waits_on.len() == 2),
            "{answer:?}"
        );
        assert_eq!(evictions(&stage.asked()).len(), 2, "pass {pass}");
    }
}

#[tokio::test]
async fn a_cordon_of_others_stays() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let close = ApiRequest::new(Method::Patch, "/api/v1/nodes/w-1").with_body(
        "application/merge-patch+json",
        &json!({"spec": {"unschedulable": true}}),
    );
    assert_eq!(stage.twin.with(|twin| twin.api(&close)).code, 200);
    let live = stage.live();
    for wish in [
        KubeAct::Cordon { node: w1() },
        KubeAct::Uncordon { node: w1() },
    ] {
        assert_eq!(act(&live, wish).await, acknowledged(&[]));
        let seen = live.observe(&Query::Node(w1())).await.kubernetes.unwrap();
        assert_eq!(seen.nodes.items[&w1()].cordon, Seen::Is(Cordon::Theirs));
    }
    assert!(stage.asked().iter().all(|line| line.starts_with("GET ")));
    let shown = stage
        .twin
        .with(|twin| twin.api(&ApiRequest::new(Method::Get, "/api/v1/nodes/w-1")));
    assert!(!String::from_utf8(shown.body).unwrap().contains(CORDONED_BY));
}

#[tokio::test]
async fn a_node_that_is_not_there_is_refused() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let node = "gone".parse().unwrap();
    let answer = act(&stage.live(), KubeAct::Cordon { node }).await;
    assert_eq!(
        answer,
        Answer::Refused(refit_model::act::Refusal::Denied(
            "node gone: 404: nodes \"gone\" not found".to_owned()
        ))
    );
}
