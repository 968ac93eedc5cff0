//! One file as a user would name it: whatever it is, reading it ends, and what
//! comes out can be written and is read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::{ReadOptions, SourceFile, read};

/// The first byte chooses the name, which decides how some files are read.
const NAMES: [&str; 6] = [
    "objects.yaml",
    "nodes.json",
    "dump.tar",
    "chart.tgz",
    "chart/templates/objects.yaml",
    "chart/Chart.yaml",
];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let file = SourceFile {
        name: NAMES[usize::from(*choice) % NAMES.len()].to_owned(),
        bytes: bytes.to_vec(),
    };
    let snapshot = read([file], &ReadOptions::default()).snapshot;
    let text = serde_json::to_vec(&snapshot).unwrap();
    assert_eq!(serde_json::from_slice(&text).ok(), Some(snapshot));
});
