//! Gzip: damaged, endless, or in several members.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::inflate::inflate;

/// More than a small input makes by itself, and little enough to be quick.
const MOST: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(unpacked) = inflate(bytes, MOST) {
        assert!(unpacked.len() <= MOST);
    }
});
