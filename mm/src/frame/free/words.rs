//! Words of 64 frames, one bit a frame: classes, aligned runs, stretches.
//!
//! ```text
//! class 0   no frame is free
//! class k   the longest aligned run of free frames has 2^(k-1) frames
//! class 7   all 64 are free
//! ```

use crate::bitmap::BEGINNINGS;

/// The class of a word in which all frames are free.
pub const WHOLE: usize = 7;

/// Returns the class of a word, without branches: the classes of adjacent words are unpredictable.
#[inline]
pub fn class(word: u64) -> usize {
    let (mut runs, mut class) = (word, usize::from(word != 0));
    for (order, beginnings) in BEGINNINGS[1..].iter().enumerate() {
        runs &= runs >> (1 << order) & beginnings;
        class += usize::from(runs != 0);
    }
    class
}

/// Bits where an aligned run of 2^order free frames begins; the order is 0 to 6.
#[inline]
pub fn runs(word: u64, order: usize) -> u64 {
    (0..order).fold(word, |runs, order| {
        runs & runs >> (1 << order) & BEGINNINGS[order + 1]
    })
}

/// Returns a mask of 1 to 64 bits from this position on.
#[inline]
pub const fn mask(position: usize, bits: usize) -> u64 {
    u64::MAX >> (64 - bits) << position
}

/// Returns the words that a range of frames touches, each with the mask of the range in it.
#[inline]
pub fn masks(first: usize, frames: usize) -> impl DoubleEndedIterator<Item = (usize, u64)> {
    let end = first + frames;
    let words = match frames {
        0 => 0..0,
        _ => first / 64..end.div_ceil(64),
    };
    words.map(move |word| {
        let low = first.saturating_sub(word * 64);
        let high = (end - word * 64).min(64);
        (word, mask(low, high - low))
    })
}

/// Returns the lowest frame from `from` on that is not free. `len` is the number of frames.
pub fn first_used_from(bits: &[u64], len: usize, from: usize) -> usize {
    let mut at = from;
    while let Some(&word) = bits.get(at / 64) {
        let used = !word >> (at % 64);
        if used != 0 {
            return len.min(at + used.trailing_zeros() as usize);
        }
        at = (at / 64 + 1) * 64;
    }
    len
}

/// Returns the highest frame of a range that is not free.
pub fn last_used_in(bits: &[u64], first: usize, frames: usize) -> Option<usize> {
    masks(first, frames).rev().find_map(|(word, mask)| {
        let used = !bits[word] & mask;
        (used != 0).then(|| word * 64 + 63 - used.leading_zeros() as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn classes_and_runs_are_those_of_a_naive_search(dense in any::<u64>(), thin in any::<u64>(), order in 0..7_usize) {
            for word in [dense, dense & thin, dense | thin, 0, u64::MAX, u64::MAX << (thin % 64)] {
                let is_run = |order: usize, at: usize| {
                    at.is_multiple_of(1 << order) && (at..at + (1 << order)).all(|bit| word >> bit & 1 != 0)
                };
                let longest = (0..7).rev().find(|&order| (0..64).step_by(1 << order).any(|at| is_run(order, at)));
                prop_assert_eq!(class(word), longest.map_or(0, |order| order + 1));
                let begin = (0..64).step_by(1 << order).filter(|&at| is_run(order, at));
                prop_assert_eq!(runs(word, order), begin.fold(0, |bits, at| bits | 1 << at));
            }
        }

        #[test]
        fn ranges_are_searched_like_a_list(bits in prop::collection::vec(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()], 4), first in 0..256_usize, frames in 0..256_usize) {
            let frames = frames.min(256 - first);
            let free = |at: &usize| bits[at / 64] >> (at % 64) & 1 != 0;
            prop_assert_eq!(last_used_in(&bits, first, frames), (first..first + frames).rfind(|at| !free(at)));
            prop_assert_eq!(first_used_from(&bits, 250, first), (first..250).find(|at| !free(at)).unwrap_or(250));
        }
    }
}
