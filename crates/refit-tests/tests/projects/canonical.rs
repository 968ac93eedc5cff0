//! Canonical Kubernetes under Juju: the next minor, and what holds it up.

use crate::support::{codes, planned, review, steps, template};
use refit_model::act::{Act, JujuAct};
use refit_model::condition::{Judgement, judge_all};
use refit_model::plan::{PlanBody, UpgradePlan};
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_model::version::{KubeVersion, Minor};
use refit_planner::{PlanError, PlanRequest, Target, Terms};
use refit_tests::landscapes::{CharmSpec, charm_of, name};
use refit_tests::programs::Programs;
use serde_json::json;
use std::collections::BTreeMap;

const CHARM: &str = "canonical-k8s/charm";

fn request(to: &str) -> PlanRequest {
    PlanRequest {
        target: Target::Kubernetes(to.parse().unwrap()),
        parameters: BTreeMap::new(),
        hop: None,
        terms: Terms::default(),
    }
}

/// A model at this minor, in its channel, with its newest patch.
pub(crate) fn at(minor: u16) -> Snapshot {
    let version = KubeVersion::new(Minor::new(1, minor), 3);
    let spec = CharmSpec {
        control_plane: 3,
        workers: vec![2, 1],
        version,
    };
    let mut snapshot = charm_of(&spec);
    for application in applications(&mut snapshot).values_mut() {
        application.channel = Seen::Is(name(&format!("1.{minor}/stable")));
        application.offered = Seen::Is(None);
    }
    snapshot
}

type Applications =
    BTreeMap<refit_model::name::ApplicationName, refit_model::juju::JujuApplication>;

fn applications(snapshot: &mut Snapshot) -> &mut Applications {
    &mut snapshot.juju.as_mut().unwrap().applications.items
}

/// Puts an application of workers at another minor, channel included.
fn workers_at(snapshot: &mut Snapshot, minor: u16) {
    let version = KubeVersion::new(Minor::new(1, minor), 7);
    let workers = applications(snapshot)
        .get_mut(&name("k8s-worker-2"))
        .unwrap();
    workers.channel = Seen::Is(name(&format!("1.{minor}/stable")));
    workers.claimed_version = Seen::Is(Some(version.clone()));
    for unit in workers.units.items.values_mut() {
        unit.version = Seen::Is(version.clone());
    }
}

/// What the programs of a landscape show that goes to `to`.
pub(crate) fn programs(to: &str) -> Programs {
    let status = json!({
        "model": {"name": "k8s-prod", "version": "3.6.9"},
        "machines": {"0": {"juju-status": {"current": "started"}}},
        "applications": {"k8s": {"version": to, "units": {"k8s/0": {"workload-status": {"current": "active"}}}}},
    })
    .to_string();
    let nodes = json!({"items": [{
        "status": {"nodeInfo": {"kubeletVersion": format!("v{to}")}, "conditions": [{"type": "Ready", "status": "True"}]},
    }]});
    Programs::default()
        .with("juju config k8s bootstrap-datastore", "etcd\n")
        .with("juju version", "3.6.9-ubuntu-amd64\n")
        .with(
            "juju show-controller --format json",
            json!({"lxd": {"details": {"agent-version": "3.6.9"}}}).to_string(),
        )
        .with("juju status --format json", status.as_str())
        .with("juju status --format json --utc", status)
        .with(
            "juju exec --unit k8s/leader -- k8s status",
            "cluster status:           ready\ndatastore:                etcd\n",
        )
        .with("juju config k8s", json!({"application": "k8s"}).to_string())
        .with("juju exec --application k8s -- snap list k8s", "k8s 1.34.3 5268")
        .with("juju exec --application k8s-worker -- snap list k8s", "k8s 1.34.3 5268")
        .with("juju exec --application k8s-worker-2 -- snap list k8s", "k8s 1.34.3 5268")
        .ending(&format!("test -s snaps-k8s-before-{to}.txt"), 1, "")
        .ending(&format!("test -s snaps-k8s-worker-before-{to}.txt"), 1, "")
        .ending(&format!("test -s snaps-k8s-worker-2-before-{to}.txt"), 1, "")
        .with(
            "juju exec --unit k8s/leader -- k8s status --wait-ready --timeout 50s --output-format json",
            json!({"ready": true}).to_string(),
        )
        .with(
            "juju exec --unit k8s/leader -- k8s kubectl get upgrade -o json",
            json!({"items": [{"status": {"phase": "Completed"}}]}).to_string(),
        )
        .with("kubectl get nodes -o json", nodes.to_string())
        .with(
            "kubectl get pods -n kube-system -o json",
            json!({"items": [{"status": {"phase": "Running"}}]}).to_string(),
        )
}

pub(crate) fn plan_to(
    to: &str,
    snapshot: Snapshot,
    programs: &Programs,
) -> Result<(UpgradePlan, Snapshot, Option<String>, Vec<String>), PlanError> {
    let (made, snapshot) = planned(&template(CHARM), snapshot, programs, &request(to))?;
    let stop = made
        .report
        .stops
        .map(|stop| format!("before {}: {}", stop.before, stop.because));
    let later = made.report.later_hops.iter().map(ToString::to_string);
    Ok((made.plan, snapshot, stop, later.collect()))
}

/// What a plan does through Juju, as one types it.
pub(crate) fn acts(plan: &UpgradePlan) -> Vec<String> {
    plan.steps()
        .filter_map(|(_, step)| match &step.act {
            Some(act @ Act::Juju(_)) => Some(act.commands()),
            _ => None,
        })
        .flatten()
        .map(|command| command.to_string())
        .collect()
}

/// The plans whose commands are held against the tables.
pub(crate) fn every_hop() -> Vec<UpgradePlan> {
    let mut patch = at(34);
    for application in applications(&mut patch).values_mut() {
        application.offered = Seen::Is(Some(2000));
    }
    [
        (patch, "1.34.4"),
        (at(32), "1.33.0"),
        (at(34), "1.35.0"),
        (at(35), "1.36.0"),
    ]
    .into_iter()
    .map(|(snapshot, to)| {
        let (plan, _, stop, _) = plan_to(to, snapshot, &programs(to)).unwrap();
        assert_eq!(stop, None, "{to}");
        plan
    })
    .collect()
}

#[test]
fn the_next_minor_is_its_channel_and_the_control_plane_goes_first() {
    let (plan, snapshot, stop, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    assert_eq!(stop, None);
    let check = |application: &str| {
        format!("juju run {application}/leader pre-upgrade-check --wait 300s --format json")
    };
    let refresh = |application: &str| format!("juju refresh {application} --channel 1.35/stable");
    let expected: Vec<String> = ["k8s", "k8s-worker", "k8s-worker-2"]
        .into_iter()
        .flat_map(|application| [check(application), refresh(application)])
        .collect();
    assert_eq!(acts(&plan), expected);
    let found = review(&plan, &snapshot);
    assert!(found.allows_approval(), "{found:#?}");
}

#[test]
fn what_the_guide_asks_for_before_one_begins_is_in_the_plan() {
    let (plan, _, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let found = steps(&plan);
    let place = |id: &str| found.iter().position(|step| step == id);
    let first_change = place("control-plane/k8s/refresh-channel").unwrap();
    for id in [
        "preflight/juju",
        "preflight/one-juju",
        "preflight/normal",
        "preflight/internet",
        "preflight/notes",
        "preflight/not-upgraded",
        "containerd/own-configuration",
        "capture/status",
        "backup/workloads",
        "backup/etcd",
    ] {
        assert!(
            place(id).is_some_and(|at| at < first_change),
            "{id}: {found:?}"
        );
    }
    for id in [
        "verify/nodes",
        "verify/status",
        "validate/deploy",
        "validate/test",
        "validate/logs",
    ] {
        assert!(place(id).is_some_and(|at| at > first_change), "{id}");
    }
    // The gates of other hops are not in the way of this one.
    assert_eq!(place("dual-stack/node-ip"), None);
    assert_eq!(place("datastore/not-dqlite"), None);
}

#[test]
fn one_juju_is_client_controller_and_model() {
    let (plan, mut snapshot, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let step = plan.step(&name("preflight/one-juju")).unwrap();
    let mut judged = |programs: &Programs| {
        programs.look_at(&step.looks(), &mut snapshot);
        judge_all(&step.reaches, &snapshot)
    };
    assert!(judged(&programs("1.35.0")).holds());
    let controller = json!({"lxd": {"details": {"agent-version": "3.6.8"}}}).to_string();
    for (line, out) in [
        ("juju version", "3.6.10-ubuntu-amd64\n"),
        ("juju version", "4.0.0-ubuntu-amd64\n"),
        ("juju show-controller --format json", controller.as_str()),
    ] {
        let found = judged(&programs("1.35.0").with(line, out));
        assert!(matches!(found, Judgement::Fails(_)), "{line}: {found:?}");
    }
    let other = json!({"prod": {"details": {"agent-version": "3.6.9"}}}).to_string();
    let found = judged(&programs("1.35.0").with("juju show-controller --format json", other));
    assert!(matches!(found, Judgement::Unknown(_)), "{found:?}");
}

#[test]
fn the_newest_patch_comes_before_the_next_minor() {
    let mut snapshot = at(34);
    applications(&mut snapshot)
        .get_mut(&name("k8s"))
        .unwrap()
        .offered = Seen::Is(Some(2000));
    let error = plan_to("1.35.0", snapshot.clone(), &programs("1.35.0")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the hop v1.34.3 to v1.35.0 cannot be planned: revision 2000 of k8s is offered on the \
         present channel, and the newest patch comes before the next minor"
    );
    applications(&mut snapshot)
        .get_mut(&name("k8s"))
        .unwrap()
        .offered = Seen::Gap(Unseen::NotAsked);
    let (plan, _, stop, _) = plan_to("1.35.0", snapshot, &programs("1.35.0")).unwrap();
    assert_eq!(acts(&plan), Vec::<String>::new());
    assert!(
        stop.unwrap()
            .contains("what the channel offers for k8s is not known")
    );
}

#[test]
fn a_minor_is_never_skipped() {
    let error = plan_to("1.36.0", at(34), &programs("1.36.0")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "k8s is upgraded by charm revision, and 1.35 does not say which release that brings"
    );
    let mut asked = request("1.36.0");
    asked.hop = Some(refit_model::plan::Hop {
        from: name("v1.34.3"),
        to: name("v1.36.0"),
    });
    let error = planned(&template(CHARM), at(34), &programs("1.36.0"), &asked).unwrap_err();
    assert!(
        error.to_string().contains("the next minor is the farthest"),
        "{error}"
    );
}

#[test]
fn workers_two_minors_behind_go_before_the_control_plane() {
    let mut snapshot = at(34);
    workers_at(&mut snapshot, 33);
    let (plan, _, stop, later) = plan_to("1.35.0", snapshot.clone(), &programs("1.34.3")).unwrap();
    assert_eq!(stop, None);
    assert_eq!(later, ["v1.34.3 to v1.35.0"]);
    assert_eq!(
        acts(&plan),
        [
            "juju run k8s-worker-2/leader pre-upgrade-check --wait 300s --format json",
            "juju refresh k8s-worker-2 --channel 1.34/stable",
        ]
    );
    // Three behind, no charm takes them.
    workers_at(&mut snapshot, 32);
    let error = plan_to("1.35.0", snapshot.clone(), &programs("1.35.0")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the charm of 1.35 goes there from 1.34 to 1.35, and 1.32 runs"),
        "{error}"
    );
    // And where nobody saw what they run, the plan goes nowhere.
    let workers = applications(&mut snapshot)
        .get_mut(&name("k8s-worker-2"))
        .unwrap();
    workers.claimed_version = Seen::Gap(Unseen::NotAsked);
    let (plan, _, stop, _) = plan_to("1.35.0", snapshot, &programs("1.35.0")).unwrap();
    assert_eq!(acts(&plan), Vec::<String>::new());
    assert!(
        stop.unwrap()
            .contains("the version of k8s-worker-2 is not known")
    );
}

#[test]
fn the_way_to_1_36_stops_at_k8s_dqlite_and_at_a_datastore_that_was_not_seen() {
    let (plan, snapshot, stop, _) = plan_to("1.36.0", at(35), &programs("1.36.0")).unwrap();
    assert_eq!(stop, None);
    assert!(steps(&plan).contains(&"datastore/not-dqlite".to_owned()));
    assert!(review(&plan, &snapshot).allows_approval());

    let line = "juju config k8s bootstrap-datastore";
    for (why, programs) in [
        ("k8s-dqlite", programs("1.36.0").with(line, "dqlite\n")),
        (
            "a name that nobody knows",
            programs("1.36.0").with(line, "sqlite\n"),
        ),
        ("no answer", programs("1.36.0").ending(line, 1, "")),
    ] {
        let (plan, snapshot, stop, _) = plan_to("1.36.0", at(35), &programs).unwrap();
        assert_eq!(acts(&plan), Vec::<String>::new(), "{why}");
        let stop = stop.unwrap();
        assert!(
            stop.starts_with("before datastore: a datastore that outlives k8s-dqlite is not known"),
            "{why}: {stop}"
        );
        assert!(!steps(&plan).is_empty() && !review(&plan, &snapshot).objections.is_empty());
    }
    // The snap itself is asked once more on the way.
    let step = plan.step(&name("datastore/not-dqlite")).unwrap();
    let mut snapshot = snapshot;
    programs("1.36.0")
        .with(
            "juju exec --unit k8s/leader -- k8s status",
            "cluster status:           ready\ndatastore:                k8s-dqlite\n",
        )
        .look_at(&step.looks(), &mut snapshot);
    let found = judge_all(&step.reaches, &snapshot);
    assert!(matches!(found, Judgement::Fails(_)), "{found:?}");
}

#[test]
fn ready_over_an_old_version_is_no_success() {
    let (plan, before, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let mut after = before;
    for application in applications(&mut after).values_mut() {
        application.channel = Seen::Is(name("1.35/stable"));
        application.revision = Seen::Is(1846);
        application.claimed_version = Seen::Is(Some(name("v1.34.3")));
    }
    for id in ["control-plane/k8s/wait", "control-plane/k8s/verify"] {
        let step = plan.step(&name(id)).unwrap();
        let found = judge_all(&step.reaches, &after);
        assert!(
            matches!(&found, Judgement::Fails(why) if why.contains("really runs v1.34.3")),
            "{id}: {found:?}"
        );
    }
}

#[test]
fn only_the_leader_waits_and_only_for_as_many_workers_as_are_older() {
    let (plan, before, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let step = plan.step(&name("control-plane/k8s/wait")).unwrap();
    let says = |unit: &str, message: &str, workers: &str| {
        let mut after = before.clone();
        for (called, application) in applications(&mut after) {
            let version = if called.as_str() == "k8s" {
                "v1.35.0"
            } else {
                workers
            };
            for seen in application.units.items.values_mut() {
                seen.version = Seen::Is(name(version));
            }
        }
        let control_plane = applications(&mut after).get_mut(&name("k8s")).unwrap();
        let seen = control_plane.units.items.get_mut(&name(unit)).unwrap();
        seen.workload = Seen::Is(refit_model::juju::Status {
            word: refit_model::juju::StatusWord::Waiting,
            message: message.to_owned(),
        });
        judge_all(&step.reaches, &after).holds()
    };
    assert!(says("k8s/0", "Waiting for 3 Workers to upgrade", "v1.34.3"));
    // Another number, another unit, and workers that are ahead instead.
    assert!(!says(
        "k8s/0",
        "Waiting for 2 Workers to upgrade",
        "v1.34.3"
    ));
    assert!(!says(
        "k8s/1",
        "Waiting for 3 Workers to upgrade",
        "v1.34.3"
    ));
    assert!(!says(
        "k8s/0",
        "Waiting for 3 Workers to upgrade",
        "v1.36.0"
    ));
}

type Break = fn(&mut PlanBody, &mut Snapshot);

fn refreshes(body: &mut PlanBody, change: impl Fn(&mut Option<refit_model::name::Channel>)) {
    for step in body.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        if let Some(Act::Juju(JujuAct::Refresh { channel, .. })) = &mut step.act {
            change(channel);
        }
    }
}

/// Ways to break a plan for 1.36, each with the code that objects to it.
const BROKEN: &[(&str, &str, Break)] = &[
    ("another risk", "RFO199", |body, _| {
        refreshes(body, |channel| *channel = Some(name("1.36/edge")));
    }),
    ("a skipped channel", "RFO199", |body, _| {
        refreshes(body, |channel| *channel = Some(name("1.37/stable")));
    }),
    ("no channel at all", "RFO199", |body, _| {
        refreshes(body, |channel| *channel = None);
    }),
    ("workers two minors behind", "RFO211", |_, snapshot| {
        workers_at(snapshot, 34);
    }),
    ("a patch left out", "RFO212", |_, snapshot| {
        let control_plane = applications(snapshot).get_mut(&name("k8s")).unwrap();
        control_plane.offered = Seen::Is(Some(2000));
    }),
    ("nobody asks for the datastore", "RFO213", |body, _| {
        body.stages.retain(|stage| stage.id.as_str() != "datastore");
    }),
    ("workers left on their channel", "RFO192", |body, _| {
        body.stages
            .retain(|stage| !stage.id.as_str().starts_with("workers/"));
    }),
];

/// Breaks a plan for a minor in every way, and tells with which codes the review
/// objected.
pub(crate) fn broken_minors() -> Vec<String> {
    let mut tried = vec!["RFO214".to_owned()];
    let (plan, snapshot, _, _) = plan_to("1.36.0", at(35), &programs("1.36.0")).unwrap();
    let before = codes(&review(&plan, &snapshot));
    // Of 1.36 no charm was known when the knowledge was written down: a caution.
    assert!(before.contains(&"RFO214".to_owned()), "{before:?}");
    for (what, code, change) in BROKEN {
        assert!(!before.contains(&(*code).to_owned()), "{what}: {before:?}");
        let (mut body, mut landscape) = (plan.spec.clone(), snapshot.clone());
        change(&mut body, &mut landscape);
        let broken = UpgradePlan::seal(body).unwrap();
        let found = codes(&review(&broken, &landscape));
        assert!(found.contains(&(*code).to_owned()), "{what}: {found:?}");
        tried.push((*code).to_owned());
    }
    tried
}

#[test]
fn applications_that_were_not_all_seen_are_no_ground_for_a_plan() {
    let mut snapshot = at(34);
    let model = snapshot.juju.as_mut().unwrap();
    model.applications = Listing {
        extent: refit_model::seen::Extent::Part(Unseen::NotAsked),
        ..model.applications.clone()
    };
    let error = plan_to("1.35.0", snapshot, &programs("1.35.0")).unwrap_err();
    assert!(matches!(error, PlanError::Unseen { .. }), "{error}");
}
