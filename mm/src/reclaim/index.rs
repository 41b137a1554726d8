//! Which frame of a resident set holds a page: a hash table whose chains run through the frames.
//!
//! ```text
//! buckets   [ 2 ]  [ – ]  [ 0 ]  …       a page's hash chooses the bucket
//!             │             │
//! frames    [2: page] ─► [1: page]       pages of one bucket are linked
//! ```
//! A page is found in constant time on average, wherever it is in an address space. Zeros are an
//! empty table, so new memory needs no initialization.

use super::resident::FrameIndex;

/// The page in a frame, and the next frame of its chain plus one; 0 ends the chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexEntry {
    page: u64,
    next: u32,
}

/// Finds the frame of a page.
///
/// ```
/// use mm::reclaim::{FrameIndex, IndexEntry, PageIndex};
///
/// let (mut buckets, mut entries) = ([0; 4], [IndexEntry::default(); 4]);
/// let mut index = PageIndex::new(&mut buckets, &mut entries);
/// index.insert(0x7000, FrameIndex::new(2));
/// assert_eq!(index.find(0x7000), Some(FrameIndex::new(2)));
/// assert_eq!(index.remove(0x7000), Some(FrameIndex::new(2)));
/// assert_eq!(index.find(0x7000), None);
/// ```
#[derive(Debug)]
pub struct PageIndex<'m> {
    /// The first frame of each chain plus one; 0 for an empty chain.
    buckets: &'m mut [u32],
    entries: &'m mut [IndexEntry],
}

impl<'m> PageIndex<'m> {
    /// The number of buckets for this many frames: a power of two, so that chains are short.
    pub const fn buckets(frames: usize) -> usize {
        frames.next_power_of_two()
    }

    /// An empty index with one entry a frame. `buckets` and `entries` hold zeros.
    ///
    /// # Panics
    /// The number of buckets is no power of two.
    pub fn new(buckets: &'m mut [u32], entries: &'m mut [IndexEntry]) -> PageIndex<'m> {
        assert!(buckets.len().is_power_of_two(), "2^n buckets");
        PageIndex { buckets, entries }
    }

    /// Returns the frame that holds a page.
    pub fn find(&self, page: u64) -> Option<FrameIndex> {
        let mut link = self.buckets[self.bucket(page)];
        while let Some(frame) = frame_of(link) {
            let entry = self.entries[frame];
            if entry.page == page {
                return Some(FrameIndex::new(frame));
            }
            link = entry.next;
        }
        None
    }

    /// Returns the page that was inserted last for a frame.
    pub fn page_in(&self, frame: FrameIndex) -> u64 {
        self.entries[frame.number()].page
    }

    /// Adds a page. Neither the page nor the frame is in the index.
    pub fn insert(&mut self, page: u64, frame: FrameIndex) {
        let bucket = self.bucket(page);
        let next = self.buckets[bucket];
        self.entries[frame.number()] = IndexEntry { page, next };
        self.buckets[bucket] = frame.number() as u32 + 1;
    }

    /// Removes a page. Returns its frame.
    pub fn remove(&mut self, page: u64) -> Option<FrameIndex> {
        let bucket = self.bucket(page);
        let (mut before, mut link) = (None::<usize>, self.buckets[bucket]);
        while let Some(frame) = frame_of(link) {
            let entry = self.entries[frame];
            if entry.page == page {
                match before {
                    None => self.buckets[bucket] = entry.next,
                    Some(before) => self.entries[before].next = entry.next,
                }
                return Some(FrameIndex::new(frame));
            }
            (before, link) = (Some(frame), entry.next);
        }
        None
    }

    /// The high bits of a multiplicative hash: neighbouring pages go to different buckets.
    fn bucket(&self, page: u64) -> usize {
        let hash = (page >> 12).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> 32) as usize & (self.buckets.len() - 1)
    }
}

fn frame_of(link: u32) -> Option<usize> {
    link.checked_sub(1).map(|frame| frame as usize)
}
