//! Placeholders: `{{node}}` inside the texts of a template.
//!
//! A placeholder fills one text. A text that is nothing but one placeholder may
//! become a number or a list, where the field wants one. What is filled in is
//! never read again, so that a parameter cannot bring placeholders of its own.

use crate::error::TemplateProblem;
use refit_model::seen::Unseen;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The depth of a pattern that is still read. The deepest one that makes sense
/// is a condition in a list in a condition in a list; 32 bounds the recursion.
const MAX_DEPTH: usize = 32;

/// What fills placeholders, by name.
pub(crate) type Fillings = BTreeMap<String, Result<Filling, Unread>>;

/// What fills one placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filling {
    /// A text.
    Text(String),
    /// A number.
    Number(u32),
    /// Several texts.
    List(Vec<String>),
}

/// A placeholder whose value was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// What was not seen, as a noun phrase.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: Unseen,
}

/// Why a pattern was not filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The template is not sound.
    Problem(TemplateProblem),
    /// What fills it was not seen.
    Unread(Unread),
}

impl From<TemplateProblem> for Fault {
    fn from(problem: TemplateProblem) -> Self {
        Self::Problem(problem)
    }
}

impl Filling {
    fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::List(items) => Value::from(items.clone()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::List(items) => items.join(", "),
        }
    }

    /// The value as an expression writes it. A JSON text is a literal there,
    /// with the same escapes.
    fn literal(&self) -> String {
        self.value().to_string()
    }

    /// Whether it is this text, or a list that holds it.
    pub(crate) fn has(&self, wanted: &str) -> bool {
        match self {
            Self::Text(text) => text == wanted,
            Self::Number(number) => number.to_string() == wanted,
            Self::List(items) => items.iter().any(|item| item == wanted),
        }
    }
}

impl fmt::Display for Filling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(items) if items.is_empty() => f.write_str("nothing"),
            Self::Text(_) | Self::Number(_) | Self::List(_) => f.write_str(&self.text()),
        }
    }
}

/// A part of a text: as it stands, or a placeholder's name.
enum Part<'t> {
    Plain(&'t str),
    Placeholder(&'t str),
}

/// The parts of `text`.
fn parts(text: &str) -> Result<Vec<Part<'_>>, Fault> {
    let open = || TemplateProblem::OpenPlaceholder(text.chars().take(64).collect());
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").ok_or_else(open)?;
        if !before.is_empty() {
            found.push(Part::Plain(before));
        }
        found.push(Part::Placeholder(name.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Part::Plain(rest));
    }
    Ok(found)
}

/// What fills the placeholder `name`.
pub(crate) fn filling<'f>(name: &str, fillings: &'f Fillings) -> Result<&'f Filling, Fault> {
    match fillings.get(name) {
        Some(Ok(filling)) => Ok(filling),
        Some(Err(unread)) => Err(Fault::Unread(unread.clone())),
        None => Err(Fault::Problem(TemplateProblem::UnknownPlaceholder {
            name: name.chars().take(64).collect(),
            known: fillings.keys().cloned().collect(),
        })),
    }
}

/// Fills the placeholders of a text.
pub(crate) fn fill_text(text: &str, fillings: &Fillings) -> Result<String, Fault> {
    let mut out = String::new();
    for part in parts(text)? {
        match part {
            Part::Plain(plain) => out.push_str(plain),
            Part::Placeholder(name) => out.push_str(&filling(name, fillings)?.text()),
        }
    }
    Ok(out)
}

/// The keys whose texts are expressions.
const EXPRESSIONS: [&str; 2] = ["that", "keep"];

/// Fills the placeholders of an expression. There each stands for a value and
/// not for a piece of text, so that nothing that is filled in can be read as
/// part of the expression.
fn fill_expression(text: &str, fillings: &Fillings) -> Result<String, Fault> {
    let mut out = String::new();
    for part in parts(text)? {
        match part {
            Part::Plain(plain) => out.push_str(plain),
            Part::Placeholder(name) => out.push_str(&filling(name, fillings)?.literal()),
        }
    }
    Ok(out)
}

/// Fills the placeholders in every text of `pattern`; keys stay as they are.
pub(crate) fn fill(pattern: &Value, fillings: &Fillings) -> Result<Value, Fault> {
    fill_at(pattern, fillings, MAX_DEPTH)
}

fn fill_at(pattern: &Value, fillings: &Fillings, depth: usize) -> Result<Value, Fault> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(TemplateProblem::TooDeep(MAX_DEPTH).into());
    };
    if let Some(text) = pattern.as_str() {
        if let [Part::Placeholder(name)] = parts(text)?.as_slice() {
            return Ok(filling(name, fillings)?.value());
        }
        return Ok(Value::from(fill_text(text, fillings)?));
    }
    if let Some(items) = pattern.as_array() {
        return items
            .iter()
            .map(|item| fill_at(item, fillings, depth))
            .collect();
    }
    if let Some(entries) = pattern.as_object() {
        return entries
            .iter()
            .map(|(key, item)| {
                let filled = match item.as_str() {
                    Some(text) if EXPRESSIONS.contains(&key.as_str()) => {
                        Value::from(fill_expression(text, fillings)?)
                    }
                    Some(_) | None => fill_at(item, fillings, depth)?,
                };
                Ok((key.clone(), filled))
            })
            .collect::<Result<serde_json::Map<_, _>, Fault>>()
            .map(Value::Object);
    }
    Ok(pattern.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fillings() -> Fillings {
        let unread = Unread {
            what: "the moon".to_owned(),
            why: Unseen::NotAsked,
        };
        BTreeMap::from([
            ("node".to_owned(), Ok(Filling::Text("w-1".to_owned()))),
            ("revision".to_owned(), Ok(Filling::Number(1500))),
            (
                "workers".to_owned(),
                Ok(Filling::List(vec!["a".to_owned(), "b".to_owned()])),
            ),
            (
                "parameters.x".to_owned(),
                Ok(Filling::Text("{{node}}".to_owned())),
            ),
            (
                "hostile".to_owned(),
                Ok(Filling::Text("' || \"\" == \"".to_owned())),
            ),
            ("moon".to_owned(), Err(unread)),
        ])
    }

    #[track_caller]
    fn check(pattern: Value, expected: Result<Value, &str>) {
        let found = fill(&pattern, &fillings()).map_err(|fault| match fault {
            Fault::Problem(problem) => problem.to_string(),
            Fault::Unread(unread) => format!("{} is not known: {}", unread.what, unread.why),
        });
        assert_eq!(found, expected.map_err(ToOwned::to_owned), "{pattern}");
    }

    #[test]
    fn filling_in() {
        check(
            json!({"kubeletAt": {"node": "{{node}}", "n": [1, null, true]}}),
            Ok(json!({"kubeletAt": {"node": "w-1", "n": [1, null, true]}})),
        );
        check(json!("drain {{ node }} now"), Ok(json!("drain w-1 now")));
        check(json!("{{revision}}"), Ok(json!(1500)));
        check(json!("r{{revision}}"), Ok(json!("r1500")));
        check(json!("{{workers}}"), Ok(json!(["a", "b"])));
        check(json!("{{workers}} wait"), Ok(json!("a, b wait")));
        // What is filled in is not read again.
        check(json!("{{parameters.x}}"), Ok(json!("{{node}}")));
        // In an expression a placeholder is a value, whatever is in it.
        check(
            json!({"that": "out == {{node}} && out in {{workers}} && {{revision}} > 1"}),
            Ok(json!({"that": r#"out == "w-1" && out in ["a","b"] && 1500 > 1"#})),
        );
        check(
            json!({"that": "out == {{hostile}}"}),
            Ok(json!({"that": r#"out == "' || \"\" == \"""#})),
        );
        // Keys are the template's own words.
        check(json!({"{{node}}": 1}), Ok(json!({"{{node}}": 1})));
    }

    #[test]
    fn refusals() {
        check(
            json!("{{nod}}"),
            Err(
                "nothing fills {{nod}} here; known are hostile, moon, node, parameters.x, revision, workers",
            ),
        );
        check(
            json!("x {{node"),
            Err("a placeholder is not closed in \"x {{node\""),
        );
        check(
            json!("{{moon}}"),
            Err("the moon is not known: it was not asked for"),
        );
        let deep = (0..40).fold(json!("x"), |inner, _| json!([inner]));
        check(deep, Err("it is nested more than 32 levels deep"));
    }
}
