//! Which files of a folder are read.

use super::Ignored;
use crate::failure::{Failure, FailureKind};
use refit_sources::archive::is_rendered;
use refit_sources::is_unrendered;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The endings that a folder is searched for. A file that is named directly is
/// read whatever its ending.
const ENDINGS: [&str; 8] = ["yaml", "yml", "json", "jsonl", "ndjson", "gz", "tar", "tgz"];

/// The files of a folder.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Those to read, sorted.
    pub(super) files: Vec<PathBuf>,
    /// The others, which git ignores.
    pub(super) left_out: BTreeSet<PathBuf>,
    /// What may hold files and cannot be looked into, and why.
    pub(super) closed: Vec<(PathBuf, String)>,
}

/// Lists the files of the folder `path` and of those in it.
///
/// Files whose names begin with a dot are read, and what links lead to: a file
/// that is left out without a word would make a clean report a lie. Only git's
/// own folder is no place for manifests. What git ignores is counted.
pub(super) fn list(path: &Path, ignored: Ignored) -> Result<Listed, Failure> {
    let every = walk(path, Ignored::Nothing)?;
    let all = every.listed.files.clone();
    let listed = match ignored {
        // Walking twice is cheap beside reading; it is spared all the same where
        // no git is about.
        Ignored::AsGit if every.has_git || lies_in_repository(path) => {
            walk(path, Ignored::AsGit)?.listed
        }
        Ignored::AsGit | Ignored::Nothing => every.listed,
    };
    let mut left_out: BTreeSet<PathBuf> = BTreeSet::new();
    if listed.files.len() < all.len() {
        left_out.extend(all);
        for file in &listed.files {
            left_out.remove(file);
        }
    }
    Ok(Listed { left_out, ..listed })
}

fn lies_in_repository(path: &Path) -> bool {
    std::path::absolute(path)
        .is_ok_and(|path| path.ancestors().any(|folder| folder.join(".git").exists()))
}

struct Walked {
    listed: Listed,
    has_git: bool,
}

fn walk(path: &Path, ignored: Ignored) -> Result<Walked, Failure> {
    let mut listed = Listed::default();
    // Folders and files that a link led to.
    let mut links: Vec<PathBuf> = Vec::new();
    let has_git = Arc::new(AtomicBool::new(false));
    let met_git = Arc::clone(&has_git);
    let by_git = ignored == Ignored::AsGit;
    let walk = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .parents(by_git)
        .git_ignore(by_git)
        .git_exclude(by_git)
        .git_global(by_git)
        .follow_links(true)
        .filter_entry(move |entry| {
            let is_git = entry.file_name() == ".git";
            met_git.fetch_or(is_git, Ordering::Relaxed);
            !is_git
        })
        .build();
    for entry in walk {
        // What a link leads back to is read where it really is.
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_loop(&error) => continue,
            Err(error) => match place(&error) {
                Some(place) if place != path => {
                    if !is_lock(place) {
                        let why = io_words(&error);
                        listed.closed.push((place.to_owned(), why));
                    }
                    continue;
                }
                Some(_) | None => {
                    let what = format!("could not list {}", path.display());
                    return Err(Failure::new(FailureKind::Usage, what)
                        .because(error)
                        .hint("name a folder that you may read"));
                }
            },
        };
        if entry.path_is_symlink() && entry.depth() > 0 {
            links.push(entry.path().to_owned());
        }
        let wanted = entry
            .path()
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| {
                ENDINGS
                    .iter()
                    .any(|known| ending.eq_ignore_ascii_case(known))
            });
        let name = entry.file_name().to_str();
        let wanted = wanted || name.is_some_and(is_unrendered) || is_template(entry.path());
        if wanted && entry.file_type().is_some_and(|kind| kind.is_file()) {
            listed.files.push(entry.into_path());
        }
    }
    leave_out_doubles(&mut listed.files, &links);
    // The same folder gives the same snapshot on every file system. By bytes:
    // comparing paths part by part took a tenth of a scan.
    listed
        .files
        .sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    listed.closed.sort();
    Ok(Walked {
        listed,
        has_git: has_git.load(Ordering::Relaxed),
    })
}

/// Leaves out what `links` lead to and is among `files` by its own path as well:
/// it is read where it really is. What lies elsewhere stays.
fn leave_out_doubles(files: &mut Vec<PathBuf>, links: &[PathBuf]) {
    if links.is_empty() {
        return;
    }
    let is_linked = |path: &Path| links.iter().any(|link| path.starts_with(link));
    let real: BTreeSet<PathBuf> = files
        .iter()
        .filter(|path| !is_linked(path))
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    files.retain(|path| {
        let at = is_linked(path).then(|| path.canonicalize());
        !matches!(at, Some(Ok(at)) if real.contains(&at))
    });
}

/// Whether the file is a template of a chart, which Helm renders whatever its
/// ending.
fn is_template(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(is_rendered)
        && path.ancestors().skip(1).any(|folder| {
            folder.ends_with("templates")
                && folder
                    .parent()
                    .is_some_and(|chart| chart.join("Chart.yaml").is_file())
        })
}

/// Where the walk met an error.
fn place(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place(err)
        }
        ignore::Error::Loop { .. }
        | ignore::Error::Partial(_)
        | ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => None,
    }
}

/// What the system said, without the path.
fn io_words(error: &ignore::Error) -> String {
    error
        .io_error()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether it is what Emacs leaves beside a file that somebody edits: a link to
/// nowhere, whose target says who. Nothing stands behind it.
fn is_lock(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(".#"))
        && path.symlink_metadata().is_ok_and(|meta| meta.is_symlink())
}

/// Whether the walk came to a link that leads to a folder above itself.
fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Loop { .. } => true,
        ignore::Error::WithLineNumber { err, .. }
        | ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. } => is_loop(err),
        ignore::Error::Partial(_)
        | ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => false,
    }
}
