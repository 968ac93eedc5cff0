//! Which fields each kind has in each minor of Kubernetes, out of its OpenAPI
//! documents.
//!
//! A field that an API server does not know is dropped when an object is
//! written, without a word; so an object that sets one loses it. This module
//! knows the fields of every definition of every minor, and answers what an
//! object that sets certain fields meets between two minors.
//!
//! The files fold the minors together: one row for as long as nothing about a
//! field changes.

mod compare;
mod losses;
mod verdict;

pub use compare::{Change, Comparison, FieldChange, Used};
pub use losses::Loss;
pub use verdict::{CHANGES, Effect, Kind, Verdict};

use crate::files::{Family, Files};
use crate::manifest::Manifest;
use crate::table::{Error, Schema};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use verdict::Verdicts;

/// The columns of `kubernetes/schemas/fields.csv`.
pub const FIELDS: Schema = Schema {
    format: "refit-knowledge/schema-fields/1",
    columns: &[
        "definition",
        "field",
        "minors",
        "shape",
        "required",
        "default",
    ],
    key: 3,
};

/// The columns of `kubernetes/schemas/kinds.csv`.
pub const KINDS: Schema = Schema {
    format: "refit-knowledge/schema-kinds/1",
    columns: &["group", "version", "kind", "minors", "definition"],
    key: 4,
};

const FIELDS_FILE: &str = "kubernetes/schemas/fields.csv";
const KINDS_FILE: &str = "kubernetes/schemas/kinds.csv";

/// A run of minors of one major, both ends included; written `1.16..1.21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first minor.
    pub first: Minor,
    /// The last minor, not before the first.
    pub last: Minor,
}

impl Span {
    /// Whether `minor` is in it.
    #[must_use]
    pub fn holds(self, minor: Minor) -> bool {
        self.first <= minor && minor <= self.last
    }
}

impl FromStr for Span {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (first, last) = text.split_once("..").ok_or(())?;
        let (first, last): (Minor, Minor) = (
            first.parse().map_err(|_| ())?,
            last.parse().map_err(|_| ())?,
        );
        if first.major() == last.major() && first <= last {
            Ok(Self { first, last })
        } else {
            Err(())
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// The place of a text in [`Schemas::texts`].
type Id = u32;

/// What holds for one field of one definition over a run of minors.
#[derive(Clone, Copy, Debug)]
struct Row {
    field: Id,
    shape: Id,
    default: Id,
    span: Span,
    required: bool,
}

/// One definition: where its rows are, and in which minors it is there.
#[derive(Clone, Debug)]
struct Definition {
    name: Id,
    /// Rows about the definition itself come first; their field is empty.
    rows: Range<usize>,
}

/// The schemas of all minors that are covered.
///
/// Every text is kept once: a `PodSpec` is named by hundreds of rows.
#[derive(Clone, Debug)]
pub struct Schemas {
    covers: (Minor, Minor),
    texts: Vec<Box<str>>,
    rows: Vec<Row>,
    definitions: Vec<Definition>,
    kinds: BTreeMap<GroupVersionKind, Vec<(Span, Id)>>,
    verdicts: Verdicts,
}

/// What is known of one kind in one minor.
#[derive(Clone, Copy, Debug)]
pub enum Root<'s> {
    /// The minor is outside of what is covered.
    NotKnown,
    /// The documents of that minor do not have the kind at that API version.
    Absent,
    /// The definition of its objects.
    Definition(DefinitionAt<'s>),
}

/// One definition as one minor has it.
#[derive(Clone, Copy, Debug)]
pub struct DefinitionAt<'s> {
    schemas: &'s Schemas,
    definition: &'s Definition,
    minor: Minor,
}

/// One field as one minor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it holds: `string`, `integer:int32`, `#` and a definition, and in
    /// front of each `[]` for a list and `{}` for a map of it.
    pub shape: &'s str,
    /// Whether the schema wants it.
    pub required: bool,
    /// What the schema says it is when not set, as JSON; only since 1.23, and
    /// only where it is not the zero value.
    pub default: Option<&'s str>,
}

/// Texts, each once.
#[derive(Default)]
struct Interner {
    texts: Vec<Box<str>>,
    ids: BTreeMap<Box<str>, Id>,
}

impl Interner {
    fn id(&mut self, text: &str) -> Id {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        // The files have a few thousand texts; four thousand million would not
        // fit into memory.
        let id = Id::try_from(self.texts.len()).unwrap_or(Id::MAX);
        self.texts.push(text.into());
        self.ids.insert(text.into(), id);
        id
    }
}

impl Family for Schemas {
    /// Fails also where a row speaks of minors that are not covered, or of a
    /// field twice; [`Schemas::check`] does the rest.
    fn read_from(files: &Files) -> Result<Self, Error> {
        const SPAN: &str = "minors that are covered, such as 1.16..1.21";
        let manifest = Manifest::read_from(files)?;
        let covers = (manifest.first_minor, manifest.last_minor);
        let covered = |span: Span| covers.0 <= span.first && span.last <= covers.1;
        let table = files.table(FIELDS_FILE, &FIELDS)?;
        let mut interner = Interner::default();
        let mut rows: Vec<Row> = Vec::new();
        let mut definitions: Vec<Definition> = Vec::new();
        for record in table.records() {
            let span: Span = record.value("minors", SPAN)?;
            if !covered(span) {
                return Err(record.refuse("minors", SPAN));
            }
            let name = interner.id(record.required("definition")?);
            let row = Row {
                field: interner.id(record.text("field")),
                shape: interner.id(record.required("shape")?),
                default: interner.id(record.text("default")),
                span,
                required: record.choice(
                    "required",
                    &[("", false), ("required", true)],
                    "required or empty",
                )?,
            };
            let at = rows.len();
            match definitions.last_mut() {
                Some(last) if last.name == name => {
                    last.rows.end = at + 1;
                    if rows.last().is_some_and(|before| {
                        before.field == row.field && before.span.last >= span.first
                    }) {
                        return Err(
                            record.contradiction("two rows say what a field is in the same minor")
                        );
                    }
                }
                Some(_) | None => definitions.push(Definition {
                    name,
                    rows: at..at + 1,
                }),
            }
            rows.push(row);
        }
        let table = files.table(KINDS_FILE, &KINDS)?;
        let mut kinds: BTreeMap<GroupVersionKind, Vec<(Span, Id)>> = BTreeMap::new();
        for record in table.records() {
            let span: Span = record.value("minors", SPAN)?;
            if !covered(span) {
                return Err(record.refuse("minors", SPAN));
            }
            let kind = GroupVersionKind {
                group: record.text("group").to_owned(),
                version: record.required("version")?.to_owned(),
                kind: record.required("kind")?.to_owned(),
            };
            let spans = kinds.entry(kind).or_default();
            if spans
                .last()
                .is_some_and(|(before, _)| before.last >= span.first)
            {
                return Err(record.contradiction("a kind has two definitions in the same minor"));
            }
            spans.push((span, interner.id(record.required("definition")?)));
        }
        Ok(Self {
            covers,
            texts: interner.texts,
            rows,
            definitions,
            kinds,
            verdicts: Verdicts::read(files, covers)?,
        })
    }
}

impl Schemas {
    /// The first and the last minor that are covered.
    #[must_use]
    pub const fn covers(&self) -> (Minor, Minor) {
        self.covers
    }

    /// How many rows about fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is known at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What objects of `api` look like in `minor`.
    #[must_use]
    pub fn root(&self, api: &GroupVersionKind, minor: Minor) -> Root<'_> {
        if minor < self.covers.0 || minor > self.covers.1 {
            return Root::NotKnown;
        }
        self.kinds
            .get(api)
            .and_then(|spans| spans.iter().find(|(span, _)| span.holds(minor)))
            .and_then(|(_, name)| self.definition(self.text(*name), minor))
            .map_or(Root::Absent, Root::Definition)
    }

    /// The kinds of `minor` and the name of the definition of each.
    pub fn kinds_at(&self, minor: Minor) -> impl Iterator<Item = (&GroupVersionKind, &str)> {
        self.kinds.iter().filter_map(move |(kind, spans)| {
            let (_, name) = spans.iter().find(|(span, _)| span.holds(minor))?;
            Some((kind, self.text(*name)))
        })
    }

    /// Every definition of `minor`, by name.
    pub fn definitions_at(&self, minor: Minor) -> impl Iterator<Item = DefinitionAt<'_>> {
        self.definitions
            .iter()
            .map(move |definition| DefinitionAt {
                schemas: self,
                definition,
                minor,
            })
            .filter(|definition| definition.shape().is_some())
    }

    /// The definition `name` of `minor`.
    #[must_use]
    pub fn definition(&self, name: &str, minor: Minor) -> Option<DefinitionAt<'_>> {
        let at = self
            .definitions
            .binary_search_by(|definition| self.text(definition.name).cmp(name))
            .ok()?;
        let found = DefinitionAt {
            schemas: self,
            definition: self.definitions.get(at)?,
            minor,
        };
        found.shape().map(|_| found)
    }

    /// What became of fields, judged one by one.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.all()
    }

    /// Every field that a definition loses while it stays itself, and every
    /// field that becomes required in one that was there before.
    pub fn transitions(&self) -> impl Iterator<Item = (&str, &str, Minor, Kind)> {
        let minors: Vec<Minor> = self.covers.0.up_to(self.covers.1).collect();
        self.definitions.iter().flat_map(move |definition| {
            let at = |minor| DefinitionAt {
                schemas: self,
                definition,
                minor,
            };
            let mut found = Vec::new();
            let mut before = self.covers.0;
            for minor in &minors {
                let (old, new) = (at(before), at(*minor));
                before = *minor;
                if old.shape().is_none() || new.shape().is_none() {
                    continue;
                }
                for field in old.fields() {
                    if new.field(field.name).is_none() {
                        found.push((old.name(), field.name, *minor, Kind::Lost));
                    }
                }
                for field in new.fields().filter(|field| field.required) {
                    if !old.field(field.name).is_some_and(|old| old.required) {
                        found.push((new.name(), field.name, *minor, Kind::Required));
                    }
                }
            }
            found
        })
    }

    fn text(&self, id: Id) -> &str {
        usize::try_from(id)
            .ok()
            .and_then(|at| self.texts.get(at))
            .map_or("", |text| text)
    }

    /// Checks the files against each other. That is slower than reading them, and
    /// what a binary carries was checked when it was built.
    ///
    /// # Errors
    /// When a row names a definition that its minors do not have, a change has
    /// no verdict, or a verdict is about no change.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |file: &str, what| {
            Err(Error {
                file: format!("kubernetes/schemas/{file}.csv"),
                line: 0,
                problem: crate::table::Problem::Contradiction(what),
            })
        };
        let there = |name: &str, span: Span| {
            std::iter::once(span.first)
                .chain(span.first.up_to(span.last))
                .all(|minor| self.definition(name, minor).is_some())
        };
        for row in &self.rows {
            if let Some(name) = self.text(row.shape).rsplit_once('#').map(|(_, name)| name)
                && !there(name, row.span)
            {
                return fail(
                    "fields",
                    "a shape names a definition that its minors do not have",
                );
            }
        }
        for (span, name) in self.kinds.values().flatten() {
            if !there(self.text(*name), *span) {
                return fail(
                    "kinds",
                    "a kind names a definition that its minors do not have",
                );
            }
        }
        let transitions: std::collections::BTreeSet<_> = self.transitions().collect();
        let judged: std::collections::BTreeSet<_> =
            self.verdicts.all().map(Verdict::transition).collect();
        if transitions.difference(&judged).next().is_some() {
            return fail(
                "changes",
                "a field is lost or becomes required, and no row judges it",
            );
        }
        if judged.difference(&transitions).next().is_some() {
            return fail("changes", "a row judges what did not happen");
        }
        Ok(())
    }
}

impl<'s> DefinitionAt<'s> {
    /// Its name, such as `io.k8s.api.core.v1.PodSpec`.
    #[must_use]
    pub fn name(self) -> &'s str {
        self.schemas.text(self.definition.name)
    }

    /// What it is itself: `object`, or a scalar such as `string:date-time`;
    /// `None` where the minor does not have it.
    fn shape(self) -> Option<&'s str> {
        self.row("").map(|field| field.shape)
    }

    /// The field `name`.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Field<'s>> {
        if name.is_empty() {
            None
        } else {
            self.row(name)
        }
    }

    fn row(self, name: &str) -> Option<Field<'s>> {
        self.all().find(|field| field.name == name)
    }

    /// Its fields, by name.
    pub fn fields(self) -> impl Iterator<Item = Field<'s>> {
        self.all().filter(|field| !field.name.is_empty())
    }

    fn all(self) -> impl Iterator<Item = Field<'s>> {
        let schemas = self.schemas;
        schemas
            .rows
            .get(self.definition.rows.clone())
            .unwrap_or_default()
            .iter()
            .filter(move |row| row.span.holds(self.minor))
            .map(move |row| Field {
                name: schemas.text(row.field),
                shape: schemas.text(row.shape),
                required: row.required,
                default: Some(schemas.text(row.default)).filter(|text| !text.is_empty()),
            })
    }
}

#[cfg(test)]
mod tests;
