//! Where the next frame, or the next run, comes from.

use super::allocator::FrameAllocator;
use super::placement::Placement;
use crate::tracer::Tracer;
use crate::vocabulary::frames::FRAME_BYTES;
use crate::vocabulary::run::Run;
use x86_64::PhysAddr;

/// Frames in 2 MiB, what one huge page maps: longer runs are not aligned any further.
const HUGE_FRAMES: u64 = 512;

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Sets the placement policy of single frames.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// The placement policy of single frames.
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// Keeps frames below this address for requests with a ceiling. Other requests get them only
    /// when no other frame is free: memory that a device can reach is kept for devices.
    pub fn keep_low(&mut self, end: PhysAddr) {
        self.low = (end.as_u64() / FRAME_BYTES) as usize;
    }

    #[inline(always)]
    pub(super) fn find_one(&self) -> Option<usize> {
        match self.placement {
            Placement::FirstFit => self
                .free
                .first_from(self.low)
                .or_else(|| self.free.first_from(0)),
            Placement::NextFit => self
                .free
                .first_from(self.next)
                .or_else(|| self.free.first_from(0)),
        }
    }

    pub(super) fn find_run(&self, run: Run) -> Option<usize> {
        if run.frames > self.counts.free {
            return None;
        }
        let align = run.frames.next_power_of_two().min(HUGE_FRAMES);
        let above = (run.ceiling.is_none() && self.low > 0)
            .then(|| {
                self.lowest_run(run, align, self.low)
                    .or_else(|| self.lowest_run(run, 1, self.low))
            })
            .flatten();
        above
            .or_else(|| self.whole_block(run))
            .or_else(|| self.lowest_run(run, align, 0))
            .or_else(|| self.lowest_run(run, 1, 0))
    }

    /// The lowest free block that a buddy system would choose: a power of two, aligned to its size.
    /// A block of up to 64 frames lies in one word of the bitmap, so the search checks a word at a
    /// time.
    fn whole_block(&self, run: Run) -> Option<usize> {
        let size = run.frames.next_power_of_two().max(run.align_frames);
        let order = size.trailing_zeros() as usize;
        let start = (order <= 6)
            .then(|| self.free.first_block(order))
            .flatten()?;
        (start as u64 + run.frames <= self.end(run)).then_some(start)
    }

    /// The number of the frame at which the run must end at the latest.
    fn end(&self, run: Run) -> u64 {
        let ceiling = run.ceiling.map_or(u64::MAX, PhysAddr::as_u64) / FRAME_BYTES;
        ceiling.min(self.free.len() as u64)
    }

    /// Slides an interval of the run's length upwards, starting at frame `from`. It looks for a
    /// frame in use from the interval's *end*, so that the next interval starts after that frame.
    fn lowest_run(&self, run: Run, align_frames: u64, mut from: usize) -> Option<usize> {
        let frames = usize::try_from(run.frames).ok()?;
        let align = usize::try_from(align_frames.max(run.align_frames)).ok()?;
        let end = self.end(run) as usize;
        loop {
            let free = self.free.first_from(from)?;
            let start = free.checked_next_multiple_of(align)?;
            if frames > end.checked_sub(start)? {
                return None;
            }
            match self.free.last_missing_in(start, frames) {
                None => return Some(start),
                Some(in_use) => from = in_use + 1,
            }
        }
    }
}
