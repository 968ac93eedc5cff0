//! Every field that an object of some kind can set and some minor takes away,
//! or has to set from some minor on: what to look for in a cluster, before
//! anybody knows which minors lie ahead of it.

use super::verdict::{Effect, Kind, Verdict};
use super::{Definition, DefinitionAt, Id, Row, Schemas, Span};
use refit_model::kubernetes::{FieldState, WatchedField};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// One field of one kind that an object meets an end, or a demand, with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<'s> {
    /// The kind of the objects, at one version.
    pub api: &'s GroupVersionKind,
    /// Where in the object, as in [`super::FieldChange::path`]; `*` stands for
    /// any key of a map.
    pub path: String,
    /// The first minor in which it is so.
    pub minor: Minor,
    /// Whether the field goes or is wanted.
    pub kind: Kind,
    /// What that means; `None` where the field's place has another definition
    /// now, so that nobody judged the field by itself.
    pub verdict: Option<&'s Verdict>,
}

impl Loss<'_> {
    /// How an object shows that it is concerned.
    #[must_use]
    pub const fn state(&self) -> FieldState {
        match self.kind {
            Kind::Lost => FieldState::Set,
            Kind::Required => FieldState::Missing,
        }
    }

    /// The field, for whoever reads objects.
    #[must_use]
    pub fn watched(&self) -> WatchedField {
        WatchedField {
            api: self.api.clone(),
            path: self.path.clone(),
            state: self.state(),
            minor: self.minor,
        }
    }
}

/// What becomes of one field of a definition.
type Turn<'s> = (String, Kind, Option<&'s Verdict>);

impl Schemas {
    /// The losses of all minors that are covered, by kind, minor and path.
    ///
    /// Left out is what no object notices: fields that only a server writes or
    /// that nothing acted on, and what the server wanted all along.
    #[must_use]
    pub fn losses(&self) -> Vec<Loss<'_>> {
        let places = Places::of(self);
        let mut found = Vec::new();
        for (definition, minor, (path, kind, verdict)) in self.turns() {
            let between = (before(minor), minor);
            places.climb(
                definition,
                path,
                between,
                &mut Vec::new(),
                &mut |api, path| {
                    found.push(Loss {
                        api,
                        path,
                        minor,
                        kind,
                        verdict,
                    });
                },
            );
        }
        found.sort_by(|a, b| (a.api, a.minor, &a.path).cmp(&(b.api, b.minor, &b.path)));
        found.dedup();
        found
    }

    /// What happens to definitions: what a verdict says of a field, and what a
    /// field meets because the place that it stands in has another definition.
    fn turns(&self) -> Vec<(&str, Minor, Turn<'_>)> {
        let judged = self
            .verdicts
            .all()
            .filter(|verdict| is_noticed(Some(verdict)))
            .map(|verdict| {
                let turn = (verdict.field.clone(), verdict.kind, Some(verdict));
                (verdict.definition.as_str(), verdict.minor, turn)
            });
        let mut turns: Vec<_> = judged.collect();
        for definition in &self.definitions {
            let rows = self.rows.get(definition.rows.clone()).unwrap_or_default();
            for pair in rows.windows(2) {
                let [old, new] = pair else {
                    continue;
                };
                if old.field != new.field || new.span.first != old.span.last.next() {
                    continue;
                }
                let mut walk = Walk {
                    schemas: self,
                    minors: (old.span.last, new.span.first),
                    on_the_way: Vec::new(),
                    found: Vec::new(),
                };
                let (old, new) = (self.text(old.shape), self.text(new.shape));
                if definition_of(old) != definition_of(new) {
                    let field = pair.first().map_or("", |row| self.text(row.field));
                    walk.place(field, old, new);
                }
                let name = self.text(definition.name);
                let minor = walk.minors.1;
                turns.extend(walk.found.into_iter().map(|turn| (name, minor, turn)));
            }
        }
        turns
    }
}

const fn before(minor: Minor) -> Minor {
    Minor::new(minor.major(), minor.minor().saturating_sub(1))
}

/// The definition that a shape is of, below lists and maps.
fn definition_of(shape: &str) -> Option<&str> {
    shape.rsplit_once('#').map(|(_, name)| name)
}

/// Whether an object notices the change.
const fn is_noticed(verdict: Option<&Verdict>) -> bool {
    let Some(verdict) = verdict else {
        return true;
    };
    match verdict.effect {
        Effect::Dropped | Effect::DroppedAlpha | Effect::Refused => true,
        Effect::None | Effect::DocumentOnly => false,
    }
}

/// Where definitions stand: in which fields, and of which kinds they are the root.
struct Places<'s> {
    schemas: &'s Schemas,
    fields: BTreeMap<&'s str, Vec<(&'s Definition, &'s Row)>>,
    kinds: BTreeMap<&'s str, Vec<(&'s GroupVersionKind, Span)>>,
}

impl<'s> Places<'s> {
    fn of(schemas: &'s Schemas) -> Self {
        // One shape is that of hundreds of fields, so that its text is read once.
        let mut by_shape: BTreeMap<Id, Vec<(&Definition, &Row)>> = BTreeMap::new();
        for definition in &schemas.definitions {
            let rows = schemas.rows.get(definition.rows.clone());
            for row in rows.unwrap_or_default() {
                by_shape
                    .entry(row.shape)
                    .or_default()
                    .push((definition, row));
            }
        }
        let mut fields: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (shape, rows) in by_shape {
            if let Some(name) = definition_of(schemas.text(shape)) {
                fields.entry(name).or_default().extend(rows);
            }
        }
        let mut kinds: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (api, spans) in &schemas.kinds {
            for (span, name) in spans {
                kinds
                    .entry(schemas.text(*name))
                    .or_default()
                    .push((api, *span));
            }
        }
        Self {
            schemas,
            fields,
            kinds,
        }
    }

    /// Tells every kind whose objects have `path` below `definition` on both
    /// sides of a step. `on_the_way` keeps what holds itself from going round.
    fn climb(
        &self,
        definition: &'s str,
        path: String,
        between: (Minor, Minor),
        on_the_way: &mut Vec<&'s str>,
        tell: &mut dyn FnMut(&'s GroupVersionKind, String),
    ) {
        if on_the_way.contains(&definition) {
            return;
        }
        let holds = |span: Span| span.holds(between.0) && span.holds(between.1);
        for (api, span) in self.kinds.get(definition).into_iter().flatten() {
            // A list is an answer, and not an object that anybody keeps.
            if holds(*span) && !api.kind.ends_with("List") {
                tell(api, path.clone());
            }
        }
        on_the_way.push(definition);
        for (parent, row) in self.fields.get(definition).into_iter().flatten() {
            if self.stays(parent, row, between) {
                let place = place(self.schemas.text(row.field), self.schemas.text(row.shape));
                let name = self.schemas.text(parent.name);
                self.climb(name, format!("{place}.{path}"), between, on_the_way, tell);
            }
        }
        on_the_way.pop();
    }

    /// Whether the field of `row` holds the same on both sides of a step; what
    /// else is said of it, such as that it is required, may change.
    fn stays(&self, parent: &Definition, row: &Row, (old, new): (Minor, Minor)) -> bool {
        let rows = self.schemas.rows.get(parent.rows.clone());
        row.span.holds(old)
            && rows.unwrap_or_default().iter().any(|other| {
                other.field == row.field && other.shape == row.shape && other.span.holds(new)
            })
    }
}

/// A field as the beginning of a path into what it holds.
fn place(field: &str, shape: &str) -> String {
    let mut place = field.to_owned();
    let mut rest = shape;
    loop {
        if let Some(items) = rest.strip_prefix("[]") {
            place.push_str("[]");
            rest = items;
        } else if let Some(values) = rest.strip_prefix("{}") {
            place.push_str(".*");
            rest = values;
        } else {
            return place;
        }
    }
}

/// Compares what stands in one place before and after a step.
struct Walk<'s> {
    schemas: &'s Schemas,
    minors: (Minor, Minor),
    on_the_way: Vec<(&'s str, &'s str)>,
    found: Vec<Turn<'s>>,
}

impl<'s> Walk<'s> {
    fn place(&mut self, path: &str, old: &'s str, new: &'s str) {
        let lists = |shape: &str| place("", shape.split('#').next().unwrap_or_default());
        let (Some(before), Some(after)) = (definition_of(old), definition_of(new)) else {
            return;
        };
        if lists(old) == lists(new)
            && let (Some(old_one), Some(new_one)) = (
                self.schemas.definition(before, self.minors.0),
                self.schemas.definition(after, self.minors.1),
            )
        {
            self.definition(&place(path, old), old_one, new_one);
        }
    }

    fn definition(&mut self, path: &str, old: DefinitionAt<'s>, new: DefinitionAt<'s>) {
        let pair = (old.name(), new.name());
        // Where no schema describes an object, anything may stand. What one
        // definition loses by itself is judged there.
        if pair.0 == pair.1
            || self.on_the_way.contains(&pair)
            || old.fields().next().is_none()
            || new.fields().next().is_none()
        {
            return;
        }
        self.on_the_way.push(pair);
        for field in old.fields() {
            let path = format!("{path}.{}", field.name);
            match new.field(field.name) {
                Some(place) => self.place(&path, field.shape, place.shape),
                None => self.push(old, field.name, path, Kind::Lost),
            }
        }
        for field in new.fields().filter(|field| field.required) {
            if !old.field(field.name).is_some_and(|old| old.required) {
                let path = format!("{path}.{}", field.name);
                self.push(new, field.name, path, Kind::Required);
            }
        }
        self.on_the_way.pop();
    }

    fn push(&mut self, of: DefinitionAt<'s>, field: &str, path: String, kind: Kind) {
        let verdict = self
            .schemas
            .verdicts
            .between((of.name(), field), kind, self.minors);
        if is_noticed(verdict) {
            self.found.push((path, kind, verdict));
        }
    }
}
