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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// A request in two words, as an event carries it: events stay small. Fewer than 2^56 frames; a
/// ceiling of 0 reads as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PackedRun {
    /// The length, and above it the alignment as a power of two.
    length: u64,
    ceiling: PhysAddr,
}

/// Bits of the length in [`PackedRun`].
const LENGTH_BITS: u32 = 56;

impl PackedRun {
    /// The request.
    pub fn run(self) -> Run {
        Run {
            frames: self.length & ((1 << LENGTH_BITS) - 1),
            align_frames: 1 << (self.length >> LENGTH_BITS),
            ceiling: Some(self.ceiling).filter(|end| !end.is_null()),
        }
    }

    /// Length and alignment in one word; the ceiling.
    pub fn words(self) -> (u64, u64) {
        (self.length, self.ceiling.as_u64())
    }

    /// The reverse; none if the alignment is no number of frames.
    pub fn from_words(length: u64, ceiling: PhysAddr) -> Option<PackedRun> {
        (length >> LENGTH_BITS < 64).then_some(PackedRun { length, ceiling })
    }
}

impl From<Run> for PackedRun {
    fn from(run: Run) -> PackedRun {
        let align = u64::from(run.align_frames.trailing_zeros());
        PackedRun {
            length: run.frames | align << LENGTH_BITS,
            ceiling: run.ceiling.unwrap_or(PhysAddr::zero()),
        }
    }
}

/// Frames in 2 MiB, what one huge page maps: longer runs are not aligned any further.
const HUGE_FRAMES: u64 = 512;

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Chooses the placement of single frames from now on.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// The placement of single frames.
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// From now on frames below this address go to those who ask for a ceiling, and to others only
    /// when nothing else is left: what a device can reach is kept for devices.
    pub fn keep_low(&mut self, end: PhysAddr) {
        self.low = (end.as_u64() / FRAME_BYTES) as usize;
    }

    #[inline]
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

    /// The lowest free block that a buddy system would give: a power of two, aligned to itself. Up
    /// to 64 frames it lies in one word of the bitmap, and is found a word at a time.
    fn whole_block(&self, run: Run) -> Option<usize> {
        let size = run.frames.next_power_of_two().max(run.align_frames);
        let order = size.trailing_zeros() as usize;
        let start = (order <= 6)
            .then(|| self.free.first_block(order))
            .flatten()?;
        (start as u64 + run.frames <= self.end(run)).then_some(start)
    }

    /// The number of the frame that the run must end at.
    fn end(&self, run: Run) -> u64 {
        let ceiling = run.ceiling.map_or(u64::MAX, PhysAddr::as_u64) / FRAME_BYTES;
        ceiling.min(self.free.len() as u64)
    }

    /// Slides a window of the run's length upwards, beginning at frame `from`. Looks for what is in
    /// its way from its *end*, so that a frame in use is skipped together with all that lies
    /// before it in the window.
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
