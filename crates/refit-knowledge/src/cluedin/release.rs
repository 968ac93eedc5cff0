//! The names of releases and of data versions.

use std::fmt;
use std::str::FromStr;

/// A release as CluedIn writes it: `2024.07`, `2024.07.03`, `2026.01.00-support`.
///
/// Year, number within the year, patch; padded with zeros, so never compared as
/// text or read as a number: a YAML reader makes `2024.1` out of `2024.10`.
/// Without a patch it is a floating tag, and stands for its whole line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName {
    year: u16,
    number: u8,
    patch: Option<u8>,
    suffix: String,
}

impl ReleaseName {
    /// Whether it lacks the patch, so that what it means can move.
    #[must_use]
    pub const fn is_floating(&self) -> bool {
        self.patch.is_none()
    }

    /// Its line: the name without patch and suffix.
    #[must_use]
    pub const fn line(&self) -> Self {
        Self {
            year: self.year,
            number: self.number,
            patch: None,
            suffix: String::new(),
        }
    }

    /// Whether it stands for `other`: the same release, or the line of it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self == other || (self.is_floating() && *self == other.line())
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}.{:02}", self.year, self.number)?;
        if let Some(patch) = self.patch {
            write!(f, ".{patch:02}")?;
        }
        f.write_str(&self.suffix)
    }
}

/// A text that is no release of CluedIn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a release of CluedIn; write it with its zeros, such as 2024.07 or 2024.07.03"
)]
pub struct ReleaseError {
    /// What was given.
    pub text: String,
}

impl FromStr for ReleaseName {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let refuse = || ReleaseError {
            text: text.to_owned(),
        };
        let end = text.find('-').unwrap_or(text.len());
        let (numbers, suffix) = text.split_at(end);
        // `-support` is the only one known; 16 characters leave room for others.
        let plain = |c: char| c == '-' || c.is_ascii_alphanumeric();
        if suffix.len() > 16 || suffix == "-" || !suffix.chars().all(plain) {
            return Err(refuse());
        }
        let padded = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts: Vec<&str> = numbers.split('.').collect();
        let (year, number, patch) = match parts.as_slice() {
            [year, number] if suffix.is_empty() => (*year, *number, None),
            [year, number, patch] => (*year, *number, Some(*patch)),
            _ => return Err(refuse()),
        };
        if !padded(year, 4) || !padded(number, 2) || !patch.is_none_or(|patch| padded(patch, 2)) {
            return Err(refuse());
        }
        Ok(Self {
            year: year.parse().map_err(|_| refuse())?,
            number: number.parse().map_err(|_| refuse())?,
            patch: patch.map(str::parse).transpose().map_err(|_| refuse())?,
            suffix: suffix.to_owned(),
        })
    }
}

/// What the data of an installation is at, such as 480 for `Version480`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataVersion(u16);

impl fmt::Display for DataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version{}", self.0)
    }
}

impl FromStr for DataVersion {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let number = text.strip_prefix("Version").unwrap_or(text);
        match number.parse() {
            Ok(number) => Ok(Self(number)),
            Err(_) => Err(ReleaseError {
                text: text.to_owned(),
            }),
        }
    }
}
