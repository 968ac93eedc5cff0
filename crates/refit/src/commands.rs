//! One function a command: arguments in, a use case, words out.

pub(crate) mod assess;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod inventory;
pub(crate) mod knowledge;
pub(crate) mod lint;
pub(crate) mod path;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod snapshot;
pub(crate) mod template;
pub(crate) mod together;

use crate::args::{PlainFormat, PlanSource, Source};
use crate::output;
use crate::watching::watched;
use clap::CommandFactory as _;
use refit_model::name::ParameterName;
use refit_service::documents::{to_json, to_yaml};
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::landscape::{
    self, ConnectOptions, HelmReleases, Ignored, Landscape, Live, Note, Reading, Sought, Tally,
    spelled,
};
use refit_service::rights::cluster_role;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the arguments say to look.
///
/// A folder or cluster has to be named or meant: with no argument at all it is
/// the current context of the user's own kubeconfig, as with kubectl.
pub(crate) fn landscape(source: &Source, sought: Sought) -> Landscape {
    if source.filename.is_empty() {
        Landscape::Live(Live {
            connect: ConnectOptions {
                kubeconfig: source.kubeconfig.clone(),
                context: source.context.clone(),
            },
            releases: HelmReleases::NotAsked,
            tell: output::note,
        })
    } else {
        Landscape::Files {
            paths: paths(source),
            cluster_name: source.cluster_name.clone(),
            ignored: if source.no_ignore {
                Ignored::Nothing
            } else {
                Ignored::AsGit
            },
            sought,
        }
    }
}

/// Where the arguments of what is done with a plan say to look, for everything.
pub(crate) fn plan_landscape(source: &PlanSource) -> Landscape {
    match &source.landscape {
        Some(name) => Landscape::Named(name.clone()),
        None => landscape(&source.cluster, Sought::Everything),
    }
}

/// The files and folders that the arguments name, as they are named in what is told.
pub(crate) fn paths(source: &Source) -> Vec<PathBuf> {
    // Where the folder of the present cannot be had, paths stay as they are.
    let current = std::env::current_dir().unwrap_or_default();
    let paths = source.filename.iter();
    paths.map(|path| spelled(path, &current)).collect()
}

/// What a command with these arguments reads of files.
pub(crate) fn files(source: &Source) -> impl Iterator<Item = &Path> {
    let files = source.filename.iter().chain(&source.kubeconfig);
    files.map(PathBuf::as_path)
}

/// Looks at `landscape`, and tells how far that has come.
pub(crate) async fn look(landscape: &Landscape, known: &Known) -> Result<Reading, Failure> {
    let tally = Tally::default();
    let parts = match landscape {
        Landscape::Files { .. } => "files",
        Landscape::Live(_) => "lists",
        Landscape::Named(_) => "parts",
    };
    watched(
        &tally,
        parts,
        landscape::look(landscape, known.knowledge(), &tally),
    )
    .await
}

/// The parameters of a template, as `--set` gives them.
pub(crate) fn settings(set: &[String]) -> Result<BTreeMap<ParameterName, String>, Failure> {
    set.iter()
        .map(|setting| {
            let (name, value) = setting.split_once('=').ok_or_else(|| {
                Failure::new(
                    FailureKind::Usage,
                    format!("--set {setting:?} is not of the form NAME=VALUE"),
                )
            })?;
            Ok((name.parse().map_err(bad_name)?, value.to_owned()))
        })
        .collect()
}

/// What the authors of the files should know, to standard error.
pub(crate) fn tell(notes: &[Note]) {
    for note in notes.iter().take(MOST_NOTES) {
        match &note.location {
            Some(location) => output::note(&format!("note: {location}: {}", note.text)),
            None => output::note(&format!("note: {}", note.text)),
        }
    }
    let hidden = notes.len().saturating_sub(MOST_NOTES);
    if hidden > 0 {
        output::note(&format!("note: and {hidden} more"));
    }
}

/// How many notes are told one by one: with the findings below them they fill a
/// screen.
const MOST_NOTES: usize = 20;

/// `value` in a machine's form, or `human` for people, to standard output.
pub(crate) fn print<T: Serialize>(
    value: &T,
    format: PlainFormat,
    human: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    let to = &output::Destination::StandardOutput;
    match format {
        PlainFormat::Human => output::prose(&human(value), to),
        PlainFormat::Json => output::deliver(&to_json(value)?, to),
        PlainFormat::Yaml => output::deliver(&to_yaml(value)?, to),
    }
}

/// The page of a code.
pub(crate) fn explain(code: &str) -> Result<u8, Failure> {
    let page = refit_service::codes::explain(code)?;
    let width = output::width();
    let until_then = match page.mitigation {
        "" => String::new(),
        mitigation => format!(
            "{}\n{}\n\n",
            output::styled(output::BOLD, "until then"),
            output::wrapped(mitigation, 0, width)
        ),
    };
    let text = format!(
        "{}  {}\n\n{}\n\n{}\n{}\n\n{until_then}{}\n{}\n",
        output::styled(output::BOLD, page.code),
        page.title,
        output::wrapped(page.means, 0, width),
        output::styled(output::BOLD, "what to do"),
        output::wrapped(page.remedy, 0, width),
        output::styled(output::BOLD, "source"),
        output::wrapped(page.source, 0, width),
    );
    output::deliver(&text, &output::Destination::StandardOutput)?;
    Ok(refit_service::exit::FINE)
}

/// The least ClusterRole that an assessment needs.
pub(crate) fn rbac(helm_releases: bool) -> Result<u8, Failure> {
    let releases = if helm_releases {
        HelmReleases::Read
    } else {
        HelmReleases::NotAsked
    };
    output::deliver(
        &cluster_role(releases),
        &output::Destination::StandardOutput,
    )?;
    Ok(refit_service::exit::FINE)
}

/// What a shell needs to complete commands and options.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    let mut command = crate::args::Cli::command();
    clap_complete::generate(shell, &mut command, "refit", &mut script);
    output::deliver(
        &String::from_utf8_lossy(&script),
        &output::Destination::StandardOutput,
    )?;
    Ok(refit_service::exit::FINE)
}

/// The failure of a name that breaks the rule of names.
pub(crate) fn bad_name(error: refit_model::name::NameError) -> Failure {
    Failure::new(FailureKind::Usage, "could not use a name that was given").because(error)
}
