//! A tracer for the events of one arena. It forwards and counts them.
//!
//! ```text
//! ArenaOpen   HeapGrow, HeapAllocate, HeapFree, ArenaAllocate, …   ArenaClose { counts }
//! └ open      └ forwarded and counted                              └ close
//! ```
//! The last event carries the counts, so that undoing it restores them. A count above 65,535
//! saturates there, so undoing it restores at most that, and undoing requests stops at 0.

use super::split::splits;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::order::{CHUNK_BYTES, GRANULE_BYTES, Order};
use crate::vocabulary::strategy::Strategy;
use core::cell::Cell;
use x86_64::VirtAddr;

/// The counts of an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArenaCounts {
    /// Requests served.
    pub served: u32,
    /// Requests refused.
    pub refused: u32,
    /// Splits of a block into two buddies.
    pub splits: u32,
    /// Merges of two buddies into one block.
    pub merges: u32,
}

impl ArenaCounts {
    /// Counts this event, or uncounts it when it is undone.
    pub fn step(&mut self, payload: &Payload, undone: bool) {
        let count = |counter: &mut u32, by: u8| {
            *counter = match undone {
                false => counter.saturating_add(by.into()),
                true => counter.saturating_sub(by.into()),
            };
        };
        match *payload {
            Payload::HeapAllocate {
                block,
                granules,
                from,
                ..
            } => {
                count(&mut self.served, 1);
                count(&mut self.splits, halvings(block, granules, from));
            }
            Payload::HeapFree {
                block,
                granules,
                into,
                ..
            } => count(&mut self.merges, halvings(block, granules, into)),
            Payload::ArenaAllocate { .. } => count(&mut self.served, 1),
            Payload::HeapRefuse { .. } => count(&mut self.refused, 1),
            _ => {}
        }
    }
}

/// Returns how often free blocks are split for an allocation, or merged after it. An arena begins
/// at a multiple of its largest block.
fn halvings(block: VirtAddr, granules: u16, around: u8) -> u8 {
    let granule = (block.as_u64() % CHUNK_BYTES / GRANULE_BYTES) as usize;
    let around = Order::new(around).unwrap_or(Order::LARGEST);
    let splits = splits(granule, granules.into(), around);
    splits
        .map(|split| split.from.number() - split.order.number())
        .sum()
}

/// The workload that an arena is for; zeros if there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkloadId {
    /// A checksum of its requests.
    pub checksum: u32,
    /// The number of its requests.
    pub requests: u32,
}

/// Forwards the events of one arena to another tracer and counts them.
#[derive(Debug)]
pub struct ArenaTracer<T> {
    inner: T,
    start: VirtAddr,
    chunks: u8,
    strategy: Strategy,
    counts: Cell<ArenaCounts>,
    cost: Cell<u32>,
}

impl<T: Tracer> ArenaTracer<T> {
    /// Records that an arena of `chunks` MiB opened.
    pub fn open(inner: T, start: VirtAddr, chunks: u8, strategy: Strategy) -> ArenaTracer<T> {
        ArenaTracer::open_for(inner, start, chunks, strategy, WorkloadId::default())
    }

    /// Records that an arena of `chunks` MiB opened for a workload.
    pub fn open_for(
        inner: T,
        start: VirtAddr,
        chunks: u8,
        strategy: Strategy,
        workload: WorkloadId,
    ) -> ArenaTracer<T> {
        inner.record(Payload::ArenaOpen {
            start,
            workload: workload.checksum,
            requests: workload.requests,
            chunks,
            strategy,
        });
        ArenaTracer {
            inner,
            start,
            chunks,
            strategy,
            counts: Cell::default(),
            cost: Cell::default(),
        }
    }

    /// Returns the size of the arena in bytes.
    pub fn bytes(&self) -> u64 {
        u64::from(self.chunks) * CHUNK_BYTES
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> ArenaCounts {
        self.counts.get()
    }

    /// Records the mean cost of a request so far, in ticks.
    pub fn set_cost(&self, ticks: u32) {
        let from = self.cost.replace(ticks);
        if from != ticks {
            self.inner.record(Payload::ArenaCost {
                start: self.start,
                from,
                to: ticks,
            });
        }
    }

    /// Records that the arena, which must be empty, closed.
    pub fn close(&self) {
        self.set_cost(0);
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
            served: saturated(served),
            refused: saturated(refused),
            splits: saturated(splits),
            merges: saturated(merges),
        });
    }
}

fn saturated(count: u32) -> u16 {
    count.try_into().unwrap_or(u16::MAX)
}

impl<T: Tracer> Tracer for ArenaTracer<T> {
    fn record(&self, payload: Payload) {
        let mut counts = self.counts.get();
        counts.step(&payload, false);
        self.counts.set(counts);
        self.inner.record(payload);
    }
}
