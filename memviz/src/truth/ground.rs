//! The machine itself, as the comparison asks it.

use crate::model::heap::{GRANULE_BYTES, owner_number};
use crate::model::{Block, Entry, EntryPosition, Frame, Mappings, Process};
use mm::memory_map::FirmwareRegion;
use mm::paging::Region;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// What the machine knows about itself.
pub trait GroundTruth {
    /// The region with this number in the memory map, none behind the last.
    fn firmware_region(&self, number: usize) -> Option<FirmwareRegion>;
    /// The frame with this number: tag, reference count (an empty tag and 0 for one that is free or
    /// not usable), and heat.
    fn frame(&self, number: usize) -> Frame;
    /// Where the heap begins, and how many bytes of it have frames.
    fn heap(&self) -> (VirtAddr, u64);
    /// The heap block that the byte at this offset belongs to.
    fn heap_block(&self, offset: u64) -> Option<TrueBlock>;
    /// Pages by size and access, regions by policy.
    fn mappings(&self) -> Mappings;
    /// Looks at so many entries of the page tables, from this place on in ascending order, and
    /// calls `visit` with each that is in use. Gives the place to go on with, if there is more.
    fn entries(
        &self,
        from: EntryPosition,
        most: usize,
        visit: &mut dyn FnMut(EntryPosition, Entry),
    ) -> Option<EntryPosition>;
    /// The entry at this place of the page tables, if it is in use.
    fn entry(&self, place: EntryPosition) -> Option<Entry>;
    /// Calls `visit` with every open region, and its owner: see
    fn regions(&self, visit: &mut dyn FnMut(u32, &Region));
    /// Calls `visit` with every process that lives, as far as events tell of it: see
    /// [`Process::as_reported`](crate::model::Process::as_reported).
    fn processes(&self, visit: &mut dyn FnMut(&Process));
    /// Whose space the last events were about: see [`Model::space`](crate::model::Model::space).
    fn space(&self) -> u32;
}

/// A block of the heap, as the heap knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueBlock {
    /// Bytes from the heap's start.
    pub offset: u64,
    /// 0 is 64 B.
    pub order: u8,
    /// Owner and requested bytes, if it is live.
    pub live: Option<(Tag, u32)>,
}

impl TrueBlock {
    /// As the model keeps it.
    pub(crate) fn drawn(self) -> Block {
        Block {
            granule: self.offset as usize / GRANULE_BYTES,
            order: self.order,
            owner: self.live.map(|(owner, _)| owner_number(owner)),
            requested: self.live.map_or(0, |(_, requested)| requested),
        }
    }
}
