//! A limit on the frames of a process: its resident set, and the frame of the set of each page.
//!
//! ```text
//! page ──PageIndex──► frame of the set ──ResidentSet──► the policy's lists
//! ```
//! Invariant: a page of the process that can leave its frame is mapped if and only if the index has
//! it. Pages of the program stay, and do not count.

use crate::memory::physical::slices::Slices;
use mm::frame::AllocateError;
use mm::reclaim::{
    Counts, FrameIndex, IndexEntry, PageIndex, Policy, Record, Reference, ResidentSet,
};
use mm::tag::Tag;
use x86_64::VirtAddr;

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
    set: ResidentSet<'static>,
    index: PageIndex<'static>,
    /// The reference that comes next, if the kernel knows it.
    upcoming: Option<Reference>,
    /// Traps report the references, so accessed bits are not needed.
    is_replay: bool,
    counts: Counts,
    seed: u64,
    /// Owns the memory of the fields above; dropped last.
    _memory: Slices,
}

impl Limit {
    /// A limit of `frames` frames, without pages.
    ///
    /// # Errors
    /// When there are no frames for its tables.
    pub fn new(
        frames: usize,
        policy: &'static dyn Policy,
        seed: u64,
    ) -> Result<Limit, AllocateError> {
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: zeros are valid numbers, and the slices live as long as `memory`, which this
        // limit owns.
        let (records, buckets, entries) = unsafe {
            (
                memory.add::<Record>(frames)?,
                memory.add::<u32>(PageIndex::buckets(frames))?,
                memory.add::<IndexEntry>(frames)?,
            )
        };
        Ok(Limit {
            set: ResidentSet::new(records, policy, seed),
            index: PageIndex::new(buckets, entries),
            upcoming: None,
            is_replay: false,
            counts: Counts::default(),
            seed,
            _memory: memory,
        })
    }

    /// An empty limit of as many frames by the same policy, for a child.
    ///
    /// # Errors
    /// As [`Limit::new`].
    pub fn for_child(&self) -> Result<Limit, AllocateError> {
        Limit::new(self.frames(), self.set.policy(), self.seed)
    }

    /// Returns the most pages that are resident.
    pub fn frames(&self) -> usize {
        self.set.pages().capacity()
    }

    /// Returns the policy.
    pub fn policy(&self) -> &'static dyn Policy {
        self.set.policy()
    }

    /// Continues with another policy.
    pub fn set_policy(&mut self, policy: &'static dyn Policy) {
        self.set.set_policy(policy);
    }

    /// Returns hits and faults up to now. Hits are counted in replays only.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Announces the next reference, which a trap precedes.
    pub fn expect(&mut self, reference: Reference) {
        self.upcoming = Some(reference);
        self.is_replay = true;
    }

    /// Notes that the announced reference to this page is over. Without a fault it was a hit.
    /// Returns what it did, if the page is resident.
    pub fn referenced(&mut self, page: VirtAddr) -> Option<Referenced> {
        let frame = self.index.find(page.as_u64())?;
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

    /// Lets the policy choose the page to leave; it stays for now. `take_use` returns whether a
    /// page was used since the last call for it, and whether it was written.
    pub fn choose(
        &mut self,
        mut take_use: impl FnMut(VirtAddr) -> Option<bool>,
    ) -> Option<VirtAddr> {
        let (index, is_replay) = (&self.index, self.is_replay);
        let page_in = |frame| VirtAddr::new_truncate(index.page_in(frame));
        let frame = self.set.choose(|frame| match is_replay {
            true => None,
            false => take_use(page_in(frame)),
        })?;
        Some(page_in(frame))
    }

    /// Adds a page after a fault; `write` says whether the access was a write.
    ///
    /// # Panics
    /// If the set is full.
    pub fn load(&mut self, page: VirtAddr, write: bool) {
        let reference = self.upcoming.take().unwrap_or(Reference::new(write));
        let frame = self.set.load(reference).expect("a page left before");
        self.index.insert(page.as_u64(), frame);
        self.counts.faults += 1;
    }

    /// Adds a page that is mapped already.
    ///
    /// # Panics
    /// If the set is full.
    pub fn adopt(&mut self, page: VirtAddr) {
        let frame = self.set.load(Reference::new(false));
        self.index
            .insert(page.as_u64(), frame.expect("a page left before"));
    }

    /// Removes a page that is unmapped. `stored` says whether its content went to swap.
    pub fn remove(&mut self, page: VirtAddr, stored: bool) {
        if let Some(frame) = self.index.remove(page.as_u64()) {
            self.set.remove(frame);
            self.counts.written += u64::from(stored);
        }
    }
}
