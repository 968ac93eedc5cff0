//! The executor dies: at every write, on both sides of the commit, once and
//! twice, and while answers are lost. It resumes to the same end, and no effect
//! happens twice that its class forbids.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod meanwhile;
mod unknown;

use refit_executor::ports::{Guard, Journal};
use refit_executor::{
    MemoryJournal, OnHeld, Ports, RunError, RunEvent, RunOptions, RunOutcome, StepPhase, run,
};
use refit_model::act::{EffectClass, Fence, op_key};
use refit_model::name::RunId;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use refit_store::{IfMissing, SqliteJournal};
use refit_tests::crashing::{CrashingJournal, Death};
use refit_tests::tiny::plans::each_class;
use refit_tests::tiny::world::{self, Rules, Scripted};

fn run_id() -> RunId {
    "r1".parse().unwrap()
}

/// The options of the nth process.
fn process(number: u32) -> RunOptions {
    RunOptions {
        on_held: OnHeld::Wait,
        ..RunOptions::new(
            "refit".parse().unwrap(),
            format!("process-{number}").parse().unwrap(),
        )
    }
}

async fn go<J: Journal>(
    plan: &UpgradePlan,
    world: &Scripted,
    journal: &J,
    options: &RunOptions,
) -> Result<RunOutcome, RunError> {
    let ports = Ports {
        world,
        journal,
        clock: world,
    };
    run(plan, &run_id(), ports, options, &mut |_| {}).await
}

/// Checks that no key had more effects than its class allows, and that nothing
/// happened without an intent recorded before.
fn check_effects(plan: &UpgradePlan, world: &Scripted, outcome: &RunOutcome, told: &str) {
    let intended: Vec<_> = outcome
        .events
        .iter()
        .filter_map(|event| {
            if let RunEvent::Intended { key, .. } = RunEvent::of(event).unwrap() {
                Some(key)
            } else {
                None
            }
        })
        .collect();
    for (key, count) in world.effects() {
        assert!(intended.contains(&key), "{told}: an effect without intent");
        let step = plan
            .steps()
            .map(|(_, step)| step)
            .find(|step| op_key(&run_id(), &step.id, 1) == key)
            .unwrap();
        match step.effect {
            EffectClass::Read | EffectClass::Converge => {}
            EffectClass::Keyed
            | EffectClass::Cas
            | EffectClass::Probeable
            | EffectClass::Blind
            | EffectClass::Human => assert_eq!(count, 1, "{told}: {} happened twice", step.id),
        }
    }
}

/// What one event of each step says, in order: what must be the same however
/// often the executor died.
fn ended(outcome: &RunOutcome) -> Vec<(String, StepPhase)> {
    outcome
        .state
        .steps()
        .map(|(id, step)| (id.to_string(), step.phase))
        .collect()
}

#[test]
fn it_dies_at_every_write_and_resumes_to_the_same_end() {
    let plan = each_class();
    pollster::block_on(async {
        let calm = Scripted::new(Rules::default());
        let counting = MemoryJournal::new();
        let counted = CrashingJournal::new(&counting, 0, Death::BeforeCommit);
        let undisturbed = go(&plan, &calm, &counted, &process(1)).await.unwrap();
        assert_eq!(undisturbed.ending, Ending::Succeeded);
        let writes = counted.appends();
        assert!(writes > 15, "{writes} writes");
        for nth in 1..=writes {
            for death in Death::ALL {
                let told = format!("{death:?} of write {nth}");
                let world = Scripted::new(Rules::default());
                let journal = MemoryJournal::new();
                let crashing = CrashingJournal::new(&journal, nth, death);
                let died = go(&plan, &world, &crashing, &process(1)).await;
                assert!(matches!(died, Err(RunError::Append(_))), "{told}: {died:?}");
                let resumed = go(&plan, &world, &journal, &process(2)).await.unwrap();
                assert_eq!(resumed.ending, Ending::Succeeded, "{told}");
                assert_eq!(world.landscape(), calm.landscape(), "{told}");
                assert_eq!(ended(&resumed), ended(&undisturbed), "{told}");
                check_effects(&plan, &world, &resumed, &told);
            }
        }
    });
}

#[test]
fn it_dies_twice() {
    let plan = each_class();
    pollster::block_on(async {
        for first in 1..=30 {
            for second in 1..=30 {
                for death in Death::ALL {
                    let told = format!("{death:?} of writes {first} and then {second}");
                    let world = Scripted::new(Rules::default());
                    let journal = MemoryJournal::new();
                    let crashing = CrashingJournal::new(&journal, first, death);
                    drop(go(&plan, &world, &crashing, &process(1)).await);
                    let crashing = CrashingJournal::new(&journal, second, death);
                    drop(go(&plan, &world, &crashing, &process(2)).await);
                    let resumed = go(&plan, &world, &journal, &process(3)).await.unwrap();
                    assert_eq!(resumed.ending, Ending::Succeeded, "{told}");
                    check_effects(&plan, &world, &resumed, &told);
                }
            }
        }
    });
}

#[test]
fn without_a_fence_a_person_is_asked_before_anything_could_happen_twice() {
    let plan = each_class();
    pollster::block_on(async {
        let mut asked = 0;
        for nth in 1..=30 {
            for death in Death::ALL {
                let told = format!("{death:?} of write {nth}");
                let world = Scripted::new(Rules {
                    fence: Fence::Unsupported,
                    ..Rules::default()
                });
                let journal = MemoryJournal::new();
                let crashing = CrashingJournal::new(&journal, nth, death);
                drop(go(&plan, &world, &crashing, &process(1)).await);
                let resumed = go(&plan, &world, &journal, &process(2)).await.unwrap();
                check_effects(&plan, &world, &resumed, &told);
                match &resumed.ending {
                    Ending::Succeeded => {}
                    Ending::Stopped(why) => {
                        assert!(why.contains("refresh: needs a person"), "{told}: {why}");
                        asked += 1;
                    }
                    other @ Ending::SucceededWithExceptions(_) => panic!("{told}: {other:?}"),
                }
            }
        }
        assert_eq!(
            asked, 1,
            "only when the request was recorded and never sent"
        );
    });
}

#[test]
fn it_dies_at_every_write_to_a_database() {
    let plan = each_class();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for nth in 1..=30 {
            for death in Death::ALL {
                let told = format!("{death:?} of write {nth}");
                let home = tempfile::tempdir().unwrap();
                let path = home.path().join("journal.db");
                let world = Scripted::new(Rules::default());
                let journal = SqliteJournal::open(&path, IfMissing::Create).await.unwrap();
                let crashing = CrashingJournal::new(&journal, nth, death);
                drop(go(&plan, &world, &crashing, &process(1)).await);
                drop(journal);
                let journal = SqliteJournal::open(&path, IfMissing::Refuse).await.unwrap();
                let resumed = go(&plan, &world, &journal, &process(2)).await.unwrap();
                assert_eq!(resumed.ending, Ending::Succeeded, "{told}");
                check_effects(&plan, &world, &resumed, &told);
            }
        }
    });
}

#[test]
fn one_that_was_taken_over_writes_nothing_more() {
    let plan = each_class();
    pollster::block_on(async {
        let world = Scripted::new(Rules::default());
        let journal = MemoryJournal::new();
        let mut seen = 0;
        let ports = Ports {
            world: &world,
            journal: &journal,
            clock: &world,
        };
        // When the cordon's intent is recorded, the process is held up for
        // longer than its lease, and another one takes the target over.
        let stopped = run(&plan, &run_id(), ports, &process(1), &mut |event| {
            seen = event.seq;
            if let RunEvent::Intended { .. } = RunEvent::of(event).unwrap() {
                world.pass(refit_model::duration::Seconds::new(90));
                let now = refit_executor::ports::Clock::now(&world);
                let holder = "process-2".parse().unwrap();
                let target = plan.spec.cluster.id.clone();
                pollster::block_on(journal.acquire(
                    &target,
                    &holder,
                    now,
                    refit_model::duration::Seconds::minutes(1),
                ))
                .unwrap();
            }
        })
        .await;
        assert!(
            matches!(stopped, Err(RunError::Fenced { .. })),
            "{stopped:?}"
        );
        assert_eq!(
            world.requests(),
            0,
            "nothing is sent after the lease is gone"
        );
        let stream = "run/r1".parse().unwrap();
        let kept = journal.read(&stream, 0).await.unwrap();
        assert_eq!(kept.last().unwrap().seq, seen, "nothing is written either");
        let resumed = go(&plan, &world, &journal, &process(2)).await.unwrap();
        assert_eq!(resumed.ending, Ending::Succeeded);
        check_effects(&plan, &world, &resumed, "after a takeover");
    });
}

#[test]
fn another_plan_an_edited_plan_and_another_cluster_are_refused() {
    let plan = each_class();
    pollster::block_on(async {
        let world = Scripted::new(Rules::default());
        let journal = MemoryJournal::new();
        let mut edited = plan.clone();
        edited.spec.pace = 9;
        let refused = go(&edited, &world, &journal, &process(1)).await;
        assert!(
            matches!(refused, Err(RunError::Edited { .. })),
            "{refused:?}"
        );

        let mut elsewhere = plan.spec.clone();
        elsewhere.cluster.id = "c-2".parse().unwrap();
        let elsewhere = UpgradePlan::seal(elsewhere).unwrap();
        let refused = go(&elsewhere, &world, &journal, &process(1)).await;
        assert!(
            matches!(refused, Err(RunError::WrongCluster { .. })),
            "{refused:?}"
        );
        assert_eq!(
            journal.streams("").await.unwrap(),
            [],
            "a refusal leaves no trace in the journal"
        );

        go(&plan, &world, &journal, &process(1)).await.unwrap();
        let mut other = plan.spec.clone();
        other.pace = 2;
        let other = UpgradePlan::seal(other).unwrap();
        let refused = go(&other, &world, &journal, &process(1)).await;
        assert!(
            matches!(refused, Err(RunError::OtherPlan { .. })),
            "{refused:?}"
        );
    });
}

#[test]
fn a_lease_is_awaited_or_refused() {
    let plan = each_class();
    pollster::block_on(async {
        let world = Scripted::new(Rules::default());
        let journal = MemoryJournal::new();
        let target = plan.spec.cluster.id.clone();
        let other = "other".parse().unwrap();
        let ttl = refit_executor::LEASE_TTL;
        let lease = journal
            .acquire(&target, &other, world::start(), ttl)
            .await
            .unwrap();
        journal
            .append(&"run/other".parse().unwrap(), 0, Guard::Held(&lease), &[])
            .await
            .unwrap();
        let refusing = RunOptions {
            on_held: OnHeld::Refuse,
            ..process(1)
        };
        let refused = go(&plan, &world, &journal, &refusing).await;
        assert!(matches!(refused, Err(RunError::Lease(_))), "{refused:?}");
        let waited = go(&plan, &world, &journal, &process(1)).await.unwrap();
        assert_eq!(waited.ending, Ending::Succeeded);
        let began = waited.events.first().unwrap().event.at;
        assert_eq!(began, ttl.after(world::start()));
    });
}
