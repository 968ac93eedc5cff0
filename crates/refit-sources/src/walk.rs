//! From the bytes of a file to the objects in it, each with its place.

use crate::chart::{self, Role};
use crate::interest::Interest;
use crate::weight::LIGHT;
use crate::yaml::split::{Segment, segments};
use crate::yaml::{self, Document, Mark, Node, Spanned};
use crate::{inflate, json};
use refit_model::object::Location;
use refit_model::snapshot::Snapshot;
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
    /// A snapshot of Refit's own, or why it cannot be read.
    Snapshot(Result<Box<Snapshot>, String>, Location),
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
        read_segment(segment, interest, &place, take);
    }
}

fn read_segment(
    segment: Segment<'_>,
    interest: Interest<'_>,
    place: &dyn Fn(Mark) -> Location,
    take: &mut dyn FnMut(Found),
) {
    // A long list is gone through twice: what it is may stand behind its items.
    let long = (segment.bytes.len() > LIGHT)
        .then(|| yaml::without_items(segment))
        .flatten()
        .and_then(|content| List::of(&content));
    let Some(list) = long else {
        for document in yaml::read_segment(segment) {
            if document.content.is_err() && interest.can_do_without(segment.bytes) {
                take(Found::Skipped);
            } else {
                read_document(document, place, take);
            }
        }
        return;
    };
    take(Found::Document);
    take(list.begins());
    let (first, rest) = yaml::hand_out_items(segment, &mut |item| {
        tree(item, &list.inherited, 1, place, take);
    });
    for remark in first.into_iter().flat_map(|document| document.remarks) {
        take(Found::Remark(place(remark.at), remark.text));
    }
    take(Found::ListEnds);
    for document in rest {
        read_document(document, place, take);
    }
}

fn read_document(
    Document { content, remarks }: Document,
    place: &dyn Fn(Mark) -> Location,
    take: &mut dyn FnMut(Found),
) {
    take(Found::Document);
    for remark in remarks {
        take(Found::Remark(place(remark.at), remark.text));
    }
    match content {
        Ok(Some(content)) => tree(content, &Inherited::default(), 0, place, take),
        Ok(None) => {}
        Err(error) => take(Found::Failed(place(error.at), error.why)),
    }
}

/// What a typed list says of items that do not say it themselves.
#[derive(Default)]
struct Inherited {
    api_version: Option<String>,
    kind: Option<String>,
}

/// What a list of objects says beside its items.
struct List {
    kind: String,
    metadata: Value,
    inherited: Inherited,
}

impl List {
    /// What `content` says, if it is a list of objects.
    fn of(content: &Spanned) -> Option<Self> {
        let text = |name| content.get(name).and_then(Spanned::text);
        let kind = text("kind")?;
        let metadata = content.get("metadata");
        let has_name = metadata.is_some_and(|metadata| metadata.get("name").is_some());
        let has_items = matches!(content.get("items")?.node, Node::List(_));
        (has_items && is_list(kind, has_name)).then(|| Self {
            kind: kind.to_owned(),
            metadata: metadata.cloned().map_or(Value::Null, Spanned::into_json),
            inherited: Inherited {
                api_version: text("apiVersion").map(str::to_owned),
                kind: kind
                    .strip_suffix("List")
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned),
            },
        })
    }

    fn begins(&self) -> Found {
        Found::list_begins(&self.kind, &self.metadata)
    }
}

fn tree(
    content: Spanned,
    inherited: &Inherited,
    depth: usize,
    place: &dyn Fn(Mark) -> Location,
    take: &mut dyn FnMut(Found),
) {
    let at = place(content.at);
    let list = List::of(&content);
    if (list.is_some() || matches!(content.node, Node::List(_))) && depth >= MOST_NESTED {
        let why = format!("lists are nested more than {MOST_NESTED} levels deep");
        return take(Found::Failed(at, why));
    }
    match (content.node, list) {
        (Node::Map(mut fields), Some(list)) => {
            take(list.begins());
            let items = fields.remove("items").map(|items| items.node);
            if let Some(Node::List(items)) = items {
                for item in items {
                    tree(item, &list.inherited, depth + 1, place, take);
                }
            }
            take(Found::ListEnds);
        }
        // What holds no object and no list is one thing that is no object.
        (Node::List(items), _) if items.iter().any(is_of_objects) => {
            for item in items.into_iter().filter(is_of_objects) {
                tree(item, inherited, depth + 1, place, take);
            }
        }
        (Node::List(_), _) => take(Found::Object(Value::Array(Vec::new()), at)),
        (node, _) => {
            let mut value = Spanned {
                at: content.at,
                node,
            }
            .into_json();
            inherit(
                &mut value,
                inherited.api_version.as_deref(),
                inherited.kind.as_deref(),
            );
            take(Found::Object(value, at));
        }
    }
}

const fn is_of_objects(item: &Spanned) -> bool {
    matches!(item.node, Node::Map(_) | Node::List(_))
}
