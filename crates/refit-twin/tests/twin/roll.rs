//! The recorded roll of six nodes under one budget, drained on the twin by the
//! rules of `kubectl drain`.
//!
//! Which node a pod lands on is a matter of chance in the recording, and what a
//! drain takes depends on how many pods it finds. So the twin's nodes are opened
//! and closed between drains such that each drain finds what the recorded one
//! found; pods of one Deployment are alike, so nothing else depends on it.

use crate::rehearsal::plan;
use crate::support::{Client, Evict, name_of};
use refit_knowledge::Knowledge;
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;
use refit_twin::{RehearsalOptions, TwinOptions, rehearse};
use serde_json::{Value, json};
use std::time::Duration;

/// The interval at which kubectl tries an eviction again (`pkg/drain`).
const RETRY: u64 = 5_000;

/// The interval at which kubectl looks whether a pod is gone.
const POLL: u64 = 1_000;

/// What `kubectl` takes before its first eviction: the recorded run of a drain
/// that is refused at once took 0.1 s.
const START: u64 = 100;

/// Deleting the drained node and making the next one, four requests.
const REPLACE: u64 = 100;

/// What kubectl does about one pod.
enum Task {
    Evict { pod: String, at: u64 },
    Poll { pod: String, uid: Value, at: u64 },
}

impl Task {
    const fn at(&self) -> u64 {
        match self {
            Self::Evict { at, .. } | Self::Poll { at, .. } => *at,
        }
    }
}

/// Drains `node`; returns the milliseconds it took and how many evictions were
/// held back.
fn drain(k: &mut Client, node: &str) -> (u64, u64) {
    k.patch(
        &format!("/api/v1/nodes/{node}"),
        &json!({"spec": {"unschedulable": true}}),
    );
    k.pass(START);
    let target = format!("/api/v1/pods?fieldSelector=spec.nodeName%3D{node}");
    let pods = k.get(&target).1["items"].as_array().unwrap().clone();
    let mut tasks: Vec<_> = pods
        .iter()
        .map(|pod| Task::Evict {
            pod: name_of(pod),
            at: START,
        })
        .collect();
    let (mut now, mut held) = (START, 0);
    // Whatever is due first; of things due at once the first in the list.
    while let Some(place) = (0..tasks.len()).min_by_key(|place| tasks[*place].at()) {
        let task = tasks.remove(place);
        k.pass(task.at() - now);
        now = task.at();
        match task {
            Task::Evict { pod, at } => {
                let uid =
                    k.get(&format!("/api/v1/namespaces/r/pods/{pod}")).1["metadata"]["uid"].clone();
                let answer = k.evict("r", &pod, &Evict::default());
                match answer["http"].as_u64().unwrap() {
                    201 => tasks.push(Task::Poll { pod, uid, at }),
                    429 => {
                        held += 1;
                        tasks.push(Task::Evict {
                            pod,
                            at: at + RETRY,
                        });
                    }
                    code => panic!("{code}: {answer}"),
                }
                // The next eviction of the same instant comes a little later,
                // after the disruption controller has had its turn.
                k.pass(25);
                now += 25;
                for task in &mut tasks {
                    let (Task::Evict { at, .. } | Task::Poll { at, .. }) = task;
                    *at = (*at).max(now);
                }
            }
            Task::Poll { pod, uid, at } => {
                let (code, body) = k.get(&format!("/api/v1/namespaces/r/pods/{pod}"));
                if code != 404 && body["metadata"]["uid"] == uid {
                    tasks.push(Task::Poll {
                        pod,
                        uid,
                        at: at + POLL,
                    });
                }
            }
        }
    }
    (now, held)
}

/// Closes every node but those in `open`.
fn open_only(k: &mut Client, open: &[&str]) {
    let nodes = k.get("/api/v1/nodes").1["items"]
        .as_array()
        .unwrap()
        .clone();
    for node in nodes {
        let name = name_of(&node);
        let closed = !open.contains(&name.as_str());
        k.patch(
            &format!("/api/v1/nodes/{name}"),
            &json!({"spec": {"unschedulable": closed}}),
        );
    }
}

#[test]
fn six_nodes_within_one_tick_each() {
    let recorded: Value =
        serde_json::from_str(include_str!("../recorded/roll-v1.36.3.json")).unwrap();
    let seconds = |name: &str| Duration::from_secs(recorded[name].as_u64().unwrap());
    let options = TwinOptions {
        start_delay: seconds("start_delay_s"),
        // A kubelet sees a deletion a little after it was made; with a stop of
        // whole seconds the pod is always still there at the poll of that second.
        stop_delay: seconds("stop_delay_s") + Duration::from_millis(50),
        ..TwinOptions::default()
    };
    let mut k = Client::new(options.clone());
    for place in 0..6 {
        k.node(&format!("n{place}"), 110);
    }
    k.namespace("r");
    k.deploy("r", "d", 12);
    k.ready("r", "app=d", 12);
    k.budget(
        "r",
        "b",
        json!({"maxUnavailable": 1, "selector": {"matchLabels": {"app": "d"}}}),
    );
    k.pass(1000);
    let at_start = k.twin.observe(&Query::Everything);

    // Where the pods of each drained node may go; a number is the room of the
    // node that replaces the drained one.
    let plans: [(&[&str], u32); 6] = [
        (&["n1", "n3"], 1),
        (&["n0-new", "n4", "n5"], 110),
        (&["n1-new"], 110),
        (&["n1-new", "n2-new"], 110),
        (&["n2-new", "n3-new"], 110),
        (&["n3-new", "n4-new"], 110),
    ];
    let mut wrong = Vec::new();
    for (row, (open, room)) in recorded["per_node"].as_array().unwrap().iter().zip(plans) {
        let node = row["node"].as_str().unwrap();
        let count = k
            .pods("r", "app=d")
            .iter()
            .filter(|pod| {
                pod["spec"]["nodeName"] == node && pod["metadata"]["deletionTimestamp"].is_null()
            })
            .count();
        assert_eq!(Some(count as u64), row["pods"].as_u64(), "pods on {node}");
        open_only(&mut k, open);
        let (took, held) = drain(&mut k, node);
        let expected = row["drain_s"].as_f64().unwrap();
        let took = Duration::from_millis(took).as_secs_f64();
        let recorded_held = row["n429"].as_u64().unwrap();
        if (took - expected).abs() > 5.0 || held != recorded_held {
            wrong.push(format!("{node}: {took} s for {expected} s, {held} held"));
        }
        k.delete(&format!("/api/v1/nodes/{node}"));
        k.node(&format!("{node}-new"), room);
        k.pass(REPLACE);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Our own drain step finds the same on the first node, which both begin from
    // the same place; where pods land after it is a matter of chance.
    let took = drained_by_us(&at_start, &options);
    let expected = recorded["per_node"][0]["drain_s"].as_f64().unwrap();
    assert!((took - expected).abs() <= 5.0, "{took} s for {expected} s");
}

/// The seconds that our executor's drain of n0 takes.
fn drained_by_us(snapshot: &Snapshot, options: &TwinOptions) -> f64 {
    let found = rehearse(
        &plan(snapshot, "n0"),
        snapshot,
        Knowledge::embedded(),
        &RehearsalOptions {
            seed: options.seed,
            twin: Some(options.clone()),
        },
    )
    .unwrap();
    let drain = found
        .steps
        .iter()
        .find(|step| step.step.as_str() == "drain")
        .unwrap();
    assert!(drain.outcome.starts_with("succeeded"), "{}", drain.outcome);
    f64::from(drain.took.get())
}
