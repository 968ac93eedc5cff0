//! Content hashes: SHA-256 over one canonical form of a value.
//!
//! The canonical form is JSON without white space whose object keys are sorted
//! by their bytes. Sorting is done here and not left to the JSON library, whose
//! map keeps insertion order as soon as any crate in the build asks for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The SHA-256 of a value's canonical form, as 64 lower-case hexadecimal digits.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of `value`.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON (a map with keys that are not
    /// text, a serializer that fails): a defect of the type, not of the input.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::of_bytes(canonical(value)?.as_bytes()))
    }

    /// The hash of bytes as they are.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(
            digits
                .filter_map(|digit| char::from_digit(u32::from(digit), 16))
                .collect(),
        )
    }

    /// The first twelve digits, which is what a person compares.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is not a content hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a content hash of 64 lower-case hexadecimal digits")]
pub struct HashError;

impl TryFrom<String> for ContentHash {
    type Error = HashError;
    fn try_from(text: String) -> Result<Self, HashError> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(digit))
            .then_some(Self(text))
            .ok_or(HashError)
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.0
    }
}

/// The canonical form of `value`: what is hashed, and what is signed.
///
/// # Errors
/// As [`ContentHash::of`].
pub fn canonical<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut canonical = String::new();
    write(&serde_json::to_value(value)?, &mut canonical);
    Ok(canonical)
}

/// Appends the canonical form of `value`.
fn write(value: &Value, out: &mut String) {
    if let Some(map) = value.as_object() {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|(key, _)| key.as_bytes());
        out.push('{');
        for (place, (key, item)) in entries.into_iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            out.push_str(&Value::from(key.as_str()).to_string());
            out.push(':');
            write(item, out);
        }
        out.push('}');
    } else if let Some(list) = value.as_array() {
        out.push('[');
        for (place, item) in list.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            write(item, out);
        }
        out.push(']');
    } else {
        out.push_str(&value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_does_not_matter_and_content_does() {
        let hash = |value: Value| ContentHash::of(&value).unwrap();
        let one: Value = serde_json::from_str(r#"{"b":[1,{"d":2,"c":3}],"a":"x"}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"a":"x","b":[1,{"c":3,"d":2}]}"#).unwrap();
        assert_eq!(hash(one), hash(two));
        assert_ne!(hash(json!([1, 2])), hash(json!([2, 1])));
    }

    #[test]
    fn known_answer() {
        // The SHA-256 of the two bytes `{}`.
        assert_eq!(
            ContentHash::of(&json!({})).unwrap().as_str(),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
