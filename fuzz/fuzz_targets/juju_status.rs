//! The status of a Juju model, as `juju status --format json` writes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::juju;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    // It is read whether it looks like one or not.
    if let Ok(reading) = juju::status(&value) {
        let text = serde_json::to_vec(&reading.model).unwrap();
        assert_eq!(serde_json::from_slice(&text).ok(), Some(reading.model));
    }
});
