//! Writes a JSON value as YAML in the form `kubectl get -o yaml` prints:
//! keys sorted, lists not indented below their key, text in block form.
//! It writes only what the examples need: no anchors, no tags, no folding.

use serde_json::{Map, Value};

/// One YAML document, without a `---` line.
pub(super) fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::Array(list) if !list.is_empty() => sequence(list, 0, &mut out),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            out.push_str(&inline(value));
            out.push('\n');
        }
    }
    out
}

/// The same value with the keys of every object in alphabetical order, whatever
/// order the map type keeps: another crate of the workspace may switch it.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            in_order(map)
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn in_order(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| key.as_str());
    entries
}

fn mapping(map: &Map<String, Value>, indent: usize, out: &mut String) {
    for (key, value) in in_order(map) {
        pad(indent, out);
        out.push_str(&scalar(key));
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                mapping(inner, indent + 2, out);
            }
            Value::Array(inner) if !inner.is_empty() => {
                out.push('\n');
                sequence(inner, indent, out);
            }
            Value::String(text) if is_block(text) => block(text, indent + 2, out),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                out.push(' ');
                out.push_str(&inline(value));
                out.push('\n');
            }
        }
    }
}

fn sequence(list: &[Value], indent: usize, out: &mut String) {
    for value in list {
        let mut item = String::new();
        match value {
            Value::Object(inner) if !inner.is_empty() => mapping(inner, indent + 2, &mut item),
            Value::Array(inner) if !inner.is_empty() => sequence(inner, indent + 2, &mut item),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                item.push_str(&inline(value));
                item.push('\n');
            }
        }
        pad(indent, out);
        out.push_str("- ");
        out.push_str(item.trim_start_matches(' '));
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A block can hold a text that ends in one line break and whose first line is
/// not indented; every other text is written in quotes.
fn is_block(text: &str) -> bool {
    text.strip_suffix('\n').is_some_and(|body| {
        !body.is_empty() && !body.starts_with([' ', '\n']) && !body.ends_with('\n')
    })
}

fn block(text: &str, indent: usize, out: &mut String) {
    out.push_str(" |\n");
    for line in text.lines() {
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(_) => "[]".into(),
        Value::Object(_) => "{}".into(),
    }
}

fn scalar(text: &str) -> String {
    if text.chars().any(char::is_control) || reads_as_another_type(text) {
        Value::from(text).to_string()
    } else if is_plain(text) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

fn is_plain(text: &str) -> bool {
    const INDICATORS: &[char] = &[
        '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
        ' ', '=',
    ];
    !text.starts_with(INDICATORS)
        && text != "-"
        && !text.starts_with("- ")
        && !text.starts_with("---")
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
}

/// Words and numbers of YAML 1.1 and 1.2 that would not stay text.
fn reads_as_another_type(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf",
        ".nan", "<<",
    ];
    let lower = text.to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || text.parse::<f64>().is_ok()
        || ["0x", "0o", "0b"]
            .iter()
            .any(|prefix| lower.starts_with(prefix))
        || text
            .chars()
            .all(|c| c.is_ascii_digit() || "_:+-".contains(c))
        || is_date(text)
}

fn is_date(text: &str) -> bool {
    let mut rest = text.chars();
    let digits = |rest: &mut std::str::Chars<'_>, n| rest.take(n).all(|c| c.is_ascii_digit());
    text.len() >= 8 && digits(&mut rest, 4) && rest.next() == Some('-') && digits(&mut rest, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: Value, expected: &str) {
        assert_eq!(document(&value), expected);
    }

    #[test]
    fn kubectl_form() {
        check(
            json!({"b": [{"z": 1, "a": "x"}, "y"], "a": {"c": {}, "d": [], "e": null}}),
            "a:\n  c: {}\n  d: []\n  e: null\nb:\n- a: x\n  z: 1\n- \"y\"\n",
        );
        check(json!({"a": [["x", "z"]]}), "a:\n- - x\n  - z\n");
        check(
            json!({"a": {"b": "one\n\n  two\n"}}),
            "a:\n  b: |\n    one\n\n      two\n",
        );
    }

    #[test]
    fn text_stays_text() {
        for (text, expected) in [
            ("true", "\"true\""),
            ("1.31", "\"1.31\""),
            ("12e5", "\"12e5\""),
            ("12:30", "\"12:30\""),
            ("2026-10-01T08:00:00Z", "\"2026-10-01T08:00:00Z\""),
            ("v1.31.9", "v1.31.9"),
            ("10.0.0.1", "10.0.0.1"),
            ("--v=4", "--v=4"),
            ("a: b", "'a: b'"),
            ("*", "'*'"),
            ("it's: x", "'it''s: x'"),
            ("", "\"\""),
            ("two\nlines", "\"two\\nlines\""),
        ] {
            check(json!({ "a": text }), &format!("a: {expected}\n"));
        }
    }

    #[test]
    fn keys_are_sorted_deeply() {
        assert_eq!(
            sorted(&json!({"b": [{"d": 1, "c": 2}], "a": 0})).to_string(),
            r#"{"a":0,"b":[{"c":2,"d":1}]}"#
        );
    }
}
