//! Builds the tree of a document from the parser's events.

use super::scalar::{self, Scalar, Written};
use super::tree::{Mark, Node, Spanned};
use super::{DEEPEST, Document, Remark, YamlError};
use crate::weight;
use granit_parser::{Event, Marker, ScalarStyle, Tag};
use std::collections::BTreeMap;

/// How many bytes of a document may be copies made for anchors and aliases.
///
/// Files that use anchors repeat a few kilobytes; a bomb asks for gigabytes.
const MOST_COPIED: usize = 16 << 20;

/// The most remarks on one document that are told one by one.
pub(crate) const MOST_REMARKS: usize = 1000;

/// What is said of a key that is given twice.
pub(crate) fn given_twice(name: &str) -> String {
    let shown: String = name.chars().take(64).collect();
    format!("the key {shown:?} is given twice; Kubernetes takes the last")
}

/// What is said of keys that are not told one by one.
pub(crate) fn more_given_twice(count: usize) -> String {
    format!("{count} more keys are given twice")
}

const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// What becomes of the items of the list that a document is: of what stands
/// under the key `items` of its outermost mapping.
pub(super) enum Items<'f> {
    /// They are part of the document.
    Kept,
    /// They are read and let go.
    Dropped,
    /// They are handed out one by one, and let go.
    HandedOut(&'f mut dyn FnMut(Spanned)),
}

pub(super) struct Builder<'f> {
    /// Lines before the text that is parsed.
    lines_before: u32,
    open: Vec<Frame>,
    root: Option<Spanned>,
    anchors: BTreeMap<usize, Built>,
    copied: usize,
    /// What the values take that are in memory, as far as they are not let go.
    built: usize,
    items: Items<'f>,
    /// Where the lists begin whose items were let go.
    let_go: Vec<Mark>,
    remarks: Vec<Remark>,
    more_remarks: usize,
}

/// A finished value with what must be known to copy it.
#[derive(Clone)]
struct Built {
    value: Spanned,
    height: usize,
    cost: usize,
}

struct Frame {
    at: Mark,
    anchor: usize,
    height: usize,
    cost: usize,
    content: Content,
}

enum Content {
    List(Vec<Spanned>),
    /// A list whose items are let go, and what was built before it.
    LetGo(usize),
    Map {
        entries: BTreeMap<String, Spanned>,
        key: Option<Key>,
        is_empty: bool,
    },
}

enum Key {
    Name(String, Mark),
    Merge,
}

impl<'f> Builder<'f> {
    pub(super) fn new(first_line: u32, items: Items<'f>) -> Self {
        Self {
            lines_before: first_line.saturating_sub(1),
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            copied: 0,
            built: 0,
            items,
            let_go: Vec::new(),
            remarks: Vec::new(),
            more_remarks: 0,
        }
    }

    /// The parser's place in terms of the whole file.
    pub(super) fn mark(&self, marker: Marker) -> Mark {
        let clamp = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Mark {
            line: clamp(marker.line()).saturating_add(self.lines_before),
            column: clamp(marker.col()).saturating_add(1),
        }
    }

    /// Where the lists begin whose items were let go.
    pub(super) fn let_go(&self) -> &[Mark] {
        &self.let_go
    }

    pub(super) fn finish(mut self) -> Document {
        let content = self.root.take().filter(|root| root.node != Node::Null);
        self.document(Ok(content))
    }

    pub(super) fn fail(self, at: Mark, why: String) -> Document {
        self.document(Err(YamlError { at, why }))
    }

    fn document(mut self, content: Result<Option<Spanned>, YamlError>) -> Document {
        if let (1.., Some(last)) = (self.more_remarks, self.remarks.last()) {
            let text = more_given_twice(self.more_remarks);
            self.remarks.push(Remark { at: last.at, text });
        }
        Document {
            content,
            remarks: self.remarks,
        }
    }

    /// Takes one event of the document.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the parser's enum is another project's; what is left carries no node"
    )]
    pub(super) fn event(&mut self, event: Event<'_>, at: Mark) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), at)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.refuse_as_key()?;
                let content = if anchor == 0 && self.begins_items() {
                    self.let_go.push(at);
                    Content::LetGo(self.built)
                } else {
                    Content::List(Vec::new())
                };
                self.begin(at, anchor, content)
            }
            Event::MappingStart(_, anchor, _) => {
                self.refuse_as_key()?;
                let content = Content::Map {
                    entries: BTreeMap::new(),
                    key: None,
                    is_empty: true,
                };
                self.begin(at, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::UnresolvedAlias(name) => Err(format!("nothing is called &{name} before this")),
            _ => Ok(()),
        }
    }

    /// Whether the next value is the items of the list that the document is, and
    /// these are let go.
    fn begins_items(&self) -> bool {
        let may_be = match self.items {
            Items::Kept => false,
            Items::Dropped | Items::HandedOut(_) => true,
        };
        let [outermost] = self.open.as_slice() else {
            return false;
        };
        let is_items = matches!(
            &outermost.content,
            Content::Map { key: Some(Key::Name(name, _)), .. } if name == "items"
        );
        may_be && is_items
    }

    /// Whether the document is not read to its end because it would take too much.
    pub(super) const fn is_too_heavy(&self) -> bool {
        weight::is_too_much(self.built)
    }

    /// What the values take that were built.
    #[cfg(test)]
    pub(super) const fn built(&self) -> usize {
        self.built
    }

    /// Counts what is about to be built.
    fn weigh(&mut self, cost: usize) -> Result<(), String> {
        self.built = self.built.saturating_add(cost);
        if self.is_too_heavy() {
            return Err(weight::too_heavy());
        }
        Ok(())
    }

    /// Whether the next value is a key of the innermost mapping.
    fn expects_key(&self) -> bool {
        matches!(
            self.open.last().map(|frame| &frame.content),
            Some(Content::Map { key: None, .. })
        )
    }

    fn refuse_as_key(&self) -> Result<(), String> {
        if self.expects_key() {
            return Err("a key must be text, not a list or a mapping".to_owned());
        }
        Ok(())
    }

    fn begin(&mut self, at: Mark, anchor: usize, content: Content) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("more than {DEEPEST} levels are nested"));
        }
        self.weigh(weight::VALUE)?;
        self.open.push(Frame {
            at,
            anchor,
            height: 0,
            cost: weight::VALUE,
            content,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let node = match frame.content {
            Content::List(items) => Node::List(items),
            Content::LetGo(_) => Node::List(Vec::new()),
            Content::Map { entries, .. } => Node::Map(entries),
        };
        let built = Built {
            value: Spanned { at: frame.at, node },
            height: frame.height + 1,
            cost: frame.cost,
        };
        self.anchor(frame.anchor, &built)?;
        self.place(built)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Mark,
    ) -> Result<(), String> {
        let name = tag.map(tag_name);
        let written = match &name {
            Some(tag) => Written::Tagged(tag),
            None if style == ScalarStyle::Plain => Written::Plain,
            None => Written::Quoted,
        };
        let is_merge = text == "<<" && matches!(written, Written::Plain | Written::Tagged("merge"));
        if is_merge && self.expects_key() {
            return self.set_key(Key::Merge, at);
        }
        let value = scalar::resolve(text, written)?;
        if self.expects_key() {
            if anchor != 0 {
                let node = node_of(value.clone())?;
                self.anchor(anchor, &leaf(Spanned { at, node }))?;
            }
            return self.set_key(Key::Name(scalar::key(value)?, at), at);
        }
        let node = node_of(value)?;
        let built = leaf(Spanned { at, node });
        self.weigh(built.cost)?;
        self.anchor(anchor, &built)?;
        self.place(built)
    }

    fn alias(&mut self, anchor: usize, at: Mark) -> Result<(), String> {
        let Some(target) = self.anchors.get(&anchor) else {
            return Err("an alias stands inside what it stands for".to_owned());
        };
        if self.open.len() + target.height > DEEPEST {
            return Err(format!("aliases nest more than {DEEPEST} levels"));
        }
        let (height, cost) = (target.height, target.cost);
        self.spend(cost)?;
        let Some(mut value) = self.anchors.get(&anchor).map(|target| target.value.clone()) else {
            return Ok(());
        };
        if self.expects_key() {
            let name = scalar::key(scalar_of(value.node)?)?;
            return self.set_key(Key::Name(name, at), at);
        }
        let is_merged = matches!(
            self.open.last().map(|frame| &frame.content),
            Some(Content::Map {
                key: Some(Key::Merge),
                ..
            })
        );
        if is_merged && !matches!(value.node, Node::Map(_)) {
            return Err("`<<` takes no alias of anything but a mapping".to_owned());
        }
        // What is read through an alias is where the alias stands.
        value.at = at;
        self.place(Built {
            value,
            height,
            cost,
        })
    }

    /// Remembers a value under its anchor.
    fn anchor(&mut self, anchor: usize, built: &Built) -> Result<(), String> {
        if anchor != 0 {
            self.spend(built.cost)?;
            self.anchors.insert(anchor, built.clone());
        }
        Ok(())
    }

    /// Counts what is about to be copied.
    fn spend(&mut self, cost: usize) -> Result<(), String> {
        self.weigh(cost)?;
        self.copied = self.copied.saturating_add(cost);
        if self.copied > MOST_COPIED {
            return Err(format!(
                "aliases make more than {} MiB out of this document",
                MOST_COPIED >> 20
            ));
        }
        Ok(())
    }

    fn set_key(&mut self, new: Key, at: Mark) -> Result<(), String> {
        let mut weight = match &new {
            Key::Name(name, _) => weight::KEY + name.len(),
            Key::Merge => weight::KEY,
        };
        if let Some(Frame {
            at: begin,
            cost,
            content: Content::Map { key, is_empty, .. },
            ..
        }) = self.open.last_mut()
        {
            if *is_empty {
                *begin = at;
                *is_empty = false;
                weight += weight::MAPPING;
            }
            *cost = cost.saturating_add(weight);
            *key = Some(new);
        }
        self.weigh(weight)
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, built: Built) -> Result<(), String> {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(built.value);
            return Ok(());
        };
        frame.height = frame.height.max(built.height);
        frame.cost = frame.cost.saturating_add(built.cost);
        match &mut frame.content {
            Content::List(items) => items.push(built.value),
            Content::LetGo(before) => {
                self.built = *before;
                frame.height = 0;
                frame.cost = weight::VALUE;
                match &mut self.items {
                    Items::Kept | Items::Dropped => {}
                    Items::HandedOut(take) => take(built.value),
                }
            }
            Content::Map { entries, key, .. } => match key.take() {
                Some(Key::Name(name, at)) => {
                    if entries.contains_key(&name) {
                        let text = given_twice(&name);
                        if self.remarks.len() < MOST_REMARKS {
                            self.remarks.push(Remark { at, text });
                        } else {
                            self.more_remarks += 1;
                        }
                    }
                    entries.insert(name, built.value);
                }
                Some(Key::Merge) => merge(entries, built.value)?,
                // Keys are set before values by construction of the events.
                None => {}
            },
        }
        Ok(())
    }
}

/// Merges as the library of Kubernetes does: in place, so that what follows
/// wins over what was merged, and a later merge over what stood before it.
fn merge(entries: &mut BTreeMap<String, Spanned>, value: Spanned) -> Result<(), String> {
    let refuse = || Err("`<<` takes a mapping or a list of mappings".to_owned());
    match value.node {
        Node::Map(merged) => entries.extend(merged),
        Node::List(items) => {
            // Of a list, the earlier item wins.
            for item in items.into_iter().rev() {
                let Node::Map(merged) = item.node else {
                    return refuse();
                };
                entries.extend(merged);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => return refuse(),
    }
    Ok(())
}

/// What a scalar is as a value.
fn node_of(value: Scalar) -> Result<Node, String> {
    Ok(match value {
        Scalar::Null => Node::Null,
        Scalar::Bool(value) => Node::Bool(value),
        Scalar::Whole(number) => Node::Number(number),
        Scalar::Float(value) => Node::Number(scalar::float_value(value)?),
        Scalar::Text(text) => Node::Text(text),
    })
}

/// What a value is as a scalar, if it is one.
fn scalar_of(node: Node) -> Result<Scalar, String> {
    Ok(match node {
        Node::Null => Scalar::Null,
        Node::Bool(value) => Scalar::Bool(value),
        Node::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => Scalar::Float(value),
            Some(_) | None => Scalar::Whole(number),
        },
        Node::Text(text) => Scalar::Text(text),
        Node::List(_) | Node::Map(_) => {
            return Err("an alias that is a key must not stand for a list or a mapping".to_owned());
        }
    })
}

const fn text_length(node: &Node) -> usize {
    match node {
        Node::Text(text) => text.len(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => 0,
    }
}

const fn leaf(value: Spanned) -> Built {
    let cost = weight::VALUE + text_length(&value.node);
    Built {
        value,
        height: 0,
        cost,
    }
}

/// `int` of `!!int`; the whole of a tag that is not YAML's own.
fn tag_name(tag: &Tag) -> String {
    tag.suffix_in_namespace(YAML_TAGS)
        .map_or_else(|| tag.original(), std::borrow::Cow::into_owned)
}
