//! CluedIn: a hop in the basic mode and one that upgrades data.

use crate::desk::{Desk, Person, Went, acting, allowed};
use refit_executor::StepPhase;
use refit_model::act::{Act, HelmAct};
use refit_model::command::Word;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use refit_model::step::Step;
use refit_planner::{PlanRequest, Target, Terms};
use refit_tests::stand_in::cluedin::{CONTEXT, GROUP, SUBSCRIPTION, Site, Trap};
use refit_tests::stand_in::{Fault, Way};

/// A hop, and what it does to a landscape, in order.
struct Hop {
    from: (&'static str, &'static str),
    to: &'static str,
    effects: &'static [&'static str],
    revision: u32,
}

const BASIC: Hop = Hop {
    from: ("2025.05.00", "2.5.0"),
    to: "2025.05.02",
    effects: &[
        "repository",
        "no deploy",
        "no statefulset",
        "copy of pvc-1a2b",
        "copy of pvc-3c4d",
        "chart 2.5.3, open",
    ],
    revision: 15,
};

const WITH_DATA: Hop = Hop {
    from: ("2026.01.00", "2.7.0"),
    to: "2026.02.00",
    effects: &[
        "repository",
        "no deploy",
        "no statefulset",
        "copy of pvc-1a2b",
        "copy of pvc-3c4d",
        "chart 2.8.0, closed",
        "data Version480",
        "chart 2.8.0, open",
    ],
    revision: 16,
};

fn request(to: &str) -> PlanRequest {
    let set = [
        ("environment", "prod"),
        ("context", CONTEXT),
        ("subscription", SUBSCRIPTION),
        ("nodeResourceGroup", GROUP),
        ("url", "https://cluedin.example.com"),
        ("audience", "the data stewards"),
    ];
    PlanRequest {
        target: Target::Release(Word::new(to).unwrap()),
        parameters: set
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.to_owned()))
            .collect(),
        hop: None,
        terms: Terms::default(),
    }
}

/// Plans `hop` and carries it out, with the faults that `breaks` makes of the
/// plan and the trap that the site holds.
fn carry_out(
    hop: &Hop,
    trap: Option<Trap>,
    breaks: impl Fn(&UpgradePlan) -> Vec<Fault>,
    person: Person,
) -> (UpgradePlan, Went) {
    let (tag, chart) = hop.from;
    let mut site = Site::at(tag, chart);
    site.trap = trap;
    let desk = Desk::new(site, &["helm", "kubectl", "az"], CONTEXT);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let plan = desk.plan("cluedin/platform", &request(hop.to)).await;
            desk.break_things(breaks(&plan));
            let went = desk.carry_out(&plan, person).await;
            (plan, went)
        })
}

/// Every acting step goes wrong once in one way. The run ends verified, the
/// landscape is as the procedure wants it, nothing happened twice, and people
/// were asked about the steps that `asks` names and no other.
fn check(hop: &Hop, way: Option<Way>, asks: impl Fn(&Step) -> bool) {
    let breaks = |plan: &UpgradePlan| {
        acting(plan)
            .into_iter()
            .filter_map(|(_, call)| Some(Fault { call, way: way? }))
            .collect()
    };
    let (plan, went) = carry_out(hop, None, breaks, Person::Retries);
    let told = format!("{} {way:?}", hop.to);
    // The plan leaves the editing of files to a person, and says so.
    let Ending::SucceededWithExceptions(what) = &went.ending else {
        panic!("{told}: {:?}", went.ending);
    };
    assert!(
        what.starts_with("edit/values was done by hand") && !what.contains(';'),
        "{told}: {what}"
    );
    let verification = went.verification.unwrap();
    assert!(verification.holds(), "{told}: {:#?}", verification.claims);

    assert_eq!(went.site.effects, hop.effects, "{told}");
    assert_eq!((went.site.tag.as_str(), went.site.closed), (hop.to, false));
    let newest = went.site.revisions.last().unwrap();
    assert_eq!(newest.revision, hop.revision, "{told}");

    let expected: Vec<_> = acting(&plan)
        .into_iter()
        .filter(|(step, _)| asks(step))
        .map(|(step, _)| step.id.clone())
        .collect();
    let asked: Vec<_> = went.asked.iter().map(|(id, ..)| id.clone()).collect();
    assert_eq!(asked, expected, "{told}: {:#?}", went.asked);

    let allowed = allowed(&plan);
    for call in &went.calls {
        assert!(allowed.contains(call), "{told}: not in the plan: {call}");
    }
    for (step, call) in acting(&plan) {
        assert!(
            went.calls.contains(&call),
            "{told}: {} sent nothing",
            step.id
        );
    }
}

/// What makes a revision each time that it is called is not called again without
/// a person.
fn upgrades(step: &Step) -> bool {
    matches!(step.act, Some(Act::Helm(HelmAct::Upgrade { .. })))
}

#[test]
fn a_plan_is_carried_out_to_its_verified_end() {
    for hop in [&BASIC, &WITH_DATA] {
        check(hop, None, |_| false);
    }
}

#[test]
fn what_did_not_happen_is_tried_again_or_asked_about() {
    for hop in [&BASIC, &WITH_DATA] {
        check(hop, Some(Way::Refuses), upgrades);
    }
}

#[test]
fn what_happened_behind_a_failure_is_seen_and_never_done_twice() {
    for hop in [&BASIC, &WITH_DATA] {
        check(hop, Some(Way::FailsBehind), |_| false);
    }
}

#[test]
fn what_happened_before_a_program_was_killed_is_seen_too() {
    for hop in [&BASIC, &WITH_DATA] {
        check(hop, Some(Way::Dies), |_| false);
    }
}

/// A trap of the procedure: the run stops at `step` for a person, says `why`, and
/// nothing after it was begun.
fn snaps(hop: &Hop, trap: Trap, step: &str, why: &str) {
    let (_, went) = carry_out(hop, Some(trap), |_| Vec::new(), Person::Leaves);
    let Ending::Stopped(because) = &went.ending else {
        panic!("{trap:?} went unnoticed: {:?}", went.ending);
    };
    let [(id, _, said)] = went.asked.as_slice() else {
        panic!("{trap:?}: {:#?}", went.asked);
    };
    assert_eq!(id.as_str(), step, "{trap:?}: {said}");
    assert!(said.contains(why), "{trap:?}: {said}");
    assert!(because.contains(step), "{trap:?}: {because}");
    assert_eq!(went.verification, None);
}

#[test]
fn traps_of_the_procedure_stop_the_run() {
    for (hop, trap, step, why) in [
        (
            &BASIC,
            Trap::Overtaken,
            "upgrade-basic/helm",
            "one revision further, which nobody else made",
        ),
        (
            &BASIC,
            Trap::Pending,
            "upgrade-basic/helm",
            "another operation (install/upgrade/rollback) is in progress",
        ),
        (
            &BASIC,
            Trap::GivesUp,
            "upgrade-basic/helm",
            "context deadline exceeded",
        ),
        (
            &BASIC,
            Trap::OldPods,
            "verify/images",
            "the image of every server pod has the tag 2025.05.02",
        ),
        (
            &WITH_DATA,
            Trap::DataFails,
            "upgrade-data/stage-2",
            "answered with anything but 200",
        ),
        (
            &WITH_DATA,
            Trap::OtherVersion,
            "upgrade-data/stage-2",
            "with 200",
        ),
    ] {
        snaps(hop, trap, step, why);
    }
}

/// Success is what a look shows, whatever a program says of itself.
#[test]
fn success_that_is_only_reported_is_none() {
    let breaks = |plan: &UpgradePlan| {
        acting(plan)
            .into_iter()
            .filter(|(step, _)| upgrades(step))
            .map(|(_, call)| Fault {
                call,
                way: Way::Boasts,
            })
            .collect()
    };
    let (_, went) = carry_out(&BASIC, None, breaks, Person::Leaves);
    let [(id, phase, said)] = went.asked.as_slice() else {
        panic!("{:?}: {:#?}", went.ending, went.asked);
    };
    assert_eq!(id.as_str(), "upgrade-basic/helm", "{said}");
    assert_eq!(*phase, StepPhase::Failed);
    assert!(said.starts_with("stalled, no change for 3m"), "{said}");
}
