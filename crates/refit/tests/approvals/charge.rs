//! Who may decide over a plan, and what is refused before anything is looked at.

use crate::desk::Desk;
use std::fs;
use std::process::Command;

/// The very same plan comes out of the same files: a plan that was given up is
/// opened again, and begins anew.
#[test]
fn a_plan_that_was_given_up_can_be_replaced() {
    let desk = Desk::new();
    desk.plan();
    desk.check("plan request plan.yaml --as grace", 0, &[]);
    desk.check("plan approve plan.yaml -f STATUS --as ada", 0, &[]);
    desk.check(
        "plan cancel plan.yaml --reason no --as mallory",
        3,
        &["mallory", "may not give it up", "ada, eve, grace"],
    );
    desk.check(
        "plan own plan.yaml --as mallory",
        3,
        &["may not say whose it is"],
    );
    desk.check(
        "plan reopen plan.yaml --reason why_not --as grace",
        3,
        &["the plan is open"],
    );
    desk.check("plan cancel plan.yaml --reason too_early --as eve", 0, &[]);
    desk.check(
        "plan request plan.yaml --as grace",
        3,
        &["eve has canceled", "refit plan reopen"],
    );
    let again = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 \
                 --environment environment.yaml -O again.yaml";
    desk.check(
        again,
        0,
        &["eve has canceled this very plan: too early", "plan reopen"],
    );
    desk.check(
        "plan reopen again.yaml --reason it_is_time --as mallory",
        3,
        &["may not open it again"],
    );
    desk.check(
        "plan reopen again.yaml --reason it_is_time --as ada",
        0,
        &["it is a draft"],
    );
    let status = desk.status();
    assert_eq!(status["state"], "draft");
    assert_eq!(
        status["approval"]["missing"]["by"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    desk.check(
        "plan feed plan.yaml",
        0,
        &[
            "eve cancels the plan: too early",
            "ada opens the plan again: it is time",
        ],
    );
    desk.check("plan request again.yaml --as grace", 0, &[]);
}

/// Who asks may not approve: nobody gets stuck by asking, and who is refused is
/// told who can help.
#[test]
fn who_is_needed_does_not_ask() {
    let desk = Desk::new();
    desk.plan();
    desk.check(
        "plan request plan.yaml --as eve",
        3,
        &["needs the yes of eve", "let somebody else ask"],
    );
    desk.check("plan request plan.yaml --as grace", 0, &[]);
    desk.check(
        "plan approve plan.yaml -f STATUS --as grace",
        3,
        &["asked for the approval", "this can do: ada, eve"],
    );
}

/// A no that would not count is not taken for one, and every no that counts is
/// told.
#[test]
fn every_no_that_counts_is_told() {
    let desk = Desk::new();
    desk.plan();
    desk.check(
        "plan deny plan.yaml --reason no --as mallory",
        3,
        &[
            "would not count: mallory is not among",
            "refit plan comment",
        ],
    );
    desk.check("plan deny plan.yaml --reason a_release --as eve", 0, &[]);
    desk.check("plan deny plan.yaml --reason a_holiday --as ada", 0, &[]);
    for line in [
        "plan status plan.yaml",
        "run plan.yaml --twin -f STATUS --as ada",
    ] {
        let output = desk.refit(line);
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        for reason in ["a release", "a holiday"] {
            assert!(told.contains(reason), "{line}: {told}");
        }
    }
}

/// What needs no cluster is refused without one: the folder has no kubeconfig.
#[test]
fn what_governance_refuses_needs_no_cluster() {
    let desk = Desk::new();
    desk.plan();
    let run = "run plan.yaml --policy policy.yaml --as ada";
    desk.check("run plan.yaml --as ada", 3, &["under policy harbour"]);
    desk.check(run, 3, &["nobody has approved", "2 people have to approve"]);
    desk.check("plan request plan.yaml --as grace", 0, &[]);
    for name in ["ada", "eve"] {
        desk.check(
            &format!("plan approve plan.yaml -f STATUS --as {name}"),
            0,
            &[],
        );
    }
    // Approved, and outside of every window.
    let policy = fs::read_to_string(desk.path("policy.yaml")).unwrap();
    let windows = "windows:\n  - name: long ago\n    when:\n      start: 2020-01-06T22:00:00\n      \
                   zone: Europe/Berlin\n      duration: 6h\n";
    fs::write(desk.path("closed.yaml"), format!("{policy}{windows}")).unwrap();
    desk.check(
        "run plan.yaml --policy closed.yaml --as ada",
        3,
        &["does not let the plan start now", "no window is open"],
    );
    // Only then is a cluster looked for.
    desk.check(run, 2, &["could not connect to the cluster"]);
}

#[test]
fn a_template_that_was_withdrawn_makes_no_plans() {
    let desk = Desk::new();
    let cancel = "template cancel canonical-k8s/charm --reason it_loses_data --as ada";
    desk.check(cancel, 0, &["ada withdraws template canonical-k8s/charm"]);
    desk.check(
        cancel,
        3,
        &["ada has withdrawn template canonical-k8s/charm already"],
    );
    desk.check(
        "plan new canonical-k8s/charm -f STATUS --to 1.34.3 -O plan.yaml",
        3,
        &[
            "ada has withdrawn template",
            "it loses data",
            "refit template list",
        ],
    );
    assert!(!desk.path("plan.yaml").exists());
}

#[test]
fn rules_that_never_hold_are_refused_when_they_are_read() {
    let desk = Desk::new();
    desk.replace("policy.yaml", "validFor: 72h", "validFor: 0s");
    desk.check(
        "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --policy policy.yaml",
        2,
        &["can never be fulfilled", "holds for 0s"],
    );
}

#[test]
fn a_parameter_that_no_template_has_is_not_dropped() {
    let desk = Desk::new();
    let new = "plan new canonical-k8s/charm -f STATUS --to 1.34.3";
    desk.check(
        &format!("{new} --set audeince=team"),
        2,
        &["audeince", "did you mean audience?"],
    );
    desk.replace("environment.yaml", "audience: the", "audeince: the");
    let new = format!("{new} --environment environment.yaml");
    desk.check(
        &new,
        2,
        &[
            "environment production sets parameter audeince",
            "did you mean audience?",
        ],
    );
    // One that is like none may be of a template that only a file has.
    desk.replace(
        "environment.yaml",
        "audeince: the",
        "changeBoardTicket: the",
    );
    desk.check(&new, 0, &["changeBoardTicket", "no built-in template has"]);
}

/// Nothing is kept in a place that depends on the present folder.
#[test]
fn without_a_home_there_is_no_record() {
    let desk = Desk::new();
    desk.plan();
    let refit = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(words)
            .current_dir(desk.folder.path())
            .env_clear()
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    let (code, said) = refit(&["plan", "status", "plan.yaml"]);
    assert_eq!(code, Some(2), "{said}");
    for word in ["HOME is not set", "XDG_STATE_HOME", "REFIT_STORE"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!desk.path("refit").exists());
    // What only reads needs none.
    assert_eq!(refit(&["template", "list"]).0, Some(0));
    // A place in which nothing can be made is named, with what to do.
    let (code, said) = refit(&[
        "plan",
        "status",
        "plan.yaml",
        "--store",
        "plan.yaml/refit.db",
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("could not make plan.yaml"), "{said}");
    assert!(said.contains("names another place"), "{said}");
}
