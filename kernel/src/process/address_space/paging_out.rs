//! Paging out and in: pages leave their frames when a limit is reached, and come back at a fault.
//!
//! ```text
//! mapped ──evict, written since it was loaded──► in swap ──fault──► mapped
//!    │                                              ▲
//!    ├──evict, unchanged since it was read──────────┘  the slot still has the content
//!    └──evict, never written──► demand-zero            nothing to store
//! ```
//! A step that can fail comes before the first one that changes the space.

use super::AddressSpace;
use super::limit::Limit;
use crate::memory::heap::try_box;
use crate::memory::paging::user_layout::MAPPINGS;
use crate::memory::paging::walk;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::swap::{self, Content, SwapError};
use crate::process::error::SpaceError;
use mm::paging::{Access, FaultOutcome, RegionPolicy, SwapSlot};
use mm::reclaim::Policy;
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

impl AddressSpace {
    /// Opens a mapping of this many pages of which at most `frames` are resident.
    ///
    /// # Errors
    /// When the space has a limit or a mapping already, or no memory is left.
    pub fn add_limited_mapping(
        &mut self,
        pages: usize,
        frames: usize,
        policy: &'static dyn Policy,
        seed: u64,
    ) -> Result<VirtAddr, SpaceError> {
        let start = MAPPINGS;
        let limit = Limit::new(start, pages, frames, policy, seed)?;
        let limit = try_box(limit).map_err(SwapError::NoBlock)?;
        let bytes = pages as u64 * FRAME;
        self.open(start, bytes, RegionPolicy::DemandZero, Tag::USER)?;
        self.next_mapping = start + bytes + FRAME;
        self.limit = Some(limit);
        Ok(start)
    }

    /// Returns the limit, if there is one.
    pub fn limit(&mut self) -> Option<&mut Limit> {
        self.limit.as_deref_mut()
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

    /// Makes room for a page before it gets a frame, if it counts and the limit is reached.
    ///
    /// # Errors
    /// When the page that has to leave cannot be stored.
    pub(super) fn make_room(&mut self, page: VirtAddr) -> Result<(), SpaceError> {
        match &self.limit {
            Some(limit) if limit.covers(page) && limit.is_full() => self.page_out(),
            _ => Ok(()),
        }
    }

    /// Adds a page that got a frame to the resident set, if it counts. Else frees its slot.
    pub(super) fn count_loaded(&mut self, page: VirtAddr, slot: Option<SwapSlot>, write: bool) {
        match &mut self.limit {
            Some(limit) if limit.covers(page) => limit.load(page, slot, write),
            _ => slot.into_iter().for_each(swap::release),
        }
    }

    /// Takes the frame from the page that the policy chooses.
    fn page_out(&mut self) -> Result<(), SpaceError> {
        let limit = self.limit.as_mut().expect("only a limit evicts pages");
        let Some((page, old)) = limit.evict() else {
            return Ok(());
        };
        let is_dirty = self.space.is_dirty(page);
        let slot = if is_dirty {
            let stored = self.store(page);
            old.into_iter().for_each(swap::release);
            Some(stored?)
        } else {
            old
        };
        if is_dirty && let Some(limit) = &mut self.limit {
            limit.count_written();
        }
        let (frame, flush) = match slot {
            Some(slot) => {
                self.swapped += 1;
                self.space.swap_out(page, slot)?
            }
            None => self.space.unmap(page)?,
        };
        flush.flush();
        self.pages -= 1;
        frames::free(frame).expect("a process has a reference to its frames");
        Ok(())
    }

    /// Stores the content of a mapped page in a new slot.
    fn store(&self, page: VirtAddr) -> Result<SwapSlot, SpaceError> {
        let mapping = self.lookup(page).expect("a resident page is mapped");
        // SAFETY: the frame is mapped in this space, so it is allocated; its process does not run.
        let content = unsafe { &*content(frames::frame_at(mapping.physical)) };
        Ok(swap::store(content)?)
    }

    /// Reads a page back from swap at a fault.
    ///
    /// # Errors
    /// When no frame is free or the stored page is corrupt.
    pub(super) fn page_in(
        &mut self,
        page: VirtAddr,
        write: bool,
    ) -> Result<FaultOutcome, SpaceError> {
        self.make_room(page)?;
        let slot = self.space.swapped(page).expect("the fault was classified");
        let frame = frames::allocate_for_fault(Tag::USER)?;
        // SAFETY: the frame is new, so there is no other reference to it.
        if let Err(error) = swap::load(slot, unsafe { &mut *content(frame) }) {
            frames::free(frame).expect("a frame allocated a moment ago can be freed");
            return Err(error.into());
        }
        self.space.clear_swapped(page);
        self.swapped -= 1;
        // The tables exist, so this needs no frame.
        self.map(page, frame, Access::USER | Access::WRITE)?;
        self.count_loaded(page, Some(slot), write);
        Ok(FaultOutcome::SwappedIn)
    }

    /// Forgets what the limit and swap know of the pages between two addresses, before those that
    /// are mapped are unmapped.
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
            child.map(page, frame, Access::USER)?;
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

/// The bytes of a frame.
fn content(frame: PhysFrame) -> *mut Content {
    frames::pointer(frame.start_address()).cast()
}
