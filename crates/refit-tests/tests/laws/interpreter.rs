//! There is one interpreter of plans: what is rehearsed is what is run.
//!
//! Two things prove it. Run events cannot be made outside the executor (their
//! variants are non-exhaustive, so this is checked by the compiler; the doc test
//! of `refit_tests::interpreter` shows that it is). And a rehearsal and a run of
//! one plan record the same events, word for word.

use refit_executor::{MemoryJournal, timeline};
use refit_knowledge::Knowledge;
use refit_model::duration::Seconds;
use refit_tests::landscapes::{charm, kubeadm};
use refit_tests::line::{fitting, plan, run_on, twin};
use refit_twin::{RehearsalOptions, rehearse};

#[test]
fn a_rehearsal_and_a_run_record_the_same_story() {
    for (snapshot, target) in [(kubeadm(&Default::default()), "1.34"), (charm(), "1.34.3")] {
        let made = plan(&fitting(&snapshot), &snapshot, &target.parse().unwrap())
            .unwrap()
            .plan;
        let rehearsed = rehearse(
            &made,
            &snapshot,
            Knowledge::embedded(),
            &RehearsalOptions::new(7),
        )
        .unwrap();
        let twin = twin(&made, &snapshot);
        let outcome = run_on(&made, &twin, &MemoryJournal::default(), "one", &mut |_| {}).unwrap();
        let spans = timeline(&outcome.events).unwrap();
        let start = outcome.events.first().unwrap().event.at;
        let run: Vec<_> = spans
            .iter()
            .map(|span| {
                (
                    span.step.clone(),
                    Seconds::between(start, span.begin),
                    span.outcome.to_string(),
                    span.waited_on.clone(),
                )
            })
            .collect();
        let rehearsal: Vec<_> = rehearsed
            .steps
            .iter()
            .map(|step| {
                (
                    step.step.clone(),
                    step.begins,
                    step.outcome.clone(),
                    step.waited_on.clone(),
                )
            })
            .collect();
        assert_eq!(rehearsal, run);
        assert_eq!(rehearsed.ending, outcome.ending);
    }
}

/// No other crate of the product names the core's decisions: they call `run`,
/// `tell` and `timeline`, and read.
#[test]
fn nobody_else_decides() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut callers = Vec::new();
    for room in refit_tests::house::HOUSE {
        if matches!(room.name, "refit-executor" | "refit-tests") {
            continue;
        }
        let mut ahead = vec![root.join(room.name).join("src")];
        while let Some(folder) = ahead.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    ahead.push(path);
                } else if std::fs::read_to_string(&path).unwrap().lines().any(|line| {
                    !line.trim_start().starts_with("//")
                        && (line.contains("executor::decide") || line.contains("decide::decide"))
                }) {
                    callers.push(path);
                }
            }
        }
    }
    assert_eq!(callers, Vec::<std::path::PathBuf>::new());
}
