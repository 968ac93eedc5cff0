//! What the knowledge says about itself: `manifest.csv`.

use crate::files::{Family, Files};
use crate::table::{Error, Problem, Schema};
use jiff::civil::Date;
use refit_model::version::Minor;

const FILE: &str = "manifest.csv";

/// The columns of `manifest.csv`.
pub(crate) const SCHEMA: Schema = Schema {
    format: "refit-knowledge/manifest/1",
    columns: &["version", "first_minor", "last_minor"],
    key: 1,
};

/// What the knowledge says about itself.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) version: String,
    pub(crate) as_of: Date,
    pub(crate) first_minor: Minor,
    pub(crate) last_minor: Minor,
}

impl Family for Manifest {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table(FILE, &SCHEMA)?;
        let mut records = table.records();
        let (Some(record), None) = (records.next(), records.next()) else {
            return Err(Error {
                file: FILE.to_owned(),
                line: 0,
                problem: Problem::Contradiction("there is not exactly one row"),
            });
        };
        let manifest = Self {
            version: record.required("version")?.to_owned(),
            as_of: table.as_of,
            first_minor: record.value("first_minor", "a minor")?,
            last_minor: record.value("last_minor", "a minor")?,
        };
        if manifest.first_minor > manifest.last_minor {
            return Err(record.contradiction("the first minor is after the last"));
        }
        Ok(manifest)
    }
}
