//! One address space: four levels of page tables, on top of the `x86_64` crate's mapper.
//!
//! ```text
//! root entry   0 … 255    256 … 511
//!              a process  the kernel: the same tables in every space
//! ```
//! Every change of a page or a table is an event. It returns a token, and the compiler warns if the
//! token is dropped without a flush. Ranges use the largest pages that fit. Empty tables are freed,
//! except those right below the root in the kernel's half, which all spaces share.

mod swapped;
mod tables;

pub use crate::memory::paging::translation::{Flush, Mapping, PagingError};
use crate::memory::paging::translation::{WRITTEN, enforceable, from_hardware, to_hardware};
use crate::memory::physical::frames;
use crate::memory::trace;
use core::fmt;
use mm::event::Payload;
use mm::frame::AllocateError;
use mm::paging::{Access, PageSize};
use mm::tag::Tag;
use tables::{KERNEL_HALF, TableFrames, Tables, table_at, table_flags};
use x86_64::structures::paging::mapper::{
    FlagUpdateError, MapToError, MappedFrame, TranslateResult, UnmapError,
};
use x86_64::structures::paging::page::PageSize as HardwareSize;
use x86_64::structures::paging::{
    Mapper, OffsetPageTable, Page, PageTableFlags, PhysFrame, Size1GiB, Size2MiB, Size4KiB,
    Translate,
};
use x86_64::{PhysAddr, VirtAddr};

/// The page tables of the kernel, or of one process.
pub struct Space {
    mapper: OffsetPageTable<'static>,
    tables: Tables,
    huge_pages: bool,
}

impl Space {
    /// Creates empty tables for the kernel, not active yet.
    ///
    /// # Errors
    /// When there is no frame for the root.
    pub fn new(huge_pages: bool) -> Result<Space, AllocateError> {
        Space::with_number(0, huge_pages)
    }

    /// Creates tables for the process with this number: the kernel's half is shared, the rest is
    /// empty.
    ///
    /// # Errors
    /// When there is no frame for the root.
    pub fn for_process(number: u32, kernel: &Space) -> Result<Space, AllocateError> {
        let mut space = Space::with_number(number, false)?;
        let root = space.mapper.level_4_table_mut();
        for entry in KERNEL_HALF..512 {
            root[entry] = kernel.mapper.level_4_table()[entry].clone();
        }
        Ok(space)
    }

    fn with_number(number: u32, huge_pages: bool) -> Result<Space, AllocateError> {
        let root = frames::allocate(Tag::PAGE_TABLE)?;
        // SAFETY: the frame is new and zeroed, which is an empty table; the direct map maps every
        // frame that a table can be in.
        let mapper = unsafe { OffsetPageTable::new(&mut *table_at(root), frames::direct_map()) };
        let space = Space {
            mapper,
            tables: Tables { root, number },
            huge_pages,
        };
        space
            .tables
            .record_root(|table, base, level, access| Payload::TableLink {
                table,
                base,
                level,
                access,
            });
        Ok(space)
    }

    /// Returns the frame that CR3 holds when these tables are active.
    pub fn root(&self) -> PhysFrame {
        self.tables.root
    }

    /// Ensures that the root has a table for this address of the kernel's half, so that every space
    /// shares later mappings there.
    ///
    /// # Errors
    /// When there is no frame for it.
    pub fn share(&mut self, address: VirtAddr) -> Result<(), AllocateError> {
        let entry = &mut self.mapper.level_4_table_mut()[address.p4_index()];
        if entry.is_unused() {
            let table = frames::allocate(Tag::PAGE_TABLE)?;
            entry.set_frame(table, table_flags(address));
            self.tables.record_new(address, 1);
        }
        Ok(())
    }

    /// Maps a range with the largest pages that fit.
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

    /// Returns the largest page that both addresses are aligned to and that fits into `left` bytes.
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
    /// When the page is already mapped, or no frame is left for a table.
    pub fn map(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        size: PageSize,
        access: Access,
    ) -> Result<Flush, PagingError> {
        self.map_marked(page, frame, size, access, PageTableFlags::empty())
    }

    /// As [`Space::map`], for a 4 KiB page that counts as written: no slot of swap has its content.
    ///
    /// # Errors
    /// As [`Space::map`].
    pub fn map_written(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        access: Access,
    ) -> Result<Flush, PagingError> {
        self.map_marked(page, frame, PageSize::Size4KiB, access, WRITTEN)
    }

    fn map_marked(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        size: PageSize,
        access: Access,
        marks: PageTableFlags,
    ) -> Result<Flush, PagingError> {
        let access = enforceable(access);
        let flags = to_hardware(access) | marks;
        let flush = match size {
            PageSize::Size4KiB => self.map_sized::<Size4KiB>(page, frame, flags)?,
            PageSize::Size2MiB => self.map_sized::<Size2MiB>(page, frame, flags)?,
            PageSize::Size1GiB => self.map_sized::<Size1GiB>(page, frame, flags)?,
        };
        self.tables.announce(page);
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
        flags: PageTableFlags,
    ) -> Result<Flush, PagingError>
    where
        S: HardwareSize + fmt::Debug,
        OffsetPageTable<'static>: Mapper<S>,
    {
        let target = PhysFrame::containing_address(frame);
        let mut new_tables = TableFrames { taken: 0 };
        // SAFETY: nothing was mapped there, so no reference can change its meaning; whether
        // the new mapping aliases another one is up to the caller of `map`.
        let mapped = unsafe {
            self.mapper.map_to_with_table_flags(
                Page::<S>::containing_address(page),
                target,
                flags,
                table_flags(page),
                &mut new_tables,
            )
        };
        self.tables.record_new(page, new_tables.taken);
        mapped.map(Flush::from).map_err(|error| match error {
            MapToError::FrameAllocationFailed => {
                // Frees the new tables above the missing one.
                self.tables.free_empty(page);
                PagingError::OutOfFrames(page)
            }
            MapToError::ParentEntryHugePage => PagingError::LargerPage(page),
            MapToError::PageAlreadyMapped(_) => PagingError::AlreadyMapped(page),
        })
    }

    /// Unmaps a 4 KiB page, frees empty tables, and returns the frame.
    ///
    /// # Errors
    /// When no page of that size is mapped there.
    pub fn unmap(&mut self, page: VirtAddr) -> Result<(PhysFrame, Flush), PagingError> {
        let unmapped = self.take(page)?;
        self.tables.free_empty(page);
        Ok(unmapped)
    }

    /// Maps another frame at a 4 KiB page, which counts as written, and returns the old one. The
    /// tables exist, so memory cannot run out.
    ///
    /// # Errors
    /// When no page of that size is mapped there.
    pub fn replace(
        &mut self,
        page: VirtAddr,
        frame: PhysAddr,
        access: Access,
    ) -> Result<(PhysFrame, Flush), PagingError> {
        let (old, flush) = self.take(page)?;
        self.map_written(page, frame, access)?.not_cached();
        Ok((old, flush))
    }

    /// Unmaps a 4 KiB page; its tables stay, even if they are empty now.
    fn take(&mut self, page: VirtAddr) -> Result<(PhysFrame, Flush), PagingError> {
        let access = self
            .lookup(page)
            .ok_or(PagingError::NotMapped(page))?
            .access;
        let target = Page::<Size4KiB>::containing_address(page);
        let (frame, flush) = self.mapper.unmap(target).map_err(|error| match error {
            UnmapError::ParentEntryHugePage => PagingError::LargerPage(page),
            UnmapError::PageNotMapped => PagingError::NotMapped(page),
            UnmapError::InvalidFrameAddress(_) => PagingError::BadEntry(page),
        })?;
        let size = PageSize::Size4KiB;
        self.tables.announce(page);
        trace::record(Payload::Unmap {
            page,
            frame: frame.start_address(),
            size,
            access,
        });
        Ok((frame, flush.into()))
    }

    /// Changes the access rights of a 4 KiB page. It stays accessed and dirty if it was.
    ///
    /// # Errors
    /// When no page of that size is mapped there.
    pub fn protect(&mut self, page: VirtAddr, to: Access) -> Result<Flush, PagingError> {
        let from = self
            .lookup(page)
            .ok_or(PagingError::NotMapped(page))?
            .access;
        let to = enforceable(to);
        let target = Page::<Size4KiB>::containing_address(page);
        let flags = to_hardware(to) | self.used_bits(page);
        // SAFETY: the caller is responsible for the content of the page; the token flushes the old
        // translation.
        let updated = unsafe { self.mapper.update_flags(target, flags) };
        let flush = updated.map_err(|error| match error {
            FlagUpdateError::PageNotMapped => PagingError::NotMapped(page),
            FlagUpdateError::ParentEntryHugePage => PagingError::LargerPage(page),
        })?;
        self.tables.announce(page);
        trace::record(Payload::Protect {
            page,
            size: PageSize::Size4KiB,
            from,
            to,
        });
        Ok(flush.into())
    }

    /// Frees the root. All pages of the lower half must be unmapped, and the CPU must use
    /// other tables.
    ///
    /// # Panics
    /// If pages are left.
    pub fn release(self) {
        let root = self.mapper.level_4_table();
        let empty = root.iter().take(KERNEL_HALF).all(|entry| entry.is_unused());
        assert!(
            empty,
            "space {} is released with pages in it",
            self.tables.number
        );
        self.tables
            .record_root(|table, base, level, access| Payload::TableUnlink {
                table,
                base,
                level,
                access,
            });
        frames::free(self.tables.root).expect("a root has a frame of its own");
    }

    /// Looks up an address.
    pub fn lookup(&self, address: VirtAddr) -> Option<Mapping> {
        let TranslateResult::Mapped {
            frame,
            offset,
            flags,
        } = self.mapper.translate(address)
        else {
            return None;
        };
        // The crate treats every entry that is not zero as a page, but an entry that names a swap
        // slot is not present.
        if !flags.contains(PageTableFlags::PRESENT) {
            return None;
        }
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
}
