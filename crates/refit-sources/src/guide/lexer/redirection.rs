//! What stands behind `<` and `>`: where a command reads and writes, the texts that
//! are handed to it, and placeholders, which look like that.

use super::Lexer;
use refit_model::guide::{Ended, HereDocument, Shape, Span, Word};
use std::collections::BTreeMap;

/// The longest placeholder, in characters: people name things in them.
const LONGEST_PLACEHOLDER: usize = 80;

/// The rows of a snippet that have one word, by that word: a here-document ends at
/// one, and to look through the snippet for each would cost its length every time.
pub(super) type Ends = BTreeMap<String, Rows>;

/// Rows, from the first to the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// With nothing beside the word.
    bare: Vec<usize>,
    /// With at most tabs before it.
    behind_tabs: Vec<usize>,
    /// With any blanks beside it.
    any: Vec<usize>,
}

impl Lexer<'_> {
    pub(super) fn less(&mut self) {
        if let Some(length) = self.placeholder() {
            for _ in 0..length {
                if let Some(c) = self.peek(0) {
                    self.push(c, Shape::Placeholder);
                }
            }
            return;
        }
        match (self.peek(1), self.peek(2)) {
            (Some('<'), Some('<')) => {
                self.redirected(3);
            }
            (Some('<'), _) => self.here_document(),
            (Some('('), _) => self.substitution(&['<', '(']),
            _ => self.redirection(),
        }
    }

    /// How long the placeholder is that begins here.
    fn placeholder(&self) -> Option<usize> {
        let row = self.rows.get(self.row)?;
        let rest = row.get(self.col..)?;
        let is_name = rest.get(1).is_some_and(|c| c.is_alphabetic());
        let inside = rest.iter().skip(1).take(LONGEST_PLACEHOLDER);
        let length = inside
            .take_while(|c| !matches!(c, '<' | '>' | '&' | ';' | '$' | '"'))
            .count();
        let last = rest.get(length)?;
        let closes = rest.get(length.saturating_add(1)) == Some(&'>');
        (is_name && closes && !last.is_whitespace()).then(|| length.saturating_add(2))
    }

    fn here_document(&mut self) {
        self.end_word();
        let start = self.col;
        self.advance(2);
        let strips_tabs = self.peek(0) == Some('-');
        self.advance(usize::from(strips_tabs));
        while self.peek(0).is_some_and(|c| c == ' ' || c == '\t') {
            self.advance(1);
        }
        let mut end = String::new();
        while let Some(c) = self.peek(0) {
            if c.is_whitespace() || matches!(c, '|' | '>' | '<' | ';' | '&' | ')') {
                break;
            }
            if !matches!(c, '\'' | '"' | '\\') {
                end.push(c);
            }
            self.advance(1);
        }
        if end.is_empty() {
            return;
        }
        self.is_open_ended = false;
        self.here.push(HereDocument {
            opens: Span {
                line: self.row,
                from: start,
                to: self.col,
            },
            end,
            strips_tabs,
            // Until it is looked for: see `here_documents`.
            ended: Ended::Nowhere,
        });
    }

    /// Looks for the ends of the here-documents of the commands from `first` on,
    /// and goes behind them.
    pub(super) fn here_documents(&mut self, first: usize) {
        let mut row = self.row.saturating_add(1);
        let rows = &self.rows;
        let commands = self.done.iter_mut().skip(first);
        for here in commands.flat_map(|command| &mut command.here) {
            let ends = self.ends.get_or_insert_with(|| ends(rows));
            let Some(found) = ends.get(&here.end) else {
                continue;
            };
            let next = |all: &[usize]| all.get(all.partition_point(|at| *at < row)).copied();
            let well = if here.strips_tabs {
                next(&found.behind_tabs)
            } else {
                next(&found.bare)
            };
            let at = if let Some(at) = well {
                here.ended = Ended::Well;
                at
            } else if let Some(at) = next(&found.any) {
                here.ended = Ended::Crooked(Span {
                    line: at,
                    from: 0,
                    to: rows.get(at).map_or(0, Vec::len),
                });
                at
            } else {
                continue;
            };
            row = at.saturating_add(1);
        }
        self.row = row.saturating_sub(1).max(self.row);
    }

    /// `>`, `2>`, `>>`, `&>`, `>&1`: the operator as a word of its own.
    pub(super) fn redirection(&mut self) {
        let mut length = 1;
        while matches!(self.peek(length), Some('>' | '&' | '|'))
            && !(self.peek(length) == Some('|') && self.peek(length.saturating_sub(1)) != Some('>'))
        {
            length = length.saturating_add(1);
        }
        self.redirected(length);
    }

    fn redirected(&mut self, length: usize) {
        let number = self
            .open
            .take_if(|word| word.text.chars().all(|c| c.is_ascii_digit()));
        self.end_word();
        let mut span = self.span(length);
        let mut text = String::new();
        if let Some(number) = number {
            span.from = number.span.from;
            text.push_str(&number.text);
        }
        for ahead in 0..length {
            text.extend(self.peek(ahead));
        }
        self.advance(length);
        // A number or a dash behind `&` belongs to the operator.
        if text.ends_with('&') {
            while let Some(c) = self.peek(0).filter(|c| c.is_ascii_digit() || *c == '-') {
                text.push(c);
                span.to = span.to.saturating_add(1);
                self.advance(1);
            }
        }
        self.is_target = text.ends_with(['>', '<', '&', '|']);
        self.is_open_ended = false;
        self.words.push(Word {
            text,
            span,
            shape: Shape::Redirection,
        });
    }
}

fn ends(rows: &[Vec<char>]) -> Ends {
    let mut ends = Ends::new();
    for (at, row) in rows.iter().enumerate() {
        let text: String = row.iter().collect();
        let word = text.trim();
        if word.is_empty() || word.contains(char::is_whitespace) {
            continue;
        }
        let found = ends.entry(word.to_owned()).or_default();
        found.any.push(at);
        if text.trim_start_matches('\t') == word {
            found.behind_tabs.push(at);
        }
        if text == word {
            found.bare.push(at);
        }
    }
    ends
}
