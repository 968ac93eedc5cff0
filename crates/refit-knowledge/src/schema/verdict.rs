//! What it means that a field went, or became required: judged one by one,
//! because the documents alone do not tell a change of the server from a change
//! of the program that writes the documents.

use crate::files::Files;
use crate::table::{Error, Schema};
use refit_model::version::Minor;

/// The columns of `kubernetes/schemas/changes.csv`.
pub const CHANGES: Schema = Schema {
    format: "refit-knowledge/schema-changes/1",
    columns: &[
        "definition",
        "field",
        "minor",
        "change",
        "effect",
        "replacement",
        "source",
        "notes",
    ],
    key: 3,
};

/// What happened to the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The definition has it no more.
    Lost,
    /// The schema wants it.
    Required,
}

/// What the change does to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The server drops what is set there, without a word.
    Dropped,
    /// As [`Self::Dropped`], but only a server on which somebody had turned an
    /// alpha feature on ever kept it.
    DroppedAlpha,
    /// Nothing acted on the field, or only the server writes it.
    None,
    /// The server refuses an object without the field, and did not before.
    Refused,
    /// The server refused or filled it in all along; only the document says so
    /// now. A client that checks against the document may refuse sooner.
    DocumentOnly,
}

/// What became of one field, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The definition.
    pub definition: String,
    /// Its field.
    pub field: String,
    /// The first minor in which it is so.
    pub minor: Minor,
    /// What happened.
    pub kind: Kind,
    /// What that does.
    pub effect: Effect,
    /// What to set instead; often empty.
    pub replacement: String,
    /// Where that can be looked up.
    pub source: String,
    /// What else is worth knowing.
    pub notes: String,
}

impl Verdict {
    pub(super) fn transition(&self) -> (&str, &str, Minor, Kind) {
        (&self.definition, &self.field, self.minor, self.kind)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Verdicts(Vec<Verdict>);

impl Verdicts {
    pub(super) fn read(files: &Files, covers: (Minor, Minor)) -> Result<Self, Error> {
        let table = files.table("kubernetes/schemas/changes.csv", &CHANGES)?;
        let mut verdicts = Vec::new();
        for record in table.records() {
            let kind = record.choice(
                "change",
                &[("lost", Kind::Lost), ("required", Kind::Required)],
                "lost or required",
            )?;
            let effect = record.choice(
                "effect",
                &[
                    ("dropped", Effect::Dropped),
                    ("dropped-alpha", Effect::DroppedAlpha),
                    ("none", Effect::None),
                    ("refused", Effect::Refused),
                    ("document-only", Effect::DocumentOnly),
                ],
                "dropped, dropped-alpha, none, refused or document-only",
            )?;
            let fits = match effect {
                Effect::Dropped | Effect::DroppedAlpha => kind == Kind::Lost,
                Effect::Refused | Effect::DocumentOnly => kind == Kind::Required,
                Effect::None => true,
            };
            if !fits {
                return Err(record.contradiction("the effect is not one of that change"));
            }
            let minor: Minor = record.value("minor", "a minor")?;
            if minor <= covers.0 || minor > covers.1 {
                return Err(record.refuse("minor", "a minor after the first that is covered"));
            }
            verdicts.push(Verdict {
                definition: record.required("definition")?.to_owned(),
                field: record.required("field")?.to_owned(),
                minor,
                kind,
                effect,
                replacement: record.text("replacement").to_owned(),
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            });
        }
        Ok(Self(verdicts))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Verdict> {
        self.0.iter()
    }

    /// What became of `field` of `definition` after `from`, up to `to`.
    pub(super) fn between(
        &self,
        (definition, field): (&str, &str),
        kind: Kind,
        (from, to): (Minor, Minor),
    ) -> Option<&Verdict> {
        self.0.iter().find(|verdict| {
            verdict.definition == definition
                && verdict.field == field
                && verdict.kind == kind
                && from < verdict.minor
                && verdict.minor <= to
        })
    }
}
