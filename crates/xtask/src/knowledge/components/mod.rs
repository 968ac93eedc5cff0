//! What components can be told, from the Go sources of each minor: flags,
//! versions of configuration files, admission plugins, and how far kubeadm lets
//! versions be apart.
//!
//! A minor has what any of its releases at hand has: the first and the newest
//! patch are enough. Of a file that several of them have, the newest counts.

mod configs;
mod flags;
mod plugins;
mod skew;

use super::Derived;
use super::golang::{Token, text_constants, tokens};
use super::tree::{Files, Trees};
use crate::Outcome;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) const FILES: [&str; 4] = [flags::FILE, configs::FILE, plugins::FILE, skew::FILE];

/// The sources of one minor.
struct Source {
    /// The newest release of it that is at hand.
    newest: KubeVersion,
    files: Files,
}

/// The sources by minor; a minor without its neighbours would date everything wrong.
type Sources = BTreeMap<Minor, Source>;

/// All four files.
///
/// # Errors
/// When a minor between the first and the last is not at hand, or the sources of
/// one do not hold what they all hold.
pub(super) fn derive(paths: &[PathBuf], knowledge: &Path) -> Outcome<Vec<Derived>> {
    let sources = sources(&Trees::of(paths)?)?;
    Ok(vec![
        flags::derive(&sources, knowledge)?,
        configs::derive(&sources, knowledge)?,
        plugins::derive(&sources, knowledge)?,
        skew::derive(&sources, knowledge)?,
    ])
}

fn sources(trees: &Trees) -> Outcome<Sources> {
    let mut sources = Sources::new();
    for version in trees.versions() {
        let files = trees.files(version, &wanted)?;
        if let Some(source) = sources.get_mut(&version.minor()) {
            // A staging repository may have a patch that is not at hand otherwise.
            if files.contains_key(skew::CONSTANTS) {
                source.newest = version.clone();
            }
            source.files.extend(files);
        } else {
            let newest = version.clone();
            sources.insert(version.minor(), Source { newest, files });
        }
    }
    for (before, after) in sources.keys().zip(sources.keys().skip(1)) {
        if before.next() != *after {
            return Err(format!("{} is not at hand", before.next()).into());
        }
    }
    Ok(sources)
}

fn wanted(path: &str) -> bool {
    let is_go = path.ends_with(".go") && !path.ends_with("_test.go");
    is_go
        && (flags::wanted(path)
            || configs::wanted(path)
            || plugins::wanted(path)
            || skew::wanted(path))
}

/// The package of a file.
fn package(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(package, _)| package)
}

/// The text constants of one package.
fn constants(files: &Files, wanted: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, source) in files.iter().filter(|(path, _)| package(path) == wanted) {
        // A large file that assigns nothing costs as much as one that does.
        if path.ends_with(".go") && source.contains('=') {
            found.extend(text_constants(&tokens(source)));
        }
    }
    found
}

/// The arguments of a call, whose brackets hold `body`.
fn arguments(body: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    body.split(|token| {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => return true,
            Token::Mark(_) | Token::Word(_) | Token::Text(_) => {}
        }
        false
    })
    .collect()
}

/// From when to when something was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// `None` where it was there in the first minor that is at hand.
    introduced: Option<Minor>,
    removed: Option<Minor>,
}

/// From when to when what `has` finds was there; `None` where it never was. What
/// went and came back counts until it went for good.
fn span(sources: &Sources, has: &dyn Fn(&Minor) -> bool) -> Option<Span> {
    let minors: Vec<Minor> = sources.keys().copied().collect();
    let first = minors.iter().find(|minor| has(minor))?;
    let last = minors.iter().rfind(|minor| has(minor))?;
    Some(Span {
        introduced: (Some(first) != minors.first()).then_some(*first),
        removed: (Some(last) != minors.last()).then(|| last.next()),
    })
}

/// The minor as tables write it: `<=1.16` for what was there before.
fn since(introduced: Option<Minor>, sources: &Sources) -> String {
    match (introduced, sources.keys().next()) {
        (Some(minor), _) => minor.to_string(),
        (None, Some(first)) => format!("<={first}"),
        (None, None) => String::new(),
    }
}

fn until(removed: Option<Minor>) -> String {
    removed.map_or_else(String::new, |minor| minor.to_string())
}

#[cfg(test)]
mod tests;
