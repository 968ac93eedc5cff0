//! JSON files: one value or several after another, with the place of each item.
//!
//! Lists are not built in memory as a whole: their items are found first and
//! read one at a time.

mod raw;
mod value;

use crate::list::{Inherited, continues, enter, is_list};
use crate::own;
use crate::walk::Found;
use crate::weight::{is_too_heavy, too_heavy};
use crate::yaml::{MOST_REMARKS, given_twice, more_given_twice};
use refit_model::object::Location;
use serde_json::Value;
use serde_json::value::RawValue;
use value::Doubled;

/// Reads all values of `text` and hands what is found to `take`. A value that
/// cannot be read costs the lines that it stands on.
///
/// # Errors
/// Returns `false`, without having handed out anything, when not even the first
/// value is JSON: then the text may be YAML.
pub(crate) fn read(file: &str, text: &str, take: &mut dyn FnMut(Found)) -> bool {
    values(file, text, Sure::OfNothing, take)
}

/// Whether the name says that the file holds a value a line.
pub(crate) fn is_lines(file: &str) -> bool {
    let name = file.strip_suffix(".gz").unwrap_or(file);
    [".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}

/// The same for a text that is JSON for certain, whatever its first line holds.
pub(crate) fn lines(file: &str, text: &str, take: &mut dyn FnMut(Found)) {
    values(file, text, Sure::OfJson, take);
}

/// What is known of a text before it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// It may be YAML as well.
    OfNothing,
    /// It is JSON, with parts that may be broken.
    OfJson,
}

fn values(file: &str, text: &str, mut sure: Sure, take: &mut dyn FnMut(Found)) -> bool {
    let mut places = Places::new(file, text);
    let mut begin = 0;
    while let Some(rest) = text.get(begin..).filter(|rest| !rest.trim().is_empty()) {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let mut broken = None;
        for next in values.by_ref() {
            match next {
                Ok(value) => {
                    sure = Sure::OfJson;
                    take(Found::Document);
                    one(value, &Inherited::default(), 0, &mut places, take);
                }
                Err(_) if sure == Sure::OfNothing => return false,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let Some(error) = broken else {
            return true;
        };
        // The value begins behind the last that was read. What follows it on the
        // same line is lost with it: where it would have ended nobody knows.
        let after = begin + values.byte_offset();
        let at = after
            + text
                .get(after..)
                .map_or(0, |rest| rest.len() - rest.trim_start().len());
        take(Found::Document);
        take(Found::Failed(places.at(at), reason(&error)));
        begin = text
            .get(at..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |length| at + length + 1);
    }
    true
}

/// Why a value is none, without the place, which would be counted from wherever
/// reading was taken up again.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((why, _)) => why.to_owned(),
        None => text,
    }
}

fn one(
    value: &RawValue,
    inherited: &Inherited,
    depth: usize,
    places: &mut Places<'_>,
    take: &mut dyn FnMut(Found),
) {
    let text = value.get();
    let at = places.of(text);
    match text.as_bytes().first() {
        Some(b'{') => object(text, at, inherited, depth, places, take),
        Some(b'[') => {
            if let Err(why) = enter(depth) {
                return take(Found::Failed(at, why));
            }
            // What holds no object and no list is one thing that is no object.
            let mut is_of_objects = false;
            raw::items(text, &mut |item| {
                if item.get().starts_with(['{', '[']) {
                    is_of_objects = true;
                    one(item, inherited, depth + 1, places, take);
                }
            });
            if !is_of_objects {
                take(Found::Object(Value::Array(Vec::new()), at));
            }
        }
        _ => whole(text, at, inherited, places, take),
    }
}

/// An object, or the list of objects that it is.
fn object(
    text: &str,
    at: Location,
    inherited: &Inherited,
    depth: usize,
    places: &mut Places<'_>,
    take: &mut dyn FnMut(Found),
) {
    let names = ["apiVersion", "kind", "metadata", "items"];
    let raw::Fields { values, doubled } = raw::fields(text, names);
    let [api_version, kind, metadata, items] = values;
    let api_version = string(api_version);
    let kind = string(kind);
    if let Some(api_version) = &api_version
        && let Some(kind) = &kind
        && own::is_snapshot(api_version, kind)
    {
        return take(Found::Snapshot(
            own::snapshot_of_json(api_version, text),
            at,
        ));
    }
    let [name, token] = metadata
        .filter(|_| items.is_some())
        .map_or([None; 2], |metadata| {
            raw::fields(metadata.get(), ["name", "continue"]).values
        });
    let items = items
        .filter(|items| items.get().starts_with('['))
        .filter(|_| {
            kind.as_deref()
                .is_some_and(|kind| is_list(kind, name.is_some()))
        });
    let (Some(kind), Some(items)) = (kind, items) else {
        return whole(text, at, inherited, places, take);
    };
    if let Err(why) = enter(depth) {
        return take(Found::Failed(at, why));
    }
    for (name, value) in doubled.iter().take(MOST_REMARKS) {
        let place = places.at(places.offset_of(value.get()));
        take(Found::Remark(place, given_twice(name)));
    }
    let inherited = Inherited::of(api_version.as_deref(), &kind);
    let continues = continues(string(token).as_deref());
    take(Found::ListBegins(kind, continues));
    raw::items(items.get(), &mut |item| {
        one(item, &inherited, depth + 1, places, take);
    });
    take(Found::ListEnds);
}

fn string(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

fn whole(
    text: &str,
    at: Location,
    inherited: &Inherited,
    places: &mut Places<'_>,
    take: &mut dyn FnMut(Found),
) {
    if is_too_heavy(text) {
        return take(Found::Failed(at, too_heavy()));
    }
    let mut doubled = Vec::new();
    match value::read(text, &mut doubled) {
        Ok(mut value) => {
            remarks(&doubled, &at, places, take);
            inherited.give(&mut value);
            take(Found::Object(value, at));
        }
        Err(error) => take(Found::Failed(at, error.to_string())),
    }
}

/// Tells of keys that are given twice, each at its place.
fn remarks(
    doubled: &[Doubled<'_>],
    at: &Location,
    places: &mut Places<'_>,
    take: &mut dyn FnMut(Found),
) {
    for key in doubled.iter().take(MOST_REMARKS) {
        let place = match key {
            Doubled::Written(key) => places.of_key(key),
            // Where a key with escapes in it stands is not known any more.
            Doubled::Escaped(_) => at.clone(),
        };
        take(Found::Remark(place, given_twice(key.name())));
    }
    if doubled.len() > MOST_REMARKS {
        let more = doubled.len() - MOST_REMARKS;
        take(Found::Remark(at.clone(), more_given_twice(more)));
    }
}

/// Turns slices of a text into places. Values are asked for in the order of the
/// text, so that each line is counted once.
struct Places<'a> {
    file: &'a str,
    text: &'a str,
    offset: usize,
    line: u32,
    line_start: usize,
}

impl<'a> Places<'a> {
    const fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            offset: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// Where the first key of the object that `value` holds stands, or the value.
    fn of(&mut self, value: &str) -> Location {
        let begin = self.offset_of(value);
        let to_key = value
            .strip_prefix('{')
            .map(|rest| rest.len() - rest.trim_ascii_start().len() + 1)
            .filter(|skip| value.as_bytes().get(*skip) == Some(&b'"'))
            .unwrap_or(0);
        self.at(begin.saturating_add(to_key).min(self.text.len()))
    }

    /// Where `key`, a part of the text, stands; its quotes begin one before.
    fn of_key(&mut self, key: &str) -> Location {
        self.at(self.offset_of(key).saturating_sub(1))
    }

    /// Where `part`, which is a part of the text, begins.
    fn offset_of(&self, part: &str) -> usize {
        let begin = part.as_ptr().addr();
        let begin = begin.saturating_sub(self.text.as_ptr().addr());
        begin.min(self.text.len())
    }

    fn at(&mut self, offset: usize) -> Location {
        if offset < self.offset {
            (self.offset, self.line, self.line_start) = (0, 1, 0);
        }
        let between = self
            .text
            .as_bytes()
            .get(self.offset..offset)
            .unwrap_or_default();
        for (distance, _) in between
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
        {
            self.line = self.line.saturating_add(1);
            self.line_start = self.offset + distance + 1;
        }
        self.offset = offset;
        let before = self.text.get(self.line_start..offset).unwrap_or_default();
        Location {
            file: self.file.to_owned(),
            line: self.line,
            column: u32::try_from(before.chars().count())
                .unwrap_or(u32::MAX)
                .saturating_add(1),
        }
    }
}
