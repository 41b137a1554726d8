//! What one request did.

use crate::vocabulary::request::RequestKind;

/// A block in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its number in the workload.
    pub block: usize,
    /// Its offset in the arena.
    pub offset: u64,
    /// Its bytes.
    pub bytes: u64,
}

/// The change by a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The request, and its result.
    pub kind: RequestKind,
    /// The requested bytes: of a free, those of its block.
    pub requested: u64,
    /// Of a free, the requests since the block was allocated.
    pub age: u64,
    /// The block that was freed or moved, at its old offset.
    pub left: Option<Placed>,
    /// The block that was allocated or resized, at its offset from now on.
    pub placed: Option<Placed>,
}

impl Step {
    pub(super) fn new(kind: RequestKind, requested: u64) -> Step {
        Step {
            kind,
            requested,
            age: 0,
            left: None,
            placed: None,
        }
    }
}
