//! A set of small numbers, one bit each, that finds the next member in O(log64 n).
//!
//! ```text
//! level 2   [ 1 ]                                    one bit for each word of level 1
//! level 1   [ 1 . 1 1 ]                              one bit for each word of level 0
//! level 0   [0110…][0000…][1000…][1111…]             one bit for each number
//! ```
//! Invariant: a bit above level 0 is set if and only if the word that it stands for is not zero.
//! All levels lie in one buffer, level 0 first.

/// The positions in a word where an aligned block of 2^order bits can begin, for orders 0 to 6.
pub(crate) const BEGINNINGS: [u64; 7] = [
    u64::MAX,
    0x5555_5555_5555_5555,
    0x1111_1111_1111_1111,
    0x0101_0101_0101_0101,
    0x0001_0001_0001_0001,
    0x0000_0001_0000_0001,
    1,
];

/// Number of levels, enough for 2^42 numbers.
const MAX_LEVELS: usize = 7;

/// A set of numbers below [`Bitmap::len`].
#[derive(Debug)]
pub struct Bitmap<'m> {
    words: &'m mut [u64],
    len: usize,
    /// The first word of each level; the entry after the highest level is its end.
    starts: [usize; MAX_LEVELS + 1],
    levels: usize,
}

impl<'m> Bitmap<'m> {
    /// Returns the words that a set of numbers below `len` needs for all levels.
    pub const fn words(len: usize) -> usize {
        let mut width = len.div_ceil(64);
        let mut total = width;
        while width > 1 {
            width = width.div_ceil(64);
            total += width;
        }
        total
    }

    /// Creates an empty set in the first [`Bitmap::words`] words of `words`, which must be zero.
    ///
    /// # Panics
    /// There are too few words, or `len` is above 2^42.
    pub fn new(words: &'m mut [u64], len: usize) -> Self {
        let mut starts = [0; MAX_LEVELS + 1];
        let (mut levels, mut width) = (0, len);
        while width > 1 || levels == 0 {
            assert!(levels < MAX_LEVELS, "a bitmap of {len} bits is too large");
            width = width.div_ceil(64);
            starts[levels + 1] = starts[levels] + width;
            levels += 1;
        }
        let words = &mut words[..starts[levels]];
        Bitmap {
            words,
            len,
            starts,
            levels,
        }
    }

    /// Returns the upper bound of the numbers.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if the set is empty.
    pub fn is_empty(&self) -> bool {
        self.words.last().is_none_or(|&top| top == 0)
    }

    /// True if the number is in the set.
    #[inline(always)]
    pub fn contains(&self, number: usize) -> bool {
        number < self.len && self.words[number / 64] >> (number % 64) & 1 != 0
    }

    /// Inserts a number.
    #[inline(always)]
    pub fn insert(&mut self, number: usize) {
        debug_assert!(number < self.len);
        self.fill(number / 64, 1 << (number % 64));
    }

    /// Removes a number.
    #[inline(always)]
    pub fn remove(&mut self, number: usize) {
        debug_assert!(number < self.len);
        self.clear(number / 64, 1 << (number % 64));
    }

    /// Inserts all numbers of a range.
    pub fn insert_range(&mut self, first: usize, count: usize) {
        debug_assert!(first + count <= self.len);
        for (word, mask) in masks(first, count) {
            self.fill(word, mask);
        }
    }

    /// Removes all numbers of a range.
    pub fn remove_range(&mut self, first: usize, count: usize) {
        debug_assert!(first + count <= self.len);
        for (word, mask) in masks(first, count) {
            self.clear(word, mask);
        }
    }

    /// Returns the lowest number in the set that is at least `from`.
    #[inline(always)]
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let (mut level, mut number) = (0, from);
        loop {
            let rest = self.word(level, number / 64)? >> (number % 64);
            if rest != 0 {
                number += rest.trailing_zeros() as usize;
                break;
            }
            number = number / 64 + 1;
            level += 1;
        }
        while level > 0 {
            level -= 1;
            let word = self.words[self.starts[level] + number];
            number = number * 64 + word.trailing_zeros() as usize;
        }
        Some(number)
    }

    /// Returns the first number of the lowest aligned block of 2^order numbers that are all in the
    /// set. The order is 0 to 6, so that a block lies in one word.
    pub fn first_block(&self, order: usize) -> Option<usize> {
        let mut from = 0;
        loop {
            let word = self.first_from(from)? / 64;
            let blocks = blocks(self.words[word], order);
            if blocks != 0 {
                return Some(word * 64 + blocks.trailing_zeros() as usize);
            }
            from = (word + 1) * 64;
        }
    }

    /// Returns the lowest number that is at least `from` and *not* in the set: the end of the
    /// stretch that begins at `from`. The result is at most [`Bitmap::len`]; `from` must be below
    /// it.
    pub fn first_missing_from(&self, from: usize) -> usize {
        let level = &self.words[..self.starts[1]];
        let mut number = from;
        while let Some(&word) = level.get(number / 64) {
            let missing = !word >> (number % 64);
            if missing != 0 {
                return number + missing.trailing_zeros() as usize;
            }
            number = (number / 64 + 1) * 64;
        }
        self.len
    }

    /// Returns the highest number of a range that is *not* in the set.
    pub fn last_missing_in(&self, first: usize, count: usize) -> Option<usize> {
        masks(first, count).rev().find_map(|(word, mask)| {
            let missing = !self.words[word] & mask;
            (missing != 0).then(|| word * 64 + 63 - missing.leading_zeros() as usize)
        })
    }

    /// Counts the numbers in the set, bit by bit.
    pub fn count(&self) -> usize {
        let level = self.words[..self.starts[1]].iter();
        level.map(|word| word.count_ones() as usize).sum()
    }

    /// Checks the invariant and returns the level and index of the first word with a wrong summary
    /// bit.
    pub fn validate(&self) -> Result<(), (usize, usize)> {
        for level in 0..self.levels - 1 {
            for index in 0..self.starts[level + 1] - self.starts[level] {
                let summary = self.words[self.starts[level + 1] + index / 64] >> (index % 64) & 1;
                if (self.words[self.starts[level] + index] != 0) != (summary != 0) {
                    return Err((level, index));
                }
            }
        }
        Ok(())
    }

    /// Returns the words of level 0: bit n of word m is number 64 m + n.
    pub fn members(&self) -> &[u64] {
        &self.words[..self.starts[1]]
    }

    #[inline(always)]
    fn word(&self, level: usize, index: usize) -> Option<u64> {
        let end = *self.starts[..=self.levels].get(level + 1)?;
        let at = self.starts[level] + index;
        (at < end).then(|| self.words[at])
    }

    #[inline(always)]
    fn fill(&mut self, mut index: usize, mut mask: u64) {
        for level in 0..self.levels {
            let word = &mut self.words[self.starts[level] + index];
            let was = *word;
            *word |= mask;
            if was != 0 {
                return;
            }
            mask = 1 << (index % 64);
            index /= 64;
        }
    }

    #[inline(always)]
    fn clear(&mut self, mut index: usize, mut mask: u64) {
        for level in 0..self.levels {
            let word = &mut self.words[self.starts[level] + index];
            *word &= !mask;
            if *word != 0 {
                return;
            }
            mask = 1 << (index % 64);
            index /= 64;
        }
    }
}

/// Returns a word with a bit where each aligned block of 2^order set bits begins.
#[inline(always)]
fn blocks(word: u64, order: usize) -> u64 {
    (0..order).fold(word, |halves, order| {
        halves & halves >> (1 << order) & BEGINNINGS[order + 1]
    })
}

/// Returns the words of level 0 that a range touches, each with the range's bits in it.
fn masks(first: usize, count: usize) -> impl DoubleEndedIterator<Item = (usize, u64)> {
    let end = first + count;
    let words = if count == 0 {
        0..0
    } else {
        first / 64..end.div_ceil(64)
    };
    words.map(move |word| {
        let low = first.saturating_sub(word * 64);
        let high = (end - word * 64).min(64);
        (word, u64::MAX >> (64 - (high - low)) << low)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(usize, usize),
        Remove(usize, usize),
    }

    const LEN: usize = if cfg!(miri) { 200 } else { 64 * 64 + 77 };

    fn any_range() -> impl Strategy<Value = (usize, usize)> {
        let count = prop_oneof![Just(1), 0..=LEN.min(200), 0..=LEN];
        (0..LEN, count).prop_map(|(first, count)| (first, count.min(LEN - first)))
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any_range().prop_map(|(first, count)| Step::Insert(first, count)),
            any_range().prop_map(|(first, count)| Step::Remove(first, count)),
        ]
    }

    proptest! {
        #![proptest_config(crate::testing::cases(64))]
        #[test]
        fn equals_a_set(steps in prop::collection::vec(any_step(), 1..crate::testing::steps(24)), probes in prop::collection::vec(any_range(), 16)) {
            let mut words = vec![0; Bitmap::words(LEN)];
            let mut bitmap = Bitmap::new(&mut words, LEN);
            let mut set = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Insert(first, 1) => { bitmap.insert(first); set.insert(first); }
                    Step::Remove(first, 1) => { bitmap.remove(first); set.remove(&first); }
                    Step::Insert(first, count) => { bitmap.insert_range(first, count); set.extend(first..first + count); }
                    Step::Remove(first, count) => { bitmap.remove_range(first, count); set.retain(|n| !(first..first + count).contains(n)); }
                }
                prop_assert_eq!(bitmap.validate(), Ok(()));
                prop_assert_eq!(bitmap.count(), set.len());
                prop_assert_eq!(bitmap.is_empty(), set.is_empty());
                for order in 0..=6 {
                    let full = |&first: &usize| (first..first + (1 << order)).all(|n| set.contains(&n));
                    let block = (0..LEN).step_by(1 << order).find(full);
                    prop_assert_eq!(bitmap.first_block(order), block);
                }
                for &(first, count) in &probes {
                    prop_assert_eq!(bitmap.contains(first), set.contains(&first));
                    prop_assert_eq!(bitmap.first_from(first), set.range(first..).next().copied());
                    let missing = (first..LEN).find(|n| !set.contains(n));
                    prop_assert_eq!(bitmap.first_missing_from(first), missing.unwrap_or(LEN));
                    let last = (first..first + count).rev().find(|n| !set.contains(n));
                    prop_assert_eq!(bitmap.last_missing_in(first, count), last);
                }
            }
        }
    }

    #[test]
    fn every_size_has_its_levels() {
        for len in [0, 1, 63, 64, 65, 4096, 4097, 262_144, 262_145] {
            let mut words = vec![0; Bitmap::words(len)];
            let mut bitmap = Bitmap::new(&mut words, len);
            assert_eq!(bitmap.first_from(0), None, "{len}");
            assert_eq!(bitmap.first_from(len + 64), None, "{len}");
            if let Some(last) = len.checked_sub(1) {
                bitmap.insert(last);
                assert_eq!(bitmap.first_from(0), Some(last), "{len}");
                assert_eq!(bitmap.validate(), Ok(()), "{len}");
            }
        }
    }
}
