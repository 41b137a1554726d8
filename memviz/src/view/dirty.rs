//! The items to redraw: a set of small numbers whose cost depends on its members only.
//!
//! ```text
//! summary   [ 1 0 0 1 … ]            bit w: word w of `bits` is not empty
//!             |     |
//! bits      [ 0100… | 0 | 0 | 1000… ]
//! ```
//! Inserting a number takes two stores. Taking the next number skips empty words 64 at a time, so
//! emptying a set of k numbers is O(k).

use core::ops::Range;

/// The maximum number of members of a [`DirtySet`].
pub const CAPACITY: usize = SUMMARY * 64 * 64;

const SUMMARY: usize = 64;

/// A set of numbers below [`DirtySet::len`].
#[derive(Debug)]
pub struct DirtySet<'m> {
    bits: &'m mut [u64],
    summary: [u64; SUMMARY],
    /// All summary words below this index are 0.
    lowest: usize,
    len: usize,
}

/// Returns the number of words that a set of `len` numbers needs.
pub const fn words(len: usize) -> usize {
    len.div_ceil(64)
}

impl<'m> DirtySet<'m> {
    /// Creates an empty set of as many numbers as `bits` has bits, at most [`CAPACITY`].
    pub fn new(bits: &'m mut [u64]) -> Self {
        let words = bits.len().min(CAPACITY / 64);
        let bits = &mut bits[..words];
        bits.fill(0);
        DirtySet {
            len: words * 64,
            bits,
            summary: [0; SUMMARY],
            lowest: SUMMARY,
        }
    }

    /// Empties the set and limits it to numbers below `len`.
    ///
    /// # Panics
    /// If the buffer is too small for `len`.
    pub fn resize(&mut self, len: usize) {
        assert!(
            words(len) <= self.bits.len(),
            "a dirty set of {len} does not fit its buffer"
        );
        self.clear();
        self.len = len;
    }

    /// Returns the limit: members are below it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.summary[self.lowest.min(SUMMARY)..]
            .iter()
            .all(|&word| word == 0)
    }

    /// Inserts a number; ignores one that the set cannot hold.
    #[inline]
    pub fn insert(&mut self, number: usize) {
        if number < self.len {
            let word = number / 64;
            self.bits[word] |= 1 << (number % 64);
            self.summary[word / 64] |= 1 << (word % 64);
            self.lowest = self.lowest.min(word / 64);
        }
    }

    /// Inserts all numbers.
    pub fn fill(&mut self) {
        for number in 0..self.len {
            self.insert(number);
        }
    }

    /// Empties the set.
    pub fn clear(&mut self) {
        while self.take().is_some() {}
    }

    /// Returns the members, ascending, without removing them.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.summary.iter().enumerate().skip(self.lowest);
        let words = words.flat_map(|(at, &summary)| ones(summary).map(move |bit| at * 64 + bit));
        words.flat_map(|word| ones(self.bits[word]).map(move |bit| word * 64 + bit))
    }

    /// Returns whether any of these numbers is a member.
    pub fn contains_any(&self, numbers: Range<usize>) -> bool {
        let (start, end) = (numbers.start, numbers.end.min(self.len));
        (start / 64..end.div_ceil(64)).any(|word| {
            let from = start.saturating_sub(word * 64);
            let above = (word * 64 + 64).saturating_sub(end);
            self.bits[word] & (u64::MAX << from) & (u64::MAX >> above) != 0
        })
    }

    /// Removes and returns the smallest number.
    #[inline]
    pub fn take(&mut self) -> Option<usize> {
        while self.lowest < SUMMARY {
            let summary = self.summary[self.lowest];
            if summary == 0 {
                self.lowest += 1;
                continue;
            }
            let word = self.lowest * 64 + summary.trailing_zeros() as usize;
            let bits = self.bits[word];
            let number = word * 64 + bits.trailing_zeros() as usize;
            self.bits[word] = bits & (bits - 1);
            if self.bits[word] == 0 {
                self.summary[self.lowest] &= summary - 1;
            }
            return Some(number);
        }
        None
    }
}

/// Returns the indexes of the bits that are set, ascending.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = word.checked_ilog2().map(|_| word.trailing_zeros())?;
        word &= word - 1;
        Some(lowest as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(numbers in proptest::collection::vec(0usize..9000, 0..300), len in 1usize..9000) {
            let mut bits = vec![u64::MAX; words(9000)];
            let mut set = DirtySet::new(&mut bits);
            set.resize(len);
            let mut model = BTreeSet::new();
            for (turn, &number) in numbers.iter().enumerate() {
                set.insert(number);
                if number < len {
                    model.insert(number);
                }
                if turn % 3 == 0 {
                    prop_assert_eq!(set.take(), model.pop_first());
                }
                prop_assert_eq!(set.is_empty(), model.is_empty());
                prop_assert!(set.iter().eq(model.iter().copied()));
                let range = number / 2..number / 2 + turn;
                let is_any = model.iter().any(|member| range.contains(member));
                prop_assert_eq!(set.contains_any(range), is_any);
            }
            while let Some(number) = model.pop_first() {
                prop_assert_eq!(set.take(), Some(number));
            }
            prop_assert_eq!(set.take(), None);
        }
    }

    #[test]
    fn filling_marks_all_and_no_more() {
        let mut bits = vec![0; words(130)];
        let mut set = DirtySet::new(&mut bits);
        set.resize(130);
        set.fill();
        assert_eq!(core::iter::from_fn(|| set.take()).count(), 130);
    }
}
