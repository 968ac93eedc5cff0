//! From paths to a snapshot: files, folders and standard input are found and
//! read here, and decoded by `refit-sources`.
//!
//! Files are decoded beside each other and put together in the order of their
//! names, so that the same folder gives the same snapshot. Only the files that
//! are being decoded are in memory.

mod folder;
mod order;

use crate::documents::{Flat, bounded, neighbour};
use crate::failure::{Failure, FailureKind};
use refit_model::seen::Unseen;
use refit_sources::{Decoded, Interest, Note, ReadOptions, Reader, Reading, SourceFile, Tally};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The most that one file may hold: a dump of 150,000 pods of 8 KiB.
const LARGEST_FILE: u64 = 1_300 * 1024 * 1024;

/// What a folder is searched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ignored {
    /// Files that git ignores are left out, and counted.
    #[default]
    AsGit,
    /// Every file is read.
    Nothing,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Input {
    Standard,
    /// Named by a person, who has to know when it cannot be read.
    File(PathBuf),
    /// Found in a folder: where it cannot be read, the others are, and that is a gap.
    Found(PathBuf),
    /// Cannot be looked into, for this reason.
    Closed(PathBuf, String),
}

/// Reads every file under `paths` (`-` is standard input) into one snapshot, as
/// far as it is of interest; `tally` tells how far that has come.
///
/// # Errors
/// When a path is missing or unreadable, when there is nothing to read in it,
/// or when a file is more than fits in memory.
pub fn read_paths(
    paths: &[PathBuf],
    ignored: Ignored,
    interest: Interest<'_>,
    options: &ReadOptions,
    tally: &Tally,
) -> Result<Reading, Failure> {
    let mut inputs = Vec::new();
    let mut notes = Vec::new();
    let mut left_out = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input::Standard);
            continue;
        }
        if !is_folder(path)? {
            // What is named directly is read, whatever git thinks of it.
            inputs.push(Input::File(path.clone()));
            continue;
        }
        let listed = folder::list(path, ignored)?;
        if listed.files.is_empty() && listed.closed.is_empty() {
            let failure = Failure::new(
                FailureKind::Usage,
                format!("{} holds no YAML or JSON file", path.display()),
            );
            return Err(if listed.left_out.is_empty() {
                failure.hint(
                    "files that end in .yaml, .yml, .json, .jsonl, .ndjson, .gz, .tar or .tgz are \
                     read; any other is named directly",
                )
            } else {
                failure.hint(format!(
                    "{}; --no-ignore reads them",
                    said_left_out(listed.left_out.len())
                ))
            });
        }
        if !listed.left_out.is_empty() {
            notes.push(Note {
                location: None,
                text: format!(
                    "{}: {}, and left out; --no-ignore reads them",
                    path.display(),
                    said_left_out(listed.left_out.len())
                ),
            });
        }
        left_out.extend(
            listed
                .left_out
                .iter()
                .map(|path| path.display().to_string()),
        );
        inputs.extend(listed.files.into_iter().map(Input::Found));
        let closed = listed.closed.into_iter();
        inputs.extend(closed.map(|(path, why)| Input::Closed(path, why)));
    }
    let mut reader = Reader::watching(options.watch.clone());
    tally.expect(inputs.len());
    let sought = order::Sought {
        interest,
        watch: &options.watch,
    };
    order::decode(&inputs, sought, tally, &mut |decoded| {
        tally.objects(decoded.parts());
        reader.take(decoded);
    })?;
    let mut reading = reader.finish(options);
    // Of a chart nothing may be seen, and that is an answer.
    let is_empty = reading.objects == 0 && reading.templates == 0;
    if is_empty && reading.snapshot.juju.is_none() {
        return Err(nothing_found(&reading, inputs.len()));
    }
    reading.notes.splice(0..0, notes);
    reading.left_out = left_out;
    Ok(reading)
}

/// `path` as it is named in what is told, which must not depend on how a person
/// spells it: relative to the folder `current` when it lies in it, and without
/// steps that lead nowhere.
#[must_use]
pub fn spelled(path: &Path, current: &Path) -> PathBuf {
    let inside = path.strip_prefix(current).unwrap_or(path);
    let parts = inside
        .components()
        .filter(|part| *part != Component::CurDir);
    let spelled: PathBuf = parts.collect();
    if spelled.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        spelled
    }
}

fn said_left_out(count: usize) -> String {
    match count {
        1 => "git ignores one file".to_owned(),
        count => format!("git ignores {count} files"),
    }
}

fn nothing_found(reading: &Reading, files: usize) -> Failure {
    // What could not be parsed is the likeliest reason, and the place is in its
    // words.
    let unreadable = reading.snapshot.gaps.iter().find_map(|gap| match &gap.why {
        Unseen::Failed(why) => Some(format!("{}: {why}", gap.what)),
        Unseen::NotAsked | Unseen::NotInSource | Unseen::Forbidden(_) => None,
    });
    let failure = Failure::new(
        FailureKind::Usage,
        format!(
            "no Kubernetes object and no Juju status was found in {}",
            if files == 1 {
                "the file".to_owned()
            } else {
                format!("the {files} files")
            }
        ),
    );
    match unreadable {
        Some(why) => failure
            .because(Flat(why))
            .hint("mend that place; documents beside it are read all the same"),
        None => failure.hint(
            "manifests, `kubectl get -o yaml` and `juju status --format json` are understood",
        ),
    }
}

/// Whether `path` is a folder.
fn is_folder(path: &Path) -> Result<bool, Failure> {
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
    Ok(metadata.is_dir())
}

/// What became of opening an input.
enum Opened {
    File(SourceFile),
    Unread(Decoded),
}

impl Input {
    /// Its contents.
    fn open(&self) -> Result<Opened, Failure> {
        match self {
            Self::Standard => {
                let read = bounded(std::io::stdin().lock(), 0, LARGEST_FILE);
                contents("standard input", read)
            }
            Self::File(path) => file(path),
            Self::Found(path) => {
                return Ok(file(path).map_or_else(
                    |failure| Opened::Unread(unread(path, failure.in_words())),
                    Opened::File,
                ));
            }
            Self::Closed(path, why) => return Ok(Opened::Unread(unread(path, why.clone()))),
        }
        .map(Opened::File)
    }
}

fn unread(path: &Path, why: String) -> Decoded {
    Decoded::unread(&path.display().to_string(), why)
}

fn file(path: &Path) -> Result<SourceFile, Failure> {
    let read = std::fs::File::open(path).and_then(|file| {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        bounded(file, length, LARGEST_FILE)
    });
    contents(&path.display().to_string(), read)
}

fn contents(name: &str, read: std::io::Result<Option<Vec<u8>>>) -> Result<SourceFile, Failure> {
    let bytes = read.map_err(|error| {
        Failure::new(FailureKind::Usage, format!("could not read {name}")).because(error)
    })?;
    let Some(bytes) = bytes else {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{name} holds more than can be read at once"),
        )
        .hint(format!(
            "the limit is {} MiB a file; several smaller dumps may lie in one folder",
            LARGEST_FILE >> 20
        )));
    };
    Ok(SourceFile {
        name: name.to_owned(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_alike_however_it_is_spelled() {
        for (path, expected) in [
            ("manifests", "manifests"),
            ("./manifests/", "manifests"),
            ("manifests/./web", "manifests/web"),
            ("/home/ada/manifests", "manifests"),
            ("/home/ada/", "."),
            ("./", "."),
            (".", "."),
            ("-", "-"),
            // What lies elsewhere is named as it was given: a link may be on the way.
            ("../manifests", "../manifests"),
            ("/srv/manifests", "/srv/manifests"),
        ] {
            let found = spelled(Path::new(path), Path::new("/home/ada"));
            assert_eq!(found, Path::new(expected), "{path}");
        }
    }
}
