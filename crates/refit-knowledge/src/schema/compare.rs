//! What an object that sets certain fields meets between two minors.

use super::verdict::{Kind, Verdict};
use super::{DefinitionAt, Field, Root, Schemas};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// The fields that an object sets, as a tree. The items of a list count
/// together: what one of them sets, the list sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    fields: BTreeMap<String, Self>,
}

impl Used {
    /// Notes one path of keys, without the indexes of lists: `spec`, `ports`,
    /// `nodePort`.
    pub fn insert(&mut self, path: impl IntoIterator<Item: AsRef<str>>) {
        let mut node = self;
        for key in path {
            node = node.fields.entry(key.as_ref().to_owned()).or_default();
        }
    }
}

impl<'p> FromIterator<&'p str> for Used {
    /// From paths written with dots, for keys that have none themselves.
    fn from_iter<I: IntoIterator<Item = &'p str>>(paths: I) -> Self {
        let mut used = Self::default();
        for path in paths {
            used.insert(path.split('.'));
        }
        used
    }
}

/// What lies between two minors for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison<'s> {
    /// One of the minors is outside of what is covered.
    NotKnown,
    /// One of the minors does not have the kind at that API version at all.
    Absent {
        /// Which; the older one where it is both.
        at: Minor,
    },
    /// What changes, by path.
    Changes(Vec<FieldChange<'s>>),
}

/// One field and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange<'s> {
    /// Where in the object, such as `spec.ports[].nodePort`.
    pub path: String,
    /// The definition that the field is, or would be, of.
    pub definition: &'s str,
    /// What becomes of it.
    pub change: Change<'s>,
}

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'s> {
    /// It is set, and the newer minor does not know it.
    Lost {
        /// What that means, where the definition itself lost it; else the
        /// field's place has another definition now.
        verdict: Option<&'s Verdict>,
    },
    /// It is set, and neither minor knows it.
    NeverKnown,
    /// It is not set, and the newer minor's schema wants it.
    BecomesRequired {
        /// What that means, where the definition was there before.
        verdict: Option<&'s Verdict>,
    },
    /// It is not set, and both minors state what it then is, differently.
    DefaultChanges {
        /// What the older states, as JSON.
        from: &'s str,
        /// What the newer states.
        to: &'s str,
    },
}

impl Schemas {
    /// What an object of `api` that sets the fields `used` meets when it goes
    /// from `from` to `to`, at the same API version.
    ///
    /// Nothing is said of fields that the newer minor alone knows, nor of what
    /// stands inside values that no schema describes.
    #[must_use]
    pub fn compare(
        &self,
        api: &GroupVersionKind,
        used: &Used,
        (from, to): (Minor, Minor),
    ) -> Comparison<'_> {
        let (old, new) = match (self.root(api, from), self.root(api, to)) {
            (Root::NotKnown, _) | (_, Root::NotKnown) => return Comparison::NotKnown,
            (Root::Absent, _) => return Comparison::Absent { at: from },
            (_, Root::Absent) => return Comparison::Absent { at: to },
            (Root::Definition(old), Root::Definition(new)) => (old, new),
        };
        let mut walk = Walk {
            schemas: self,
            minors: (from, to),
            found: Vec::new(),
        };
        walk.definition("", used, old, new);
        Comparison::Changes(walk.found)
    }
}

struct Walk<'s> {
    schemas: &'s Schemas,
    minors: (Minor, Minor),
    found: Vec<FieldChange<'s>>,
}

impl<'s> Walk<'s> {
    fn definition(
        &mut self,
        path: &str,
        used: &Used,
        old: DefinitionAt<'s>,
        new: DefinitionAt<'s>,
    ) {
        // A scalar, or an object that no schema describes: anything may stand there.
        if new.fields().next().is_none() || old.fields().next().is_none() {
            return;
        }
        let join = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        for (name, below) in &used.fields {
            match (old.field(name), new.field(name)) {
                (None, None) => self.push(join(name), new, Change::NeverKnown),
                (None, Some(_)) => {}
                (Some(_), None) => {
                    let verdict = self.verdict(old, name, Kind::Lost);
                    self.push(join(name), old, Change::Lost { verdict });
                }
                (Some(old), Some(new)) => self.value(&join(name), below, old.shape, new.shape),
            }
        }
        for field in new
            .fields()
            .filter(|field| !used.fields.contains_key(field.name))
        {
            self.unset(join(field.name), old, new, field);
        }
    }

    /// A field that the object does not set.
    fn unset(
        &mut self,
        path: String,
        old: DefinitionAt<'s>,
        new: DefinitionAt<'s>,
        field: Field<'s>,
    ) {
        let before = old.field(field.name);
        if field.required && !before.is_some_and(|before| before.required) {
            let verdict = self.verdict(new, field.name, Kind::Required);
            self.push(path, new, Change::BecomesRequired { verdict });
        } else if let (Some(from), Some(to)) =
            (before.and_then(|field| field.default), field.default)
            && from != to
        {
            self.push(path, new, Change::DefaultChanges { from, to });
        }
    }

    fn value(&mut self, path: &str, used: &Used, old: &'s str, new: &'s str) {
        if let (Some(old), Some(new)) = (old.strip_prefix("[]"), new.strip_prefix("[]")) {
            self.value(&format!("{path}[]"), used, old, new);
        } else if let (Some(old), Some(new)) = (old.strip_prefix("{}"), new.strip_prefix("{}")) {
            for (key, below) in &used.fields {
                self.value(&format!("{path}.{key}"), below, old, new);
            }
        } else if let (Some(old), Some(new)) = (old.strip_prefix('#'), new.strip_prefix('#'))
            && let (Some(old), Some(new)) = (
                self.schemas.definition(old, self.minors.0),
                self.schemas.definition(new, self.minors.1),
            )
        {
            self.definition(path, used, old, new);
        }
    }

    fn verdict(
        &self,
        definition: DefinitionAt<'s>,
        field: &str,
        kind: Kind,
    ) -> Option<&'s Verdict> {
        self.schemas
            .verdicts
            .between((definition.name(), field), kind, self.minors)
    }

    fn push(&mut self, path: String, definition: DefinitionAt<'s>, change: Change<'s>) {
        self.found.push(FieldChange {
            path,
            definition: definition.name(),
            change,
        });
    }
}
