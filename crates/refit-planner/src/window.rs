//! When work may start: the openings that windows leave and freezes close.
//!
//! Pure: the time comes in as an argument, and zones from the database that is
//! built in, so that the same policy gives the same answer on every machine.

mod rule;

pub use rule::RuleError;

use jiff::{SignedDuration, Timestamp};
use refit_model::duration::Seconds;
use refit_model::policy::{Freeze, Period, UpgradePolicy, Window};

/// How far ahead a plan looks for an opening: a plan that fits none in that time
/// needs another plan or other windows.
pub const LOOKAHEAD: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A week of work on end is no window any more.
const LONGEST_WINDOW: Seconds = Seconds::minutes(7 * 24 * 60);

/// A freeze that lasts longer than a year is a policy without windows.
const LONGEST_FREEZE: Seconds = Seconds::minutes(366 * 24 * 60);

/// A stretch of time in which work may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When it opens.
    pub opens: Timestamp,
    /// When it closes.
    pub closes: Timestamp,
    /// The windows that make it; none where the policy has no windows.
    pub windows: Vec<String>,
    /// The freeze that closes it, where it is one.
    pub closed_by: Option<String>,
}

impl Opening {
    /// How long it is open.
    #[must_use]
    pub fn lasts(&self) -> SignedDuration {
        self.closes.duration_since(self.opens)
    }
}

/// Why a policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A zone is not in the database.
    #[error("{at} names the zone {zone:?}, which the time zone database does not have")]
    NoZone {
        /// The window or freeze.
        at: String,
        /// What it names.
        zone: String,
    },
    /// A duration is zero, or too long.
    #[error("{at} lasts {duration}, which is not between a second and {longest}")]
    Duration {
        /// The window or freeze.
        at: String,
        /// What it says.
        duration: Seconds,
        /// The most that it may be.
        longest: Seconds,
    },
    /// The rule cannot be used.
    #[error("the rule of {at} cannot be used")]
    Rule {
        /// The window or freeze.
        at: String,
        /// Why.
        #[source]
        source: RuleError,
    },
    /// A time lies outside of what can be counted.
    #[error("{at} begins outside of the years 2000 to 2100")]
    Start {
        /// The window or freeze.
        at: String,
    },
}

/// The openings of `policy` that are not over at `from`, up to `until`, in order.
/// One that is open at `from` begins there.
///
/// # Errors
/// [`PolicyError`] where a window or a freeze cannot be understood: that is
/// never taken for open nor for closed.
pub fn openings(
    policy: &UpgradePolicy,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Opening>, PolicyError> {
    let mut open = if policy.windows.is_empty() {
        vec![Opening {
            opens: from,
            closes: until,
            windows: Vec::new(),
            closed_by: None,
        }]
    } else {
        let mut open = Vec::new();
        for Window { name, when } in &policy.windows {
            let at = format!("window {name}");
            open.extend(
                times(&at, when, LONGEST_WINDOW, from, until)?
                    .into_iter()
                    .map(|(opens, closes)| Opening {
                        opens,
                        closes,
                        windows: vec![name.clone()],
                        closed_by: None,
                    }),
            );
        }
        joined(open)
    };
    for Freeze { name, when, .. } in &policy.freezes {
        let at = format!("freeze {name}");
        for (begins, ends) in times(&at, when, LONGEST_FREEZE, from, until)? {
            open = open
                .into_iter()
                .flat_map(|opening| without(opening, begins, ends, name))
                .collect();
        }
    }
    for opening in &mut open {
        opening.opens = opening.opens.max(from);
        opening.closes = opening.closes.min(until);
    }
    open.retain(|opening| opening.opens < opening.closes);
    Ok(open)
}

/// The first of `openings` in which work of the length `needs` fits: begun right
/// when it opens, it ends before it closes.
#[must_use]
pub fn first_fit(openings: &[Opening], needs: SignedDuration) -> Option<&Opening> {
    openings.iter().find(|opening| opening.lasts() >= needs)
}

/// The times of a period that touch the span from `from` to `until`.
fn times(
    at: &str,
    period: &Period,
    longest: Seconds,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(Timestamp, Timestamp)>, PolicyError> {
    let zone = jiff::tz::TimeZoneDatabase::bundled()
        .get(&period.zone)
        .map_err(|_| PolicyError::NoZone {
            at: at.to_owned(),
            zone: period.zone.clone(),
        })?;
    let seconds = period.duration.get();
    if seconds == 0 || seconds > longest.get() {
        return Err(PolicyError::Duration {
            at: at.to_owned(),
            duration: period.duration,
            longest,
        });
    }
    if !(2000..=2100).contains(&period.start.year()) {
        return Err(PolicyError::Start { at: at.to_owned() });
    }
    let length = period.duration.signed();
    // The clocks of a zone are less than two days from those of another, and what
    // began before may last.
    let margin = length + SignedDuration::from_hours(48);
    let starts = rule::starts(period, from.saturating_sub(margin).unwrap_or(from), until).map_err(
        |source| PolicyError::Rule {
            at: at.to_owned(),
            source,
        },
    )?;
    let spans = starts.into_iter().filter_map(|start| {
        // A time that the clocks leave out comes an hour later, and one that
        // they show twice is the first.
        let opens = zone
            .to_ambiguous_zoned(start)
            .compatible()
            .ok()?
            .timestamp();
        let closes = opens.checked_add(length).ok()?;
        (closes > from && opens < until).then_some((opens, closes))
    });
    Ok(spans.collect())
}

/// Openings that touch or overlap become one.
fn joined(mut open: Vec<Opening>) -> Vec<Opening> {
    open.sort_by_key(|opening| (opening.opens, opening.closes));
    let mut all: Vec<Opening> = Vec::new();
    for next in open {
        match all.last_mut() {
            Some(last) if next.opens <= last.closes => {
                last.closes = last.closes.max(next.closes);
                last.windows.extend(next.windows);
                last.windows.sort();
                last.windows.dedup();
            }
            Some(_) | None => all.push(next),
        }
    }
    all
}

/// What is left of an opening beside a freeze.
fn without(opening: Opening, begins: Timestamp, ends: Timestamp, name: &str) -> Vec<Opening> {
    if ends <= opening.opens || begins >= opening.closes {
        return vec![opening];
    }
    let before = (opening.opens < begins).then(|| Opening {
        closes: begins,
        closed_by: Some(name.to_owned()),
        ..opening.clone()
    });
    let after = (ends < opening.closes).then_some(Opening {
        opens: ends,
        ..opening
    });
    before.into_iter().chain(after).collect()
}

#[cfg(test)]
mod tests;
