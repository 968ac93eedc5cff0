//! CluedIn: its hops, its modes, and what is refused.

use crate::support::{codes, planned, release, review, steps, template};
use refit_model::act::{Act, HelmAct};
use refit_model::condition::{Judgement, judge_all};
use refit_model::look::Look;
use refit_model::plan::{Goal, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::standing::{Standing, standing};
use refit_model::step::{StepKind, WayBack};
use refit_planner::{PlanError, PlanRequest};
use refit_tests::programs::{Programs, landscape};
use serde_json::json;

pub(crate) const SET: &[(&str, &str)] = &[
    ("environment", "prod"),
    ("context", "aks-cluedin-eastus"),
    ("subscription", "00000000-0000-0000-0000-000000000000"),
    ("nodeResourceGroup", "mrg-cluedin-nodes"),
    ("url", "https://cluedin.example.com"),
    ("audience", "the data stewards"),
];

fn values(tag: &str) -> String {
    json!({"global": {"image": {"tag": tag}, "strategy": {"type": "Recreate"}}}).to_string()
}

fn list(chart: &str, revision: u32, status: &str) -> String {
    json!([{
        "name": "cluedin-platform", "namespace": "cluedin", "revision": revision.to_string(),
        "updated": "2026-11-17 19:02:11.903769241 +0000 UTC", "status": status,
        "chart": format!("cluedin-platform-{chart}"), "app_version": "2026.01.00",
    }])
    .to_string()
}

/// What a landscape at `tag` shows, with two volumes.
pub(crate) fn at(tag: &str, chart: &str) -> Programs {
    let claims = json!({"items": [
        {"spec": {"volumeName": "pvc-1a2b"}},
        {"spec": {"volumeName": "pvc-3c4d"}},
    ]});
    let nothing = json!({"items": [{"status": {"replicas": 2}}]}).to_string();
    Programs::default()
        .with(
            "helm get values cluedin-platform -n cluedin -o json",
            values(tag),
        )
        .with(
            "helm list -a -n cluedin -o json",
            list(chart, 14, "deployed"),
        )
        .with("kubectl get pvc -n cluedin -o json", claims.to_string())
        .with("kubectl get deploy -n cluedin -o json", nothing.as_str())
        .with("kubectl get statefulset -n cluedin -o json", nothing)
        .with(
            "kubectl logs deployment/cluedin-server -n cluedin --tail=-1",
            "",
        )
}

fn request(to: &str) -> PlanRequest {
    release(to, SET)
}

fn plan_from(tag: &str, chart: &str, to: &str) -> Result<(UpgradePlan, Snapshot), PlanError> {
    let made = planned(
        &template("cluedin/platform"),
        landscape("aks-cluedin-eastus"),
        &at(tag, chart),
        &request(to),
    )?;
    assert_eq!(made.0.report.stops, None);
    Ok((made.0.plan, made.1))
}

/// The plan of a hop that upgrades data.
pub(crate) fn to_2026_02() -> (UpgradePlan, Snapshot) {
    plan_from("2026.01.00", "2.7.0", "2026.02.00").unwrap()
}

/// A plan in each mode of the pages, with every choice taken once.
pub(crate) fn every_mode() -> Vec<UpgradePlan> {
    let mut plans: Vec<UpgradePlan> = [
        ("2026.01.00", "2.7.0", "2026.02.00"),
        ("2025.05.00", "2.5.0", "2025.05.02"),
        ("2024.12.00", "2.4.1", "2024.12.02"),
        ("2024.04.00", "2.2.0", "2024.07.00"),
    ]
    .into_iter()
    .map(|(from, chart, to)| plan_from(from, chart, to).unwrap().0)
    .collect();
    let mut by_runbook = SET.to_vec();
    by_runbook.push(("backup", "runbook"));
    let made = planned(
        &template("cluedin/platform"),
        landscape("aks-cluedin-eastus"),
        &at("2026.01.00", "2.7.0"),
        &release("2026.02.00", &by_runbook),
    );
    plans.push(made.unwrap().0.plan);
    plans
}

#[test]
fn six_hops_lead_over_two_years_and_five_of_them_upgrade_data() {
    let mut at_release = ("2024.07.00".to_owned(), "2.3.0".to_owned());
    let mut story = Vec::new();
    while at_release.0 != "2026.02.00" {
        let (plan, snapshot) = plan_from(&at_release.0, &at_release.1, "2026.02.00").unwrap();
        let Goal::Project { hop, .. } = &plan.spec.goal else {
            panic!("{}", plan.spec.goal);
        };
        let found = review(&plan, &snapshot);
        assert!(found.allows_approval(), "{hop}: {:#?}", found.objections);
        // Each hop is backed up by itself, before anything is changed in it.
        let first_change = plan
            .steps()
            .position(|(_, step)| matches!(step.act, Some(Act::Helm(HelmAct::Upgrade { .. }))))
            .unwrap();
        let copies = plan
            .steps()
            .take(first_change)
            .filter(|(_, step)| step.kind == StepKind::Backup)
            .count();
        assert_eq!(copies, 2, "{hop}: one copy for each volume");
        let data = hop.data_version.as_ref().map(ToString::to_string);
        story.push(format!("{hop} {}", data.as_deref().unwrap_or("-")));
        at_release = (hop.to.to_string(), hop.chart.as_ref().unwrap().to_string());
    }
    assert_eq!(
        story,
        [
            "2024.07.00 to 2024.12.00 Version440",
            "2024.12.00 to 2025.05.00 Version450",
            "2025.05.00 to 2025.05.02 -",
            "2025.05.02 to 2025.09.00 Version460",
            "2025.09.00 to 2026.01.00 Version470",
            "2026.01.00 to 2026.02.00 Version480",
        ]
    );
}

#[test]
fn a_hop_that_leaves_an_upgrade_of_data_out_is_refused() {
    let (mut plan, snapshot) = plan_from("2024.07.00", "2.3.0", "2024.12.02").unwrap();
    let Goal::Project { hop, .. } = &mut plan.spec.goal else {
        panic!();
    };
    // The planner goes by 2024.12; straight on is what a page seems to allow.
    assert_eq!(hop.to.as_str(), "2024.12.00");
    hop.to = "2024.12.02".to_owned().try_into().unwrap();
    let plan = UpgradePlan::seal(plan.spec).unwrap();
    let found = review(&plan, &snapshot);
    assert!(!found.allows_approval());
    assert!(codes(&found).contains(&"RFO202".to_owned()), "{found:#?}");
}

#[test]
fn values_that_keep_the_system_closed_are_refused() {
    let (plan, mut snapshot) = plan_from("2026.01.00", "2.7.0", "2026.02.00").unwrap();
    let step = plan
        .step(&"workstation/not-closed".parse().unwrap())
        .unwrap();
    let looks = step.looks();
    let check = |programs: Programs, snapshot: &mut Snapshot| {
        programs.look_at(&looks, snapshot);
        judge_all(&step.reaches, snapshot)
    };
    let get = "helm get values cluedin-platform -n cluedin -o json";
    // Exported after a first stage: what `--set` set is in the values.
    let polluted = json!({
        "global": {"image": {"tag": "2026.01.00"}},
        "application": {"system": {"upgradeMode": true}},
    });
    let found = check(
        Programs::default().with(get, polluted.to_string()),
        &mut snapshot,
    );
    assert!(matches!(found, Judgement::Fails(_)), "{found:?}");
    let found = check(
        Programs::default().with(get, values("2026.01.00")),
        &mut snapshot,
    );
    assert!(found.holds(), "{found:?}");
}

#[test]
fn after_the_databases_only_a_restore_goes_back() {
    for (from, chart, to) in [
        ("2026.01.00", "2.7.0", "2026.02.00"),
        ("2025.05.00", "2.5.0", "2025.05.02"),
    ] {
        let (plan, _) = plan_from(from, chart, to).unwrap();
        let upgrades: Vec<_> = plan
            .steps()
            .filter(|(_, step)| matches!(step.act, Some(Act::Helm(HelmAct::Upgrade { .. }))))
            .collect();
        assert!(!upgrades.is_empty());
        for (_, step) in upgrades {
            let WayBack::RestoreOnly(words) = &step.way_back else {
                panic!("{}: {:?}", step.id, step.way_back);
            };
            assert!(words.contains("Never helm rollback"), "{words}");
        }
    }
}

#[test]
fn the_mode_is_the_one_of_the_page() {
    let modes: &[(&str, &str, &str, &[&str])] = &[
        (
            "2026.01.00",
            "2.7.0",
            "2026.02.00",
            &[
                "upgrade-data/stage-1",
                "upgrade-data/stage-2",
                "upgrade-data/stage-3",
            ],
        ),
        ("2025.05.00", "2.5.0", "2025.05.02", &["upgrade-basic/helm"]),
        (
            "2024.12.00",
            "2.4.1",
            "2024.12.02",
            &["upgrade-values/helm"],
        ),
        ("2024.04.00", "2.2.0", "2024.07.00", &["upgrade-reuse/helm"]),
    ];
    for (from, chart, to, expected) in modes {
        let (plan, _) = plan_from(from, chart, to).unwrap();
        let found: Vec<_> = plan
            .steps()
            .filter(|(_, step)| {
                step.kind == StepKind::Act && step.id.as_str().starts_with("upgrade")
            })
            .map(|(_, step)| step.id.to_string())
            .collect();
        assert_eq!(found, *expected, "{from} to {to}");
    }
    // The extra steps of the page are there, and no others.
    let (plan, _) = plan_from("2025.05.00", "2.5.0", "2025.05.02").unwrap();
    let extra: Vec<_> = steps(&plan)
        .into_iter()
        .filter(|id| id.starts_with("before/"))
        .collect();
    assert_eq!(
        extra,
        ["before/hubspot-token", "before/keyvault-values-clean"]
    );
}

#[test]
fn only_the_answer_to_this_upgrade_ends_it() {
    let (plan, snapshot) = plan_from("2026.01.00", "2.7.0", "2026.02.00").unwrap();
    let step = plan.step(&"upgrade-data/stage-2".parse().unwrap()).unwrap();
    let looks = step.looks();
    let stands = |log: &str| {
        let mut snapshot = snapshot.clone();
        Programs::default()
            .with(
                "kubectl logs deployment/cluedin-server -n cluedin --tail=-1",
                log,
            )
            .look_at(&looks, &mut snapshot);
        standing(step, &snapshot)
    };
    let log = |name: &str| {
        let path = format!(
            "{}/tests/recorded/logs/cluedin-server-dataupgrade-{name}.log",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    };
    assert!(matches!(stands(&log("ok")), Standing::Done(_)));
    assert!(matches!(
        stands(&log("still-running")),
        Standing::Underway(_)
    ));
    // The 200 of another version, from an earlier hop of the same evening.
    assert!(matches!(stands(&log("wrong-version")), Standing::Ready(_)));
    assert!(matches!(stands(&log("500")), Standing::Diverged(_)));
    assert!(matches!(stands(""), Standing::Ready(_)));
}

#[test]
fn a_release_that_was_moved_by_somebody_else_is_not_success() {
    let (plan, snapshot) = plan_from("2025.05.00", "2.5.0", "2025.05.02").unwrap();
    let step = plan.step(&"upgrade-basic/helm".parse().unwrap()).unwrap();
    let line = "helm list -a -n cluedin -o json";
    let judged = |out: &str| {
        let mut snapshot = snapshot.clone();
        let looks = step.looks();
        Programs::default()
            .with(line, out)
            .look_at(&looks, &mut snapshot);
        judge_all(&step.reaches, &snapshot)
    };
    assert!(judged(&list("2.5.3", 15, "deployed")).holds());
    for (chart, revision, status) in [
        ("2.5.3", 16, "deployed"),
        ("2.5.3", 15, "failed"),
        ("2.5.3", 15, "pending-upgrade"),
        ("2.5.0", 15, "deployed"),
    ] {
        let found = judged(&list(chart, revision, status));
        assert!(
            matches!(found, Judgement::Fails(_)),
            "{chart} {revision} {status}: {found:?}"
        );
    }
}

#[test]
fn nothing_is_planned_over_what_was_not_seen() {
    let template = template("cluedin/platform");
    let request = request("2026.02.00");
    let refuse = |programs: &Programs| {
        planned(&template, landscape("aks"), programs, &request).map(|(made, _)| made.report.stops)
    };
    // No Helm: not even the release that runs is known.
    let error = refuse(&Programs::default()).unwrap_err();
    assert!(matches!(error, PlanError::Unseen { .. }), "{error}");
    // No volumes seen: the plan goes no further than the backup.
    let mut blind = at("2026.01.00", "2.7.0");
    blind = blind.ending("kubectl get pvc -n cluedin -o json", 1, "");
    let stop = refuse(&blind).unwrap().unwrap();
    assert_eq!(stop.before, "backup");
}

#[test]
fn at_the_target_nothing_is_left_to_change() {
    let programs = at("2026.02.00", "2.8.0");
    let (made, snapshot) = planned(
        &template("cluedin/platform"),
        landscape("aks"),
        &programs,
        &request("2026.02.00"),
    )
    .unwrap();
    let changes: Vec<_> = made
        .plan
        .steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| step.id.to_string())
        .collect();
    assert_eq!(made.report.stops, None);
    assert_eq!(changes, Vec::<String>::new(), "{:#?}", made.report);
    assert!(review(&made.plan, &snapshot).allows_approval());
}

#[test]
fn in_the_middle_of_an_upgrade_of_data_no_second_plan_is_made() {
    let closed = json!({
        "global": {"image": {"tag": "2026.02.00"}},
        "application": {"system": {"upgradeMode": true}},
    });
    let programs = at("2026.02.00", "2.8.0").with(
        "helm get values cluedin-platform -n cluedin -o json",
        closed.to_string(),
    );
    let error = planned(
        &template("cluedin/platform"),
        landscape("aks"),
        &programs,
        &request("2026.02.00"),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("anAnswerWhileDataIsBeingUpgraded"),
        "{error}"
    );
}

#[test]
fn a_hostile_parameter_stays_one_word_and_one_value() {
    let hostile = "x' || true || 'y";
    let set: Vec<_> = SET
        .iter()
        .map(|(name, value)| (*name, if *name == "audience" { hostile } else { *value }))
        .collect();
    let made = planned(
        &template("cluedin/platform"),
        landscape("aks"),
        &at("2026.01.00", "2.7.0"),
        &release("2026.02.00", &set),
    );
    assert!(made.is_ok());
    // Where it would reach a command, it is refused as no name.
    let set: Vec<_> = SET
        .iter()
        .map(|(name, value)| (*name, if *name == "context" { hostile } else { *value }))
        .collect();
    let error = planned(
        &template("cluedin/platform"),
        landscape("aks"),
        &at("2026.01.00", "2.7.0"),
        &release("2026.02.00", &set),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "parameter context: {hostile:?} is not a name of letters, digits and - _ . / = : , + @ %"
        )
    );
}

/// A capture sends its command when the file that it makes is not there: a look
/// at the file has to say so, and not that it cannot be told.
#[test]
fn what_is_not_there_yet_is_no_gap() {
    let (plan, snapshot) = to_2026_02();
    let mut looked_at = 0;
    for (_, step) in plan.steps().filter(|(_, step)| step.act.is_some()) {
        let files: Vec<_> = step
            .looks()
            .into_iter()
            .filter(|look| matches!(look, Look::File { .. }))
            .collect();
        if files.is_empty() {
            continue;
        }
        let mut snapshot = snapshot.clone();
        Programs::default().look_at(&files, &mut snapshot);
        let found = judge_all(&step.reaches, &snapshot);
        assert!(
            matches!(found, Judgement::Fails(_)),
            "{}: {found:?}",
            step.id
        );
        looked_at += 1;
    }
    assert_eq!(looked_at, 4);
}

#[test]
fn a_program_that_fails_stops_a_plan_and_never_carries_it_further() {
    let request = request("2026.02.00");
    let all = at("2026.01.00", "2.7.0");
    let (whole, _) = to_2026_02();
    let whole = changes(&whole);
    for (line, _) in all.lines() {
        let blind = all.clone().ending(line, 1, "");
        let made = planned(
            &template("cluedin/platform"),
            landscape("aks-cluedin-eastus"),
            &blind,
            &request,
        );
        match made {
            Err(error) => assert!(matches!(error, PlanError::Unseen { .. }), "{line}: {error}"),
            Ok((made, _)) => {
                assert!(made.report.stops.is_some(), "{line}");
                let left = changes(&made.plan);
                assert!(left.len() < whole.len(), "{line}");
                assert!(left.iter().all(|step| whole.contains(step)), "{line}");
            }
        }
    }
}

fn changes(plan: &UpgradePlan) -> Vec<String> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| step.id.to_string())
        .collect()
}
