//! Which lines of a snippet are commands.

use super::lexer::Lexer;
use super::program;
use refit_model::guide::{Command, Language, Line, Span};
use std::collections::BTreeSet;

/// Which lines of a snippet can begin a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    /// Each.
    Every,
    /// Those behind a prompt; the others are what was printed.
    BehindPrompt,
    /// Those that look like one.
    Likely,
    /// The words in a sentence, if they look like one.
    Words,
}

pub(super) fn commands(language: Language, lines: &[Line], tools: &BTreeSet<&str>) -> Vec<Command> {
    let has_prompts = || lines.iter().any(|line| prompt(&line.text).is_some());
    let begins = match language {
        Language::Shell if !has_prompts() => Begins::Every,
        Language::Session | Language::Unnamed | Language::PowerShell if !has_prompts() => {
            Begins::Likely
        }
        Language::Shell | Language::Session | Language::Unnamed | Language::PowerShell => {
            Begins::BehindPrompt
        }
        Language::Inline => Begins::Words,
        Language::Yaml => return Vec::new(),
    };
    let mut lexer = Lexer::new(language, lines, tools);
    let mut row = 0;
    while let Some(line) = lines.get(row) {
        let found = start(begins, &line.text, tools);
        row = match found {
            None => row.saturating_add(1),
            Some((column, prompt)) => {
                let prompt = prompt.map(|(from, to)| Span {
                    line: row,
                    from,
                    to,
                });
                lexer.chain(row, column, prompt)
            }
        };
    }
    lexer.finish()
}

/// Where in this line a command begins, and the prompt in front of it.
fn start(
    begins: Begins,
    text: &str,
    tools: &BTreeSet<&str>,
) -> Option<(usize, Option<(usize, usize)>)> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return None;
    }
    match begins {
        Begins::Every => Some((0, None)),
        Begins::BehindPrompt => prompt(text).map(|(from, to)| (to, Some((from, to)))),
        Begins::Likely => program::is_command(text, tools).then_some((0, None)),
        Begins::Words => program::is_inline_command(text, tools).then_some((0, None)),
    }
}

/// The characters of a prompt at the beginning of a line, with the blank behind.
fn prompt(text: &str) -> Option<(usize, usize)> {
    let indent = text.chars().take_while(|c| c.is_whitespace()).count();
    let rest = text.trim_start();
    let word = rest.split_whitespace().next()?;
    let is_prompt = match word.chars().last()? {
        '$' | '%' => word.len() == 1 || word.contains('@'),
        '#' => word.len() > 1 && word.contains('@'),
        '>' => word.starts_with("PS") && !word.contains('='),
        _ => false,
    };
    let length = if is_prompt {
        word.chars().count()
    } else {
        // `PS C:\Users\ada> ` has a blank in it.
        let path = rest.strip_prefix("PS ")?;
        let end = path.find("> ")?;
        let is_path = path.get(..end)?.contains(':') && !path.get(..end)?.contains(' ');
        is_path.then(|| end.saturating_add(4))?
    };
    let behind = rest.chars().nth(length)?;
    behind.is_whitespace().then(|| {
        let to = indent.saturating_add(length).saturating_add(1);
        (indent, to)
    })
}

/// Whether a line begins with an option, as no command does.
pub(super) fn begins_with_option(text: &str) -> bool {
    let text = text.trim_start();
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    match text.strip_prefix("--") {
        Some(long) => is_letter(long.chars().next()),
        None => text.strip_prefix('-').is_some_and(|short| {
            let mut chars = short.chars();
            is_letter(chars.next()) && chars.next().is_none_or(|c| c.is_whitespace() || c == '=')
        }),
    }
}
