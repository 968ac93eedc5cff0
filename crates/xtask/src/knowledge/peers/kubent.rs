//! `second-sources/kube-no-trouble.csv` from the rules of doitintl/kube-no-trouble.
//!
//! A rule file is of one removal. It holds an object of kinds, each with the
//! versions that go, the one that stays, and since when that is there.

use super::{Claims, Said, add, derived, group_version, module};
use crate::Outcome;
use crate::knowledge::Derived;
use refit_model::version::Minor;
use std::path::Path;

const FOLDER: &str = "pkg/rules/rego/";

/// What its rules have in place of a version where nothing comes instead.
const NOTHING: &str = "<removed>";

/// Derives the file from the module's source.
pub(in crate::knowledge) fn derive(path: &Path) -> Outcome<Derived> {
    let (release, files) = module(path, &|name| {
        name.starts_with(FOLDER) && name.ends_with(".rego")
    })?;
    let mut all = Claims::new();
    for (name, text) in files {
        rules(&text, &mut all).map_err(|error| format!("{name}: {error}"))?;
    }
    derived(
        super::KUBENT,
        &format!("doitintl/kube-no-trouble {release}, {FOLDER}*.rego (MIT)"),
        &all,
    )
}

/// Adds what one rule file says.
fn rules(text: &str, all: &mut Claims) -> Outcome<()> {
    let removed = removal(text)?;
    let object = text
        .split_once("deprecated_apis = {")
        .ok_or("there is no object of kinds")?
        .1;
    let mut words = Words(object);
    loop {
        let kind = match words.next()? {
            Word::Text(kind) => kind,
            Word::Mark(',') => continue,
            Word::Mark('}') => return Ok(()),
            Word::Mark(mark) => return Err(format!("{mark:?} in place of a kind").into()),
        };
        words.expect(':')?;
        words.expect('{')?;
        let (mut old, mut said) = (Vec::new(), Said::default());
        said.removed.clone_from(&removed);
        loop {
            match words.next()? {
                Word::Mark(',') => {}
                Word::Mark('}') => break,
                Word::Mark(mark) => {
                    return Err(format!("{kind}: {mark:?} in place of a key").into());
                }
                Word::Text(key) => {
                    words.expect(':')?;
                    match key.as_str() {
                        "old" => old = words.list()?,
                        "new" => said.replacement = words.text()?,
                        "since" => said.replacement_since = words.text()?,
                        _ => return Err(format!("{kind}: {key} is not known").into()),
                    }
                }
            }
        }
        if said.replacement == NOTHING {
            // What it dates then is the deprecation: nothing came instead.
            said.replacement.clear();
            said.deprecated = std::mem::take(&mut said.replacement_since);
        }
        if old.is_empty() {
            return Err(format!("{kind}: it names no version").into());
        }
        for version in old {
            let (group, version) = group_version(&version);
            add(all, [group, version, kind.clone()], said.clone())?;
        }
    }
}

/// The minor in the name of the rule set; empty where it says that it is not set.
fn removal(text: &str) -> Outcome<String> {
    let name = text
        .split_once("\"RuleSet\": \"")
        .and_then(|(_, rest)| rest.split('"').next())
        .ok_or("the rule set has no name")?;
    if name.ends_with("to be removed in future") {
        return Ok(String::new());
    }
    name.rsplit_once("removed in ")
        .and_then(|(_, minor)| minor.parse::<Minor>().ok())
        .map(|minor| minor.to_string())
        .ok_or_else(|| format!("{name:?} does not name a minor").into())
}

/// A word of an object literal.
enum Word {
    Text(String),
    Mark(char),
}

/// What is left of an object literal.
struct Words<'t>(&'t str);

impl Words<'_> {
    fn next(&mut self) -> Outcome<Word> {
        self.0 = self.0.trim_start();
        let mut characters = self.0.chars();
        match characters.next() {
            Some('"') => {
                let (text, rest) = characters
                    .as_str()
                    .split_once('"')
                    .ok_or("a text does not end")?;
                self.0 = rest;
                Ok(Word::Text(text.to_owned()))
            }
            Some(mark @ (',' | ':' | '{' | '}' | '[' | ']')) => {
                self.0 = characters.as_str();
                Ok(Word::Mark(mark))
            }
            Some(other) => Err(format!("{other:?} is not of an object of texts").into()),
            None => Err("the object does not end".into()),
        }
    }

    fn expect(&mut self, wanted: char) -> Outcome<()> {
        match self.next()? {
            Word::Mark(mark) if mark == wanted => Ok(()),
            Word::Mark(mark) => Err(format!("{mark:?} in place of {wanted:?}").into()),
            Word::Text(text) => Err(format!("{text:?} in place of {wanted:?}").into()),
        }
    }

    fn text(&mut self) -> Outcome<String> {
        match self.next()? {
            Word::Text(text) => Ok(text),
            Word::Mark(mark) => Err(format!("{mark:?} in place of a text").into()),
        }
    }

    fn list(&mut self) -> Outcome<Vec<String>> {
        self.expect('[')?;
        let mut all = Vec::new();
        loop {
            match self.next()? {
                Word::Text(text) => all.push(text),
                Word::Mark(',') => {}
                Word::Mark(']') => return Ok(all),
                Word::Mark(mark) => return Err(format!("{mark:?} in a list").into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"
	return := {
		"RuleSet": "Deprecated APIs removed in 1.25",
	}
	deprecated_apis = {"CronJob": {
		"old": ["batch/v1beta1", "batch/v2alpha1"],
		"new": "batch/v1",
		"since": "1.21",
	},
		"PodSecurityPolicy": {
			"old": ["policy/v1beta1"],
			"new": "<removed>",
			"since": "1.21",
		},
	}
	deprecated_apis[kind].old[_] == api_version
"#;

    #[test]
    fn rules_become_claims() {
        let mut all = Claims::new();
        rules(RULE, &mut all).unwrap();
        let said: Vec<String> = all
            .iter()
            .map(|(api, said)| {
                format!(
                    "{}: {}, {} since {}, {}",
                    api.join(" "),
                    said.removed,
                    said.replacement,
                    said.replacement_since,
                    said.deprecated
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "batch v1beta1 CronJob: 1.25, batch/v1 since 1.21, ",
                "batch v2alpha1 CronJob: 1.25, batch/v1 since 1.21, ",
                "policy v1beta1 PodSecurityPolicy: 1.25,  since , 1.21",
            ]
        );
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for (from, to) in [
            ("removed in 1.25", "removed in spring"),
            ("deprecated_apis = {\"", "deprecated_apis = {["),
            ("\"since\"", "\"sinse\""),
            ("[\"policy/v1beta1\"]", "[]"),
            ("\t}\n\tdeprecated_apis[", "\tdeprecated_apis["),
        ] {
            let text = RULE.replace(from, to);
            assert_ne!(text, RULE, "{from}");
            assert!(rules(&text, &mut Claims::new()).is_err(), "{from}");
        }
        let future = RULE.replace("removed in 1.25", "to be removed in future");
        assert_eq!(removal(&future).unwrap(), "");
    }
}
