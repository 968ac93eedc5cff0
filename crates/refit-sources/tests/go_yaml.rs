//! Snippets of YAML, and what the libraries of Kubernetes make of them.
//!
//! The table says how it was recorded. A difference needs a reason, and a reason
//! needs a difference.

#![cfg(test)]

use refit_sources::yaml::{Spanned, documents};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    input: String,
    kubernetes: Vec<Read>,
    refit: Option<Vec<Read>>,
    because: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Read {
    Is(Value),
    Error,
}

fn read(text: &str) -> Vec<Read> {
    documents(text.as_bytes())
        .filter_map(|document| match document.content {
            Ok(content) => content.map(|content| Read::Is(Spanned::into_json(content))),
            Err(_) => Some(Read::Error),
        })
        .collect()
}

/// Whether two values are the same to a reader of JSON: whole numbers of 64 signed
/// bits count exactly, all others as floats.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64(),
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn all_same(one: &[Read], other: &[Read]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Read::Is(one), Read::Is(other)) => same(one, other),
            (Read::Error, Read::Error) => true,
            (Read::Is(_), Read::Error) | (Read::Error, Read::Is(_)) => false,
        })
}

#[test]
fn yaml_is_read_as_kubernetes_reads_it() {
    let mut agreeing = 0;
    let mut wrong = Vec::new();
    let rows = include_str!("tables/go_yaml.table")
        .lines()
        .filter(|line| !line.starts_with('#'));
    for line in rows {
        let row: Row = serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"));
        let ours = read(&row.input);
        let Row { name, input, .. } = &row;
        match (&row.refit, &row.because) {
            (None, None) if all_same(&ours, &row.kubernetes) => agreeing += 1,
            (Some(refit), Some(because)) if all_same(&ours, refit) && !because.is_empty() => {
                if all_same(refit, &row.kubernetes) {
                    wrong.push(format!("{name}: {input:?} agrees and needs no reason"));
                }
            }
            _ => wrong.push(format!(
                "{name}: {input:?}\n  is to be {:?}\n  but is   {ours:?}",
                row.refit.as_ref().unwrap_or(&row.kubernetes)
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreeing >= 400, "only {agreeing} snippets agree");
}
