//! The words of each class, and the blocks of whole words.
//!
//! ```text
//! listed class of a word     0      1 to 6                 7, whole
//! listed in                  —      the set of its class   a block of 2^order whole words
//!
//! blocks    order 2  ░░░░░░░░        aligned to their size, and merged with a free buddy,
//!           order 0  ░░              up to 256 words = 64 MiB
//! ```
//! Invariant: a word is in exactly one list, that of its class. [`FreeFrames`](super::FreeFrames)
//! keeps the listing consistent with the bits.

use super::words::WHOLE;
use crate::bitmap::Bitmap;

/// Classes of words that are partly free: 1 to 6.
const PARTLY: usize = WHOLE - 1;
/// Orders of blocks: 1 word to 256.
pub const BLOCK_ORDERS: usize = 9;
/// Words whose listed class fits into one word of `listed`, with 4 bits each.
const NIBBLES: usize = 16;

#[derive(Debug)]
pub struct Index<'m> {
    /// The listed class of each word, 4 bits.
    listed: &'m mut [u64],
    partly: [Bitmap<'m>; PARTLY],
    blocks: [Bitmap<'m>; BLOCK_ORDERS],
}

impl<'m> Index<'m> {
    /// Returns the words of storage for an index of this many words.
    pub const fn storage(words: usize) -> usize {
        let mut total = words.div_ceil(NIBBLES) + PARTLY * Bitmap::words(words);
        let mut order = 0;
        while order < BLOCK_ORDERS {
            total += Bitmap::words(words >> order);
            order += 1;
        }
        total
    }

    /// Creates an index in which no word is listed. The storage is zeroed.
    pub fn new(storage: &'m mut [u64], words: usize) -> Self {
        let (listed, rest) = storage.split_at_mut(words.div_ceil(NIBBLES));
        let mut rest = rest;
        let mut cut = |len: usize| {
            let (bits, after) = core::mem::take(&mut rest).split_at_mut(Bitmap::words(len));
            rest = after;
            Bitmap::new(bits, len)
        };
        Index {
            listed,
            partly: core::array::from_fn(|_| cut(words)),
            blocks: core::array::from_fn(|order| cut(words >> order)),
        }
    }

    /// Returns the class that a word is listed with.
    #[inline]
    pub fn listed(&self, word: usize) -> usize {
        (self.listed[word / NIBBLES] >> (word % NIBBLES * 4) & 15) as usize
    }

    /// Lists a word with this class, and no longer with another.
    #[inline]
    pub fn list(&mut self, word: usize, class: usize) {
        let before = self.listed(word);
        if before == class {
            return;
        }
        match before {
            0 => {}
            WHOLE => self.remove_whole(word),
            _ => self.partly[before - 1].remove(word),
        }
        self.note(word, class);
        match class {
            0 => {}
            WHOLE => self.insert_block(word, 0),
            _ => self.partly[class - 1].insert(word),
        }
    }

    /// Lists whole words that are not listed yet.
    pub fn list_whole(&mut self, first: usize, words: usize) {
        (first..first + words).for_each(|word| self.note(word, WHOLE));
        self.insert_blocks(first, words);
    }

    /// Removes a free block from the index, and lists its words after the first `used` again.
    pub fn take_block(&mut self, first: usize, order: usize, used: usize) {
        self.blocks[order].remove(first >> order);
        (first..first + used).for_each(|word| self.note(word, 0));
        self.insert_blocks(first + used, (1 << order) - used);
    }

    /// Returns the lowest word from `from` on with this class, 1 to 6.
    #[inline]
    pub fn first_partly(&self, class: usize, from: usize) -> Option<usize> {
        self.partly[class - 1].first_from(from)
    }

    /// Returns the first word of the lowest block of this order that begins at `from` or later.
    #[inline]
    pub fn first_block(&self, order: usize, from: usize) -> Option<usize> {
        let block = from.div_ceil(1 << order);
        Some(self.blocks[order].first_from(block)? << order)
    }

    /// Returns the lowest word from `from` on that is listed with any class but 0.
    pub fn first_listed(&self, from: usize) -> Option<usize> {
        let partly = self.partly.iter().filter_map(|set| set.first_from(from));
        // A block may begin before `from`; its words are all listed.
        let blocks = (0..).zip(&self.blocks).filter_map(|(order, set)| {
            let block = set.first_from(from >> order)?;
            Some((block << order).max(from))
        });
        partly.chain(blocks).min()
    }

    /// Returns a word whose listing contradicts its class, or the first word of a wrong summary.
    pub fn validate(&self, words: usize) -> Result<(), usize> {
        for set in self.partly.iter().chain(&self.blocks) {
            set.validate().map_err(|(_, word)| word)?;
        }
        let mut members = [0; PARTLY];
        let mut whole = 0;
        for word in 0..words {
            match self.listed(word) {
                0 => {}
                WHOLE => {
                    whole += 1;
                    let mut blocks = (0..).zip(&self.blocks);
                    if !blocks.any(|(order, set): (usize, _)| set.contains(word >> order)) {
                        return Err(word);
                    }
                }
                class if class > WHOLE => return Err(word),
                class => {
                    members[class - 1] += 1;
                    if !self.partly[class - 1].contains(word) {
                        return Err(word);
                    }
                }
            }
        }
        // Every word is in the list of its class; equal counts show that it is in no other.
        let in_blocks = (0..)
            .zip(&self.blocks)
            .map(|(order, set)| set.count() << order);
        let agrees = members
            .iter()
            .zip(&self.partly)
            .all(|(&n, set)| n == set.count());
        if agrees && in_blocks.sum::<usize>() == whole {
            Ok(())
        } else {
            Err(0)
        }
    }

    #[inline]
    fn note(&mut self, word: usize, class: usize) {
        let shift = word % NIBBLES * 4;
        let listed = &mut self.listed[word / NIBBLES];
        *listed = *listed & !(15 << shift) | (class as u64) << shift;
    }

    /// Removes a word from its block, and keeps the rest of it.
    fn remove_whole(&mut self, word: usize) {
        let holds = |order: &usize| self.blocks[*order].contains(word >> order);
        let Some(order) = (0..BLOCK_ORDERS).find(holds) else {
            return;
        };
        self.blocks[order].remove(word >> order);
        for half in (0..order).rev() {
            self.blocks[half].insert(word >> half ^ 1);
        }
    }

    /// Inserts the aligned blocks that a range of whole words consists of.
    fn insert_blocks(&mut self, mut first: usize, words: usize) {
        let end = first + words;
        while first < end {
            let fits = (end - first).ilog2().min(first.trailing_zeros());
            let order = (fits as usize).min(BLOCK_ORDERS - 1);
            self.insert_block(first, order);
            first += 1 << order;
        }
    }

    /// Inserts a block, merged with its buddy as long as that is free.
    fn insert_block(&mut self, first: usize, mut order: usize) {
        let mut block = first >> order;
        while order + 1 < BLOCK_ORDERS && self.blocks[order].contains(block ^ 1) {
            self.blocks[order].remove(block ^ 1);
            block /= 2;
            order += 1;
        }
        self.blocks[order].insert(block);
    }
}
