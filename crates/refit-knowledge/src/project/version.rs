//! Versions of projects other than Kubernetes: numbers with dots, and perhaps a
//! pre-release behind them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The version of a project, such as `v1.15.1`, `0.8` or `1.12.0-beta.0`.
///
/// Ordered by its numbers; a pre-release comes before its release. What a
/// packager puts behind the numbers, as in `3.5.24-0` or `1.11.4-eksbuild.2`, is
/// the release, packed once more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectVersion {
    numbers: Vec<u32>,
    suffix: String,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version such as 1.15.1")]
pub struct ProjectVersionError {
    /// What was given, cut to 64 characters.
    pub text: String,
}

impl ProjectVersion {
    /// Its major and minor, where it has both.
    #[must_use]
    pub fn line(&self) -> Option<(u32, u32)> {
        match self.numbers.as_slice() {
            [major, minor, ..] => Some((*major, *minor)),
            [] | [_] => None,
        }
    }

    /// Whether it comes before a release: an alpha, a candidate, a nightly build.
    #[must_use]
    pub fn is_pre_release(&self) -> bool {
        is_before_release(&self.suffix)
    }

    /// Whether it begins with the numbers of `line`: `1.15.9` is of `1.15`.
    #[must_use]
    pub fn is_of_line(&self, line: &Self) -> bool {
        self.numbers.starts_with(&line.numbers)
    }
}

impl FromStr for ProjectVersion {
    type Err = ProjectVersionError;

    fn from_str(text: &str) -> Result<Self, ProjectVersionError> {
        let refuse = || ProjectVersionError {
            text: text.chars().take(64).collect(),
        };
        let bare = text.strip_prefix('v').unwrap_or(text);
        let end = bare.find(['-', '+']).unwrap_or(bare.len());
        let (front, suffix) = bare.split_at(end);
        // Four numbers are the most that any known project uses; 64 characters
        // bound what a hostile tag can make us carry around.
        let numbers: Vec<u32> = front
            .split('.')
            .map(|part| {
                let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                plain.then(|| part.parse().ok()).flatten()
            })
            .collect::<Option<_>>()
            .ok_or_else(refuse)?;
        if numbers.len() > 4 || suffix.len() > 64 {
            return Err(refuse());
        }
        Ok(Self {
            numbers,
            suffix: suffix.to_owned(),
        })
    }
}

impl fmt::Display for ProjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.numbers.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        f.write_str(&self.suffix)
    }
}

impl PartialOrd for ProjectVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ProjectVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let released = |version: &Self| !is_before_release(&version.suffix);
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| released(self).cmp(&released(other)))
            .then_with(|| self.suffix.cmp(&other.suffix))
    }
}

/// Whether a suffix says that the release is still to come. Nothing else tells
/// these from the marks of packagers: both stand behind a dash.
fn is_before_release(suffix: &str) -> bool {
    const WORDS: [&str; 9] = [
        "alpha", "beta", "canary", "dev", "nightly", "next", "pre", "rc", "snapshot",
    ];
    suffix.starts_with('-')
        && suffix.split(['-', '.', '_', '+']).any(|part| {
            WORDS
                .iter()
                .any(|word| part.to_ascii_lowercase().starts_with(word))
        })
}

/// Versions from one to another, both included.
///
/// An end with fewer numbers stands for its whole line: `1.15.0` to `1.15`
/// holds `1.15.9`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSpan {
    first: ProjectVersion,
    last: ProjectVersion,
}

impl VersionSpan {
    /// The versions from `first` to `last`; `None` when that holds none.
    #[must_use]
    pub fn new(first: ProjectVersion, last: ProjectVersion) -> Option<Self> {
        let span = Self { first, last };
        span.contains(&span.first).then_some(span)
    }

    /// The first of them.
    #[must_use]
    pub const fn first(&self) -> &ProjectVersion {
        &self.first
    }

    /// The last of them, or the line it ends with.
    #[must_use]
    pub const fn last(&self) -> &ProjectVersion {
        &self.last
    }

    /// Whether `version` is among them.
    #[must_use]
    pub fn contains(&self, version: &ProjectVersion) -> bool {
        *version >= self.first && (*version <= self.last || version.is_of_line(&self.last))
    }
}

impl fmt::Display for VersionSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{} to {}", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ProjectVersion {
        text.parse().unwrap()
    }

    #[test]
    fn texts() {
        for (text, expected) in [
            ("v1.15.1", Some("1.15.1")),
            ("0.8", Some("0.8")),
            ("1.12.0-beta.0", Some("1.12.0-beta.0")),
            ("v1.18.2-eks.1", Some("1.18.2-eks.1")),
            ("latest", None),
            ("", None),
            ("1..2", None),
            ("1.2.3.4.5", None),
            ("sha-abc", None),
            ("1.99999999999", None),
        ] {
            let found = text.parse::<ProjectVersion>().ok().map(|v| v.to_string());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn order() {
        let ascending = [
            "1.9.10",
            "1.12.0-beta.0",
            "1.12.0",
            "1.12.0+build",
            "1.12.0-0",
            "1.12.0-eksbuild.2",
            "1.12.1-0.dev",
            "1.12.1-RC1",
            "1.12.1",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn spans() {
        let span = |first: &str, last: &str| VersionSpan::new(version(first), version(last));
        let line = span("1.15.0", "1.15").unwrap();
        for (text, inside) in [
            ("1.15.0", true),
            ("1.15.12", true),
            ("1.15.0-rc.1", false),
            ("1.14.9", false),
            ("1.16.0", false),
        ] {
            assert_eq!(line.contains(&version(text)), inside, "{text}");
        }
        for (text, inside) in [
            ("1.10.3", true),
            ("1.10.1-0", true),
            ("1.10.6-eksbuild.1", true),
            ("1.10.1-beta.1", false),
        ] {
            let span = span("1.10.1", "1.10.6").unwrap();
            assert_eq!(span.contains(&version(text)), inside, "{text}");
        }
        assert!(
            !span("1.10.1", "1.10.6")
                .unwrap()
                .contains(&version("1.10.0"))
        );
        assert_eq!(span("1.16.0", "1.15"), None);
    }
}
