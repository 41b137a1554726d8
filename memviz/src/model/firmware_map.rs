//! The firmware's memory map: the kind of each range of physical memory.
//!
//! Invariant: the table is sorted by start. It is bounded; the model counts a region that does not
//! fit as a contradiction.

use super::direction::Direction;
use super::observer::Observer;
use mm::memory_map::MemoryKind;
pub use mm::memory_map::{FRAME_BYTES, FirmwareRegion};

/// The capacity of the table, which is that of the kernel's own map.
pub const MAX_FIRMWARE_REGIONS: usize = 2048;

/// Returns the numbers of the frames of a region.
pub fn frames_of(region: &FirmwareRegion) -> core::ops::Range<u64> {
    let first = region.start.as_u64() / FRAME_BYTES;
    first..first + region.frames()
}

/// The table, and its bytes by kind.
#[derive(Debug)]
pub struct FirmwareMap<'m> {
    table: &'m mut [FirmwareRegion],
    len: usize,
    /// The number of regions that differed from the machine in the last comparison.
    pub differing: u64,
    bytes: [u64; MemoryKind::ALL.len()],
}

impl<'m> FirmwareMap<'m> {
    pub(super) fn new(table: &'m mut [FirmwareRegion]) -> Self {
        FirmwareMap {
            table,
            len: 0,
            differing: 0,
            bytes: [0; MemoryKind::ALL.len()],
        }
    }

    /// Returns all regions, by address.
    pub fn all(&self) -> &[FirmwareRegion] {
        &self.table[..self.len]
    }

    /// Returns the number of bytes of a kind.
    pub fn bytes(&self, kind: MemoryKind) -> u64 {
        self.bytes[kind as usize]
    }

    /// Returns the number of frames that the frame allocator manages.
    pub fn usable_frames(&self) -> u64 {
        self.bytes(MemoryKind::Usable) / FRAME_BYTES
    }

    /// Returns the kind of the frame with this number, if a region contains it.
    pub fn kind_of(&self, frame: u64) -> Option<MemoryKind> {
        let after = self
            .all()
            .partition_point(|region| frames_of(region).start <= frame);
        let region = self.all()[..after].last()?;
        frames_of(region).contains(&frame).then_some(region.kind)
    }

    /// Returns the frames around this one that are in the same region, or in none, and their kind.
    pub fn around(&self, frame: u64) -> (core::ops::Range<u64>, Option<MemoryKind>) {
        let after = self
            .all()
            .partition_point(|region| frames_of(region).start <= frame);
        let next = self
            .all()
            .get(after)
            .map_or(u64::MAX, |region| frames_of(region).start);
        match self.all()[..after].last() {
            Some(region) if frames_of(region).contains(&frame) => {
                (frames_of(region), Some(region.kind))
            }
            Some(region) => (frames_of(region).end..next, None),
            None => (0..next, None),
        }
    }

    /// Removes all regions.
    pub(crate) fn clear(&mut self, observer: &mut impl Observer) {
        while let Some(&region) = self.all().last() {
            self.step(region, Direction::Back, observer);
        }
    }

    /// Adds a region. Returns false if there is no room.
    pub(crate) fn add(&mut self, region: FirmwareRegion, observer: &mut impl Observer) -> bool {
        self.step(region, Direction::Forward, observer)
    }

    pub(super) fn step(
        &mut self,
        region: FirmwareRegion,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> bool {
        let at = self
            .all()
            .partition_point(|other| other.start < region.start);
        match direction {
            Direction::Forward => {
                if self.len == self.table.len() {
                    return false;
                }
                self.table.copy_within(at..self.len, at + 1);
                self.table[at] = region;
                self.len += 1;
            }
            Direction::Back => {
                if self.all().get(at) != Some(&region) {
                    return false;
                }
                self.table.copy_within(at + 1..self.len, at);
                self.len -= 1;
            }
        }
        direction.count(&mut self.bytes[region.kind as usize], region.bytes);
        observer.firmware_region(&region, direction);
        true
    }
}
