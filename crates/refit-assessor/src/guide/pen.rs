//! How remarks are written.

use refit_model::code::CodePage;
use refit_model::guide::{Line, Snippet, Span};
use refit_model::lint::{Edit, Excerpt, Gravity, Remark};

/// The most characters of a page that a remark carries in its excerpt, and in a
/// text: lines have no end, and the remarks on one would each carry all of it.
const MOST_SHOWN: usize = 512;

/// A remark on the characters `from` up to `to` of a line.
pub(super) fn on_line(
    (page, gravity): (&CodePage, Gravity),
    line: &Line,
    (from, to): (usize, usize),
    what: impl Into<String>,
    pasted: impl Into<String>,
) -> Remark {
    Remark {
        code: page.code,
        gravity,
        line: line.number,
        column: line.column(from),
        length: count(to.saturating_sub(from)),
        what: cut(&what.into()),
        pasted: cut(&pasted.into()),
        advice: None,
        excerpt: excerpt(line, from),
        edits: Vec::new(),
    }
}

/// A remark on a place of a snippet; none where the place is not in it.
pub(super) fn on_span(
    how: (&CodePage, Gravity),
    snippet: &Snippet,
    span: Span,
    what: impl Into<String>,
    pasted: impl Into<String>,
) -> Option<Remark> {
    let line = snippet.line(span)?;
    Some(on_line(how, line, (span.from, span.to), what, pasted))
}

/// The change that puts `with` in the place of the characters `from` up to `to`.
pub(super) fn edit(line: &Line, (from, to): (usize, usize), with: impl Into<String>) -> Edit {
    Edit {
        line: line.number,
        column: line.column(from),
        length: count(to.saturating_sub(from)),
        with: with.into(),
    }
}

/// The same in a snippet.
pub(super) fn replaced(snippet: &Snippet, span: Span, with: impl Into<String>) -> Vec<Edit> {
    let line = snippet.line(span);
    line.map(|line| edit(line, (span.from, span.to), with))
        .into_iter()
        .collect()
}

/// The line, or what of a long one is around the character `at`.
fn excerpt(line: &Line, at: usize) -> Excerpt {
    let is_long = line.text.len() > MOST_SHOWN;
    let from = if is_long {
        at.saturating_sub(MOST_SHOWN / 4)
    } else {
        0
    };
    Excerpt {
        column: line.column(from),
        text: line.text.chars().skip(from).take(MOST_SHOWN).collect(),
    }
}

/// A text, or its beginning where it is long: words of a page have no end either.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
