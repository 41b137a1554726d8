//! The free frames: bits, index, and recently freed frames.
//!
//! ```text
//! free        bit set ──► recent ──────(too many)──────► index
//! allocate    bit cleared ◄── recent ◄──(none left)──── index: the fullest words first
//! ```
//! The bits are always right. Updating the index costs more than setting a bit, so the index is
//! updated later: a frame that is freed and soon allocated again never enters it.
//!
//! Invariant: the class of a word is at most its listed class, unless a recent entry lies in the
//! word. A search that finds a word listed too high compares it with its bits and lists it again. A
//! word is listed too low only while a recent entry names it; [`FreeFrames::settle`] lists all
//! those words, and no request is refused before that.

use super::index::{BLOCK_ORDERS, Index};
use super::recent::{CAPACITY, Listing, Recent, capacity};
use super::words::{self, WHOLE, class, first_used_from, last_used_in, mask, masks, runs};

/// Runs of these orders are remembered: 1 frame to 1,024.
const ORDERS: usize = 11;
/// Frames that become recent at once when none is left.
const REFILL: usize = CAPACITY / 2;

#[derive(Debug)]
pub struct FreeFrames<'m> {
    bits: &'m mut [u64],
    len: usize,
    index: Index<'m>,
    recent: [Recent; ORDERS],
    /// Frames below this number are never recent.
    recent_from: usize,
}

impl<'m> FreeFrames<'m> {
    /// Returns the words of storage for this many frames: 1.2 bits a frame.
    pub const fn storage(frames: usize) -> usize {
        let words = frames.div_ceil(64);
        words + Index::storage(words)
    }

    /// Creates a set without free frames. The storage is zeroed.
    ///
    /// # Panics
    /// There are 2^32 frames or more.
    pub fn new(storage: &'m mut [u64], frames: usize) -> Self {
        assert!(u32::try_from(frames).is_ok(), "memory of 16 TiB or more");
        let words = frames.div_ceil(64);
        let (bits, index) = storage.split_at_mut(words);
        FreeFrames {
            bits,
            len: frames,
            index: Index::new(index, words),
            recent: [Recent::EMPTY; ORDERS],
            recent_from: 0,
        }
    }

    /// Returns the number of frames, free or not.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns the bits: bit n of word m is frame 64 m + n.
    pub const fn bits(&self) -> &[u64] {
        self.bits
    }

    /// True if the frame is free.
    #[inline(always)]
    pub fn contains(&self, frame: usize) -> bool {
        frame < self.len && self.bits[frame / 64] >> (frame % 64) & 1 != 0
    }

    /// Sets how freed frames become available from now on.
    pub fn set_listing(&mut self, listing: Listing) {
        self.settle();
        self.recent_from = match listing {
            Listing::RecentFrom(frame) => frame,
            Listing::AtOnce => usize::MAX,
        };
    }

    /// Frees frames that have never been free, at boot.
    pub fn insert_new(&mut self, first: usize, frames: usize) {
        let (start, end) = (first.next_multiple_of(64), (first + frames) / 64 * 64);
        if start >= end {
            return self.insert(first, frames);
        }
        self.insert(first, start - first);
        self.bits[start / 64..end / 64].fill(u64::MAX);
        self.index.list_whole(start / 64, (end - start) / 64);
        self.insert(end, first + frames - end);
    }

    /// Frees a frame.
    #[inline(always)]
    pub fn insert_one(&mut self, frame: usize) {
        self.bits[frame / 64] |= 1 << (frame % 64);
        if frame < self.recent_from {
            return self.list_again(frame / 64);
        }
        if self.recent[0].len() == CAPACITY {
            self.drop_recent(0);
        }
        self.recent[0].push(frame);
    }

    /// Frees a run.
    #[inline(always)]
    pub fn insert_run(&mut self, first: usize, frames: usize) {
        let order = frames.trailing_zeros() as usize;
        let is_block = frames.is_power_of_two() && first.trailing_zeros() as usize >= order;
        if !is_block || order >= ORDERS || first < self.recent_from {
            return self.insert(first, frames);
        }
        match order {
            0..WHOLE => self.bits[first / 64] |= mask(first % 64, frames),
            _ => self.bits[first / 64..][..frames / 64].fill(u64::MAX),
        }
        if self.recent[order].len() == capacity(order) {
            self.drop_recent(order);
        }
        self.recent[order].push(first);
    }

    /// Frees frames, and lists their words at once.
    fn insert(&mut self, first: usize, frames: usize) {
        self.set(first, frames);
        masks(first, frames).for_each(|(word, _)| self.list_again(word));
    }

    /// Allocates these frames, which are free.
    pub fn remove(&mut self, first: usize, frames: usize) {
        self.clear(first, frames);
        masks(first, frames).for_each(|(word, _)| self.list_again(word));
    }

    /// Allocates a recent frame.
    #[inline(always)]
    pub fn take_recent(&mut self) -> Option<usize> {
        loop {
            let frame = self.recent[0].pop()?;
            let word = &mut self.bits[frame / 64];
            let bit = 1 << (frame % 64);
            if *word & bit != 0 {
                *word &= !bit;
                return Some(frame);
            }
        }
    }

    /// Allocates a recent run of 2^order frames.
    #[inline(always)]
    pub fn take_recent_run(&mut self, order: usize) -> Option<usize> {
        loop {
            let first = self.recent.get_mut(order)?.pop()?;
            let is_taken = match order {
                0..WHOLE => {
                    let word = &mut self.bits[first / 64];
                    let mask = mask(first % 64, 1 << order);
                    let is_free = *word & mask == mask;
                    if is_free {
                        *word &= !mask;
                    }
                    is_free
                }
                _ => {
                    let words = &mut self.bits[first / 64..][..1 << (order - 6)];
                    let is_free = words.iter().fold(u64::MAX, |all, word| all & word) == u64::MAX;
                    if is_free {
                        words.fill(0);
                    }
                    is_free
                }
            };
            if is_taken {
                return Some(first);
            }
            // Some of its frames may be free, and no longer have an entry.
            self.list_runs(order, &[first as u32]);
        }
    }

    /// Makes frames of the fullest words recent, the lowest first, from frame `from` on. Returns
    /// false if there is none.
    #[cold]
    #[inline(never)]
    pub fn refill(&mut self, from: usize) -> bool {
        let mut found = [0; REFILL];
        let (mut count, mut class) = (0, 1);
        let mut word = from.div_ceil(64);
        while count < REFILL && class <= WHOLE {
            let listed = match class {
                WHOLE => (0..BLOCK_ORDERS).find_map(|order| self.index.first_block(order, word)),
                _ => self.index.first_partly(class, word),
            };
            let Some(at) = listed else {
                (class, word) = (class + 1, from.div_ceil(64));
                continue;
            };
            let mut left = self.bits[at];
            while left != 0 && count < REFILL {
                found[count] = at * 64 + left.trailing_zeros() as usize;
                count += 1;
                left &= left - 1;
            }
            // Frames that became recent are not listed, so that no run gets them.
            self.index.list(at, words::class(left));
            word = if class == WHOLE { word } else { at + 1 };
        }
        found[..count]
            .iter()
            .rev()
            .for_each(|&frame| self.recent[0].push(frame));
        count > 0
    }

    /// Allocates a run that begins at a multiple of 2^order, from frame `from` on. It takes the
    /// word with the shortest run that suffices, or the smallest block.
    pub fn take_run(&mut self, order: usize, frames: usize, from: usize) -> Option<usize> {
        let from = from.div_ceil(64);
        if order < WHOLE - 1 {
            for class in order + 1..WHOLE {
                while let Some(word) = self.index.first_partly(class, from) {
                    let runs = runs(self.bits[word], order);
                    if runs == 0 {
                        self.list_again(word);
                        continue;
                    }
                    let position = runs.trailing_zeros() as usize;
                    self.bits[word] &= !mask(position, frames);
                    self.list_again(word);
                    return Some(word * 64 + position);
                }
            }
        }
        self.take_from_block(order.saturating_sub(WHOLE - 1), frames, from)
    }

    /// Allocates from the smallest block of at least 2^order words.
    fn take_from_block(&mut self, least: usize, frames: usize, from: usize) -> Option<usize> {
        let mut order = least;
        while order < BLOCK_ORDERS {
            let Some(word) = self.index.first_block(order, from) else {
                order += 1;
                continue;
            };
            let mut block = self.bits[word..word + (1 << order)].iter();
            if let Some(broken) = block.position(|&bits| bits != u64::MAX) {
                self.list_again(word + broken);
                // The rest of the block has smaller orders.
                order = least;
                continue;
            }
            self.index.take_block(word, order, frames.div_ceil(64));
            self.clear(word * 64, frames);
            if !frames.is_multiple_of(64) {
                self.list_again(word + frames / 64);
            }
            return Some(word * 64);
        }
        None
    }

    /// Lists all words with recent frames, and removes the recent entries.
    pub fn settle(&mut self) {
        for order in 0..ORDERS {
            let (entries, count) = self.recent[order].drop_oldest(self.recent[order].len());
            self.list_runs(order, &entries[..count]);
        }
    }

    /// Returns the lowest free frame from `from` on. Frames must not be recent.
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let rest = self.bits.get(from / 64)? >> (from % 64);
        if rest != 0 {
            return Some(from + rest.trailing_zeros() as usize);
        }
        let mut word = from / 64 + 1;
        loop {
            word = self.index.first_listed(word)?;
            match self.bits[word] {
                0 => word += 1,
                bits => return Some(word * 64 + bits.trailing_zeros() as usize),
            }
        }
    }

    /// Slides an interval of the run's length upwards, starting at frame `from`, up to frame `end`.
    /// It looks for a frame in use from the interval's *end*, so that the next interval starts
    /// after that frame. Frames must not be recent.
    pub fn lowest_run(
        &self,
        frames: usize,
        align: usize,
        mut from: usize,
        end: usize,
    ) -> Option<usize> {
        loop {
            let free = self.first_from(from)?;
            let start = free.checked_next_multiple_of(align)?;
            if frames > end.checked_sub(start)? {
                return None;
            }
            match last_used_in(self.bits, start, frames) {
                None => return Some(start),
                Some(in_use) => from = in_use + 1,
            }
        }
    }

    /// Returns the lowest frame from `from` on that is not free.
    pub fn first_used_from(&self, from: usize) -> usize {
        first_used_from(self.bits, self.len, from)
    }

    /// Returns the stretches of free frames: the first frame of each, and the first one after it.
    pub fn stretches(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut from = 0;
        core::iter::from_fn(move || {
            let rest = self.bits.get(from / 64)? >> (from % 64) << (from % 64);
            let (word, bits) = match rest {
                0 => {
                    let mut words = (from / 64 + 1..).zip(self.bits.get(from / 64 + 1..)?);
                    words.find(|&(_, &bits)| bits != 0)?
                }
                _ => (from / 64, &rest),
            };
            let first = word * 64 + bits.trailing_zeros() as usize;
            from = first_used_from(self.bits, self.len, first);
            Some((first, from))
        })
    }

    /// Checks the index, and that every word is listed with its class or higher, or has a recent
    /// entry. Returns the first word that is not.
    pub fn validate(&self) -> Result<(), usize> {
        self.index.validate(self.bits.len())?;
        let is_recent = |word: usize| {
            (0..).zip(&self.recent).any(|(order, recent): (usize, _)| {
                let words = |first: usize| first / 64..(first + (1 << order)).div_ceil(64);
                let mut entries = recent.entries().iter();
                entries.any(|&first| words(first as usize).contains(&word))
            })
        };
        let wrong = |&(word, &bits): &(usize, &u64)| {
            class(bits) > self.index.listed(word) && !is_recent(word)
        };
        match (0..).zip(self.bits.iter()).find(wrong) {
            Some((word, _)) => Err(word),
            None => Ok(()),
        }
    }

    /// Inverts the bit of a frame.
    #[cfg(test)]
    pub fn flip_for_test(&mut self, frame: usize) {
        self.bits[frame / 64] ^= 1 << (frame % 64);
    }

    #[inline(always)]
    fn set(&mut self, first: usize, frames: usize) {
        for (word, mask) in masks(first, frames) {
            self.bits[word] |= mask;
        }
    }

    #[inline(always)]
    fn clear(&mut self, first: usize, frames: usize) {
        for (word, mask) in masks(first, frames) {
            self.bits[word] &= !mask;
        }
    }

    fn list_again(&mut self, word: usize) {
        self.index.list(word, class(self.bits[word]));
    }

    /// Lists the words of the older half of the recent runs, and removes these entries.
    #[cold]
    #[inline(never)]
    fn drop_recent(&mut self, order: usize) {
        let half = capacity(order).div_ceil(2);
        let (entries, count) = self.recent[order].drop_oldest(half);
        self.list_runs(order, &entries[..count]);
    }

    #[cold]
    fn list_runs(&mut self, order: usize, entries: &[u32]) {
        for &first in entries {
            masks(first as usize, 1 << order).for_each(|(word, _)| self.list_again(word));
        }
    }
}
