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

use refit_model::guide::{Guide, Language, Line, Snippet};

/// The longest line, in bytes, that is looked at for commands: a command that
/// somebody wrote is shorter, and what is longer is data.
const LONGEST_LINE: usize = 4096;

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
#[must_use]
pub fn read(text: &str, form: Form) -> Guide {
    // A mark that some editors put in front is no part of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match form {
        Form::Markdown => markdown::guide(text),
        Form::Text => with_plain_commands(markdown::guide(text)),
        Form::Snippet(language) => Guide {
            snippets: vec![snippet(language, whole(text))],
            ..Guide::default()
        },
    }
}

/// The snippet of these lines, taken apart.
fn snippet(language: Language, lines: Vec<Line>) -> Snippet {
    let settings = match language {
        Language::Yaml => settings::settings(&lines),
        Language::Shell
        | Language::Session
        | Language::PowerShell
        | Language::Unnamed
        | Language::Inline => Vec::new(),
    };
    let is_written = lines.iter().all(|line| line.text.len() <= LONGEST_LINE);
    Snippet {
        commands: if is_written {
            shell::commands(language, &lines)
        } else {
            Vec::new()
        },
        settings,
        language,
        lines,
    }
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
fn with_plain_commands(mut guide: Guide) -> Guide {
    let mut runs: Vec<Vec<Line>> = Vec::new();
    let mut goes_on = false;
    for line in &guide.prose {
        let follows = runs
            .last()
            .and_then(|run| run.last())
            .is_some_and(|last| last.number.checked_add(1) == Some(line.number));
        let is_option = shell::begins_with_option(&line.text);
        if goes_on && follows && (is_option || !line.text.trim().is_empty()) {
            if let Some(run) = runs.last_mut() {
                run.push(line.clone());
            }
        } else if program::is_plain_command(&line.text) {
            runs.push(vec![line.clone()]);
        } else {
            goes_on = false;
            continue;
        }
        goes_on =
            line.text.trim_end().ends_with('\\') || guide_next_is_option(&guide.prose, line.number);
    }
    let plain = runs
        .into_iter()
        .map(|lines| snippet(Language::Unnamed, lines));
    guide.snippets.extend(plain);
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
