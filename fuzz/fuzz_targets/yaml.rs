//! The documents of a YAML file: cutting, parsing, anchors, places.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::yaml::documents;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|byte| b"\n\r".contains(byte)).count();
    for document in documents(bytes) {
        if let Err(error) = &document.content {
            // A place that the file does not have helps nobody.
            assert!(
                usize::try_from(error.at.line).unwrap() <= lines + 2,
                "{error}"
            );
        }
        if let Ok(Some(content)) = document.content {
            serde_json::to_string(&content.into_json()).unwrap();
        }
    }
});
