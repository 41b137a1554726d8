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
    /// Returns a run of this many frames, anywhere.
    pub const fn of(frames: u64) -> Run {
        Run {
            frames,
            align_frames: 1,
            ceiling: None,
        }
    }
}

/// A request in two words, as an event carries it.
///
/// ```text
///  63       56 55                    0    63 62    52 51                 0
/// +-----------+-----------------------+  +--+--------+--------------------+
/// | alignment |   number of frames    |  |C |        |      ceiling       |    C: there is one
/// +-----------+-----------------------+  +--+--------+--------------------+
/// ```
/// The alignment is the exponent of a power of two. A number of frames that does not fit becomes
/// [`PackedRun::MOST_FRAMES`], which means "at least".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PackedRun {
    length: u64,
    ceiling: u64,
}

/// Bits of the number of frames.
const LENGTH_BITS: u32 = 56;
/// Set if the request has a ceiling.
const HAS_CEILING: u64 = 1 << 63;

impl PackedRun {
    /// The largest number of frames: this many, or more.
    pub const MOST_FRAMES: u64 = (1 << LENGTH_BITS) - 1;

    /// Returns the request, with [`PackedRun::MOST_FRAMES`] at most.
    pub fn run(self) -> Run {
        let ceiling = PhysAddr::new_truncate(self.ceiling);
        Run {
            frames: self.length & PackedRun::MOST_FRAMES,
            align_frames: 1 << (self.length >> LENGTH_BITS),
            ceiling: (self.ceiling & HAS_CEILING != 0).then_some(ceiling),
        }
    }

    /// Returns the two words of the picture.
    pub(crate) const fn words(self) -> (u64, u64) {
        (self.length, self.ceiling)
    }

    /// Returns the request in these words, or `None` if no request packs to them.
    pub(crate) fn from_words(length: u64, ceiling: u64) -> Option<PackedRun> {
        let has_ceiling = ceiling & HAS_CEILING != 0;
        let address = PhysAddr::try_new(ceiling & !HAS_CEILING).ok()?;
        let is_valid = length >> LENGTH_BITS < 64 && (has_ceiling || address.is_null());
        is_valid.then_some(PackedRun { length, ceiling })
    }
}

/// An alignment that is not a power of two counts as the largest power of two that divides it.
impl From<Run> for PackedRun {
    fn from(run: Run) -> PackedRun {
        let align = run.align_frames.trailing_zeros() % u64::BITS;
        let ceiling = run.ceiling.map(|end| end.as_u64() | HAS_CEILING);
        PackedRun {
            length: run.frames.min(PackedRun::MOST_FRAMES) | u64::from(align) << LENGTH_BITS,
            ceiling: ceiling.unwrap_or(0),
        }
    }
}
