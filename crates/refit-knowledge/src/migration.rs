//! What differs between an API version that goes and the one that takes its
//! place, beyond the version itself: for whoever rewrites manifests.

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use refit_model::object::GroupVersionKind;
use std::collections::BTreeMap;

/// The columns of `kubernetes/migrations.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/migrations/1",
    columns: &[
        "group",
        "version",
        "kind",
        "difference",
        "differs",
        "action",
        "basis",
        "source",
        "source_version",
        "notes",
    ],
    key: 3,
};

/// How far a kind differs at the version that takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// In nothing that a manifest says.
    Nothing,
    /// In this, in whole sentences.
    Differs(String),
    /// Nothing takes its place; what that means, in whole sentences.
    NoSuccessor(String),
}

/// What somebody who moves off an API version needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// What is left behind.
    pub api: GroupVersionKind,
    /// How far the successor differs.
    pub difference: Difference,
    /// What to do beyond writing the other version, in whole sentences; may be empty.
    pub action: String,
    /// What it rests on: `migration-guide`, `schema-comparison`, `source-tree`,
    /// `release-note`, or two of them with `+`.
    pub basis: String,
    /// Where it was read.
    pub source: String,
    /// The commit or tag that it was read at.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

impl Migration {
    /// What differs, in whole sentences; `None` where nothing does.
    #[must_use]
    pub fn differs(&self) -> Option<&str> {
        match &self.difference {
            Difference::Nothing => None,
            Difference::Differs(what) | Difference::NoSuccessor(what) => Some(what),
        }
    }

    /// The address of what it rests on, as project, path and version.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{} at {}", self.source, self.source_version)
    }
}

/// All notes.
#[derive(Clone, Debug)]
pub struct Migrations(BTreeMap<GroupVersionKind, Migration>);

/// The bases that a row may name.
const BASES: [&str; 4] = [
    "migration-guide",
    "schema-comparison",
    "source-tree",
    "release-note",
];

impl Family for Migrations {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/migrations.csv", &SCHEMA)?;
        table
            .records()
            .map(|record| read(record).map(|note| (note.api.clone(), note)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Migrations {
    /// What there is to know of moving off `api`, where something is.
    #[must_use]
    pub fn of(&self, api: &GroupVersionKind) -> Option<&Migration> {
        self.0.get(api)
    }

    /// All notes, by group, version and kind.
    pub fn iter(&self) -> impl Iterator<Item = &Migration> {
        self.0.values()
    }
}

fn read(record: Record<'_>) -> Result<Migration, Error> {
    #[derive(Clone, Copy)]
    enum Word {
        Same,
        Differs,
        NoSuccessor,
    }
    let word = record.choice(
        "difference",
        &[
            ("same", Word::Same),
            ("differs", Word::Differs),
            ("no-successor", Word::NoSuccessor),
        ],
        "same, differs or no-successor",
    )?;
    let differs = record.text("differs");
    let action = record.text("action").to_owned();
    let difference = match word {
        Word::Same if differs.is_empty() => Difference::Nothing,
        Word::Same => return Err(record.contradiction("it is the same and differs")),
        Word::Differs | Word::NoSuccessor if differs.is_empty() || action.is_empty() => {
            return Err(record.contradiction("it says neither what differs nor what to do"));
        }
        Word::Differs => Difference::Differs(differs.to_owned()),
        Word::NoSuccessor => Difference::NoSuccessor(differs.to_owned()),
    };
    let basis = record.required("basis")?;
    if !basis.split('+').all(|name| BASES.contains(&name)) {
        return Err(record.refuse("basis", "a basis of migration.rs"));
    }
    Ok(Migration {
        api: GroupVersionKind {
            group: record.text("group").to_owned(),
            version: record.required("version")?.to_owned(),
            kind: record.required("kind")?.to_owned(),
        },
        difference,
        action,
        basis: basis.to_owned(),
        source: record.required("source")?.to_owned(),
        source_version: record.required("source_version")?.to_owned(),
        notes: record.text("notes").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;
    use crate::api::{Decision, ObjectClass};
    use std::collections::BTreeSet;

    /// The bar of issue 4: kinds without a successor have a note of our own, and
    /// so has every kind that was served as a matter of course and went.
    #[test]
    fn every_kind_that_went_has_a_note() {
        let (apis, notes) = (
            Knowledge::embedded().apis(),
            Knowledge::embedded().migrations(),
        );
        let mut without = BTreeSet::new();
        for life in apis.lifecycles() {
            let gone = life
                .removal
                .is_some_and(|removal| removal.decision == Decision::Decided);
            let wanted = life.replacement.is_none() || life.served_by_default;
            let stored = life.object == ObjectClass::Resource;
            if gone && wanted && stored && notes.of(&life.api).is_none() {
                without.insert(life.api.to_string());
            }
        }
        assert_eq!(without, BTreeSet::new());
    }

    #[test]
    fn every_note_is_of_a_kind_in_the_table_and_agrees_with_its_successor() {
        let apis = Knowledge::embedded().apis();
        for note in Knowledge::embedded().migrations().iter() {
            let api = &note.api;
            assert!(apis.lifecycle(api).is_some(), "{api}");
            for sentence in [note.differs().unwrap_or_default(), &note.action] {
                assert!(sentence.is_empty() || sentence.ends_with('.'), "{api}");
            }
        }
    }
}
