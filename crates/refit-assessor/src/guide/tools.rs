//! Commands and options: whether the tool has them, and in which of its lines.

use super::call::{Call, is_open, read};
use super::near::nearest;
use super::pen::{on_span, replaced};
use super::remarks::Remarks;
use super::{Page, codes, weighed};
use refit_knowledge::tools::{ArgumentCount, Gone, ListExtent, ToolLine, Tools, join};
use refit_model::guide::{Break, Command, Language, Shape, Snippet, Span, Word};
use refit_model::lint::{Gravity, Remark};
use std::collections::BTreeSet;

/// Tools to which people add commands of their own.
const EXTENDED: &[&str] = &["helm", "juju", "kubectl"];

/// A call, and how each line of its tool understands it.
struct Judged<'j> {
    snippet: &'j Snippet,
    command: &'j Command,
    tool: String,
    tools: &'j Tools,
    calls: Vec<(&'j ToolLine, Call<'j>)>,
}

pub(super) fn remarks(snippet: &Snippet, page: &Page<'_>, into: &mut Remarks) {
    let tools = page.knowledge.tools();
    for command in &snippet.commands {
        if into.is_full() {
            return;
        }
        let tool = command.name().to_ascii_lowercase();
        let words: Vec<&Word> = command.arguments().collect();
        let lines = tools.lines(&tool).iter();
        let calls: Vec<_> = lines
            .filter_map(|line| Some((line, read(line, &words)?)))
            .collect();
        let judged = Judged {
            snippet,
            command,
            tool,
            tools,
            calls,
        };
        let is_written = judged.tool == command.name();
        let is_found = judged.newest().is_some_and(|call| !call.command.is_empty());
        if !is_written && !is_found {
            // A sentence that begins with the name of the tool.
            continue;
        }
        if !is_written {
            into.extend(capitalised(&judged));
        }
        into.extend(unknown(&judged));
        options(&judged, into);
        into.extend(arguments(&judged));
        into.extend(reuse(&judged));
        into.extend(without_unit(&judged));
    }
}

impl<'j> Judged<'j> {
    /// How the newest line understands it.
    fn newest(&self) -> Option<&Call<'j>> {
        self.calls.last().map(|(_, call)| call)
    }

    fn how(&self, gravity: Gravity) -> Gravity {
        weighed(gravity, self.snippet.language)
    }
}

fn capitalised(judged: &Judged<'_>) -> Option<Remark> {
    let program = judged.command.words.get(judged.command.program)?;
    let gravity = match judged.snippet.language {
        Language::Shell | Language::Session => Gravity::Defect,
        Language::PowerShell | Language::Unnamed | Language::Inline | Language::Yaml => {
            Gravity::Caution
        }
    };
    let mut remark = on_span(
        (&codes::CAPITAL, gravity),
        judged.snippet,
        program.span,
        format!("the program is called {}", judged.tool),
        "Windows finds it all the same; every other system looks for a program of exactly this name",
    )?;
    remark.edits = replaced(judged.snippet, program.span, judged.tool.as_str());
    Some(remark)
}

/// A command that no line has, or not every line.
fn unknown(judged: &Judged<'_>) -> Option<Remark> {
    let (tool, snippet) = (judged.tool.as_str(), judged.snippet);
    let with: Vec<_> = judged
        .calls
        .iter()
        .filter(|(_, call)| call.unknown.is_none())
        .collect();
    let (line, call) = judged
        .calls
        .iter()
        .rev()
        .find(|(_, call)| call.unknown.is_some())?;
    let word = call.unknown?;
    let name = join(&call.command, &word.text);
    if let Some((line, _)) = with.first() {
        let mut remark = on_span(
            (&codes::NOT_IN_EVERY_LINE, Gravity::Caution),
            snippet,
            word.span,
            format!("{tool} {name} is a command of {tool} {} only", line.line),
            format!("every other line of {tool} refuses it as an unknown command"),
        )?;
        remark.advice = Some(format!("say on the page which {tool} it wants"));
        return Some(remark);
    }
    if let Some(gone) = judged.tools.gone(tool, &name, None) {
        let mut remark = on_span(
            (&codes::COMMAND_UNKNOWN, judged.how(Gravity::Defect)),
            snippet,
            word.span,
            format!("{tool} {name} {}", is_gone(gone, tool)),
            format!("{tool} refuses it as an unknown command"),
        )?;
        mend(&mut remark, judged, word, gone);
        return Some(remark);
    }
    let is_plugin = call.command.is_empty() && line.plugins.contains(&word.text);
    if is_plugin {
        return None;
    }
    let children: Vec<&str> = line
        .children(&call.command)
        .flat_map(|(name, child)| {
            let aliases = child.aliases.iter().map(String::as_str);
            std::iter::once(name).chain(aliases)
        })
        .collect();
    let near = nearest(&word.text, children);
    let elsewhere = owner(judged, word);
    // A sentence names things of a tool that are no commands.
    let is_named = line.extent == ListExtent::Part || judged.snippet.language == Language::Inline;
    if near.is_none() && elsewhere.is_none() && is_named {
        return None;
    }
    let may_be_added = call.command.is_empty() && EXTENDED.contains(&tool);
    let gravity = if near.is_none() && elsewhere.is_none() && may_be_added {
        Gravity::Caution
    } else {
        Gravity::Defect
    };
    let mut remark = on_span(
        (&codes::COMMAND_UNKNOWN, judged.how(gravity)),
        snippet,
        word.span,
        format!("{tool} has no command {name}"),
        if gravity == Gravity::Caution {
            format!("{tool} refuses it, unless somebody has added a command of that name")
        } else {
            format!("{tool} refuses it as an unknown command")
        },
    )?;
    let program = judged.command.words.get(judged.command.program);
    match (elsewhere, near, program) {
        (Some(other), _, Some(program)) => {
            remark.edits = replaced(snippet, program.span, other);
        }
        (_, Some(near), _) => remark.edits = replaced(snippet, word.span, near),
        _ => {}
    }
    Some(remark)
}

/// What to do instead of something that went. A plain name of a command takes its
/// place.
fn mend(remark: &mut Remark, judged: &Judged<'_>, word: &Word, gone: &Gone) {
    let names = gone.instead.strip_prefix(&format!("{} ", judged.tool));
    let is_command = |name: &&str| {
        let newest = judged.calls.last();
        newest.is_some_and(|(line, _)| line.command(name).is_some())
    };
    match names.filter(is_command) {
        Some(name) if !gone.command.contains(' ') => {
            remark.edits = replaced(judged.snippet, word.span, name);
        }
        Some(_) | None => remark.advice = Some(format!("now it is {}", gone.instead)),
    }
}

fn is_gone(gone: &Gone, tool: &str) -> String {
    match &gone.since {
        Some(since) => format!("is gone since {tool} {since}"),
        None => "is gone".to_owned(),
    }
}

/// Another tool that has these words as a command: two words at least, since one
/// alone means something to many.
fn owner<'j>(judged: &Judged<'j>, word: &Word) -> Option<&'j str> {
    let words: Vec<&Word> = judged.command.arguments().collect();
    let from = words.iter().position(|other| other.span == word.span)?;
    let words = words.get(from..).filter(|words| words.len() > 1)?;
    let others = judged.tools.names().filter(|name| *name != judged.tool);
    let mut owners = others.filter(|name| {
        let newest = judged.tools.lines(name).last();
        let call = newest.and_then(|line| read(line, words));
        call.is_some_and(|call| {
            call.unknown.is_none() && call.strange.is_empty() && call.command.contains(' ')
        })
    });
    owners.next()
}

/// Options that no line has, or not every line.
fn options(judged: &Judged<'_>, into: &mut Remarks) {
    let known = judged
        .calls
        .iter()
        .filter(|(_, call)| call.unknown.is_none());
    let known: Vec<_> = known
        .map(|(line, call)| {
            let strange = call.strange.iter().map(|(_, name)| name.as_str());
            (*line, call, strange.collect::<BTreeSet<&str>>())
        })
        .collect();
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for (line, call, _) in known.iter().rev() {
        for (word, name) in &call.strange {
            if into.is_full() {
                return;
            }
            if told.contains(&word.span) || is_short_for(line, call, name) {
                continue;
            }
            let with = known
                .iter()
                .find(|(_, _, strange)| !strange.contains(name.as_str()));
            let remark = match with {
                Some((has, ..)) => in_some_lines(judged, (line, has), call, word, name),
                None => in_no_line(judged, line, call, word, name),
            };
            if let Some(remark) = remark {
                told.insert(word.span);
                into.push(remark);
            }
        }
    }
}

/// Azure's command line takes the beginning of a name for the whole.
fn is_short_for(line: &ToolLine, call: &Call<'_>, name: &str) -> bool {
    let options = line.options(&call.command).unwrap_or_default();
    let mut names = options.iter().flat_map(|option| &option.names);
    line.tool == "az" && name.len() > 3 && names.any(|own| own.starts_with(name))
}

fn in_some_lines(
    judged: &Judged<'_>,
    (without, with): (&ToolLine, &ToolLine),
    call: &Call<'_>,
    word: &Word,
    name: &str,
) -> Option<Remark> {
    let (tool, command) = (&judged.tool, &call.command);
    let mut remark = on_span(
        (&codes::OPTION_NOT_IN_EVERY_LINE, Gravity::Caution),
        judged.snippet,
        word.span,
        format!(
            "{tool} {} has {name} for {tool} {command}, and {tool} {} has not",
            with.line, without.line
        ),
        format!("{tool} {} refuses it as an unknown option", without.line),
    )?;
    let long = long_name(with, command, name);
    let gone = judged.tools.gone(tool, command, Some(&long));
    remark.advice = Some(match gone {
        Some(gone) => format!("in {tool} {} it is {}", without.line, gone.instead),
        None => format!("say on the page which {tool} it wants"),
    });
    Some(remark)
}

fn long_name(line: &ToolLine, command: &str, name: &str) -> String {
    let options = line.options(command).unwrap_or_default();
    let option = options
        .into_iter()
        .find(|option| option.names.iter().any(|own| own == name));
    let long = option.and_then(|option| option.names.iter().find(|own| own.starts_with("--")));
    long.map_or_else(|| name.to_owned(), Clone::clone)
}

fn in_no_line(
    judged: &Judged<'_>,
    line: &ToolLine,
    call: &Call<'_>,
    word: &Word,
    name: &str,
) -> Option<Remark> {
    let (tool, command) = (&judged.tool, &call.command);
    let gone = judged.tools.gone(tool, command, Some(name));
    let what = match gone {
        Some(gone) => format!("{name} of {tool} {command} {}", is_gone(gone, tool)),
        None => format!("{tool} {command} has no option {name}"),
    };
    let mut remark = on_span(
        (&codes::OPTION_UNKNOWN, judged.how(Gravity::Defect)),
        judged.snippet,
        word.span,
        what,
        format!("{tool} refuses it as an unknown option, and does nothing"),
    )?;
    let options = line.options(command).unwrap_or_default();
    let names = options.iter().flat_map(|option| &option.names);
    let near = nearest(
        name,
        names.map(String::as_str).filter(|name| name.len() > 2),
    );
    let new = gone.map(|gone| gone.instead.as_str());
    match (new, near) {
        (Some(new), _) if !new.starts_with("--") => {
            remark.advice = Some(format!("now it is {new}"));
        }
        (Some(right), _) | (None, Some(right)) => {
            let mut span = word.span;
            span.to = span.from.saturating_add(name.chars().count());
            remark.edits = replaced(judged.snippet, span, right);
        }
        (None, None) => {}
    }
    Some(remark)
}

/// Arguments that are missing, or are too many. Where something else is wrong with
/// the command, or a reader has to fill in what may be several words, nothing is
/// counted.
fn arguments(judged: &Judged<'_>) -> Option<Remark> {
    let (line, call) = judged.calls.last()?;
    let counted = |command: &str| line.command(command).and_then(|facts| facts.arguments);
    let ArgumentCount { least, most } = counted(&call.command)?;
    let words: Vec<&Word> = judged.command.arguments().collect();
    let is_plain = |word: &Word| !is_open(word) || word.text.starts_with("${");
    let is_whole = judged.command.breaks.iter().all(|found| match found {
        Break::BlankBehind(_) | Break::OtherShell(_) => true,
        Break::Missing(_) | Break::Between(_) => false,
    });
    // What belongs to the path of a file is no argument; see `FOLDER`.
    let is_written_well = judged
        .command
        .words
        .iter()
        .all(|word| word.shape != Shape::Target || !word.text.ends_with('/'));
    let is_counted = call.is_sure
        && is_written_well
        && is_whole
        && judged.command.unclosed.is_none()
        && judged.snippet.language != Language::Inline
        && words.iter().all(|word| word.text.is_ascii())
        && call.arguments.iter().all(|word| is_plain(word));
    let given = call.arguments.len();
    let is_help = call
        .options
        .iter()
        .any(|(_, name, _)| name == "--help" || name == "-h");
    if !is_counted || is_help || (given >= least && most.is_none_or(|most| given <= most)) {
        return None;
    }
    let last = words.last()?;
    let wanted = match (least, most) {
        (0, Some(0)) => "no argument".to_owned(),
        (least, Some(most)) if least == most => plural(least),
        (least, Some(most)) => format!("{least} to {}", plural(most)),
        (least, None) => format!("{} or more", plural(least)),
    };
    let (tool, command) = (&judged.tool, &call.command);
    let mut remark = on_span(
        (&codes::ARGUMENTS, Gravity::Defect),
        judged.snippet,
        last.span,
        format!("{tool} {command} takes {wanted}, and gets {given}"),
        format!("{tool} refuses it, and does nothing"),
    )?;
    if *tool == "helm" && command == "repo add" && given == 1 {
        remark.advice =
            Some("put the name that the repository is to have before its address".to_owned());
    }
    Some(remark)
}

fn plural(count: usize) -> String {
    match count {
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}

fn reuse(judged: &Judged<'_>) -> Option<Remark> {
    let call = judged.newest()?;
    let is_upgrade = judged.tool == "helm" && call.command == "upgrade";
    let (word, _, _) = call
        .options
        .iter()
        .find(|(_, name, _)| is_upgrade && name == "--reuse-values")?;
    let mut remark = on_span(
        (&codes::REUSE_VALUES, Gravity::Caution),
        judged.snippet,
        word.span,
        "the values of the last release are taken as they are, with the old chart's own among them",
        "values that the new chart brings are missing, and those that it changed stay as they were",
    )?;
    let advice = "--reset-then-reuse-values takes the new chart's values first; else give all values in a file";
    remark.advice = Some(advice.to_owned());
    Some(remark)
}

/// An action is run on a unit. What stands behind an option may be its value.
fn without_unit(judged: &Judged<'_>) -> Option<Remark> {
    let call = judged.newest()?;
    let words: Vec<&Word> = judged.command.arguments().collect();
    let (Some(run), Some(unit)) = (words.first(), words.get(1)) else {
        return None;
    };
    let is_name = unit.text.starts_with(|c: char| c.is_ascii_lowercase())
        && unit
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_run = judged.tool == "juju" && call.command == "run" && run.text == "run";
    let has_action = words.get(2).is_some_and(|word| !word.text.starts_with('-'));
    if !is_run || !is_name || !has_action || is_open(unit) {
        return None;
    }
    let mut remark = on_span(
        (&codes::UNIT, judged.how(Gravity::Defect)),
        judged.snippet,
        unit.span,
        format!(
            "{} is an application, and an action runs on a unit",
            unit.text
        ),
        "juju refuses it: no unit has that name",
    )?;
    remark.edits = replaced(judged.snippet, unit.span, format!("{}/leader", unit.text));
    Some(remark)
}
