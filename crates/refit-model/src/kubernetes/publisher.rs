//! Whose code something says it is.

use super::{KeyError, key_error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who owns the repositories that an address is of: `github.com/istio`.
///
/// A chart names addresses: its home, and where its sources are. The rest of such
/// an address says little and may hold what is nobody's business, such as a
/// password, so only the host and the first part of the path are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Publisher {
    host: String,
    owner: String,
}

impl Publisher {
    /// The owner of what stands at `address`, such as
    /// `https://github.com/istio/istio`; `None` where that names no owner.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        let rest = address.trim();
        let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (rest, _) = rest.split_at(end);
        let mut parts = rest.split('/');
        let authority = parts.next()?;
        let host = authority.rsplit('@').next()?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        format!("{host}/{}", parts.next()?)
            .to_lowercase()
            .parse()
            .ok()
    }
}

impl fmt::Display for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.owner)
    }
}

impl FromStr for Publisher {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // Longer than any host and any owner: 253 and 39 characters.
        let is_plain = text.len() <= 300 && text.chars().all(is_of_name);
        match text.split_once('/') {
            Some((host, owner))
                if is_plain && host.contains('.') && !owner.is_empty() && !owner.contains('/') =>
            {
                Ok(Self {
                    host: host.to_owned(),
                    owner: owner.to_owned(),
                })
            }
            Some(_) | None => Err(key_error(text, "host/owner")),
        }
    }
}

/// Two owners that differ in letter case are one, and only small letters are kept.
const fn is_of_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_' | '~' | ':' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_told_by_addresses() {
        for (address, expected) in [
            ("https://github.com/istio/istio", Some("github.com/istio")),
            (
                "http://GitHub.com/Kong/charts/tree/main",
                Some("github.com/kong"),
            ),
            ("github.com/minio", Some("github.com/minio")),
            (
                " https://www.github.com/minio/operator ",
                Some("github.com/minio"),
            ),
            (
                "https://u:secret@git.example.com:8443/team/x?token=y",
                Some("git.example.com:8443/team"),
            ),
            ("https://gitlab.com/a/b/c/d", Some("gitlab.com/a")),
            ("https://konghq.com/", None),
            ("https://min.io", None),
            ("https://github.com?x=/istio", None),
            ("oci://registry", None),
            ("istio/istio", None),
            ("https://example.com/a b", None),
            ("https:///x", None),
            ("", None),
        ] {
            let found = Publisher::of_address(address);
            let text = found.as_ref().map(ToString::to_string);
            assert_eq!(text.as_deref(), expected, "{address:?}");
            if let Some(text) = text {
                assert_eq!(text.parse().ok(), found);
            }
        }
        for text in [
            "github.com/",
            "github.com",
            "GitHub.com/x",
            &"a.b/".repeat(100),
        ] {
            assert!(text.parse::<Publisher>().is_err(), "{text}");
        }
    }
}
