//! What people see of a text: characters that are not shown, or that move those
//! around them, can make it read as something else than it says.
//!
//! In names and arguments such characters are refused. In free texts they are
//! shown for what they are: a remark in Persian needs a joiner, and nobody has to
//! guess what stands in a plan that they approve.

use std::borrow::Cow;

/// Whether `c` cannot be seen, or moves others about on the screen: controls, the
/// format characters of Unicode (zero widths, the directions of Trojan Source, tag
/// characters), fillers that are blank, selectors of variants.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, grapheme joiner, Arabic marks that surround numbers.
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}'
            // Fillers of Hangul, vowels of Khmer, selectors of Mongolian.
            | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            // Zero widths, directions, separators of lines, invisible operators.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            // Tags, and the rest of the selectors.
            | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The first character of `text` that people do not see.
#[must_use]
pub fn hidden(text: &str) -> Option<char> {
    text.chars().find(|c| is_hidden(*c))
}

/// `text` as it can be shown: what is hidden is written out, as in `\u{202e}`.
/// Line breaks and tabulators stay.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    shown_but(text, |_| 0)
}

/// The same, where the first bytes of a rest of the text are left as they are, as
/// many as `passes` says: the caller's own styles.
#[must_use]
pub fn shown_but(text: &str, passes: impl Fn(&str) -> usize) -> Cow<'_, str> {
    let stays = |c: char| !is_hidden(c) || matches!(c, '\n' | '\t');
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let own = if stays(c) { 0 } else { passes(rest) };
        let (head, tail) = rest.split_at(own.max(c.len_utf8()));
        if stays(c) || own > 0 {
            out.push_str(head);
        } else {
            out.extend(c.escape_unicode());
        }
        rest = tail;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected, "{text:?}");
        assert_eq!(hidden(text).is_some(), expected.contains('\\'), "{text:?}");
    }

    #[test]
    fn what_is_hidden_is_written_out() {
        check("k8s/0 – naïve 漢字 🚢", "k8s/0 – naïve 漢字 🚢");
        check("a\u{200b}b", "a\\u{200b}b");
        check("drain \u{202e}1-w\u{2066}", "drain \\u{202e}1-w\\u{2066}");
        check("tag\u{e0041}", "tag\\u{e0041}");
        check("\u{1b}[8m", "\\u{1b}[8m");
        check("\u{feff}x\u{ad}\u{3164}", "\\u{feff}x\\u{ad}\\u{3164}");
    }

    #[test]
    fn lines_stay_lines_and_styles_stay_styles() {
        assert_eq!(shown("a\n\tb"), "a\n\tb");
        let bold = |rest: &str| if rest.starts_with("\u{1b}[1m") { 4 } else { 0 };
        assert_eq!(
            shown_but("\u{1b}[1mx\u{1b}[8my", bold),
            "\u{1b}[1mx\\u{1b}[8my"
        );
    }
}
