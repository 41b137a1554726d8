//! The search for the next frame or run to allocate.
//!
//! ```text
//! segregated fit   recent ──► index above the low zone ──► lowest run above it ──► low zone
//! first, next fit                                          lowest run above it ──► low zone
//! ```

use super::allocator::FrameAllocator;
use super::free::Listing;
use super::placement::Placement;
use crate::tracer::Tracer;
use crate::vocabulary::frames::FRAME_BYTES;
use crate::vocabulary::run::Run;
use x86_64::PhysAddr;

/// Frames in 2 MiB, what one huge page maps: longer runs are not aligned any further.
const HUGE_FRAMES: u64 = 512;

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Sets the placement policy.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
        self.free.set_listing(match placement {
            Placement::SegregatedFit => Listing::RecentFrom(self.low),
            Placement::FirstFit | Placement::NextFit => Listing::AtOnce,
        });
    }

    /// Returns the placement policy.
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// Keeps frames below this address for requests with a ceiling. Other requests get them only
    /// when no other frame is free: memory that a device can reach is kept for devices.
    pub fn keep_low(&mut self, end: PhysAddr) {
        self.low = (end.as_u64() / FRAME_BYTES).next_multiple_of(64) as usize;
        self.set_placement(self.placement);
    }

    /// Finds a frame where none was freed recently, and removes it from the free ones.
    #[cold]
    #[inline(never)]
    pub(super) fn find_one(&mut self) -> Option<usize> {
        if self.placement == Placement::SegregatedFit {
            if self.free.refill(self.low) {
                return self.free.take_recent();
            }
            self.free.settle();
            if self.free.refill(self.low) {
                return self.free.take_recent();
            }
        }
        let from = match self.placement {
            Placement::NextFit => self.next,
            _ => self.low,
        };
        let found = self.free.first_from(from);
        let at = found.or_else(|| self.free.first_from(0))?;
        self.free.remove(at, 1);
        Some(at)
    }

    /// Takes a run that was freed recently. Only runs of a power of two are remembered.
    #[inline(always)]
    pub(super) fn find_recent_run(&mut self, run: Run) -> Option<usize> {
        let is_block = run.frames.is_power_of_two()
            && run.align_frames.is_power_of_two()
            && run.align_frames <= run.frames;
        if !is_block || run.ceiling.is_some() {
            return None;
        }
        self.free
            .take_recent_run(run.frames.trailing_zeros() as usize)
    }

    /// Finds a run and removes it from the free frames.
    pub(super) fn search_run(&mut self, run: Run) -> Option<usize> {
        if run.frames > self.counts.free {
            return None;
        }
        let frames = run.frames as usize;
        if self.placement == Placement::SegregatedFit && run.ceiling.is_none() {
            let size = run.frames.next_power_of_two().max(run.align_frames);
            let order = size.trailing_zeros() as usize;
            let found = self.free.take_run(order, frames, self.low);
            if found.is_some() {
                return found;
            }
            self.free.settle();
            let found = self.free.take_run(order, frames, self.low);
            if found.is_some() {
                return found;
            }
        }
        self.free.settle();
        let align = run.frames.next_power_of_two().min(HUGE_FRAMES);
        let above = match run.ceiling {
            None if self.low > 0 => self
                .lowest_run(run, align, self.low)
                .or_else(|| self.lowest_run(run, 1, self.low)),
            _ => None,
        };
        let at = above
            .or_else(|| self.lowest_run(run, align, 0))
            .or_else(|| self.lowest_run(run, 1, 0))?;
        self.free.remove(at, frames);
        Some(at)
    }

    fn lowest_run(&self, run: Run, align_frames: u64, from: usize) -> Option<usize> {
        let ceiling = run.ceiling.map_or(u64::MAX, PhysAddr::as_u64) / FRAME_BYTES;
        let end = ceiling.min(self.free.len() as u64) as usize;
        let align = usize::try_from(align_frames.max(run.align_frames)).ok()?;
        self.free.lowest_run(run.frames as usize, align, from, end)
    }
}
