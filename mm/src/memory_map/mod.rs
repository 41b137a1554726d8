//! The firmware's memory map, sorted and without overlaps.
//!
//! ```text
//! entries of the firmware             usable  [---------------------------)
//! (any order, overlapping,            reserved        (---)
//!  unaligned, wrapping)               ACPI                        (-)
//!
//! table: sorted, disjoint, whole      |usable |reserved|  usable  |ACPI|
//! pages, equal neighbours merged      0x0000  0x3000   0x5000     0x9000
//! ```
//! Invariants of the table: every start and length is a multiple of 4 KiB, and no length is 0.
//! Regions ascend and do not overlap. Neighbours that touch differ in kind. A page is usable only
//! if a usable region covers it whole and nothing else touches it: usable regions shrink to whole
//! pages, all others grow to whole pages, and the most restrictive kind wins.
//!
//! # Example
//!
//! ```
//! use mm::memory_map::{FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
//! use x86_64::PhysAddr;
//!
//! let entry = |start, bytes, kind| FirmwareEntry { start, bytes, kind };
//! let entries = [
//!     entry(0x0, 0x5000, MemoryKind::Usable),
//!     entry(0x2800, 0x100, MemoryKind::Reserved), // part of a page: all of it is reserved
//! ];
//! let mut regions = [FirmwareRegion::EMPTY; 4];
//! let map = MemoryMap::build(&entries, &mut regions)?;
//!
//! assert_eq!(map.regions().len(), 3);
//! assert_eq!(map.usable_bytes(), 4 * 4096);
//! let region = map.region_at(PhysAddr::new(0x2000)).expect("a region");
//! assert_eq!((region.kind, region.frames()), (MemoryKind::Reserved, 1));
//! # Ok::<(), mm::memory_map::MemoryMapError>(())
//! ```

pub use crate::vocabulary::frames::FRAME_BYTES;
pub use crate::vocabulary::memory_kind::MemoryKind;

mod entries;
mod entry;
mod overlay;
pub mod text;

pub use entries::FirmwareEntries;
pub use entry::{FirmwareEntry, PHYSICAL_LIMIT};
pub use overlay::overlay;

use core::fmt;
use x86_64::PhysAddr;

/// A region of the sorted table: whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareRegion {
    /// The first byte, a multiple of 4096.
    pub start: PhysAddr,
    /// The size in bytes, a multiple of 4096.
    pub bytes: u64,
    /// The kind that the firmware reports.
    pub kind: MemoryKind,
}

impl FirmwareRegion {
    /// A placeholder for buffers. It is all zeros, so that a static one takes no room in an image.
    pub const EMPTY: FirmwareRegion = FirmwareRegion {
        start: PhysAddr::zero(),
        bytes: 0,
        kind: MemoryKind::Usable,
    };

    /// Returns the first byte after the region: 2^52 at most, which is not a `PhysAddr`.
    pub const fn end(&self) -> u64 {
        self.start.as_u64() + self.bytes
    }

    /// Returns the size in frames.
    pub const fn frames(&self) -> u64 {
        self.bytes / FRAME_BYTES
    }

    /// True if the region contains this byte.
    pub const fn contains(&self, address: PhysAddr) -> bool {
        self.start.as_u64() <= address.as_u64() && address.as_u64() < self.end()
    }
}

/// The reason why the firmware's map cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryMapError {
    /// The firmware gave no entries.
    Empty,
    /// No whole page is usable.
    NothingUsable,
    /// The buffer has room for `capacity` regions and `needed` are needed.
    TooManyRegions {
        /// The regions of the table.
        needed: usize,
        /// The regions that fit into the buffer.
        capacity: usize,
    },
}

impl fmt::Display for MemoryMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MemoryMapError::Empty => f.write_str("the firmware's memory map is empty"),
            MemoryMapError::NothingUsable => {
                f.write_str("the firmware's memory map has no usable page that nothing else claims")
            }
            MemoryMapError::TooManyRegions { needed, capacity } => write!(
                f,
                "the memory map needs {needed} regions and there is room for {capacity}"
            ),
        }
    }
}

impl core::error::Error for MemoryMapError {}

/// The finished table.
#[derive(Clone, Copy, Debug)]
pub struct MemoryMap<'b> {
    regions: &'b [FirmwareRegion],
    ignored: usize,
}

impl<'b> MemoryMap<'b> {
    /// Writes the sorted regions of `raw` to `out`. Twice the number of raw regions suffices.
    ///
    /// Takes time in proportion to the square of the number of regions, and no memory.
    ///
    /// # Errors
    /// See [`MemoryMapError`].
    pub fn build(
        raw: &[FirmwareEntry],
        out: &'b mut [FirmwareRegion],
    ) -> Result<MemoryMap<'b>, MemoryMapError> {
        if raw.is_empty() {
            return Err(MemoryMapError::Empty);
        }
        let mut needed = 0;
        let mut usable = false;
        for region in (Stretches { raw, position: 0 }) {
            usable |= region.kind == MemoryKind::Usable;
            if let Some(slot) = out.get_mut(needed) {
                *slot = region;
            }
            needed += 1;
        }
        let capacity = out.len();
        if !usable {
            return Err(MemoryMapError::NothingUsable);
        }
        if needed > capacity {
            return Err(MemoryMapError::TooManyRegions { needed, capacity });
        }
        Ok(MemoryMap {
            regions: &out[..needed],
            ignored: raw.iter().filter(|raw| whole_pages(raw).is_none()).count(),
        })
    }

    /// Returns the regions, ascending.
    pub fn regions(&self) -> &'b [FirmwareRegion] {
        self.regions
    }

    /// Returns the regions that the frame allocator may use, ascending.
    pub fn usable(&self) -> impl Iterator<Item = &'b FirmwareRegion> + use<'b> {
        self.regions
            .iter()
            .filter(|region| region.kind == MemoryKind::Usable)
    }

    /// Returns how many raw regions have no whole page in the address space and left no trace:
    /// empty ones, ones beyond 2^52, usable ones that reach beyond it, wrap or hold no whole page.
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// Returns how many bytes are of this kind.
    pub fn bytes(&self, kind: MemoryKind) -> u64 {
        let of_kind = self.regions.iter().filter(|region| region.kind == kind);
        of_kind.map(|region| region.bytes).sum()
    }

    /// Returns how many bytes the frame allocator may use.
    pub fn usable_bytes(&self) -> u64 {
        self.bytes(MemoryKind::Usable)
    }

    /// Returns how many frames there are from address 0 to the end of the highest usable region:
    /// the length of tables indexed by frame number.
    pub fn frames(&self) -> usize {
        let end = self.usable().last().map_or(0, FirmwareRegion::end);
        (end / FRAME_BYTES) as usize
    }

    /// Returns the region that has this byte, or `None` in a hole.
    pub fn region_at(&self, address: PhysAddr) -> Option<&'b FirmwareRegion> {
        let after = self
            .regions
            .partition_point(|region| region.start <= address);
        let region = self.regions[..after].last()?;
        region.contains(address).then_some(region)
    }
}

/// Walks the edges of all raw regions upwards and yields the finished ones.
struct Stretches<'r> {
    raw: &'r [FirmwareEntry],
    position: u64,
}

impl Iterator for Stretches<'_> {
    type Item = FirmwareRegion;

    fn next(&mut self) -> Option<FirmwareRegion> {
        let mut kind = self.kind_at(self.position);
        if kind.is_none() {
            self.position = self.next_edge()?;
            kind = self.kind_at(self.position);
        }
        let (start, kind) = (self.position, kind?);
        while self.kind_at(self.position) == Some(kind) {
            self.position = self.next_edge()?;
        }
        Some(FirmwareRegion {
            start: PhysAddr::new(start),
            bytes: self.position - start,
            kind,
        })
    }
}

impl Stretches<'_> {
    /// Returns the most restrictive kind there, `None` in a hole.
    fn kind_at(&self, address: u64) -> Option<MemoryKind> {
        let pages = self.raw.iter().filter_map(whole_pages);
        pages
            .filter(|&(start, end, _)| start <= address && address < end)
            .map(|(.., kind)| kind)
            .max()
    }

    /// Returns the first start or end above the position.
    fn next_edge(&self) -> Option<u64> {
        let pages = self.raw.iter().filter_map(whole_pages);
        pages
            .flat_map(|(start, end, _)| [start, end])
            .filter(|&edge| edge > self.position)
            .min()
    }
}

/// Returns start, end and kind of the pages that a raw region stands for, if any.
///
/// A usable region that leaves the address space is ignored; any other region is cut at its end.
fn whole_pages(raw: &FirmwareEntry) -> Option<(u64, u64, MemoryKind)> {
    let end = raw.start.saturating_add(raw.bytes);
    let (start, end) = if raw.kind == MemoryKind::Usable {
        if end > PHYSICAL_LIMIT {
            return None;
        }
        (
            raw.start.next_multiple_of(FRAME_BYTES),
            end - end % FRAME_BYTES,
        )
    } else {
        let end = end.min(PHYSICAL_LIMIT).next_multiple_of(FRAME_BYTES);
        (raw.start - raw.start % FRAME_BYTES, end)
    };
    (raw.bytes > 0 && start < end).then_some((start, end, raw.kind))
}

#[cfg(test)]
mod tests;
