//! Pages that leave their frames and come back: the part of one address space.
//!
//! ```text
//! mapped ──leave, written since it was loaded──► in swap ──fault──► mapped
//!    │                                              ▲
//!    ├──leave, unchanged since it was read──────────┘  its slot still has the content
//!    └──leave, never written──► demand-zero            nothing to store
//! ```
//! `process::paging_out` chooses pages and stores them. A step that can fail comes before the first
//! one that changes the space.

use super::AddressSpace;
use super::limit::Limit;
use super::pages::{can_leave, content, drop_frame};
use super::scan::Scan;
use crate::memory::heap::try_box;
use crate::memory::paging::user_layout::MAPPINGS;
use crate::memory::paging::walk::{self, MappedPage};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::watermarks;
use crate::memory::swap;
use crate::process::error::SpaceError;
use mm::paging::{Access, FaultOutcome, RegionPolicy, SwapSlot};
use mm::reclaim::Policy;
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

impl AddressSpace {
    /// Opens a mapping of this many pages in a new space, of which at most `frames` pages are
    /// resident.
    ///
    /// # Errors
    /// When the space has a mapping already, or no memory is left.
    pub fn add_limited_mapping(
        &mut self,
        pages: usize,
        frames: usize,
        policy: &'static dyn Policy,
        seed: u64,
    ) -> Result<VirtAddr, SpaceError> {
        let start = MAPPINGS;
        let limit = try_box(Limit::new(frames, policy, seed)?)?;
        let bytes = pages as u64 * FRAME;
        self.open(start, bytes, RegionPolicy::DemandZero, Tag::USER)?;
        self.next_mapping = start + bytes + FRAME;
        self.page_limit += pages as u64;
        self.limit = Some(limit);
        Ok(start)
    }

    /// Returns the limit, if there is one.
    pub fn limit(&mut self) -> Option<&mut Limit> {
        self.limit.as_deref_mut()
    }

    /// Sets a limit that knows no page yet, or removes it.
    ///
    /// # Errors
    /// When the heap has no block for it; the limit before stays then.
    pub fn set_limit(&mut self, limit: Option<Limit>) -> Result<(), SpaceError> {
        self.limit = limit.map(try_box).transpose()?;
        Ok(())
    }

    /// Returns how many pages are in swap.
    pub fn swapped_pages(&self) -> u64 {
        self.swapped
    }

    /// Returns the slot that holds the content of a page.
    pub fn swapped(&self, page: VirtAddr) -> Option<SwapSlot> {
        match self.swapped {
            0 => None,
            _ => self.space.swapped(page),
        }
    }

    /// For a test: marks a mapped page as written, as the CPU does.
    pub fn set_dirty_for_test(&mut self, page: VirtAddr) {
        self.space.set_dirty_for_test(page);
    }

    /// Returns the first page at or above an address that can leave its frame. Pages of the program
    /// cannot: they have no other copy, and they are few.
    pub fn first_that_can_leave(&self, from: VirtAddr) -> Option<MappedPage> {
        let mut from = from;
        loop {
            let found = self.first_page_from(from)?;
            let region = self.regions.find(found.page)?;
            if can_leave(region.policy) {
                return Some(found);
            }
            from = region.start + region.bytes;
        }
    }

    /// Returns whether a page is mapped to this frame.
    pub fn maps(&self, page: VirtAddr, frame: PhysFrame) -> bool {
        let mapping = self.lookup(page);
        mapping.is_some_and(|found| found.physical == frame.start_address())
    }

    /// Returns whether a mapped page was written since it was mapped.
    pub fn is_written(&self, page: VirtAddr) -> bool {
        self.space.is_dirty(page)
    }

    /// Returns whether a mapped page was used since the last call for it, and whether it was
    /// written.
    pub fn take_use(&mut self, page: VirtAddr) -> Option<bool> {
        self.space.take_use(page)
    }

    /// Returns how many pages that can leave are resident.
    pub fn resident(&self) -> u64 {
        let mut from = VirtAddr::zero();
        let pages = core::iter::from_fn(|| {
            let found = self.first_that_can_leave(from)?;
            from = found.page + FRAME;
            Some(found)
        });
        pages.count() as u64
    }

    /// Returns the working set: how many pages that can leave were used since the last call,
    /// resident or in swap. A page that left without being written is not counted.
    pub fn measure_working_set(&mut self) -> u64 {
        let (mut used, mut from) = (0, VirtAddr::zero());
        while let Some(found) = self.first_that_can_leave(from) {
            used += u64::from(self.space.measure_use(found.page));
            from = found.page + FRAME;
        }
        from = VirtAddr::zero();
        while self.swapped > 0
            && let Some((page, _)) = walk::first_swapped_from(self.root(), from)
        {
            used += u64::from(self.space.measure_use(page));
            from = page + FRAME;
        }
        used
    }

    /// Returns the page that leaves next by the limit's policy.
    pub fn choose(&mut self) -> Option<VirtAddr> {
        let AddressSpace { limit, space, .. } = self;
        let mut scan = Scan::default();
        let chosen = limit.as_mut()?.choose(|page| {
            let used = space.take_use(page);
            scan.pass(page, used.is_some());
            used
        });
        scan.record(self.number);
        chosen
    }

    /// Takes the frame from a mapped page. Its content is in `slot`, of which the entry becomes a
    /// user, or it is zeros. `stored` says that the page was stored now.
    ///
    /// # Errors
    /// When the page is not mapped; nothing changes then.
    pub fn leave(
        &mut self,
        page: VirtAddr,
        slot: Option<SwapSlot>,
        stored: bool,
    ) -> Result<(), SpaceError> {
        let (frame, flush) = match slot {
            Some(slot) => self.space.swap_out(page, slot)?,
            None => self.space.unmap(page)?,
        };
        flush.flush_if(self.space.is_active());
        self.swapped += u64::from(slot.is_some());
        self.pages -= 1;
        if let Some(limit) = &mut self.limit {
            limit.remove(page, stored);
        }
        drop_frame(frame);
        Ok(())
    }

    /// Checks that a page may get a frame now.
    ///
    /// # Errors
    /// When a page has to leave before: the limit is reached, or the machine has few free frames.
    pub(super) fn check_room(&self, page: VirtAddr) -> Result<(), SpaceError> {
        if self.limit.as_ref().is_some_and(|limit| limit.is_full()) {
            return Err(SpaceError::LimitReached(page));
        }
        if watermarks::is_low() {
            return Err(SpaceError::FewFrames(page));
        }
        Ok(())
    }

    /// Adds a page that got a frame to the resident set.
    pub(super) fn count_loaded(&mut self, page: VirtAddr, write: bool) {
        if let Some(limit) = &mut self.limit {
            limit.load(page, write);
        }
    }

    /// Reads a page back from swap at a fault.
    ///
    /// # Errors
    /// When no frame is free or the stored page is corrupt; nothing changes then.
    pub(super) fn page_in(
        &mut self,
        page: VirtAddr,
        write: bool,
    ) -> Result<FaultOutcome, SpaceError> {
        self.check_room(page)?;
        let slot = self.space.swapped(page).expect("the fault was classified");
        let frame = frames::allocate_for_fault(Tag::USER)?;
        // SAFETY: the frame is new, so there is no other reference to it.
        if let Err(error) = swap::load(slot, unsafe { &mut *content(frame) }) {
            frames::free(frame).expect("a frame allocated a moment ago can be freed");
            return Err(error.into());
        }
        self.space.clear_swapped(page);
        self.swapped -= 1;
        // If the frame cannot keep the slot, the page counts as written: nothing else has it.
        let is_copy = swap::keep_copy(frame, slot).is_ok();
        // The tables exist, so this needs no frame.
        self.map(page, frame, Access::USER | Access::WRITE, !is_copy)?;
        if !is_copy {
            swap::release(slot);
        }
        self.count_loaded(page, write);
        Ok(FaultOutcome::SwappedIn)
    }

    /// Releases the slots of the pages between two addresses that are in swap.
    pub(super) fn forget_swapped(&mut self, start: VirtAddr, end: VirtAddr) {
        while self.swapped > 0
            && let Some((page, slot)) = walk::first_swapped_from(self.root(), start)
            && page < end
        {
            self.space.forget_swapped(page);
            self.swapped -= 1;
            swap::release(slot);
        }
    }

    /// Gives a child the pages that are in swap: both entries name the same slot.
    ///
    /// # Errors
    /// When memory runs out or a slot has the most users.
    pub(super) fn share_swapped(&self, child: &mut AddressSpace) -> Result<(), SpaceError> {
        let mut from = VirtAddr::zero();
        while self.swapped > 0
            && let Some((page, slot)) = walk::first_swapped_from(self.root(), from)
        {
            from = page + FRAME;
            // Mapping a frame makes the tables; the entry then takes the slot.
            let frame = frames::allocate(Tag::USER)?;
            child.map(page, frame, Access::USER, false)?;
            swap::share(slot)?;
            let (frame, flush) = child.space.inherit_swapped(page, slot)?;
            flush.not_cached();
            child.pages -= 1;
            child.swapped += 1;
            frames::free(frame).expect("a frame allocated a moment ago can be freed");
        }
        Ok(())
    }
}
