//! What the live world sees of a twin is what the twin shows of itself.

use crate::harbour::{self, Stage};
use refit_executor::ports::World as _;
use refit_model::query::Query;
use refit_model::seen::{Extent, Seen, Unseen};
use refit_model::snapshot::IdentityBasis;

#[tokio::test]
async fn every_question_is_answered_as_the_twin_itself_does() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let live = stage.live();
    let w1 = "w-1".parse::<refit_model::name::NodeName>().unwrap();
    for query in [
        Query::ControlPlane,
        Query::Nodes,
        Query::Node(w1.clone()),
        Query::Node("gone".parse().unwrap()),
        Query::Pods,
        Query::PodsOn(w1),
        Query::Budgets,
        Query::Workloads,
    ] {
        let seen = live.observe(&query).await;
        let shown = stage.twin.observe(&query).await;
        assert_eq!(seen.cluster, shown.cluster, "{query:?}");
        assert_eq!(seen.taken_at, shown.taken_at, "{query:?}");
        assert_eq!(seen.gaps, shown.gaps, "{query:?}");
        let (mut seen, mut shown) = (seen.kubernetes.unwrap(), shown.kubernetes.unwrap());
        // Nothing that is polled needs the version of every kube-proxy, so the
        // live world does not list all pods for it.
        for node in seen
            .nodes
            .items
            .values_mut()
            .chain(shown.nodes.items.values_mut())
        {
            node.kube_proxy = Seen::Gap(Unseen::NotAsked);
        }
        assert_eq!(seen.components, shown.components, "{query:?}");
        assert_eq!(seen.nodes, shown.nodes, "{query:?}");
        for (key, pod) in &seen.pods.items {
            assert_eq!(Some(pod), shown.pods.items.get(key), "{query:?} {key}");
        }
        assert_eq!(seen.pods, shown.pods, "{query:?}");
        assert_eq!(seen.budgets, shown.budgets, "{query:?}");
        assert_eq!(seen.workloads, shown.workloads, "{query:?}");
        assert_eq!(seen.server, shown.server, "{query:?}");
    }
}

#[tokio::test]
async fn everything_is_seen_and_the_cluster_says_who_it_is() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let seen = stage.live().observe(&Query::Everything).await;
    assert_eq!(seen.cluster.id.as_str(), harbour::UID);
    assert_eq!(seen.cluster.basis, IdentityBasis::KubeSystemUid);
    let kubernetes = seen.kubernetes.unwrap();
    let shown = stage.twin.observe(&Query::Everything).await;
    let shown = shown.kubernetes.unwrap();
    assert_eq!(kubernetes.distribution, shown.distribution);
    assert_eq!(kubernetes.components, shown.components);
    assert_eq!(kubernetes.nodes, shown.nodes);
    assert_eq!(kubernetes.pods, shown.pods);
    assert_eq!(kubernetes.workloads, shown.workloads);
    assert_eq!(kubernetes.budgets, shown.budgets);
    assert_eq!(kubernetes.server, Seen::Is("1.31.9".parse().unwrap()));
    assert_eq!(kubernetes.nodes.extent, Extent::Whole);
    assert_eq!(kubernetes.nodes.items.len(), 3);
    assert_eq!(kubernetes.components.items.len(), 4);
    assert!(kubernetes.pods.complete().is_ok());
    assert!(kubernetes.budgets.complete().is_ok());
    assert!(kubernetes.workloads.complete().is_ok());
    assert!(kubernetes.webhooks.complete().is_ok());
    assert!(kubernetes.definitions.complete().is_ok());
    assert!(kubernetes.services.complete().is_ok());
    assert!(
        stage
            .asked()
            .iter()
            .all(|line| line.starts_with("GET ") && !line.contains("secrets"))
    );
}

/// More pods than a page holds: the server hands out places, and the client
/// follows them.
#[tokio::test]
async fn long_lists_are_read_in_pages() {
    let mut snapshot = harbour::snapshot(1);
    let pods = &mut snapshot.kubernetes.as_mut().unwrap().pods.items;
    let log = pods
        .iter()
        .find(|(key, _)| key.name.as_str() == "log-a")
        .map(|(_, pod)| pod.clone())
        .unwrap();
    for count in 0..1200 {
        let mut pod = log.clone();
        pod.uid = format!("uid-many-{count:04}");
        pod.node = None;
        pods.insert(format!("shop/many-{count:04}").parse().unwrap(), pod);
    }
    let expected = pods.len();
    let stage = Stage::new(&snapshot).await;
    let seen = stage.live().observe(&Query::Pods).await;
    assert_eq!(
        seen.kubernetes
            .unwrap()
            .pods
            .complete()
            .map(std::collections::BTreeMap::len),
        Ok(expected)
    );
    let pages = stage
        .asked()
        .iter()
        .filter(|line| line.starts_with("GET /api/v1/pods?limit=500"))
        .count();
    assert_eq!(pages, expected.div_ceil(500));
}

#[tokio::test]
async fn an_endpoint_that_has_ended_is_not_there() {
    let stage = Stage::new(&harbour::snapshot(1)).await;
    let live = stage.live();
    let before = live.observe(&Query::Nodes).await;
    stage.served.end().await.unwrap();
    let after = live.observe(&Query::Nodes).await;
    assert_eq!(before.cluster, after.cluster);
    let nodes = &after.kubernetes.unwrap().nodes;
    assert!(
        matches!(&nodes.extent, Extent::Part(Unseen::Failed(_))),
        "{:?}",
        nodes.extent
    );
}
