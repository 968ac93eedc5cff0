//! A stored Helm release: the bytes are what stands in `data.release`, as they
//! are and packed as Helm packs them, so that what is inside is reached.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use refit_sources::{ReadOptions, SourceFile, read};
use serde_json::json;
use std::io::Write as _;

fuzz_target!(|bytes: &[u8]| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    let packed = STANDARD.encode(encoder.finish().unwrap());
    for release in [String::from_utf8_lossy(bytes).into_owned(), packed] {
        let object = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "sh.helm.release.v1.shop.v1",
                "namespace": "shop",
                "labels": {"owner": "helm", "name": "shop", "status": "deployed", "version": "1"},
            },
            "data": {"release": release},
        });
        let stored = refit_sources::helm::stored(&object);
        let file = SourceFile {
            name: "release.json".to_owned(),
            bytes: serde_json::to_vec(&object).unwrap(),
        };
        let reading = read([file], &ReadOptions::default());
        // What is no release is told.
        assert!(stored.is_ok() || !reading.snapshot.gaps.is_empty());
    }
});
