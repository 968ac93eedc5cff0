//! The nearest right word.

/// The candidate nearest to `word`, when one is near enough to be meant: at
/// most a quarter of its letters differ, and at least one may.
pub fn nearest<S: AsRef<str>>(word: &str, candidates: impl IntoIterator<Item = S>) -> Option<S> {
    let most = (word.chars().count() / 4).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate.as_ref()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_that_is_near_is_meant() {
        assert_eq!(nearest("kubeadn", ["kubeadm", "eks"]), Some("kubeadm"));
        assert_eq!(nearest("upgarde", ["upgrades", "upgrade"]), Some("upgrade"));
        assert_eq!(nearest("zzz", ["kubeadm", "eks"]), None);
    }
}
