//! How remarks are written.

use refit_model::code::CodePage;
use refit_model::guide::{Line, Snippet, Span};
use refit_model::lint::{Edit, Excerpt, Gravity, Remark};

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
        what: what.into(),
        pasted: pasted.into(),
        advice: None,
        excerpt: Excerpt {
            column: line.column(0),
            text: line.text.clone(),
        },
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

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
