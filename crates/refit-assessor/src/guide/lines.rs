//! Lines: whether those of a command hold together, whether what is opened is
//! closed, and what a reader copies along.

use super::pen::{cut, edit, on_line, on_span, replaced};
use super::remarks::Remarks;
use super::{codes, weighed};
use refit_model::guide::{
    Break, Command, Ended, HereDocument, Language, Shape, Snippet, Span, Word,
};
use refit_model::lint::{Gravity, Remark};

pub(super) fn remarks(snippet: &Snippet, into: &mut Remarks) {
    for command in &snippet.commands {
        if into.is_full() {
            return;
        }
        broken_lines(snippet, command, into);
        let here = command.here.iter();
        into.extend(here.filter_map(|here| here_document(snippet, here)));
        into.extend(prompt(snippet, command));
        into.extend(unclosed(snippet, command));
        into.extend(folder(snippet, command));
        into.extend(placeholder(snippet, command));
    }
}

/// What is wrong between the lines of a command. Lines that are joined as another
/// shell joins them are so throughout, and are told once.
fn broken_lines(snippet: &Snippet, command: &Command, into: &mut Remarks) {
    let mut of_other_shell: Option<Remark> = None;
    for found in &command.breaks {
        if into.is_full() {
            return;
        }
        let Some(remark) = broken(snippet, command, *found) else {
            continue;
        };
        match (&mut of_other_shell, found) {
            (Some(told), Break::OtherShell(_)) => told.edits.extend(remark.edits),
            (told @ None, Break::OtherShell(_)) => *told = Some(remark),
            (_, Break::Missing(_) | Break::BlankBehind(_) | Break::Between(_)) => {
                into.push(remark);
            }
        }
    }
    into.extend(of_other_shell);
}

fn broken(snippet: &Snippet, command: &Command, found: Break) -> Option<Remark> {
    let (Break::Missing(span)
    | Break::BlankBehind(span)
    | Break::OtherShell(span)
    | Break::Between(span)) = found;
    let mark = match snippet.language {
        Language::PowerShell => "`",
        Language::Shell
        | Language::Session
        | Language::Unnamed
        | Language::Inline
        | Language::Yaml => "\\",
    };
    let program = cut(command.name());
    let (page, what, pasted, with) = match found {
        Break::Missing(at) => {
            let next = first_word(snippet, at.line.saturating_add(1));
            (
                &codes::CONTINUATION_MISSING,
                format!("nothing joins this line to the next one, which begins with {next}"),
                format!(
                    "{program} runs without {next} and what follows it, and the shell then looks for a command called {next}"
                ),
                Some(format!(" {mark}")),
            )
        }
        Break::Between(_) => (
            &codes::CONTINUATION_MISSING,
            "this line ends the command, and options of it follow".to_owned(),
            format!(
                "{program} runs without the options behind this line, and the shell then looks for a command of that name"
            ),
            None,
        ),
        Break::BlankBehind(_) => (
            &codes::BLANK_BEHIND_MARK,
            format!("a blank stands behind the {mark} that joins the lines"),
            format!(
                "the mark joins nothing then: {program} gets a blank as an argument and runs without the next lines"
            ),
            Some(mark.to_owned()),
        ),
        Break::OtherShell(_) => (
            &codes::OTHER_SHELL,
            "a backslash joins no lines in PowerShell".to_owned(),
            format!(
                "{program} gets a backslash as an argument and runs without the next lines, and PowerShell then stumbles over --"
            ),
            Some(mark.to_owned()),
        ),
    };
    let how = (page, Gravity::Defect);
    let mut remark = on_span(how, snippet, span, what, pasted)?;
    if let Some(with) = with {
        remark.edits = replaced(snippet, span, with);
    } else {
        let advice = "take the line out, or put it in front of the command";
        remark.advice = Some(advice.to_owned());
    }
    Some(remark)
}

fn first_word(snippet: &Snippet, line: usize) -> &str {
    let text = snippet
        .lines
        .get(line)
        .map_or("", |line| line.text.as_str());
    text.split_whitespace().next().unwrap_or_default()
}

fn here_document(snippet: &Snippet, here: &HereDocument) -> Option<Remark> {
    let end = &here.end;
    if snippet.language == Language::PowerShell {
        let how = (&codes::OTHER_SHELL, Gravity::Defect);
        let mut remark = on_span(
            how,
            snippet,
            here.opens,
            "PowerShell knows no here-documents",
            "PowerShell refuses the line: it keeps < for later use",
        )?;
        let advice = "put the text between @' and '@ and hand it over with a pipe";
        remark.advice = Some(advice.to_owned());
        return Some(remark);
    }
    let how = (
        &codes::HERE_DOCUMENT,
        weighed(Gravity::Defect, snippet.language),
    );
    let pasted = format!(
        "the shell waits for a line {end} and takes whatever is pasted or typed next for the text"
    );
    match here.ended {
        Ended::Well => None,
        Ended::Crooked(span) => {
            let what = format!("blanks stand beside {end}, so that the line ends nothing");
            let mut remark = on_span(how, snippet, span, what, pasted)?;
            remark.edits = replaced(snippet, span, end.as_str());
            Some(remark)
        }
        Ended::Nowhere => {
            let what = format!("no line {end} ends this text");
            let mut remark = on_span(how, snippet, here.opens, what, pasted)?;
            let last = snippet.lines.last()?;
            let behind = (last.length(), last.length());
            let with = format!("\n{}{end}", last.lead);
            remark.edits = vec![edit(last, behind, with)];
            Some(remark)
        }
    }
}

/// A prompt in a snippet that says it is a script. One that shows a session has
/// them by right: pages leave them out when the snippet is copied as a whole.
fn prompt(snippet: &Snippet, command: &Command) -> Option<Remark> {
    let span = command.prompt?;
    let prompt = snippet.text(span);
    let prompt = prompt.trim();
    let pasted = match snippet.language {
        Language::Shell => format!("the shell looks for a command called {prompt}"),
        Language::PowerShell => "PowerShell takes the prompt for a part of the command".to_owned(),
        Language::Session | Language::Unnamed | Language::Inline | Language::Yaml => return None,
    };
    let what = format!(
        "the prompt {prompt} is copied along: the block is marked as {}, not as a session",
        snippet.language
    );
    let mut remark = on_span(
        (&codes::PROMPT, Gravity::Defect),
        snippet,
        span,
        what,
        pasted,
    )?;
    remark.edits = replaced(snippet, span, "");
    Some(remark)
}

fn unclosed(snippet: &Snippet, command: &Command) -> Option<Remark> {
    let span = command.unclosed?;
    if snippet.language != Language::Shell {
        return None;
    }
    let mut remark = on_span(
        (&codes::UNCLOSED, Gravity::Defect),
        snippet,
        span,
        "nothing closes this quotation mark",
        "the shell waits for its end and takes whatever is pasted or typed next for text",
    )?;
    remark.advice = Some("close it, or put a backslash before it".to_owned());
    Some(remark)
}

/// A redirection that leads to a folder: mostly a blank that fell into a path.
fn folder(snippet: &Snippet, command: &Command) -> Option<Remark> {
    let at = command
        .words
        .iter()
        .position(|word| word.shape == Shape::Target && word.text.ends_with('/'))?;
    let target = command.words.get(at)?;
    let line = snippet.line(target.span)?;
    let next = command
        .words
        .get(at.saturating_add(1))
        .filter(|next| next.span.line == target.span.line && next.shape != Shape::Redirection);
    let to = next.map_or(target.span.to, |next| next.span.to);
    let mut remark = on_line(
        (&codes::FOLDER, weighed(Gravity::Defect, snippet.language)),
        line,
        (target.span.from, to),
        format!(
            "{} is a folder, and nothing can be written to one",
            target.text
        ),
        "the shell refuses the line, and the command does not run",
    );
    match next {
        Some(next) => {
            remark.edits = vec![edit(line, (target.span.to, next.span.from), "")];
        }
        None => remark.advice = Some("name a file in it".to_owned()),
    }
    Some(remark)
}

/// The placeholders of a command, told at the first. A line with `[options]` in it
/// says how a command is called, and is no command.
fn placeholder(snippet: &Snippet, command: &Command) -> Option<Remark> {
    let is_synopsis = command.words.iter().any(|word| word.text.starts_with('['));
    let mut open = command
        .words
        .iter()
        .filter(|word| word.shape == Shape::Placeholder);
    let word = open.clone().next()?;
    if is_synopsis || snippet.language == Language::Inline {
        return None;
    }
    let raw = snippet.text(word.span);
    let pasted = match snippet.language {
        Language::PowerShell => {
            "PowerShell refuses the line where it is not filled in: it keeps < for later use"
        }
        Language::Shell
        | Language::Session
        | Language::Unnamed
        | Language::Inline
        | Language::Yaml => {
            "where it is not filled in, the shell reads from a file of that name, and > may overwrite another one"
        }
    };
    let mut remark = on_span(
        (&codes::PLACEHOLDER, Gravity::Caution),
        snippet,
        word.span,
        format!("{raw} is for the reader to fill in, and < and > mean something to a shell"),
        pasted,
    )?;
    remark.edits = open
        .by_ref()
        .flat_map(|word| {
            let plain = without_brackets(&snippet.text(word.span));
            replaced(snippet, word.span, plain)
        })
        .collect();
    Some(remark)
}

/// `values-<release version>.yml` as `values-RELEASE_VERSION.yml`.
fn without_brackets(raw: &str) -> String {
    let mut is_inside = false;
    let mut out = String::new();
    for c in raw.chars() {
        match c {
            '<' => is_inside = true,
            '>' => is_inside = false,
            c if is_inside && c.is_alphanumeric() => out.extend(c.to_uppercase()),
            _ if is_inside => out.push('_'),
            c => out.push(c),
        }
    }
    out
}

/// The lines that a command stands on, as a page shows it.
pub(super) fn rows(command: &Command) -> Option<(usize, usize)> {
    let lines = command.words.iter().map(|word: &Word| word.span.line);
    let prompt = command.prompt.map(|span: Span| span.line);
    let first = lines.clone().chain(prompt).min()?;
    Some((first, lines.max()?))
}
