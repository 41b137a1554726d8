//! The reason why a run of frames cannot be allocated though frames are free, and the frames
//! that block it.
//!
//! ```text
//! frames      ░ ▓ ░ ░ ▓ ░ ░ ░ ▓ ░ ▒ ▒   ░ free   ▓ in use, movable   ▒ in use, unmovable
//! positions   └─ 2 ──┘└─ 1 ──┘└─ × ──┘   of 4 frames, aligned: the second has the fewest in use
//! ```
//! Free memory is counted in blocks as a buddy system would keep it: powers of two, aligned to
//! their size, up to 2^10 frames. The two indices are those of Linux: `fragmentation_index`
//! (`extfrag_index` in debugfs) and `unusable_free_index` (`unusable_index`), in thousandths.

use super::allocator::FrameAllocator;
use super::storage::FrameState;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{FRAME_BYTES, frame};
use crate::vocabulary::run::Run;
use x86_64::PhysAddr;

/// Number of orders in which free memory is counted: 1 frame to 1,024.
pub const ORDERS: usize = 11;

/// The use of a frame, as far as a run is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUse {
    /// The frame is free.
    Free,
    /// Its content could move to another frame: see
    /// [`Tag::is_movable`](crate::tag::Tag::is_movable).
    Movable,
    /// Its content cannot move, or the frame is not usable.
    Unmovable,
}

/// The range for a run with the fewest frames in use; the lowest of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestRange {
    /// Number of the first frame.
    pub first: usize,
    /// Number of frames: the length of the run.
    pub frames: usize,
    /// Frames in it that would have to move: 0 if the run is available.
    pub used: u64,
}

/// A run, and the memory below its ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// The request.
    pub run: Run,
    /// Free frames below the ceiling.
    pub free: u64,
    /// Number of stretches of free frames.
    pub stretches: u64,
    /// Frames of the longest stretch.
    pub longest: u64,
    /// Free blocks of each order.
    pub blocks: [u64; ORDERS],
    /// The range with the fewest used frames, or `None` if each range has an unmovable frame.
    pub best_range: Option<BestRange>,
}

impl WhyNot {
    /// Examines this many frames from number 0 on, in one pass.
    pub fn examine(run: Run, frames: usize, mut use_of: impl FnMut(usize) -> FrameUse) -> WhyNot {
        let ceiling = run.ceiling.map_or(u64::MAX, PhysAddr::as_u64) / FRAME_BYTES;
        let end = frames.min(usize::try_from(ceiling).unwrap_or(usize::MAX));
        let length = usize::try_from(run.frames).unwrap_or(usize::MAX).max(1);
        let align = usize::try_from(run.align_frames).unwrap_or(usize::MAX);
        let mut why = WhyNot {
            run,
            free: 0,
            stretches: 0,
            longest: 0,
            blocks: [0; ORDERS],
            best_range: None,
        };
        // The position under examination ends after frame `at`.
        let (mut used, mut after_unmovable, mut free_from) = (0, 0, 0);
        for at in 0..end {
            match use_of(at) {
                FrameUse::Free => {}
                other => {
                    why.count(free_from, at);
                    free_from = at + 1;
                    match other {
                        FrameUse::Unmovable => after_unmovable = at + 1,
                        _ => used += 1,
                    }
                }
            }
            let Some(first) = (at + 1).checked_sub(length) else {
                continue;
            };
            if first > 0 && use_of(first - 1) == FrameUse::Movable {
                used -= 1;
            }
            let is_position = first >= after_unmovable && first.is_multiple_of(align);
            if is_position && why.best_range.is_none_or(|best| used < best.used) {
                let frames = length;
                why.best_range = Some(BestRange {
                    first,
                    frames,
                    used,
                });
            }
        }
        why.count(free_from, end);
        why
    }

    /// Counts a stretch of free frames, and the blocks that it consists of.
    fn count(&mut self, mut from: usize, end: usize) {
        if from >= end {
            return;
        }
        let frames = (end - from) as u64;
        self.free += frames;
        self.stretches += 1;
        self.longest = self.longest.max(frames);
        while from < end {
            let fits = (end - from).ilog2().min(ORDERS as u32 - 1);
            let order = from.trailing_zeros().min(fits);
            self.blocks[order as usize] += 1;
            from += 1 << order;
        }
    }

    /// True if the run is available.
    pub fn is_possible(&self) -> bool {
        self.best_range.is_some_and(|position| position.used == 0)
    }

    /// Returns the order of the smallest power of two that holds the run, 0 to 64.
    fn order(&self) -> u32 {
        u64::BITS - self.run.frames.saturating_sub(1).leading_zeros()
    }

    /// Returns Linux's fragmentation index, in thousandths: -1000 if the run is available.
    /// Otherwise from 0, too few frames are free, to 1000, the free frames are too fragmented.
    pub fn fragmentation_index(&self) -> i32 {
        if self.is_possible() {
            return -1000;
        }
        let blocks: u64 = self.blocks.iter().sum();
        if blocks == 0 {
            return 0;
        }
        let wanted = 1000 + ((u128::from(self.free) * 1000) >> self.order());
        1000 - (wanted / u128::from(blocks)).min(1000) as i32
    }

    /// Returns Linux's unusable free index, in thousandths: the share of the free frames that lies
    /// in blocks too small for the run.
    pub fn unusable_index(&self) -> u32 {
        let large = self.blocks.iter().enumerate().skip(self.order() as usize);
        let usable: u64 = large.map(|(order, count)| count << order).sum();
        let unusable = (self.free - usable) * 1000;
        unusable.checked_div(self.free).unwrap_or(1000) as u32
    }
}

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Explains why this run is not available now. Examines every frame below its ceiling.
    pub fn why_not(&self, run: Run) -> WhyNot {
        WhyNot::examine(run, self.frames(), |number| {
            match self.state(frame(number)) {
                FrameState::Free => FrameUse::Free,
                FrameState::InUse(info) if info.tag.is_movable() => FrameUse::Movable,
                _ => FrameUse::Unmovable,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn uses() -> impl Strategy<Value = Vec<FrameUse>> {
        let use_of = prop_oneof![
            6 => Just(FrameUse::Free),
            3 => Just(FrameUse::Movable),
            1 => Just(FrameUse::Unmovable),
        ];
        vec(use_of, 0..crate::testing::steps(120))
    }

    fn examine(uses: &[FrameUse], frames: u64, align: u32, ceiling: Option<u64>) -> WhyNot {
        let run = Run {
            frames,
            align_frames: 1 << align,
            ceiling: ceiling.map(|frames| PhysAddr::new(frames * FRAME_BYTES)),
        };
        WhyNot::examine(run, uses.len(), |number| uses[number])
    }

    /// Returns the free blocks of each order, the largest taken out first.
    fn blocks(uses: &[FrameUse]) -> [u64; ORDERS] {
        let mut free: Vec<bool> = uses
            .iter()
            .map(|&use_of| use_of == FrameUse::Free)
            .collect();
        let mut blocks = [0; ORDERS];
        for order in (0..ORDERS).rev() {
            for block in free
                .chunks_exact_mut(1 << order)
                .filter(|block| !block.contains(&false))
            {
                block.fill(false);
                blocks[order] += 1;
            }
        }
        blocks
    }

    proptest! {
        #[test]
        fn no_range_has_fewer_used_frames(uses in uses(), frames in 1u64..20, align in 0u32..5, ceiling in proptest::option::of(0u64..150)) {
            let why = examine(&uses, frames, align, ceiling);
            let end = ceiling.map_or(uses.len(), |end| uses.len().min(end as usize));
            let reach = &uses[..end];
            let ranges = (0..end).step_by(1 << align).filter_map(|first| {
                let range = reach.get(first..first + frames as usize)?;
                let has_unmovable = range.contains(&FrameUse::Unmovable);
                let used = range.iter().filter(|&&use_of| use_of == FrameUse::Movable).count() as u64;
                (!has_unmovable).then_some((used, first))
            });
            let best = why.best_range.map(|range| (range.used, range.first));
            prop_assert_eq!(best, ranges.min());
            let free = reach.split(|&use_of| use_of != FrameUse::Free).map(|stretch| stretch.len() as u64);
            prop_assert_eq!(why.free, free.clone().sum::<u64>());
            prop_assert_eq!(why.longest, free.clone().max().unwrap_or(0));
            prop_assert_eq!(why.stretches, free.filter(|&frames| frames > 0).count() as u64);
            prop_assert_eq!(why.blocks, blocks(reach));
            let requested = frames.next_power_of_two();
            let sized = why.blocks.iter().zip(0..).map(|(count, order)| (count << order, 1 << order));
            let small: u64 = sized.filter(|&(_, size)| size < requested).map(|(frames, _)| frames).sum();
            prop_assert_eq!(u64::from(why.unusable_index()), (small * 1000).checked_div(why.free).unwrap_or(1000));
            let (blocks, free) = (why.blocks.iter().sum::<u64>() as i64, why.free as i64);
            let index = match (best, blocks) {
                (Some((0, _)), _) => -1000,
                (_, 0) => 0,
                _ => (1000 - (1000 + free * 1000 / requested as i64) / blocks).max(0),
            };
            prop_assert_eq!(i64::from(why.fragmentation_index()), index);
        }
    }

    /// 8 single free frames between used frames, and a request for 4.
    #[test]
    fn the_indices_are_those_of_linux() {
        let uses = [FrameUse::Free, FrameUse::Movable].repeat(8);
        let why = examine(&uses, 4, 2, None);
        // 1000 - (1000 + 8 * 1000 / 4) / 8
        assert_eq!(why.fragmentation_index(), 625);
        assert_eq!(why.unusable_index(), 1000);
        let (first, frames, used) = (0, 4, 2);
        let range = BestRange {
            first,
            frames,
            used,
        };
        assert_eq!(why.best_range, Some(range));
        let full = examine(&[FrameUse::Movable; 16], 4, 2, None);
        assert_eq!(
            (full.fragmentation_index(), full.unusable_index()),
            (0, 1000)
        );
        let empty = examine(&[FrameUse::Free; 16], 4, 2, None);
        assert_eq!(
            (empty.fragmentation_index(), empty.unusable_index()),
            (-1000, 0)
        );
    }

    /// A run that is longer than any power of two of 64 bits is explained like any other.
    #[test]
    fn the_longest_runs_are_explained() {
        let uses = [FrameUse::Free, FrameUse::Movable].repeat(8);
        for frames in [1 << 62, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, u64::MAX] {
            let why = examine(&uses, frames, 0, None);
            assert_eq!((why.free, why.best_range), (8, None));
            assert_eq!(
                (why.fragmentation_index(), why.unusable_index()),
                (875, 1000)
            );
        }
    }
}
