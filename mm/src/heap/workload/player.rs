//! Plays requests to an arena, and counts the results.

use super::super::block_allocator::BlockAllocator;
use super::super::strategy::Arena;
use super::request::Request;
use crate::tracer::Tracer;

/// The first value of a checksum (FNV-1a).
const CHECKSUM: u64 = 0xcbf2_9ce4_8422_2325;
/// In a checksum: the offset of a request that was refused.
const REFUSED: u64 = u64::MAX;

/// The result of a strategy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Requests played.
    pub requests: u64,
    /// Allocations and resizes that the arena had no block for.
    pub failures: u64,
    /// The request, from 1, that failed first; 0 if none did.
    pub first_failure: u64,
    /// Refused requests that are corruption: wrong frees and wrong sizes.
    pub corruptions: u64,
    /// Resizes that moved their block.
    pub moves: u64,
    /// The maximum number of requested bytes at a time.
    pub peak_requested: u64,
    /// The request, from 1, that first reached this peak.
    pub peak: u64,
    /// The highest end of a block: the heap never shrinks, as the malloc lab counts it.
    pub peak_heap: u64,
    /// Of all offsets in the order of the requests.
    pub checksum: u64,
}

impl Outcome {
    const NONE: Outcome = Outcome {
        requests: 0,
        failures: 0,
        first_failure: 0,
        corruptions: 0,
        moves: 0,
        peak_requested: 0,
        peak: 0,
        peak_heap: 0,
        checksum: CHECKSUM,
    };
}

impl core::fmt::Display for Outcome {
    /// Writes the counts in one line, on which host and kernel agree.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{} requests, {} failures (first {}), {} corruptions, {} moves, \
             peak {} B requested, {} B heap, placements {:016x}",
            self.requests,
            self.failures,
            self.first_failure,
            self.corruptions,
            self.moves,
            self.peak_requested,
            self.peak_heap,
            self.checksum
        )
    }
}

/// A block of the workload, or none if it is not live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    offset: u64,
    requested: u64,
    is_live: bool,
}

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The block that was freed or moved, at its old offset.
    pub left: Option<Placed>,
    /// The block that was allocated or resized, at its offset from now on.
    pub placed: Option<Placed>,
}

/// A strategy in the middle of a workload.
#[derive(Debug)]
pub struct Player<'m, T> {
    arena: Arena<'m, T>,
    held: &'m mut [Held],
    requested: u64,
    outcome: Outcome,
}

impl<'m, T: Tracer> Player<'m, T> {
    /// Begins with an empty arena. `held` has an element for each block of the workload, all
    /// default.
    pub fn new(arena: Arena<'m, T>, held: &'m mut [Held]) -> Self {
        Player {
            arena,
            held,
            requested: 0,
            outcome: Outcome::NONE,
        }
    }

    /// Returns the arena.
    pub const fn arena(&self) -> &Arena<'m, T> {
        &self.arena
    }

    /// Returns the requested bytes of the live blocks.
    pub const fn requested(&self) -> u64 {
        self.requested
    }

    /// Returns the counts of the requests so far.
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Plays a request.
    ///
    /// # Panics
    /// The block has no element in `held`, or the arena does not free a live block.
    pub fn request(&mut self, request: Request) -> Step {
        self.outcome.requests += 1;
        let step = match request {
            Request::Allocate { block, bytes } => self.allocate(block, bytes),
            Request::Resize { block, bytes } => self.resize(block, bytes),
            Request::Free { block } => self.free(block),
            Request::FreeUnknown | Request::FreeAgain | Request::SizeOverflow => {
                self.outcome.corruptions += 1;
                Step::default()
            }
        };
        if self.requested > self.outcome.peak_requested {
            self.outcome.peak_requested = self.requested;
            self.outcome.peak = self.outcome.requests;
        }
        step
    }

    /// Allocates a block. A request of 0 bytes gets a block of its own, as `malloc(0)` of most
    /// libraries.
    fn allocate(&mut self, block: usize, bytes: u64) -> Step {
        let offset = self.arena.allocate(bytes.max(1));
        let placed = self.place(block, offset, bytes);
        if placed.is_some() {
            self.requested += bytes;
        }
        Step { left: None, placed }
    }

    /// Resizes a block, or allocates it if its allocation failed. Without room, it stays as it is.
    fn resize(&mut self, block: usize, bytes: u64) -> Step {
        let before = self.held[block];
        if !before.is_live {
            return self.allocate(block, bytes);
        }
        let left = Placed {
            block,
            offset: before.offset,
            bytes: self.arena.block_bytes(before.offset),
        };
        let offset = self.arena.resize(before.offset, bytes.max(1));
        let placed = self.place(block, offset, bytes);
        if placed.is_some() {
            self.requested = self.requested - before.requested + bytes;
        }
        let moved = placed.is_some_and(|placed| placed.offset != before.offset);
        self.outcome.moves += u64::from(moved);
        Step {
            left: moved.then_some(left),
            placed,
        }
    }

    /// Frees a block, unless its allocation failed.
    fn free(&mut self, block: usize) -> Step {
        let held = core::mem::take(&mut self.held[block]);
        if !held.is_live {
            return Step::default();
        }
        let left = Placed {
            block,
            offset: held.offset,
            bytes: self.arena.block_bytes(held.offset),
        };
        let freed = self.arena.free(held.offset);
        assert!(freed, "a live block can be freed");
        self.requested -= held.requested;
        Step {
            left: Some(left),
            placed: None,
        }
    }

    /// Counts the result of an allocation or a resize.
    fn place(&mut self, block: usize, offset: Option<u64>, requested: u64) -> Option<Placed> {
        let outcome = &mut self.outcome;
        for byte in offset.unwrap_or(REFUSED).to_le_bytes() {
            let mixed = outcome.checksum ^ u64::from(byte);
            outcome.checksum = mixed.wrapping_mul(0x0100_0000_01b3);
        }
        let Some(offset) = offset else {
            outcome.failures += 1;
            if outcome.first_failure == 0 {
                outcome.first_failure = outcome.requests;
            }
            return None;
        };
        let bytes = self.arena.block_bytes(offset);
        outcome.peak_heap = outcome.peak_heap.max(offset + bytes);
        self.held[block] = Held {
            offset,
            requested,
            is_live: true,
        };
        Some(Placed {
            block,
            offset,
            bytes,
        })
    }
}
