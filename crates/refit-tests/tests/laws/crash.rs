//! *Crash*: kill the executor at any journal write, resume: same end, and no
//! effect twice that its class forbids. For both built-in lines, at every single
//! write, on either side of its commit.

use refit_executor::MemoryJournal;
use refit_model::act::{EffectClass, op_key};
use refit_model::name::StepId;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_model::verification::verify;
use refit_tests::crashing::{CrashingJournal, Death};
use refit_tests::landscapes::{
    BudgetSpec, DeploymentSpec, LandscapeSpec, PoolSpec, charm, kubeadm, name,
};
use refit_tests::line::{changes, fitting, plan, plan_again, run_on, seen, twin};
use refit_twin::SharedTwin;
use std::collections::BTreeMap;

/// A cluster small enough to be upgraded some hundred times in a test.
fn small() -> Snapshot {
    let usual = LandscapeSpec::default();
    kubeadm(&LandscapeSpec {
        control_plane: 1,
        pools: vec![PoolSpec {
            nodes: 2,
            kubelets: usual.servers.clone(),
        }],
        deployments: vec![DeploymentSpec {
            replicas: 2,
            budget: BudgetSpec::OneMayGo,
            scratch: true,
        }],
        ..usual
    })
}

/// How often the effect of each step was really applied.
fn applied(made: &UpgradePlan, twin: &SharedTwin) -> BTreeMap<StepId, usize> {
    let steps: BTreeMap<_, _> = made
        .steps()
        .filter(|(_, step)| step.act.is_some())
        // No law here decides on a new try, so the first key is the only one;
        // nine are known, so that a wrong new try would be counted too.
        .flat_map(|(_, step)| {
            (1..=9).map(|attempt| (op_key(&name("law"), &step.id, attempt), step.id.clone()))
        })
        .collect();
    let mut counts = BTreeMap::new();
    twin.with(|twin| {
        for effect in twin.effects().iter().filter(|effect| effect.applied) {
            let step = steps.get(&effect.key).expect("an effect of this plan");
            *counts.entry(step.clone()).or_insert(0) += 1;
        }
    });
    counts
}

/// Whether the line has reached the end that the plan promises.
fn check_end(made: &UpgradePlan, before: &Snapshot, twin: &SharedTwin, when: &str) {
    let after = seen(twin);
    let verification = verify(made, before, &after);
    assert!(verification.holds(), "{when}: {:?}", verification.claims);
    let again = plan_again(&fitting(before), &after, made).unwrap();
    assert_eq!(changes(&again.plan), [], "{when}");
}

/// Kills the line at every write and resumes it; returns the number of writes.
fn kill_everywhere(snapshot: &Snapshot, target: &str) -> u64 {
    let made = plan(&fitting(snapshot), snapshot, &target.parse().unwrap())
        .unwrap()
        .plan;

    let undisturbed = twin(&made, snapshot);
    let memory = MemoryJournal::default();
    let counting = CrashingJournal::new(&memory, 0, Death::BeforeCommit);
    let outcome = run_on(&made, &undisturbed, &counting, "only", &mut |_| {}).unwrap();
    assert_eq!(outcome.ending, Ending::Succeeded);
    check_end(&made, snapshot, &undisturbed, "undisturbed");
    let writes = counting.appends();

    for nth in 1..=writes {
        for death in Death::ALL {
            let when = format!("killed at write {nth} of {writes}, {death:?}");
            let twin = twin(&made, snapshot);
            let memory = MemoryJournal::default();
            let dying = CrashingJournal::new(&memory, nth, death);
            let killed = run_on(&made, &twin, &dying, "first", &mut |_| {});
            assert!(killed.is_err(), "{when}: it survived");
            let outcome = run_on(&made, &twin, &memory, "second", &mut |_| {}).unwrap();
            assert_eq!(outcome.ending, Ending::Succeeded, "{when}");
            check_end(&made, snapshot, &twin, &when);
            for (step, count) in applied(&made, &twin) {
                let once = match made.step(&step).unwrap().effect {
                    // An absolute state may be set again and again.
                    EffectClass::Read | EffectClass::Converge => false,
                    EffectClass::Keyed
                    | EffectClass::Cas
                    | EffectClass::Probeable
                    | EffectClass::Blind
                    | EffectClass::Human => true,
                };
                assert!(
                    !once || count == 1,
                    "{when}: {step} was applied {count} times"
                );
            }
        }
    }
    writes
}

#[test]
fn kubeadm_line() {
    let writes = kill_everywhere(&small(), "1.34");
    assert!(writes > 100, "only {writes} writes");
}

#[test]
fn charm_line() {
    let writes = kill_everywhere(&charm(), "1.34.3");
    assert!(writes > 30, "only {writes} writes");
}
