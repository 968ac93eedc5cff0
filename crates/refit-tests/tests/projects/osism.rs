//! OSISM: its orders, its pulls, and what a client says that is not so.

use crate::support::{codes, planned, release, review, steps, template};
use refit_model::act::{Act, OsismAct};
use refit_model::condition::{Judgement, judge_all};
use refit_model::plan::UpgradePlan;
use refit_model::report::PlanReport;
use refit_model::snapshot::Snapshot;
use refit_planner::PlanError;
use refit_tests::programs::{Programs, landscape};

const ROLES: &str = "common,loadbalancer,opensearch,memcached,redis,mariadb,rabbitmq,openvswitch,ovn,\
    ceph-rolling_update,cephclient,openstackclient,keystone,glance,cinder,neutron,nova,prometheus,grafana,docker,k3s-upgrade";

fn recorded(name: &str) -> String {
    let path = format!("{}/tests/recorded/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// What a manager at 10.1.0 shows.
fn at_10_1() -> Programs {
    Programs::default()
        .with(
            "osism get versions manager (on localhost)",
            recorded("osism/get-versions-manager.txt"),
        )
        .with(
            "cat /share/ansible-execution-history.json (on localhost)",
            "{\"timestamp\": \"2026-11-20T06:23:43Z\", \"role\": \"nova\", \"arguments\": \"\", \"result\": \"success\"}",
        )
        .with(
            "grep manager_version /opt/configuration/environments/manager/configuration.yml (on localhost)",
            "manager_version: 10.1.0",
        )
        .with("git -C /opt/configuration log -1 --format=%s", "something")
        .with(
            "git -C /opt/configuration log -1 --format=%s '@{upstream}'",
            "something",
        )
        .with(
            "ceph -s -f json (on localhost)",
            recorded("ceph/status-ok.json"),
        )
}

fn plan_with(profile: &str, to: &str) -> Result<(UpgradePlan, PlanReport, Snapshot), PlanError> {
    let (made, snapshot) = planned(
        &template("osism/landscape"),
        landscape("testbed"),
        &at_10_1(),
        &release(
            to,
            &[
                ("roles", ROLES),
                ("profile", profile),
                ("audience", "the tenants"),
            ],
        ),
    )?;
    assert_eq!(made.report.stops, None, "{profile}");
    Ok((made.plan, made.report, snapshot))
}

/// The plan of a hop within a series.
pub(crate) fn to_10_2() -> (UpgradePlan, Snapshot) {
    let (plan, _, snapshot) = plan_with("ci", "10.2.0").unwrap();
    (plan, snapshot)
}

/// A plan within a series and one into the next, with every choice taken once.
pub(crate) fn every_kind() -> Vec<UpgradePlan> {
    let within = plan_with("ci", "10.2.0").unwrap().0;
    let nine = at_10_1().with(
        "osism get versions manager (on localhost)",
        recorded("osism/get-versions-manager.txt").replace("10.1.0", "9.5.0"),
    );
    let nine = nine.with(
        "osism migrate rabbitmq3to4 check (on localhost)",
        recorded("osism/migrate-check-required.txt"),
    );
    let roles = format!("{ROLES},octavia");
    let (made, _) = planned(
        &template("osism/landscape"),
        landscape("testbed"),
        &nine,
        &release(
            "10.2.0",
            &[
                ("roles", roles.as_str()),
                ("traefik", "yes"),
                ("amphora", "yes"),
                ("audience", "the tenants"),
            ],
        ),
    )
    .unwrap();
    assert_eq!(made.report.stops, None);
    vec![within, made.plan]
}

/// The roles in the order in which they are upgraded, or pulled.
fn applied(plan: &UpgradePlan, pulled: bool) -> Vec<String> {
    plan.steps()
        .filter_map(|(stage, step)| match &step.act {
            Some(Act::Osism(OsismAct::Apply {
                role, arguments, ..
            })) if stage.id.as_str().starts_with("roles/")
                || stage.id.as_str().starts_with("pull/") =>
            {
                let is_pull = arguments.iter().any(|word| word.as_str() == "pull");
                (is_pull == pulled).then(|| role.to_string())
            }
            Some(_) | None => None,
        })
        .collect()
}

#[test]
fn the_order_that_the_makers_test_keeps_every_rule() {
    let (plan, report, snapshot) = plan_with("ci", "10.2.0").unwrap();
    assert_eq!(report.conflicts, Vec::<String>::new());
    let found = review(&plan, &snapshot);
    assert_eq!(codes(&found), Vec::<String>::new(), "{found:#?}");
    let order = applied(&plan, false);
    assert_eq!(order.len(), 21);
    let place = |role: &str| order.iter().position(|other| other == role).unwrap();
    // What is deployed by Kolla comes after the tool box.
    for role in [
        "openvswitch",
        "ovn",
        "opensearch",
        "prometheus",
        "grafana",
        "keystone",
    ] {
        assert!(place("common") < place(role), "{role}");
    }
    assert!(place("openvswitch") < place("ovn"));
    assert!(place("ceph-rolling_update") < place("cephclient"));
    for role in ["glance", "cinder", "neutron", "nova"] {
        assert!(place("keystone") < place(role), "{role}");
    }
    // Neither is upgraded in the makers' tests: they come behind all of it.
    assert_eq!(order.last().map(String::as_str), Some("k3s-upgrade"));
}

#[test]
fn a_published_order_that_breaks_a_rule_is_planned_and_said_to() {
    let (plan, report, snapshot) = plan_with("seed", "10.2.0").unwrap();
    let [conflict] = report.conflicts.as_slice() else {
        panic!("{:?}", report.conflicts);
    };
    assert!(
        conflict.starts_with(
            "profile seed puts openvswitch, ovn, opensearch, prometheus, grafana before common"
        ),
        "{conflict}"
    );
    let found = review(&plan, &snapshot);
    assert!(codes(&found).contains(&"RFO207".to_owned()), "{found:#?}");
    assert!(found.allows_approval(), "a published order is no defect");
}

#[test]
fn a_pull_precedes_each_upgrade() {
    let (plan, ..) = plan_with("ci", "10.2.0").unwrap();
    let ids = steps(&plan);
    let place = |id: &str| ids.iter().position(|other| other == id);
    for role in applied(&plan, true) {
        let (pull, apply) = (
            place(&format!("pull/{role}/pull")).unwrap(),
            place(&format!("roles/{role}/apply")).unwrap(),
        );
        assert!(pull < apply, "{role}");
    }
    assert_eq!(applied(&plan, true).len(), 16);
}

/// How the end of a step is judged when a program answers like this.
fn judged(plan: &UpgradePlan, snapshot: &Snapshot, step: &str, line: &str, out: &str) -> Judgement {
    let step = plan.step(&step.parse().unwrap()).unwrap();
    let mut snapshot = snapshot.clone();
    at_10_1()
        .with(line, out)
        .look_at(&step.looks(), &mut snapshot);
    judge_all(&step.reaches, &snapshot)
}

#[test]
fn the_history_decides_and_no_client_does() {
    let (plan, _, snapshot) = plan_with("ci", "10.2.0").unwrap();
    let line = "cat /share/ansible-execution-history.json (on localhost)";
    let entry = |time: &str, role: &str, arguments: &str, result: &str| {
        format!(
            "{{\"timestamp\": \"{time}\", \"role\": \"{role}\", \"arguments\": \"{arguments}\", \"result\": \"{result}\"}}\n"
        )
    };
    let upgrade = "-e kolla_action=upgrade";
    let late = "2026-11-24T09:00:00.123Z";
    let ended = |history: String| judged(&plan, &snapshot, "roles/nova/apply", line, &history);
    assert!(
        ended(entry(late, "nova", upgrade, "started") + &entry(late, "nova", upgrade, "success"))
            .holds()
    );
    for (history, why) in [
        (entry(late, "nova", upgrade, "started"), "it is under way"),
        (entry(late, "nova", upgrade, "failure"), "it failed"),
        (
            entry(late, "nova", "-e kolla_action=pull", "success"),
            "only the images came",
        ),
        (entry(late, "glance", upgrade, "success"), "another role"),
        (
            entry("2026-11-20T06:23:44Z", "nova", upgrade, "success"),
            "an earlier upgrade",
        ),
    ] {
        assert!(matches!(ended(history), Judgement::Fails(_)), "{why}");
    }
    // The play of Ceph is recorded without its prefix.
    let ceph = judged(
        &plan,
        &snapshot,
        "roles/ceph-rolling_update/apply",
        line,
        &entry(late, "rolling_update", "-e ireallymeanit=yes", "success"),
    );
    assert!(ceph.holds(), "{ceph:?}");
}

#[test]
fn flags_that_were_left_are_found() {
    let (plan, _, snapshot) = plan_with("ci", "10.2.0").unwrap();
    let line = "ceph -s -f json (on localhost)";
    for (file, holds) in [
        ("ceph/status-ok.json", true),
        ("ceph/status-rolling-noout.json", false),
        ("ceph/status-err.json", false),
        ("ceph/status-mon-out-of-quorum.json", false),
    ] {
        let found = judged(&plan, &snapshot, "verify/ceph", line, &recorded(file));
        assert_eq!(found.holds(), holds, "{file}: {found:?}");
    }
    for (file, holds) in [
        ("ceph/versions-uniform.json", true),
        ("ceph/versions-mixed.json", false),
    ] {
        let found = judged(
            &plan,
            &snapshot,
            "roles/ceph-rolling_update/ceph-version",
            "ceph versions -f json (on localhost)",
            &recorded(file),
        );
        assert_eq!(found.holds(), holds, "{file}: {found:?}");
    }
}

#[test]
fn a_manager_that_only_says_so_is_not_upgraded() {
    let (plan, _, snapshot) = plan_with("ci", "10.2.0").unwrap();
    let line = "osism get versions manager (on localhost)";
    let table = recorded("osism/get-versions-manager.txt");
    let all = table.replace("10.1.0", "10.2.0");
    let one = table.replacen("10.1.0", "10.2.0", 1);
    let judged = |out: &str| judged(&plan, &snapshot, "manager/upgrade", line, out);
    assert!(judged(&all).holds());
    assert!(matches!(judged(&one), Judgement::Fails(_)));
    assert!(matches!(judged(&table), Judgement::Fails(_)));
}

#[test]
fn two_series_at_once_are_refused() {
    let nine = at_10_1().with(
        "osism get versions manager (on localhost)",
        recorded("osism/get-versions-manager.txt").replace("10.1.0", "8.1.0"),
    );
    let request = release("10.2.0", &[("roles", "common"), ("audience", "nobody")]);
    let made = planned(
        &template("osism/landscape"),
        landscape("testbed"),
        &nine,
        &request,
    );
    // Through the series between, never past it.
    match made {
        Ok((made, _)) => {
            let goal = made.plan.spec.goal.to_string();
            assert!(goal.starts_with("osism 8.1.0 to 9."), "{goal}");
            assert!(!made.report.later_hops.is_empty());
        }
        Err(error) => panic!("{error}"),
    }
    let error = plan_with("ci", "99.0.0").unwrap_err();
    assert!(matches!(error, PlanError::ProjectPath(_)), "{error}");
}

#[test]
fn a_role_that_nobody_knows_is_refused_before_anything_is_sent() {
    let request = release(
        "10.2.0",
        &[("roles", "common,keystoen"), ("audience", "nobody")],
    );
    let error = planned(
        &template("osism/landscape"),
        landscape("testbed"),
        &at_10_1(),
        &request,
    )
    .unwrap_err();
    assert!(error.to_string().contains("keystoen"), "{error}");
}
