//! Windows and freezes, over nights when clocks are changed and ends of years.

use super::*;

fn period(start: &str, zone: &str, hours: u32, rule: &str) -> Period {
    Period {
        start: start.parse().unwrap(),
        zone: zone.to_owned(),
        duration: Seconds::new(hours * 3600),
        rule: Some(rule.to_owned()).filter(|rule| !rule.is_empty()),
    }
}

fn policy(windows: &[(&str, Period)], freezes: &[(&str, Period)]) -> UpgradePolicy {
    UpgradePolicy {
        api_version: refit_model::API_VERSION.to_owned(),
        kind: refit_model::policy::PolicyKind::UpgradePolicy,
        name: "harbour".to_owned(),
        windows: windows
            .iter()
            .map(|(name, when)| Window {
                name: (*name).to_owned(),
                when: when.clone(),
            })
            .collect(),
        freezes: freezes
            .iter()
            .map(|(name, when)| Freeze {
                name: (*name).to_owned(),
                owner: "ada".to_owned(),
                reason: "the year ends".to_owned(),
                when: when.clone(),
            })
            .collect(),
        approvals: refit_model::governance::ApprovalRules::default(),
        rollback_reserve: None,
    }
}

/// The openings between two times, a line each.
fn lines(policy: &UpgradePolicy, from: &str, until: &str) -> Vec<String> {
    let open = openings(policy, from.parse().unwrap(), until.parse().unwrap()).unwrap();
    open.iter()
        .map(|opening| {
            let freeze = opening.closed_by.as_ref();
            let freeze = freeze.map_or_else(String::new, |freeze| format!(" until {freeze}"));
            format!(
                "{} {} {}{freeze}",
                opening.opens,
                opening.closes,
                opening.windows.join("+")
            )
        })
        .collect()
}

#[track_caller]
fn check(policy: &UpgradePolicy, from: &str, until: &str, expected: &[&str]) {
    assert_eq!(lines(policy, from, until), expected);
}

fn nights() -> Period {
    period(
        "2026-01-06T22:00:00",
        "Europe/Berlin",
        6,
        "FREQ=WEEKLY;BYDAY=TU,WE,TH",
    )
}

#[test]
fn a_window_keeps_its_clock_when_the_clocks_are_changed() {
    // Berlin goes to summer time on 29 March 2026 and back on 25 October.
    check(
        &policy(&[("nights", nights())], &[]),
        "2026-03-24T00:00:00Z",
        "2026-04-01T00:00:00Z",
        &[
            "2026-03-24T21:00:00Z 2026-03-25T03:00:00Z nights",
            "2026-03-25T21:00:00Z 2026-03-26T03:00:00Z nights",
            "2026-03-26T21:00:00Z 2026-03-27T03:00:00Z nights",
            "2026-03-31T20:00:00Z 2026-04-01T00:00:00Z nights",
        ],
    );
}

#[test]
fn a_time_that_the_clocks_leave_out_comes_later_and_one_shown_twice_is_the_first() {
    let at_half_past_two = period(
        "2026-01-04T02:30:00",
        "Europe/Berlin",
        2,
        "FREQ=WEEKLY;BYDAY=SU",
    );
    let policy = policy(&[("night", at_half_past_two)], &[]);
    check(
        &policy,
        "2026-03-28T00:00:00Z",
        "2026-03-30T00:00:00Z",
        &["2026-03-29T01:30:00Z 2026-03-29T03:30:00Z night"],
    );
    check(
        &policy,
        "2026-10-24T00:00:00Z",
        "2026-10-26T00:00:00Z",
        &["2026-10-25T00:30:00Z 2026-10-25T02:30:00Z night"],
    );
}

#[test]
fn a_freeze_wins_and_is_named() {
    let holidays = period("2026-12-31T20:00:00", "UTC", 4, "FREQ=YEARLY");
    let daily = period("2026-01-01T18:00:00", "UTC", 8, "FREQ=DAILY");
    check(
        &policy(&[("evenings", daily)], &[("year-end", holidays)]),
        "2026-12-31T00:00:00Z",
        "2027-01-01T23:00:00Z",
        &[
            // The night before lasts into the day at which the look begins.
            "2026-12-31T00:00:00Z 2026-12-31T02:00:00Z evenings",
            "2026-12-31T18:00:00Z 2026-12-31T20:00:00Z evenings until year-end",
            "2027-01-01T00:00:00Z 2027-01-01T02:00:00Z evenings",
            "2027-01-01T18:00:00Z 2027-01-01T23:00:00Z evenings",
        ],
    );
}

#[test]
fn windows_that_touch_are_one_opening_and_without_any_it_is_always_open() {
    let first = period("2026-05-05T20:00:00", "UTC", 2, "");
    let second = period("2026-05-05T22:00:00", "UTC", 3, "");
    check(
        &policy(&[("late", second), ("early", first)], &[]),
        "2026-05-01T00:00:00Z",
        "2026-05-10T00:00:00Z",
        &["2026-05-05T20:00:00Z 2026-05-06T01:00:00Z early+late"],
    );
    let friday = period("2026-05-01T00:00:00", "UTC", 24, "FREQ=WEEKLY;BYDAY=FR");
    check(
        &policy(&[], &[("friday", friday)]),
        "2026-05-07T00:00:00Z",
        "2026-05-10T00:00:00Z",
        &[
            "2026-05-07T00:00:00Z 2026-05-08T00:00:00Z  until friday",
            "2026-05-09T00:00:00Z 2026-05-10T00:00:00Z ",
        ],
    );
}

#[test]
fn rules_of_calendar_programs() {
    let starts = |rule: &str, until: &str| -> Vec<String> {
        let when = period("2026-01-01T20:00:00", "UTC", 1, rule);
        lines(&policy(&[("w", when)], &[]), "2026-01-01T00:00:00Z", until)
            .iter()
            .map(|line| line.chars().take(10).collect())
            .collect()
    };
    assert_eq!(
        starts("FREQ=MONTHLY;BYDAY=2TU", "2026-04-01T00:00:00Z"),
        ["2026-01-13", "2026-02-10", "2026-03-10"]
    );
    assert_eq!(
        starts("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-04-01T00:00:00Z"),
        ["2026-01-31", "2026-02-28", "2026-03-31"]
    );
    assert_eq!(
        starts("FREQ=DAILY;UNTIL=20260103", "2026-04-01T00:00:00Z"),
        ["2026-01-01", "2026-01-02", "2026-01-03"]
    );
    assert_eq!(
        starts(
            "RRULE:FREQ=DAILY;INTERVAL=30;COUNT=3",
            "2027-01-01T00:00:00Z"
        ),
        ["2026-01-01", "2026-01-31", "2026-03-02"]
    );
}

#[test]
fn a_rule_that_began_long_ago_is_found_at_once() {
    let daily = period("2000-01-01T20:00:00", "Asia/Kathmandu", 1, "FREQ=DAILY");
    check(
        &policy(&[("daily", daily)], &[]),
        "2099-12-30T00:00:00Z",
        "2099-12-31T00:00:00Z",
        &["2099-12-30T14:15:00Z 2099-12-30T15:15:00Z daily"],
    );
}

#[test]
fn what_cannot_be_understood_is_neither_open_nor_closed() {
    let refused = |when: Period| {
        let from: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let error = openings(&policy(&[("w", when)], &[]), from, from + LOOKAHEAD).unwrap_err();
        let source = std::error::Error::source(&error);
        source.map_or_else(|| error.to_string(), ToString::to_string)
    };
    let with = |rule: &str| refused(period("2026-01-01T20:00:00", "UTC", 1, rule));
    let often = "FREQ has to be DAILY, WEEKLY, MONTHLY or YEARLY";
    assert_eq!(with("FREQ=SECONDLY"), often);
    assert_eq!(with("INTERVAL=2"), often);
    assert_eq!(
        with("FREQ=DAILY;INTERVAL=0"),
        "INTERVAL has to be between 1 and 366"
    );
    assert_eq!(
        with("FREQ=DAILY;COUNT=1;UNTIL=20270101"),
        "COUNT and UNTIL exclude each other"
    );
    assert!(with("FREQ=DAILY;BYSECOND=1,2,3").starts_with("BYSECOND is not taken"));
    assert!(with("FREQ=DAILY;FREQ=DAILY").contains("stands twice"));
    assert!(with("every night").contains("is not a part"));
    assert!(with("FREQ=DAILY;UNTIL=20270101T000000Z").contains("without Z"));
    assert!(!with("FREQ=WEEKLY;BYDAY=NOPE").is_empty());
    assert_eq!(
        refused(period("2026-01-01T20:00:00", "Europe/Berlinn", 1, "")),
        "window w names the zone \"Europe/Berlinn\", which the time zone database does not have"
    );
    assert_eq!(
        refused(period("2026-01-01T20:00:00", "UTC", 24 * 8, "")),
        "window w lasts 192h, which is not between a second and 168h"
    );
    assert_eq!(
        refused(period("1970-01-01T20:00:00", "UTC", 1, "")),
        "window w begins outside of the years 2000 to 2100"
    );
}

#[test]
fn work_fits_the_first_opening_that_is_long_enough() {
    let short = period("2026-05-05T20:00:00", "UTC", 2, "");
    let long = period("2026-05-06T20:00:00", "UTC", 5, "");
    let policy = policy(&[("short", short), ("long", long)], &[]);
    let from: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    let open = openings(&policy, from, from + LOOKAHEAD).unwrap();
    let fits = |hours| {
        let first = first_fit(&open, SignedDuration::from_hours(hours));
        first.map(|opening| opening.windows.join("+"))
    };
    assert_eq!(fits(2).as_deref(), Some("short"));
    assert_eq!(fits(3).as_deref(), Some("long"));
    assert_eq!(fits(6), None);
    // A look in the middle of an opening finds what is left of it.
    let late: Timestamp = "2026-05-05T21:00:00Z".parse().unwrap();
    let open = openings(&policy, late, late + LOOKAHEAD).unwrap();
    assert_eq!(open[0].lasts(), SignedDuration::from_hours(1));
}
