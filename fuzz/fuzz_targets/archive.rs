//! An archive: the bytes as they are, and as one member behind a right header,
//! so that what is inside is reached without guessing a checksum.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_sources::{ReadOptions, SourceFile, read};

fuzz_target!(|bytes: &[u8]| {
    for archive in [
        bytes.to_vec(),
        [&header(bytes)[..], bytes, &[0; 1024]].concat(),
    ] {
        let file = SourceFile {
            name: "dump.tar".to_owned(),
            bytes: archive,
        };
        let reading = read([file], &ReadOptions::default());
        // No archive is clean and empty.
        assert!(
            reading.objects > 0
                || !reading.snapshot.gaps.is_empty()
                || reading.snapshot.juju.is_some()
        );
    }
});

/// The header of one member that holds `bytes`. Its path and kind are the first
/// bytes, so that they are as hostile as the rest.
fn header(bytes: &[u8]) -> [u8; 512] {
    let mut header = [0; 512];
    let path = bytes.get(1..40).unwrap_or(b"nodes.yaml");
    header[..path.len()].copy_from_slice(path);
    header[path.len()..path.len() + 5].copy_from_slice(b".yaml");
    header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = bytes.first().copied().filter(u8::is_ascii).unwrap_or(b'0');
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
