//! Heat: how recently each frame was used, by aging as in page replacement.
//!
//! ```text
//! bit       7       6 … 0
//!        +------+-----------------+
//!        | used | used one period |    register of a frame: at the end of a period it shifts right
//!        | now  | ago, two, …     |
//!        +------+-----------------+
//!                 └ level, 0 … 127: the mean of all periods, each weighing half of the next
//! ```
//! An allocation of a frame uses it, as does a page fault that maps it, or an access, which sets
//! the accessed bit in a page table. A single use gives level 64, which halves each period until
//! the frame is cold. A frame that is used in every period has level 127.
//!
//! Invariants: a frame is in the set of warm frames if and only if its register is not 0. The
//! level in the last event of a frame is the low seven bits of its register. The end of a period
//! costs time in proportion to the warm frames, not to all frames. Free frames cool down like any
//! other.

pub use crate::vocabulary::level::Level;

use crate::bitmap::Bitmap;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{address, number};
use x86_64::structures::paging::PhysFrame;

/// The shortest period, in nanoseconds. With many warm frames a period may take longer.
pub const PERIOD_NANOSECONDS: u64 = 500_000_000;

/// Bit 7 of a register.
const NOW: u8 = 1 << 7;

/// The counters of one frame: 6 bytes, initially zero. The frame allocator counts allocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct FrameUses {
    /// How often the accessed bit was set; saturates at 65,535.
    pub accesses: u16,
    /// How often the dirty bit was set; saturates at 65,535.
    pub writes: u16,
    /// Page faults that mapped the frame; saturates at 255.
    pub faults: u8,
    register: u8,
}

impl FrameUses {
    /// Returns the level in the last event.
    pub const fn level(&self) -> Level {
        Level::new_truncate(self.register)
    }
}

/// The caller's buffers, zeroed. [`HeatStorage::sizes`] returns the required lengths.
#[derive(Debug)]
pub struct HeatStorage<'m> {
    /// The set of warm frames.
    pub bits: &'m mut [u64],
    /// One entry a frame.
    pub uses: &'m mut [FrameUses],
}

impl HeatStorage<'_> {
    /// Returns the words and entries that this number of frames needs: 0.15 % of the memory that
    /// they describe.
    pub const fn sizes(frames: usize) -> (usize, usize) {
        (Bitmap::words(frames), frames)
    }
}

/// The limits of one slice of work at the end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Warm frames to examine.
    pub frames: usize,
    /// Events to record.
    pub events: usize,
}

/// The registers of all frames. The tracer `T` records the events.
#[derive(Debug)]
pub struct Heat<'m, T> {
    warm: Bitmap<'m>,
    uses: &'m mut [FrameUses],
    tracer: T,
}

impl<'m, T: Tracer> Heat<'m, T> {
    /// Creates the registers of this many frames, all cold.
    ///
    /// # Panics
    /// The storage is smaller than [`HeatStorage::sizes`].
    pub fn new(frames: usize, storage: HeatStorage<'m>, tracer: T) -> Self {
        Heat {
            warm: Bitmap::new(storage.bits, frames),
            uses: &mut storage.uses[..frames],
            tracer,
        }
    }

    /// Marks frames as used by an allocation. Frames out of range are ignored, here and below.
    pub fn allocated(&mut self, first: PhysFrame, frames: u64) {
        let first = number(first);
        let end = first.saturating_add(frames as usize).min(self.uses.len());
        for at in first..end {
            self.touch(at);
        }
    }

    /// Marks a frame as used by a page fault that mapped it.
    pub fn faulted(&mut self, frame: PhysFrame) {
        if let Some(uses) = self.touch(number(frame)) {
            uses.faults = uses.faults.saturating_add(1);
        }
    }

    /// Marks a frame as used by an access, and counts a write if the dirty bit was set.
    pub fn accessed(&mut self, frame: PhysFrame, dirty: bool) {
        if let Some(uses) = self.touch(number(frame)) {
            uses.accesses = uses.accesses.saturating_add(1);
            uses.writes = uses.writes.saturating_add(dirty.into());
        }
    }

    /// Returns the counters of a frame, or `None` out of range.
    pub fn uses(&self, frame: PhysFrame) -> Option<&FrameUses> {
        self.uses.get(number(frame))
    }

    /// Ends the period for the next warm frames, from number `from` on. Records one event for
    /// each run of frames with the same change. Returns the number to continue with, or
    /// `None` after the last.
    pub fn age(&mut self, from: usize, slice: Slice) -> Option<usize> {
        let mut run: Option<Run> = None;
        let (mut at, mut events) = (from, 0);
        for _ in 0..slice.frames {
            let Some(warm) = self.warm.first_from(at) else {
                self.record(run);
                return None;
            };
            let register = self.uses[warm].register;
            let (old, new) = (
                Level::new_truncate(register),
                Level::new_truncate(register >> 1),
            );
            match &mut run {
                Some(run) if run.continues(warm, old, new) => run.frames += 1,
                _ if old == new => {}
                _ if events == slice.events => {
                    at = warm;
                    break;
                }
                _ => {
                    events += 1;
                    self.record(run.replace(Run {
                        first: warm,
                        frames: 1,
                        from: old,
                        to: new,
                    }));
                }
            }
            self.uses[warm].register = new.number();
            if !new.is_warm() {
                self.warm.remove(warm);
            }
            at = warm + 1;
        }
        self.record(run);
        Some(at)
    }

    /// Returns the bytes of the registers, the counters and the set.
    pub fn metadata_bytes(&self) -> u64 {
        let words = Bitmap::words(self.warm.len());
        (words * size_of::<u64>() + size_of_val(self.uses)) as u64
    }

    /// Counts the warm frames, bit by bit.
    pub fn warm_frames(&self) -> usize {
        self.warm.count()
    }

    /// Recounts the set of warm frames.
    ///
    /// # Errors
    /// The first frame that is cold and in the set, or warm and not in it.
    pub fn validate(&self) -> Result<(), PhysFrame> {
        let words = self.warm.members();
        // Most frames are cold: 64 of them are checked at once.
        let is_cold = |(at, uses): &(usize, &[FrameUses])| {
            words[*at] == 0 && uses.iter().fold(0, |used, uses| used | uses.register) == 0
        };
        let rest = self
            .uses
            .chunks(64)
            .enumerate()
            .filter(|some| !is_cold(some));
        let wrong = rest
            .flat_map(|(at, uses)| (64 * at..).zip(uses))
            .find(|&(at, uses)| self.warm.contains(at) != (uses.register != 0))
            .map(|(at, _)| at)
            .or_else(|| self.warm.validate().err().map(|(_, word)| word * 64));
        match wrong {
            None => Ok(()),
            Some(at) => Err(PhysFrame::containing_address(address(at))),
        }
    }

    #[inline]
    fn touch(&mut self, at: usize) -> Option<&mut FrameUses> {
        let uses = self.uses.get_mut(at)?;
        if uses.register == 0 {
            self.warm.insert(at);
        }
        uses.register |= NOW;
        Some(uses)
    }

    fn record(&self, run: Option<Run>) {
        if let Some(run) = run {
            self.tracer.record(Payload::FrameHeat {
                first: address(run.first),
                frames: run.frames,
                from: run.from,
                to: run.to,
            });
        }
    }
}

/// Adjacent frames with the same change.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    frames: u32,
    from: Level,
    to: Level,
}

impl Run {
    fn continues(&self, at: usize, from: Level, to: Level) -> bool {
        self.first + self.frames as usize == at
            && (self.from, self.to) == (from, to)
            && self.frames < u32::MAX
    }
}

#[cfg(test)]
mod tests;
