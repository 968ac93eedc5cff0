//! The keys of a snippet of YAML, each at its place.
//!
//! Pages show parts: what cannot be read ends the reading, and what stands
//! before it counts. Aliases are not followed, since a page that shows a part
//! seldom shows what they name.

use granit_parser::{Event, Marker, Parser, ScalarStyle};
use refit_model::guide::{FARTHEST, Line, Scalar, Setting, Span};

/// What the items of a list stand below: a list is no key, and a path goes
/// through it all the same.
const ITEMS: &str = "[]";

enum Frame {
    Map {
        parent: Option<usize>,
        key: Option<usize>,
    },
    List(Option<usize>),
}

/// The keys, and the places of those that are left out.
pub(super) fn settings(lines: &[Line]) -> (Vec<Setting>, Vec<Span>) {
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: crate::yaml::DEEPEST,
        block_nesting_limit: crate::yaml::DEEPEST,
    };
    let mut parser = Parser::new_from_str_with_options(&text, options);
    let mut found = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    while let Some(Ok((event, span))) = parser.next() {
        take(event, (span.start, span.end), &mut frames, &mut found);
    }
    near(found)
}

/// Leaves out the keys that reach too far behind in their lines, and those below
/// them.
fn near(found: Vec<Setting>) -> (Vec<Setting>, Vec<Span>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    // Where each is now; what one stands below comes before it.
    let mut places: Vec<Option<usize>> = Vec::new();
    for mut setting in found {
        let parent = setting.parent;
        setting.parent = parent.and_then(|at| places.get(at).copied().flatten());
        let is_near = setting.span.to <= FARTHEST && setting.parent.is_some() == parent.is_some();
        places.push(is_near.then_some(kept.len()));
        if is_near {
            kept.push(setting);
        } else {
            left_out.push(setting.span);
        }
    }
    (kept, left_out)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's enum is another project's; what is left carries no key"
)]
fn take(
    event: Event<'_>,
    (start, end): (Marker, Marker),
    frames: &mut Vec<Frame>,
    found: &mut Vec<Setting>,
) {
    match event {
        Event::MappingStart(..) => {
            let parent = below(frames);
            frames.push(Frame::Map { parent, key: None });
        }
        Event::SequenceStart(..) => {
            let parent = below(frames);
            found.push(Setting {
                key: ITEMS.to_owned(),
                span: span(start, end),
                parent,
                value: None,
            });
            frames.push(Frame::List(found.len().checked_sub(1)));
        }
        Event::MappingEnd | Event::SequenceEnd => {
            frames.pop();
            done(frames);
        }
        Event::Alias(_) | Event::UnresolvedAlias(_) => done(frames),
        Event::Scalar(text, style, _, _) => match frames.last_mut() {
            Some(Frame::Map {
                parent,
                key: key @ None,
            }) => {
                found.push(Setting {
                    key: text.into_owned(),
                    span: span(start, end),
                    parent: *parent,
                    value: None,
                });
                *key = found.len().checked_sub(1);
            }
            Some(Frame::Map { key, .. }) => {
                let setting = key.take().and_then(|at| found.get_mut(at));
                if let (Some(setting), true) = (setting, start.line() == end.line()) {
                    setting.value = Some(Scalar {
                        text: text.into_owned(),
                        span: span(start, end),
                        is_quoted: style != ScalarStyle::Plain,
                    });
                }
            }
            Some(Frame::List(_)) | None => {}
        },
        _ => {}
    }
}

/// What something that begins now stands below.
fn below(frames: &[Frame]) -> Option<usize> {
    match frames.last()? {
        Frame::Map { key, parent } => key.or(*parent),
        Frame::List(items) => *items,
    }
}

/// A value has ended: the next scalar of the mapping is a key again.
fn done(frames: &mut [Frame]) {
    if let Some(Frame::Map { key, .. }) = frames.last_mut() {
        *key = None;
    }
}

fn span(start: Marker, end: Marker) -> Span {
    Span {
        line: start.line().saturating_sub(1),
        from: start.col(),
        to: if end.line() == start.line() {
            end.col()
        } else {
            start.col()
        },
    }
}
