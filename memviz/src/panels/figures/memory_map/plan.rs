//! Which parts of the address space have a bar of their own, and where the regions are in a bar.
//!
//! ```text
//! frames 0 ───────────────────────────────────────────────► 2^40
//! │first│          memory, to scale          │last│   // beyond // beyond
//! ```
//! The bar of memory ends with the last usable region and what touches it. Regions past that lie
//! far away: each has the same width, behind a break. The regions before the first large one, and
//! those after the last large one, are too small to see: each group has a bar of its own.

use crate::model::FirmwareRegion;
use crate::model::firmware_map::frames_of;
use crate::widgets::shapes::rectangle;
use core::ops::Range;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;

/// A region is large if it has this share of the bar of memory.
const LARGE: u64 = 8;

/// Ranges of frames, and the first region past the bar of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The frames of the bar of memory.
    pub memory: Range<u64>,
    /// The frames before the first large region, if regions lie there.
    pub first: Option<Range<u64>>,
    /// The frames after the last large region, if regions lie there.
    pub last: Option<Range<u64>>,
    /// The number of the first region beyond the bar.
    pub beyond: usize,
}

impl Plan {
    /// The plan for these regions.
    pub fn new(regions: &[FirmwareRegion]) -> Plan {
        let is_usable = |region: &FirmwareRegion| region.kind == MemoryKind::Usable;
        let Some(last_usable) = regions.iter().rposition(is_usable) else {
            return Plan::default();
        };
        let touches =
            |pair: &[FirmwareRegion]| frames_of(&pair[0]).end == frames_of(&pair[1]).start;
        let after = regions[last_usable..].windows(2);
        let beyond = last_usable + 1 + after.take_while(|pair| touches(pair)).count();
        let end = frames_of(&regions[beyond - 1]).end;
        let is_large = |region: &FirmwareRegion| region.frames() >= end / LARGE;
        let shown = &regions[..beyond];
        let first = shown.iter().position(is_large);
        let last = shown.iter().rposition(is_large);
        let (first, last) = (
            first
                .filter(|&at| at > 0)
                .map(|at| 0..frames_of(&shown[at]).start),
            last.filter(|&at| at + 1 < beyond)
                .map(|at| frames_of(&shown[at]).end..end),
        );
        // A magnified part is small. Otherwise the bar of memory shows it.
        let is_small = |part: &Range<u64>| part.end - part.start < end / LARGE;
        Plan {
            memory: 0..end,
            first: first.filter(is_small),
            last: last.filter(is_small),
            beyond,
        }
    }
}

/// The regions in a bar to scale, with their numbers. A region has at least one pixel, as long as
/// there are pixels.
pub fn parts(
    bar: Rectangle,
    frames: Range<u64>,
    regions: &[FirmwareRegion],
) -> impl Iterator<Item = (usize, Rectangle)> {
    let (width, height) = (u64::from(bar.size.width), bar.size.height);
    let length = (frames.end - frames.start).max(1);
    // At most 2^40 frames and 2^16 pixels.
    let at =
        move |frame: u64| (frame.clamp(frames.start, frames.end) - frames.start) * width / length;
    let end_of_bar = width;
    let mut before = 0;
    regions
        .iter()
        .enumerate()
        .filter_map(move |(number, region)| {
            let of_region = frames_of(region);
            let is_in = of_region.start < frames.end && of_region.end > frames.start;
            let left = at(of_region.start).max(before);
            let right = at(of_region.end).max(left + 1).min(end_of_bar);
            if !is_in || left >= right {
                return None;
            }
            before = right;
            let x = bar.top_left.x + left as i32;
            let area = rectangle(x, bar.top_left.y, (right - left) as u32, height);
            Some((number, area))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::memory_map::FRAME_BYTES;
    use proptest::prelude::*;
    use x86_64::PhysAddr;

    fn region(first: u64, frames: u64, kind: MemoryKind) -> FirmwareRegion {
        FirmwareRegion {
            start: PhysAddr::new(first * FRAME_BYTES),
            bytes: frames * FRAME_BYTES,
            kind,
        }
    }

    /// The map of a virtual machine with 256 MiB.
    fn machine() -> Vec<FirmwareRegion> {
        use MemoryKind::{Framebuffer, KernelAndModules as Kernel, Reserved, Usable};
        vec![
            region(0, 159, Usable),
            region(159, 1, Reserved),
            region(240, 16, Reserved),
            region(256, 1565, Kernel),
            region(1821, 63_638, Usable),
            region(65_459, 37, Kernel),
            region(65_496, 8, Usable),
            region(65_504, 32, Reserved),
            region(0xf8000, 1000, Framebuffer),
            region(0xfffc0, 64, Reserved),
        ]
    }

    #[test]
    fn a_virtual_machine_has_three_bars_and_two_regions_beyond() {
        let plan = Plan::new(&machine());
        assert_eq!(plan.memory, 0..65_536);
        assert_eq!(plan.first, Some(0..1821));
        assert_eq!(plan.last, Some(65_459..65_536));
        assert_eq!(plan.beyond, 8);
    }

    #[test]
    fn no_usable_region_has_no_bar() {
        assert_eq!(Plan::new(&[]), Plan::default());
        let reserved = [region(3, 4, MemoryKind::Reserved)];
        assert_eq!(Plan::new(&reserved), Plan::default());
    }

    #[test]
    fn a_bar_is_to_scale() {
        let bar = rectangle(100, 7, 1000, 20);
        let regions = [
            region(0, 500, MemoryKind::Usable),
            region(500, 1, MemoryKind::Reserved),
            region(750, 250, MemoryKind::Usable),
        ];
        let parts: Vec<_> = parts(bar, 0..1000, &regions).collect();
        let widths = [(0, 100, 500), (1, 600, 1), (2, 850, 250)];
        let expected = widths.map(|(number, x, width)| (number, rectangle(x, 7, width, 20)));
        assert_eq!(parts, expected);
    }

    proptest! {
        /// Parts keep their order, do not overlap, and stay in the bar.
        #[test]
        fn parts_stay_apart(sizes in prop::collection::vec((0u64..1 << 20, 1u64..1 << 20), 1..60), width in 20u32..2000) {
            let mut next = 0;
            let regions: Vec<_> = sizes.iter().map(|&(gap, frames)| {
                let region = region(next + gap, frames, MemoryKind::Usable);
                next += gap + frames;
                region
            }).collect();
            let bar = rectangle(5, 5, width, 10);
            let plan = Plan::new(&regions);
            for frames in [Some(plan.memory.clone()), plan.first.clone(), plan.last.clone()].into_iter().flatten() {
                let mut left = 5;
                for (number, area) in parts(bar, frames.clone(), &regions) {
                    prop_assert!(number < plan.beyond);
                    prop_assert!(area.top_left.x >= left && area.size.width > 0);
                    left = area.top_left.x + area.size.width as i32;
                }
                prop_assert!(left <= 5 + width as i32);
            }
        }
    }
}
