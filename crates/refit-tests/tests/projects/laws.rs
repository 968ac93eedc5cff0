//! The laws of the design over projects drawn by lot: *Sameness*, *Second
//! opinion*, *Caution*, and *Fixpoint* hop by hop. What no twin models is not
//! rehearsed, so *Suffix* is held by clusters alone.

use crate::cluedin::{SET, at};
use crate::support::{planned, release, review, template};
use proptest::prelude::*;
use refit_knowledge::Knowledge;
use refit_model::act::Act;
use refit_model::name::StepId;
use refit_model::plan::{Goal, UpgradePlan};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_planner::{PlanError, plan};
use refit_tests::programs::landscape;

/// Releases with the charts that bring them, in order; source:
/// knowledge/seeds/cluedin/versions.csv.
const RELEASES: &[(&str, &str)] = &[
    ("2024.03.00", "2.1.0"),
    ("2024.04.00", "2.2.0"),
    ("2024.07.00", "2.3.0"),
    ("2024.07.03", "2.3.2"),
    ("2024.12.00", "2.4.1"),
    ("2024.12.02", "2.4.2"),
    ("2025.05.00", "2.5.0"),
    ("2025.05.02", "2.5.3"),
    ("2025.09.00", "2.6.0"),
    ("2026.01.00", "2.7.0"),
    ("2026.02.00", "2.8.0"),
];

/// A project as it may be found, and what is wanted of it. There is a volume
/// always: to a plan that copies nothing the reviewer objects.
#[derive(Clone, Debug)]
struct Spec {
    from: usize,
    to: usize,
    volumes: usize,
    by_runbook: bool,
    told: bool,
}

fn specs() -> impl Strategy<Value = Spec> {
    let places =
        (0..RELEASES.len() - 1).prop_flat_map(|from| (Just(from), from + 1..RELEASES.len()));
    (places, 1_usize..5, any::<bool>(), any::<bool>()).prop_map(
        |((from, to), volumes, by_runbook, told)| Spec {
            from,
            to,
            volumes,
            by_runbook,
            told,
        },
    )
}

/// The request of a spec.
fn request(spec: &Spec) -> refit_planner::PlanRequest {
    let mut set: Vec<_> = SET.to_vec();
    if !spec.told {
        set.retain(|(name, _)| *name != "audience");
        set.push(("audience", "nobody"));
    }
    if spec.by_runbook {
        set.push(("backup", "runbook"));
    }
    release(RELEASES[spec.to].0, &set)
}

/// The plan of a spec, with what was seen.
fn made(spec: &Spec) -> Result<(UpgradePlan, Snapshot), PlanError> {
    let (tag, chart) = RELEASES[spec.from];
    let volumes: Vec<_> = (0..spec.volumes)
        .map(|number| serde_json::json!({"spec": {"volumeName": format!("pvc-{number}")}}))
        .collect();
    let claims = serde_json::json!({ "items": volumes }).to_string();
    let programs = at(tag, chart).with("kubectl get pvc -n cluedin -o json", claims);
    let template = template("cluedin/platform");
    planned(&template, landscape("aks"), &programs, &request(spec))
        .map(|(made, seen)| (made.plan, seen))
}

/// Whether no plan is due: no page leads that way. Everything else is a fault.
fn no_way(error: &PlanError) -> bool {
    matches!(
        error,
        PlanError::ProjectPath(_) | PlanError::ProjectBlocked(_)
    )
}

fn changes(plan: &UpgradePlan) -> Vec<(StepId, Option<Act>)> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| (step.id.clone(), step.act.clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same is planned twice, whatever order the answers came in; and the
    /// second opinion finds nothing fatal.
    #[test]
    fn sameness_and_second_opinion(spec in specs()) {
        match made(&spec) {
            Ok((first, mut seen)) => {
                seen.looks.reverse();
                let template = template("cluedin/platform");
                let again = plan(&template, &seen, Knowledge::embedded(), &request(&spec));
                prop_assert_eq!(&again.unwrap().plan.spec.stages, &first.spec.stages);
                let found = review(&first, &seen);
                prop_assert!(found.allows_approval(), "{:?}: {:#?}", spec, found.objections);
                prop_assert!(!changes(&first).is_empty());
            }
            Err(error) => prop_assert!(no_way(&error), "{:?}: {}", spec, error),
        }
    }

    /// Without any one of the answers the plan goes no further.
    #[test]
    fn caution(spec in specs(), lot in any::<prop::sample::Index>()) {
        let Ok((whole, mut seen)) = made(&spec) else { return Ok(()) };
        let place = lot.index(seen.looks.len());
        let hidden = seen.looks[place].look.to_string();
        seen.looks[place].shown = Seen::Gap(Unseen::Failed("hidden".to_owned()));
        let template = template("cluedin/platform");
        // A refusal is as soon as a plan can stop.
        let Ok(part) = plan(&template, &seen, Knowledge::embedded(), &request(&spec)) else {
            return Ok(());
        };
        let (whole, part) = (changes(&whole), changes(&part.plan));
        prop_assert!(whole.starts_with(&part), "without {}: {:?} is not the beginning of {:?}", hidden, part, whole);
    }

    /// Hop by hop the target is reached, each plan where the one before ended, and
    /// from the end there is nowhere to go.
    #[test]
    fn fixpoint(spec in specs()) {
        let mut here = spec.clone();
        let mut hops = 0;
        while here.from != here.to {
            let made = match made(&here) {
                Ok((made, _)) => made,
                Err(error) => {
                    // Where there is no way, there is none from the start.
                    prop_assert!(no_way(&error) && hops == 0, "{:?}: {}", here, error);
                    return Ok(());
                }
            };
            let Goal::Project { hop, .. } = &made.spec.goal else { panic!("{}", made.spec.goal) };
            prop_assert_eq!(hop.from.as_str(), RELEASES[here.from].0);
            let Some(next) = RELEASES.iter().position(|(tag, _)| *tag == hop.to.as_str()) else {
                // Over a release that the table of this test leaves out.
                return Ok(());
            };
            prop_assert!(here.from < next && next <= here.to, "{} overshoots {:?}", hop, here);
            here.from = next;
            hops += 1;
            prop_assert!(hops <= RELEASES.len());
        }
        let (at_the_end, _) = made(&here).unwrap();
        prop_assert_eq!(changes(&at_the_end), vec![], "{:?}", here);
    }
}
