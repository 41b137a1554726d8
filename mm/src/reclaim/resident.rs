//! A resident set: the pages in a fixed number of frames, and the policy that replaces them.

use core::fmt;

use super::pages::{Pages, Record};
use super::policy::Policy;

/// The index of a frame within a resident set, from 0. Not a physical frame number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameIndex(usize);

impl FrameIndex {
    /// The frame of this index.
    pub const fn new(index: usize) -> FrameIndex {
        FrameIndex(index)
    }

    /// The index as a number.
    pub const fn number(self) -> usize {
        self.0
    }
}

/// A reference to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// True for a write.
    pub write: bool,
    /// The number of the next reference to the same page, `u64::MAX` if there is none or if it is
    /// not known.
    pub next_use: u64,
}

impl Reference {
    /// A reference whose future is not known.
    pub const fn new(write: bool) -> Reference {
        Reference {
            write,
            next_use: u64::MAX,
        }
    }
}

/// A page cannot be loaded: all frames of the set hold pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// The frames of the set.
    pub frames: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "all {} frames of the resident set hold pages",
            self.frames
        )
    }
}

/// The resident pages of a process or of a replay.
///
/// ```
/// use mm::reclaim::{Record, Reference, ResidentSet, named};
///
/// let mut records = [Record::FREE; 2];
/// let mut set = ResidentSet::new(&mut records, named("fifo").unwrap(), 1);
/// let first = set.load(Reference::new(false)).unwrap();
/// set.load(Reference::new(false)).unwrap();
/// set.reference(first, Reference::new(true));
/// assert!(set.load(Reference::new(false)).is_err());
/// // FIFO replaces the first page although it was just used.
/// let (victim, dirty) = set.evict().unwrap();
/// assert_eq!((victim, dirty), (first, true));
/// ```
#[derive(Debug)]
pub struct ResidentSet<'m> {
    pages: Pages<'m>,
    policy: &'static dyn Policy,
    /// References until the period ends.
    left: usize,
    /// Frames that never held a page start here; below, the last frame to become free is `freed`.
    unused: usize,
    freed: Option<usize>,
}

impl<'m> ResidentSet<'m> {
    /// Creates an empty set with one frame a record. `seed` starts the policy `random`.
    pub fn new(records: &'m mut [Record], policy: &'static dyn Policy, seed: u64) -> Self {
        let pages = Pages::new(records, seed);
        ResidentSet {
            left: pages.capacity(),
            pages,
            policy,
            unused: 0,
            freed: None,
        }
    }

    /// The policy.
    pub fn policy(&self) -> &'static dyn Policy {
        self.policy
    }

    /// The resident pages.
    pub fn pages(&self) -> &Pages<'m> {
        &self.pages
    }

    /// True if each frame holds a page.
    pub fn is_full(&self) -> bool {
        self.pages.resident() == self.pages.capacity()
    }

    /// Continues with another policy. Pages join its lists in the order of their frames.
    pub fn set_policy(&mut self, policy: &'static dyn Policy) {
        self.policy = policy;
        for index in 0..self.pages.capacity() {
            if self.pages.is_resident(index) {
                self.pages.remove(index);
                policy.loaded(&mut self.pages, index);
            }
        }
    }

    /// The frame whose page the policy looks at first when it must replace one.
    pub fn candidate(&self) -> Option<FrameIndex> {
        self.policy.candidate(&self.pages).map(FrameIndex)
    }

    /// The accessed bits of the first 32 frames, of frame 0 in bit 0.
    pub fn accessed_bits(&self) -> u32 {
        let frames = 0..self.pages.capacity().min(32);
        let is_set =
            |&index: &usize| self.pages.is_resident(index) && self.pages.record(index).accessed;
        frames
            .filter(is_set)
            .fold(0, |bits, index| bits | 1 << index)
    }

    /// Loads a page into a free frame, for this reference.
    pub fn load(&mut self, reference: Reference) -> Result<FrameIndex, Full> {
        let index = self.free_frame().ok_or(Full {
            frames: self.pages.capacity(),
        })?;
        let record = self.pages.record_mut(index);
        record.accessed = true;
        record.dirty = reference.write;
        record.next_use = reference.next_use;
        self.policy.loaded(&mut self.pages, index);
        self.count();
        Ok(FrameIndex(index))
    }

    /// Notes a reference to a resident page.
    ///
    /// # Panics
    /// The frame holds no page.
    pub fn reference(&mut self, frame: FrameIndex, reference: Reference) {
        assert!(
            self.pages.is_resident(frame.0),
            "frame {} of the resident set holds no page",
            frame.0
        );
        let record = self.pages.record_mut(frame.0);
        record.accessed = true;
        record.dirty |= reference.write;
        record.next_use = reference.next_use;
        self.policy.referenced(&mut self.pages, frame.0);
        self.count();
    }

    /// Lets the policy choose a page, which stays resident, where no trap reports references.
    /// `take_use` returns whether the page of a frame was used since the last call for it, and
    /// whether that was a write. A used page counts as referenced now, and the policy chooses
    /// again, if it decides by references. `None` if no page is resident.
    pub fn choose(
        &mut self,
        mut take_use: impl FnMut(FrameIndex) -> Option<bool>,
    ) -> Option<FrameIndex> {
        loop {
            let frame = FrameIndex(self.policy.victim(&mut self.pages)?);
            if !self.policy.needs_references() {
                return Some(frame);
            }
            // A use is taken, so that the same page is not found used again and again.
            match take_use(frame) {
                Some(write) => self.reference(frame, Reference::new(write)),
                None => return Some(frame),
            }
        }
    }

    /// Lets the policy choose a page and removes it. Returns its frame, and true if the page was
    /// written since it was loaded. `None` if no page is resident.
    pub fn evict(&mut self) -> Option<(FrameIndex, bool)> {
        let index = self.policy.victim(&mut self.pages)?;
        let dirty = self.pages.record(index).dirty;
        self.remove(FrameIndex(index));
        Some((FrameIndex(index), dirty))
    }

    /// Removes a page: its process gave it back.
    ///
    /// # Panics
    /// The frame holds no page.
    pub fn remove(&mut self, frame: FrameIndex) {
        assert!(
            self.pages.is_resident(frame.0),
            "frame {} of the resident set holds no page",
            frame.0
        );
        self.pages.remove(frame.0);
        // A free record has no use for its next use: it links the free frames.
        self.pages.record_mut(frame.0).next_use = self.freed.map_or(u64::MAX, |free| free as u64);
        self.freed = Some(frame.0);
    }

    /// The frame that became free last, else the lowest that never held a page.
    fn free_frame(&mut self) -> Option<usize> {
        if let Some(index) = self.freed {
            let next = self.pages.record(index).next_use;
            self.freed = (next != u64::MAX).then_some(next as usize);
            return Some(index);
        }
        let index = self.unused;
        (index < self.pages.capacity()).then(|| {
            self.unused += 1;
            index
        })
    }

    fn count(&mut self) {
        self.left -= 1;
        if self.left == 0 {
            self.left = self.pages.capacity();
            self.policy.period_ended(&mut self.pages);
        }
    }
}
