//! Exit codes: a contract with every script that calls Refit.
//!
//! Where several apply, the first of 1, 2, 3, 5, 4, 0 is used.

/// Nothing at or above `--fail-on`; the run succeeded; the claim holds.
pub const FINE: u8 = 0;
/// Our program could not do its job.
pub const BROKEN: u8 = 1;
/// The command, a file or a value was not what it must be.
pub const USAGE: u8 = 2;
/// Findings at or above `--fail-on`, fatal objections, or a refusal: a stale
/// plan, another cluster, a missing approval.
pub const REFUSED: u8 = 3;
/// Something that matters was not seen.
pub const UNSEEN: u8 = 4;
/// A run that failed or needs a person, or a verification that does not hold.
pub const UNPROVEN: u8 = 5;

/// The one to use where several apply.
#[must_use]
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: u8| {
        [BROKEN, USAGE, REFUSED, UNPROVEN, UNSEEN, FINE]
            .iter()
            .position(|known| *known == code)
            .unwrap_or(0)
    };
    codes
        .into_iter()
        .min_by_key(|code| rank(*code))
        .unwrap_or(FINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_by_rank_and_not_by_number() {
        assert_eq!(worst([UNSEEN, UNPROVEN, FINE]), UNPROVEN);
        assert_eq!(worst([REFUSED, UNPROVEN]), REFUSED);
        assert_eq!(worst([UNSEEN, BROKEN]), BROKEN);
        assert_eq!(worst([]), FINE);
    }
}
