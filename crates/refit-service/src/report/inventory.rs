//! Markdown: the inventory for a ticket or a wiki.

use super::markdown::Lines;
use refit_model::inventory::{FoundProject, FoundSupport, Inventory, Life, SupportAnswer};
use refit_model::version::TargetVersion;

/// The projects, each with its version, how sure and why; what nobody could
/// name; what was not looked at.
#[must_use]
pub fn inventory_markdown(inventory: &Inventory) -> String {
    let mut out = Lines::default();
    let asked = inventory
        .target
        .as_ref()
        .map_or_else(String::new, |target| format!(", judged against {target}"));
    out.line(&format!(
        "# What runs in {}{asked}",
        inventory.metadata.cluster.name
    ));
    out.line("");
    let naming = &inventory.workloads;
    out.line(&format!(
        "{} entries; {} of {} workloads named ({} % not); knowledge {} of {}.",
        inventory.projects.len(),
        naming.named,
        naming.all,
        naming.unnamed_percent,
        inventory.metadata.knowledge.version,
        inventory.metadata.knowledge.as_of
    ));
    out.line("");
    if !inventory.projects.is_empty() {
        out.heading("Projects");
        out.table(
            &[
                "Project",
                "Version",
                "Namespace",
                "Sure",
                "Why",
                "Life",
                "Support",
            ],
            inventory
                .projects
                .iter()
                .map(|found| row(found, inventory.target.as_ref())),
        );
    }
    if !naming.unnamed.is_empty() {
        out.heading("Workloads that no rule could name");
        out.table(
            &["Workload", "Images"],
            naming
                .unnamed
                .iter()
                .map(|one| vec![cell(&one.workload), cell(&one.images.join(", "))]),
        );
    }
    if !inventory.gaps.is_empty() {
        out.heading("Not looked at");
        for gap in &inventory.gaps {
            out.line(&format!(
                "- {}: {}",
                cell(&gap.what),
                cell(&gap.why.to_string())
            ));
        }
    }
    out.0
}

fn row(found: &FoundProject, target: Option<&TargetVersion>) -> Vec<String> {
    let version = found
        .version
        .as_ref()
        .map_or("not shown", |version| version.version.as_str());
    let others: String = found
        .other_versions
        .iter()
        .map(|other| format!(", {} by {}", other.version, other.by))
        .collect();
    let why: Vec<String> = found
        .why
        .iter()
        .take(3)
        .map(|sign| format!("{} {}", sign.signal, sign.seen))
        .collect();
    let support = found
        .support
        .as_ref()
        .zip(target)
        .map_or_else(String::new, |(support, target)| {
            support_words(support, target)
        });
    [
        found.title.clone(),
        format!("{version}{others}"),
        found.namespace.clone().unwrap_or_default(),
        sureness_words(found),
        why.join("; "),
        life_words(&found.life),
        support,
    ]
    .iter()
    .map(|text| cell(text))
    .collect()
}

/// How sure, and what disagrees.
fn sureness_words(found: &FoundProject) -> String {
    use refit_model::inventory::Sureness;
    let sure = match found.sureness {
        Sureness::Certain => "certain",
        Sureness::Likely => "likely",
        Sureness::Possible => "possible",
    };
    if found.disputed_by.is_empty() {
        sure.to_owned()
    } else {
        format!("{sure}; signs of {} too", found.disputed_by.join(", "))
    }
}

/// Whether it still gets fixes, in words.
#[must_use]
pub fn life_words(life: &Life) -> String {
    match life {
        Life::Ended { on, .. } => format!("no fixes since {on}"),
        Life::Ending { on, .. } => format!("fixes until {on}"),
        Life::Open { .. } => "no end announced".to_owned(),
        Life::NotKnown => "end not known".to_owned(),
    }
}

/// Whether the target supports it, and on what basis, in words.
#[must_use]
pub fn support_words(support: &FoundSupport, target: &TargetVersion) -> String {
    let mut bases: Vec<&str> = support
        .on
        .iter()
        .map(|claim| claim.basis.as_str())
        .collect();
    bases.dedup();
    let bases = bases.join(", ");
    match support.answer {
        SupportAnswer::Supported => format!("goes with {target} ({bases})"),
        SupportAnswer::NotSupported => format!("does not go with {target} ({bases})"),
        SupportAnswer::NotKnown if bases.is_empty() => {
            format!("not known whether it goes with {target}")
        }
        SupportAnswer::NotKnown => {
            format!("not known whether it goes with {target} (only {bases})")
        }
    }
}

/// A text that breaks no table: the names in it are other people's.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
