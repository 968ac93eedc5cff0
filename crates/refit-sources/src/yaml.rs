//! YAML as Kubernetes reads it, with the place of every value.
//!
//! [`documents`] cuts a file as Kubernetes does and reads each piece by itself:
//! a document that does not parse costs that document alone. Aliases are
//! expanded within a bound, and nesting is bounded, so that no input can take
//! more memory or stack than its size allows for.

mod build;
mod scalar;
pub(crate) mod split;
mod tree;

pub use tree::{Mark, Node, Spanned};

use build::Builder;
use granit_parser::{Event, Parser};
use split::Segment;

/// The deepest nesting that is read: what the JSON reader of this crate allows
/// as well, and twice what the deepest published CRD schemas need.
pub const DEEPEST: usize = 128;

/// One document of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it holds; `None` when it is empty.
    pub content: Result<Option<Spanned>, YamlError>,
    /// What is worth telling about it.
    pub remarks: Vec<Remark>,
}

/// Something about a document that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub at: Mark,
    /// What.
    pub text: String,
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} (line {}, column {})", at.line, at.column)]
pub struct YamlError {
    /// Where reading stopped.
    pub at: Mark,
    /// Why.
    pub why: String,
}

impl YamlError {
    /// Adds what the text suggests: the most frequent file that is no YAML is a
    /// chart's template.
    fn guess(&mut self, text: &str) {
        if text.contains("{{") {
            self.why
                .push_str("; it looks like a template that is not rendered");
        }
    }
}

/// The documents of a file, in order.
pub fn documents(bytes: &[u8]) -> impl Iterator<Item = Document> {
    split::segments(bytes).flat_map(read_segment)
}

/// The documents of one piece: one, unless YAML cuts where Kubernetes does not.
pub(crate) fn read_segment(Segment { bytes, line }: Segment<'_>) -> Vec<Document> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let lines = before.iter().filter(|byte| **byte == b'\n').count();
            return vec![Document {
                content: Err(YamlError {
                    at: Mark {
                        line: line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
                        column: 1,
                    },
                    why: "the text is not UTF-8".to_owned(),
                }),
                remarks: Vec::new(),
            }];
        }
    };
    let options = granit_parser::options! {
        emit_comments: false,
        // Kubernetes cuts a stream by its lines and ends the last one, so that a
        // block at the end of a file ends in a line feed.
        block_scalar_eof_without_line_feed: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut documents = Vec::new();
    loop {
        let document = read_document(&mut parser, line);
        let broken = match document {
            None => break,
            Some(mut document) => {
                if !documents.is_empty() {
                    mark_unseparated(&mut document);
                }
                let broken = match &mut document.content {
                    Ok(_) => false,
                    Err(error) => {
                        error.guess(text);
                        true
                    }
                };
                documents.push(document);
                broken
            }
        };
        if broken && !matches!(parser.proceed_next_document(), Ok(true)) {
            break;
        }
    }
    if let Some(remark) = other_line_ends(text, line) {
        match documents.first_mut() {
            Some(document) => document.remarks.push(remark),
            None => documents.push(Document {
                content: Ok(None),
                remarks: vec![remark],
            }),
        }
    }
    documents.retain(|document| document.content != Ok(None) || !document.remarks.is_empty());
    documents
}

/// Reads up to the end of the next document; `None` at the end of the text.
fn read_document<'a>(
    parser: &mut Parser<'a, granit_parser::StrInput<'a>>,
    line: u32,
) -> Option<Document> {
    let mut builder = Builder::new(line);
    loop {
        let (event, span) = match parser.next()? {
            Ok(event) => event,
            Err(error) => {
                let at = builder.mark(*error.marker());
                return Some(builder.fail(at, error.info()));
            }
        };
        if event == Event::StreamEnd {
            return None;
        }
        if event == Event::DocumentEnd {
            return Some(builder.finish());
        }
        let at = builder.mark(span.start);
        if let Err(why) = builder.event(event, at) {
            return Some(builder.fail(at, why));
        }
    }
}

/// The characters that end a line for the library of Kubernetes, a YAML 1.1
/// reader, and not for YAML 1.2.
pub(crate) const OTHER_LINE_ENDS: [&str; 3] = ["\u{85}", "\u{2028}", "\u{2029}"];

/// Says of a text that Kubernetes may see other lines in it: what stands behind
/// such a character in a comment is content for it.
fn other_line_ends(text: &str, line: u32) -> Option<Remark> {
    let offset = OTHER_LINE_ENDS
        .iter()
        .filter_map(|end| text.find(end))
        .min()?;
    let before = text.get(..offset)?;
    let lines = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Remark {
        at: Mark {
            line: line.saturating_add(count(lines)),
            column: count(column).saturating_add(1),
        },
        text: "a character stands here that Kubernetes takes for the end of a line: what it reads \
               behind it may be something else than what is read here"
            .to_owned(),
    })
}

/// Says of a document that Kubernetes would not see it as one.
fn mark_unseparated(document: &mut Document) {
    let at = match &document.content {
        Ok(Some(content)) => content.at,
        Ok(None) => return,
        Err(error) => error.at,
    };
    document.remarks.push(Remark {
        at,
        text: "Kubernetes does not read this document: for it a line of `---`, alone or with a \
               comment, separates documents; it refuses text behind `---`, and `...` is nothing to it"
            .to_owned(),
    });
}
