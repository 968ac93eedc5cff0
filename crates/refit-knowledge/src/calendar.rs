//! Releases of Kubernetes: when they came, how long they are supported, and
//! which patch of each is the newest known.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use jiff::civil::Date;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// The columns of `kubernetes/releases.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/releases/1",
    columns: &[
        "minor",
        "released",
        "maintenance_from",
        "end_of_life",
        "end_of_life_second",
        "latest_patch",
        "latest_date",
        "source",
        "notes",
    ],
    key: 1,
};

/// One minor release of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which.
    pub minor: Minor,
    /// The day of its `.0`.
    pub released: Date,
    /// From when on it gets critical fixes only, where that was announced as a date.
    pub maintenance_from: Option<Date>,
    /// The day its support ends, by [`Release::source`].
    pub end_of_life: Date,
    /// What the second source says, where it says another day.
    pub end_of_life_second: Option<Date>,
    /// The newest patch known.
    pub latest: KubeVersion,
    /// The day it came.
    pub latest_date: Date,
    /// Where these dates come from.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// How far the support of a release reaches on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupportPhase {
    /// It is not out yet.
    NotReleased,
    /// It gets fixes.
    Supported,
    /// It gets critical fixes only.
    Maintenance,
    /// It gets nothing any more.
    Ended,
}

impl Release {
    /// How far support reaches on `day`; the last day of life still counts.
    #[must_use]
    pub fn phase_on(&self, day: Date) -> SupportPhase {
        if day < self.released {
            SupportPhase::NotReleased
        } else if day > self.end_of_life {
            SupportPhase::Ended
        } else if self.maintenance_from.is_some_and(|from| day >= from) {
            SupportPhase::Maintenance
        } else {
            SupportPhase::Supported
        }
    }
}

/// All releases that are known.
#[derive(Clone, Debug)]
pub struct Calendar {
    releases: BTreeMap<Minor, Release>,
    as_of: Date,
}

impl Family for Calendar {
    /// Fails also where dates run backwards.
    fn read_from(files: &Files) -> Result<Self, Error> {
        const DATE: &str = "a date such as 2026-08-22";
        let table = files.table("kubernetes/releases.csv", &SCHEMA)?;
        let mut releases = BTreeMap::new();
        for record in table.records() {
            let minor = record.value("minor", "a minor such as 1.34")?;
            let release = Release {
                minor,
                released: record.value("released", DATE)?,
                maintenance_from: record.optional("maintenance_from", DATE)?,
                end_of_life: record.value("end_of_life", DATE)?,
                end_of_life_second: record.optional("end_of_life_second", DATE)?,
                latest: record.value("latest_patch", "a release such as 1.34.2")?,
                latest_date: record.value("latest_date", DATE)?,
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            };
            if release.latest.minor() != minor {
                return Err(record.contradiction("the latest patch is of another minor"));
            }
            if release.released > release.latest_date
                || release.released > release.end_of_life
                || release
                    .maintenance_from
                    .is_some_and(|from| from < release.released || from > release.end_of_life)
            {
                return Err(record.contradiction("the dates run backwards"));
            }
            releases.insert(minor, release);
        }
        Ok(Self {
            releases,
            as_of: table.as_of,
        })
    }
}

impl Calendar {
    /// The release `minor`, if it was out when the calendar was looked at.
    #[must_use]
    pub fn release(&self, minor: Minor) -> Option<&Release> {
        self.releases.get(&minor)
    }

    /// All of them, oldest first.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.values()
    }

    /// The newest release that was out when the calendar was looked at.
    #[must_use]
    pub fn latest(&self) -> Option<&Release> {
        self.releases.values().next_back()
    }

    /// When the calendar was last looked at.
    #[must_use]
    pub const fn as_of(&self) -> Date {
        self.as_of
    }
}
