//! Whether a text holds any of some words.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

/// What finds any of `words`.
///
/// Whether there is a match is the same for every kind of match. The leftmost one
/// is asked for because vectors are only used for that: without them every byte
/// was a step of the automaton, which took a fifth of a scan.
///
/// # Errors
/// When the words are too many or too long for one automaton.
pub(crate) fn any_of<W: AsRef<[u8]>>(
    words: impl IntoIterator<Item = W>,
) -> Result<AhoCorasick, BuildError> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::packed;

    /// More first letters than are looked for one by one.
    const WORDS: [&str; 6] = ["uid:", "uid", "managedFields", "{{", "helm.sh", "config"];

    #[test]
    fn a_text_matches_when_it_holds_a_word() {
        let any = any_of(WORDS).unwrap();
        let mut random = fastrand::Rng::with_seed(11);
        let mut held = 0;
        for _ in 0..20_000 {
            let parts = [
                "ui", "d", ":", "{", "managed", "Fields", "helm", ".sh", "\n",
            ];
            let text: String = (0..random.usize(0..12))
                .map(|_| *random.choice(&parts).unwrap())
                .collect();
            let holds = WORDS.iter().any(|word| text.contains(word));
            assert_eq!(any.is_match(&text), holds, "{text:?}");
            held += usize::from(holds);
        }
        assert!((1_000..19_000).contains(&held), "{held}");
        assert!(!any_of([""; 0]).unwrap().is_match("uid"));
        assert!(any_of([""]).unwrap().is_match(""));
    }

    /// Wherever this machine has vectors for so many words, they are used.
    #[test]
    fn words_are_looked_for_with_vectors() {
        let has_vectors = packed::Searcher::new(WORDS).is_some();
        let made = format!("{:?}", any_of(WORDS).unwrap());
        assert_eq!(made.contains("prefilter: true"), has_vectors, "{made}");
    }
}
