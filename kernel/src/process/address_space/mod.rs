//! The memory of one process, laid out as in `memory/paging/user_layout.rs`.
//!
//! A page gets a frame when it is first touched. After a fork, parent and child share frames,
//! read-only, until one of them writes.

mod faults;
mod fork;
mod limit;
mod pages;
mod paging_out;
mod scan;

use super::error::SpaceError;
use crate::memory::paging::guard_pages;
use crate::memory::paging::kernel_space::{self, Space};
use crate::memory::paging::space::Mapping;
use crate::memory::paging::user_layout::{
    HEAP, HEAP_LIMIT, MAPPING_LIMIT, MAPPINGS, MAPPINGS_END, PAGE_LIMIT, PROGRAM, STACK_END,
    STACK_LIMIT,
};
use crate::memory::paging::walk::{self, Half, MappedPage};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::trace;
use alloc::boxed::Box;
pub use limit::{Limit, Referenced};
use mm::event::Payload;
use mm::paging::{Access, PageSize, Region, RegionError, RegionPolicy, RegionTable};
use mm::tag::Tag;
pub use pages::content;
use pages::drop_frame;
pub use scan::Scan;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The most regions of a process.
const REGIONS: usize = 16;

/// Tables and regions of one process.
pub struct AddressSpace {
    space: Space,
    number: u32,
    regions: RegionTable<REGIONS>,
    /// The requested size of the heap in bytes.
    heap: u64,
    /// The address of the next mapping.
    next_mapping: VirtAddr,
    pages: u64,
    /// The most pages that page faults may map.
    page_limit: u64,
    /// How many entries name a swap slot.
    swapped: u64,
    /// On the heap: a process is moved while it is made.
    limit: Option<Box<Limit>>,
}

impl AddressSpace {
    /// A space with a stack, its guard page if there are any, and nothing else.
    ///
    /// # Errors
    /// When there is no frame for the root table.
    pub fn new(number: u32) -> Result<AddressSpace, SpaceError> {
        let mut space = AddressSpace::empty(number)?;
        let start = STACK_END - STACK_LIMIT;
        space.open(start, STACK_LIMIT, RegionPolicy::Stack, Tag::STACK)?;
        if guard_pages::is_on() {
            space.open(start - FRAME, FRAME, RegionPolicy::Guard, Tag::STACK)?;
        }
        Ok(space)
    }

    fn empty(number: u32) -> Result<AddressSpace, SpaceError> {
        Ok(AddressSpace {
            space: Space::for_process(number, &kernel_space::lock())?,
            number,
            regions: RegionTable::new(),
            heap: 0,
            next_mapping: MAPPINGS,
            pages: 0,
            page_limit: PAGE_LIMIT,
            swapped: 0,
            limit: None,
        })
    }

    /// Returns the requested size of the heap in bytes.
    pub fn heap_bytes(&self) -> u64 {
        self.heap
    }

    /// Returns the frame that CR3 holds while the process runs.
    pub fn root(&self) -> PhysFrame {
        self.space.root()
    }

    /// Returns how many pages are mapped.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns the regions, in ascending order.
    pub fn regions(&self) -> &[Region] {
        self.regions.regions()
    }

    /// Returns the region of this address.
    pub fn region(&self, address: VirtAddr) -> Option<&Region> {
        self.regions.find(address)
    }

    /// Looks an address up in the tables.
    pub fn lookup(&self, address: VirtAddr) -> Option<Mapping> {
        self.space.lookup(address)
    }

    /// Copies a program into the space, and returns its first instruction.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn load(&mut self, code: &[u8]) -> Result<VirtAddr, SpaceError> {
        let bytes = (code.len() as u64).next_multiple_of(FRAME);
        self.open(PROGRAM, bytes, RegionPolicy::Fixed, Tag::USER)?;
        for (number, part) in code.chunks(FRAME as usize).enumerate() {
            let frame = frames::allocate(Tag::USER)?;
            // SAFETY: the frame is new, and at least as long as the part.
            unsafe {
                frames::pointer(frame.start_address())
                    .copy_from_nonoverlapping(part.as_ptr(), part.len());
            }
            let page = PROGRAM + number as u64 * FRAME;
            self.map(page, frame, Access::USER | Access::EXECUTE, true)?;
        }
        Ok(PROGRAM)
    }

    /// Maps a frame at this page; frees it if that fails. A page that is written already must be
    /// stored before it leaves its frame.
    fn map(
        &mut self,
        page: VirtAddr,
        frame: PhysFrame,
        access: Access,
        is_written: bool,
    ) -> Result<(), SpaceError> {
        let address = frame.start_address();
        let mapped = match is_written {
            true => self.space.map_written(page, address, access),
            false => (self.space).map(page, address, PageSize::Size4KiB, access),
        };
        match mapped {
            Ok(flush) => {
                flush.not_cached();
                self.pages += 1;
                Ok(())
            }
            Err(error) => {
                frames::free(frame).expect("a frame allocated a moment ago can be freed");
                Err(error.into())
            }
        }
    }

    /// Sets the size of the heap in bytes; frames past the new end are freed.
    ///
    /// # Errors
    /// Beyond [`HEAP_LIMIT`], or when the heap has no region and there is no room for one; nothing
    /// changes then.
    pub fn set_heap(&mut self, bytes: u64) -> Result<(), SpaceError> {
        if bytes > HEAP_LIMIT {
            return Err(SpaceError::TooLarge(bytes));
        }
        let (old, new) = (
            self.heap.next_multiple_of(FRAME),
            bytes.next_multiple_of(FRAME),
        );
        if old != new {
            // The closed region leaves room for its successor.
            if old > 0 {
                self.close(HEAP);
            }
            if new > 0 {
                self.open(HEAP, new, RegionPolicy::DemandZero, Tag::HEAP)?;
            }
            self.unmap_range(HEAP + new.min(old), HEAP + old);
        }
        self.heap = bytes;
        Ok(())
    }

    /// Opens a demand-zero region of this many bytes, and returns its start.
    ///
    /// # Errors
    /// When it is empty or too large, or there are too many; nothing changes then.
    pub fn add_mapping(&mut self, bytes: u64) -> Result<VirtAddr, SpaceError> {
        if bytes > MAPPING_LIMIT {
            return Err(SpaceError::TooLarge(bytes));
        }
        self.map_anywhere(bytes)
    }

    /// As [`AddressSpace::add_mapping`], of any size, all of which may have pages: for the kernel,
    /// not for a system call.
    ///
    /// # Errors
    /// As [`AddressSpace::add_mapping`].
    pub fn add_large_mapping(&mut self, bytes: u64) -> Result<VirtAddr, SpaceError> {
        let start = self.map_anywhere(bytes)?;
        self.page_limit += bytes.div_ceil(FRAME);
        Ok(start)
    }

    fn map_anywhere(&mut self, bytes: u64) -> Result<VirtAddr, SpaceError> {
        if bytes == 0 {
            return Err(SpaceError::TooLarge(bytes));
        }
        let bytes = bytes.next_multiple_of(FRAME);
        let start = self
            .free_range(self.next_mapping, bytes)
            .or_else(|| self.free_range(MAPPINGS, bytes))
            .ok_or(SpaceError::TooLarge(bytes))?;
        self.open(start, bytes, RegionPolicy::DemandZero, Tag::USER)?;
        self.next_mapping = start + bytes + FRAME;
        Ok(start)
    }

    /// Returns the first range for a mapping at or above `from`. A page stays free on both sides,
    /// so that an access past either end faults. Addresses are reused when all have been used.
    fn free_range(&self, from: VirtAddr, bytes: u64) -> Option<VirtAddr> {
        let mut start = from;
        for region in self.regions.regions() {
            let end = region.start + region.bytes;
            if end + FRAME <= start {
                continue;
            }
            if start + bytes + FRAME <= region.start {
                break;
            }
            start = end + FRAME;
        }
        (start + bytes + FRAME <= MAPPINGS_END).then_some(start)
    }

    /// For a test: makes the next mapping begin at or above this address.
    pub fn set_next_mapping(&mut self, start: VirtAddr) {
        self.next_mapping = start;
    }

    /// Closes the mapping that begins at this address, and frees its frames.
    ///
    /// # Errors
    /// When none begins there.
    pub fn remove_mapping(&mut self, start: VirtAddr) -> Result<(), SpaceError> {
        let is_mapping = (MAPPINGS..MAPPINGS_END).contains(&start);
        let region = self.regions.find(start).copied();
        let Some(region) = region.filter(|region| is_mapping && region.start == start) else {
            return Err(RegionError::NotOpen(start).into());
        };
        self.close(start);
        self.unmap_range(start, start + region.bytes);
        Ok(())
    }

    /// Returns the first page at or above an address.
    fn first_page_from(&self, from: VirtAddr) -> Option<MappedPage> {
        walk::first_from(self.root(), from)
    }

    /// Unmaps all pages between two addresses, and frees the frames.
    fn unmap_range(&mut self, start: VirtAddr, end: VirtAddr) {
        self.forget_swapped(start, end);
        while let Some(found) = self.first_page_from(start).filter(|found| found.page < end) {
            let (frame, flush) = self
                .space
                .unmap(found.page)
                .expect("the page was found mapped");
            flush.flush();
            self.pages -= 1;
            if let Some(limit) = &mut self.limit {
                limit.remove(found.page, false);
            }
            drop_frame(frame);
        }
    }

    /// Frees everything. The CPU must use other tables by now.
    pub fn release(mut self) {
        while let Some(region) = self.regions.regions().first() {
            self.close(region.start);
        }
        self.free_pages();
        self.space.release();
    }

    /// Frees all frames and slots of a process that will not run again.
    pub fn free_pages(&mut self) {
        self.unmap_range(VirtAddr::zero(), VirtAddr::new(0x7fff_ffff_f000));
    }

    /// Returns the number of the process.
    pub fn number(&self) -> u32 {
        self.number
    }

    fn open(
        &mut self,
        start: VirtAddr,
        bytes: u64,
        policy: RegionPolicy,
        owner: Tag,
    ) -> Result<(), RegionError> {
        self.regions.insert(Region {
            start,
            bytes,
            policy,
            owner,
        })?;
        trace::enter_space(self.number);
        trace::record(Payload::RegionOpen {
            start,
            bytes,
            policy,
            owner,
        });
        Ok(())
    }

    fn close(&mut self, start: VirtAddr) {
        let Region {
            start,
            bytes,
            policy,
            owner,
        } = self.regions.remove(start).expect("the region is open");
        trace::enter_space(self.number);
        trace::record(Payload::RegionClose {
            start,
            bytes,
            policy,
            owner,
        });
    }

    /// Calls `visit` with each mapped page.
    pub fn for_each_page(&self, visit: &mut impl FnMut(MappedPage)) {
        walk::pages(self.root(), Half::Lower, visit);
    }
}
