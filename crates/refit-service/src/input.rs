//! From paths to a snapshot: files, folders and standard input are collected
//! here and decoded by `refit-sources`.

use crate::documents::{Flat, neighbour};
use crate::failure::{Failure, FailureKind};
use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, Reading, SourceFile};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The endings that a folder is searched for. A file that is named directly is
/// read whatever its ending.
const ENDINGS: [&str; 8] = ["yaml", "yml", "json", "jsonl", "ndjson", "gz", "tar", "tgz"];

/// The most that is read into memory at once: a dump of 150,000 pods of 8 KiB.
const LARGEST_TOTAL: u64 = 1_300 * 1024 * 1024;

/// Reads every file under `paths` (`-` is standard input) into one snapshot.
///
/// # Errors
/// When a path is missing or unreadable, when there is nothing to read in it,
/// or when it is more than fits in memory.
pub fn read_paths(paths: &[PathBuf], options: &ReadOptions) -> Result<Reading, Failure> {
    let mut files = Vec::new();
    let mut total = 0_u64;
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(LARGEST_TOTAL)
                .read_to_end(&mut bytes)
                .map_err(|error| {
                    Failure::new(FailureKind::Usage, "could not read standard input").because(error)
                })?;
            files.push(SourceFile {
                name: "standard input".to_owned(),
                bytes,
            });
            continue;
        }
        let found = files_under(path)?;
        if found.is_empty() {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("{} holds no YAML or JSON file", path.display()),
            )
            .hint(
                "files that end in .yaml, .yml, .json, .jsonl, .ndjson, .gz, .tar or .tgz are read; any \
                 other is named directly",
            ));
        }
        for file in found {
            let bytes = std::fs::read(&file).map_err(|error| {
                Failure::new(
                    FailureKind::Usage,
                    format!("could not read {}", file.display()),
                )
                .because(error)
            })?;
            total = total.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if total > LARGEST_TOTAL {
                return Err(Failure::new(
                    FailureKind::Usage,
                    format!("{} holds more than can be read at once", path.display()),
                ));
            }
            files.push(SourceFile {
                name: file.display().to_string(),
                bytes,
            });
        }
    }
    let read = files.len();
    let reading = refit_sources::read(files, options);
    if reading.objects == 0 && reading.snapshot.juju.is_none() {
        // What could not be parsed is the likeliest reason, and the place is in
        // its words.
        let unreadable = reading.snapshot.gaps.iter().find_map(|gap| match &gap.why {
            Unseen::Failed(why) => Some(format!("{}: {why}", gap.what)),
            Unseen::NotAsked | Unseen::NotInSource | Unseen::Forbidden(_) => None,
        });
        let failure = Failure::new(
            FailureKind::Usage,
            format!(
                "no Kubernetes object and no Juju status was found in {}",
                if read == 1 {
                    "the file".to_owned()
                } else {
                    format!("the {read} files")
                }
            ),
        );
        return Err(match unreadable {
            Some(why) => failure
                .because(Flat(why))
                .hint("mend that place; documents beside it are read all the same"),
            None => failure.hint(
                "manifests, `kubectl get -o yaml` and `juju status --format json` are understood",
            ),
        });
    }
    Ok(reading)
}

/// The files to read under one path, sorted, so that the same folder gives the
/// same snapshot on every file system.
fn files_under(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let metadata = std::fs::metadata(path).map_err(|error| {
        let failure = Failure::new(
            FailureKind::Usage,
            format!("could not read {}", path.display()),
        );
        match neighbour(path) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("-f takes a file, a folder, or - for standard input"),
        }
        .because(error)
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    // Everything counts: a file that was left out without a word, because a
    // .gitignore names it or its name begins with a dot, would make a clean
    // report a lie. Only git's own folder is no place for manifests.
    let walk = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .follow_links(true)
        .filter_entry(|entry| entry.file_name() != ".git")
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
        if wanted && entry.file_type().is_some_and(|kind| kind.is_file()) {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
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
