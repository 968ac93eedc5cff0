//! Words of shell commands, with their places.
//!
//! It follows the token rules of POSIX (Shell Command Language, 2.3) as far as a
//! page needs: quotation marks, marks that join lines, substitutions as wholes,
//! redirections, here-documents, operators. Nothing is expanded. Whatever does
//! not end in its snippet is taken for a plain character, so that reading always
//! ends, and a search that found no end is not made again.

mod redirection;

use self::redirection::Ends;
use super::program;
use super::shell::begins_with_option;
use refit_model::guide::{Break, Command, HereDocument, Language, Line, Shape, Span, Word};
use std::collections::BTreeSet;

/// The characters that join lines in PowerShell, and take a meaning away there.
const GRAVE: char = '`';

pub(super) struct Lexer<'l> {
    language: Language,
    /// The programs that are judged.
    tools: &'l BTreeSet<&'l str>,
    rows: Vec<Vec<char>>,
    row: usize,
    col: usize,
    done: Vec<Command>,
    words: Vec<Word>,
    open: Option<Word>,
    breaks: Vec<Break>,
    here: Vec<HereDocument>,
    unclosed: Option<Span>,
    prompt: Option<Span>,
    /// The word that comes is where a redirection leads to.
    is_target: bool,
    /// An operator stands at the end of what was read.
    is_open_ended: bool,
    /// Parentheses that a word has opened: those that close them are parts of it.
    depth: usize,
    /// A search that found no end in this snippet.
    no_substitution: bool,
    /// Where here-documents may end, once one was seen.
    ends: Option<Ends>,
}

impl<'l> Lexer<'l> {
    pub(super) fn new(language: Language, lines: &[Line], tools: &'l BTreeSet<&'l str>) -> Self {
        Self {
            language,
            tools,
            rows: lines
                .iter()
                .map(|line| line.text.chars().collect())
                .collect(),
            row: 0,
            col: 0,
            done: Vec::new(),
            words: Vec::new(),
            open: None,
            breaks: Vec::new(),
            here: Vec::new(),
            unclosed: None,
            prompt: None,
            is_target: false,
            is_open_ended: false,
            depth: 0,
            no_substitution: false,
            ends: None,
        }
    }

    pub(super) fn finish(self) -> Vec<Command> {
        self.done
    }

    /// Reads the commands that begin here and belong together, and returns the
    /// row behind them.
    pub(super) fn chain(&mut self, row: usize, col: usize, prompt: Option<Span>) -> usize {
        (self.row, self.col, self.prompt) = (row, col, prompt);
        self.is_open_ended = false;
        let first = self.done.len();
        loop {
            match self.peek(0) {
                Some(c) => self.character(c),
                None if self.end_of_row() => {}
                None => break,
            }
        }
        self.end_command();
        self.here_documents(first);
        self.row.saturating_add(1)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        let row = self.rows.get(self.row)?;
        row.get(self.col.saturating_add(ahead)).copied()
    }

    fn advance(&mut self, by: usize) {
        self.col = self.col.saturating_add(by);
    }

    /// The next `length` characters.
    fn span(&self, length: usize) -> Span {
        Span {
            line: self.row,
            from: self.col,
            to: self.col.saturating_add(length),
        }
    }

    fn character(&mut self, c: char) {
        let powershell = self.language == Language::PowerShell;
        match c {
            ' ' | '\t' => {
                self.end_word();
                self.advance(1);
            }
            '\\' | GRAVE if self.joins_lines(c) => {}
            '\\' if !powershell => self.escaped(),
            GRAVE if powershell => self.escaped(),
            GRAVE => self.substitution(&[GRAVE]),
            '\'' | '"' => self.quoted(c),
            '$' if self.peek(1) == Some('(') => self.substitution(&['$', '(']),
            '$' if self.peek(1) == Some('{') => self.substitution(&['$', '{']),
            '$' => self.push('$', Shape::Expanded),
            '#' if self.open.is_none() => self.col = self.rows.get(self.row).map_or(0, Vec::len),
            '<' => self.less(),
            '>' => self.redirection(),
            '&' if self.peek(1) == Some('>') => self.redirection(),
            '|' | '&' | ';' => self.operator(c),
            '(' | ')' => self.parenthesis(c),
            '{' | '}' if powershell && self.stands_alone() => self.separator(1),
            _ => self.push(c, Shape::Plain),
        }
    }

    fn push(&mut self, c: char, shape: Shape) {
        let span = self.span(1);
        let word = self.open.get_or_insert_with(|| Word {
            text: String::new(),
            span,
            shape: Shape::Plain,
        });
        word.text.push(c);
        if word.span.line == span.line {
            word.span.to = span.to;
        }
        if shape != Shape::Plain {
            word.shape = shape;
        }
        self.advance(1);
    }

    fn end_word(&mut self) {
        if let Some(mut word) = self.open.take() {
            self.is_open_ended = false;
            if std::mem::take(&mut self.is_target) {
                word.shape = Shape::Target;
            }
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_target = false;
        self.depth = 0;
        let texts: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let program = program::index(&texts, self.tools);
        let breaks = std::mem::take(&mut self.breaks);
        let unclosed = self.unclosed.take();
        if self.words.is_empty() {
            if let Some(last) = self.done.last_mut() {
                last.breaks.extend(breaks);
            }
            return;
        }
        self.done.push(Command {
            words: std::mem::take(&mut self.words),
            program,
            prompt: self.prompt.take(),
            breaks,
            here: std::mem::take(&mut self.here),
            unclosed,
        });
    }

    /// Goes on with the next line where the command does; false at its end.
    fn end_of_row(&mut self) -> bool {
        self.end_word();
        if self.is_open_ended {
            let next = self.next_text(self.row.saturating_add(1));
            return next.is_some_and(|next| self.go_to(next));
        }
        let next = self.row.saturating_add(1);
        let is_whole = self.words.is_empty() || !self.here.is_empty();
        if !is_whole && self.is_option(next) {
            let row = self.rows.get(self.row).map_or(&[][..], Vec::as_slice);
            let blanks = row.iter().rev().take_while(|c| c.is_whitespace()).count();
            let end = row.len().saturating_sub(blanks);
            self.breaks.push(Break::Missing(Span {
                line: self.row,
                from: end,
                to: end,
            }));
            return self.go_to(next);
        }
        false
    }

    fn is_option(&self, row: usize) -> bool {
        let row = self.rows.get(row);
        row.is_some_and(|row| begins_with_option(&row.iter().collect::<String>()))
    }

    /// The first row from `row` on that is neither empty nor a comment.
    fn next_text(&self, row: usize) -> Option<usize> {
        let rows = self.rows.iter().enumerate().skip(row);
        let mut texts = rows.filter(|(_, row)| {
            let first = row.iter().find(|c| !c.is_whitespace());
            first.is_some_and(|c| *c != '#')
        });
        texts.next().map(|(at, _)| at)
    }

    fn go_to(&mut self, row: usize) -> bool {
        self.row = row;
        self.col = 0;
        // The prompt of a line that goes on.
        if self.prompt_of_continuation() {
            self.advance(2);
        }
        row < self.rows.len()
    }

    fn prompt_of_continuation(&self) -> bool {
        self.language == Language::Session && self.peek(0) == Some('>') && self.peek(1) == Some(' ')
    }

    /// Whether `mark` stands at the end of its line, alone or before blanks, so
    /// that the next line is meant to go on; if so, goes there.
    fn joins_lines(&mut self, mark: char) -> bool {
        let row = self.rows.get(self.row).map_or(&[][..], Vec::as_slice);
        let behind = row.get(self.col.saturating_add(1)..).unwrap_or_default();
        let is_powershell = self.language == Language::PowerShell;
        let is_end = behind.iter().all(|c| c.is_whitespace());
        if !is_end || (mark == GRAVE && !is_powershell) {
            return false;
        }
        let span = self.span(behind.len().saturating_add(1));
        let goes_on = self.rows.len() > self.row.saturating_add(1);
        if !goes_on {
            // At the end of the snippet it joins nothing.
        } else if mark == '\\' && is_powershell {
            self.breaks.push(Break::OtherShell(span));
        } else if !behind.is_empty() {
            self.breaks.push(Break::BlankBehind(span));
        }
        self.join();
        true
    }

    /// Goes to the line that a mark joins to this one.
    fn join(&mut self) {
        let next = self.row.saturating_add(1);
        let text = self.next_text(next);
        match text {
            Some(text) if text == next => {
                self.go_to(next);
            }
            // Something stands between, which ends the command.
            Some(text) if self.is_option(text) => {
                self.end_word();
                let length = self.rows.get(next).map_or(0, Vec::len);
                self.breaks.push(Break::Between(Span {
                    line: next,
                    from: 0,
                    to: length,
                }));
                self.go_to(text);
            }
            Some(_) | None => {
                self.end_word();
                self.col = self.rows.get(self.row).map_or(0, Vec::len);
            }
        }
    }

    fn escaped(&mut self) {
        self.advance(1);
        if let Some(c) = self.peek(0) {
            self.push(c, Shape::Quoted);
        }
    }

    /// Where `end` stands next, from the next character on. A character that
    /// `escape` stands before does not count. Outside of scripts an empty line
    /// ends the search: what looks like a quotation mark is often an apostrophe.
    fn find(&self, end: char, escape: Option<char>) -> Option<(usize, usize)> {
        let mut from = self.col.saturating_add(1);
        for (at, row) in self.rows.iter().enumerate().skip(self.row) {
            let is_script = self.language == Language::Shell;
            if !is_script && at > self.row && row.iter().all(|c| c.is_whitespace()) {
                return None;
            }
            let mut is_escaped = false;
            for (col, c) in row.iter().enumerate().skip(from) {
                if is_escaped {
                    is_escaped = false;
                } else if Some(*c) == escape {
                    is_escaped = true;
                } else if *c == end {
                    return Some((at, col));
                }
            }
            from = 0;
        }
        None
    }

    fn quoted(&mut self, mark: char) {
        let escape = match (mark, self.language) {
            ('\'', _) => None,
            (_, Language::PowerShell) => Some(GRAVE),
            _ => Some('\\'),
        };
        let Some((row, col)) = self.find(mark, escape) else {
            let span = self.span(1);
            self.unclosed.get_or_insert(span);
            self.push(mark, Shape::Plain);
            return;
        };
        let is_expanded = mark == '"';
        self.mark(Shape::Quoted);
        while (self.row, self.col) < (row, col) {
            match self.peek(0) {
                None => {
                    self.text('\n');
                    self.row = self.row.saturating_add(1);
                    self.col = 0;
                }
                Some(c) if Some(c) == escape => {
                    self.advance(1);
                    if let Some(c) = self.peek(0) {
                        self.text(c);
                        self.advance(1);
                    }
                }
                Some(c) => {
                    if is_expanded && c == '$' {
                        self.shape(Shape::Expanded);
                    }
                    self.text(c);
                    self.advance(1);
                }
            }
        }
        self.mark(Shape::Quoted);
    }

    /// Takes a mark that is no part of the text of the word.
    fn mark(&mut self, shape: Shape) {
        self.push(' ', Shape::Plain);
        if let Some(word) = &mut self.open {
            word.text.pop();
        }
        self.shape(shape);
    }

    fn shape(&mut self, shape: Shape) {
        if let Some(word) = &mut self.open
            && word.shape != Shape::Expanded
        {
            word.shape = shape;
        }
    }

    /// Adds to the text of the word, whose place stays as it is.
    fn text(&mut self, c: char) {
        let (row, col) = (self.row, self.col);
        if let Some(word) = &mut self.open {
            word.text.push(c);
            if word.span.line == row && c != '\n' {
                word.span.to = col.saturating_add(1).max(word.span.to);
            }
        }
    }

    /// Takes `$(...)`, `${...}` or the old form of it as one word.
    fn substitution(&mut self, opening: &[char]) {
        let (open, close) = match opening.last() {
            Some('(') => ('(', ')'),
            Some('{') => ('{', '}'),
            Some(_) | None => (GRAVE, GRAVE),
        };
        let end = if self.no_substitution {
            None
        } else {
            self.matching(opening.len(), open, close)
        };
        let Some(end) = end else {
            self.no_substitution = true;
            let c = opening.first().copied().unwrap_or('$');
            self.push(c, Shape::Plain);
            return;
        };
        while (self.row, self.col) <= end {
            if let Some(c) = self.peek(0) {
                self.push(c, Shape::Expanded);
            } else {
                self.text('\n');
                self.row = self.row.saturating_add(1);
                self.col = 0;
            }
        }
    }

    /// The place that closes what opens here.
    fn matching(&self, skip: usize, open: char, close: char) -> Option<(usize, usize)> {
        let mut depth: usize = 1;
        let mut quote: Option<char> = None;
        let mut from = self.col.saturating_add(skip);
        for (at, row) in self.rows.iter().enumerate().skip(self.row) {
            for (col, c) in row.iter().enumerate().skip(from) {
                match quote {
                    Some(mark) if mark == *c => quote = None,
                    Some(_) => {}
                    None if *c == close => depth = depth.saturating_sub(1),
                    None if *c == open => depth = depth.saturating_add(1),
                    None if matches!(c, '\'' | '"') => quote = Some(*c),
                    None => {}
                }
                if depth == 0 {
                    return Some((at, col));
                }
            }
            from = 0;
        }
        None
    }

    /// `(list)`, `name()` and `case x in pattern)` go around commands; what a word
    /// opens is a part of it, as in `name=(a b)`.
    fn parenthesis(&mut self, c: char) {
        let is_in_word = self.open.is_some();
        match c {
            '(' if is_in_word && self.peek(1) == Some(')') => self.separator(2),
            '(' if is_in_word => {
                self.depth = self.depth.saturating_add(1);
                self.push(c, Shape::Plain);
            }
            ')' if self.depth > 0 => {
                self.depth = self.depth.saturating_sub(1);
                self.push(c, Shape::Plain);
            }
            _ => self.separator(1),
        }
    }

    /// Whether the next character is a word of its own: `{name}` is for a reader to
    /// fill in.
    fn stands_alone(&self) -> bool {
        self.open.is_none() && self.peek(1).is_none_or(char::is_whitespace)
    }

    /// What stands between commands, and joins no lines.
    fn separator(&mut self, length: usize) {
        self.end_command();
        self.is_open_ended = false;
        self.advance(length);
    }

    fn operator(&mut self, c: char) {
        self.end_command();
        self.is_open_ended = c != ';' && (c == '|' || self.peek(1) == Some('&'));
        let is_double = matches!(self.peek(1), Some('|' | '&' | ';'));
        self.advance(if is_double { 2 } else { 1 });
    }
}
