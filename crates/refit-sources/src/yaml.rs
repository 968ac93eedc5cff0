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

pub(crate) use build::{MOST_REMARKS, given_twice, more_given_twice};

use build::{Builder, Items};
use granit_parser::{Event, Parser, StrInput};
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
pub(crate) fn read_segment(segment: Segment<'_>) -> impl Iterator<Item = Document> {
    let mut documents = Documents::of(segment);
    std::iter::from_fn(move || documents.next(Items::Kept))
}

/// The first document of one piece without the items of the list that it is, if it
/// can be read to its end and has such items.
pub(crate) fn without_items(segment: Segment<'_>) -> Option<Spanned> {
    let Documents::Text {
        mut parser, line, ..
    } = Documents::of(segment)
    else {
        return None;
    };
    let Read {
        document, let_go, ..
    } = read_document(&mut parser, line, Items::Dropped)?;
    let content = document.content.ok()??;
    // Of a key that is given twice, the last counts.
    let is_it = |items: &Spanned| let_go.as_slice() == [items.at];
    content.get("items").is_some_and(is_it).then_some(content)
}

/// The first document of one piece, the items of the list that it is left out of it
/// and handed to `take` one by one; and the documents that follow.
pub(crate) fn hand_out_items<'a>(
    segment: Segment<'a>,
    take: &mut dyn FnMut(Spanned),
) -> (Option<Document>, impl Iterator<Item = Document> + use<'a>) {
    let mut documents = Documents::of(segment);
    let first = documents.next(Items::HandedOut(take));
    let rest = std::iter::from_fn(move || documents.next(Items::Kept));
    (first, rest)
}

/// The documents of one piece in the reading.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of them at a time, on the stack"
)]
enum Documents<'a> {
    /// A text that is being read.
    Text {
        text: &'a str,
        parser: Parser<'a, StrInput<'a>>,
        /// The line that the piece begins at.
        line: u32,
        is_first: bool,
        /// What is to be told of the piece, with its first document.
        remark: Option<Remark>,
    },
    /// What stands in for a piece that is no text.
    Failed(Document),
    /// Nothing follows.
    End,
}

impl<'a> Documents<'a> {
    fn of(Segment { bytes, line }: Segment<'a>) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text {
                text,
                parser: parser(text),
                line,
                is_first: true,
                remark: other_line_ends(text, line),
            },
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let lines = before.iter().filter(|byte| **byte == b'\n').count();
                let line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                Self::Failed(Document {
                    content: Err(YamlError {
                        at: Mark { line, column: 1 },
                        why: "the text is not UTF-8".to_owned(),
                    }),
                    remarks: Vec::new(),
                })
            }
        }
    }

    /// The next document that holds anything or is to be spoken of.
    fn next(&mut self, mut items: Items<'_>) -> Option<Document> {
        loop {
            let document = self.any(std::mem::replace(&mut items, Items::Kept))?;
            if document.content != Ok(None) || !document.remarks.is_empty() {
                return Some(document);
            }
        }
    }

    fn any(&mut self, items: Items<'_>) -> Option<Document> {
        let Self::Text {
            text,
            parser,
            line,
            is_first,
            remark,
        } = self
        else {
            return match std::mem::replace(self, Self::End) {
                Self::Failed(document) => Some(document),
                Self::Text { .. } | Self::End => None,
            };
        };
        let Some(read) = read_document(parser, *line, items) else {
            let remark = remark.take();
            *self = Self::End;
            return remark.map(|remark| Document {
                content: Ok(None),
                remarks: vec![remark],
            });
        };
        let mut document = read.document;
        if !std::mem::replace(is_first, false) {
            mark_unseparated(&mut document);
        }
        document.remarks.extend(remark.take());
        if let Err(error) = &mut document.content {
            error.guess(text);
            // Where the end of what is too much would be is not worth looking for:
            // for Kubernetes nothing stands behind it.
            if read.is_too_heavy || !matches!(parser.proceed_next_document(), Ok(true)) {
                *self = Self::End;
            }
        }
        Some(document)
    }
}

fn parser(text: &str) -> Parser<'_, StrInput<'_>> {
    let options = granit_parser::options! {
        emit_comments: false,
        // Kubernetes cuts a stream by its lines and ends the last one, so that a
        // block at the end of a file ends in a line feed.
        block_scalar_eof_without_line_feed: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    Parser::new_from_str_with_options(text, options)
}

/// One document as it was read.
struct Read {
    document: Document,
    /// Where the lists begin whose items are not part of it.
    let_go: Vec<Mark>,
    /// Whether it was left because it would take too much memory.
    is_too_heavy: bool,
}

/// Reads up to the end of the next document; `None` at the end of the text.
fn read_document<'a>(
    parser: &mut Parser<'a, StrInput<'a>>,
    line: u32,
    items: Items<'_>,
) -> Option<Read> {
    let mut builder = Builder::new(line, items);
    let failed = loop {
        let (event, span) = match parser.next()? {
            Ok(event) => event,
            Err(error) => break (builder.mark(*error.marker()), error.info()),
        };
        if event == Event::StreamEnd {
            return None;
        }
        if event == Event::DocumentEnd {
            return Some(Read {
                let_go: builder.let_go().to_vec(),
                document: builder.finish(),
                is_too_heavy: false,
            });
        }
        let at = builder.mark(span.start);
        if let Err(why) = builder.event(event, at) {
            break (at, why);
        }
    };
    Some(Read {
        let_go: Vec::new(),
        is_too_heavy: builder.is_too_heavy(),
        document: builder.fail(failed.0, failed.1),
    })
}

/// What the values of the first document of `text` take.
#[cfg(test)]
pub(crate) fn weight_of_yaml(text: &str) -> usize {
    let mut builder = Builder::new(1, Items::Kept);
    for event in parser(text) {
        let (event, span) = event.expect("the tests weigh what can be read");
        let at = builder.mark(span.start);
        if event == Event::DocumentEnd {
            break;
        }
        builder
            .event(event, at)
            .expect("the tests weigh what can be built");
    }
    builder.built()
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
