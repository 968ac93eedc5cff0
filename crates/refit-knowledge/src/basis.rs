//! What a fact rests on: the bases that the API family names, and where each
//! of them can be looked up.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use std::collections::BTreeMap;

/// How a fact was come by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The short name that rows use.
    pub name: String,
    /// What it means that a fact rests on this.
    pub meaning: String,
    /// Where to look it up: project, file or package, versions.
    pub source: String,
}

/// All bases by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bases(BTreeMap<String, Basis>);

/// The columns of `bases.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/bases/1",
    columns: &["basis", "meaning", "source"],
    key: 1,
};

impl Family for Bases {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("bases.csv", &SCHEMA)?;
        let mut bases = BTreeMap::new();
        for record in table.records() {
            let name = record.required("basis")?.to_owned();
            let basis = Basis {
                name: name.clone(),
                meaning: record.required("meaning")?.to_owned(),
                source: record.required("source")?.to_owned(),
            };
            bases.insert(name, basis);
        }
        Ok(Self(bases))
    }
}

impl Bases {
    /// The basis called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Basis> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Basis> {
        self.0.values()
    }
}
