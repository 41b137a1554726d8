//! Plays requests to a strategy in an arena of its own.

use std::time::Instant;

use anyhow::{Result, ensure};
use mm::heap::Header;
use mm::heap::fragmentation::{FreeSpace, Thousandths, internal};
use mm::heap::strategy::{Arena, ArenaStorage, BlockAllocator, FreeBlock, Setup, Strategy};
use mm::tracer::Silent;
use x86_64::VirtAddr;

use crate::trace::{Request, Trace};

/// What a strategy came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Allocations and resizes that the arena had no block for.
    pub failures: u64,
    /// The request, from 1, that failed first; 0 if none did.
    pub first_failure: u64,
    /// Frees and sizes that are corruption, and were refused.
    pub corruptions: u64,
    /// The most requested bytes at a time.
    pub peak_requested: u64,
    /// The highest end of a block: the heap never shrinks, as the malloc lab counts it.
    pub peak_heap: u64,
    /// At the first request with the peak of requested bytes.
    pub internal: Thousandths,
    pub free: FreeSpace,
    /// Of all offsets in the order of the requests.
    pub checksum: u64,
    /// Host time for all requests.
    pub nanoseconds: u64,
}

/// Plays all requests twice: to find the peak, and to look at the free blocks there.
pub fn play(trace: &Trace, strategy: Strategy, bytes: u64) -> Result<Outcome> {
    let (mut outcome, peak) = with_arena(strategy, bytes, trace.blocks, |arena| {
        let mut player = Player::new(arena, trace);
        let begin = Instant::now();
        for &request in &trace.requests {
            player.request(request);
        }
        player.outcome.nanoseconds = begin.elapsed().as_nanos() as u64;
        player.end()
    })?;
    with_arena(strategy, bytes, trace.blocks, |arena| {
        let mut player = Player::new(arena, trace);
        for &request in &trace.requests[..peak] {
            player.request(request);
        }
        outcome.internal = internal(player.requested, player.arena.allocated());
        outcome.free = player.arena.free_space();
        player.end().map(drop)
    })?;
    Ok(outcome)
}

fn with_arena<R>(
    strategy: Strategy,
    bytes: u64,
    blocks: usize,
    play: impl FnOnce(Arena<'_, Silent>) -> R,
) -> R {
    // A resize that moves a block has both places for a moment.
    let sizes = strategy.sizes(bytes, blocks + 2);
    let storage = ArenaStorage {
        bits: &mut vec![0; sizes.heap.bits],
        headers: &mut vec![Header::default(); sizes.heap.headers],
        references: &mut vec![0; sizes.heap.references],
        free: &mut vec![FreeBlock::default(); sizes.free],
        live: &mut vec![0; sizes.live],
    };
    let setup = Setup {
        start: VirtAddr::new(1 << 32),
        bytes,
        storage,
        tracer: Silent,
    };
    play(Arena::new(strategy, setup))
}

/// A strategy in the middle of a trace.
struct Player<'m> {
    arena: Arena<'m, Silent>,
    /// Offset and requested bytes of each block that is live.
    blocks: Vec<Option<(u64, u64)>>,
    requested: u64,
    /// Requests so far.
    played: usize,
    /// Requests up to the peak of requested bytes.
    peak: usize,
    outcome: Outcome,
}

impl<'m> Player<'m> {
    fn new(arena: Arena<'m, Silent>, trace: &Trace) -> Self {
        let outcome = Outcome {
            checksum: 0xcbf2_9ce4_8422_2325,
            ..Outcome::default()
        };
        Player {
            arena,
            blocks: vec![None; trace.blocks],
            requested: 0,
            played: 0,
            peak: 0,
            outcome,
        }
    }

    fn request(&mut self, request: Request) {
        self.played += 1;
        match request {
            Request::Allocate { block, bytes } => self.allocate(block, bytes),
            Request::Resize { block, bytes } => self.resize(block, bytes),
            Request::Free { block } => self.free(block),
            Request::FreeUnknown | Request::FreeAgain | Request::SizeOverflow => {
                self.outcome.corruptions += 1;
            }
        }
        if self.requested > self.outcome.peak_requested {
            (self.outcome.peak_requested, self.peak) = (self.requested, self.played);
        }
    }

    fn allocate(&mut self, block: usize, bytes: u64) {
        let before = self.arena.allocated();
        // A request of 0 bytes gets a block of its own, as `malloc(0)` of most libraries.
        let offset = self.arena.allocate(bytes.max(1));
        self.place(offset.unwrap_or(u64::MAX));
        let Some(offset) = offset else {
            self.outcome.failures += 1;
            if self.outcome.first_failure == 0 {
                self.outcome.first_failure = self.played as u64;
            }
            return;
        };
        let end = offset + self.arena.allocated() - before;
        self.outcome.peak_heap = self.outcome.peak_heap.max(end);
        self.blocks[block] = Some((offset, bytes));
        self.requested += bytes;
    }

    /// Moves a block: allocates a new one, then frees the old one. If there is no room, the old one
    /// stays.
    fn resize(&mut self, block: usize, bytes: u64) {
        let old = self.blocks[block].take();
        self.allocate(block, bytes);
        match (old, self.blocks[block]) {
            (Some(_), None) => self.blocks[block] = old,
            (Some(old), Some(_)) => self.release(old),
            _ => {}
        }
    }

    /// Frees a block. There is none if its allocation failed.
    fn free(&mut self, block: usize) {
        if let Some(old) = self.blocks[block].take() {
            self.release(old);
        }
    }

    fn release(&mut self, (offset, bytes): (u64, u64)) {
        let freed = self.arena.free(offset);
        assert!(freed, "a live block can be freed");
        self.requested -= bytes;
    }

    /// Adds an offset to the checksum (FNV-1a).
    fn place(&mut self, offset: u64) {
        for byte in offset.to_le_bytes() {
            let mixed = self.outcome.checksum ^ u64::from(byte);
            self.outcome.checksum = mixed.wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The outcome, and the requests up to the peak.
    fn end(self) -> Result<(Outcome, usize)> {
        let strategy = self.arena.strategy().key();
        let valid = self.arena.validate();
        ensure!(valid.is_ok(), "{strategy}: blocks disagree at {valid:x?}");
        Ok((self.outcome, self.peak))
    }
}
