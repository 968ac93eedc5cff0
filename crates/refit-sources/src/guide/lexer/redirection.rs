//! What stands behind `<` and `>`: where a command reads and writes, the texts that
//! are handed to it, and placeholders, which look like that.

use super::Lexer;
use refit_model::guide::{Ended, HereDocument, Shape, Span, Word};

/// Here-documents that do not end well whose ends are looked for in one snippet:
/// each takes a look at all of it, and a page that somebody wrote has fewer.
const MOST_ENDLESS: usize = 16;

/// The longest placeholder, in characters: people name things in them.
const LONGEST_PLACEHOLDER: usize = 80;

impl Lexer {
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
        let mut endless = self.endless;
        let rows = &self.rows;
        let commands = self.done.iter_mut().skip(first);
        for here in commands.flat_map(|command| &mut command.here) {
            if endless >= MOST_ENDLESS {
                continue;
            }
            let is_end = |row: &Vec<char>| {
                let text: String = row.iter().collect();
                let text = if here.strips_tabs {
                    text.trim_start_matches('\t')
                } else {
                    text.as_str()
                };
                text == here.end
            };
            let is_crooked = |row: &Vec<char>| {
                let text: String = row.iter().collect();
                text.trim() == here.end
            };
            let mut behind = rows.iter().enumerate().skip(row);
            if let Some((at, _)) = behind.clone().find(|(_, row)| is_end(row)) {
                here.ended = Ended::Well;
                row = at.saturating_add(1);
            } else if let Some((at, text)) = behind.find(|(_, row)| is_crooked(row)) {
                here.ended = Ended::Crooked(Span {
                    line: at,
                    from: 0,
                    to: text.len(),
                });
                row = at.saturating_add(1);
                endless = endless.saturating_add(1);
            } else {
                endless = endless.saturating_add(1);
            }
        }
        self.endless = endless;
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
