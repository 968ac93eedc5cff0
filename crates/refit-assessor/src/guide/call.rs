//! A call of a tool, as one line of that tool would understand it.

use refit_knowledge::tools::{CommandKind, OptionValue, ToolLine, ToolOption};
use refit_model::guide::{Shape, Word};

/// What a line of a tool makes of the words behind its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Call<'w> {
    /// The command, such as `repo add`; empty where there is none.
    pub(super) command: String,
    /// The words that are arguments of it.
    pub(super) arguments: Vec<&'w Word>,
    /// The options, by the name that is written, with their values.
    pub(super) options: Vec<(&'w Word, String, Option<&'w Word>)>,
    /// A word that should be a command and is none.
    pub(super) unknown: Option<&'w Word>,
    /// Options that the command does not have, by the name that is written.
    pub(super) strange: Vec<(&'w Word, String)>,
    /// Whether every word was understood: if not, an argument may be the value of
    /// an option.
    pub(super) is_sure: bool,
}

/// Reads the words behind the name of a tool as `line` does; `None` where it is of
/// a part that was not looked at.
pub(super) fn read<'w>(line: &ToolLine, words: &[&'w Word]) -> Option<Call<'w>> {
    let mut call = Call {
        is_sure: true,
        ..Call::default()
    };
    let mut is_settled = false;
    let mut at = 0;
    while let Some(word) = words.get(at).copied() {
        at = at.saturating_add(1);
        let kind = line.command(&call.command).map(|command| command.kind);
        if word.text == "--" {
            call.arguments.extend(words.iter().skip(at).copied());
            break;
        }
        if word.text.len() > 1 && word.text.starts_with('-') && !is_open(word) {
            let taken = option(line, &mut call, word, words.get(at).copied());
            at = at.saturating_add(taken);
        } else if is_settled {
            call.arguments.push(word);
        } else if is_open(word) || word.text == "help" {
            // What a reader or a shell puts there is not known.
            if kind == Some(CommandKind::Group) {
                call.is_sure = false;
                return Some(call);
            }
            is_settled = true;
            call.arguments.push(word);
        } else if let Some(command) = line.below(&call.command, &word.text) {
            let is_elsewhere = line
                .below
                .as_ref()
                .is_some_and(|below| call.command.is_empty() && *below != command);
            if is_elsewhere {
                return None;
            }
            call.command = command;
        } else if kind == Some(CommandKind::Group) {
            if call.command.is_empty() && line.below.is_some() {
                return None;
            }
            call.unknown = Some(word);
            return Some(call);
        } else {
            is_settled = true;
            call.arguments.push(word);
            if kind == Some(CommandKind::HandsOn) {
                call.arguments.extend(words.iter().skip(at).copied());
                break;
            }
        }
    }
    Some(call)
}

/// Takes an option, and says how many words behind it are its value.
fn option<'w>(
    line: &ToolLine,
    call: &mut Call<'w>,
    word: &'w Word,
    next: Option<&'w Word>,
) -> usize {
    let Some(options) = line.options(&call.command) else {
        call.is_sure = false;
        call.options.push((word, word.text.clone(), None));
        return 0;
    };
    let (name, value) = match word.text.split_once('=') {
        Some((name, _)) => (name, true),
        None => (word.text.as_str(), false),
    };
    match found(&options, name) {
        Found::Whole(OptionValue::Follows) if !value => {
            call.options.push((word, name.to_owned(), next));
            1
        }
        Found::Whole(_) => {
            call.options.push((word, name.to_owned(), None));
            0
        }
        Found::Bundle(OptionValue::Follows) => {
            call.options.push((word, name.to_owned(), next));
            1
        }
        Found::Bundle(OptionValue::Attached) => {
            call.options.push((word, name.to_owned(), None));
            0
        }
        Found::Not(strange) => {
            call.is_sure = false;
            call.strange.push((word, strange));
            0
        }
    }
}

/// What a written option is.
enum Found {
    /// An option by its whole name.
    Whole(OptionValue),
    /// Several letters behind one dash, or a letter with its value behind it;
    /// whether the next word is the value of the last one.
    Bundle(OptionValue),
    /// None; by the name that could not be found.
    Not(String),
}

fn found(options: &[&ToolOption], name: &str) -> Found {
    let whole = |name: &str| {
        let mut all = options.iter();
        all.find(|option| option.names.iter().any(|own| own == name))
            .map(|option| option.value)
    };
    if let Some(value) = whole(name) {
        return Found::Whole(value);
    }
    if name.starts_with("--") {
        return Found::Not(name.to_owned());
    }
    let letters: Vec<char> = name.chars().skip(1).collect();
    for (at, letter) in letters.iter().enumerate() {
        let is_last = at.saturating_add(1) == letters.len();
        match whole(&format!("-{letter}")) {
            // What stands behind the letter is its value.
            Some(OptionValue::Follows) if !is_last => {
                return Found::Bundle(OptionValue::Attached);
            }
            Some(OptionValue::Follows) => return Found::Bundle(OptionValue::Follows),
            Some(OptionValue::Attached) => {}
            None if at == 0 => return Found::Not(name.to_owned()),
            None => return Found::Not(format!("-{letter}")),
        }
    }
    Found::Bundle(OptionValue::Attached)
}

/// Whether a word stands for something that only a reader or a shell knows.
pub(super) fn is_open(word: &Word) -> bool {
    matches!(word.shape, Shape::Placeholder | Shape::Expanded)
        || word.text.contains(['{', '[', '<', '…', '|'])
        || word.text.contains("...")
}
