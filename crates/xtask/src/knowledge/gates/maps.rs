//! The tables of feature gates in Go sources, in the three forms they have had:
//! one specification a gate, specifications by version (since 1.31), and the
//! dependencies between gates (since 1.35).

use super::super::golang::{
    Token, boolean_constants, field, group, imports, qualified, suffixes, text_constants,
};
use super::super::tree::Files;
use crate::Outcome;
use Token::{Mark, Text, Word};
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};

/// What a source says about a gate at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) stage: &'static str,
    pub(super) default: bool,
    pub(super) locked: bool,
}

/// The gates that one package registers.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) gates: BTreeMap<String, Spec>,
    pub(super) dependencies: BTreeMap<String, BTreeSet<String>>,
}

/// A package with its tokens, before its names are resolved.
pub(super) struct Source {
    files: Vec<Vec<Token>>,
    texts: BTreeMap<String, String>,
    booleans: BTreeMap<String, bool>,
}

/// The packages among `files`, by import path.
pub(super) fn sources(files: &Files) -> BTreeMap<String, Source> {
    let mut found: BTreeMap<String, Source> = BTreeMap::new();
    for (path, content) in files {
        let Some((package, _)) = path.rsplit_once('/') else {
            continue;
        };
        let tokens = super::super::golang::tokens(content);
        let source = found.entry(package.to_owned()).or_insert_with(|| Source {
            files: Vec::new(),
            texts: BTreeMap::new(),
            booleans: BTreeMap::new(),
        });
        source.texts.extend(text_constants(&tokens));
        source.booleans.extend(boolean_constants(&tokens));
        source.files.push(tokens);
    }
    found
}

impl Source {
    /// Every package that this one imports.
    pub(super) fn imports(&self) -> BTreeSet<String> {
        self.files
            .iter()
            .flat_map(|file| imports(file).into_values())
            .collect()
    }

    /// The packages whose function `AddFeatureGates` this one calls.
    pub(super) fn added(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for file in &self.files {
            let imports = imports(file);
            found.extend(suffixes(file).filter_map(|rest| match rest {
                [Word(package), Mark('.'), Word(name), Mark('('), ..]
                    if name == "AddFeatureGates" =>
                {
                    imports.get(package).cloned()
                }
                _ => None,
            }));
        }
        found
    }
}

/// The gates of the package at `path`, as a binary of `minor` has them.
pub(super) fn read(
    sources: &BTreeMap<String, Source>,
    path: &str,
    minor: Minor,
) -> Outcome<Package> {
    let mut package = Package::default();
    let Some(source) = sources.get(path) else {
        return Ok(package);
    };
    for file in &source.files {
        let names = Names {
            sources,
            source,
            imports: imports(file),
        };
        for rest in suffixes(file) {
            let Some((form, body)) = table(rest) else {
                continue;
            };
            let Some(entries) = entries(body) else {
                continue;
            };
            for (key, value) in entries {
                let gate = names.text(key)?;
                match form {
                    Form::Flat => {
                        package.gates.insert(gate, names.spec(value)?);
                    }
                    Form::Versioned => {
                        let spec = names.spec_at(value, minor)?;
                        package.gates.insert(gate, spec);
                    }
                    Form::Dependencies => {
                        let on = names.list(value)?;
                        package.dependencies.entry(gate).or_default().extend(on);
                    }
                }
            }
        }
    }
    Ok(package)
}

#[derive(Clone, Copy)]
enum Form {
    Flat,
    Versioned,
    Dependencies,
}

/// The form and the body of the table that `tokens` begin with.
fn table(tokens: &[Token]) -> Option<(Form, &[Token])> {
    let [Word(first), rest @ ..] = tokens else {
        return None;
    };
    // kubeadm names its type.
    if first == "FeatureList" {
        return Some((Form::Flat, group(rest)?.0));
    }
    if first != "map" {
        return None;
    }
    let (key, rest) = group(rest)?;
    let (_, "Feature", []) = qualified(key)? else {
        return None;
    };
    let (form, wanted, rest) = match rest {
        [Mark('['), Mark(']'), rest @ ..] => (Some(Form::Dependencies), "Feature", rest),
        _ => (None, "", rest),
    };
    let (_, name, rest) = qualified(rest)?;
    let form = match (form, name) {
        (Some(form), name) if name == wanted => form,
        (None, "FeatureSpec") => Form::Flat,
        (None, "VersionedSpecs") => Form::Versioned,
        (Some(_) | None, _) => return None,
    };
    Some((form, group(rest)?.0))
}

/// A key with the tokens of its value.
type Entry<'t> = (&'t [Token], &'t [Token]);

/// The entries of a literal; `None` where the body is that of a function.
fn entries(body: &[Token]) -> Option<Vec<Entry<'_>>> {
    let mut found = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let colon = rest.iter().position(|token| *token == Mark(':'))?;
        let key = rest.get(..colon)?;
        // A key is a name, a name of a package, or a text.
        if !matches!(key, [Text(_) | Word(_)] | [Word(_), Mark('.'), Word(_)]) {
            return None;
        }
        let (value, after) = group(rest.get(colon + 1..)?)?;
        found.push((key, value));
        rest = match after {
            [Mark(','), after @ ..] => after,
            after => after,
        };
    }
    Some(found)
}

/// How names in one file are resolved.
struct Names<'s> {
    sources: &'s BTreeMap<String, Source>,
    source: &'s Source,
    imports: BTreeMap<String, String>,
}

impl Names<'_> {
    fn text(&self, key: &[Token]) -> Outcome<String> {
        let unknown = || format!("which text is {key:?}?");
        match key {
            [Text(text)] => Ok(text.clone()),
            [Word(name)] => Ok(self.source.texts.get(name).ok_or_else(unknown)?.clone()),
            [Word(package), Mark('.'), Word(name)] => {
                let path = self.imports.get(package).ok_or_else(unknown)?;
                let source = self.sources.get(path).ok_or_else(unknown)?;
                Ok(source.texts.get(name).ok_or_else(unknown)?.clone())
            }
            _ => Err(unknown().into()),
        }
    }

    /// Names between commas, with or without a conversion around each.
    fn list(&self, body: &[Token]) -> Outcome<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        let mut rest = body;
        while let Some((_, name, after)) = qualified(rest) {
            rest = if let ("Feature", Some((name, after))) = (name, group(after)) {
                found.insert(self.text(name)?);
                after
            } else {
                let (name, _) = rest.split_at(rest.len() - after.len());
                found.insert(self.text(name)?);
                after
            };
            rest = rest.strip_prefix(&[Mark(',')]).unwrap_or(rest);
        }
        if rest.is_empty() {
            Ok(found)
        } else {
            Err(format!("not a list of gates: {body:?}").into())
        }
    }

    fn spec(&self, body: &[Token]) -> Outcome<Spec> {
        // What Go leaves out is false; the stage that is an empty text is GA.
        let stage = match field(body, "PreRelease").map(qualified) {
            None => "ga",
            Some(Some((_, "Alpha", _))) => "alpha",
            Some(Some((_, "Beta", _))) => "beta",
            Some(Some((_, "GA", _))) => "ga",
            Some(Some((_, "Deprecated", _))) => "deprecated",
            Some(_) => return Err(format!("of which stage is {body:?}?").into()),
        };
        Ok(Spec {
            stage,
            default: self.boolean(body, "Default")?,
            locked: self.boolean(body, "LockToDefault")?,
        })
    }

    fn boolean(&self, body: &[Token], name: &str) -> Outcome<bool> {
        let Some(value) = field(body, name) else {
            return Ok(false);
        };
        let unknown = || format!("is {name} true in {body:?}?");
        let [Word(value), ..] = value else {
            return Err(unknown().into());
        };
        let constant = || self.source.booleans.get(value).copied();
        let value = value.parse().ok().or_else(constant);
        value.ok_or_else(|| unknown().into())
    }

    /// The last specification that a binary of `minor` follows. One that wants
    /// a minimum compatibility version counts only from the minor after it,
    /// because a binary is by default compatible with the minor before it.
    fn spec_at(&self, body: &[Token], minor: Minor) -> Outcome<Spec> {
        let mut effective = Spec {
            stage: "pre-alpha",
            default: false,
            locked: false,
        };
        let mut rest = body;
        while let Some((one, after)) = group(rest) {
            let from = version(one, "Version")?.ok_or("a specification has no version")?;
            let compatible = version(one, "MinCompatibilityVersion")?;
            let followed = from <= minor && compatible.is_none_or(|wanted| wanted.next() <= minor);
            if followed {
                effective = self.spec(one)?;
            }
            rest = match after {
                [Mark(','), after @ ..] => after,
                after => after,
            };
        }
        if rest.is_empty() {
            Ok(effective)
        } else {
            Err(format!("not specifications by version: {rest:?}").into())
        }
    }
}

/// The minor in `Version: version.MustParse("1.36")` or `MajorMinor(1, 36)`.
fn version(body: &[Token], name: &str) -> Outcome<Option<Minor>> {
    let Some(value) = field(body, name) else {
        return Ok(None);
    };
    match qualified(value) {
        Some((_, "MustParse", [Mark('('), Text(text), ..])) => Ok(Some(text.parse()?)),
        Some((_, "MajorMinor", [Mark('('), Word(major), Mark(','), Word(minor), ..])) => {
            Ok(Some(Minor::new(major.parse()?, minor.parse()?)))
        }
        _ => Err(format!("which version is {name} in {body:?}?").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERIC: &str = r#"package features
const Generic featuregate.Feature = "Generic"
const on = true
func featureGates() map[featuregate.Feature]featuregate.FeatureSpec {
	return map[featuregate.Feature]featuregate.FeatureSpec{ Generic: {Default: on, PreRelease: featuregate.Beta} }
}"#;
    const OWN: &str = r#"package features
import g "k8s.io/apiserver/pkg/features"
const (
	Old featuregate.Feature = "OldName"
	New featuregate.Feature = "New"
)
var v = map[featuregate.Feature]featuregate.VersionedSpecs{
	g.Generic: {{Version: version.MustParse("1.30"), Default: false, PreRelease: featuregate.Alpha}},
	Old: {
		{Version: version.MustParse("1.0"), Default: true, PreRelease: featuregate.GA},
		{Version: version.MustParse("1.36"), Default: false, PreRelease: featuregate.Deprecated, LockToDefault: true},
	},
	New: {
		{Version: version.MustParse("1.35"), PreRelease: featuregate.Alpha},
		{Version: version.MustParse("1.36"), Default: true, PreRelease: featuregate.Beta, MinCompatibilityVersion: version.MustParse("1.36")},
	},
}
var d = map[featuregate.Feature][]featuregate.Feature{
	Old: {},
	New: {Old, featuregate.Feature(g.Generic)},
}"#;

    fn gates(minor: u16) -> (Package, Package) {
        let files = Files::from([
            (
                "k8s.io/apiserver/pkg/features/a.go".to_owned(),
                GENERIC.to_owned(),
            ),
            (
                "k8s.io/kubernetes/pkg/features/a.go".to_owned(),
                OWN.to_owned(),
            ),
        ]);
        let sources = sources(&files);
        let read = |path: &str| read(&sources, path, Minor::new(1, minor)).unwrap();
        (
            read("k8s.io/apiserver/pkg/features"),
            read("k8s.io/kubernetes/pkg/features"),
        )
    }

    #[test]
    fn each_form_is_read_as_a_binary_of_its_minor_reads_it() {
        let spec = |stage, default, locked| Spec {
            stage,
            default,
            locked,
        };
        let (generic, own) = gates(36);
        assert_eq!(generic.gates["Generic"], spec("beta", true, false));
        assert_eq!(own.gates["OldName"], spec("deprecated", false, true));
        // Its newest specification wants 1.36 as the oldest minor beside it.
        assert_eq!(own.gates["New"], spec("alpha", false, false));
        assert_eq!(
            own.dependencies["New"],
            ["Generic".to_owned(), "OldName".to_owned()].into()
        );
        let (_, next) = gates(37);
        assert_eq!(next.gates["New"], spec("beta", true, false));
        let (_, before) = gates(34);
        assert_eq!(before.gates["OldName"], spec("ga", true, false));
        assert_eq!(before.gates["New"], spec("pre-alpha", false, false));
    }
}
