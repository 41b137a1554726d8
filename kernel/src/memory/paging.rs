//! The kernel's own page tables, on top of the `x86_64` crate's mapper.
//!
//! Every change is an event and gives back a token: whoever drops it without flushing is told by the
//! compiler. Large pages are used where a range has room for them.

use super::frames::{self, FRAME};
use super::trace;
use core::fmt;
use mm::event::Payload;
use mm::frame::AllocateError;
use mm::paging::{Access, PageSize};
use mm::tag::Tag;
use spin::{Mutex, MutexGuard, Once};
use x86_64::registers::control::{Cr3, Cr3Flags};
use x86_64::structures::paging::mapper::{MapToError, MapperFlush, TranslateResult, UnmapError};
use x86_64::structures::paging::page::PageSize as HardwareSize;
use x86_64::structures::paging::{
    FrameAllocator, Mapper, OffsetPageTable, Page, PageTable, PageTableFlags, PhysFrame, Size1GiB,
    Size2MiB, Size4KiB, Translate, mapper::MappedFrame,
};
use x86_64::{PhysAddr, VirtAddr};

/// The kernel's tables.
pub struct Space {
    tables: OffsetPageTable<'static>,
    root: PhysFrame,
    huge_pages: bool,
}

static SPACE: Once<Mutex<Space>> = Once::new();

/// Why a page could not be mapped or unmapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingError {
    /// There is no frame for a page table.
    OutOfFrames(VirtAddr),
    /// Something is mapped there already.
    AlreadyMapped(VirtAddr),
    /// Nothing is mapped there.
    NotMapped(VirtAddr),
    /// A larger page is mapped there.
    LargerPage(VirtAddr),
    /// An entry of the tables holds what no entry may hold.
    BadEntry(VirtAddr),
}

impl fmt::Display for PagingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PagingError::OutOfFrames(at) => write!(f, "no frame for a page table to map {at:#x}"),
            PagingError::AlreadyMapped(at) => write!(f, "{at:#x} is mapped already"),
            PagingError::NotMapped(at) => write!(f, "{at:#x} is not mapped"),
            PagingError::LargerPage(at) => write!(f, "{at:#x} belongs to a larger page"),
            PagingError::BadEntry(at) => write!(f, "a page-table entry of {at:#x} is broken"),
        }
    }
}

/// The tables changed, the translation caches not yet.
#[must_use = "the CPU may still use the old translation: flush it, or say why not"]
#[derive(Debug)]
pub struct Flush(VirtAddr);

impl Flush {
    /// Makes this CPU forget the old translation.
    pub fn flush(self) {
        x86_64::instructions::tlb::flush(self.0);
    }

    /// Nothing was mapped there before, and the CPU caches no absences.
    pub fn not_cached(self) {}
}

impl<S: HardwareSize> From<MapperFlush<S>> for Flush {
    fn from(flush: MapperFlush<S>) -> Flush {
        let page = flush.page().start_address();
        flush.ignore();
        Flush(page)
    }
}

/// One translation, as the tables have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Where the address leads to.
    pub physical: PhysAddr,
    /// By a page of this size.
    pub size: PageSize,
    /// With this access.
    pub access: Access,
}

impl Space {
    /// Empty tables, not in use yet.
    ///
    /// # Errors
    /// When there is no frame for the root.
    pub fn new(huge_pages: bool) -> Result<Space, AllocateError> {
        let root = frames::allocate(Tag::PAGE_TABLE)?;
        let table: *mut PageTable = frames::pointer(root.start_address()).cast();
        // SAFETY: the frame is ours and zeroed, which is an empty table; the direct map shows
        // every frame that tables can be in.
        let tables = unsafe { OffsetPageTable::new(&mut *table, frames::direct_map()) };
        Ok(Space {
            tables,
            root,
            huge_pages,
        })
    }

    /// Maps a range, by the largest pages that fit.
    ///
    /// # Errors
    /// On the first page that cannot be mapped; those before it stay.
    pub fn map_range(
        &mut self,
        mut page: VirtAddr,
        mut frame: PhysAddr,
        bytes: u64,
        access: Access,
    ) -> Result<(), PagingError> {
        let end = page + bytes;
        while page < end {
            let size = self.largest(page, frame, end - page);
            self.map(page, frame, size, access)?.not_cached();
            page += size.bytes();
            frame += size.bytes();
        }
        Ok(())
    }

    /// The largest page that both addresses are aligned to and that fits into `left` bytes.
    fn largest(&self, page: VirtAddr, frame: PhysAddr, left: u64) -> PageSize {
        let fits = |size: PageSize| {
            left >= size.bytes() && page.is_aligned(size.bytes()) && frame.is_aligned(size.bytes())
        };
        if self.huge_pages && fits(PageSize::Size1GiB) {
            PageSize::Size1GiB
        } else if fits(PageSize::Size2MiB) {
            PageSize::Size2MiB
        } else {
            PageSize::Size4KiB
        }
    }

    /// Maps one page.
    ///
    /// # Errors
    /// When something is mapped there, or no frame is left for a table.
    pub fn map(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        size: PageSize,
        access: Access,
    ) -> Result<Flush, PagingError> {
        let flush = match size {
            PageSize::Size4KiB => self.map_sized::<Size4KiB>(page, frame, access)?,
            PageSize::Size2MiB => self.map_sized::<Size2MiB>(page, frame, access)?,
            PageSize::Size1GiB => self.map_sized::<Size1GiB>(page, frame, access)?,
        };
        trace::record(Payload::Map {
            page,
            frame,
            size,
            access,
        });
        Ok(flush)
    }

    fn map_sized<S>(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        access: Access,
    ) -> Result<Flush, PagingError>
    where
        S: HardwareSize + fmt::Debug,
        OffsetPageTable<'static>: Mapper<S>,
    {
        let target = PhysFrame::containing_address(frame);
        // SAFETY: nothing was mapped there, so no reference can change its meaning; whether
        // the new mapping aliases another one is the business of the caller of `map`.
        let mapped = unsafe {
            self.tables.map_to(
                Page::<S>::containing_address(page),
                target,
                to_hardware(access),
                &mut TableFrames,
            )
        };
        mapped.map(Flush::from).map_err(|error| match error {
            MapToError::FrameAllocationFailed => PagingError::OutOfFrames(page),
            MapToError::ParentEntryHugePage => PagingError::LargerPage(page),
            MapToError::PageAlreadyMapped(_) => PagingError::AlreadyMapped(page),
        })
    }

    /// Takes a 4 KiB page away and says which frame was there.
    ///
    /// # Errors
    /// When no page of that size is mapped there.
    pub fn unmap(&mut self, page: VirtAddr) -> Result<(PhysFrame, Flush), PagingError> {
        let access = self
            .lookup(page)
            .ok_or(PagingError::NotMapped(page))?
            .access;
        let target = Page::<Size4KiB>::containing_address(page);
        let (frame, flush) = self.tables.unmap(target).map_err(|error| match error {
            UnmapError::ParentEntryHugePage => PagingError::LargerPage(page),
            UnmapError::PageNotMapped => PagingError::NotMapped(page),
            UnmapError::InvalidFrameAddress(_) => PagingError::BadEntry(page),
        })?;
        let size = PageSize::Size4KiB;
        trace::record(Payload::Unmap {
            page,
            frame: frame.start_address(),
            size,
            access,
        });
        Ok((frame, flush.into()))
    }

    /// What the tables say about an address.
    pub fn lookup(&self, address: VirtAddr) -> Option<Mapping> {
        let TranslateResult::Mapped {
            frame,
            offset,
            flags,
        } = self.tables.translate(address)
        else {
            return None;
        };
        let size = match frame {
            MappedFrame::Size4KiB(_) => PageSize::Size4KiB,
            MappedFrame::Size2MiB(_) => PageSize::Size2MiB,
            MappedFrame::Size1GiB(_) => PageSize::Size1GiB,
        };
        Some(Mapping {
            physical: frame.start_address() + offset,
            size,
            access: from_hardware(flags),
        })
    }

    /// Hands the tables to the CPU and to everybody.
    ///
    /// # Safety
    /// They must map everything that is in use: code, data, the stack, the direct map.
    pub unsafe fn activate(self) {
        let root = self.root;
        SPACE.call_once(|| Mutex::new(self));
        // SAFETY: the caller promises it.
        unsafe { Cr3::write(root, Cr3Flags::empty()) };
    }
}

/// The kernel's tables.
///
/// # Panics
/// Before they are active.
pub fn lock() -> MutexGuard<'static, Space> {
    SPACE
        .get()
        .expect("page tables are asked for before memory is up")
        .lock()
}

/// What the active tables say, without waiting for anybody who is changing them: for fault handlers and
/// stack traces.
pub fn peek(address: VirtAddr) -> Option<Mapping> {
    let root = SPACE.get()?;
    match root.try_lock() {
        Some(space) => space.lookup(address),
        None => None,
    }
}

/// Whether the active tables map this address.
pub fn is_mapped(address: VirtAddr) -> bool {
    peek(address).is_some()
}

/// Frames for page tables come from where all frames come from.
struct TableFrames;

// SAFETY: the frame allocator never hands out a frame twice.
unsafe impl FrameAllocator<Size4KiB> for TableFrames {
    fn allocate_frame(&mut self) -> Option<PhysFrame> {
        frames::allocate(Tag::PAGE_TABLE).ok()
    }
}

/// Write-combining is entry 1 of the page attribute table (see `machine::cpu`): PWT alone.
fn to_hardware(access: Access) -> PageTableFlags {
    let mut flags = PageTableFlags::PRESENT;
    flags.set(PageTableFlags::WRITABLE, access.contains(Access::WRITE));
    flags.set(
        PageTableFlags::NO_EXECUTE,
        !access.contains(Access::EXECUTE),
    );
    flags.set(
        PageTableFlags::USER_ACCESSIBLE,
        access.contains(Access::USER),
    );
    flags.set(PageTableFlags::GLOBAL, access.contains(Access::GLOBAL));
    flags.set(
        PageTableFlags::WRITE_THROUGH,
        access.contains(Access::WRITE_COMBINING),
    );
    flags.set(
        PageTableFlags::BIT_9,
        access.contains(Access::COPY_ON_WRITE),
    );
    flags
}

/// What the flags of an entry allow.
pub fn from_hardware(flags: PageTableFlags) -> Access {
    let mut access = Access::empty();
    access.set(Access::WRITE, flags.contains(PageTableFlags::WRITABLE));
    access.set(Access::EXECUTE, !flags.contains(PageTableFlags::NO_EXECUTE));
    access.set(
        Access::USER,
        flags.contains(PageTableFlags::USER_ACCESSIBLE),
    );
    access.set(Access::GLOBAL, flags.contains(PageTableFlags::GLOBAL));
    access.set(
        Access::WRITE_COMBINING,
        flags.contains(PageTableFlags::WRITE_THROUGH),
    );
    access.set(Access::COPY_ON_WRITE, flags.contains(PageTableFlags::BIT_9));
    access
}

/// Bytes of whole pages that hold so many bytes.
pub fn whole_pages(bytes: u64) -> u64 {
    bytes.next_multiple_of(FRAME)
}
