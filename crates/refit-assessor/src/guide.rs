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
mod tools;
mod values;

use refit_knowledge::Knowledge;
use refit_model::guide::{Guide, Language};
use refit_model::lint::{Gravity, Remark};

/// The most remarks on one guide: a page with more is no guide, and each remark
/// carries its line.
const MOST_REMARKS: usize = 1000;

/// What a guide is judged by besides a snippet of it.
struct Page<'g> {
    guide: &'g Guide,
    knowledge: &'g Knowledge,
    /// Whether CluedIn is named somewhere on it.
    is_about_cluedin: bool,
}

/// The remarks on a guide, in the order of the page.
#[must_use]
pub fn lint(guide: &Guide, knowledge: &Knowledge) -> Vec<Remark> {
    let page = Page {
        guide,
        knowledge,
        is_about_cluedin: values::is_about_cluedin(guide),
    };
    let mut remarks = Vec::new();
    for snippet in &guide.snippets {
        if remarks.len() >= MOST_REMARKS {
            break;
        }
        lines::remarks(snippet, &mut remarks);
        characters::remarks(snippet, &mut remarks);
        tools::remarks(snippet, &page, &mut remarks);
        osism::remarks(snippet, &page, &mut remarks);
        values::remarks(snippet, &page, &mut remarks);
    }
    osism::order(&page, &mut remarks);
    prose::remarks(guide, &mut remarks);
    remarks.sort_by_key(|remark| (remark.line, remark.column, remark.code));
    remarks.dedup();
    remarks.truncate(MOST_REMARKS);
    remarks
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
