//! How long blocks live, by their size.

/// Classes of sizes: each has two doublings, from 16 B on.
pub const CLASSES: usize = 8;
/// The binary logarithm of the smallest size of the second class.
const SECOND: u32 = 6;

/// The freed blocks of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Number of blocks.
    pub blocks: u32,
    /// The sum of their life times, in requests.
    pub requests: u64,
}

impl Lifetime {
    /// Returns the mean life time in requests, rounded.
    pub fn mean(&self) -> u64 {
        let blocks = u64::from(self.blocks.max(1));
        (self.requests + blocks / 2) / blocks
    }
}

/// The freed blocks of all classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetimes([Lifetime; CLASSES]);

impl Lifetimes {
    /// Adds a freed block whose size has this binary logarithm.
    pub fn add(&mut self, size: u8, requests: u32) {
        let class = (u32::from(size).saturating_sub(SECOND - 2) / 2) as usize;
        let class = &mut self.0[class.min(CLASSES - 1)];
        class.blocks += 1;
        class.requests += u64::from(requests);
    }

    /// Returns the classes that have blocks: the smallest size in bytes, and the blocks.
    pub fn classes(&self) -> impl Iterator<Item = (u64, &Lifetime)> {
        let classes = (0_u32..).zip(&self.0);
        let classes = classes.filter(|(_, class)| class.blocks > 0);
        classes.map(|(number, class)| (16 << (2 * number), class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_two_doublings() {
        let mut lifetimes = Lifetimes::default();
        for bytes in [1_u32, 16, 63, 64, 255, 256, 1 << 18, 1 << 30] {
            lifetimes.add(bytes.ilog2() as u8, 3);
        }
        let classes: Vec<_> = lifetimes
            .classes()
            .map(|(bytes, class)| (bytes, class.blocks, class.mean()))
            .collect();
        let expected = [(16, 3, 3), (64, 2, 3), (256, 1, 3), (1 << 18, 2, 3)];
        assert_eq!(classes, expected);
    }
}
