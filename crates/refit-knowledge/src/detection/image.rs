//! Image references: the project's own path behind registries, mirrors and
//! digests, and rebuilds by others.

use super::{Carries, Detection, Match, Place, Sign, Signal, pattern};
use crate::project::ProjectVersion;
use std::collections::{BTreeMap, BTreeSet};

/// What an image tells.
pub(super) struct Told<'k> {
    pub(super) sign: &'k Sign,
    pub(super) found: Match<'k>,
    pub(super) version: Option<ProjectVersion>,
    pub(super) rebuilt_by: Option<&'k str>,
}

/// An image reference, taken apart.
struct Reference<'r> {
    /// The components of the path, with the registry in front where it is named;
    /// an image of Docker's own library has `library` in front.
    path: Vec<&'r str>,
    tag: Option<&'r str>,
}

fn parse(reference: &str) -> Reference<'_> {
    let bare = reference
        .split_once('@')
        .map_or(reference, |(bare, _)| bare);
    let (path, tag) = match bare.rsplit_once(':') {
        // A colon before the last slash separates a port.
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        Some(_) | None => (bare, None),
    };
    let mut path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match path.as_slice() {
        [_] => path.insert(0, "library"),
        ["docker.io" | "index.docker.io" | "registry-1.docker.io", _] => {
            path.insert(1, "library");
        }
        _ => {}
    }
    Reference { path, tag }
}

/// Whether the end of `path` is what `wanted` describes: its components one by
/// one, `*` in the last for any rest of it, and a last component `*` for any
/// components at all.
fn ends_with(path: &[&str], wanted: &str) -> bool {
    let wanted: Vec<&str> = wanted.split('/').collect();
    let Some((last, front)) = wanted.split_last() else {
        return false;
    };
    if *last == "*" {
        return !front.is_empty()
            && path
                .windows(front.len() + 1)
                .any(|window| window.get(..front.len()) == Some(front));
    }
    path.len()
        .checked_sub(wanted.len())
        .and_then(|start| path.get(start..))
        .and_then(<[&str]>::split_last)
        .is_some_and(|(name, before)| before == front && pattern::matches(last, name))
}

/// The last components of image patterns that stand for one project and that
/// nobody else would choose: they hold a dash, which `controller`, `operator`
/// and `agent` do not.
pub(super) fn telling_names(signs: &[Sign]) -> BTreeSet<String> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sign in signs.iter().filter(|sign| sign.place == Place::Image) {
        let name = last(&sign.pattern);
        if pattern::is_exact(name) && name.contains('-') {
            owners.entry(name).or_default().insert(&sign.project);
        }
    }
    owners
        .into_iter()
        .filter(|(_, projects)| projects.len() == 1)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What `reference` tells, by the closest sign.
pub(super) fn told<'k>(detection: &'k Detection, reference: &str) -> Option<Told<'k>> {
    let parsed = parse(reference);
    let name = parsed.path.last().copied()?;
    let images = || {
        detection
            .signs
            .iter()
            .filter(|sign| matches!(sign.place, Place::Image | Place::Companion))
    };
    let rebuilder = detection.rebuilders.iter().find(|rebuilder| {
        let parts: Vec<&str> = rebuilder.path.split('/').collect();
        parsed
            .path
            .windows(parts.len())
            .any(|window| window == parts.as_slice())
    });
    let closest = |signs: &mut dyn Iterator<Item = &'k Sign>| {
        signs.max_by_key(|sign| pattern::closeness(&sign.pattern))
    };
    let told = |sign: &'k Sign, signal: Signal, rebuilt_by: Option<&'k str>| {
        let signal = match (sign.place, signal) {
            (Place::Companion, _) => Signal::Companion,
            (_, signal) => signal,
        };
        Told {
            sign,
            version: parsed
                .tag
                .filter(|_| sign.carries == Carries::Own)
                .and_then(|tag| flavourless(tag).parse().ok()),
            rebuilt_by,
            found: Match {
                signal,
                pattern: &sign.pattern,
                seen: reference.to_owned(),
                points: signal.points(),
                source: &sign.source,
            },
        }
    };
    let own = closest(&mut images().filter(|sign| ends_with(&parsed.path, &sign.pattern)));
    if let Some(sign) = own {
        // A pattern of one component is of whatever path: also of a rebuilder's.
        // One that names the rebuilder's own path is what the project publishes.
        return Some(match rebuilder {
            Some(rebuilder) if !sign.pattern.contains('/') => {
                told(sign, Signal::Rebuild, Some(&rebuilder.who))
            }
            Some(_) | None => told(sign, Signal::Image, None),
        });
    }
    // Flattened copies: `rancher/mirrored-jetstack-cert-manager-controller`.
    let flat = name
        .strip_prefix("mirrored-")
        .or_else(|| name.strip_prefix("hardened-"));
    let copies = flat.unwrap_or(name);
    let flattened = closest(&mut images().filter(|sign| {
        sign.pattern.contains('/') && pattern::matches(&sign.pattern.replace('/', "-"), copies)
    }));
    if let Some(sign) = flattened {
        return Some(told(sign, Signal::Rebuild, None));
    }
    if let Some(rebuilder) = rebuilder {
        let name = flat.unwrap_or(name);
        let by_name = detection
            .signs
            .iter()
            .filter(|sign| sign.place == Place::Name && pattern::matches(&sign.pattern, name))
            .max_by_key(|sign| pattern::closeness(&sign.pattern));
        let by_image = closest(&mut images().filter(|sign| last(&sign.pattern) == name));
        if let Some(sign) = by_name.or(by_image) {
            return Some(told(sign, Signal::Rebuild, Some(&rebuilder.who)));
        }
    }
    if detection.telling_names.contains(name) {
        let sign = images().find(|sign| last(&sign.pattern) == name)?;
        return Some(told(sign, Signal::ImageName, None));
    }
    None
}

/// A tag without what says how the image was built: `1.2.3-debian-12-r0` and
/// `v1.2.3-alpine` are 1.2.3, `v1.2.3-rc.1` stays as it is.
#[must_use]
pub fn flavourless(tag: &str) -> &str {
    // What publishers put behind a version; a pre-release is none of these.
    const FLAVOURS: [&str; 24] = [
        "alpine",
        "amd64",
        "arm64",
        "build",
        "bookworm",
        "bullseye",
        "debian",
        "distroless",
        "eks",
        "eksbuild",
        "fips",
        "hardened",
        "linux",
        "ol",
        "openshift",
        "photon",
        "rancher",
        "rke2",
        "scratch",
        "slim",
        "ubi",
        "ubuntu",
        "windows",
        "wolfi",
    ];
    let mut from = 0;
    while let Some(dash) = tag.get(from..).and_then(|rest| rest.find('-')) {
        let at = from + dash;
        let word = tag.get(at + 1..).unwrap_or_default();
        let is_flavour = FLAVOURS.iter().any(|flavour| {
            word.strip_prefix(flavour)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        });
        // Packagers count their builds: `-r3`.
        let is_revision = word
            .strip_prefix('r')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        if is_flavour || is_revision {
            return tag.get(..at).unwrap_or(tag);
        }
        from = at + 1;
    }
    tag
}
