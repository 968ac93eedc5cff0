//! Builds the tree of a document from the parser's events.

use super::scalar::{self, Scalar, Written};
use super::tree::{Mark, Node, Spanned};
use super::{DEEPEST, Document, Remark, YamlError};
use granit_parser::{Event, Marker, ScalarStyle, Tag};
use std::collections::BTreeMap;

/// How many bytes of a document may be copies made for anchors and aliases.
///
/// Files that use anchors repeat a few kilobytes; a bomb asks for gigabytes.
const MOST_COPIED: usize = 16 << 20;

/// What a node is counted as in addition to its text: about its size in memory.
const NODE_COST: usize = 96;

const YAML_TAGS: &str = "tag:yaml.org,2002:";

pub(super) struct Builder {
    /// Lines before the text that is parsed.
    lines_before: u32,
    open: Vec<Frame>,
    root: Option<Spanned>,
    anchors: BTreeMap<usize, Built>,
    copied: usize,
    remarks: Vec<Remark>,
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

impl Builder {
    pub(super) fn new(first_line: u32) -> Self {
        Self {
            lines_before: first_line.saturating_sub(1),
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            copied: 0,
            remarks: Vec::new(),
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

    pub(super) fn finish(self) -> Document {
        let content = self.root.filter(|root| root.node != Node::Null);
        Document {
            content: Ok(content),
            remarks: self.remarks,
        }
    }

    pub(super) fn fail(self, at: Mark, why: String) -> Document {
        Document {
            content: Err(YamlError { at, why }),
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
                self.begin(at, anchor, Content::List(Vec::new()))
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
        self.open.push(Frame {
            at,
            anchor,
            height: 0,
            cost: NODE_COST,
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
        if let Some(Frame {
            at: begin,
            content: Content::Map { key, is_empty, .. },
            ..
        }) = self.open.last_mut()
        {
            if *is_empty {
                *begin = at;
                *is_empty = false;
            }
            *key = Some(new);
        }
        Ok(())
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
            Content::Map { entries, key, .. } => match key.take() {
                Some(Key::Name(name, at)) => {
                    frame.cost = frame.cost.saturating_add(name.len());
                    if entries.contains_key(&name) {
                        let shown: String = name.chars().take(64).collect();
                        self.remarks.push(Remark {
                            at,
                            text: format!(
                                "the key {shown:?} is given twice; Kubernetes takes the last"
                            ),
                        });
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
    let cost = NODE_COST + text_length(&value.node);
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
