//! How much each frame is used of late: aging, as pagers do it.
//!
//! ```text
//! bit       7       6 … 0
//!        +------+-----------------+
//!        | used | used one period |    register of a frame: at the end of a period it shifts right
//!        | now  | ago, two, …     |
//!        +------+-----------------+
//!                 └ level, 0 … 127: the mean of all periods, each weighing half of the next
//! ```
//! A frame is used in a period when it is handed out, gets a page at a fault, or is found with the
//! accessed bit set in a page table. One use alone gives level 64, which halves each period until
//! the frame is cold again; a frame that is used all the time has 127.
//!
//! Invariants: a frame is in the set of warm frames if and only if its register is not 0; the last
//! level that an event told of a frame is the low seven bits of its register. A period costs what
//! is warm, and not what exists. Free frames cool down like any other.

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

/// What is counted of one frame: 6 bytes, all zero at first. How often it was handed out, the frame
/// allocator counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct FrameUses {
    /// How often an accessed bit was found set; stays at 65,535.
    pub accesses: u16,
    /// How often a dirty bit was found set; stays at 65,535.
    pub writes: u16,
    /// Faults that put it under a page; stays at 255.
    pub faults: u8,
    register: u8,
}

impl FrameUses {
    /// As the last event told it.
    pub const fn level(&self) -> Level {
        Level::new_truncate(self.register)
    }
}

/// The caller's buffers, all zero at first. [`HeatStorage::sizes`] says how long they must be.
#[derive(Debug)]
pub struct HeatStorage<'m> {
    /// The set of warm frames.
    pub bits: &'m mut [u64],
    /// One entry a frame.
    pub uses: &'m mut [FrameUses],
}

impl HeatStorage<'_> {
    /// How many words and how many entries this number of frames takes: 0.15 % of the memory that
    /// they describe.
    pub const fn sizes(frames: usize) -> (usize, usize) {
        (Bitmap::words(frames), frames)
    }
}

/// How much of a period's end is done in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Warm frames that are looked at.
    pub frames: usize,
    /// Events that are recorded.
    pub events: usize,
}

/// The registers of all frames. `T` takes the events.
#[derive(Debug)]
pub struct Heat<'m, T> {
    warm: Bitmap<'m>,
    uses: &'m mut [FrameUses],
    tracer: T,
}

impl<'m, T: Tracer> Heat<'m, T> {
    /// All of `frames` frames are cold.
    ///
    /// # Panics
    /// When the storage is smaller than [`HeatStorage::sizes`].
    pub fn new(frames: usize, storage: HeatStorage<'m>, tracer: T) -> Self {
        Heat {
            warm: Bitmap::new(storage.bits, frames),
            uses: &mut storage.uses[..frames],
            tracer,
        }
    }

    /// Frames were handed out. Those beyond memory are passed over, here and below.
    pub fn allocated(&mut self, first: PhysFrame, frames: u64) {
        let first = number(first);
        let end = first.saturating_add(frames as usize).min(self.uses.len());
        for at in first..end {
            self.touch(at);
        }
    }

    /// A fault put a frame under a page.
    pub fn faulted(&mut self, frame: PhysFrame) {
        if let Some(uses) = self.touch(number(frame)) {
            uses.faults = uses.faults.saturating_add(1);
        }
    }

    /// The accessed bit of a page was found set since the last time, and perhaps the dirty bit.
    pub fn accessed(&mut self, frame: PhysFrame, dirty: bool) {
        if let Some(uses) = self.touch(number(frame)) {
            uses.accesses = uses.accesses.saturating_add(1);
            uses.writes = uses.writes.saturating_add(dirty.into());
        }
    }

    /// What is counted of a frame; nothing beyond memory.
    pub fn uses(&self, frame: PhysFrame) -> Option<&FrameUses> {
        self.uses.get(number(frame))
    }

    /// Ends the period for the next warm frames from number `from` on, and tells their levels, one
    /// event for each run of frames that change alike. Gives the number to go on with, none
    /// after the last.
    pub fn age(&mut self, from: usize, slice: Slice) -> Option<usize> {
        let mut run: Option<Run> = None;
        let (mut at, mut events) = (from, 0);
        for _ in 0..slice.frames {
            let Some(warm) = self.warm.first_from(at) else {
                self.tell(run);
                return None;
            };
            let register = self.uses[warm].register;
            let (old, new) = (
                Level::new_truncate(register),
                Level::new_truncate(register >> 1),
            );
            match &mut run {
                Some(run) if run.goes_on(warm, old, new) => run.frames += 1,
                _ if old == new => {}
                _ if events == slice.events => {
                    at = warm;
                    break;
                }
                _ => {
                    events += 1;
                    self.tell(run.replace(Run {
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
        self.tell(run);
        Some(at)
    }

    /// Bytes of the registers, the counters and the set.
    pub fn metadata_bytes(&self) -> u64 {
        let words = Bitmap::words(self.warm.len());
        (words * size_of::<u64>() + size_of_val(self.uses)) as u64
    }

    /// How many frames are warm. Looks at all bits.
    pub fn warm_frames(&self) -> usize {
        self.warm.count()
    }

    /// Recounts the set of warm frames.
    ///
    /// # Errors
    /// The first frame that is in it and cold, or the other way round.
    pub fn validate(&self) -> Result<(), PhysFrame> {
        let words = self.warm.members();
        // Most frames are cold: 64 of them at a glance.
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

    fn tell(&self, run: Option<Run>) {
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

/// Neighbours that change alike.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    frames: u32,
    from: Level,
    to: Level,
}

impl Run {
    fn goes_on(&self, at: usize, from: Level, to: Level) -> bool {
        self.first + self.frames as usize == at
            && (self.from, self.to) == (from, to)
            && self.frames < u32::MAX
    }
}

#[cfg(test)]
mod tests;
