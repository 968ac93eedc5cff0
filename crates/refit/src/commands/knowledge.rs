//! `refit knowledge`: what is known, since when, and from where

use crate::args::{KnowledgeCommand, PlainFormat};
use crate::commands::print;
use crate::output::{BOLD, DIM, deliver, note, styled, width, wrapped};
use refit_service::bundle::{self, Standing};
use refit_service::exit;
use refit_service::facts::{self, Difference, Fact, FactFileShown, ProjectCoverage};
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use std::collections::BTreeSet;
use std::path::Path;

pub(crate) fn knowledge(known: &Known, command: &KnowledgeCommand) -> Result<u8, Failure> {
    let facts_of = known.knowledge();
    match command {
        KnowledgeCommand::List { file: None, output } => {
            print(&facts::files(facts_of)?, *output, |files| {
                listed(files, known)
            })?;
        }
        KnowledgeCommand::List {
            file: Some(file),
            output,
        } => shown(&facts::rows(facts_of, file)?, *output)?,
        KnowledgeCommand::Show { subject, output } => {
            shown(&facts::about(facts_of, subject)?, *output)?;
        }
        KnowledgeCommand::Search { text, output } => {
            let found = facts::search(facts_of, text)?;
            if found.is_empty() {
                return Err(
                    Failure::new(FailureKind::Usage, format!("no fact holds {text:?}"))
                        .hint("that nothing is known of something does not mean that it is fine"),
                );
            }
            shown(&found, *output)?;
        }
        KnowledgeCommand::Diff { from, to, output } => {
            print(
                &facts::difference(facts_of, *from, *to)?,
                *output,
                difference,
            )?;
        }
        KnowledgeCommand::Export { key, delivery } => {
            let text = bundle::export(facts_of, key)?;
            deliver(&text, &delivery.output_file)?;
        }
        KnowledgeCommand::Import { bundle, trust } => return import(bundle, trust, None),
        KnowledgeCommand::Sources { output } => {
            print(&facts::files(facts_of)?, *output, |files| sources(files))?;
        }
        KnowledgeCommand::Coverage { output } => {
            print(&facts::coverage(facts_of)?, *output, |projects| {
                matrix(projects)
            })?;
        }
    }
    Ok(exit::FINE)
}

/// Takes over what another Refit exported.
pub(crate) fn import(bundle: &Path, trust: &Path, kept: Option<&Path>) -> Result<u8, Failure> {
    let kept = kept.ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "there is no place to keep the knowledge in",
        )
        .hint("set HOME, or XDG_DATA_HOME to an absolute path")
    })?;
    let imported = bundle::import(bundle, trust, kept)?;
    note(&match imported.standing {
        Standing::Newer => format!(
            "knowledge {} is kept at {}, and every command answers from it",
            imported.version,
            imported.kept.display()
        ),
        Standing::NotNewer => format!(
            "knowledge {} is kept at {}; what is built in is as new, and is used",
            imported.version,
            imported.kept.display()
        ),
    });
    Ok(exit::FINE)
}

fn shown(facts: &Vec<Fact>, output: PlainFormat) -> Result<(), Failure> {
    print(facts, output, |facts| {
        facts.iter().map(one).collect::<String>()
    })
}

/// One fact: what it is about, then what it says.
fn one(fact: &Fact) -> String {
    let key: Vec<&str> = fact
        .key
        .iter()
        .filter(|value| !value.is_empty())
        .map(String::as_str)
        .collect();
    let values: Vec<String> = fact
        .values
        .iter()
        .map(|(column, value)| format!("{column}: {value}"))
        .collect();
    format!(
        "{}  {}\n{}\n",
        styled(BOLD, key.join(" ")),
        styled(DIM, fact.file),
        wrapped(&values.join("; "), 4, width())
    )
}

fn listed(files: &[FactFileShown], known: &Known) -> String {
    let knowledge = known.knowledge();
    let (first, last) = knowledge.covers();
    let mut out = format!(
        "knowledge {} of {}, for Kubernetes {first} to {last}\n",
        knowledge.version(),
        knowledge.as_of()
    );
    for overlay in known.overlays() {
        out.push_str(&format!(
            "with the overlay {}: {} facts added, {} built-in ones contradicted\n",
            overlay.name,
            overlay.added,
            overlay.contradicts.len()
        ));
    }
    for file in files {
        out.push_str(&format!(
            "\n{}  {} rows, as of {}\n{}\n",
            styled(BOLD, file.file),
            file.rows,
            file.as_of,
            wrapped(&format!("a row says {}", file.says), 4, width())
        ));
    }
    out.push_str("\n`refit knowledge list FILE` shows the rows of one.\n");
    out
}

/// The page that is read before an upgrade.
fn difference(page: &Difference) -> String {
    let mut out = format!("what changes from {} to {}\n", page.from, page.to);
    for group in &page.groups {
        out.push_str(&format!("\n{}\n", styled(BOLD, group.who)));
        for change in &group.changes {
            let what = wrapped(&change.what, 10, width());
            out.push_str(&format!("  {:<8}{}\n", change.with, what.trim_start()));
            if !change.act.is_empty() {
                out.push_str(&wrapped(&format!("-> {}", change.act), 10, width()));
                out.push('\n');
            }
            out.push_str(&format!(
                "{}\n",
                styled(DIM, wrapped(&change.source, 10, width()))
            ));
        }
    }
    out
}

fn sources(files: &[FactFileShown]) -> String {
    let mut out = String::new();
    for file in files {
        out.push_str(&format!(
            "{}  as of {}\n",
            styled(BOLD, file.file),
            file.as_of
        ));
        for source in &file.sources {
            out.push_str(&wrapped(&format!("- {source}"), 4, width()));
            out.push('\n');
        }
    }
    out
}

/// A row for each project, a column for each kind of fact; a dot where nothing is
/// known.
fn matrix(projects: &[ProjectCoverage]) -> String {
    let claims: BTreeSet<&str> = projects
        .iter()
        .flat_map(|project| project.claims.keys().map(String::as_str))
        .collect();
    let facts: BTreeSet<&str> = projects
        .iter()
        .flat_map(|project| project.facts.keys().copied())
        .collect();
    let name = projects
        .iter()
        .map(|project| project.project.chars().count())
        .max()
        .unwrap_or_default()
        .max("project".len());
    let heads: Vec<&str> = ["minors"]
        .into_iter()
        .chain(claims.iter().copied())
        .chain(facts.iter().copied())
        .collect();
    let cell = |text: &str, head: &str| format!("  {text:>width$}", width = head.len());
    let mut out = format!("{:name$}", "project");
    for head in &heads {
        out.push_str(&cell(head, head));
    }
    out.push('\n');
    let number = |count: usize| match count {
        0 => ".".to_owned(),
        count => count.to_string(),
    };
    for project in projects {
        out.push_str(&format!("{:name$}", project.project));
        out.push_str(&cell(&number(project.minors), "minors"));
        for basis in &claims {
            let count = project.claims.get(*basis).copied().unwrap_or_default();
            out.push_str(&cell(&number(count), basis));
        }
        for file in &facts {
            let count = project.facts.get(*file).copied().unwrap_or_default();
            out.push_str(&cell(&number(count), file));
        }
        out.push('\n');
    }
    let two = projects
        .iter()
        .filter(|project| project.claims.len() >= 2)
        .count();
    let six = projects
        .iter()
        .filter(|project| project.minors >= 6)
        .count();
    out.push_str(&format!(
        "\n{} projects; claims on two bases or more for {two}, about six minor versions or more for {six}\n",
        projects.len()
    ));
    out
}
