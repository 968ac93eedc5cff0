//! Text from and for the API server: made safe to send, and short enough to show.

use std::error::Error;

/// The longest text of a server or a library that is passed on to people. The
/// longest message that an API server writes by itself (a scheduling summary)
/// is near this.
const SHOWN: usize = 400;

/// `text` in one line of at most [`SHOWN`] characters, without control
/// characters: it ends up on terminals, in pages and in the journal.
pub(crate) fn cut(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SHOWN)
        .collect();
    line.truncate(line.trim_end().len());
    line
}

/// An error and its causes in one line. Each cause is told once: the client's
/// errors repeat their sources in their own text.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if let Some(last) = parts.last_mut()
            && last.contains(&text)
        {
            // The outer text without the inner one, where that leaves words.
            let outer = last.replace(&text, "");
            let outer = outer.trim_end_matches([':', ' ']).to_owned();
            if outer.is_empty() {
                parts.pop();
            } else {
                *last = outer;
            }
        }
        parts.push(text);
        next = cause.source();
    }
    cut(&parts.join(": "))
}

/// `text` as a path segment or a parameter's value: all but the unreserved
/// characters of RFC 3986 section 2.3 are escaped. A segment of dots alone is
/// escaped too, so that no server takes it for a way up.
pub(crate) fn encoded(text: &str) -> String {
    let dots = !text.is_empty() && text.bytes().all(|byte| byte == b'.');
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if !dots && (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from(if half < 10 {
                    b'0' + half
                } else {
                    b'A' + half - 10
                }));
            }
        }
    }
    out
}

/// `value` inside a field selector, where commas and equals signs separate.
/// Source: apimachinery `fields.EscapeValue`.
pub(crate) fn selected(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | ',' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_cannot_leave_its_place() {
        for (text, expected) in [
            ("w-1.example", "w-1.example"),
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("..", "%2E%2E"),
            ("ü%", "%C3%BC%25"),
        ] {
            assert_eq!(encoded(text), expected);
        }
        assert_eq!(selected("w-1,status.phase=x"), r"w-1\,status.phase\=x");
    }

    #[test]
    fn what_is_shown_is_one_short_line() {
        assert_eq!(cut("a\n\u{1b}[31mb\r\n"), "a  [31mb");
        assert_eq!(cut(&"x".repeat(1000)).len(), SHOWN);
    }

    #[test]
    fn causes_are_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(chain(&error), "outer: inner");
    }
}
