//! Page faults of a process: their cause, and how the space resolves them.

use super::AddressSpace;
use super::pages::drop_frame;
use crate::memory::paging::translation::PagingError;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::watermarks;
use crate::process::error::SpaceError;
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageState, classify};
use mm::tag::Tag;
use x86_64::VirtAddr;

impl AddressSpace {
    /// Returns why an access to this address faults.
    pub fn classify(&self, address: VirtAddr, code: ErrorCode) -> FaultCause {
        let page = match self.lookup(address) {
            Some(mapping) => PageState::Mapped(mapping.access),
            None if self.swapped(address.align_down(FRAME)).is_some() => PageState::Swapped,
            None => PageState::Absent,
        };
        classify(code, address, page, self.regions.find(address))
    }

    /// Makes an access possible that the kernel is about to do for the process.
    ///
    /// # Errors
    /// As [`AddressSpace::resolve`].
    pub fn resolve_access(
        &mut self,
        address: VirtAddr,
        code: ErrorCode,
    ) -> Result<FaultOutcome, SpaceError> {
        self.resolve(address, code, self.classify(address, code))
    }

    /// Makes an access possible that faults for this cause, if the process is entitled to it.
    ///
    /// # Errors
    /// When it is not, or a page must leave its frame before, or memory runs out. Nothing changes
    /// then.
    pub fn resolve(
        &mut self,
        address: VirtAddr,
        code: ErrorCode,
        cause: FaultCause,
    ) -> Result<FaultOutcome, SpaceError> {
        let page = address.align_down(FRAME);
        match cause {
            FaultCause::DemandZero | FaultCause::StackGrowth => {
                if self.pages + self.swapped >= self.page_limit {
                    return Err(SpaceError::Limit(page));
                }
                let owner = if cause == FaultCause::StackGrowth {
                    Tag::USER | Tag::STACK
                } else {
                    Tag::USER
                };
                self.check_room(page)?;
                let frame = frames::allocate_for_fault(owner)?;
                self.map(page, frame, Access::USER | Access::WRITE, false)?;
                self.count_loaded(page, code.contains(ErrorCode::WRITE));
                Ok(FaultOutcome::Mapped)
            }
            FaultCause::Swapped => self.page_in(page, code.contains(ErrorCode::WRITE)),
            FaultCause::CopyOnWrite => self.copy(page),
            cause => Err(SpaceError::Forbidden(address, cause)),
        }
    }

    /// Resolves the first write to a shared page: copies it, or makes it writable if this process
    /// is its only user.
    fn copy(&mut self, page: VirtAddr) -> Result<FaultOutcome, SpaceError> {
        let access = Access::USER | Access::WRITE;
        let shared = self
            .lookup(page)
            .ok_or(PagingError::NotMapped(page))?
            .physical;
        let old = frames::frame_at(shared);
        if frames::references(old) == 1 {
            self.space.protect(page, access)?.flush();
            return Ok(FaultOutcome::MadeWritable);
        }
        if watermarks::is_low() {
            return Err(SpaceError::FewFrames(page));
        }
        let new = frames::allocate_for_fault(Tag::USER)?;
        // SAFETY: both are whole frames; the new one is unshared, and all mappings of the old one
        // are read-only.
        unsafe {
            frames::pointer(new.start_address())
                .copy_from_nonoverlapping(frames::pointer(old.start_address()), FRAME as usize);
        }
        match self.space.replace(page, new.start_address(), access) {
            Ok((old, flush)) => {
                flush.flush();
                drop_frame(old);
                Ok(FaultOutcome::Copied)
            }
            Err(error) => {
                frames::free(new).expect("a frame allocated a moment ago can be freed");
                Err(error.into())
            }
        }
    }
}
