//! Gzip, within bounds.

use flate2::read::MultiGzDecoder;
use std::io::Read as _;

/// Why packed bytes cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// The bytes are damaged.
    #[error("the compressed data is damaged: {0}")]
    Damaged(String),
    /// The bytes unpack to more than is allowed.
    #[error("it unpacks to more than {} MiB", .0 >> 20)]
    TooLarge(usize),
}

/// Whether `bytes` begin as gzip does (RFC 1952).
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The unpacked bytes, at most `most` of them.
///
/// # Errors
/// When the data is damaged, or would be larger.
pub fn inflate(bytes: &[u8], most: usize) -> Result<Vec<u8>, InflateError> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut unpacked)
        .map_err(|error| InflateError::Damaged(error.to_string()))?;
    if unpacked.len() > most {
        return Err(InflateError::TooLarge(most));
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn packed(length: usize) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&vec![b'x'; length]).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_unpacks_is_bounded() {
        assert!(is_gzip(&packed(10)));
        assert_eq!(
            inflate(&packed(1000), 1000).map(|bytes| bytes.len()),
            Ok(1000)
        );
        assert_eq!(
            inflate(&packed(1001), 1000),
            Err(InflateError::TooLarge(1000))
        );
        // A bomb is stopped at the bound, also one of many members.
        let members = packed(10_000).repeat(1000);
        assert_eq!(inflate(&members, 4096), Err(InflateError::TooLarge(4096)));
        let half = packed(1000);
        let half = half.get(..half.len() / 2).unwrap_or_default();
        assert!(matches!(inflate(half, 4096), Err(InflateError::Damaged(_))));
    }
}
