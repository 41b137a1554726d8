//! A generator of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood 2014).
//!
//! The numbers are part of the results of the policy `random`, so they never change.

/// The state of the generator. The same seed gives the same numbers.
#[derive(Clone, Debug)]
pub struct Generator(u64);

impl Generator {
    pub const fn new(seed: u64) -> Generator {
        Generator(seed)
    }

    /// Returns the next number below `bound`: the high half of a 64-bit number times `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_publication() {
        // The first number of seed 1234567 is 6457827717110365317; times 1000, shifted by 64 bits.
        assert_eq!(Generator::new(1_234_567).below(1000), 350);
    }

    #[test]
    fn numbers_stay_below_the_bound_and_reach_each_value() {
        let mut generator = Generator::new(1);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[generator.below(7)] = true;
        }
        assert!(seen.iter().all(|&seen| seen));
    }
}
