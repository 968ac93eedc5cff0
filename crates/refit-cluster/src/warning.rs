//! The warnings that an API server sends with its answers.

use crate::text;
use http::HeaderMap;
use refit_model::kubernetes::ServerWarning;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Gap};
use std::collections::BTreeSet;

/// The code of every warning of an API server. Source: KEP 1693; RFC 7234
/// section 5.5 for the form.
const CODE: &str = "299";

/// How many warnings of the server are kept: a server sends one for each kind
/// at a deprecated version, of which no release has had more than 50.
const MOST: usize = 100;

/// The warnings of a survey: of too many the first by the alphabet, whichever
/// came first.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    kept: BTreeSet<ServerWarning>,
    extent: Extent,
}

/// Whether all of them were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Extent {
    #[default]
    All,
    Some,
}

impl Warnings {
    /// Keeps those in these headers, about the request of `path`.
    pub(crate) fn keep(&mut self, path: &str, headers: &HeaderMap) {
        self.kept.extend(warnings(path, headers));
        while self.kept.len() > MOST {
            self.kept.pop_last();
            self.extent = Extent::Some;
        }
    }

    /// What was kept, in order.
    pub(crate) fn kept(&self) -> Vec<ServerWarning> {
        self.kept.iter().cloned().collect()
    }

    /// What was not kept, as a gap.
    pub(crate) fn gap(&self) -> Option<Gap> {
        match self.extent {
            Extent::All => None,
            Extent::Some => Some(Gap {
                area: Area::Apis,
                what: format!("the warnings of the API server beyond the first {MOST}"),
                why: Unseen::Failed("it sent more of them than are kept".to_owned()),
                command: None,
            }),
        }
    }
}

/// The warnings in these headers, about the request of `path`.
fn warnings(path: &str, headers: &HeaderMap) -> Vec<ServerWarning> {
    headers
        .get_all(http::header::WARNING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(texts)
        .map(|text| ServerWarning {
            path: text::cut(path),
            text: text::cut(&text),
        })
        .collect()
}

/// The texts of one header: `299 agent "text"`, several with commas between.
fn texts(header: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = header.trim_start();
    while let Some(after) = rest.strip_prefix(CODE) {
        let Some((_, quoted)) = after.split_once('"') else {
            break;
        };
        let mut text = String::new();
        let mut letters = quoted.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => text.extend(letters.next()),
                other => text.push(other),
            }
        }
        found.push(text);
        // A date may follow, which the API server does not send.
        let left = letters.as_str();
        rest = left
            .split_once(',')
            .map_or("", |(_, more)| more)
            .trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_told() {
        let mut warnings = Warnings::default();
        let mut keep = |number: usize| {
            let mut headers = HeaderMap::new();
            let text = format!("299 - \"warning {number:03}\"");
            headers.append(http::header::WARNING, text.parse().unwrap());
            warnings.keep("/api/v1/things", &headers);
            (warnings.kept().len(), warnings.gap().is_some())
        };
        for number in (1..=MOST).rev() {
            assert_eq!(keep(number), (MOST + 1 - number, false));
        }
        assert_eq!(keep(1), (MOST, false));
        assert_eq!(keep(0), (MOST, true));
        assert_eq!(keep(1), (MOST, true));
        assert_eq!(warnings.kept()[0].text, "warning 000");
    }

    #[test]
    fn texts_are_taken_out_of_their_quotes() {
        let check = |header: &str, expected: &[&str]| assert_eq!(texts(header), expected);
        check(
            r#"299 - "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+""#,
            &["policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+"],
        );
        check(r#"299 - "a \"b\", c", 299 - "d""#, &[r#"a "b", c"#, "d"]);
        check(r#"299 - "no end"#, &["no end"]);
        check(r#"110 - "stale""#, &[]);
        check("299", &[]);
    }
}
