//! Rehearsals: the executor on the twin.

use crate::acts::{landscape, node, version};
use refit_knowledge::Knowledge;
use refit_model::act::{Act, DrainAllowance, EffectClass, KubeAct, PersonAct};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::fingerprint::Fingerprint;
use refit_model::governance::Governance;
use refit_model::kubernetes::LocalData;
use refit_model::plan::{Goal, Hop, MadeFrom, PlanBody, Stage, UpgradePlan};
use refit_model::rehearsal::{Ending, Grade, Rehearsal};
use refit_model::snapshot::Snapshot;
use refit_model::step::{Settle, Step, StepKind, Subject, WayBack};
use refit_twin::{RehearsalOptions, rehearse};
use std::collections::BTreeMap;

fn step(id: &str, after: &[&str], act: Option<Act>, reaches: Vec<Condition>) -> Step {
    Step {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        kind: if act.is_some() {
            StepKind::Act
        } else {
            StepKind::Verify
        },
        subject: Subject::Node(node("w-1")),
        after: after.iter().map(|id| id.parse().unwrap()).collect(),
        effect: act.as_ref().map_or(EffectClass::Read, Act::class),
        act,
        expects: Vec::new(),
        keeps: Vec::new(),
        passes: Vec::new(),
        reaches,
        timeout: Seconds::minutes(5),
        stall: None,
        settle: Settle::default(),
        resend: None,
        way_back: WayBack::NothingToUndo,
        assignee: None,
        shows: "what the test does".to_owned(),
        estimate: None,
        notes: Vec::new(),
    }
}

/// Cordon, drain and open a node, with a person in between.
pub(crate) fn plan(snapshot: &Snapshot, name: &str) -> UpgradePlan {
    let subject = || node(name);
    let kube = |act| Some(Act::Kube(act));
    let mut drain = step(
        "drain",
        &["cordon"],
        kube(KubeAct::Drain {
            node: subject(),
            allow: DrainAllowance::default(),
        }),
        vec![Condition::NodeDrained(subject())],
    );
    drain.resend = Some(Seconds::new(5));
    let mut hands = step(
        "hands",
        &["drain"],
        Some(Act::Person(PersonAct::Do {
            instructions: "Dust the machine.".to_owned(),
            commands: Vec::new(),
        })),
        Vec::new(),
    );
    hands.kind = StepKind::Manual;
    let steps = vec![
        step(
            "cordon",
            &[],
            kube(KubeAct::Cordon { node: subject() }),
            vec![Condition::NodeCordoned(subject())],
        ),
        drain,
        hands,
        step(
            "uncordon",
            &["hands"],
            kube(KubeAct::Uncordon { node: subject() }),
            vec![Condition::NodeReleased(subject())],
        ),
        step(
            "served",
            &["uncordon"],
            None,
            vec![Condition::WorkloadsServed { on: None }],
        ),
    ];
    UpgradePlan::seal(PlanBody {
        cluster: snapshot.cluster.clone(),
        made_from: MadeFrom {
            template: "test".parse().unwrap(),
            revision: 1,
            overlays: Vec::new(),
            knowledge: "test".to_owned(),
            snapshot_taken_at: snapshot.taken_at,
            fingerprint: Fingerprint::of(snapshot).unwrap(),
        },
        goal: Goal::Kubernetes {
            hop: Hop {
                from: version("v1.33.5"),
                to: version("v1.33.5"),
            },
            target: "1.33".parse().unwrap(),
        },
        parameters: BTreeMap::new(),
        pace: 1,
        governance: Governance::default(),
        stages: vec![Stage {
            id: name.parse().unwrap(),
            title: name.to_owned(),
            subject: Subject::Node(subject()),
            steps,
        }],
    })
    .unwrap()
}

fn rehearsal(snapshot: &Snapshot, seed: u64) -> Rehearsal {
    rehearse(
        &plan(snapshot, "w-1"),
        snapshot,
        Knowledge::embedded(),
        &RehearsalOptions::new(seed),
    )
    .unwrap()
}

#[test]
fn a_plan_is_carried_out_and_what_it_did_to_others_is_told() {
    let found = rehearsal(&landscape(), 7);
    assert!(
        matches!(
            found.ending,
            Ending::SucceededWithExceptions(_) | Ending::Succeeded
        ),
        "{:?}",
        found.ending
    );
    let steps: Vec<_> = found
        .steps
        .iter()
        .map(|step| (step.step.as_str(), step.grade))
        .collect();
    assert_eq!(
        steps,
        [
            ("cordon", Grade::R2),
            ("drain", Grade::R2),
            ("hands", Grade::R0),
            ("uncordon", Grade::R2),
            ("served", Grade::R2),
        ]
    );
    assert!(found.verification.holds(), "{:#?}", found.verification);
    let told = |text: &str| found.incidents.iter().any(|i| i.what.contains(text));
    assert!(
        told("Deployment/shop/web had fewer than its 4 pods"),
        "{:?}",
        found.incidents
    );
    assert!(!found.not_modelled.is_empty());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let snapshot = landscape();
    let bytes = |seed| serde_json::to_vec(&rehearsal(&snapshot, seed)).unwrap();
    assert_eq!(bytes(7), bytes(7));
}

#[test]
fn a_drain_that_is_refused_stops_the_rehearsal_and_fails_the_verification() {
    let mut snapshot = landscape();
    let pods = &mut snapshot.kubernetes.as_mut().unwrap().pods.items;
    let kept = pods
        .values_mut()
        .find(|pod| pod.is_drained() && pod.node == Some(node("w-1")))
        .unwrap();
    kept.local_data = LocalData::EmptyDir;
    let found = rehearsal(&snapshot, 7);
    let Ending::Stopped(why) = &found.ending else {
        panic!("{:?}", found.ending);
    };
    assert!(why.contains("emptyDir"), "{why}");
    assert!(!found.verification.holds());
    let left = found
        .verification
        .claims
        .iter()
        .find(|claim| claim.claim == "no node is left cordoned by us")
        .unwrap();
    assert_eq!(left.because, "node w-1 is still cordoned by us");
}
