//! The walk of a Juju model from *patch available* to *done*, along the recorded
//! statuses.
//!
//! What is compared is the shape: the words and messages of units and
//! applications, whether agents are at work, whether something newer is offered,
//! and whether the claimed version is the old or the new one. Which unit comes
//! when is left out: nobody may rely on it.

use refit_model::act::{Act, Answer, Epoch, Intent, JujuAct};
use refit_model::juju::{ActionStatus, JujuApplication, JujuModel, JujuUnit, Status, StatusWord};
use refit_model::name::ApplicationName;
use refit_model::query::Query;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::KubeVersion;
use refit_twin::{Twin, TwinOptions};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The words and messages of one application, without the names of its units.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    application: String,
    /// Word and message of each unit with whether its agent works, sorted.
    units: Vec<String>,
    offered: bool,
    upgraded: bool,
}

type Shapes = BTreeMap<String, Shape>;

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn said(status: &Value) -> String {
    let message = status["message"].as_str().unwrap_or_default();
    format!("{} {message}", status["current"].as_str().unwrap())
}

/// The shape of a recorded status; `old` is the version before the upgrade.
fn shape_of(status: &Value, old: &[&str]) -> Shapes {
    let mut shapes = Shapes::new();
    for (name, application) in status["applications"].as_object().unwrap() {
        let mut units: Vec<_> = application["units"]
            .as_object()
            .unwrap()
            .values()
            .map(|unit| {
                format!(
                    "{} | {}",
                    said(&unit["workload-status"]),
                    unit["juju-status"]["current"].as_str().unwrap()
                )
            })
            .collect();
        units.sort();
        let shape = Shape {
            application: said(&application["application-status"]),
            units,
            offered: application["can-upgrade-to"].is_string(),
            upgraded: !old.contains(&application["version"].as_str().unwrap()),
        };
        shapes.insert(name.clone(), shape);
    }
    shapes
}

fn word(text: &str) -> StatusWord {
    serde_json::from_value(Value::String(text.to_owned())).unwrap()
}

/// The snapshot that a status shows.
fn snapshot(status: &Value) -> Snapshot {
    let read = |status: &Value| {
        Seen::Is(Status {
            word: word(status["current"].as_str().unwrap()),
            message: status["message"].as_str().unwrap_or_default().to_owned(),
        })
    };
    let applications = status["applications"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, application)| {
            let units = application["units"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, unit)| {
                    let seen = JujuUnit {
                        workload: read(&unit["workload-status"]),
                        agent_idle: Seen::Is(unit["juju-status"]["current"] == "idle"),
                        leader: unit["leader"] == true,
                        version: Seen::Gap(Unseen::NotInSource),
                    };
                    (name.parse().unwrap(), seen)
                })
                .collect();
            let offered = application["can-upgrade-to"]
                .as_str()
                .map(|text| text.rsplit('-').next().unwrap().parse().unwrap());
            let version: KubeVersion = application["version"].as_str().unwrap().parse().unwrap();
            let seen = JujuApplication {
                charm: application["charm-name"].as_str().unwrap().parse().unwrap(),
                channel: Seen::Is(
                    application["charm-channel"]
                        .as_str()
                        .unwrap()
                        .parse()
                        .unwrap(),
                ),
                revision: Seen::Is(
                    u32::try_from(application["charm-rev"].as_u64().unwrap()).unwrap(),
                ),
                offered: Seen::Is(offered),
                claimed_version: Seen::Is(Some(version)),
                status: read(&application["application-status"]),
                units: Listing::whole(units),
                actions: Listing::whole(BTreeMap::new()),
            };
            (name.parse().unwrap(), seen)
        })
        .collect();
    let mut snapshot = Snapshot::empty(
        ClusterIdentity {
            id: "lxd:prod-k8s".parse().unwrap(),
            name: "prod-k8s".to_owned(),
            basis: IdentityBasis::JujuModel,
        },
        "2026-11-20T06:00:05Z".parse().unwrap(),
    );
    snapshot.juju = Some(JujuModel {
        name: "prod-k8s".parse().unwrap(),
        controller: "lxd".parse().unwrap(),
        version: Seen::Is("3.6.9".to_owned()),
        applications: Listing::whole(applications),
    });
    snapshot
}

/// A model in the state *patch available*, and its keeper.
struct Walk {
    twin: Twin,
    acts: u32,
    shapes: Vec<Shapes>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let status = recorded(include_str!(
            "../recorded/juju/status-01-patch-available.json"
        ));
        let new: KubeVersion = "v1.34.3".parse().unwrap();
        let old: KubeVersion = "v1.34.1".parse().unwrap();
        let options = TwinOptions {
            seed,
            charm_versions: BTreeMap::from([
                (1400, old.clone()),
                (1401, old),
                (1500, new.clone()),
                (1501, new),
            ]),
            ..TwinOptions::default()
        };
        let mut walk = Self {
            twin: Twin::from_snapshot(&snapshot(&status), options).unwrap(),
            acts: 0,
            shapes: Vec::new(),
        };
        walk.look();
        walk
    }

    fn seen(&self) -> JujuModel {
        self.twin.observe(&Query::JujuApplications).juju.unwrap()
    }

    fn application(&self, name: &str) -> JujuApplication {
        let name: ApplicationName = name.parse().unwrap();
        self.seen().applications.items[&name].clone()
    }

    /// Takes down the shape, when it is a new one.
    fn look(&mut self) {
        let mut shapes = Shapes::new();
        for (name, application) in &self.seen().applications.items {
            let show = |status: &Seen<Status>| {
                let status = status.get().unwrap();
                format!("{} {}", status.word, status.message)
            };
            let mut units: Vec<_> = application
                .units
                .items
                .values()
                .map(|unit| {
                    let idle = *unit.agent_idle.get().unwrap();
                    format!(
                        "{} | {}",
                        show(&unit.workload),
                        if idle { "idle" } else { "executing" }
                    )
                })
                .collect();
            units.sort();
            let claimed = application.claimed_version.get().unwrap().clone().unwrap();
            let shape = Shape {
                application: show(&application.status),
                units,
                offered: application.offered.get().unwrap().is_some(),
                upgraded: claimed.patch() != 1,
            };
            shapes.insert(name.to_string(), shape);
        }
        if self.shapes.last() != Some(&shapes) {
            self.shapes.push(shapes);
        }
    }

    fn act(&mut self, act: JujuAct) -> Answer {
        self.acts += 1;
        let key = refit_model::act::op_key(
            &"walk".parse().unwrap(),
            &format!("step-{}", self.acts).parse().unwrap(),
            1,
        );
        let answer = self.twin.act(&Intent {
            key,
            epoch: Epoch(1),
            deadline: self.twin.now() + Duration::from_secs(60),
            act: Act::Juju(act),
        });
        self.look();
        answer
    }

    fn check(&mut self, application: &str) -> Answer {
        self.act(JujuAct::RunAction {
            application: application.parse().unwrap(),
            action: "pre-upgrade-check".parse().unwrap(),
        })
    }

    fn refresh(&mut self, application: &str) -> Answer {
        self.act(JujuAct::Refresh {
            application: application.parse().unwrap(),
            channel: None,
        })
    }

    /// Lets time pass, looking every second.
    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            let until = self.twin.now() + Duration::from_secs(1);
            self.twin.advance_to(until);
            self.look();
        }
    }

    fn last_check(&self, application: &str) -> (ActionStatus, String) {
        let seen = self.application(application);
        let run = seen.actions.items.values().next().unwrap();
        (run.status, run.message.clone())
    }
}

fn message(text: &str) -> String {
    let run = recorded(text);
    let run = run.as_object().unwrap().values().next().unwrap().clone();
    run["message"].as_str().unwrap_or_default().to_owned()
}

/// Only the words, for states whose versions differ from ours.
fn words(shapes: &Shapes) -> Vec<(String, String, Vec<String>, bool)> {
    shapes
        .iter()
        .map(|(name, shape)| {
            (
                name.clone(),
                shape.application.clone(),
                shape.units.clone(),
                shape.upgraded,
            )
        })
        .collect()
}

/// The whole way, with units in the order that `seed` draws.
fn whole_way(seed: u64) -> Walk {
    let mut walk = Walk::new(seed);
    walk.check("k8s");
    walk.pass(5);
    assert_eq!(
        walk.last_check("k8s"),
        (
            ActionStatus::Completed,
            message(include_str!(
                "../recorded/juju/run-pre-upgrade-check-ok.json"
            ))
        )
    );
    walk.refresh("k8s");
    walk.pass(300);
    walk.check("k8s-worker");
    walk.pass(5);
    walk.refresh("k8s-worker");
    walk.pass(300);
    walk
}

/// The first recorded state that the walk does not come through in its turn.
/// Those files are of a hop from 1.34.3 to 1.35.0.
fn missed(walk: &Walk) -> Option<usize> {
    let mut next = 0;
    [
        include_str!("../recorded/juju/status-03-cp-rolling.json"),
        include_str!("../recorded/juju/status-04-cp-done-leader-waits-for-workers.json"),
        include_str!("../recorded/juju/status-05-workers-rolling.json"),
        include_str!("../recorded/juju/status-06-done.json"),
    ]
    .iter()
    .position(|text| {
        let wanted = words(&shape_of(&recorded(text), &["1.34.3"]));
        let found = walk.shapes[next..]
            .iter()
            .position(|shapes| words(shapes) == wanted);
        next += found.unwrap_or(0);
        found.is_none()
    })
}

#[test]
fn from_patch_available_to_done() {
    // The claimed version is the leader's, so the recorded states are those of
    // some orders of units; the first seed that draws one of these is taken.
    let walk = (0..64)
        .map(whole_way)
        .find(|walk| missed(walk).is_none())
        .expect("an order with every recorded state");

    let first = recorded(include_str!(
        "../recorded/juju/status-01-patch-available.json"
    ));
    assert_eq!(walk.shapes[0], shape_of(&first, &["1.34.1"]));
    let done = recorded(include_str!(
        "../recorded/juju/status-00-healthy-latest-in-channel.json"
    ));
    assert_eq!(*walk.shapes.last().unwrap(), shape_of(&done, &["1.34.1"]));

    // Every unit really runs the new release, and every message is known.
    let known: BTreeSet<_> = [
        "",
        "Ready",
        "Upgrading the snap.",
        "other units upgrading first...",
        "Waiting for 2 Workers to upgrade",
        "Waiting for 1 Worker to upgrade",
    ]
    .into();
    for shape in walk.shapes.iter().flat_map(Shapes::values) {
        for unit in &shape.units {
            let (words, _) = unit.rsplit_once(" | ").unwrap();
            let (_, message) = words.split_once(' ').unwrap();
            assert!(known.contains(message), "{message:?}");
        }
    }
    for name in ["k8s", "k8s-worker"] {
        for unit in walk.application(name).units.items.values() {
            assert_eq!(unit.version.get().unwrap().to_string(), "v1.34.3");
        }
    }
}

#[test]
fn a_refresh_without_a_check_blocks_every_unit() {
    let mut walk = Walk::new(1);
    walk.refresh("k8s");
    let blocked = shape_of(
        &recorded(include_str!(
            "../recorded/juju/status-02-blocked-no-precheck.json"
        )),
        &["1.34.3"],
    );
    let now = walk.shapes.last().unwrap()["k8s"].clone();
    assert_eq!(now.units, blocked["k8s"].units);
    assert_eq!(now.application, blocked["k8s"].application);
    walk.pass(600);
    assert_eq!(walk.shapes.last().unwrap()["k8s"], now, "for ever");
    // In this state the same check means going back, and succeeds silently.
    walk.check("k8s");
    walk.pass(5);
    assert_eq!(walk.last_check("k8s").0, ActionStatus::Completed);
    assert_eq!(
        walk.shapes.last().unwrap()["k8s"].application,
        "blocked ready to rollback application"
    );
}

#[test]
fn the_check_fails_in_the_charm_s_words() {
    let mut walk = Walk::new(1);
    walk.check("k8s");
    walk.pass(5);
    walk.refresh("k8s");
    walk.check("k8s");
    walk.pass(5);
    assert_eq!(
        walk.last_check("k8s"),
        (
            ActionStatus::Failed,
            message(include_str!(
                "../recorded/juju/run-pre-upgrade-check-already-upgrading.json"
            ))
        )
    );
    walk.pass(300);
    // The leader waits for the workers: the cluster is not ready for another.
    walk.check("k8s");
    walk.pass(5);
    assert_eq!(
        walk.last_check("k8s"),
        (
            ActionStatus::Failed,
            message(include_str!(
                "../recorded/juju/run-pre-upgrade-check-not-ready.json"
            ))
        )
    );
}

#[test]
fn nothing_newer_changes_nothing() {
    let mut walk = Walk::new(1);
    walk.check("k8s");
    walk.pass(5);
    walk.refresh("k8s");
    walk.pass(300);
    let states = walk.shapes.len();
    let answer = walk.refresh("k8s");
    assert!(matches!(answer, Answer::Acknowledged { .. }), "{answer:?}");
    assert_eq!(walk.shapes.len(), states);
    let applied: Vec<_> = walk.twin.effects().iter().map(|e| e.applied).collect();
    assert_eq!(applied, [true, true, false]);
}
