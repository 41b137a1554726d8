//! Where the next frame, or the next run, comes from.

use super::FrameAllocator;
use crate::memory_map::FRAME_BYTES;
use crate::tracer::Tracer;
use x86_64::PhysAddr;

/// Which free frame a request for a single frame gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// The lowest one. Keeps high memory in one piece.
    #[default]
    FirstFit,
    /// The first one behind the frame allocated last. Spreads wear, and pieces, over all memory.
    NextFit,
}

/// A request for contiguous frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many, at least 1.
    pub frames: u64,
    /// The first frame's number is a multiple of this power of two.
    pub align_frames: u64,
    /// The run ends at this address or below: what a device can reach.
    pub ceiling: Option<PhysAddr>,
}

impl Run {
    /// That many frames, anywhere.
    pub const fn of(frames: u64) -> Run {
        Run {
            frames,
            align_frames: 1,
            ceiling: None,
        }
    }
}

/// Runs are aligned like buddies up to this size, 2 MiB: what one huge page maps.
const NATURAL_FRAMES: u64 = 512;

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Chooses the placement of single frames from now on.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// The placement of single frames.
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    #[inline]
    pub(super) fn find_one(&self) -> Option<usize> {
        match self.placement {
            Placement::FirstFit => self.free.first_from(0),
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
        let natural = run.frames.next_power_of_two().min(NATURAL_FRAMES);
        let like_a_buddy = (natural > run.align_frames)
            .then(|| self.lowest_run(run, natural))
            .flatten();
        like_a_buddy.or_else(|| self.lowest_run(run, run.align_frames))
    }

    /// Slides a window of the run's length upwards. Looks for what is in its way from its *end*, so
    /// that a frame in use is skipped together with all that lies before it in the window.
    fn lowest_run(&self, run: Run, align_frames: u64) -> Option<usize> {
        let frames = usize::try_from(run.frames).ok()?;
        let align = usize::try_from(align_frames).ok()?;
        let ceiling = run.ceiling.map_or(u64::MAX, PhysAddr::as_u64) / FRAME_BYTES;
        let end = self.free.len().min(ceiling as usize);
        let mut from = 0;
        loop {
            let start = self
                .free
                .first_from(from)?
                .checked_next_multiple_of(align)?;
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
