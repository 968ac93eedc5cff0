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
