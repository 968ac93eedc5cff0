//! From the bytes of a file to the objects in it, each with its place.

use crate::chart::{self, Role};
use crate::interest::Interest;
use crate::list::{Inherited, continues, enter, is_list};
use crate::weight::LIGHT;
use crate::yaml::split::{Segment, segments};
use crate::yaml::{self, Document, Mark, Node, Spanned};
use crate::{inflate, json};
use refit_model::object::Location;
use refit_model::snapshot::Snapshot;
use serde_json::Value;

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

/// What a list of objects says beside its items.
struct List {
    kind: String,
    continues: bool,
    inherited: Inherited,
}

impl List {
    /// What `content` says, if it is a list of objects.
    fn of(content: &Spanned) -> Option<Self> {
        let text = |name| content.get(name).and_then(Spanned::text);
        let kind = text("kind")?;
        let metadata = |name| content.get("metadata").and_then(|all| all.get(name));
        let has_items = matches!(content.get("items")?.node, Node::List(_));
        (has_items && is_list(kind, metadata("name").is_some())).then(|| Self {
            kind: kind.to_owned(),
            continues: continues(metadata("continue").and_then(Spanned::text)),
            inherited: Inherited::of(text("apiVersion"), kind),
        })
    }

    fn begins(&self) -> Found {
        Found::ListBegins(self.kind.clone(), self.continues)
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
    if (list.is_some() || matches!(content.node, Node::List(_)))
        && let Err(why) = enter(depth)
    {
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
            inherited.give(&mut value);
            take(Found::Object(value, at));
        }
    }
}

const fn is_of_objects(item: &Spanned) -> bool {
    matches!(item.node, Node::Map(_) | Node::List(_))
}
