//! The free blocks: one bit for each granule inside frames, one bit for each larger block.
//!
//! ```text
//! order   0..5   word of the frame: bit = granule is free     1111 0011 0000 0001 …
//!                blocks are implicit: the largest aligned     └─2┘   └1        0┘
//!                powers of two of set bits
//!                index 0..5: bit = this frame has such a block
//! order  6..14   index 6..14: bit = this block is free
//! ```
//! Invariants: the word of a frame is 0 unless the frame is split into smaller blocks and some are
//! free; it is never all ones, as that is a free block of order 6. Index and words agree.

use super::sizes::{CHUNK_GRANULES, FRAME_GRANULES};
use super::split::{Split, orders, splits};
use crate::bitmap::{BEGINNINGS, Bitmap};
use crate::vocabulary::order::Order;

const FRAME_ORDER: usize = Order::FRAME.index();

#[derive(Debug)]
pub(super) struct FreeBlocks<'m> {
    words: &'m mut [u64],
    index: [Bitmap<'m>; Order::COUNT],
    counts: [u32; Order::COUNT],
}

impl<'m> FreeBlocks<'m> {
    /// Returns the words that this many frames need.
    pub const fn words(frames: usize) -> usize {
        let (mut total, mut order) = (frames, 0);
        while order < Order::COUNT {
            total += Bitmap::words(index_len(frames, order));
            order += 1;
        }
        total
    }

    /// Creates an empty set in words that are zero.
    pub fn new(words: &'m mut [u64], frames: usize) -> Self {
        let (words, mut rest) = words.split_at_mut(frames);
        let index = core::array::from_fn(|order| {
            let len = index_len(frames, order);
            let (bits, behind) = core::mem::take(&mut rest).split_at_mut(Bitmap::words(len));
            rest = behind;
            Bitmap::new(bits, len)
        });
        FreeBlocks {
            words,
            index,
            counts: [0; Order::COUNT],
        }
    }

    /// Returns the number of free blocks of each order.
    pub const fn counts(&self) -> &[u32; Order::COUNT] {
        &self.counts
    }

    /// Returns the first granule and the order of the smallest free block of at least this order;
    /// the lowest of several.
    #[inline]
    pub fn smallest(&self, order: Order) -> Option<(usize, Order)> {
        let found = (order.index()..Order::COUNT).find(|&order| self.counts[order] > 0)?;
        let unit = self.index[found].first_from(0)?;
        let granule = if found < FRAME_ORDER {
            let alone = alone(self.words[unit])[found];
            unit * FRAME_GRANULES + alone.trailing_zeros() as usize
        } else {
            unit << found
        };
        Some((granule, Order::new(found as u8)?))
    }

    /// True if a free block of exactly this order begins at this granule.
    #[inline]
    pub fn contains(&self, granule: usize, order: Order) -> bool {
        if order < Order::FRAME {
            let alone = alone(self.words[granule / FRAME_GRANULES])[order.index()];
            alone >> (granule % FRAME_GRANULES) & 1 != 0
        } else {
            granule.is_multiple_of(order.granules())
                && self.index[order.index()].contains(granule >> order.number())
        }
    }

    /// Returns the order of the free block that contains the block of order `within` at this
    /// granule.
    ///
    /// # Panics
    /// The block is not free.
    pub fn order_around(&self, granule: usize, within: Order) -> Order {
        let mut orders = Order::all().skip(within.index());
        orders
            .find(|order| self.contains(granule & !(order.granules() - 1), *order))
            .expect("only free blocks are taken")
    }

    /// Removes the granules of an allocation, of which the last block lies in a free block of order
    /// `around`. See [`splits`].
    #[inline]
    pub fn carve(&mut self, granule: usize, granules: usize, around: Order) {
        let frame = (granule + granules - 1) / FRAME_GRANULES;
        let mut inside_frame = false;
        for Split {
            granule,
            order,
            from,
        } in splits(granule, granules, around)
        {
            if from >= Order::FRAME {
                self.index[from.index()].remove(granule >> from.number());
                for half in order.index().max(FRAME_ORDER)..from.index() {
                    self.index[half].insert(granule >> half ^ 1);
                }
            }
            inside_frame = order < Order::FRAME;
            self.counts[from.index()] -= 1;
            for other_half in &mut self.counts[order.index()..from.index()] {
                *other_half += 1;
            }
        }
        if inside_frame {
            let free = match self.words[frame] {
                0 => u64::MAX,
                word => word,
            };
            self.set_word(frame, free & !tail(granule, granules));
        }
    }

    /// Adds the granules of an allocation, merges its last block with free buddies, and returns the
    /// resulting order.
    #[inline]
    pub fn merge(&mut self, granule: usize, granules: usize) -> Order {
        let mut last = (granule, Order::SMALLEST);
        let mut at = granule;
        for order in orders(granules) {
            last = (at, order);
            at += order.granules();
            if at < granule + granules {
                self.counts[order.index()] += 1;
                if order >= Order::FRAME {
                    self.index[order.index()].insert(last.0 >> order.number());
                }
            }
        }
        let (granule_of_last, order) = last;
        let mut merged = order;
        if order < Order::FRAME {
            let frame = granule_of_last / FRAME_GRANULES;
            let word = self.words[frame] | tail(granule, granules);
            while let Some(above) = merged.above().filter(|&above| above <= Order::FRAME) {
                if !word & mask(granule_of_last, above) != 0 {
                    break;
                }
                merged = above;
            }
            let whole = merged == Order::FRAME;
            self.set_word(frame, if whole { 0 } else { word });
        }
        if merged >= Order::FRAME {
            while let Some(above) = merged.above() {
                let buddy = granule_of_last >> merged.number() ^ 1;
                if !self.index[merged.index()].contains(buddy) {
                    break;
                }
                self.index[merged.index()].remove(buddy);
                merged = above;
            }
            self.index[merged.index()].insert(granule_of_last >> merged.number());
        }
        for buddy in &mut self.counts[order.index()..merged.index()] {
            *buddy -= 1;
        }
        self.counts[merged.index()] += 1;
        merged
    }

    /// Adds a new chunk as one free block.
    pub fn add_chunk(&mut self, granule: usize) {
        let top = Order::LARGEST.index();
        self.index[top].insert(granule / CHUNK_GRANULES);
        self.counts[top] += 1;
    }

    /// Removes a chunk if it is one free block.
    pub fn remove_chunk(&mut self, granule: usize) -> bool {
        let free = self.contains(granule, Order::LARGEST);
        if free {
            let top = Order::LARGEST.index();
            self.index[top].remove(granule / CHUNK_GRANULES);
            self.counts[top] -= 1;
        }
        free
    }

    /// Checks that index and words agree, and returns an order in which they do not.
    pub fn validate(&self) -> Result<(), Order> {
        for order in Order::all() {
            let index = &self.index[order.index()];
            let small = order < Order::FRAME;
            let disagrees = |(frame, &word): (usize, &u64)| {
                index.contains(frame) != (alone(word)[order.index()] != 0) || word == u64::MAX
            };
            if index.validate().is_err() || small && self.words.iter().enumerate().any(disagrees) {
                return Err(order);
            }
        }
        Ok(())
    }

    /// Counts the free granules, bit by bit.
    pub fn count_granules(&self) -> usize {
        let small: usize = self
            .words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum();
        let large = FRAME_ORDER..Order::COUNT;
        let large: usize = large.map(|order| self.index[order].count() << order).sum();
        small + large
    }

    #[inline]
    fn set_word(&mut self, frame: usize, word: u64) {
        let before = alone(self.words[frame]);
        let after = alone(word);
        self.words[frame] = word;
        for order in 0..FRAME_ORDER {
            match (before[order] != 0, after[order] != 0) {
                (false, true) => self.index[order].insert(frame),
                (true, false) => self.index[order].remove(frame),
                _ => {}
            }
        }
    }
}

/// Bits in the index of an order: one for each frame, or for each block.
const fn index_len(frames: usize, order: usize) -> usize {
    frames >> order.saturating_sub(FRAME_ORDER)
}

/// Returns the bits of the block of this order, at most a frame, that contains this granule.
#[inline]
const fn mask(granule: usize, order: Order) -> u64 {
    let size = order.granules();
    let first = granule % FRAME_GRANULES / size * size;
    u64::MAX >> (FRAME_GRANULES - size) << first
}

/// Returns the bits of the blocks of an allocation that are smaller than a frame: they end it, in
/// one word.
#[inline]
const fn tail(granule: usize, granules: usize) -> u64 {
    let size = granules % FRAME_GRANULES;
    let first = (granule + granules - size) % FRAME_GRANULES;
    if size == 0 {
        0
    } else {
        u64::MAX >> (FRAME_GRANULES - size) << first
    }
}

/// Returns the free blocks of a frame by order, 0 to 5: a bit where a block begins whose buddy is
/// not free.
#[inline]
fn alone(word: u64) -> [u64; FRAME_ORDER] {
    let mut free = word;
    core::array::from_fn(|order| {
        let size = 1 << order;
        let pairs = free & free >> size & BEGINNINGS[order + 1];
        let alone = free & !(pairs | pairs << size);
        free = pairs;
        alone
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_the_largest_aligned_blocks() {
        assert_eq!(alone(0), [0; 6]);
        assert_eq!(alone(u64::MAX), [0; 6]);
        assert_eq!(alone(0b0110), [0b0110, 0, 0, 0, 0, 0]);
        assert_eq!(alone(0b1111_0111), [0b0100, 0b01, 0b1_0000, 0, 0, 0]);
        assert_eq!(alone(u64::MAX << 32), [0, 0, 0, 0, 0, 1 << 32]);
    }

    #[test]
    fn masks_are_aligned_blocks() {
        assert_eq!(mask(64 + 5, Order::SMALLEST), 1 << 5);
        assert_eq!(mask(7, Order::new(2).unwrap()), 0xf0);
        assert_eq!(mask(77, Order::FRAME), u64::MAX);
    }
}
