//! The only source of chance in the twin: a seeded generator.
//!
//! SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
//! generators", OOPSLA 2014): 64 bits of state, one addition and two
//! multiplications a draw. It is not for secrets; the same seed gives the same
//! draws on every machine and in every release of the compiler, which is all
//! that a rehearsal asks of it.

/// A stream of draws that its seed determines.
#[derive(Clone, Debug)]
pub(crate) struct Lot {
    state: u64,
}

/// The increment of SplitMix64: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Lot {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub(crate) const fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A place below `count`; 0 when there is none. The bias of the remainder
    /// is below 2^-32 for the counts used here.
    pub(crate) fn place(&mut self, count: usize) -> usize {
        let Ok(count) = u64::try_from(count) else {
            return 0;
        };
        let place = self.draw().checked_rem(count).unwrap_or(0);
        usize::try_from(place).unwrap_or(0)
    }

    /// A UID in the form that API servers give (RFC 4122, version 4).
    pub(crate) fn uid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        let text = format!("{high:016x}{low:016x}");
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// The five letters behind generated names, from the alphabet of
    /// apimachinery's `rand.String`: no vowels, so that no word can arise.
    pub(crate) fn suffix(&mut self) -> String {
        const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..5)
            .map(|_| {
                let place = self.place(ALPHABET.len());
                char::from(ALPHABET.get(place).copied().unwrap_or(b'b'))
            })
            .collect()
    }
}

/// A fixed rank for `number` under `seed`, to break ties without a draw.
pub(crate) const fn rank(seed: u64, number: u32) -> u64 {
    mix(seed ^ (number as u64).wrapping_mul(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_first_draws() {
        // Reference values of SplitMix64 for seed 1234567 (Vigna's test vector).
        let mut lot = Lot::new(1_234_567);
        assert_eq!(lot.draw(), 6_457_827_717_110_365_317);
        assert_eq!(lot.draw(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn uids_have_the_shape_of_a_server_s() {
        let uid = Lot::new(7).uid();
        assert_eq!(uid.len(), 36);
        assert_eq!(uid.matches('-').count(), 4);
        assert_ne!(uid, Lot::new(8).uid());
    }
}
