//! A request for contiguous frames, and its form in an event.

use x86_64::PhysAddr;

/// A request for contiguous frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Number of frames, at least 1.
    pub frames: u64,
    /// The first frame's number is a multiple of this power of two.
    pub align_frames: u64,
    /// The run ends at or below this address: the highest that a device can reach.
    pub ceiling: Option<PhysAddr>,
}

impl Run {
    /// A run of this many frames, anywhere.
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
