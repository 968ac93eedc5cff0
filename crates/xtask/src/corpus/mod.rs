//! A corpus of manifests to measure reading with: many files as repositories
//! hold them, and the findings that a reader must make in them.
//!
//! The same numbers give the same bytes on every machine.

mod dump;
mod kinds;
mod write;

use crate::{Outcome, say};
use std::fs;
use std::path::{Path, PathBuf};
pub(crate) use write::Expected;
use write::{Layout, Writer};

/// How many files and documents the bar of the design speaks of.
const FILES: usize = 50_000;
const DOCUMENTS: usize = 105_000;

/// Files of one folder: about what a team's repository holds.
const IN_FOLDER: usize = 100;

const USAGE: &str = "\
usage: cargo xtask corpus --dump --out DIR
  writes nodes.json and pods.json of a cluster of 5000 nodes and 150000 pods, as
  kubectl writes them with managed fields, 8 KiB a pod
usage: cargo xtask corpus --out DIR [--files N]
  writes N files (50000 without it) and DIR.expected.json, the uses of API
  versions that a reader must tell at 1.36, each with its line and column";

/// Writes the corpus.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let (out, files) = match arguments {
        [dump, flag, out] if dump == "--dump" && flag == "--out" => {
            return dump::run(Path::new(out));
        }
        [flag, out] if flag == "--out" => (PathBuf::from(out), FILES),
        [flag, out, count, files] if flag == "--out" && count == "--files" => {
            (PathBuf::from(out), files.parse()?)
        }
        _ => return Err(USAGE.into()),
    };
    if out.exists() {
        return Err(format!("{} is there already", out.display()).into());
    }
    let written = write_corpus(&out, files)?;
    say(&format!(
        "{} files, {} documents, {:.1} MB, {} uses to find: {}",
        files,
        written.documents,
        // Megabytes of a person, not of an address space.
        written.bytes as f64 / 1e6,
        written.expected,
        out.display()
    ))
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written {
    /// Documents, the items of lists counted each.
    pub(crate) documents: usize,
    /// Bytes of all files.
    pub(crate) bytes: usize,
    /// Uses of API versions that are to be found.
    pub(crate) expected: usize,
}

/// Where the uses that a reader must find in the corpus `out` are written down.
pub(crate) fn expected_beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".expected.json");
    PathBuf::from(name)
}

fn write_corpus(out: &Path, files: usize) -> Outcome<Written> {
    // Any seed does; this one is the day the generator was written.
    let mut random = fastrand::Rng::with_seed(20_261_129);
    let mut written = Written::default();
    let mut expected = Vec::new();
    // Documents are spread so that the last file holds the last of them.
    let documents = DOCUMENTS * files / FILES;
    for file in 0..files {
        let folder = out.join(format!("team-{:03}", file / IN_FOLDER));
        if file % IN_FOLDER == 0 {
            fs::create_dir_all(&folder)?;
        }
        let count = documents * (file + 1) / files - documents * file / files;
        // About what repositories hold beside plain files of documents.
        let layout = match random.u32(0..100) {
            0..=2 => Layout::List,
            3 => Layout::Json,
            4 => Layout::WindowsLines,
            _ => Layout::Documents,
        };
        let ending = match layout {
            Layout::Json => "json",
            Layout::List | Layout::WindowsLines | Layout::Documents => "yaml",
        };
        let name = format!("{file:05}.{ending}");
        let path = folder.join(&name);
        let mut writer = Writer::new(layout, path.display().to_string());
        for _ in 0..count {
            writer.object(&kinds::draw(&mut random, written.documents));
            written.documents += 1;
        }
        let (text, found) = writer.finish();
        written.bytes += text.len();
        expected.extend(found);
        fs::write(path, text)?;
    }
    written.expected = expected.len();
    fs::write(
        expected_beside(out),
        serde_json::to_string_pretty(&expected)?,
    )?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected places are found again in the text, by another way than the
    /// one that wrote them down.
    #[test]
    fn what_is_expected_stands_where_it_is_said_to() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("corpus");
        let written = write_corpus(&out, 500).unwrap();
        assert_eq!(written.documents, 1050);
        let expected: Vec<Expected> =
            serde_json::from_str(&fs::read_to_string(expected_beside(&out)).unwrap()).unwrap();
        assert_eq!(expected.len(), written.expected);
        assert!(expected.len() > 10, "{}", expected.len());
        for use_ in expected {
            let text = fs::read_to_string(&use_.file).unwrap();
            let line = text.lines().nth(use_.line - 1).unwrap();
            let from = &line[use_.column - 1..];
            assert!(
                from.starts_with("apiVersion") || from.starts_with("\"apiVersion\""),
                "{use_:?}: {line}"
            );
            assert!(line.contains(&use_.api_version), "{use_:?}: {line}");
        }
    }
}
