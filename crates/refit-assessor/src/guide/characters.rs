//! Characters: what word processors and web pages make of the ones that a shell
//! understands.

use super::pen::{edit, on_line};
use super::remarks::Remarks;
use super::{codes, lines, weighed};
use refit_model::guide::{Line, Shape, Snippet, Word};
use refit_model::lint::{Edit, Gravity, Remark};
use std::collections::BTreeSet;

/// Dashes that are no hyphen.
const DASHES: &[char] = &[
    '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2015}', '\u{2212}', '\u{fe58}', '\u{fe63}',
    '\u{ff0d}',
];

/// Dashes that look like a hyphen and stand inside of names.
const HYPHENS: &[char] = &['\u{2010}', '\u{2011}'];

/// Quotation marks of type, and what a shell has for them.
const QUOTES: &[(char, &str)] = &[
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‟', "\""),
    ('«', "\""),
    ('»', "\""),
    ('″', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('‛', "'"),
    ('′', "'"),
];

/// Characters that nobody sees, and what they are meant as.
const INVISIBLE: &[(char, &str)] = &[
    ('\u{a0}', " "),
    ('\u{2002}', " "),
    ('\u{2003}', " "),
    ('\u{2007}', " "),
    ('\u{2009}', " "),
    ('\u{202f}', " "),
    ('\u{3000}', " "),
    ('\u{ad}', ""),
    ('\u{200b}', ""),
    ('\u{200c}', ""),
    ('\u{200d}', ""),
    ('\u{2060}', ""),
    ('\u{feff}', ""),
];

/// What HTML writes for characters that mean something to it.
const ENTITIES: &[(&str, &str)] = &[
    ("&amp;", "&"),
    ("&apos;", "'"),
    ("&gt;", ">"),
    ("&lt;", "<"),
    ("&nbsp;", " "),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
];

pub(super) fn remarks(snippet: &Snippet, into: &mut Remarks) {
    let mut rows = BTreeSet::new();
    for command in &snippet.commands {
        let arguments = command.words.iter().enumerate();
        for (at, word) in arguments {
            if into.is_full() {
                return;
            }
            // Most words are of ASCII, and to look at one again costs its line.
            if word.text.is_ascii() {
                continue;
            }
            if at != command.program {
                into.extend(dash(snippet, word));
            }
            into.extend(quotes(snippet, word));
        }
        if let Some((first, last)) = lines::rows(command) {
            rows.extend(first..=last);
        }
    }
    let lines = snippet.lines.iter().enumerate();
    for (_, line) in lines.filter(|(row, _)| rows.contains(row)) {
        if into.is_full() {
            return;
        }
        into.extend(invisible(snippet, line));
        into.extend(entities(snippet, line));
        into.extend(misread(line, weighed(Gravity::Defect, snippet.language)));
    }
}

fn dash(snippet: &Snippet, word: &Word) -> Option<Remark> {
    let line = snippet.line(word.span)?;
    let raw = snippet.text(word.span);
    let lead: String = raw
        .chars()
        .take_while(|c| *c == '-' || DASHES.contains(c))
        .collect();
    let length = lead.chars().count();
    let rest: String = raw.chars().skip(length).collect();
    let is_option =
        lead.contains(DASHES) && length <= 3 && rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let from = word.span.from;
    let how = (&codes::DASH, weighed(Gravity::Defect, snippet.language));
    if is_option {
        // Typography makes one long dash of two hyphens.
        let name = rest.split('=').next().unwrap_or_default();
        let hyphens = if name.len() > 1 { "--" } else { "-" };
        let span = (from, from.saturating_add(length));
        let mut remark = on_line(
            how,
            line,
            (from, word.span.to),
            format!("{raw} begins with a dash, not with {hyphens}"),
            format!(
                "it is an argument then and no option: the command is refused, or works on something called {raw}"
            ),
        );
        remark.edits = vec![edit(line, span, hyphens)];
        return Some(remark);
    }
    if !raw.contains(HYPHENS) || word.shape == Shape::Quoted {
        return None;
    }
    let mut remark = on_line(
        how,
        line,
        (from, word.span.to),
        format!("the hyphen in {raw} is not the one of the keyboard"),
        "the name is another one for the program, which does not find it",
    );
    remark.edits = each(line, (from, word.span.to), |c| {
        HYPHENS.contains(&c).then_some("-")
    });
    Some(remark)
}

/// Marks of type that stand inside of plain ones are text.
fn quotes(snippet: &Snippet, word: &Word) -> Option<Remark> {
    let raw = snippet.text(word.span);
    let is_text = matches!(word.shape, Shape::Quoted) || raw.contains(['"', '\'']);
    let mark = |c: char| QUOTES.iter().find(|(mark, _)| *mark == c);
    if is_text || !raw.chars().any(|c| mark(c).is_some()) {
        return None;
    }
    let line = snippet.line(word.span)?;
    let at = raw.chars().position(|c| mark(c).is_some())?;
    let from = word.span.from.saturating_add(at);
    let mut remark = on_line(
        (&codes::QUOTES, weighed(Gravity::Defect, snippet.language)),
        line,
        (from, from.saturating_add(1)),
        "this quotation mark is one of type",
        "it quotes nothing: it is handed over as a part of the argument, which ends at the next blank",
    );
    remark.edits = each(line, (word.span.from, word.span.to), |c| {
        mark(c).map(|(_, plain)| *plain)
    });
    Some(remark)
}

fn invisible(snippet: &Snippet, line: &Line) -> Option<Remark> {
    let meant = |c: char| INVISIBLE.iter().find(|(mark, _)| *mark == c);
    let at = line.text.chars().position(|c| meant(c).is_some())?;
    let code = line.text.chars().nth(at).map_or(0, u32::from);
    let mut remark = on_line(
        (
            &codes::INVISIBLE,
            weighed(Gravity::Defect, snippet.language),
        ),
        line,
        (at, at.saturating_add(1)),
        format!("a character stands here that nobody sees: U+{code:04X}"),
        "it separates no words, and is a part of the name or the argument that it stands in",
    );
    remark.edits = each(line, (0, line.length()), |c| {
        meant(c).map(|(_, meant)| *meant)
    });
    Some(remark)
}

fn entities(snippet: &Snippet, line: &Line) -> Option<Remark> {
    let places = line.text.char_indices().enumerate();
    let edits: Vec<Edit> = places
        .filter(|(_, (_, c))| *c == '&')
        .filter_map(|(at, (byte, _))| {
            let rest = line.text.get(byte..)?;
            let mut known = ENTITIES.iter();
            let (entity, meant) = known.find(|(entity, _)| rest.starts_with(entity))?;
            Some(edit(line, (at, at.saturating_add(entity.len())), *meant))
        })
        .collect();
    let first = edits.first()?;
    let from = first.column.saturating_sub(line.column(0));
    let from = usize::try_from(from).unwrap_or(0);
    let size = usize::try_from(first.length).unwrap_or(0);
    let mut remark = on_line(
        (&codes::ENTITY, weighed(Gravity::Defect, snippet.language)),
        line,
        (from, from.saturating_add(size)),
        "a character is written as HTML writes it",
        "the shell takes & and ; for the ends of commands",
    );
    remark.edits = edits;
    Some(remark)
}

/// Text that was written as UTF-8 and read as Windows-1252: `â€“` was a dash.
pub(super) fn misread(line: &Line, gravity: Gravity) -> Option<Remark> {
    let chars: Vec<char> = line.text.chars().collect();
    let mut edits = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = chars.get(at..).unwrap_or_default();
        match reread(rest) {
            Some((length, meant)) => {
                let to = at.saturating_add(length);
                edits.push(edit(line, (at, to), meant.to_string()));
                at = to;
            }
            None => at = at.saturating_add(1),
        }
    }
    let first = edits.first()?.clone();
    let from = usize::try_from(first.column.saturating_sub(line.column(0))).unwrap_or(0);
    let length = usize::try_from(first.length).unwrap_or(0);
    let to = from.saturating_add(length);
    let shown: String = chars.iter().skip(from).take(length).collect();
    let mut remark = on_line(
        (&codes::MISREAD, gravity),
        line,
        (from, to),
        format!("{shown} is {} read in the wrong character set", first.with),
        "every character of the page beyond ASCII is another one than its author wrote; in a command it is refused",
    );
    remark.edits = edits;
    Some(remark)
}

/// The character beyond Latin-1 or the letter with a mark that these were, and
/// how many they are.
fn reread(chars: &[char]) -> Option<(usize, char)> {
    let lead = byte(*chars.first()?)?;
    let length = match lead {
        0xc3 => 2,
        0xe2 => 3,
        _ => return None,
    };
    let bytes: Option<Vec<u8>> = chars.get(..length)?.iter().map(|c| byte(*c)).collect();
    let text = String::from_utf8(bytes?).ok()?;
    Some((length, text.chars().next()?))
}

/// The byte that Windows-1252 shows as this character, beyond ASCII.
fn byte(c: char) -> Option<u8> {
    const HIGH: &[(char, u8)] = &[
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8a),
        ('‹', 0x8b),
        ('Œ', 0x8c),
        ('Ž', 0x8e),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9a),
        ('›', 0x9b),
        ('œ', 0x9c),
        ('ž', 0x9e),
        ('Ÿ', 0x9f),
    ];
    let high = HIGH.iter().find(|(shown, _)| *shown == c);
    high.map(|(_, byte)| *byte).or_else(|| {
        let byte = u8::try_from(u32::from(c)).ok()?;
        (byte >= 0x80).then_some(byte)
    })
}

/// A change for each character that `meant` has another one for.
fn each(
    line: &Line,
    (from, to): (usize, usize),
    meant: impl Fn(char) -> Option<&'static str>,
) -> Vec<Edit> {
    let chars = line.text.chars().enumerate().skip(from);
    chars
        .take(to.saturating_sub(from))
        .filter_map(|(at, c)| Some(edit(line, (at, at.saturating_add(1)), meant(c)?)))
        .collect()
}
