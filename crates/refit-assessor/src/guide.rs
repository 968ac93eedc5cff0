//! Guides: what is wrong with the commands that people paste from a page.
//!
//! [`lint`] is a pure function of a guide, taken apart, and of the knowledge. Each
//! rule looks at one thing: at the lines of a snippet, at its characters, at
//! commands and options, at keys of values, at the order of roles. A tool of which
//! nothing is known gives no remark.
//!
//! A remark is made where somebody who pastes gets something else than the page
//! means. Output that a page shows, sentences that name a command, and parts that
//! a reader has to fill in are not that.

mod call;
mod characters;
pub mod codes;
mod lines;
mod near;
mod osism;
mod pen;
mod prose;
mod remarks;
mod tools;
mod values;

use self::remarks::{MOST_REMARKS, Remarks};
use refit_knowledge::Knowledge;
use refit_model::guide::{FARTHEST, Guide, Language, Omission};
use refit_model::lint::{Gravity, Remark};

/// What a guide is judged by besides a snippet of it.
struct Page<'g> {
    guide: &'g Guide,
    knowledge: &'g Knowledge,
    /// Whether CluedIn is named somewhere on it.
    is_about_cluedin: bool,
}

/// What was found in a guide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linted {
    /// The remarks, in the order of the page.
    pub remarks: Vec<Remark>,
    /// What was not looked at, or is not told, and why.
    pub unseen: Vec<String>,
}

/// Looks for what is wrong with a guide.
#[must_use]
pub fn lint(guide: &Guide, knowledge: &Knowledge) -> Linted {
    let page = Page {
        guide,
        knowledge,
        is_about_cluedin: values::is_about_cluedin(guide),
    };
    let mut remarks = Remarks::default();
    let stopped = look(&page, &mut remarks);
    let (remarks, untold) = remarks.finish();
    let mut unseen = Vec::new();
    unseen.extend(stopped.map(|line| {
        format!(
            "there are more remarks than the {MOST_REMARKS} that are told: from line {line} on it was looked at in part or not at all"
        )
    }));
    if untold > 0 {
        unseen.push(format!(
            "there are more cautions than the {MOST_REMARKS} that are told: {untold} were left out"
        ));
    }
    unseen.extend(omitted(guide, Omission::FarBehind).map(|lines| {
        format!("what reaches behind character {FARTHEST} of its line was not looked at: {lines}")
    }));
    unseen.extend(
        omitted(guide, Omission::TooDeep)
            .map(|lines| format!("directives in so many others were not looked into: {lines}")),
    );
    Linted { remarks, unseen }
}

/// Looks at everything, or up to the line that is returned.
fn look(page: &Page<'_>, remarks: &mut Remarks) -> Option<u32> {
    for snippet in &page.guide.snippets {
        lines::remarks(snippet, remarks);
        characters::remarks(snippet, remarks);
        tools::remarks(snippet, page, remarks);
        osism::remarks(snippet, page, remarks);
        values::remarks(snippet, page, remarks);
        if remarks.is_full() {
            return Some(snippet.lines.first().map_or(1, |line| line.number));
        }
    }
    osism::order(page, remarks);
    for line in &page.guide.prose {
        if remarks.is_full() {
            return Some(line.number);
        }
        prose::remarks(line, remarks);
    }
    None
}

/// The lines of which something was left out, in words.
fn omitted(guide: &Guide, why: Omission) -> Option<String> {
    let lines = guide.omitted.iter().filter(|(other, _)| *other == why);
    let mut lines = lines.map(|(_, line)| line);
    let first = lines.next()?;
    Some(match lines.count() {
        0 => format!("line {first}"),
        1 => format!("line {first} and one more"),
        more => format!("line {first} and {more} more"),
    })
}

/// How many commands of a guide are of tools of which the commands are known.
#[must_use]
pub fn judged(guide: &Guide, knowledge: &Knowledge) -> usize {
    let commands = guide.snippets.iter().flat_map(|snippet| &snippet.commands);
    let tools = knowledge.tools();
    commands
        .filter(|command| {
            let name = command.name().to_ascii_lowercase();
            !tools.lines(&name).is_empty()
        })
        .count()
}

/// How bad something is in a snippet: what stands in a sentence is named there
/// more often than it is pasted.
const fn weighed(gravity: Gravity, language: Language) -> Gravity {
    match language {
        Language::Inline => Gravity::Caution,
        Language::Shell
        | Language::Session
        | Language::PowerShell
        | Language::Unnamed
        | Language::Yaml => gravity,
    }
}
