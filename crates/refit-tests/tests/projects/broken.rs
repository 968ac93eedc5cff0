//! Plans for projects that were broken on purpose: each is objected to with its
//! code, and the unbroken ones are not.

use crate::commands::{aks, aks_programs};
use crate::support::{codes, planned, release, review, template};
use crate::{cluedin, osism};
use refit_model::act::{Act, ExecAct, HelmAct, OsismAct};
use refit_model::command::Word;
use refit_model::plan::{Goal, PlanBody, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::step::{Step, StepKind};
use refit_planner::{PlanRequest, Target, Terms};
use refit_tests::programs::{Programs, landscape};
use serde_json::json;
use std::collections::BTreeSet;

type Break = fn(&mut PlanBody);

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn each(body: &mut PlanBody, change: impl Fn(&mut Step)) {
    for step in body.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        change(step);
    }
}

fn without(body: &mut PlanBody, gone: impl Fn(&Step) -> bool) {
    for stage in &mut body.stages {
        stage.steps.retain(|step| !gone(step));
    }
}

fn upgrades(step: &mut Step, change: impl Fn(&mut HelmAct)) {
    if let Some(Act::Helm(act @ HelmAct::Upgrade { .. })) = &mut step.act {
        change(act);
    }
}

const CLUEDIN: &[(&str, &str, Break)] = &[
    ("a hop that no page leads", "RFO202", |body| {
        if let Goal::Project { hop, .. } = &mut body.goal {
            hop.from = word("2025.05.00");
        }
    }),
    ("the chart of another release", "RFO203", |body| {
        each(body, |step| {
            upgrades(step, |act| {
                if let HelmAct::Upgrade { version, .. } = act {
                    *version = word("2.7.0");
                }
            });
        });
    }),
    ("no copy of the disks", "RFO204", |body| {
        without(body, |step| step.kind == StepKind::Backup);
    }),
    ("the data stays where it is", "RFO205", |body| {
        without(body, |step| step.id.as_str().ends_with("/stage-2"));
    }),
    ("the system stays closed", "RFO206", |body| {
        without(body, |step| step.id.as_str().ends_with("/stage-3"));
    }),
];

const OSISM: &[(&str, &str, Break)] = &[
    ("two series at once", "RFO202", |body| {
        if let Goal::Project { hop, .. } = &mut body.goal {
            hop.from = word("8.1.0");
        }
    }),
    ("keystone before common", "RFO207", |body| {
        let place = |body: &PlanBody, id: &str| {
            body.stages
                .iter()
                .position(|stage| stage.id.as_str() == id)
                .unwrap()
        };
        let (one, other) = (place(body, "roles/common"), place(body, "roles/keystone"));
        body.stages.swap(one, other);
    }),
    ("images come with the restart", "RFO208", |body| {
        without(body, |step| step.id.as_str() == "pull/nova/pull");
    }),
    ("variables before the role", "RFO209", |body| {
        each(body, |step| {
            if let Some(Act::Osism(OsismAct::Apply {
                role, arguments, ..
            })) = &mut step.act
                && role.as_str() == "ceph-rolling_update"
            {
                *arguments = ["-e", "ireallymeanit=yes", "ceph-rolling_update"]
                    .map(word)
                    .to_vec();
            }
        });
    }),
];

#[track_caller]
fn check(
    tried: &mut BTreeSet<String>,
    made: (UpgradePlan, Snapshot),
    cases: &[(&str, &str, Break)],
) {
    let (plan, snapshot) = made;
    let before = codes(&review(&plan, &snapshot));
    for (what, code, change) in cases {
        assert!(!before.contains(&(*code).to_owned()), "{what}: {before:?}");
        let mut body = plan.spec.clone();
        change(&mut body);
        let broken = UpgradePlan::seal(body).unwrap();
        let found = codes(&review(&broken, &snapshot));
        assert!(found.contains(&(*code).to_owned()), "{what}: {found:?}");
        tried.insert((*code).to_owned());
    }
}

#[test]
fn every_way_to_break_a_plan_for_a_project_is_objected_to() {
    let mut tried = BTreeSet::new();
    check(&mut tried, cluedin::to_2026_02(), CLUEDIN);
    check(&mut tried, osism::to_10_2(), OSISM);

    // What a provider's command does to nodes cannot be followed.
    let request = PlanRequest {
        target: Target::Kubernetes("1.34.1".parse().unwrap()),
        parameters: [
            ("resourceGroup", "rg-cluedin"),
            ("cluster", "aks-cluedin"),
            ("subscription", "sub"),
        ]
        .map(|(name, value)| (name.parse().unwrap(), value.to_owned()))
        .into(),
        hop: None,
        terms: Terms::default(),
    };
    let (made, snapshot) = planned(&template("aks"), aks(), &aks_programs(), &request).unwrap();
    assert_eq!(codes(&review(&made.plan, &snapshot)), ["RFO201"]);
    tried.insert("RFO201".to_owned());

    // A project that nobody wrote down is planned, and the reader is told.
    let list =
        json!([{"name": "shop", "app_version": "1.2.0", "revision": "3", "status": "deployed"}]);
    let programs = Programs::default().with(
        "helm list -a -n shop --filter '^shop$' -o json",
        list.to_string(),
    );
    let request = release(
        "1.3.0",
        &[
            ("project", "our-own-shop"),
            ("release", "shop"),
            ("namespace", "shop"),
            ("chart", "ours/shop"),
            ("chartVersion", "4.5.6"),
            ("values", "shop.yml"),
        ],
    );
    let (made, snapshot) = planned(
        &template("helm-release"),
        landscape("here"),
        &programs,
        &request,
    )
    .unwrap();
    assert_eq!(made.report.stops, None);
    assert_eq!(codes(&review(&made.plan, &snapshot)), ["RFO210"]);
    tried.insert("RFO210".to_owned());

    tried.extend(crate::canonical::broken_minors());
    tried.retain(|code| code.as_str() > "RFO200");
    let every: BTreeSet<String> = refit_reviewer::codes::ALL
        .iter()
        .map(|page| page.code.to_string())
        .filter(|code| code.as_str() > "RFO200")
        .collect();
    assert_eq!(tried, every);
}

#[test]
fn a_command_that_claims_to_be_safer_than_it_is_hides_nothing() {
    let (plan, snapshot) = cluedin::to_2026_02();
    let mut body = plan.spec.clone();
    // A check that changes something.
    each(&mut body, |step| {
        if step.id.as_str() == "health/pods" {
            step.act = Some(Act::Exec(ExecAct {
                run: refit_model::command::Words::new(["kubectl", "delete", "pods", "--all"])
                    .unwrap(),
                on: None,
                dir: None,
                input: None,
                output: None,
                effect: refit_model::act::EffectClass::Converge,
            }));
        }
    });
    let found = review(&UpgradePlan::seal(body).unwrap(), &snapshot);
    assert!(!found.allows_approval(), "{found:#?}");
}
