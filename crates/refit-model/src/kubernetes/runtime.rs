//! The container runtime of a node, and its kernel.

use super::{KeyError, key_error};
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A container runtime as the kubelet reports it: `containerd://1.7.27`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ContainerRuntime {
    name: String,
    version: String,
}

impl ContainerRuntime {
    /// What it calls itself, such as `containerd`, `cri-o` or `docker`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its release, where its version begins with one: `None` for a build that is
    /// numbered otherwise.
    #[must_use]
    pub fn release(&self) -> Option<KubeVersion> {
        leading_release(&self.version)
    }
}

/// The release that a version begins with, whatever a packager put behind it.
fn leading_release(version: &str) -> Option<KubeVersion> {
    let bare = version.strip_prefix('v').unwrap_or(version);
    let end = bare
        .find(|one: char| !one.is_ascii_digit() && one != '.')
        .unwrap_or(bare.len());
    let (numbers, _) = bare.split_at(end);
    let numbers = numbers.trim_end_matches('.');
    match numbers.split('.').count() {
        2 => format!("{numbers}.0").parse().ok(),
        _ => numbers.parse().ok(),
    }
}

/// The release of a node's kernel as the kubelet reports it:
/// `5.14.0-427.13.1.el9_4.x86_64`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct KernelRelease(String);

impl KernelRelease {
    /// The release of Linux that it is built from, where it begins with one.
    #[must_use]
    pub fn release(&self) -> Option<KubeVersion> {
        leading_release(&self.0)
    }
}

impl fmt::Display for KernelRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KernelRelease {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // What `uname` gives out has at most 64 characters.
        if !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(key_error(text, "the release of a kernel"))
        }
    }
}

impl fmt::Display for ContainerRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name, self.version)
    }
}

impl FromStr for ContainerRuntime {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // 128 characters bound what a hostile kubelet can make us carry around.
        let is_plain = text.len() <= 128 && text.chars().all(|c| c.is_ascii_graphic());
        match text.split_once("://").filter(|_| is_plain) {
            Some((name, version)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                version: version.to_owned(),
            }),
            Some(_) | None => Err(key_error(text, "runtime://version")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<&str>)>) {
        let parsed = text.parse::<ContainerRuntime>();
        let release = |runtime: &ContainerRuntime| {
            let release = runtime.release()?;
            Some(release.to_string().trim_start_matches('v').to_owned())
        };
        let found = parsed
            .as_ref()
            .ok()
            .map(|runtime| (runtime.name(), release(runtime)));
        let expected = expected.map(|(name, release)| (name, release.map(str::to_owned)));
        assert_eq!(found, expected, "{text}");
        if let Ok(runtime) = &parsed {
            assert_eq!(runtime.to_string(), text);
        }
    }

    #[test]
    fn what_kubelets_report() {
        check("containerd://1.7.27", Some(("containerd", Some("1.7.27"))));
        check("docker://20.10", Some(("docker", Some("20.10.0"))));
        check("cri-o://1.31.3", Some(("cri-o", Some("1.31.3"))));
        check(
            "containerd://1.6.8-0ubuntu1~20.04.1",
            Some(("containerd", Some("1.6.8"))),
        );
        check(
            "containerd://v2.0.0+unknown",
            Some(("containerd", Some("2.0.0"))),
        );
        check("containerd://Unknown", Some(("containerd", None)));
        check("containerd://", Some(("containerd", None)));
        check("containerd://1.2.3.4", Some(("containerd", None)));
        for refused in [
            "",
            "containerd",
            "://1",
            "a b://1",
            &format!("a://{}", "1".repeat(200)),
        ] {
            check(refused, None);
        }
    }

    #[test]
    fn kernels() {
        for (text, release) in [
            ("5.14.0-427.13.1.el9_4.x86_64", Some("v5.14.0")),
            ("4.18.0-553.el8_10.x86_64", Some("v4.18.0")),
            ("6.8.0-1015-aws", Some("v6.8.0")),
            ("6.1-custom", Some("v6.1.0")),
            // Windows counts otherwise.
            ("10.0.20348.2527", None),
            ("unknown", None),
        ] {
            let kernel: KernelRelease = text.parse().unwrap();
            assert_eq!(kernel.to_string(), text);
            let found = kernel.release().map(|release| release.to_string());
            assert_eq!(found.as_deref(), release, "{text}");
        }
        for text in ["", "5.1 x", &"5".repeat(129)] {
            assert!(text.parse::<KernelRelease>().is_err(), "{text}");
        }
    }
}
