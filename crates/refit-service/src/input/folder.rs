//! Which files of a folder are read.

use super::Ignored;
use crate::failure::{Failure, FailureKind};
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
    /// How many others there are that git ignores.
    pub(super) left_out: usize,
}

/// Lists the files of the folder `path` and of those in it.
///
/// Files whose names begin with a dot are read, and what links lead to: a file
/// that is left out without a word would make a clean report a lie. Only git's
/// own folder is no place for manifests. What git ignores is counted.
pub(super) fn list(path: &Path, ignored: Ignored) -> Result<Listed, Failure> {
    let every = walk(path, Ignored::Nothing)?;
    let files = match ignored {
        Ignored::Nothing => every.files.clone(),
        // Walking twice is cheap beside reading; it is spared all the same where
        // no git is about.
        Ignored::AsGit if every.has_git || lies_in_repository(path) => {
            walk(path, Ignored::AsGit)?.files
        }
        Ignored::AsGit => every.files.clone(),
    };
    Ok(Listed {
        left_out: every.files.len() - files.len(),
        files,
    })
}

fn lies_in_repository(path: &Path) -> bool {
    std::path::absolute(path)
        .is_ok_and(|path| path.ancestors().any(|folder| folder.join(".git").exists()))
}

struct Walked {
    files: Vec<PathBuf>,
    has_git: bool,
}

fn walk(path: &Path, ignored: Ignored) -> Result<Walked, Failure> {
    let mut files = Vec::new();
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
            Err(error) if is_loop(&error) => continue,
            other => other,
        };
        let entry = entry.map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("could not list {}", path.display()),
            )
            .because(error)
        })?;
        let wanted = entry
            .path()
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| {
                ENDINGS
                    .iter()
                    .any(|known| ending.eq_ignore_ascii_case(known))
            });
        let wanted = wanted || is_template(entry.path());
        if wanted && entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    // The same folder gives the same snapshot on every file system. By bytes:
    // comparing paths part by part took a tenth of a scan.
    files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(Walked {
        files,
        has_git: has_git.load(Ordering::Relaxed),
    })
}

/// Whether Helm renders the file: it does so with every file of a chart's
/// `templates`, whatever its ending, except notes and what begins with `_`
/// (helm/helm pkg/engine/engine.go, v3).
fn is_template(path: &Path) -> bool {
    let is_rendered = path
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| !name.starts_with('_') && name != "NOTES.txt");
    is_rendered
        && path.ancestors().skip(1).any(|folder| {
            folder.ends_with("templates")
                && folder
                    .parent()
                    .is_some_and(|chart| chart.join("Chart.yaml").is_file())
        })
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
