//! The events of an arena: what happens in it passes through, and when it is over, how it did is
//! told.
//!
//! ```text
//! ArenaOpen   HeapGrow, HeapAllocate, HeapFree, ArenaAllocate, …   ArenaClose { served, refused, splits, merges }
//! └ open      └ pass through, and are counted                      └ close
//! ```
//! The end says what was counted, so that undoing it gives the counts back.

use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::order::CHUNK_BYTES;
use crate::vocabulary::strategy::Strategy;
use core::cell::Cell;
use x86_64::VirtAddr;

/// What an arena did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArenaCounts {
    /// Blocks that were handed out.
    pub served: u16,
    /// Requests that were refused.
    pub refused: u16,
    /// Blocks that were halved.
    pub splits: u16,
    /// Times that two buddies became one block.
    pub merges: u16,
}

impl ArenaCounts {
    /// After (or, undone, before) this event.
    pub fn step(&mut self, payload: &Payload, undone: bool) {
        let count = |counter: &mut u16, by: u8| {
            *counter = match undone {
                false => counter.wrapping_add(by.into()),
                true => counter.wrapping_sub(by.into()),
            };
        };
        match *payload {
            Payload::HeapAllocate { order, from, .. } => {
                count(&mut self.served, 1);
                count(&mut self.splits, from.saturating_sub(order));
            }
            Payload::HeapFree { order, into, .. } => {
                count(&mut self.merges, into.saturating_sub(order));
            }
            Payload::ArenaAllocate { .. } => count(&mut self.served, 1),
            Payload::HeapRefuse { .. } => count(&mut self.refused, 1),
            _ => {}
        }
    }
}

/// Takes the events of one arena, and hands them on.
#[derive(Debug)]
pub struct ArenaTracer<T> {
    inner: T,
    start: VirtAddr,
    chunks: u8,
    strategy: Strategy,
    counts: Cell<ArenaCounts>,
}

impl<T: Tracer> ArenaTracer<T> {
    /// Tells that there is an arena of `chunks` MiB, and whose events these are.
    pub fn open(inner: T, start: VirtAddr, chunks: u8, strategy: Strategy) -> ArenaTracer<T> {
        inner.record(Payload::ArenaOpen {
            start,
            chunks,
            strategy,
        });
        ArenaTracer {
            inner,
            start,
            chunks,
            strategy,
            counts: Cell::default(),
        }
    }

    /// Bytes of the arena.
    pub fn bytes(&self) -> u64 {
        u64::from(self.chunks) * CHUNK_BYTES
    }

    /// What it did so far.
    pub fn counts(&self) -> ArenaCounts {
        self.counts.get()
    }

    /// Tells that the arena, which must be empty, is no longer there.
    pub fn close(&self) {
        let ArenaCounts {
            served,
            refused,
            splits,
            merges,
        } = self.counts.take();
        self.inner.record(Payload::ArenaClose {
            start: self.start,
            chunks: self.chunks,
            strategy: self.strategy,
            served,
            refused,
            splits,
            merges,
        });
    }
}

impl<T: Tracer> Tracer for ArenaTracer<T> {
    fn record(&self, payload: Payload) {
        let mut counts = self.counts.get();
        counts.step(&payload, false);
        self.counts.set(counts);
        self.inner.record(payload);
    }
}
