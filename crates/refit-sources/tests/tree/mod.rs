//! The files of the tree that tests read.

use refit_sources::SourceFile;
use std::path::{Path, PathBuf};

/// The files below `examples/NAME`, in order of their names.
pub(crate) fn example(name: &str) -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect(&root("../../examples").join(name), name, &mut found);
    found
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the room is pure, its tests read the files that it is given"
)]
fn collect(folder: &Path, prefix: &str, into: &mut Vec<SourceFile>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}/{file}");
        if path.is_dir() {
            collect(&path, &name, into);
        } else {
            into.push(SourceFile {
                name,
                bytes: std::fs::read(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            });
        }
    }
}
