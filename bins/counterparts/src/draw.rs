//! Numbers that look random and are the same in every run.

/// A generator (SplitMix64, by Steele, Lea and Flood) that starts at a seed.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// Starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, below `limit`.
    ///
    /// # Panics
    /// When `limit` is 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    /// `count` octets in lower-case hexadecimal.
    pub fn hex(&mut self, count: usize) -> String {
        let numbers = std::iter::repeat_with(|| format!("{:016x}", self.number()));
        numbers
            .take(count.div_ceil(8))
            .collect::<String>()
            .chars()
            .take(2 * count)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_draws_the_same() {
        let [mut one, mut other] = [Draw::new(7), Draw::new(7)];
        assert_eq!(one.hex(16), other.hex(16));
        assert_ne!(one.hex(16), Draw::new(8).hex(16));
    }

    #[test]
    fn hexadecimal_has_two_digits_an_octet() {
        assert_eq!(Draw::new(1).hex(6).len(), 12);
    }
}
