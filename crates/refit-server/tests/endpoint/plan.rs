//! One plan, carried out by the executor through the real client.
//!
//! The same executor, the same plan and the same cluster as in a rehearsal; what
//! differs is that every look and every act goes over HTTP.

use crate::harbour::{self, Stage};
use refit_cluster::LiveWorld;
use refit_executor::ports::World;
use refit_executor::{MemoryJournal, Ports, RunOptions, RunOutcome, StepSpan, run, timeline};
use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::fingerprint::Fingerprint;
use refit_model::governance::Governance;
use refit_model::name::OpKey;
use refit_model::plan::{Goal, Hop, MadeFrom, PlanBody, Stage as PlanStage, UpgradePlan};
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_model::step::{Step, Subject};
use refit_twin::{SharedTwin, Twin, TwinOptions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// The live world in a time that stands still while a request is under way. A
/// virtual clock would otherwise run to the deadline while the network is waited
/// for.
struct Prompt(LiveWorld);

impl Prompt {
    fn now<T>(work: impl Future<Output = T>) -> T {
        block_in_place(|| Handle::current().block_on(work))
    }
}

impl World for Prompt {
    async fn observe(&self, query: &Query) -> Snapshot {
        Self::now(self.0.observe(query))
    }
    async fn act(&self, intent: &Intent) -> Answer {
        Self::now(self.0.act(intent))
    }
    async fn probe(&self, key: &OpKey) -> Trace {
        Self::now(self.0.probe(key))
    }
    async fn fence(&self, epoch: Epoch) -> Fence {
        Self::now(self.0.fence(epoch))
    }
}

fn step(id: &str, after: &[&str], act: &Value, more: &Value) -> Step {
    let mut step = json!({
        "id": id, "title": id, "kind": "act", "subject": {"node": "w-1"}, "after": after,
        "act": {"kube": act}, "expects": [], "keeps": [], "passes": [], "reaches": [],
        "effect": "converge", "timeout": "30m", "settle": {"samples": 1, "every": "1s"},
        "wayBack": "nothingToUndo", "shows": id,
    });
    for (name, value) in more.as_object().unwrap() {
        step[name] = value.clone();
    }
    serde_json::from_value(step).unwrap()
}

/// Cordon, drain and release of one node, as the kubeadm template has them.
fn plan(snapshot: &Snapshot) -> UpgradePlan {
    let version = "1.31.9"
        .parse::<refit_model::version::KubeVersion>()
        .unwrap();
    let steps = vec![
        step(
            "w-1/cordon",
            &[],
            &json!({"cordon": {"node": "w-1"}}),
            &json!({"reaches": [{"nodeCordoned": "w-1"}]}),
        ),
        step(
            "w-1/drain",
            &["w-1/cordon"],
            &json!({"drain": {"node": "w-1", "allow": {"barePods": "no", "emptyDirs": "no"}}}),
            &json!({"expects": [{"nodeCordoned": "w-1"}, {"noBudgetBlocks": "w-1"}], "resend": "5s",
                "reaches": [{"nodeCordoned": "w-1"}, {"nodeDrained": "w-1"}]}),
        ),
        step(
            "w-1/uncordon",
            &["w-1/drain"],
            &json!({"uncordon": {"node": "w-1"}}),
            &json!({"kind": "cleanup", "expects": [{"nodeReady": "w-1"}],
                "reaches": [{"nodeReleased": "w-1"}]}),
        ),
    ];
    UpgradePlan::seal(PlanBody {
        cluster: snapshot.cluster.clone(),
        made_from: MadeFrom {
            template: "drain-one-node".parse().unwrap(),
            revision: 1,
            overlays: Vec::new(),
            knowledge: "none".to_owned(),
            snapshot_taken_at: snapshot.taken_at,
            fingerprint: Fingerprint::of(snapshot).unwrap(),
        },
        goal: Goal::Kubernetes {
            hop: Hop {
                from: version.clone(),
                to: version.clone(),
            },
            target: "1.31".parse().unwrap(),
        },
        parameters: BTreeMap::new(),
        pace: 1,
        governance: Governance::default(),
        stages: vec![PlanStage {
            id: "w-1".parse().unwrap(),
            title: "w-1".to_owned(),
            subject: Subject::Node("w-1".parse().unwrap()),
            steps,
        }],
    })
    .unwrap()
}

async fn carried_out<W: World>(plan: &UpgradePlan, world: &W, clock: &SharedTwin) -> RunOutcome {
    let journal = MemoryJournal::new();
    let ports = Ports {
        world,
        journal: &journal,
        clock,
    };
    let options = RunOptions::new("tester".parse().unwrap(), "process-1".parse().unwrap());
    run(plan, &"r1".parse().unwrap(), ports, &options, &mut |_| {})
        .await
        .unwrap()
}

fn twin(snapshot: &Snapshot) -> SharedTwin {
    SharedTwin::new(Twin::from_snapshot(snapshot, TwinOptions::default()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_executor_drains_a_node_through_the_api_as_it_does_in_a_rehearsal() {
    let snapshot = harbour::snapshot(1);
    let plan = plan(&snapshot);

    let rehearsed = twin(&snapshot);
    let rehearsal = carried_out(&plan, &rehearsed, &rehearsed).await;
    assert_eq!(rehearsal.ending, Ending::Succeeded);

    let stage = Stage::of(twin(&snapshot)).await;
    let live = Prompt(stage.live());
    let outcome = carried_out(&plan, &live, &stage.twin).await;
    assert_eq!(outcome.ending, Ending::Succeeded, "{:#?}", outcome.events);

    let spans = |outcome: &RunOutcome| -> Vec<String> {
        timeline(&outcome.events)
            .unwrap()
            .iter()
            // The live world evicts pods side by side: which of two like pods
            // comes first is a race, and no difference.
            .map(|span: &StepSpan| format!("{span:?}").replace("web-1-b", "web-1-a"))
            .collect()
    };
    assert_eq!(spans(&outcome), spans(&rehearsal));
    for query in [Query::Nodes, Query::Pods, Query::Budgets, Query::Workloads] {
        assert_eq!(
            stage.twin.observe(&query).await,
            rehearsed.observe(&query).await,
            "{query:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_another_cluster_is_not_carried_out() {
    let snapshot = harbour::snapshot(1);
    let mut other = snapshot.clone();
    other.cluster.id = "another".parse().unwrap();
    let plan = plan(&other);
    let stage = Stage::of(twin(&snapshot)).await;
    let live = Prompt(stage.live());
    let journal = MemoryJournal::new();
    let ports = Ports {
        world: &live,
        journal: &journal,
        clock: &stage.twin,
    };
    let options = RunOptions::new("tester".parse().unwrap(), "process-1".parse().unwrap());
    let refused = run(&plan, &"r1".parse().unwrap(), ports, &options, &mut |_| {}).await;
    assert!(matches!(
        refused,
        Err(refit_executor::RunError::WrongCluster { .. })
    ));
    assert!(stage.asked().iter().all(|line| line.starts_with("GET ")));
}
