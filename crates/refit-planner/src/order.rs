//! A stable topological order.

/// The indices `0..count` such that for every pair `(first, then)` in `pairs`
/// the first comes earlier; among those that may come next, always the smallest.
///
/// # Errors
/// The smallest index that lies on or behind a cycle.
pub(crate) fn stable(count: usize, pairs: &[(usize, usize)]) -> Result<Vec<usize>, usize> {
    let mut done = vec![false; count];
    let mut order = Vec::with_capacity(count);
    while order.len() < count {
        let next = (0..count).find(|candidate| {
            let is_done = |index: usize| done.get(index).copied().unwrap_or(true);
            !is_done(*candidate)
                && pairs
                    .iter()
                    .all(|(first, then)| then != candidate || is_done(*first))
        });
        let Some(next) = next else {
            return Err(done.iter().position(|ended| !ended).unwrap_or(0));
        };
        if let Some(mark) = done.get_mut(next) {
            *mark = true;
        }
        order.push(next);
    }
    Ok(order)
}

/// Compares names as people count: `w-9` comes before `w-10`. Names that differ
/// only in leading zeros are compared as text at last, so that no two different
/// names are equal.
pub(crate) fn natural(one: &str, other: &str) -> std::cmp::Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len()).then_with(|| one.cmp(other));
        };
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number, left_rest) = digits(left);
            let (counterpart, right_rest) = digits(right);
            // Without leading zeros the longer number is the larger one, so no
            // number is too large to be compared.
            let ordering = number
                .len()
                .cmp(&counterpart.len())
                .then_with(|| number.cmp(counterpart));
            if ordering.is_ne() {
                return ordering;
            }
            (left, right) = (left_rest, right_rest);
        } else if a == b {
            left = left.strip_prefix(a).unwrap_or_default();
            right = right.strip_prefix(b).unwrap_or_default();
        } else {
            return a.cmp(&b);
        }
    }
}

/// The number that `text` begins with, without its leading zeros, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (number.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_given_is_kept_where_nothing_forbids_it() {
        assert_eq!(stable(4, &[]), Ok(vec![0, 1, 2, 3]));
        assert_eq!(stable(4, &[(3, 1)]), Ok(vec![0, 2, 3, 1]));
        assert_eq!(stable(3, &[(2, 0), (1, 0)]), Ok(vec![1, 2, 0]));
    }

    #[test]
    fn a_cycle_has_no_order() {
        assert_eq!(stable(3, &[(1, 2), (2, 1)]), Err(1));
        assert_eq!(stable(1, &[(0, 0)]), Err(0));
    }

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = vec![
            "w-10", "w-9", "w-1", "w-01", "w", "a-2-b-10", "a-2-b-9", "w-1a",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "a-2-b-9", "a-2-b-10", "w", "w-01", "w-1", "w-1a", "w-9", "w-10"
            ]
        );
    }
}
