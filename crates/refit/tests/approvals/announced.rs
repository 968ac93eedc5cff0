//! What is told to people and written into calendars says how firm it is.

use crate::desk::Desk;

const NOW: &str = "--now 2026-12-01T08:00:00Z";
const STARTS: &str = "--starts 2026-12-01T20:00:00Z";

/// The values of these properties of an entry, one after the other.
fn values(entry: &str, names: &[&str]) -> Vec<String> {
    let value = |name: &&str| {
        let mut lines = entry.lines();
        lines
            .find_map(|line| line.strip_prefix(*name)?.strip_prefix(':'))
            .unwrap_or("none")
            .to_owned()
    };
    names.iter().map(value).collect()
}

#[test]
fn an_entry_for_calendars_is_as_firm_as_the_plan() {
    let desk = Desk::new();
    desk.plan();
    let export = format!("plan export plan.yaml --format ical {NOW} {STARTS}");
    let entry = |words: &[&str]| {
        let entry = desk.check(&export, 0, words);
        values(&entry, &["STATUS", "SEQUENCE", "DTSTART"])
    };
    let at = "20261201T200000Z";
    assert_eq!(
        entry(&["not approved:", "2 people"]),
        ["TENTATIVE", "0", at]
    );
    desk.check("plan request plan.yaml --as grace", 0, &[]);
    desk.check("plan approve plan.yaml -f STATUS --as ada", 0, &[]);
    assert_eq!(entry(&["one more person"]), ["TENTATIVE", "2", at]);
    desk.check("plan deny plan.yaml --reason a_release --as eve", 0, &[]);
    assert_eq!(entry(&["denied by eve: a release"]), ["TENTATIVE", "3", at]);
    desk.check("plan approve plan.yaml -f STATUS --as eve", 0, &[]);
    assert_eq!(entry(&[]), ["CONFIRMED", "4", at]);
    desk.check("plan cancel plan.yaml --reason no_time --as ada", 0, &[]);
    assert_eq!(entry(&["canceled:", "no time"]), ["CANCELLED", "5", at]);
}

#[test]
fn nobody_is_told_of_what_does_not_happen() {
    let desk = Desk::new();
    desk.plan();
    let notices = format!("plan notices plan.yaml {NOW} {STARTS}");
    desk.check(
        &notices,
        0,
        &["**Not approved: nobody has asked", "before it is"],
    );
    // A time that is over can only be that of something that has begun.
    for what in ["notices plan.yaml", "export plan.yaml --format ical"] {
        desk.check(
            &format!("plan {what} {NOW} --starts 2026-12-01T07:59:59Z"),
            2,
            &["2026-12-01T07:59:59Z, which is over", "--policy FILE"],
        );
    }
    desk.check("plan cancel plan.yaml --reason no_time --as ada", 0, &[]);
    desk.check(
        &notices,
        3,
        &["ada has canceled the plan: no time", "--format ical"],
    );
    // What stands in calendars is taken out, also when its time is over.
    desk.check(
        &format!("plan export plan.yaml --format ical {NOW} --starts 2026-11-01T00:00:00Z"),
        0,
        &["STATUS:CANCELLED"],
    );
}
