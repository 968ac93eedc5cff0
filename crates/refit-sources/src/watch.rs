//! Fields that somebody wants to know who sets: which objects do, and of the
//! values no more than what was asked of them.
//!
//! What is watched comes in as data. An object of a kind that has no watched
//! field costs one look-up; one of a kind that has, a walk along the watched
//! paths, in what has been read of it already.

use crate::words::any_of;
use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;
use refit_model::kubernetes::{FieldState, FieldUse, FieldUser, FieldUses, WatchedField};
use refit_model::object::{EvidenceTier, GroupVersionKind};
use refit_model::version::Minor;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which fields are watched; none by default. Copies share what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    fields: Option<Arc<Fields>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Fields {
    through: Minor,
    behaviours_through: Option<Minor>,
    kinds: BTreeMap<GroupVersionKind, Kind>,
}

/// The watched fields of one kind.
#[derive(Debug, Default)]
struct Kind {
    fields: Vec<WatchedField>,
    tree: Step,
    /// The names along the path of each field that a text must hold, the end of
    /// the path first, since it is the rarest: every document of the kind is asked
    /// for it, so that what finds it is made once.
    words: Vec<Vec<Finder<'static>>>,
    /// Finds any of the first of these: a text without one is gone over once,
    /// however many fields are watched. `None` where a field asks for no word.
    glance: Option<AhoCorasick>,
}

impl PartialEq for Kind {
    /// The rest is made of the fields.
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}

impl Eq for Kind {}

/// A place in an object on the way to watched fields. Lists are passed through:
/// their items stand where the list does.
#[derive(Debug, Default, PartialEq, Eq)]
struct Step {
    below: BTreeMap<String, Self>,
    /// What of the field that ends here is worth telling, and the place of that
    /// in [`Kind::fields`].
    ends: Vec<(FieldState, usize)>,
}

/// The step that stands for any key of a map.
const ANY: &str = "*";

/// The names along a path.
fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('.').map(|name| name.trim_end_matches("[]"))
}

impl Watch {
    /// Watches `fields`, which are all that matter up to the minor `through`.
    #[must_use]
    pub fn new(through: Minor, fields: impl IntoIterator<Item = WatchedField>) -> Self {
        Self::of_fields(through, None, fields)
    }

    /// Watches `fields` beside what it watches: all that show a change of
    /// behaviour up to the minor `through`.
    #[must_use]
    pub fn with_behaviours(
        self,
        through: Minor,
        fields: impl IntoIterator<Item = WatchedField>,
    ) -> Self {
        let own = self.fields.iter().flat_map(|own| own.kinds.values());
        let own = own.flat_map(|kind| kind.fields.iter().cloned());
        let up_to = self.fields.as_ref().map_or(through, |own| own.through);
        Self::of_fields(up_to, Some(through), own.chain(fields))
    }

    fn of_fields(
        through: Minor,
        behaviours_through: Option<Minor>,
        fields: impl IntoIterator<Item = WatchedField>,
    ) -> Self {
        let mut kinds: BTreeMap<GroupVersionKind, Kind> = BTreeMap::new();
        for field in fields {
            kinds.entry(field.api.clone()).or_default().add(field);
        }
        for kind in kinds.values_mut() {
            kind.glance = kind.first_words();
        }
        Self {
            fields: Some(Arc::new(Fields {
                through,
                behaviours_through,
                kinds,
            })),
        }
    }

    /// Those of the fields that matter to a minor later than `minor`: what a server
    /// of that minor can still tell of.
    #[must_use]
    pub fn after(&self, minor: Minor) -> Self {
        self.fields.as_ref().map_or_else(Self::default, |fields| {
            let of_kinds = fields.kinds.values().flat_map(|kind| &kind.fields);
            let later = of_kinds.filter(|field| field.minor > minor).cloned();
            Self::of_fields(fields.through, fields.behaviours_through, later)
        })
    }

    /// Whether objects of `api` have a field that is watched.
    #[must_use]
    pub fn concerns(&self, api: &GroupVersionKind) -> bool {
        self.of(api).is_some()
    }

    fn of(&self, api: &GroupVersionKind) -> Option<&Kind> {
        self.fields.as_ref()?.kinds.get(api)
    }

    /// Whether an object of `api` that `text` holds may set a watched field:
    /// every name on the way to one is in it, or to what one is missing in.
    pub(crate) fn is_mentioned(&self, api: &GroupVersionKind, text: &[u8]) -> bool {
        self.of(api).is_some_and(|kind| {
            let may_be = kind.glance.as_ref().is_none_or(|any| any.is_match(text));
            may_be
                && kind
                    .words
                    .iter()
                    .any(|words| words.iter().all(|word| is_word_of(text, word)))
        })
    }

    /// The fields that `object`, of kind `api`, shows.
    fn seen_in(&self, api: &GroupVersionKind, object: &Value) -> Vec<&WatchedField> {
        let Some(kind) = self.of(api) else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        kind.tree.walk(object, &mut found);
        found
            .into_iter()
            .filter_map(|at: usize| kind.fields.get(at))
            .collect()
    }
}

impl Kind {
    /// Watches `field`. Of one that is watched already the later minor counts: it
    /// matters for as long.
    fn add(&mut self, field: WatchedField) {
        let step = names(&field.path).fold(&mut self.tree, |step, name| {
            step.below.entry(name.to_owned()).or_default()
        });
        let known = step.ends.iter().find(|(state, _)| *state == field.state);
        if let Some((_, place)) = known {
            if let Some(known) = self.fields.get_mut(*place) {
                known.minor = known.minor.max(field.minor);
            }
            return;
        }
        step.ends.push((field.state.clone(), self.fields.len()));
        self.words.push(words(&field));
        self.fields.push(field);
    }

    /// What finds the first word of any field; `None` where one has no word.
    fn first_words(&self) -> Option<AhoCorasick> {
        let first: Option<BTreeSet<&[u8]>> = self
            .words
            .iter()
            .map(|words| words.first().map(Finder::needle))
            .collect();
        any_of(first?).ok()
    }
}

/// What a text must hold in which an object shows the field.
fn words(field: &WatchedField) -> Vec<Finder<'static>> {
    let last = match field.state {
        FieldState::Set | FieldState::Is(_) | FieldState::Holds(_) => 0,
        FieldState::Missing => 1,
    };
    names(&field.path)
        .rev()
        .skip(last)
        .filter(|name| *name != ANY)
        .map(|name| Finder::new(name).into_owned())
        .collect()
}

/// Whether `text` holds `word` as a word: `source` is none of `resourceClaims`.
fn is_word_of(text: &[u8], word: &Finder<'_>) -> bool {
    let is_of_name = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let length = word.needle().len();
    word.find_iter(text)
        .any(|at| !is_of_name(at.checked_sub(1)) && !is_of_name(Some(at + length)))
}

impl Step {
    /// Tells what ends here and holds of `value`, which is `None` where the object
    /// does not set the field.
    fn end(&self, value: Option<&Value>, found: &mut BTreeSet<usize>) {
        for (state, place) in &self.ends {
            if shows(state, value) {
                found.insert(*place);
            }
        }
    }

    fn walk(&self, value: &Value, found: &mut BTreeSet<usize>) {
        match value {
            // As deep as the parsers let lists be nested, and no deeper.
            Value::Array(items) => {
                for item in items {
                    self.walk(item, found);
                }
            }
            Value::Object(fields) => {
                for (name, step) in &self.below {
                    if name == ANY {
                        for value in fields.values() {
                            step.end(Some(value), found);
                            step.walk(value, found);
                        }
                        continue;
                    }
                    let value = fields.get(name).filter(|value| !value.is_null());
                    step.end(value, found);
                    if let Some(value) = value {
                        step.walk(value, found);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Whether a field that holds `value`, or is not set, stands as `state` says.
fn shows(state: &FieldState, value: Option<&Value>) -> bool {
    let Some(value) = value else {
        return *state == FieldState::Missing;
    };
    match state {
        FieldState::Set => true,
        FieldState::Missing => false,
        FieldState::Is(text) => has_text(value, &|own| own == text),
        FieldState::Holds(text) => has_text(value, &|own| own.contains(text)),
    }
}

/// Whether the text of a value, or of one in a list, is as `wanted` says.
fn has_text(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => wanted(text),
        Value::Number(number) => wanted(&number.to_string()),
        Value::Bool(true) => wanted("true"),
        Value::Bool(false) => wanted("false"),
        // As deep as the parsers let lists be nested, and no deeper.
        Value::Array(items) => items.iter().any(|item| has_text(item, wanted)),
        Value::Null | Value::Object(_) => false,
    }
}

/// One object that shows a field, whose application may still be found by what
/// owns it.
pub(crate) type Shown = (FieldUser, Option<String>);

/// What is the same for the objects of one [`FieldUse`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Same {
    field: WatchedField,
    tier: EvidenceTier,
    made_by: Option<GroupVersionKind>,
}

/// The objects that show watched fields, as far as they have been read: a count
/// and the first few of each, however many there are.
#[derive(Debug, Default)]
pub(crate) struct Shows {
    watch: Watch,
    uses: BTreeMap<Same, (usize, BTreeSet<Shown>)>,
}

impl Shows {
    pub(crate) fn of(watch: Watch) -> Self {
        Self {
            watch,
            uses: BTreeMap::new(),
        }
    }

    /// Whether nothing that was taken in shows any.
    pub(crate) fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    pub(crate) const fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Takes in what `object`, of kind `api`, shows.
    pub(crate) fn take(
        &mut self,
        (api, object): (&GroupVersionKind, &Value),
        tier: EvidenceTier,
        made_by: Option<&GroupVersionKind>,
        shown: &dyn Fn() -> Shown,
    ) {
        for field in self.watch.seen_in(api, object) {
            let same = Same {
                field: field.clone(),
                tier,
                made_by: made_by.cloned(),
            };
            let (count, first) = self.uses.entry(same).or_default();
            *count += 1;
            insert(first, shown());
        }
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        if self.watch.fields.is_none() {
            self.watch = other.watch;
        }
        self.join(other.uses);
    }

    fn join(&mut self, uses: impl IntoIterator<Item = (Same, (usize, BTreeSet<Shown>))>) {
        for (same, (more, others)) in uses {
            let (count, first) = self.uses.entry(same).or_default();
            *count += more;
            for shown in others {
                insert(first, shown);
            }
        }
    }

    /// What was taken for objects of a server was written by somebody.
    pub(crate) fn as_written(&mut self) {
        let uses = std::mem::take(&mut self.uses).into_iter();
        let written = |mut same: Same| {
            if same.tier == EvidenceTier::LiveObject {
                same.tier = EvidenceTier::Manifest;
            }
            same
        };
        self.join(uses.map(|(same, shown)| (written(same), shown)));
    }

    /// What was seen, where anything was watched. `settled` says which
    /// application an object belongs to after all.
    pub(crate) fn finish(self, settled: &dyn Fn(Shown) -> FieldUser) -> Option<FieldUses> {
        let watched = self.watch.fields.as_ref()?;
        let uses = self.uses.into_iter().map(|(same, (count, first))| {
            let WatchedField {
                api, path, state, ..
            } = same.field;
            FieldUse {
                api,
                path,
                state,
                tier: same.tier,
                made_by: same.made_by,
                count,
                first: first.into_iter().map(settled).collect(),
            }
        });
        Some(FieldUses {
            through: watched.through,
            behaviours_through: watched.behaviours_through,
            uses: uses.collect(),
        })
    }
}

/// Keeps the first by name, whatever the order in which they are read.
fn insert(first: &mut BTreeSet<Shown>, shown: Shown) {
    first.insert(shown);
    if first.len() > FieldUse::NAMED {
        first.pop_last();
    }
}

#[cfg(test)]
mod tests;
