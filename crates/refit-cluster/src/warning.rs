//! The warnings that an API server sends with its answers.

use crate::text;
use http::HeaderMap;
use refit_model::kubernetes::ServerWarning;

/// The code of every warning of an API server. Source: KEP 1693; RFC 7234
/// section 5.5 for the form.
const CODE: &str = "299";

/// The warnings in these headers, about the request of `path`.
pub(crate) fn warnings(path: &str, headers: &HeaderMap) -> Vec<ServerWarning> {
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
