//! Just enough of Go to read tables out of its sources: tokens without
//! comments, groups in brackets, imports and constants.

use std::collections::BTreeMap;

/// A piece of Go source that is neither space nor comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// A string, without its quotes and with its simple escapes resolved.
    Text(String),
    /// Any other character.
    Mark(char),
}

use Token::{Mark, Text, Word};

/// The tokens of a source file.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '/' if rest.starts_with("//") => after(rest, "\n"),
            '/' if rest.starts_with("/*") => after(rest, "*/"),
            '`' => {
                let body = rest.get(1..).unwrap_or_default();
                let (text, rest) = body.split_once('`').unwrap_or((body, ""));
                tokens.push(Text(text.to_owned()));
                rest
            }
            '"' | '\'' => {
                let (text, rest) = quoted(rest.get(1..).unwrap_or_default(), first);
                tokens.push(Text(text));
                rest
            }
            _ if is_word(first) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let (word, rest) = rest.split_at(end);
                tokens.push(Word(word.to_owned()));
                rest
            }
            _ => {
                if !first.is_whitespace() {
                    tokens.push(Mark(first));
                }
                rest.get(first.len_utf8()..).unwrap_or_default()
            }
        };
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn after<'s>(text: &'s str, end: &str) -> &'s str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// The text up to the closing `quote`, and what follows it.
fn quoted(body: &str, quote: char) -> (String, &str) {
    let mut text = String::new();
    let mut characters = body.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, other)) => text.push(other),
                None => {}
            },
            c if c == quote => {
                let rest = body.get(at + c.len_utf8()..).unwrap_or_default();
                return (text, rest);
            }
            c => text.push(c),
        }
    }
    (text, "")
}

/// What stands between the bracket that `tokens` begins with and the one that
/// closes it, and what follows; `None` where there is no such bracket.
pub(super) fn group(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let (first, body) = tokens.split_first()?;
    if !matches!(first, Mark('{' | '(' | '[')) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, token) in body.iter().enumerate() {
        match token {
            Mark('{' | '(' | '[') => depth += 1,
            Mark('}' | ')' | ']') if depth == 0 => {
                return Some((body.get(..at)?, body.get(at + 1..)?));
            }
            Mark('}' | ')' | ']') => depth -= 1,
            Mark(_) | Word(_) | Text(_) => {}
        }
    }
    None
}

/// A name with an optional package before it, as `(package, name)`, and what
/// follows it.
pub(super) fn qualified(tokens: &[Token]) -> Option<(Option<&str>, &str, &[Token])> {
    match tokens {
        [Word(package), Mark('.'), Word(name), rest @ ..] => Some((Some(package), name, rest)),
        [Word(name), rest @ ..] => Some((None, name, rest)),
        _ => None,
    }
}

/// The value of `field` in the body of a literal, the first time it is set at
/// any depth.
pub(super) fn field<'t>(body: &'t [Token], field: &str) -> Option<&'t [Token]> {
    suffixes(body).find_map(|rest| match rest {
        [Word(name), Mark(':'), value @ ..] if name == field => Some(value),
        _ => None,
    })
}

/// The tokens from each position on.
pub(super) fn suffixes(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    (0..tokens.len()).filter_map(|at| tokens.get(at..))
}

/// The packages that a file imports, by the name it knows them by.
pub(super) fn imports(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for rest in suffixes(tokens) {
        let [Word(keyword), rest @ ..] = rest else {
            continue;
        };
        if keyword != "import" {
            continue;
        }
        let specifications = match group(rest) {
            Some((body, _)) => body,
            // One alone: at most an alias and a path.
            None => rest.get(..2).unwrap_or(rest),
        };
        let mut alias = None;
        for token in specifications {
            match token {
                Word(name) => alias = Some(name.clone()),
                // `_` is a word; `.` is not used in what is read here.
                Mark(_) => {}
                Text(path) => {
                    let last = path.rsplit('/').next().unwrap_or(path);
                    let name = alias.take().unwrap_or_else(|| last.to_owned());
                    // Blank imports share the name `_`: their path tells them apart.
                    let name = if name == "_" { path.clone() } else { name };
                    found.insert(name, path.clone());
                }
            }
        }
    }
    found
}

/// Every `name = "text"`, with a type before or around the text or without one.
pub(super) fn text_constants(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for rest in suffixes(tokens) {
        let [Word(name), rest @ ..] = rest else {
            continue;
        };
        let ([Mark('='), value @ ..]
        | [Word(_), Mark('='), value @ ..]
        | [Word(_), Mark('.'), Word(_), Mark('='), value @ ..]) = rest
        else {
            continue;
        };
        // The tail of a longer form fits too, and gives the name of the type,
        // which nobody asks for.
        if let [Text(text), ..]
        | [Word(_), Mark('('), Text(text), Mark(')'), ..]
        | [
            Word(_),
            Mark('.'),
            Word(_),
            Mark('('),
            Text(text),
            Mark(')'),
            ..,
        ] = value
        {
            found.entry(name.clone()).or_insert_with(|| text.clone());
        }
    }
    found
}

/// Every `name = true` and `name = false`.
pub(super) fn boolean_constants(tokens: &[Token]) -> BTreeMap<String, bool> {
    suffixes(tokens)
        .filter_map(|rest| match rest {
            [Word(name), Mark('='), Word(value), ..] => {
                Some((name.clone(), value.parse::<bool>().ok()?))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
package features // comment "not a string"
import (
	"fmt"
	genericfeatures "k8s.io/apiserver/pkg/features"
	_ "k8s.io/x/register"
)
/* { */
const (
	First featuregate.Feature = "first"
	Second Feature = `second`
	third = "a\"b}"
	Fourth = featuregate.Feature("fourth")
	on = true
)
var x = map[string]T{First: {Default: on, Rune: '}'}, "k": {}}
"#;

    #[test]
    fn reads_what_tables_are_made_of() {
        let tokens = tokens(SOURCE);
        let constants = text_constants(&tokens);
        let expected = [
            ("First", "first"),
            ("Second", "second"),
            ("third", "a\"b}"),
            ("Fourth", "fourth"),
        ];
        for (name, text) in expected {
            assert_eq!(
                constants.get(name).map(String::as_str),
                Some(text),
                "{name}"
            );
        }
        assert_eq!(boolean_constants(&tokens), [("on".to_owned(), true)].into());
        let imports = imports(&tokens);
        assert_eq!(imports["genericfeatures"], "k8s.io/apiserver/pkg/features");
        assert_eq!(imports["fmt"], "fmt");
        assert!(imports.values().any(|path| path == "k8s.io/x/register"));
        let at = tokens.iter().rposition(|t| *t == Word("T".to_owned()));
        let (body, rest) = group(&tokens[at.unwrap() + 1..]).unwrap();
        assert_eq!(rest, []);
        assert_eq!(field(body, "Default").unwrap()[0], Word("on".to_owned()));
        assert_eq!(field(body, "Locked"), None);
    }

    #[test]
    fn broken_sources_end() {
        for source in ["\"open", "`open", "/* open", "{", "'"] {
            let tokens = tokens(source);
            assert_eq!(group(&tokens), None, "{source}");
        }
    }
}
