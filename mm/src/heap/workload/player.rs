//! Plays requests to an arena, and counts the results.

use super::super::block_allocator::BlockAllocator;
use super::super::strategy::Arena;
use super::checksum::Checksum;
use super::outcome::Outcome;
use super::request::Request;
use super::step::{Placed, Step};
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::request::RequestKind;
use x86_64::VirtAddr;

/// The unit of free blocks in events.
const UNIT: u64 = 16;
/// In a checksum: the offset of a request that was refused.
const REFUSED: u64 = u64::MAX;

/// A block of the workload, or none if it is not live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    offset: u64,
    requested: u64,
    /// The request that allocated it, from 1.
    born: u64,
    is_live: bool,
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
            Request::FreeUnknown => Step::new(RequestKind::FreeUnknown, 0),
            Request::FreeAgain => Step::new(RequestKind::FreeAgain, 0),
            Request::SizeOverflow => Step::new(RequestKind::SizeOverflow, 0),
        };
        self.outcome.corruptions += u64::from(step.kind.is_corruption());
        if self.requested > self.outcome.peak_requested {
            self.outcome.peak_requested = self.requested;
            self.outcome.peak = self.outcome.requests;
        }
        step
    }

    /// Returns the event of the last request, which took this many ticks, for an arena that begins
    /// at this multiple of 16 MiB.
    pub fn event(&self, step: Step, start: VirtAddr, ticks: u64) -> Payload {
        let detail = match step.kind {
            RequestKind::Free => step.age,
            RequestKind::Refused => self.arena.free_space().largest / UNIT,
            _ => step.requested,
        };
        Payload::ArenaRequest {
            arena: start.as_u64() >> 24,
            ticks: saturated(ticks),
            number: saturated(self.outcome.requests),
            detail: saturated(detail),
            kind: step.kind,
            size: step.requested.max(1).ilog2() as u8,
        }
    }

    /// Allocates a block. A request of 0 bytes gets one of 1 byte, so that blocks differ, as those
    /// of `malloc(0)` of most libraries do.
    fn allocate(&mut self, block: usize, bytes: u64) -> Step {
        let bytes = bytes.max(1);
        let offset = self.arena.allocate(bytes);
        let placed = self.place(block, offset, bytes);
        let Some(placed) = placed else {
            return Step::new(RequestKind::Refused, bytes);
        };
        self.held[block].born = self.outcome.requests;
        self.requested += bytes;
        Step {
            placed: Some(placed),
            ..Step::new(RequestKind::Allocate, bytes)
        }
    }

    /// Resizes a block, or allocates it if its allocation failed. Without room, it stays as it is.
    fn resize(&mut self, block: usize, bytes: u64) -> Step {
        let bytes = bytes.max(1);
        let before = self.held[block];
        if !before.is_live {
            return self.allocate(block, bytes);
        }
        let left = Placed {
            block,
            offset: before.offset,
            bytes: self.arena.block_bytes(before.offset),
        };
        let offset = self.arena.resize(before.offset, bytes);
        let placed = self.place(block, offset, bytes);
        let Some(placed) = placed else {
            return Step::new(RequestKind::Refused, bytes);
        };
        self.held[block].born = before.born;
        self.requested = self.requested - before.requested + bytes;
        let moved = placed.offset != before.offset;
        self.outcome.moves += u64::from(moved);
        let kind = match moved {
            true => RequestKind::Move,
            false => RequestKind::Resize,
        };
        Step {
            left: moved.then_some(left),
            placed: Some(placed),
            ..Step::new(kind, bytes)
        }
    }

    /// Frees a block, unless its allocation failed.
    fn free(&mut self, block: usize) -> Step {
        let held = core::mem::take(&mut self.held[block]);
        if !held.is_live {
            return Step::new(RequestKind::Nothing, 0);
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
            age: self.outcome.requests - held.born,
            left: Some(left),
            ..Step::new(RequestKind::Free, held.requested)
        }
    }

    /// Frees all blocks: an arena that is recorded has to be empty when it closes.
    pub fn clear(&mut self) {
        for held in self.held.iter_mut() {
            if core::mem::take(&mut held.is_live) {
                self.arena.free(held.offset);
            }
        }
        self.requested = 0;
    }

    /// Counts the result of an allocation or a resize.
    fn place(&mut self, block: usize, offset: Option<u64>, requested: u64) -> Option<Placed> {
        let outcome = &mut self.outcome;
        let mut checksum = Checksum(outcome.checksum);
        checksum.add(&offset.unwrap_or(REFUSED).to_le_bytes());
        outcome.checksum = checksum.0;
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
            born: 0,
            is_live: true,
        };
        Some(Placed {
            block,
            offset,
            bytes,
        })
    }
}

/// A number in 32 bits: a larger one becomes the largest.
fn saturated(number: u64) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}
