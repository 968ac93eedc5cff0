//! `cargo xtask bench-plan`: how long a plan for a large cluster takes.

use crate::{Outcome, root, say};
use refit_knowledge::Knowledge;
use refit_model::name::NodeName;
use refit_model::snapshot::Snapshot;
use refit_service::landscape::{Ignored, Landscape, Sought, Tally, look};
use refit_service::planning::{self, PlanRequest, Terms};
use std::collections::BTreeMap;
use std::time::Instant;

/// What the bar speaks of.
const NODES: usize = 1_000;
const TARGET: &str = "1.34";
const ROUNDS: usize = 5;

/// Prints the time of a plan and of its review for the example cluster, grown to
/// 1,000 nodes, each new one with the pods of a node that was there.
pub(crate) fn run() -> Outcome<()> {
    let knowledge = Knowledge::embedded();
    let example = Landscape::Files {
        paths: vec![root().join("examples/harbour")],
        cluster_name: None,
        ignored: Ignored::Nothing,
        sought: Sought::Everything,
    };
    let reading = pollster::block_on(look(&example, knowledge, &Tally::default()))
        .map_err(|failure| failure.what)?;
    let snapshot = grown(reading.snapshot)?;
    let pods = snapshot
        .kubernetes
        .as_ref()
        .map_or(0, |kubernetes| kubernetes.pods.items.len());
    let template = planning::template("kubeadm").map_err(|failure| failure.what)?;
    let request = PlanRequest {
        target: planning::target(&template, TARGET).map_err(|failure| failure.what)?,
        parameters: BTreeMap::new(),
        hop: None,
        terms: Terms::default(),
    };
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let planned = planning::plan(&template, &snapshot, knowledge, &request)
            .map_err(|failure| failure.what)?;
        let planned_in = begun.elapsed();
        let review = planning::review(&planned.plan, &snapshot, knowledge);
        say(&format!(
            "{NODES} nodes, {pods} pods, {} steps: planned in {:.0} ms, reviewed in {:.0} ms, {} objections",
            planned.plan.steps().count(),
            planned_in.as_secs_f64() * 1000.0,
            (begun.elapsed() - planned_in).as_secs_f64() * 1000.0,
            review.objections.len()
        ))?;
    }
    Ok(())
}

/// The snapshot with copies of its workers and of what runs on them.
fn grown(mut snapshot: Snapshot) -> Outcome<Snapshot> {
    let kubernetes = snapshot
        .kubernetes
        .as_mut()
        .ok_or("the example has no cluster")?;
    let workers: Vec<_> = kubernetes
        .nodes
        .items
        .iter()
        .filter(|(name, _)| !name.as_str().starts_with("control"))
        .map(|(name, node)| (name.clone(), node.clone()))
        .collect();
    let mut round = 0;
    while kubernetes.nodes.items.len() < NODES {
        round += 1;
        for (name, node) in &workers {
            if kubernetes.nodes.items.len() == NODES {
                break;
            }
            let copy: NodeName = format!("{name}-{round}").parse()?;
            let pods: Vec<_> = kubernetes
                .pods
                .items
                .iter()
                .filter(|(_, pod)| pod.node.as_ref() == Some(name))
                .map(|(key, pod)| (key.clone(), pod.clone()))
                .collect();
            for (mut key, mut pod) in pods {
                key.name = format!("{}-{round}", key.name).parse()?;
                pod.node = Some(copy.clone());
                kubernetes.pods.items.insert(key, pod);
            }
            kubernetes.nodes.items.insert(copy, node.clone());
        }
    }
    Ok(snapshot)
}
