//! A request of a workload.

/// A request. Blocks have numbers from 0, in the order of their allocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    /// Allocates a block.
    Allocate {
        /// Its number.
        block: usize,
        /// The requested bytes.
        bytes: u64,
    },
    /// Resizes a block.
    Resize {
        /// Its number.
        block: usize,
        /// The requested bytes.
        bytes: u64,
    },
    /// Frees a block.
    Free {
        /// Its number.
        block: usize,
    },
    /// Frees or resizes a block that was never allocated.
    FreeUnknown,
    /// Frees or resizes a block that was freed before.
    FreeAgain,
    /// Requests a size that no 64-bit number holds.
    SizeOverflow,
}

impl Request {
    /// Returns the block that it names, if any.
    pub const fn block(self) -> Option<usize> {
        match self {
            Request::Allocate { block, .. }
            | Request::Resize { block, .. }
            | Request::Free { block } => Some(block),
            Request::FreeUnknown | Request::FreeAgain | Request::SizeOverflow => None,
        }
    }
}
