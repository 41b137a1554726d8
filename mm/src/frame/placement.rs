//! The placement policy, and the frames that are kept for devices.

use crate::vocabulary::frames::FRAME_BYTES;

/// The choice of free frames for a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Segregated fit: the frame that was freed last, else a frame of the word of 64 frames whose
    /// longest free run is the shortest. So single frames fill words that are partly used, and
    /// whole words stay whole. A run gets the shortest free run that suffices in the same way.
    #[default]
    SegregatedFit,
    /// The lowest free frame, and the lowest aligned run.
    FirstFit,
    /// The first free frame after the one allocated last, which spreads allocations over memory.
    /// Runs are placed as by first fit.
    NextFit,
}

/// The limit of old devices: 24 address bits.
const LOW_BYTES: u64 = 16 << 20;
/// At most one part in this many of memory is kept for them.
const LOW_SHARE: usize = 16;

/// Returns how many of the lowest frames are kept for devices, of this many frames in all.
pub const fn low_frames(frames: usize) -> usize {
    let (share, limit) = (frames / LOW_SHARE, (LOW_BYTES / FRAME_BYTES) as usize);
    match share < limit {
        true => share,
        false => limit,
    }
}
