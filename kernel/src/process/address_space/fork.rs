//! `fork`: a second space with the same frames, copy-on-write.

use super::AddressSpace;
use super::pages::can_leave;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::watermarks;
use crate::process::error::SpaceError;
use mm::paging::Access;
use x86_64::VirtAddr;

impl AddressSpace {
    /// Creates a second space with the same regions and frames; writable pages become
    /// copy-on-write.
    ///
    /// # Errors
    /// When memory runs out; the child is freed, and this space is unchanged.
    pub fn fork(&mut self, number: u32) -> Result<AddressSpace, SpaceError> {
        if watermarks::is_low() {
            return Err(SpaceError::FewFrames(VirtAddr::zero()));
        }
        let mut child = AddressSpace::empty(number)?;
        match self.share_with(&mut child) {
            Ok(()) => Ok(child),
            Err(error) => {
                child.release();
                Err(error)
            }
        }
    }

    fn share_with(&mut self, child: &mut AddressSpace) -> Result<(), SpaceError> {
        for region in self.regions.regions() {
            child.open(region.start, region.bytes, region.policy, region.owner)?;
        }
        child.heap = self.heap;
        child.next_mapping = self.next_mapping;
        child.page_limit = self.page_limit;
        if let Some(limit) = &self.limit {
            child.set_limit(Some(limit.for_child()?))?;
        }
        // The steps that can fail come first; they change only the child.
        let mut from = VirtAddr::zero();
        while let Some(found) = self.first_page_from(from) {
            from = found.page + FRAME;
            let access = shared_access(found.access);
            let copied = access.contains(Access::COPY_ON_WRITE);
            frames::share(found.frame, copied).map_err(SpaceError::Share)?;
            child.map(found.page, found.frame, access, found.is_written)?;
            let region = self.regions.find(found.page);
            if let Some(limit) = &mut child.limit
                && region.is_some_and(|region| can_leave(region.policy))
            {
                limit.adopt(found.page);
            }
        }
        self.share_swapped(child)?;
        let mut from = VirtAddr::zero();
        while let Some(found) = self.first_page_from(from) {
            from = found.page + FRAME;
            let access = shared_access(found.access);
            if access != found.access {
                self.space
                    .protect(found.page, access)
                    .expect("the page was found mapped")
                    .flush();
            }
        }
        Ok(())
    }
}

/// Returns the access of a page that parent and child share: a writable page becomes copy-on-write.
fn shared_access(access: Access) -> Access {
    match access.contains(Access::WRITE) {
        true => (access - Access::WRITE) | Access::COPY_ON_WRITE,
        false => access,
    }
}
