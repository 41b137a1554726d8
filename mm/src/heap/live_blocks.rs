//! The live blocks of an arena whose blocks are whole units of 16 B.
//!
//! Invariant: the size of a block follows from its requested bytes, so a table of requested bytes
//! by the first unit describes all live blocks.

use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// Sizes are multiples of this many bytes.
pub(super) const UNIT: u64 = 16;

/// The live blocks. The tracer `T` records the events.
#[derive(Debug)]
pub(super) struct LiveBlocks<'m, T> {
    pub(super) tracer: T,
    /// The first address of the arena, for the events.
    start: VirtAddr,
    /// Requested bytes of the live block that begins at each unit, or 0.
    requested: &'m mut [u32],
    /// The units of a block for a request of this many units.
    block_units: fn(u32) -> u32,
    allocated: u64,
}

impl<'m, T: Tracer> LiveBlocks<'m, T> {
    /// Creates an arena without live blocks. `requested` has an element for each unit.
    pub(super) fn new(
        tracer: T,
        start: VirtAddr,
        requested: &'m mut [u32],
        block_units: fn(u32) -> u32,
    ) -> Self {
        LiveBlocks {
            tracer,
            start,
            requested,
            block_units,
            allocated: 0,
        }
    }

    /// Returns the units of the arena.
    pub(super) fn units(&self) -> u32 {
        self.requested.len() as u32
    }

    /// Returns the units of a block for this many bytes, or `None` if the arena is smaller.
    pub(super) fn units_for(&self, bytes: u64) -> Option<u32> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        let fits = units > 0 && units <= self.units();
        let block = fits.then(|| (self.block_units)(units))?;
        (block <= self.units()).then_some(block)
    }

    /// Returns the units of the live block that begins at this unit, or 0.
    pub(super) fn at(&self, first: u32) -> u32 {
        match self.requested[first as usize].div_ceil(UNIT as u32) {
            0 => 0,
            units => (self.block_units)(units),
        }
    }

    /// Returns the bytes of the live block that begins at this offset, or 0.
    pub(super) fn bytes_at(&self, offset: u64) -> u64 {
        let first = u32::try_from(offset / UNIT).ok();
        let first = first.filter(|&first| first < self.units() && offset.is_multiple_of(UNIT));
        first.map_or(0, |first| u64::from(self.at(first)) * UNIT)
    }

    /// For a resize of the block at this offset to this many bytes: its first unit, its units, and
    /// those that it will have. `None` if there is no such block, or the arena is smaller.
    pub(super) fn resized(&self, offset: u64, bytes: u64) -> Option<(u32, u32, u32)> {
        let before = self.bytes_at(offset);
        let after = self.units_for(bytes)?;
        (before > 0).then_some(((offset / UNIT) as u32, (before / UNIT) as u32, after))
    }

    /// Sets the requested bytes of the live block that begins at this unit.
    pub(super) fn replace(&mut self, first: u32, bytes: u64) {
        self.remove(u64::from(first) * UNIT);
        self.add(first, bytes);
    }

    /// Returns the bytes of live blocks.
    pub(super) const fn allocated(&self) -> u64 {
        self.allocated
    }

    /// Records a refused request.
    pub(super) fn refuse(&self, bytes: u64) {
        self.tracer.record(Payload::HeapRefuse {
            heap: self.start,
            requested: bytes,
            owner: Tag::HEAP,
        });
    }

    /// Adds a block for this many bytes and returns its offset.
    pub(super) fn add(&mut self, first: u32, bytes: u64) -> u64 {
        self.requested[first as usize] = bytes as u32;
        let size = u64::from(self.at(first)) * UNIT;
        self.allocated += size;
        let offset = u64::from(first) * UNIT;
        self.tracer.record(Payload::ArenaAllocate {
            block: self.start + offset,
            bytes: size as u32,
            requested: bytes as u32,
            owner: Tag::HEAP,
        });
        offset
    }

    /// Removes the block at this offset and returns its first unit and its units, or `None` if
    /// none begins there.
    pub(super) fn remove(&mut self, offset: u64) -> Option<(u32, u32)> {
        let first = u32::try_from(offset / UNIT).ok()?;
        let requested = *self.requested.get(first as usize)?;
        if requested == 0 || !offset.is_multiple_of(UNIT) {
            return None;
        }
        let units = self.at(first);
        let size = u64::from(units) * UNIT;
        self.requested[first as usize] = 0;
        self.allocated -= size;
        self.tracer.record(Payload::ArenaFree {
            block: self.start + offset,
            bytes: size as u32,
            requested,
            owner: Tag::HEAP,
        });
        Some((first, units))
    }

    /// Checks that live blocks and the free blocks that `free_at` names by their first unit (0 for
    /// none) fill the units up to `end`.
    ///
    /// # Errors
    /// The offset of the first unit that both or neither of them have.
    pub(super) fn tile(&self, end: u32, free_at: impl Fn(u32) -> u32) -> Result<(), u64> {
        let (mut at, mut allocated) = (0, 0);
        while at < end {
            let (live, free) = (self.at(at), free_at(at));
            if (live == 0) == (free == 0) {
                return Err(u64::from(at) * UNIT);
            }
            allocated += u64::from(live) * UNIT;
            at += live + free;
        }
        match at == end && allocated == self.allocated {
            true => Ok(()),
            false => Err(u64::from(end) * UNIT),
        }
    }
}
