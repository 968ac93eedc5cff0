//! Who has to say yes, and working on a plan together: the environment, the
//! policy and the overlay of the guides, as people use them.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

mod announced;
mod charge;
mod desk;
mod guide;
mod sight;

use desk::Desk;
use serde_json::Value;
use std::fs;
use std::process::Command;

#[test]
fn from_a_draft_to_an_approved_plan() {
    let desk = Desk::new();
    desk.plan();
    assert_eq!(desk.status()["state"], "draft");
    desk.check(
        "run plan.yaml --twin -f STATUS --as ada",
        3,
        &[
            "nobody has approved",
            "2 people have to approve",
            "role security",
        ],
    );
    desk.check(
        "plan request plan.yaml --as grace --note for_the_audit",
        0,
        &[],
    );
    assert_eq!(desk.status()["state"], "in-review");
    // Who asks does not approve; a stranger does not either.
    let approve = "plan approve plan.yaml -f STATUS --as";
    desk.check(&format!("{approve} grace"), 3, &["asked for the approval"]);
    desk.check(
        &format!("{approve} mallory"),
        3,
        &["is not among the approvers"],
    );
    desk.check(
        &format!("{approve} ada"),
        0,
        &["one more person", "role security"],
    );
    desk.check(
        "run plan.yaml --twin -f STATUS --as ada",
        3,
        &["one more person"],
    );
    desk.check("plan deny plan.yaml --reason a_release --as eve", 0, &[]);
    assert_eq!(desk.status()["state"], "rejected");
    desk.check(
        "run plan.yaml --twin -f STATUS --as ada",
        3,
        &["eve has denied", "a release"],
    );
    desk.check(&format!("{approve} eve"), 0, &["it may run until"]);
    assert_eq!(desk.status()["state"], "approved");
    desk.check("plan revoke plan.yaml --reason too_early --as ada", 0, &[]);
    desk.check(
        "plan revoke plan.yaml --reason too_early --as ada",
        3,
        &["has not approved"],
    );
    assert_eq!(desk.status()["state"], "in-review");
    desk.check(&format!("{approve} ada"), 0, &["it may run until"]);
    desk.check(
        "run plan.yaml --twin -f STATUS --as ada",
        0,
        &["verified", "were taken as done: the twin does not model"],
    );
    // A plan that was made under a policy is started with it.
    desk.check(
        "run plan.yaml --as ada",
        3,
        &["under policy harbour", "--policy FILE"],
    );
    // The practice left no trace; what is observed completes the plan.
    assert_eq!(desk.status()["state"], "approved");
    desk.check(
        "verify plan.yaml -f STATUS --before STATUS --as ada",
        5,
        &[],
    );
    let status = desk.status();
    assert_eq!(status["state"], "approved");
    assert!(!status["broken"].as_array().unwrap().is_empty(), "{status}");
}

#[test]
fn working_together() {
    let desk = Desk::new();
    desk.plan();
    desk.check("plan own plan.yaml --as ada", 0, &["makes ada the owner"]);
    desk.check(
        "plan assign plan.yaml control-plane/k8s/refresh --to grace --due 2026-12-01T19:00:00Z --as ada",
        0,
        &[],
    );
    desk.check(
        "plan assign plan.yaml control-plane/k8s/refrehs --to grace --as ada",
        2,
        &["did you mean control-plane/k8s/refresh?"],
    );
    desk.check("plan comment plan.yaml mind_the_release --as eve", 0, &[]);
    desk.check(
        "plan comment plan.yaml \u{1b}[2J --as eve",
        2,
        &["control characters"],
    );
    desk.check("plan comment plan.yaml hello", 2, &["needs a name"]);
    let feed = desk.check("plan feed plan.yaml", 0, &[]);
    let told: Vec<_> = feed.lines().map(|line| &line[18..]).collect();
    assert_eq!(
        told,
        [
            "ada makes ada the owner",
            "ada gives the step to grace, due 2026-12-01T19:00:00Z (control-plane/k8s/refresh)",
            "eve remarks: mind the release",
        ],
        "{feed}"
    );
    desk.check(
        "plan cancel plan.yaml --reason the_vendor_did_it --as ada",
        0,
        &[],
    );
    assert_eq!(desk.status()["state"], "canceled");
    desk.check(
        "plan own plan.yaml --as ada",
        3,
        &["ada has canceled", "the vendor did it"],
    );
    desk.check(
        "plan approve plan.yaml -f STATUS --as eve",
        3,
        &["has canceled"],
    );
}

#[test]
fn an_environment_is_in_the_plan() {
    let desk = Desk::new();
    desk.plan();
    let plan = fs::read_to_string(desk.path("plan.yaml")).unwrap();
    for word in ["eu-north-1", "the shop team", "may-not-approve"] {
        assert!(plan.contains(word), "{word}");
    }
    let notices = desk.check(
        "plan notices plan.yaml --starts 2026-12-01T20:00:00Z --now 2026-12-01T08:00:00Z",
        0,
        &[],
    );
    for word in [
        "### the shop team, by mailto:shop@example.com",
        "It begins on 2026-12-01 20:00 UTC and ends by",
        "The shop answers slowly while nodes are drained.",
        "turn to #platform-help",
    ] {
        assert!(notices.contains(word), "{word}: {notices}");
    }
    assert_eq!(notices.matches("### support").count(), 1, "{notices}");
    desk.check("plan notices plan.yaml", 2, &["when the plan starts"]);
    desk.replace(
        "environment.yaml",
        "id: harbour-north/harbour-charm",
        "id: another",
    );
    desk.check(
        "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --environment environment.yaml",
        3,
        &["does not belong to environment production", "another"],
    );
    // What cannot be understood is no environment, and rules that nobody could
    // fulfil are no rules.
    desk.replace("environment.yaml", "stakeholders:", "stakeholder:");
    let line = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --environment environment.yaml";
    desk.check(
        line,
        2,
        &["\"stakeholder\" may be meant as \"stakeholders\""],
    );
    desk.replace("policy.yaml", "quorum: 2", "quorum: 9");
    desk.check(
        "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --policy policy.yaml",
        2,
        &["can never be fulfilled", "9 people have to approve"],
    );
}

#[test]
fn an_overlay_survives_the_next_plan() {
    let desk = Desk::new();
    let new = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --set audience=team";
    desk.check(&format!("{new} -O plain.yaml"), 0, &[]);
    desk.check(
        &format!("{new} --overlay overlay.yaml --since plain.yaml -O plan.yaml"),
        0,
        &["since plain.yaml", "+ preflight/ticket", "- report/notice"],
    );
    let changes = desk.check("plan diff plain.yaml plan.yaml", 0, &[]);
    assert_eq!(
        changes,
        "~ the whole: overlays\n- report/notice\n+ preflight/ticket\n~ capture/status: after\n~ control-plane/k8s/wait: stall, timeout\n"
    );
    desk.check(
        "plan diff plan.yaml plan.yaml",
        0,
        &["every step is the same"],
    );
    desk.check(
        "rehearse plan.yaml -f STATUS",
        0,
        &["of 33 steps succeeded, which are all that the twin models"],
    );
    desk.replace("overlay.yaml", "step: wait", "step: wiat");
    desk.check(
        &format!("{new} --overlay overlay.yaml"),
        2,
        &[
            "there is no step wiat in stage control-plane",
            "wait",
            "change 2",
        ],
    );
    desk.replace(
        "overlay.yaml",
        "template: canonical-k8s/charm",
        "template: kubeadm",
    );
    desk.check(
        &format!("{new} --overlay overlay.yaml"),
        2,
        &["it is for template kubeadm, and this is canonical-k8s/charm"],
    );
}

#[test]
fn a_template_is_rehearsed_before_it_is_approved() {
    let desk = Desk::new();
    desk.replace("environment.yaml", "templates: any", "templates: approved");
    desk.replace("environment.yaml", "policy: policy.yaml", "");
    let new = "template new harbour/charm --from canonical-k8s/charm --overlay overlay.yaml -O template.yaml";
    desk.check(new, 0, &["revision 1"]);
    desk.check(
        "template diff canonical-k8s/charm template.yaml",
        0,
        &[
            "+ preflight/ticket",
            "- report/notice",
            "~ control-plane/wait: stall, timeout",
        ],
    );
    desk.check("template validate template.yaml", 0, &["is sound"]);
    let plan = "plan new template.yaml -f STATUS --to 1.34.3 --environment environment.yaml";
    desk.check(
        plan,
        3,
        &["wants approved templates", "nobody has approved it"],
    );
    desk.check(
        "template approve template.yaml --as ada",
        3,
        &["has not been rehearsed"],
    );
    desk.check(
        "template rehearse template.yaml -f STATUS --to 1.34.3 --as ada",
        0,
        &[],
    );
    desk.check(plan, 3, &["nobody has approved it"]);
    desk.check(
        "template approve template.yaml --as ada",
        0,
        &["ada approved template harbour/charm"],
    );
    desk.check("template list", 0, &["harbour/charm            approved"]);
    desk.check(&format!("{plan} -O plan.yaml"), 0, &[]);
    desk.check(
        &format!("{plan} --overlay overlay.yaml"),
        3,
        &["an overlay named by hand is none"],
    );
    // Any edit makes it another template.
    desk.replace("template.yaml", "timeout: 45m", "timeout: 46m");
    desk.check(plan, 3, &["nobody has approved it as it is now"]);
    desk.replace("template.yaml", "timeout: 46m", "timeout: 45m");
    desk.check(
        "template cancel template.yaml --reason too_slow --as ada",
        0,
        &[],
    );
    desk.check(plan, 3, &["ada has withdrawn template", "too slow"]);
    desk.replace("template.yaml", "{{cluster}}", "{{parameters.clutser}}");
    desk.check(
        "template validate template.yaml",
        3,
        &["parameters.clutser", "parameters.audience"],
    );
}

/// A rehearsal that speaks against the template keeps it from being approved.
#[test]
fn a_rehearsal_that_fails_speaks_against_the_template() {
    let desk = Desk::new();
    desk.replace(
        "overlay.yaml",
        "timeout: 45m, stall: 20m",
        "timeout: 1s, stall: 1s",
    );
    desk.check(
        "template new harbour/charm --from canonical-k8s/charm --overlay overlay.yaml -O template.yaml",
        0,
        &[],
    );
    let rehearse = "template rehearse template.yaml -f STATUS --to 1.34.3 --as ada";
    let output = desk.refit(rehearse);
    assert!(!output.status.success(), "{output:?}");
    desk.check(
        "template approve template.yaml --as ada",
        3,
        &["speaks against it"],
    );
}

/// Signatures are made by `ssh-keygen` and checked without it.
#[test]
fn a_signed_yes() {
    let desk = Desk::new();
    let keygen = |name: &str| {
        Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(desk.path(name))
            .status()
    };
    if !matches!(keygen("ada"), Ok(status) if status.success()) {
        println!("skipped: there is no ssh-keygen here to make keys with");
        return;
    }
    assert!(keygen("mallory").unwrap().success());
    let key = fs::read_to_string(desk.path("ada.pub")).unwrap();
    let policy = format!(
        "apiVersion: refit.dev/v1alpha1\nkind: UpgradePolicy\nname: signed\napprovals:\n  \
         signature: needed\n  approvers:\n    - name: ada\n      keys: [\"{}\"]\n",
        key.trim()
    );
    fs::write(desk.path("policy.yaml"), policy).unwrap();
    let new =
        "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --policy policy.yaml -O plan.yaml";
    desk.check(new, 0, &[]);
    let approve = "plan approve plan.yaml -f STATUS --as ada";
    desk.check(approve, 3, &["with a signature"]);
    desk.check(
        &format!("{approve} --sign nothing"),
        2,
        &["ssh-keygen says"],
    );
    desk.check(
        &format!("{approve} --sign mallory"),
        3,
        &["none of the keys"],
    );
    desk.check(&format!("{approve} --sign ada"), 0, &["ada approved"]);
    assert_eq!(desk.status()["state"], "approved");
    desk.check("run plan.yaml --twin -f STATUS --as ada", 0, &["verified"]);
}

/// An objection is answered for by somebody, for a reason, until a day; the yes
/// lasts no longer.
#[test]
fn an_objection_that_somebody_answers_for() {
    let desk = Desk::new();
    desk.replace("policy.yaml", "  requester: may-not-approve\n", "");
    desk.replace("policy.yaml", "quorum: 2", "quorum: 1");
    desk.replace(
        "policy.yaml",
        "  roles: [security]\n  approvers",
        "  approvers",
    );
    // Without its verification the plan proves nothing, which the reviewer minds.
    desk.replace(
        "overlay.yaml",
        "of: report\n      step: notice",
        "of: control-plane\n      step: pre-upgrade-check",
    );
    let line = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --policy policy.yaml \
                --overlay overlay.yaml -O plan.yaml";
    desk.check(line, 0, &[]);
    let printed = desk.refit("plan review plan.yaml -f STATUS -o json").stdout;
    let review: Value = serde_json::from_slice(&printed).unwrap();
    let fatal: Vec<_> = review["objections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|objection| objection["weight"] == "fatal")
        .map(|objection| objection["code"].as_str().unwrap().to_owned())
        .collect();
    assert!(!fatal.is_empty(), "{review}");
    let approve = "plan approve plan.yaml -f STATUS --as ada";
    desk.check(approve, 3, &["fatal objection", &fatal[0]]);
    desk.check(
        "plan waive plan.yaml RFA101 --reason no --until 2099-01-01T00:00:00Z -f STATUS --as ada",
        2,
        &["nothing is held against the plan by RFA101"],
    );
    let waive = format!(
        "plan waive plan.yaml {} -f STATUS --reason we_checked",
        fatal[0]
    );
    desk.check(
        &format!("{waive} --until 2020-01-01T00:00:00Z --as ada"),
        2,
        &["which is over"],
    );
    desk.check(
        &format!("{waive} --until 2099-01-01T00:00:00Z --as mallory"),
        3,
        &["not among"],
    );
    for code in &fatal {
        let waive = format!("plan waive plan.yaml {code} -f STATUS --reason we_checked");
        desk.check(
            &format!("{waive} --until 2099-01-01T00:00:00Z --as ada"),
            0,
            &["ada answers until"],
        );
    }
    desk.check(approve, 0, &["it may run until"]);
    let status = desk.status();
    assert_eq!(status["waived"][0][1]["reason"], "we checked");
}
