//! The memory map: what each range of physical memory is.
//!
//! Invariant: sorted by start. The table is bounded; a region that does not fit is a contradiction,
//! which the model counts.

use super::direction::Direction;
use super::observer::Observer;
use mm::memory_map::MemoryKind;
pub use mm::memory_map::{FRAME_BYTES, FirmwareRegion};

/// The regions that the table has room for: as many as the kernel's own map.
pub const MAX_FIRMWARE_REGIONS: usize = 2048;

/// Numbers of the first frame of a region, and of the one behind the last.
pub fn frames_of(region: &FirmwareRegion) -> core::ops::Range<u64> {
    let first = region.start.as_u64() / FRAME_BYTES;
    first..first + region.frames()
}

/// The table, and its bytes by kind.
#[derive(Debug)]
pub struct FirmwareMap<'m> {
    table: &'m mut [FirmwareRegion],
    len: usize,
    /// Regions that differed from the machine's at the last comparison.
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

    /// All of them, by address.
    pub fn all(&self) -> &[FirmwareRegion] {
        &self.table[..self.len]
    }

    /// Bytes of this kind.
    pub fn bytes(&self, kind: MemoryKind) -> u64 {
        self.bytes[kind as usize]
    }

    /// Frames that the frame allocator may hand out.
    pub fn usable_frames(&self) -> u64 {
        self.bytes(MemoryKind::Usable) / FRAME_BYTES
    }

    /// What the frame with this number is, if the map says anything about it.
    pub fn kind_of(&self, frame: u64) -> Option<MemoryKind> {
        let after = self
            .all()
            .partition_point(|region| frames_of(region).start <= frame);
        let region = self.all()[..after].last()?;
        frames_of(region).contains(&frame).then_some(region.kind)
    }

    /// The frames about this one that are in one region, or in none, and what they are.
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

    /// Takes all regions away.
    pub(crate) fn clear(&mut self, observer: &mut impl Observer) {
        while let Some(&region) = self.all().last() {
            self.step(region, Direction::Back, observer);
        }
    }

    /// Puts a region in; false if there is no room.
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
