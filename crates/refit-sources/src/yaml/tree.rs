//! A YAML document as a tree in which every value knows where it stands.

use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// A place in a text: one-based line, one-based column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// One-based line.
    pub line: u32,
    /// One-based column, counted in characters.
    pub column: u32,
}

/// A value and where it stands; a mapping stands where its first key does.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned {
    /// Where it begins.
    pub at: Mark,
    /// What it is.
    pub node: Node,
}

/// A value as Kubernetes would put it into JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Spanned>),
    /// A mapping; keys are text.
    Map(BTreeMap<String, Spanned>),
}

impl Spanned {
    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.node {
            Node::Map(entries) => entries.get(key),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => None,
        }
    }

    /// The text, when this is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
        }
    }

    /// The same value without its places. The depth of a tree is bounded when
    /// it is read, so that this recursion is.
    #[must_use]
    pub fn into_json(self) -> Value {
        match self.node {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Number(number) => Value::Number(number),
            Node::Text(text) => Value::String(text),
            Node::List(items) => Value::Array(items.into_iter().map(Self::into_json).collect()),
            Node::Map(entries) => Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, value.into_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}
