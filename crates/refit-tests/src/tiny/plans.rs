//! Plans for the tiny world.

use super::world::{identity, start, version};
use refit_model::act::{Act, EffectClass, JujuAct, KubeAct, KubeadmAct, PersonAct};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::fingerprint::Fingerprint;
use refit_model::governance::Governance;
use refit_model::plan::{Goal, Hop, MadeFrom, PlanBody, Stage, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::step::{Settle, Step, StepKind, Subject, WayBack};
use refit_model::version::TargetVersion;
use std::collections::BTreeMap;

/// Closes the node.
#[must_use]
pub fn cordon() -> Act {
    Act::Kube(KubeAct::Cordon {
        node: "n1".parse().unwrap(),
    })
}

/// Opens it again.
#[must_use]
pub fn uncordon() -> Act {
    Act::Kube(KubeAct::Uncordon {
        node: "n1".parse().unwrap(),
    })
}

/// Brings its kubelet to 1.33.4.
#[must_use]
pub fn kubelet() -> Act {
    Act::Kubeadm(KubeadmAct::Kubelet {
        node: "n1".parse().unwrap(),
        to: version("1.33.4"),
    })
}

/// Brings the charm to its next revision.
#[must_use]
pub fn refresh() -> Act {
    Act::Juju(JujuAct::Refresh {
        application: "k8s".parse().unwrap(),
        channel: None,
    })
}

/// The node is closed.
#[must_use]
pub fn cordoned() -> Condition {
    Condition::NodeCordoned("n1".parse().unwrap())
}

/// The node is open.
#[must_use]
pub fn released() -> Condition {
    Condition::NodeReleased("n1".parse().unwrap())
}

/// The kubelet has this release.
#[must_use]
pub fn kubelet_at(release: &str) -> Condition {
    Condition::KubeletAt {
        node: "n1".parse().unwrap(),
        version: version(release),
    }
}

/// The charm has this revision.
#[must_use]
pub fn charm_at(revision: u32) -> Condition {
    Condition::CharmAt {
        application: "k8s".parse().unwrap(),
        revision,
    }
}

/// A step that acts, from one state to another.
#[must_use]
pub fn step(id: &str, act: Option<Act>, expects: Vec<Condition>, reaches: Vec<Condition>) -> Step {
    Step {
        id: id.parse().unwrap(),
        title: format!("do {id}"),
        kind: if act.is_some() {
            StepKind::Act
        } else {
            StepKind::Check
        },
        subject: Subject::Node("n1".parse().unwrap()),
        after: Vec::new(),
        effect: act.as_ref().map_or(EffectClass::Read, Act::class),
        act,
        expects,
        keeps: Vec::new(),
        passes: Vec::new(),
        reaches,
        timeout: Seconds::minutes(10),
        stall: None,
        settle: Settle::default(),
        resend: None,
        way_back: WayBack::NothingToUndo,
        assignee: None,
        shows: String::new(),
        estimate: None,
        notes: Vec::new(),
    }
}

/// A step of each kind of effect, one after the other: it ends with the node
/// open, at the new release, and the charm one revision further.
#[must_use]
pub fn each_class() -> UpgradePlan {
    let mut upgrade = step(
        "upgrade",
        Some(kubelet()),
        vec![kubelet_at("1.33.1"), cordoned()],
        vec![
            kubelet_at("1.33.4"),
            Condition::NodeReady("n1".parse().unwrap()),
        ],
    );
    upgrade.passes = vec![Condition::Not(Box::new(Condition::NodeReady(
        "n1".parse().unwrap(),
    )))];
    upgrade.settle = Settle {
        samples: 3,
        every: Seconds::new(5),
    };
    let tell = step(
        "tell",
        Some(Act::Person(PersonAct::Notify {
            audience: "platform".to_owned(),
            message: "n1 is upgraded".to_owned(),
        })),
        Vec::new(),
        Vec::new(),
    );
    in_a_row(vec![
        step("check", None, vec![released()], Vec::new()),
        step("cordon", Some(cordon()), vec![released()], vec![cordoned()]),
        upgrade,
        step(
            "refresh",
            Some(refresh()),
            vec![charm_at(7)],
            vec![charm_at(8)],
        ),
        step(
            "uncordon",
            Some(uncordon()),
            vec![cordoned()],
            vec![released()],
        ),
        tell,
    ])
}

/// A plan of these steps, each after the one before.
#[must_use]
pub fn in_a_row(mut steps: Vec<Step>) -> UpgradePlan {
    for place in 1..steps.len() {
        steps[place].after = vec![steps[place - 1].id.clone()];
    }
    plan(steps, 1)
}

/// A plan of these steps, so many at a time.
#[must_use]
pub fn plan(steps: Vec<Step>, pace: u16) -> UpgradePlan {
    UpgradePlan::seal(PlanBody {
        cluster: identity(),
        made_from: MadeFrom {
            template: "tiny".parse().unwrap(),
            revision: 1,
            overlays: Vec::new(),
            knowledge: "none".to_owned(),
            snapshot_taken_at: start(),
            fingerprint: Fingerprint::of(&Snapshot::empty(identity(), start())).unwrap(),
        },
        goal: Goal::Kubernetes {
            hop: Hop {
                from: version("1.33.1"),
                to: version("1.33.4"),
            },
            target: "1.33".parse::<TargetVersion>().unwrap(),
        },
        parameters: BTreeMap::new(),
        pace,
        governance: Governance::default(),
        stages: vec![Stage {
            id: "n1".parse().unwrap(),
            title: "Node n1".to_owned(),
            subject: Subject::Node("n1".parse().unwrap()),
            steps,
        }],
    })
    .unwrap()
}
