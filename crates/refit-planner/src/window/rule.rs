//! Recurrence rules, bounded: what somebody wrote into a file must not keep the
//! program busy. The `rrule` crate walks from the start of a rule; a rule by
//! seconds, asked about one year on, took it twelve seconds.

use jiff::{Timestamp, civil, tz::TimeZone};
use refit_model::policy::Period;
use rrule::{RRuleSet, Tz};

/// A day by day rule over a hundred years has some 36,500 times.
const MOST_TIMES: u16 = 40_000;

/// The largest step of a rule.
const LARGEST_INTERVAL: u32 = 366;

/// The parts that a rule may have; those that multiply the times within a day
/// are left out, and so is what no calendar program shows.
const PARTS: [&str; 9] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A part is not of the form `NAME=VALUE`, or stands twice.
    #[error("{0:?} is not a part such as FREQ=WEEKLY, or stands twice")]
    Part(String),
    /// A part that is not taken.
    #[error(
        "{0} is not taken; parts are FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST"
    )]
    NotTaken(String),
    /// No frequency, or one that would come too often.
    #[error("FREQ has to be DAILY, WEEKLY, MONTHLY or YEARLY")]
    Frequency,
    /// The step is zero or too large.
    #[error("INTERVAL has to be between 1 and {LARGEST_INTERVAL}")]
    Interval,
    /// Both ends.
    #[error("COUNT and UNTIL exclude each other")]
    TwoEnds,
    /// An end in universal time.
    #[error("UNTIL is on the clocks of the zone, as in 20261231T235959, without Z")]
    Until,
    /// What the rest of it says is no rule.
    #[error("{0}")]
    Refused(String),
}

/// The starts of a period on the clocks of its zone, from about `from` to about
/// `until`.
pub(super) fn starts(
    period: &Period,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<civil::DateTime>, RuleError> {
    let Some(rule) = &period.rule else {
        return Ok(vec![period.start]);
    };
    let rule = checked(rule)?;
    // The clocks of the zone are given to the crate as if they were universal
    // time: what becomes of them on nights when they are changed is decided by
    // whoever knows the zone.
    let start = period.start.strftime("%Y%m%dT%H%M%SZ");
    let set: RRuleSet = format!("DTSTART:{start}\nRRULE:{rule}")
        .parse()
        .map_err(|error: rrule::RRuleError| RuleError::Refused(error.to_string()))?;
    let about = |timestamp: Timestamp| {
        chrono::DateTime::from_timestamp(timestamp.as_second(), 0)
            .map(|time| time.with_timezone(&Tz::UTC))
    };
    let (Some(from), Some(until)) = (
        about(from),
        about(until + jiff::SignedDuration::from_hours(48)),
    ) else {
        return Ok(Vec::new());
    };
    let found = set.after(from).before(until).all(MOST_TIMES);
    // A list that was cut short would tell a window as closed.
    if found.limited {
        return Err(RuleError::Refused(
            "it has more times than can be looked at".to_owned(),
        ));
    }
    let civil = |time: &chrono::DateTime<Tz>| {
        let timestamp = Timestamp::from_second(time.timestamp()).ok()?;
        Some(TimeZone::UTC.to_datetime(timestamp))
    };
    Ok(found.dates.iter().filter_map(civil).collect())
}

/// The rule, once every part of it is one that is taken.
fn checked(rule: &str) -> Result<String, RuleError> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in rule.trim().trim_start_matches("RRULE:").split(';') {
        let refuse = || RuleError::Part(part.chars().take(64).collect());
        let (name, value) = part.split_once('=').ok_or_else(refuse)?;
        let (name, value) = (name.trim().to_uppercase(), value.trim().to_uppercase());
        if parts.iter().any(|(other, _)| *other == name) || value.is_empty() || value.len() > 256 {
            return Err(refuse());
        }
        if !PARTS.contains(&name.as_str()) {
            return Err(RuleError::NotTaken(name.chars().take(64).collect()));
        }
        parts.push((name, value));
    }
    let of = |name: &str| {
        let found = parts.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    };
    if !matches!(of("FREQ"), Some("DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY")) {
        return Err(RuleError::Frequency);
    }
    let interval: Option<u32> = of("INTERVAL").map_or(Some(1), |value| value.parse().ok());
    if !interval.is_some_and(|interval| (1..=LARGEST_INTERVAL).contains(&interval)) {
        return Err(RuleError::Interval);
    }
    if of("COUNT").is_some() && of("UNTIL").is_some() {
        return Err(RuleError::TwoEnds);
    }
    if of("UNTIL").is_some_and(|until| until.ends_with('Z')) {
        return Err(RuleError::Until);
    }
    let written = parts.iter().map(|(name, value)| match name.as_str() {
        // A date alone means the whole of that day.
        "UNTIL" if !value.contains('T') => format!("UNTIL={value}T235959Z"),
        "UNTIL" => format!("UNTIL={value}Z"),
        _ => format!("{name}={value}"),
    });
    Ok(written.collect::<Vec<_>>().join(";"))
}
