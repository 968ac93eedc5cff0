//! Generates `examples/`: clusters that the demo, the guides and the tests share.
//!
//! `cargo xtask examples` writes the files, `cargo xtask examples --check` fails
//! when the ones in the tree differ. Everything is derived from tables in this
//! module: no randomness, no clock. `examples/README.md` and the manifests of
//! `examples/harbour/manifests/` are written by people.

mod canonical;
mod harbour;
mod identity;
mod yaml;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What went wrong while writing or checking the examples.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The cluster as described does not fit on its nodes.
    #[error("no node of its pool has room for pod {0} of {1}")]
    NoRoom(u32, String),
    /// Helm's payload could not be packed.
    #[error("cannot compress the release {0}")]
    Compress(String, #[source] io::Error),
    /// The file system refused.
    #[error("cannot {0} {1}")]
    Files(&'static str, PathBuf, #[source] io::Error),
    /// `--check` found files that are not what the generator writes.
    #[error("not current, run `cargo xtask examples`: {}", .0.join(", "))]
    Stale(Vec<String>),
    /// An argument that this command does not have.
    #[error("unknown argument `{0}`: `examples` takes only `--check`")]
    Argument(String),
}

/// One generated file: its path below `examples/`, with `/`, and its content.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

/// Runs `examples` (write) or `examples --check` (compare) on the tree at `root`.
///
/// # Errors
///
/// As [`Error`] says; with `--check`, [`Error::Stale`] names every file that is
/// missing, differs, or that nothing generates any more.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Error> {
    let folder = folder(root);
    let files = files()?;
    match arguments {
        [] => write(&folder, &files),
        [flag] if flag == "--check" => compare(&folder, &files),
        [other, ..] => Err(Error::Argument(other.clone())),
    }
}

/// Where the examples stand in a source tree.
fn folder(root: &Path) -> PathBuf {
    root.join("examples")
}

fn files() -> Result<Vec<File>, Error> {
    let mut files = harbour::files()?;
    files.push(canonical::status());
    Ok(files)
}

fn write(folder: &Path, files: &[File]) -> Result<(), Error> {
    for path in leftovers(folder, files)? {
        let path = folder.join(path);
        fs::remove_file(&path).map_err(|error| Error::Files("remove", path, error))?;
    }
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| Error::Files("create", parent.into(), error))?;
        }
        fs::write(&path, &file.text).map_err(|error| Error::Files("write", path, error))?;
    }
    Ok(())
}

fn compare(folder: &Path, files: &[File]) -> Result<(), Error> {
    let mut stale = leftovers(folder, files)?;
    for file in files {
        match fs::read(folder.join(&file.path)) {
            Ok(found) if found == file.text.as_bytes() => {}
            Ok(_) | Err(_) => stale.push(file.path.clone()),
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(stale))
    }
}

/// Files in the folders that the generator fills which it does not write.
fn leftovers(folder: &Path, files: &[File]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for example in ["harbour", "canonical"] {
        let path = folder.join(example);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::Files("read", path, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Error::Files("read", path.clone(), error))?;
            let name = format!("{example}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_file() && files.iter().all(|file| file.path != name) {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_current() {
        run(&crate::root(), &["--check".into()]).unwrap();
    }

    #[test]
    fn a_changed_a_missing_and_a_left_over_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &[]).unwrap();
        run(folder.path(), &["--check".into()]).unwrap();
        let examples = super::folder(folder.path());
        fs::write(examples.join("harbour/nodes.yaml"), "").unwrap();
        fs::remove_file(examples.join("canonical/status.json")).unwrap();
        fs::write(examples.join("harbour/old.yaml"), "").unwrap();
        let error = run(folder.path(), &["--check".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not current, run `cargo xtask examples`: \
             harbour/old.yaml, harbour/nodes.yaml, canonical/status.json"
        );
        run(folder.path(), &[]).unwrap();
        run(folder.path(), &["--check".into()]).unwrap();
    }

    #[test]
    fn a_wrong_argument_is_named() {
        let error = run(Path::new("."), &["--chek".into()]).unwrap_err();
        assert!(error.to_string().contains("`--chek`"));
    }

    #[test]
    fn the_same_bytes_twice() {
        let text = |files: Vec<File>| files.into_iter().map(|f| f.text).collect::<Vec<_>>();
        assert_eq!(text(files().unwrap()), text(files().unwrap()));
    }
}
