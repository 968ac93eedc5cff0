//! Versions as Kubernetes writes them.
//!
//! Three things are called a version and never mixed here: the *minor* that a
//! policy speaks of ([`Minor`], `1.34`), the full release of a component
//! ([`KubeVersion`], `v1.34.2`, with whatever a distribution appends), and what
//! an upgrade aims at ([`TargetVersion`], either of the two).
//! Versions of other projects have schemes of their own and are not modelled by
//! these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A Kubernetes minor release such as `1.34`.
///
/// Ordered by major, then minor. Serialises as the text `"1.34"`, never as a
/// number, so that `1.30` cannot turn into `1.3`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Minor {
    major: u16,
    minor: u16,
}

impl Minor {
    /// The minor `major.minor`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The part before the dot.
    #[must_use]
    pub const fn major(self) -> u16 {
        self.major
    }

    /// The part after the dot.
    #[must_use]
    pub const fn minor(self) -> u16 {
        self.minor
    }

    /// The next minor of the same major.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            major: self.major,
            minor: self.minor.saturating_add(1),
        }
    }

    /// How many minors `self` is ahead of `other`: negative when it is behind,
    /// `None` across majors, where no policy defines a distance.
    #[must_use]
    pub fn ahead_of(self, other: Self) -> Option<i32> {
        (self.major == other.major).then(|| i32::from(self.minor) - i32::from(other.minor))
    }

    /// The minors after `self` up to and including `last`, in order; empty when
    /// `last` is not ahead or belongs to another major.
    pub fn up_to(self, last: Self) -> impl Iterator<Item = Self> {
        let count = if self.major == last.major {
            last.minor.saturating_sub(self.minor)
        } else {
            0
        };
        (1..=count).map(move |step| Self {
            major: self.major,
            minor: self.minor.saturating_add(step),
        })
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Minor {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refuse = || VersionError {
            text: text.to_owned(),
            wanted: "a Kubernetes minor such as 1.34",
        };
        let bare = text.strip_prefix('v').unwrap_or(text);
        let (major, minor) = bare.split_once('.').ok_or_else(refuse)?;
        Ok(Self {
            major: number(major).ok_or_else(refuse)?,
            minor: number(minor).ok_or_else(refuse)?,
        })
    }
}

/// The release of one component, such as `v1.34.2` or `v1.33.5-gke.1080000`.
///
/// `patch` is what orders releases of one minor. The text behind it
/// (`-rc.1`, `+k3s1`, `-eks-abc`) is kept and compared last and as text, since
/// distributions give it no common meaning; a release with a suffix is neither
/// older nor newer in any way that a rule here relies on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct KubeVersion {
    minor: Minor,
    patch: u16,
    suffix: String,
}

impl KubeVersion {
    /// The plain upstream release `minor.patch`.
    #[must_use]
    pub const fn new(minor: Minor, patch: u16) -> Self {
        Self {
            minor,
            patch,
            suffix: String::new(),
        }
    }

    /// The minor this release belongs to.
    #[must_use]
    pub const fn minor(&self) -> Minor {
        self.minor
    }

    /// The patch number.
    #[must_use]
    pub const fn patch(&self) -> u16 {
        self.patch
    }

    /// What stands behind the patch number, with its `-` or `+`; empty for an
    /// upstream release.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.suffix
    }
}

impl PartialOrd for KubeVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KubeVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.minor, self.patch, &self.suffix).cmp(&(other.minor, other.patch, &other.suffix))
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}{}", self.minor, self.patch, self.suffix)
    }
}

impl FromStr for KubeVersion {
    type Err = VersionError;

    /// Accepts the release with or without the leading `v`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refuse = || VersionError {
            text: text.to_owned(),
            wanted: "a Kubernetes release such as v1.34.2",
        };
        let bare = text.strip_prefix('v').unwrap_or(text);
        let end = bare.find(['-', '+']).unwrap_or(bare.len());
        let (numbers, suffix) = bare.split_at(end);
        let mut parts = numbers.split('.');
        let (Some(major), Some(minor), Some(patch), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse());
        };
        // 64 characters bound what a hostile server can make us carry around;
        // the longest suffix seen in the field is k3s with a commit, 24.
        if suffix.len() > 64 || !suffix.chars().all(|c| c.is_ascii_graphic()) {
            return Err(refuse());
        }
        Ok(Self {
            minor: Minor::new(
                number(major).ok_or_else(refuse)?,
                number(minor).ok_or_else(refuse)?,
            ),
            patch: number(patch).ok_or_else(refuse)?,
            suffix: suffix.to_owned(),
        })
    }
}

/// What a person asks for with `--to`: a minor, or one release of it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub enum TargetVersion {
    /// Any release of this minor; the newest known one where a release is needed.
    Minor(Minor),
    /// Exactly this release.
    Release(KubeVersion),
}

impl TargetVersion {
    /// The minor that is aimed at, however precisely it was asked for.
    #[must_use]
    pub const fn minor(&self) -> Minor {
        match self {
            Self::Minor(minor) => *minor,
            Self::Release(release) => release.minor(),
        }
    }
}

impl fmt::Display for TargetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minor(minor) => minor.fmt(f),
            Self::Release(release) => release.fmt(f),
        }
    }
}

impl FromStr for TargetVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if let Ok(minor) = text.parse() {
            return Ok(Self::Minor(minor));
        }
        text.parse().map(Self::Release).map_err(|_| VersionError {
            text: text.to_owned(),
            wanted: "a Kubernetes version such as 1.34 or 1.34.2",
        })
    }
}

/// A text that is not the version it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted}")]
pub struct VersionError {
    /// What was given.
    pub text: String,
    /// What would have been accepted.
    pub wanted: &'static str,
}

macro_rules! text_conversions {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = VersionError;
            fn try_from(text: String) -> Result<Self, VersionError> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(version: $type) -> Self {
                version.to_string()
            }
        }
    )*};
}
text_conversions!(Minor, KubeVersion, TargetVersion);

/// A number without sign or leading zero, as versions write them.
fn number(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    (plain && !padded).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T>(text: &str, expected: Option<&str>)
    where
        T: FromStr<Err = VersionError> + fmt::Display,
    {
        let parsed = text.parse::<T>().ok().map(|v| v.to_string());
        assert_eq!(parsed.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn minors() {
        check::<Minor>("1.34", Some("1.34"));
        check::<Minor>("v1.30", Some("1.30"));
        for refused in [
            "", "1", "1.", "1.034", "1.34.2", "1.-3", "1.99999", "one.two", "1.3x",
        ] {
            check::<Minor>(refused, None);
        }
    }

    #[test]
    fn releases() {
        check::<KubeVersion>("1.34.2", Some("v1.34.2"));
        check::<KubeVersion>("v1.33.5-gke.1080000", Some("v1.33.5-gke.1080000"));
        check::<KubeVersion>("v1.32.1+k3s1", Some("v1.32.1+k3s1"));
        for refused in ["1.34", "v1.34.x", "v1.34.2\n", "1.34.2.1", "v1.34.2- "] {
            check::<KubeVersion>(refused, None);
        }
    }

    #[test]
    fn order_is_by_number_not_by_text() {
        let release = |text: &str| text.parse::<KubeVersion>().unwrap();
        assert!(release("v1.9.3") < release("v1.10.0"));
        assert!(release("v1.34.9") < release("v1.34.10"));
    }

    #[test]
    fn minors_between() {
        let minors: Vec<String> = Minor::new(1, 31)
            .up_to(Minor::new(1, 34))
            .map(|m| m.to_string())
            .collect();
        assert_eq!(minors, ["1.32", "1.33", "1.34"]);
        assert_eq!(Minor::new(1, 34).up_to(Minor::new(1, 31)).count(), 0);
        assert_eq!(Minor::new(1, 34).up_to(Minor::new(2, 40)).count(), 0);
        assert_eq!(Minor::new(1, 31).ahead_of(Minor::new(1, 34)), Some(-3));
    }
}
