//! From the bytes of a file to the objects in it, each with its place.

use crate::chart::{self, Role};
use crate::interest::Interest;
use crate::yaml::split::{Segment, segments};
use crate::yaml::{self, Document, Mark, Node, Spanned};
use crate::{inflate, json};
use refit_model::object::Location;
use serde_json::Value;

/// How deep lists may hold lists.
pub(crate) const MOST_NESTED: usize = 8;

/// The most that a packed file may unpack to.
const LARGEST_FILE: usize = 1 << 30;

/// Something in a file.
#[derive(Debug)]
pub(crate) enum Found {
    /// A document begins.
    Document,
    /// A document is not wanted and was not read.
    Skipped,
    /// A list begins: its kind, and whether it says that it continues elsewhere.
    ListBegins(String, bool),
    /// An object.
    Object(Value, Location),
    /// The list ends.
    ListEnds,
    /// A part that cannot be read, and why.
    Failed(Location, String),
    /// A template of a chart that is not rendered.
    Template(chart::Template),
    /// Something that its author should know.
    Remark(Location, String),
}

impl Found {
    /// The beginning of a list of kind `kind` with this `metadata`.
    pub(crate) fn list_begins(kind: &str, metadata: &Value) -> Self {
        let continues = metadata
            .get("continue")
            .and_then(Value::as_str)
            .is_some_and(|token| !token.is_empty());
        Self::ListBegins(kind.to_owned(), continues)
    }
}

/// Whether what has items is a list of objects: `List`, or such as `PodList`.
/// A custom resource may be called so as well; unlike a list, it has a name.
pub(crate) fn is_list(kind: &str, has_name: bool) -> bool {
    kind == "List" || (kind.ends_with("List") && !has_name)
}

/// Gives an item of a typed list what it leaves to the list.
pub(crate) fn inherit(value: &mut Value, api_version: Option<&str>, kind: Option<&str>) {
    if let (Value::Object(fields), Some(kind)) = (value, kind) {
        for (name, text) in [("kind", Some(kind)), ("apiVersion", api_version)] {
            if let Some(text) = text
                && !fields.contains_key(name)
            {
                fields.insert(name.to_owned(), Value::String(text.to_owned()));
            }
        }
    }
}

/// Hands everything of interest in the file called `name` to `take`.
pub(crate) fn walk(name: &str, bytes: &[u8], interest: Interest<'_>, take: &mut dyn FnMut(Found)) {
    if inflate::is_gzip(bytes) {
        match inflate::inflate(bytes, LARGEST_FILE) {
            // What is packed twice is not unpacked twice.
            Ok(unpacked) => plain(name, &unpacked, interest, take),
            Err(error) => {
                take(Found::Document);
                take(Found::Failed(beginning(name), error.to_string()));
            }
        }
    } else {
        plain(name, bytes, interest, take);
    }
}

pub(crate) fn beginning(name: &str) -> Location {
    Location {
        file: name.to_owned(),
        line: 1,
        column: 1,
    }
}

fn plain(name: &str, bytes: &[u8], interest: Interest<'_>, take: &mut dyn FnMut(Found)) {
    match chart::role(name, bytes) {
        Role::Template(template) => {
            take(Found::Document);
            return take(Found::Template(template));
        }
        Role::Settings => return take(Found::Document),
        Role::Other => {}
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if json::is_lines(name)
        && let Ok(text) = std::str::from_utf8(text)
    {
        return json::lines(name, text, take);
    }
    // No JSON text has a line that begins with dashes: its strings end no lines.
    let looks_like_json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
        && memchr::memmem::find(text, b"\n---").is_none();
    if looks_like_json
        && let Ok(text) = std::str::from_utf8(text)
        && json::read(name, text, take)
    {
        return;
    }
    yaml(name, bytes, interest, take);
}

/// Hands everything of interest in YAML text to `take`.
pub(crate) fn yaml(name: &str, bytes: &[u8], interest: Interest<'_>, take: &mut dyn FnMut(Found)) {
    let place = |at: Mark| Location {
        file: name.to_owned(),
        line: at.line,
        column: at.column,
    };
    for segment in segments(bytes) {
        if interest.skips(segment.bytes) {
            take(Found::Skipped);
            continue;
        }
        read_segment(segment, &place, take);
    }
}

fn read_segment(
    segment: Segment<'_>,
    place: &dyn Fn(Mark) -> Location,
    take: &mut dyn FnMut(Found),
) {
    for Document { content, remarks } in yaml::read_segment(segment) {
        take(Found::Document);
        for remark in remarks {
            take(Found::Remark(place(remark.at), remark.text));
        }
        match content {
            Ok(Some(content)) => tree(content, None, 0, place, take),
            Ok(None) => {}
            Err(error) => take(Found::Failed(place(error.at), error.why)),
        }
    }
}

fn tree(
    content: Spanned,
    inherited: Option<&(Option<String>, Option<String>)>,
    depth: usize,
    place: &dyn Fn(Mark) -> Location,
    take: &mut dyn FnMut(Found),
) {
    let at = place(content.at);
    let kind = content
        .get("kind")
        .and_then(Spanned::text)
        .map(str::to_owned);
    let has_items = matches!(
        content.get("items"),
        Some(Spanned {
            node: Node::List(_),
            ..
        })
    );
    let has_name = content
        .get("metadata")
        .is_some_and(|metadata| metadata.get("name").is_some());
    let is_list = has_items && kind.as_deref().is_some_and(|kind| is_list(kind, has_name));
    if !is_list {
        let mut value = content.into_json();
        if let Some((api_version, kind)) = inherited {
            inherit(&mut value, api_version.as_deref(), kind.as_deref());
        }
        return take(Found::Object(value, at));
    }
    if depth >= MOST_NESTED {
        let why = format!("lists are nested more than {MOST_NESTED} levels deep");
        return take(Found::Failed(at, why));
    }
    let Node::Map(mut fields) = content.node else {
        return;
    };
    let metadata = fields
        .remove("metadata")
        .map_or(Value::Null, Spanned::into_json);
    let kind = kind.unwrap_or_default();
    take(Found::list_begins(&kind, &metadata));
    let api_version = fields
        .get("apiVersion")
        .and_then(Spanned::text)
        .map(str::to_owned);
    let item_kind = kind
        .strip_suffix("List")
        .filter(|item| !item.is_empty())
        .map(str::to_owned);
    let inherited = (api_version, item_kind);
    if let Some(Spanned {
        node: Node::List(items),
        ..
    }) = fields.remove("items")
    {
        for item in items {
            tree(item, Some(&inherited), depth + 1, place, take);
        }
    }
    take(Found::ListEnds);
}
