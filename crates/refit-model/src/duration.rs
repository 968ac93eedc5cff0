//! Spans of time in whole seconds, written as people write them: `90s`, `5m`,
//! `1h30m`.
//!
//! Seconds are enough: the shortest interval that any rule here uses is the
//! one second at which a drained pod is looked at again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A span of time in seconds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Seconds(u32);

impl Seconds {
    /// `count` seconds.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// `count` minutes.
    #[must_use]
    pub const fn minutes(count: u32) -> Self {
        Self(count.saturating_mul(60))
    }

    /// How many seconds.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The sum, at most [`u32::MAX`] seconds.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The same span as Go's tools print and read it: `10m0s`.
    #[must_use]
    pub fn in_go(self) -> String {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (hours, minutes) {
            (0, 0) => format!("{seconds}s"),
            (0, _) => format!("{minutes}m{seconds}s"),
            _ => format!("{hours}h{minutes}m{seconds}s"),
        }
    }

    /// The same span for arithmetic with timestamps.
    #[must_use]
    pub const fn signed(self) -> jiff::SignedDuration {
        jiff::SignedDuration::from_secs(self.0 as i64)
    }

    /// The instant this long after `start`, at the end of time if beyond it.
    #[must_use]
    pub fn after(self, start: jiff::Timestamp) -> jiff::Timestamp {
        start
            .checked_add(self.signed())
            .unwrap_or(jiff::Timestamp::MAX)
    }

    /// The whole seconds from `start` to `end`; zero when `end` is not later.
    #[must_use]
    pub fn between(start: jiff::Timestamp, end: jiff::Timestamp) -> Self {
        let seconds = end.duration_since(start).as_secs().max(0);
        Self(u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        let mut text = String::new();
        for (count, unit) in [(h, "h"), (m, "m"), (s, "s")] {
            if count > 0 {
                text.push_str(&count.to_string());
                text.push_str(unit);
            }
        }
        f.pad(if text.is_empty() { "0s" } else { &text })
    }
}

/// A text that is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a span of time such as 90s, 5m or 1h30m")]
pub struct DurationError(pub String);

impl FromStr for Seconds {
    type Err = DurationError;
    fn from_str(text: &str) -> Result<Self, DurationError> {
        let refuse = || DurationError(text.chars().take(64).collect());
        let (mut total, mut digits, mut last_unit) = (0_u32, String::new(), u32::MAX);
        for c in text.chars() {
            if c.is_ascii_digit() && digits.len() < 9 {
                digits.push(c);
                continue;
            }
            let unit = match c {
                'h' => 3600,
                'm' => 60,
                's' => 1,
                _ => return Err(refuse()),
            };
            let count: u32 = digits.parse().map_err(|_| refuse())?;
            if unit >= last_unit {
                return Err(refuse());
            }
            last_unit = unit;
            digits.clear();
            total = count
                .checked_mul(unit)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(refuse)?;
        }
        if digits.is_empty() && last_unit != u32::MAX {
            Ok(Self(total))
        } else {
            Err(refuse())
        }
    }
}

impl TryFrom<String> for Seconds {
    type Error = DurationError;
    fn try_from(text: String) -> Result<Self, DurationError> {
        text.parse()
    }
}

impl From<Seconds> for String {
    fn from(span: Seconds) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u32, &str)>) {
        let span = text.parse::<Seconds>().ok();
        let seen = span.map(|span| (span.get(), span.to_string()));
        assert_eq!(
            seen.as_ref().map(|(count, shown)| (*count, shown.as_str())),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn spans() {
        check("0s", Some((0, "0s")));
        check("90s", Some((90, "1m30s")));
        check("5m", Some((300, "5m")));
        check("1h30m", Some((5400, "1h30m")));
        for refused in ["", "5", "m", "5x", "5m5m", "5s1h", "99999999999s", "-5s"] {
            check(refused, None);
        }
    }
}
