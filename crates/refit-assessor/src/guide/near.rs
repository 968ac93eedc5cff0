//! What a word of a page is a slip for.

/// A longer word is no slip for a name.
const LONGEST_WORD: usize = 64;

/// The candidate that `word` is a slip of the keyboard for: another spelling of
/// its letters, or so few other letters that nothing else can be meant. A word of
/// up to four letters is too short for that.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let length = word.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let others = candidates.into_iter().filter(|other| *other != word);
    let others: Vec<&str> = others.collect();
    let spelt = others.iter().find(|other| other.eq_ignore_ascii_case(word));
    spelt.copied().or_else(|| {
        let is_long_enough = length > 4;
        is_long_enough.then(|| crate::near::nearest(word, others))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_meant() {
        for (word, candidates, expected) in [
            ("neo4J", vec!["neo4j", "redis"], Some("neo4j")),
            ("upgarde", vec!["upgrade", "uninstall"], Some("upgrade")),
            ("config", vec!["create", "completion"], None),
            ("ovs", vec!["ovn"], None),
            ("OVN", vec!["ovn"], Some("ovn")),
            ("list", vec!["list"], None),
        ] {
            assert_eq!(nearest(word, candidates), expected, "{word}");
        }
    }
}
