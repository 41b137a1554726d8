//! A limit on the frames of a range of pages: the resident set, and what it knows of each page.
//!
//! ```text
//! page ──indexes──► frame of the set ──held──► page, and the slot that still has its content
//! ```
//! Invariant: a page of the range is mapped if and only if `indexes` names its frame. A slot in
//! `held` is one more user of it, so that a page that was not written since need not be stored
//! again.

use crate::memory::physical::slices::Slices;
use mm::frame::AllocateError;
use mm::paging::SwapSlot;
use mm::reclaim::{Counts, FrameIndex, Policy, Record, Reference, ResidentSet};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of a page.
const PAGE: u64 = 4096;
/// In [`Limit::indexes`]: the page is not resident. Zero, as new memory is.
const ABSENT: u32 = 0;

/// The page in a frame of the set.
#[derive(Clone, Copy)]
pub struct Held {
    /// Its number in the range.
    number: u32,
    /// The number of the slot that has its content plus one; 0 for none.
    slot: u32,
}

/// What a reference did, and what the policy sees after it.
#[derive(Clone, Copy, Debug)]
pub struct Referenced {
    /// The frame that holds the page.
    pub frame: FrameIndex,
    /// Whether it was a page fault.
    pub fault: bool,
    /// The frame whose page the policy looks at first when it must replace one.
    pub next: Option<FrameIndex>,
    /// The accessed bits of the first 32 frames.
    pub accessed: u32,
}

/// See the module.
pub struct Limit {
    start: VirtAddr,
    set: ResidentSet<'static>,
    held: &'static mut [Held],
    /// For each page of the range its frame plus one, or [`ABSENT`].
    indexes: &'static mut [u32],
    /// The reference that comes next, if the kernel knows it.
    upcoming: Option<Reference>,
    counts: Counts,
    /// Owns the memory of the fields above; dropped last.
    _memory: Slices,
}

impl Limit {
    /// A limit of `frames` frames for `pages` pages from `start` on.
    ///
    /// # Errors
    /// When there are no frames for its tables.
    pub fn new(
        start: VirtAddr,
        pages: usize,
        frames: usize,
        policy: &'static dyn Policy,
        seed: u64,
    ) -> Result<Limit, AllocateError> {
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: zeros are valid numbers, and the slices live as long as `memory`, which this
        // limit owns.
        let (records, held, indexes) = unsafe {
            (
                memory.add::<Record>(frames)?,
                memory.add::<Held>(frames)?,
                memory.add::<u32>(pages)?,
            )
        };
        Ok(Limit {
            start,
            set: ResidentSet::new(records, policy, seed),
            held,
            indexes,
            upcoming: None,
            counts: Counts::default(),
            _memory: memory,
        })
    }

    /// Returns whether a page counts.
    pub fn covers(&self, page: VirtAddr) -> bool {
        page >= self.start && self.number(page) < self.indexes.len() as u64
    }

    /// Returns hits and faults up to now.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Announces the next reference, which a trap precedes.
    pub fn expect(&mut self, reference: Reference) {
        self.upcoming = Some(reference);
    }

    /// Notes that the announced reference to this page is over. Without a fault it was a hit.
    /// Returns what it did, if the page is resident.
    pub fn referenced(&mut self, page: VirtAddr) -> Option<Referenced> {
        let frame = self.frame_of(page)?;
        let hit = self.upcoming.take();
        if let Some(reference) = hit {
            self.counts.hits += 1;
            self.set.reference(frame, reference);
        }
        // OPT looks at all frames for its candidate, so a large set has none.
        let is_small = self.set.pages().capacity() <= 32;
        Some(Referenced {
            frame,
            fault: hit.is_none(),
            next: is_small.then(|| self.set.candidate()).flatten(),
            accessed: self.set.accessed_bits(),
        })
    }

    /// Returns whether a page must leave before another one comes.
    pub fn is_full(&self) -> bool {
        self.set.is_full()
    }

    /// Lets the policy choose a page, and removes it from the set. Returns the page, and the slot
    /// that has its content since it was loaded: the caller is its user now.
    pub fn evict(&mut self) -> Option<(VirtAddr, Option<SwapSlot>)> {
        let (frame, _) = self.set.evict()?;
        Some(self.take_out(frame))
    }

    /// Adds a page after a fault. `slot` is the slot that it was read from, of which this limit
    /// becomes the user; `write` says whether the access was a write.
    ///
    /// # Panics
    /// If the set is full.
    pub fn load(&mut self, page: VirtAddr, slot: Option<SwapSlot>, write: bool) {
        let reference = self.upcoming.take().unwrap_or(Reference::new(write));
        let frame = self.set.load(reference).expect("a page was evicted before");
        let number = self.number(page) as u32;
        self.held[frame.number()] = Held {
            number,
            slot: slot.map_or(0, |slot| slot.number() + 1),
        };
        self.indexes[number as usize] = frame.number() as u32 + 1;
        self.counts.faults += 1;
    }

    /// Removes a page that is unmapped. Returns its slot as [`Limit::evict`] does.
    pub fn remove(&mut self, page: VirtAddr) -> Option<SwapSlot> {
        let frame = self.frame_of(page)?;
        self.set.remove(frame);
        self.take_out(frame).1
    }

    /// Counts a page that was written to swap.
    pub fn count_written(&mut self) {
        self.counts.written += 1;
    }

    fn take_out(&mut self, frame: FrameIndex) -> (VirtAddr, Option<SwapSlot>) {
        let Held { number, slot } = self.held[frame.number()];
        self.indexes[number as usize] = ABSENT;
        let slot = slot.checked_sub(1).map(SwapSlot::new);
        (self.start + u64::from(number) * PAGE, slot)
    }

    fn frame_of(&self, page: VirtAddr) -> Option<FrameIndex> {
        if !self.covers(page) {
            return None;
        }
        let index = self.indexes[self.number(page) as usize];
        (index != ABSENT).then(|| FrameIndex::new(index as usize - 1))
    }

    fn number(&self, page: VirtAddr) -> u64 {
        (page - self.start) / PAGE
    }
}
