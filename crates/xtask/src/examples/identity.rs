//! Names, UIDs and times that look as a cluster's do and are the same on every
//! run: each is derived from a hash of the object it belongs to.

use sha2::{Digest as _, Sha256};

/// The letters Kubernetes makes name suffixes of: no vowels and nothing that
/// reads like one, so that no word appears by chance.
const SUFFIX: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A UID of the form of a random (version 4) UUID.
pub(super) fn uid(seed: &str) -> String {
    let mut hex = digest(seed).map(|byte| format!("{byte:02x}"));
    let mut group = |bytes: usize| hex.by_ref().take(bytes).collect::<String>();
    let (a, b) = (group(4), group(2));
    let (c, d) = (group(2), group(2));
    let e = group(6);
    let (c, d) = (
        c.get(1..).unwrap_or_default(),
        d.get(1..).unwrap_or_default(),
    );
    format!("{a}-{b}-4{c}-9{d}-{e}")
}

/// A name suffix such as `x7k2p`.
pub(super) fn suffix(seed: &str, length: usize) -> String {
    digest(seed)
        .take(length)
        .filter_map(|byte| SUFFIX.get(usize::from(byte) % SUFFIX.len()))
        .map(|&letter| char::from(letter))
        .collect()
}

/// Hexadecimal characters, for hashes that components print.
pub(super) fn hex(seed: &str, length: usize) -> String {
    let text: String = digest(seed).map(|byte| format!("{byte:02x}")).collect();
    text.chars().take(length).collect()
}

/// A number from `0` up to and without `below`.
pub(super) fn number(seed: &str, below: u32) -> u32 {
    let value = digest(seed)
        .take(4)
        .fold(0_u32, |sum, byte| (sum << 8) | u32::from(byte));
    value % below.max(1)
}

/// A moment on a day of the given month (`2026-07`), in UTC. Days stay below 28
/// so that every month has them.
pub(super) fn moment(month: &str, seed: &str) -> String {
    format!(
        "{month}-{:02}T{:02}:{:02}:{:02}Z",
        number(&format!("{seed}/day"), 27) + 1,
        number(&format!("{seed}/hour"), 24),
        number(&format!("{seed}/minute"), 60),
        number(&format!("{seed}/second"), 60),
    )
}

fn digest(seed: &str) -> impl Iterator<Item = u8> {
    Sha256::digest(seed.as_bytes()).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let uid = uid("Pod/a/b");
        assert_eq!(uid.len(), 36);
        assert_eq!(
            uid.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert_eq!(suffix("x", 5).len(), 5);
        assert!(number("x", 7) < 7);
        assert_eq!(moment("2026-07", "x").len(), "2026-07-01T00:00:00Z".len());
    }
}
