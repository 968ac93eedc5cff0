//! The nearest right word.

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
    let most = length / 4;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = if candidate == word {
            continue;
        } else if candidate.eq_ignore_ascii_case(word) {
            0
        } else if length > 4 {
            strsim::osa_distance(word, candidate)
        } else {
            continue;
        };
        if distance <= most.max(1) && best.is_none_or(|(other, _)| distance < other) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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
