//! What a person approves is what they see.

use crate::desk::Desk;
use std::fs;

/// A mark that turns the direction of what comes after it.
const TURN: char = '\u{202e}';

#[test]
fn names_and_arguments_hide_nothing() {
    let desk = Desk::new();
    let new = "plan new canonical-k8s/charm -f STATUS --to 1.34.3";
    desk.check(
        &format!("{new} --set audience=team{TURN}maet"),
        2,
        &["parameter audience", "characters that nobody sees"],
    );
    desk.plan();
    desk.check(
        "plan comment plan.yaml hello --as ad\u{200b}a",
        2,
        &["must not hold characters that nobody sees"],
    );
    desk.replace("overlay.yaml", "id: ticket", "id: \"tick\\u2066et\"");
    desk.check(
        &format!("{new} --overlay overlay.yaml"),
        2,
        &["overlay.yaml holds no PlanOverlay", "nobody sees"],
    );
}

#[test]
fn texts_show_what_they_hide() {
    let desk = Desk::new();
    desk.replace("overlay.yaml", "title: Open", "title: \"Open\\u202E");
    desk.replace(
        "overlay.yaml",
        "ticket for {{cluster}}",
        "ticket for {{cluster}}\"",
    );
    let new = "plan new canonical-k8s/charm -f STATUS --to 1.34.3 --overlay overlay.yaml";
    desk.check(&format!("{new} -O plan.yaml"), 0, &[]);
    let plan = fs::read_to_string(desk.path("plan.yaml")).unwrap();
    // The plan is as it was written, so that its hash is; people see what is in it.
    assert!(plan.contains(TURN) || plan.contains("\\u202"), "{plan}");
    desk.check(
        &format!("plan comment plan.yaml so{TURN}os --as ada"),
        0,
        &[],
    );
    for (line, word) in [
        ("plan show plan.yaml", "Open\\u{202e}"),
        ("plan export plan.yaml --format html", "Open\\u{202e}"),
        ("plan feed plan.yaml", "so\\u{202e}os"),
    ] {
        let shown = desk.check(line, 0, &[word]);
        assert!(!shown.contains(TURN), "{line}");
    }
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let desk = Desk::new();
    desk.plan();
    let before = fs::read(desk.path("plan.yaml")).unwrap();
    let new = "plan new canonical-k8s/charm -f STATUS --to 1.34.3";
    for line in [
        "plan export plan.yaml -O plan.yaml",
        "plan export plan.yaml -O ./plan.yaml",
        "plan notices plan.yaml --starts 2099-01-01T00:00:00Z -O plan.yaml",
        &format!("{new} --since plan.yaml -O plan.yaml"),
        "template new a/b --from canonical-k8s/charm --overlay plan.yaml -O plan.yaml",
        "snapshot -f plan.yaml -o plan.yaml",
        "assess -f plan.yaml --to 1.35 -O plan.yaml",
        "inventory -f plan.yaml -O plan.yaml",
        "lint plan.yaml -O plan.yaml",
    ] {
        desk.check(
            line,
            2,
            &["plan.yaml is read for this", "name another file"],
        );
    }
    assert_eq!(fs::read(desk.path("plan.yaml")).unwrap(), before);
    // Another file is written over, as everywhere, and it is said.
    desk.check(
        &format!("{new} -O plan.yaml"),
        0,
        &["wrote plan.yaml, over what was there"],
    );
}

/// A template is refused with its line where something in it means nothing.
#[test]
fn a_template_says_nothing_that_means_nothing() {
    let desk = Desk::new();
    desk.check(
        "template new harbour/charm --from canonical-k8s/charm -O template.yaml",
        0,
        &[],
    );
    let whole = fs::read_to_string(desk.path("template.yaml")).unwrap();
    let check = |old: &str, new: &str, words: &[&str]| {
        assert!(whole.contains(old), "{old}");
        fs::write(desk.path("template.yaml"), whole.replacen(old, new, 1)).unwrap();
        let line = whole.lines().position(|line| line.contains(old)).unwrap() + 1;
        let place = format!("template.yaml:{line}: ");
        let words = [&[place.as_str()], words].concat();
        desk.check("template validate template.yaml", 3, &words);
    };
    check(
        "{{cluster}} is",
        "{{clutser}} is",
        &["nothing fills {{clutser}}", "did you mean cluster?"],
    );
    check(
        "{{cluster}} is",
        "${cluster} is",
        &["a placeholder is written {{cluster}}"],
    );
    check(
        "timeout: 1h",
        "timeout: 0s",
        &["0s is no time that is of use"],
    );
    check(
        "timeout: 1h",
        "timeout: -5m",
        &["-5m", "is not a time such as 90s"],
    );
    check("timeout: 1h", "timeout: 9999h", &["no time that is of use"]);
    let stages = whole.split("stages:\n").next().unwrap();
    fs::write(desk.path("template.yaml"), format!("{stages}stages: []\n")).unwrap();
    desk.check("template validate template.yaml", 3, &["there is no step"]);
}

/// What was approved on and is not in view is not said to have changed.
#[test]
fn what_is_not_in_view_has_not_moved() {
    let desk = Desk::new();
    desk.replace("policy.yaml", "quorum: 2", "quorum: 1");
    desk.replace(
        "policy.yaml",
        "  roles: [security]\n  approvers",
        "  approvers",
    );
    desk.plan();
    desk.check("plan request plan.yaml --as grace", 0, &[]);
    desk.check("plan approve plan.yaml -f STATUS --as ada", 0, &[]);
    let run = "run plan.yaml --policy policy.yaml --as ada --landscape";
    desk.check(
        &format!("{run} harbour-north/harbour-charm"),
        4,
        &[
            "whether the plan is stale is not known",
            "lacks Juju applications",
        ],
    );
    desk.check(&format!("{run} elsewhere"), 3, &["and this is elsewhere"]);
    // A unit more is a change, and it is in view.
    let status = fs::read_to_string(&desk.status).unwrap();
    let moved = status.replace("\"k8s-worker/1\"", "\"k8s-worker/7\"");
    assert_ne!(moved, status);
    fs::write(desk.path("moved.json"), moved).unwrap();
    desk.check(
        "run plan.yaml --policy policy.yaml --as ada --twin -f moved.json",
        3,
        &["the plan is stale", "Juju applications"],
    );
}
