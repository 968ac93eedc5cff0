//! `second-sources/lifecycle-tags.csv`: what upstream itself states of each kind,
//! in the lifecycle methods that a generator writes beside the types.
//!
//! A statement is that of the newest minor that has the kind; what earlier ones
//! said was announced and not kept. Lists are as the kinds that they hold.

use super::golang::{Token, field, group, suffixes, text_constants, tokens};
use super::tree::Trees;
use super::{Derived, header};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use Token::{Mark, Text, Word};

pub(super) const FILE: &str = "second-sources/lifecycle-tags.csv";

const GENERATED: &str = "zz_generated.prerelease-lifecycle.go";
const REGISTER: &str = "register.go";
const METHOD: &str = "APILifecycle";

/// Group, version and kind.
type Kind = (String, String, String);

/// What is stated of one kind: introduced, deprecated, removed, replacement.
type Statement = BTreeMap<String, String>;

/// The file, from trees of `k8s.io/api`.
///
/// # Errors
/// When a tree holds no such methods, or a method is of another form.
pub(super) fn derive(paths: &[PathBuf], knowledge: &Path) -> Outcome<Derived> {
    let trees = Trees::of(paths)?;
    let mut stated: BTreeMap<Kind, BTreeMap<Minor, Statement>> = BTreeMap::new();
    for version in trees.versions() {
        let wanted = |path: &str| path.ends_with(GENERATED) || path.ends_with(REGISTER);
        let files = trees.files(version, &wanted)?;
        let generated = files.iter().filter(|(path, _)| path.ends_with(GENERATED));
        let mut found = false;
        for (path, text) in generated {
            let told = |problem: &str| format!("{version}: {path}: {problem}");
            let package = path.trim_end_matches(GENERATED);
            let register = files.get(&format!("{package}{REGISTER}"));
            let group = register.and_then(|text| text_constants(&tokens(text)).remove("GroupName"));
            let group = group.ok_or_else(|| told("its package names no group"))?;
            let api = package.trim_end_matches('/').rsplit('/').next();
            let api = api.unwrap_or_default();
            for (kind, what, value) in methods(&tokens(text)).map_err(|why| told(&why))? {
                found = true;
                let kind = (group.clone(), api.to_owned(), kind);
                let minors = stated.entry(kind).or_default();
                let statement = minors.entry(version.minor()).or_default();
                statement.insert(what, value);
            }
        }
        if !found {
            return Err(format!("{version}: no {GENERATED} was found").into());
        }
    }
    let mut text = header(&knowledge.join(FILE))?
        + "group,version,kind,first_tag,last_tag,introduced,deprecated,removed,replacement\n";
    for ((group, version, kind), minors) in &stated {
        let (Some((first, _)), Some((last, statement))) =
            (minors.first_key_value(), minors.last_key_value())
        else {
            continue;
        };
        let of = |what: &str| statement.get(what).map_or("", String::as_str);
        text += &table::line([
            group.as_str(),
            version,
            kind,
            &first.to_string(),
            &last.to_string(),
            of("Introduced"),
            of("Deprecated"),
            of("Removed"),
            of("Replacement"),
        ]);
        text.push('\n');
    }
    Ok(Derived { path: FILE, text })
}

/// What each method states, as kind, name of the method, and value; those of
/// lists are left out.
fn methods(tokens: &[Token]) -> Result<Vec<(String, String, String)>, String> {
    let mut found = Vec::new();
    for rest in suffixes(tokens) {
        // func (in *Kind) APILifecycleIntroduced() (major, minor int) { ... }
        let [
            Word(func),
            Mark('('),
            Word(_),
            Mark('*'),
            Word(kind),
            Mark(')'),
            Word(method),
            rest @ ..,
        ] = rest
        else {
            continue;
        };
        let Some(what) = method.strip_prefix(METHOD).filter(|_| func == "func") else {
            continue;
        };
        if kind.ends_with("List") {
            continue;
        }
        let body = suffixes(rest)
            .find(|rest| rest.first() == Some(&Mark('{')))
            .and_then(group)
            .map(|(body, _)| body);
        let value = body.and_then(|body| match what {
            "Replacement" => replacement(body),
            _ => minor(body),
        });
        let value = value.ok_or_else(|| format!("{kind}.{method} has another form"))?;
        found.push((kind.clone(), what.to_owned(), value));
    }
    Ok(found)
}

/// `return 1, 19`
fn minor(body: &[Token]) -> Option<String> {
    match body {
        [Word(word), Word(major), Mark(','), Word(minor)] if word == "return" => {
            let (major, minor) = (major.parse().ok()?, minor.parse().ok()?);
            Some(Minor::new(major, minor).to_string())
        }
        _ => None,
    }
}

/// `return schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}`,
/// as tables write it.
fn replacement(body: &[Token]) -> Option<String> {
    let text = |name: &str| match field(body, name) {
        Some([Text(text), ..]) => Some(text.as_str()),
        Some(_) | None => None,
    };
    let (group, version, kind) = (text("Group")?, text("Version")?, text("Kind")?);
    Some(if group.is_empty() {
        format!("{version} {kind}")
    } else {
        format!("{group}/{version} {kind}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_methods_state() {
        let source = r#"
            // APILifecycleIntroduced is generated
            func (in *Ingress) APILifecycleIntroduced() (major, minor int) {
                return 1, 1
            }
            func (in *Ingress) APILifecycleReplacement() schema.GroupVersionKind {
                return schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}
            }
            func (in *IngressList) APILifecycleRemoved() (major, minor int) {
                return 1, 22
            }
            func (in *Ingress) DeepCopy() *Ingress { return nil }
        "#;
        let stated = |kind: &str, what: &str, value: &str| {
            (kind.to_owned(), what.to_owned(), value.to_owned())
        };
        assert_eq!(
            methods(&tokens(source)),
            Ok(vec![
                stated("Ingress", "Introduced", "1.1"),
                stated("Ingress", "Replacement", "networking.k8s.io/v1 Ingress"),
            ])
        );
        let other = "func (in *A) APILifecycleRemoved() (major, minor int) { return later() }";
        assert_eq!(
            methods(&tokens(other)),
            Err("A.APILifecycleRemoved has another form".to_owned())
        );
    }
}
