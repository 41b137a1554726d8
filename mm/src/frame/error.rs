//! The reason why an operation on frames failed. Each error names the first frame that prevents it.

use crate::vocabulary::run::Run;
use core::fmt;
use x86_64::structures::paging::PhysFrame;

/// The storage is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageError {
    /// Required words of bits.
    pub words: usize,
    /// Required records.
    pub records: usize,
}

/// The reason why [`FrameAllocator::reserve`](super::FrameAllocator::reserve) failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReserveError {
    /// This frame is already in use.
    InUse(PhysFrame),
    /// The tag names no owner.
    NoOwner,
}

/// The reason why frames could not be allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocateError {
    /// No free frame, or no free run with this length, alignment and ceiling.
    Exhausted {
        /// Contiguous frames requested.
        frames: u64,
        /// Free frames in all of memory.
        free: u64,
    },
    /// A run of 0 frames, or an alignment that is not a power of two.
    InvalidRequest(Run),
    /// The tag names no owner.
    NoOwner,
}

/// The reason why frames could not be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeError {
    /// Beyond the highest usable frame.
    OutOfRange(PhysFrame),
    /// Never allocated: a hole or a device.
    NotUsable(PhysFrame),
    /// A double free.
    AlreadyFree(PhysFrame),
    /// Reserved at boot and never freed.
    Pinned(PhysFrame),
}

/// The reason why a frame could not be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareError {
    /// Beyond the highest usable frame.
    OutOfRange(PhysFrame),
    /// Never allocated: a hole or a device.
    NotUsable(PhysFrame),
    /// The frame is free.
    Free(PhysFrame),
    /// The reference count is at its maximum, or no room is left for another large one.
    TooMany(PhysFrame),
}

/// The reason why the tag of frames could not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetagError {
    /// The range ends beyond the highest usable frame.
    OutOfRange(PhysFrame),
    /// Never allocated: a hole or a device.
    NotUsable(PhysFrame),
    /// The frame is free.
    Free(PhysFrame),
    /// The tag names no owner.
    NoOwner,
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StorageError { words, records } = self;
        write!(
            f,
            "frame storage is too small: {words} words and {records} records are needed"
        )
    }
}

impl fmt::Display for ReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReserveError::InUse(frame) => write!(f, "{} is in use", At(frame)),
            ReserveError::NoOwner => f.write_str(NO_OWNER),
        }
    }
}

impl fmt::Display for AllocateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllocateError::Exhausted { free: 0, .. } => {
                f.write_str("out of memory: no frame is free")
            }
            AllocateError::Exhausted { frames: 1, free } => write!(
                f,
                "out of memory: no suitable frame, though {free} frames are free"
            ),
            AllocateError::Exhausted { frames, free } => write!(
                f,
                "out of memory: no such run of {frames} frames, though {free} frames are free"
            ),
            AllocateError::InvalidRequest(run) => write!(
                f,
                "invalid request: a run of {} frames aligned to {} frames",
                run.frames, run.align_frames
            ),
            AllocateError::NoOwner => f.write_str(NO_OWNER),
        }
    }
}

impl fmt::Display for FreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FreeError::OutOfRange(frame) => {
                write!(f, "{} is beyond the highest usable frame", At(frame))
            }
            FreeError::NotUsable(frame) => write!(f, "{} is not usable memory", At(frame)),
            FreeError::AlreadyFree(frame) => write!(f, "double free: {} is free", At(frame)),
            FreeError::Pinned(frame) => write!(f, "{} is pinned", At(frame)),
        }
    }
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShareError::OutOfRange(frame) => {
                write!(f, "{} is beyond the highest usable frame", At(frame))
            }
            ShareError::NotUsable(frame) => write!(f, "{} is not usable memory", At(frame)),
            ShareError::Free(frame) => write!(f, "{} is free", At(frame)),
            ShareError::TooMany(frame) => write!(f, "{} has too many references", At(frame)),
        }
    }
}

impl fmt::Display for RetagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RetagError::OutOfRange(frame) => write!(
                f,
                "{} is in a range that ends beyond the highest usable frame",
                At(frame)
            ),
            RetagError::NotUsable(frame) => write!(f, "{} is not usable memory", At(frame)),
            RetagError::Free(frame) => write!(f, "{} is free", At(frame)),
            RetagError::NoOwner => f.write_str(NO_OWNER),
        }
    }
}

impl core::error::Error for StorageError {}
impl core::error::Error for ReserveError {}
impl core::error::Error for AllocateError {}
impl core::error::Error for FreeError {}
impl core::error::Error for ShareError {}
impl core::error::Error for RetagError {}

const NO_OWNER: &str = "the tag names no owner";

/// "frame 0x5000" in a message.
struct At<'a>(&'a PhysFrame);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {:#x}", self.0.start_address())
    }
}
