//! The inventory as people read it in a terminal.

use crate::output::{BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use refit_model::inventory::{FoundProject, Inventory, Life, SupportAnswer, Sureness};
use refit_model::version::TargetVersion;
use refit_service::report::{life_words, support_words};

/// How many workloads without a name are shown: a screen of them.
const MOST_UNNAMED: usize = 20;

/// One paragraph a project, then what nobody could name.
pub(crate) fn inventory(inventory: &Inventory, width: usize) -> String {
    let mut out = String::new();
    let from = inventory
        .from
        .as_ref()
        .map_or_else(|| "version not seen".to_owned(), ToString::to_string);
    let against = inventory
        .target
        .as_ref()
        .map_or_else(String::new, |target| format!(", judged against {target}"));
    out.push_str(&format!(
        "{}  {from}{against}\n",
        styled(BOLD, &inventory.metadata.cluster.name)
    ));
    let naming = &inventory.workloads;
    out.push_str(&wrapped(
        &format!(
            "{} found; {} of {} workloads named, {} % not; knowledge {} of {}",
            counted(inventory.projects.len(), "project"),
            naming.named,
            naming.all,
            naming.unnamed_percent,
            inventory.metadata.knowledge.version,
            inventory.metadata.knowledge.as_of
        ),
        0,
        width,
    ));
    out.push('\n');
    for found in &inventory.projects {
        out.push('\n');
        out.push_str(&project(found, inventory.target.as_ref(), width));
    }
    if !naming.unnamed.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            styled(BOLD, "workloads that no rule could name")
        ));
        for one in naming.unnamed.iter().take(MOST_UNNAMED) {
            let images = if one.images.is_empty() {
                String::new()
            } else {
                format!("  {}", one.images.join(", "))
            };
            out.push_str(&format!("  {}{}\n", one.workload, styled(DIM, images)));
        }
        let more = naming.unnamed.len().saturating_sub(MOST_UNNAMED);
        if more > 0 {
            out.push_str(&format!("  {}\n", styled(DIM, format!("and {more} more"))));
        }
    }
    if !inventory.gaps.is_empty() {
        out.push_str(&format!("\n{}\n", styled(WARN, "not looked at")));
        for gap in &inventory.gaps {
            let command = gap
                .command
                .as_ref()
                .map_or_else(String::new, |command| format!("; {command}"));
            let text = format!("{}: {}{command}", gap.what, gap.why);
            out.push_str(&wrapped(&text, 2, width));
            out.push('\n');
        }
    }
    out
}

fn project(found: &FoundProject, target: Option<&TargetVersion>, width: usize) -> String {
    let version = found
        .version
        .as_ref()
        .map_or("version not shown", |version| version.version.as_str());
    let place = found
        .namespace
        .as_ref()
        .map_or_else(String::new, |namespace| format!(" in {namespace}"));
    let (style, sure) = match found.sureness {
        Sureness::Certain => (GOOD, "certain"),
        Sureness::Likely => (GOOD, "likely"),
        Sureness::Possible => (WARN, "possible"),
    };
    let mut out = format!(
        "  {} {version}{place}  {}\n",
        styled(BOLD, &found.title),
        styled(style, sure)
    );
    let mut tell = |style, text: String| {
        out.push_str(&styled(style, wrapped(&text, 6, width)));
        out.push('\n');
    };
    if let Some((support, target)) = found.support.as_ref().zip(target) {
        let style = match support.answer {
            SupportAnswer::Supported => GOOD,
            SupportAnswer::NotSupported => BAD,
            SupportAnswer::NotKnown => DIM,
        };
        tell(style, support_words(support, target));
    }
    match &found.life {
        Life::Ended { .. } => tell(WARN, life_words(&found.life)),
        Life::Ending { .. } => tell(DIM, life_words(&found.life)),
        Life::Open { .. } | Life::NotKnown => {}
    }
    for other in &found.other_versions {
        tell(WARN, format!("also {} by {}", other.version, other.by));
    }
    if let Some(who) = &found.rebuilt_by {
        tell(DIM, format!("a rebuild by {who}"));
    }
    if !found.within.is_empty() {
        tell(DIM, format!("brought along by {}", found.within.join(", ")));
    }
    if !found.disputed_by.is_empty() {
        let others = found.disputed_by.join(", ");
        tell(WARN, format!("some signs are those of {others}"));
    }
    // Three signs fill a line or two; all of them are in the other forms.
    let why: Vec<String> = found
        .why
        .iter()
        .take(3)
        .map(|sign| format!("{} {}", sign.signal, sign.seen))
        .collect();
    tell(DIM, format!("by {}", why.join("; ")));
    out
}

fn counted(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}
