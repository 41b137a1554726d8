//! The three bars of the memory map: which addresses each of them shows.
//!
//! ```text
//! first 7.1 MiB   |u|r|   kernel    |        the small regions before the first large one
//!                 |                /
//! all of memory   |k|       usable       |k| // |f|  // |r|     beyond memory: not to scale
//!                                       /   \
//! last 308 KiB               |k|u|  reserved  |    the small regions after the last large one
//! ```
//! Each bar is to scale in itself.

use crate::model::FirmwareRegion;
use core::ops::Range;
use mm::memory_map::MemoryKind;

/// A region with at least this share of memory is large.
const LARGE: u64 = 16;
/// The first and the last bar show at most this share of memory.
const SMALL: u64 = 4;

/// The addresses of the bars, and the regions beyond memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scales {
    /// From address 0 to the first large region.
    pub first: Option<Range<u64>>,
    /// All of memory.
    pub all: Range<u64>,
    /// From the last large region to the end of memory.
    pub last: Option<Range<u64>>,
    /// The numbers of the regions beyond memory.
    pub beyond: Range<usize>,
}

impl Scales {
    /// Returns the bars of these regions, which are sorted.
    pub fn of(regions: &[FirmwareRegion]) -> Scales {
        let memory = regions.iter().filter(|region| is_memory(region.kind));
        let mut end = memory.map(end_of).max().unwrap_or(0);
        // A region that touches memory belongs to the bar too.
        for region in regions {
            if region.start.as_u64() <= end {
                end = end.max(end_of(region));
            }
        }
        if end == 0 {
            end = regions.iter().map(end_of).max().unwrap_or(1);
        }
        let is_large = |region: &&FirmwareRegion| {
            region.kind == MemoryKind::Usable && region.bytes >= end / LARGE
        };
        let mut large = regions.iter().filter(is_large);
        let (first, last) = (large.clone().next(), large.next_back());
        let is_small =
            |range: &Range<u64>| !range.is_empty() && range.end - range.start <= end / SMALL;
        let first = first.map(|region| 0..region.start.as_u64());
        let last = last.map(|region| end_of(region)..end);
        let beyond = regions.partition_point(|region| region.start.as_u64() < end);
        Scales {
            first: first.filter(is_small),
            all: 0..end,
            last: last.filter(is_small),
            beyond: beyond..regions.len(),
        }
    }
}

/// Returns the address after a region.
pub fn end_of(region: &FirmwareRegion) -> u64 {
    region.start.as_u64().saturating_add(region.bytes)
}

/// Returns whether regions of this kind are RAM.
fn is_memory(kind: MemoryKind) -> bool {
    match kind {
        MemoryKind::Usable
        | MemoryKind::BootloaderReclaimable
        | MemoryKind::AcpiReclaimable
        | MemoryKind::KernelAndModules
        | MemoryKind::AcpiNvs => true,
        MemoryKind::Framebuffer | MemoryKind::Reserved | MemoryKind::Bad => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x86_64::PhysAddr;

    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;

    fn region(start: u64, bytes: u64, kind: MemoryKind) -> FirmwareRegion {
        let start = PhysAddr::new(start);
        FirmwareRegion { start, bytes, kind }
    }

    #[test]
    fn small_regions_at_both_ends_have_bars_of_their_own() {
        use MemoryKind::{Framebuffer, KernelAndModules, Reserved, Usable};
        let regions = [
            region(0, 636 * KIB, Usable),
            region(960 * KIB, 64 * KIB, Reserved),
            region(MIB, 6 * MIB, KernelAndModules),
            region(7 * MIB, 248 * MIB, Usable),
            region(255 * MIB, 512 * KIB, KernelAndModules),
            region(255 * MIB + 512 * KIB, 512 * KIB, Reserved),
            region(0xf800_0000, 4 * MIB, Framebuffer),
            region(0xfffc_0000, 256 * KIB, Reserved),
        ];
        let scales = Scales::of(&regions);
        let expected = Scales {
            first: Some(0..7 * MIB),
            all: 0..256 * MIB,
            last: Some(255 * MIB..256 * MIB),
            beyond: 6..8,
        };
        assert_eq!(scales, expected);
    }

    #[test]
    fn a_map_without_memory_has_one_bar() {
        let regions = [region(4096, 4096, MemoryKind::Reserved)];
        let scales = Scales::of(&regions);
        assert_eq!(
            (scales.all, scales.first, scales.last),
            (0..8192, None, None)
        );
        assert_eq!(Scales::of(&[]).all, 0..1);
    }
}
