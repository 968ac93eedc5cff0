//! One cycle of one product, as one source gives it, and how it stands on a day.

use crate::table::{Error, Record};
use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;

/// What the days of a cycle rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// endoflife.date collected them from what the product publishes.
    Collected,
    /// Those who make the product say so.
    Declared,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Collected => "collected",
            Self::Declared => "declared",
        })
    }
}

/// A day, or a month of which no day is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// This day.
    Day(Date),
    /// Some day of the month that this is the first day of.
    Month(Date),
}

impl Moment {
    /// The first day that it can mean.
    #[must_use]
    pub const fn first(self) -> Date {
        match self {
            Self::Day(day) | Self::Month(day) => day,
        }
    }

    /// The last day that it can mean.
    #[must_use]
    pub fn last(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Month(first) => first.last_of_month(),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Month(first) => write!(f, "{:04}-{:02}", first.year(), first.month()),
        }
    }
}

/// A text that is neither a day nor a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wanted a day such as 2026-08-22 or a month such as 2026-08")]
pub struct MomentError;

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        match text.len() {
            // `2026-08`.
            7 => format!("{text}-01").parse().map(Self::Month),
            _ => text.parse().map(Self::Day),
        }
        .map_err(|_| MomentError)
    }
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This is its last day.
    On(Date),
    /// It had ended when it was looked at; no source says when.
    Ended,
    /// It had not ended when it was looked at, and no end was announced.
    NotAnnounced,
}

impl FromStr for End {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        match text {
            "ended" => Ok(Self::Ended),
            "not-announced" => Ok(Self::NotAnnounced),
            day => day.parse().map(Self::On).map_err(|_| MomentError),
        }
    }
}

impl End {
    /// Whether it is over on `day`; `None` where `looked` at another day tells nothing.
    fn over(self, day: Date, looked: Date) -> Option<bool> {
        match self {
            Self::On(last) => Some(day > last),
            Self::Ended => (day >= looked).then_some(true),
            Self::NotAnnounced => Some(false),
        }
    }

    const fn until(self, looked: Date) -> Until {
        match self {
            Self::On(day) => Until::Day(day),
            Self::Ended | Self::NotAnnounced => Until::NotAnnounced { looked },
        }
    }
}

/// What is still done for a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Everything that the product does for it.
    Full,
    /// Fixes of some kinds only.
    Maintenance,
    /// What [`Extended`](super::Extended) is for this product; it may cost more.
    Extended,
}

/// How far a phase reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Up to and including this day.
    Day(Date),
    /// No end was announced on the day of the look.
    NotAnnounced {
        /// When it was looked at.
        looked: Date,
    },
}

/// How a cycle stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It comes out later.
    NotReleased(Moment),
    /// It is supported.
    Supported {
        /// How much is done for it.
        phase: Phase,
        /// For how long.
        until: Until,
    },
    /// Nothing is done for it any more.
    Ended {
        /// Its last day, where a source gives one.
        last: Option<Date>,
    },
    /// The sources do not say how it stood on that day.
    NotKnown,
}

impl Status {
    /// Less is less support: what an answer rests on where two sources differ.
    pub(super) fn rank(self) -> (u8, Option<Date>) {
        match self {
            Self::Ended { last } => (0, last),
            Self::NotReleased(_) => (1, None),
            Self::NotKnown => (2, None),
            Self::Supported { phase, until } => {
                let rank = match phase {
                    Phase::Extended => 3,
                    Phase::Maintenance => 4,
                    Phase::Full => 5,
                };
                let until = match until {
                    Until::Day(day) => day,
                    Until::NotAnnounced { .. } => Date::MAX,
                };
                (rank, Some(until))
            }
        }
    }
}

/// One cycle of one product, as one source gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The product's short name.
    pub product: String,
    /// Its own name, such as `1.34`.
    pub name: String,
    /// What its days rest on.
    pub basis: Basis,
    /// When it came out.
    pub released: Moment,
    /// The end of full support, where the product has a phase of maintenance.
    pub active_until: Option<End>,
    /// The end of the usual support.
    pub end_of_life: End,
    /// The end of what [`Extended`](super::Extended) is for the product, where the cycle has it.
    pub extended_until: Option<End>,
    /// The newest release that was known, and its day where one is stated.
    pub latest: Option<(String, Option<Date>)>,
    /// Where this is said.
    pub source: String,
    /// The commit that it was read at; empty where the file's header has it.
    pub source_version: String,
    /// When it was looked at.
    pub looked: Date,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

impl Cycle {
    pub(super) fn read(record: &Record<'_>, basis: Basis, looked: Date) -> Result<Self, Error> {
        const END: &str = "a day, ended or not-announced";
        let product = record.required("product")?;
        let (source, source_version, looked) = match basis {
            Basis::Collected => (
                format!("endoflife.date products/{product}.md"),
                String::new(),
                looked,
            ),
            Basis::Declared => (
                record.required("source")?.to_owned(),
                record.required("source_version")?.to_owned(),
                record.value("as_of", "a day")?,
            ),
        };
        let latest = record.text("latest");
        let cycle = Self {
            product: product.to_owned(),
            name: record.required("cycle")?.to_owned(),
            basis,
            released: record.value("released", "a day or a month")?,
            active_until: record.optional("active_until", END)?,
            end_of_life: record.value("end_of_life", END)?,
            extended_until: record.optional("extended_until", END)?,
            latest: (!latest.is_empty())
                .then(|| Ok((latest.to_owned(), record.optional("latest_date", "a day")?)))
                .transpose()?,
            source,
            source_version,
            looked,
            notes: record.text("notes").to_owned(),
        };
        let mut days = vec![cycle.released.first()];
        days.extend(
            [
                cycle.active_until,
                Some(cycle.end_of_life),
                cycle.extended_until,
            ]
            .into_iter()
            .flatten()
            .filter_map(|end| match end {
                End::On(day) => Some(day),
                End::Ended | End::NotAnnounced => None,
            }),
        );
        if !days.is_sorted() {
            return Err(record.contradiction("the dates run backwards"));
        }
        Ok(cycle)
    }

    /// How it stands on `day`; the last day of a phase still counts to it.
    #[must_use]
    pub fn on(&self, day: Date) -> Status {
        if day < self.released.first() {
            return Status::NotReleased(self.released);
        }
        if day < self.released.last() {
            return Status::NotKnown;
        }
        let over = |end: End| end.over(day, self.looked);
        match over(self.end_of_life) {
            None => Status::NotKnown,
            Some(false) => match self.active_until.map(|end| (end, over(end))) {
                Some((end, Some(false))) => Status::Supported {
                    phase: Phase::Full,
                    until: end.until(self.looked),
                },
                Some((_, Some(true))) => Status::Supported {
                    phase: Phase::Maintenance,
                    until: self.end_of_life.until(self.looked),
                },
                Some((_, None)) => Status::NotKnown,
                None => Status::Supported {
                    phase: Phase::Full,
                    until: self.end_of_life.until(self.looked),
                },
            },
            Some(true) => match self.extended_until.map(|end| (end, over(end))) {
                Some((end, Some(false))) => Status::Supported {
                    phase: Phase::Extended,
                    until: end.until(self.looked),
                },
                Some((_, None)) => Status::NotKnown,
                Some((end, Some(true))) => Status::Ended { last: last(end) },
                None => Status::Ended {
                    last: last(self.end_of_life),
                },
            },
        }
    }
}

const fn last(end: End) -> Option<Date> {
    match end {
        End::On(day) => Some(day),
        End::Ended | End::NotAnnounced => None,
    }
}
