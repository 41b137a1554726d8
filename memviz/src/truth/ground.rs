//! The interface through which the comparison reads the machine.

use crate::model::heap::{BlockState, GRANULE_BYTES, owner_number};
use crate::model::swap::StoredPage;
use crate::model::{Block, Entry, EntryPosition, Frame, Mappings, Process, WatchedWord};
use mm::memory_map::FirmwareRegion;
use mm::paging::Region;
use x86_64::VirtAddr;

/// The state of the machine, read from its own data structures.
pub trait GroundTruth {
    /// Returns the region of the memory map with this index, or `None` after the last one.
    fn firmware_region(&self, number: usize) -> Option<FirmwareRegion>;
    /// Returns the frame with this number: tag, reference count and heat. Tag and count are 0 for a
    /// frame that is free or not usable.
    fn frame(&self, number: usize) -> Frame;
    /// Returns the first address of the heap, and the number of its bytes that are backed by
    /// frames.
    fn heap(&self) -> (VirtAddr, u64);
    /// Returns the heap block that contains the byte at this offset.
    fn heap_block(&self, offset: u64) -> Option<TrueBlock>;
    /// Returns the counts of pages by size and access, and of regions by policy.
    fn mappings(&self) -> Mappings;
    /// Reads at most `most` page-table entries from a position on, ascending, and calls `visit`
    /// with each entry in use. Returns the next position, if there are more.
    fn entries(
        &self,
        from: EntryPosition,
        most: usize,
        visit: &mut dyn FnMut(EntryPosition, Entry),
    ) -> Option<EntryPosition>;
    /// Returns the page-table entry at a position, if it is in use.
    fn entry(&self, position: EntryPosition) -> Option<Entry>;
    /// Calls `visit` with the owner of each open region, and the region.
    fn regions(&self, visit: &mut dyn FnMut(u32, &Region));
    /// Calls `visit` with each live process, with the fields that events report: see
    /// [`Process::as_reported`](crate::model::Process::as_reported).
    fn processes(&self, visit: &mut dyn FnMut(&Process));
    /// Calls `visit` with each word of four bytes that the machine watches, as it is in memory now.
    fn watched_bytes(&self, visit: &mut dyn FnMut(WatchedWord));
    /// Calls `visit` with the process, the page and the slot of each page-table entry that names a
    /// swap slot.
    fn swapped_pages(&self, visit: &mut dyn FnMut(u32, VirtAddr, u32));
    /// Calls `visit` with each swap slot in use, ascending.
    fn swap_slots(&self, visit: &mut dyn FnMut(u32, StoredPage));
    /// Returns the process whose address space the last events were about: see
    /// [`Model::space`](crate::model::Model::space).
    fn space(&self) -> u32;
}

/// A block of the heap, from the metadata of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueBlock {
    /// The offset from the start of the heap.
    pub offset: u64,
    /// The order; order 0 is 64 B.
    pub order: u8,
    /// Its state.
    pub state: BlockState,
}

impl TrueBlock {
    /// Returns the block as the model stores it.
    pub(crate) fn drawn(self) -> Block {
        let (owner, requested) = match self.state {
            BlockState::Live(owner, requested) => (Some(owner_number(owner)), requested),
            BlockState::Cached | BlockState::Free => (None, 0),
        };
        Block {
            granule: self.offset as usize / GRANULE_BYTES,
            order: self.order,
            owner,
            requested,
            is_cached: self.state == BlockState::Cached,
        }
    }
}
