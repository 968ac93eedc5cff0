//! Fields that somebody wants to know who sets: which objects do, without the
//! values.
//!
//! What is watched comes in as data. An object of a kind that has no watched
//! field costs one look-up; one of a kind that has, a walk along the watched
//! paths, in what has been read of it already.

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
    /// The fields that end here, by their place in [`Kind::fields`].
    set: Option<usize>,
    missing: Option<usize>,
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
        let mut kinds: BTreeMap<GroupVersionKind, Kind> = BTreeMap::new();
        for field in fields {
            let kind = kinds.entry(field.api.clone()).or_default();
            let step = names(&field.path).fold(&mut kind.tree, |step, name| {
                step.below.entry(name.to_owned()).or_default()
            });
            let slot = match field.state {
                FieldState::Set => &mut step.set,
                FieldState::Missing => &mut step.missing,
            };
            if slot.is_none() {
                *slot = Some(kind.fields.len());
                kind.words.push(words(&field));
                kind.fields.push(field);
            }
        }
        Self {
            fields: Some(Arc::new(Fields { through, kinds })),
        }
    }

    /// Those of the fields that a minor later than `minor` takes away: what a
    /// server of that minor can still tell of.
    #[must_use]
    pub fn after(&self, minor: Minor) -> Self {
        self.fields.as_ref().map_or_else(Self::default, |fields| {
            let of_kinds = fields.kinds.values().flat_map(|kind| &kind.fields);
            let later = of_kinds.filter(|field| field.minor > minor).cloned();
            Self::new(fields.through, later)
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
            kind.words
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

/// What a text must hold in which an object shows the field.
fn words(field: &WatchedField) -> Vec<Finder<'static>> {
    let last = match field.state {
        FieldState::Set => 0,
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
                            step.walk(value, found);
                        }
                        continue;
                    }
                    match fields.get(name).filter(|value| !value.is_null()) {
                        Some(value) => {
                            found.extend(step.set);
                            step.walk(value, found);
                        }
                        None => found.extend(step.missing),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
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
        for (same, (more, others)) in other.uses {
            let (count, first) = self.uses.entry(same).or_default();
            *count += more;
            for shown in others {
                insert(first, shown);
            }
        }
    }

    /// What was seen, where anything was watched. `settled` says which
    /// application an object belongs to after all.
    pub(crate) fn finish(self, settled: &dyn Fn(Shown) -> FieldUser) -> Option<FieldUses> {
        let through = self.watch.fields.as_ref()?.through;
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
            through,
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
mod tests {
    use super::*;
    use serde_json::json;

    fn watch(fields: &[(&str, FieldState)]) -> (Watch, GroupVersionKind) {
        let api: GroupVersionKind = "v1 Pod".parse().unwrap();
        let fields = fields.iter().map(|(path, state)| WatchedField {
            api: api.clone(),
            path: (*path).to_owned(),
            state: *state,
            minor: "1.30".parse().unwrap(),
        });
        (Watch::new("1.37".parse().unwrap(), fields), api.clone())
    }

    #[track_caller]
    fn check(path: &str, state: FieldState, object: &Value, expected: bool) {
        let (watch, api) = watch(&[(path, state)]);
        let seen = watch.seen_in(&api, object);
        assert_eq!(!seen.is_empty(), expected, "{path} in {object}");
        // Whatever shows a field mentions it.
        let text = object.to_string();
        assert!(
            !expected || watch.is_mentioned(&api, text.as_bytes()),
            "{text}"
        );
        let other: GroupVersionKind = "v2 Pod".parse().unwrap();
        assert!(watch.seen_in(&other, object).is_empty());
        assert!(!watch.is_mentioned(&other, text.as_bytes()));
        assert_eq!(
            (watch.concerns(&api), watch.concerns(&other)),
            (true, false)
        );
        let after = |minor: &str| watch.after(minor.parse().unwrap()).concerns(&api);
        assert_eq!((after("1.29"), after("1.30")), (true, false));
    }

    #[test]
    fn fields_are_found_through_lists_and_maps() {
        use FieldState::{Missing, Set};
        let volumes = |volume: Value| json!({"spec": {"volumes": [{"name": "a"}, volume]}});
        let path = "spec.volumes[].ephemeral.readOnly";
        check(
            path,
            Set,
            &volumes(json!({"ephemeral": {"readOnly": false}})),
            true,
        );
        check(
            path,
            Set,
            &volumes(json!({"ephemeral": {"readOnly": null}})),
            false,
        );
        check(path, Set, &volumes(json!({"ephemeral": {}})), false);
        check(
            path,
            Set,
            &volumes(json!({"nfs": {"readOnly": true}})),
            false,
        );
        check(path, Set, &json!({"spec": "volumes"}), false);
        check(path, Missing, &volumes(json!({"ephemeral": {}})), true);
        check(
            path,
            Missing,
            &volumes(json!({"ephemeral": {"readOnly": true}})),
            false,
        );
        // Where the volume is not there, nothing is missing in it.
        check(path, Missing, &volumes(json!({"nfs": {}})), false);
        let any = "spec.limits.*.most";
        check(
            any,
            Set,
            &json!({"spec": {"limits": {"x": {"most": 1}}}}),
            true,
        );
        check(any, Set, &json!({"spec": {"limits": {"most": 1}}}), false);
    }

    #[test]
    fn what_is_not_mentioned_need_not_be_read() {
        let (watch, api) = watch(&[("spec.resourceClaims[].source", FieldState::Set)]);
        for (text, expected) in [
            ("spec: {resourceClaims: [{source: a}]}", true),
            ("spec: {source: a}", false),
            ("spec: {resourceClaims: [{name: a}]}", false),
            ("", false),
        ] {
            assert_eq!(
                watch.is_mentioned(&api, text.as_bytes()),
                expected,
                "{text}"
            );
        }
        assert!(!Watch::default().is_mentioned(&api, b"spec resourceClaims source"));
    }

    #[test]
    fn of_many_objects_the_first_are_named_in_whatever_order_they_come() {
        let (watch, api) = watch(&[("spec.workloadRef", FieldState::Set)]);
        let object = json!({"spec": {"workloadRef": {}}});
        let gather = |numbers: &mut dyn Iterator<Item = usize>| {
            let mut shows = Shows::of(watch.clone());
            for number in numbers {
                let user = || FieldUser {
                    object: format!("shop/p-{number:03}").parse().unwrap(),
                    by: String::new(),
                    application: refit_model::object::Application {
                        name: "shop".to_owned(),
                        by: refit_model::object::ApplicationSign::NameLabel,
                    },
                    location: None,
                };
                shows.take((&api, &object), EvidenceTier::Manifest, None, &|| {
                    (user(), None)
                });
            }
            shows
        };
        let forwards = gather(&mut (0..100));
        let mut backwards = gather(&mut (50..100).rev());
        backwards.absorb(gather(&mut (0..50).rev()));
        let finish = |shows: Shows| shows.finish(&|(user, _)| user).unwrap();
        let uses = finish(forwards);
        assert_eq!(uses, finish(backwards));
        assert_eq!((uses.uses.len(), uses.uses[0].count), (1, 100));
        let names: Vec<String> = uses.uses[0]
            .first
            .iter()
            .map(|user| user.object.to_string())
            .collect();
        assert_eq!(
            (names.len(), names[9].as_str()),
            (FieldUse::NAMED, "shop/p-009")
        );
        assert_eq!(Shows::default().finish(&|(user, _)| user), None);
    }
}
