//! The items of a list in JSON, as `kubectl get -o json` writes it: the bytes
//! stand where the items do, so that the list need not be found first.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::{ReadOptions, SourceFile, read};

fuzz_target!(|items: &[u8]| {
    let head = br#"{"apiVersion": "v1", "kind": "List", "items": ["#;
    let file = SourceFile {
        name: "list.json".to_owned(),
        bytes: [head, items, b"]}"].concat(),
    };
    let reading = read([file], &ReadOptions::default());
    assert!(reading.documents > 0);
});
