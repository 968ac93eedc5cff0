//! Where in the text of a template a complaint is about.

/// The line, counted from 1, of the place `at` as complaints name it: `stage a,
/// step b, timeout`; there, of the first line that holds `word`, where one does.
/// Nothing where the text is written in another way than one key a line.
pub(crate) fn line(text: &str, at: &str, word: Option<&str>) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut here = None;
    for part in at.split(", ") {
        let from = here.map_or(0, |line: usize| line + 1);
        here = match part.split_once(' ') {
            Some((_, name)) => Some(named(&lines, from, name)?),
            // A field may be left to a line further up, beside the name.
            None => keyed(&lines, here.unwrap_or(0), part).or(here),
        };
    }
    let here = here?;
    let within = word.and_then(|word| {
        let rest = lines.iter().skip(here);
        rest.take(AS_FAR).position(|line| line.contains(word))
    });
    Some(here + within.unwrap_or(0) + 1)
}

/// How many lines behind its beginning a part of a step is looked for: the longest
/// step of the built-in templates has half as many.
const AS_FAR: usize = 80;

/// The first line from `from` on that gives something this name.
fn named(lines: &[&str], from: usize, name: &str) -> Option<usize> {
    let is_it = |line: &&str| {
        let line = line.trim_start_matches([' ', '-', '{', '"', '\'']);
        let mut words = line.split(['"', '\'', ' ', ':', ',', '}']);
        matches!(words.next(), Some("id" | "name")) && words.any(|word| word == name)
    };
    let found = lines.iter().skip(from).position(is_it)?;
    Some(from + found)
}

/// The first line from `from` on that holds this key.
fn keyed(lines: &[&str], from: usize, key: &str) -> Option<usize> {
    let key = key.split('[').next().unwrap_or(key);
    let holds = |line: &&str| {
        let mut words = line.split([' ', '"', '\'', '{', ',']);
        words.any(|word| word.strip_suffix(':') == Some(key) || word == key && line.contains(':'))
    };
    let found = lines.iter().skip(from).take(AS_FAR).position(holds)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
stages:
- id: nodes
  title: Nodes
  steps:
  - id: look
    timeout: 5m
    shows: >-
      It is looked at
      {{nod}}.
  - { id: go, timeout: 0s }
- id: \"end\"
  steps:
  - id: look
    title: \"{{nod}}\"
";

    #[track_caller]
    fn check(at: &str, word: Option<&str>, expected: Option<usize>) {
        assert_eq!(line(TEXT, at, word), expected, "{at}");
    }

    #[test]
    fn places_are_found_by_name() {
        check("stages", None, Some(1));
        check("stage nodes", None, Some(2));
        check("stage nodes, step look, timeout", None, Some(6));
        check("stage nodes, step look, shows", Some("{{nod}}"), Some(9));
        check("stage nodes, step go, timeout", None, Some(10));
        check("stage end, step look, title", Some("{{nod}}"), Some(14));
        check("stage nowhere, step look", None, None);
    }
}
