//! Guides: pages that people paste commands from.
//!
//! A page is read as CommonMark; scripts and plain text are taken as they are.
//! Nothing is run, and nothing is judged here: what comes out says which words
//! would reach which program, where each stands, and where the lines of a
//! command do not hold together.

mod lexer;
mod markdown;
mod program;
mod settings;
mod shell;

use refit_model::guide::{Command, FARTHEST, Guide, Language, Line, Omission, Snippet, Span};
use std::collections::BTreeSet;

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a page of Markdown.
    Markdown,
    /// As Markdown, with commands that stand among the sentences: what people
    /// keep as text is often a page all the same.
    Text,
    /// As one snippet.
    Snippet(Language),
}

impl Form {
    /// The form of a file of this name, by its ending.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "md" | "mdx" | "markdown" | "myst" => Self::Markdown,
            "sh" | "bash" | "zsh" => Self::Snippet(Language::Shell),
            "ps1" | "psm1" => Self::Snippet(Language::PowerShell),
            "yaml" | "yml" => Self::Snippet(Language::Yaml),
            _ => Self::Text,
        }
    }
}

/// Reads a guide. Reading cannot fail: whatever is no command is a sentence.
///
/// `tools` are the programs whose commands are judged: on a page that does not mark
/// its commands, a line that begins with one of them is a command.
#[must_use]
pub fn read(text: &str, form: Form, tools: &BTreeSet<&str>) -> Guide {
    // A mark that some editors put in front is no part of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match form {
        Form::Markdown => markdown::guide(text, tools),
        Form::Text => with_plain_commands(markdown::guide(text, tools), tools),
        Form::Snippet(language) => {
            let mut guide = Guide::default();
            add(&mut guide, language, whole(text), tools);
            guide
        }
    }
}

/// Adds the snippet of these lines, taken apart. What reaches too far behind in a
/// line is left out, and told.
fn add(guide: &mut Guide, language: Language, lines: Vec<Line>, tools: &BTreeSet<&str>) {
    let (settings, far) = match language {
        Language::Yaml => settings::settings(&lines),
        Language::Shell
        | Language::Session
        | Language::PowerShell
        | Language::Unnamed
        | Language::Inline => (Vec::new(), Vec::new()),
    };
    let mut far: BTreeSet<usize> = far.into_iter().map(|span| span.line).collect();
    let mut commands = shell::commands(language, &lines, tools);
    commands.retain(|command| {
        let rows: Vec<usize> = far_behind(command).map(|span| span.line).collect();
        far.extend(&rows);
        rows.is_empty()
    });
    let told = far.iter().filter_map(|row| lines.get(*row));
    let told = told.map(|line| (Omission::FarBehind, line.number));
    guide.omitted.extend(told);
    guide.snippets.push(Snippet {
        commands,
        settings,
        language,
        lines,
    });
}

/// What of a command reaches too far behind in its line.
fn far_behind(command: &Command) -> impl Iterator<Item = Span> {
    let words = command.words.iter().map(|word| word.span);
    let here = command.here.iter().map(|here| here.opens);
    words.chain(here).filter(|span| span.to > FARTHEST)
}

fn whole(text: &str) -> Vec<Line> {
    let numbered = text.lines().zip(1..);
    numbered
        .map(|(text, number)| Line {
            number,
            before: 0,
            lead: String::new(),
            text: text.to_owned(),
        })
        .collect()
}

/// Adds the lines of prose that are commands, each run of them as a snippet.
fn with_plain_commands(mut guide: Guide, tools: &BTreeSet<&str>) -> Guide {
    let mut runs: Vec<Vec<Line>> = Vec::new();
    let mut goes_on = false;
    for line in &guide.prose {
        let follows = runs
            .last()
            .and_then(|run| run.last())
            .is_some_and(|last| last.number.checked_add(1) == Some(line.number));
        if goes_on && follows && !line.text.trim().is_empty() {
            if let Some(run) = runs.last_mut() {
                run.push(line.clone());
            }
        } else if program::is_plain_command(&line.text, tools) {
            runs.push(vec![line.clone()]);
        } else {
            goes_on = false;
            continue;
        }
        goes_on =
            line.text.trim_end().ends_with('\\') || guide_next_is_option(&guide.prose, line.number);
    }
    for lines in runs {
        add(&mut guide, Language::Unnamed, lines, tools);
    }
    guide.snippets.sort_by_key(|snippet| {
        let first = snippet.lines.first();
        first.map(|line| (line.number, line.before))
    });
    guide
}

fn guide_next_is_option(prose: &[Line], number: u32) -> bool {
    let at = prose.partition_point(|line| line.number <= number);
    prose.get(at).is_some_and(|next| {
        number.checked_add(1) == Some(next.number) && shell::begins_with_option(&next.text)
    })
}

#[cfg(test)]
mod tests;
