//! Heaps as a value: the buddy heap, the arenas of a race, and the graphs over time.

use super::text::{Hex, Worded};
use crate::model::heap::block_bytes;
use crate::model::samples::Window;
use crate::model::{Arena, HeapTotals, Model};
use crate::panels::graphs::{Graph, Range};
use crate::panels::heap::race::{Figures, is_best};
use crate::panels::heap::story::Operation;
use crate::timeline::Timeline;
use mm::event::Kind;
use mm::heap::Order as HeapOrder;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub struct HeapState<'d> {
    start: Option<Hex>,
    bytes: u64,
    maximum_bytes: u64,
    live_bytes: u64,
    live_blocks: u64,
    requested_bytes: u64,
    free_bytes: u64,
    cached_bytes: u64,
    largest_free_bytes: u64,
    refused: u64,
    quarantined: u64,
    corruptions: u64,
    internal_fragmentation_bytes: u64,
    last: Option<LastOperation>,
    orders: Orders<'d>,
}

impl<'d> HeapState<'d> {
    pub fn of(model: &'d Model<'_>, timeline: &Timeline) -> HeapState<'d> {
        let (heap, totals) = (&model.heap, model.heap.totals());
        HeapState {
            start: heap.start().map(|start| Hex(start.as_u64())),
            bytes: totals.bytes,
            maximum_bytes: heap.maximum_bytes(),
            live_bytes: totals.live_bytes(),
            live_blocks: totals.live_blocks(),
            requested_bytes: totals.requested,
            free_bytes: totals.free_bytes(),
            cached_bytes: totals.cached_bytes(),
            largest_free_bytes: totals.largest_free().map_or(0, block_bytes),
            refused: heap.refused(),
            quarantined: model.totals[Kind::HeapQuarantine as usize],
            corruptions: model.totals[Kind::Corruption as usize],
            internal_fragmentation_bytes: totals.internal_fragmentation(),
            last: LastOperation::of(timeline, model),
            orders: Orders(totals),
        }
    }
}

/// Blocks of each order, from 64 B on.
struct Orders<'d>(&'d HeapTotals);

impl Serialize for Orders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let free = self.0.free_space();
        serializer.collect_seq(HeapOrder::all().enumerate().map(|(at, order)| Order {
            bytes: block_bytes(at as u8),
            live: self.0.live[at],
            free: self.0.free[at],
            unusable_thousandths: free.unusable(order).0,
        }))
    }
}

#[derive(Serialize)]
struct Order {
    bytes: u64,
    live: u64,
    free: u64,
    unusable_thousandths: u32,
}

/// The last operation of the heap, as in the tree.
#[derive(Serialize)]
struct LastOperation {
    event: u64,
    block: Hex,
    block_bytes: u64,
    /// Blocks that were split or merged.
    steps: u64,
    words: Worded<Operation>,
}

impl LastOperation {
    fn of(timeline: &Timeline, model: &Model) -> Option<LastOperation> {
        let operation = Operation::last(timeline, &model.heap)?;
        Some(LastOperation {
            event: operation.number,
            block: Hex(model.heap.address(operation.node.granule).as_u64()),
            block_bytes: operation.bytes,
            steps: operation.steps(),
            words: Worded(operation),
        })
    }
}

/// The arenas of a race.
pub struct Race<'d>(pub &'d Model<'d>);

#[derive(Serialize)]
struct Racer {
    strategy: &'static str,
    start: Hex,
    bytes: u64,
    allocated_bytes: u64,
    requested_bytes: u64,
    internal_fragmentation_thousandths: u32,
    external_thousandths: u32,
    largest_free_bytes: u64,
    served: u32,
    refused: u32,
    splits: u32,
    merges: u32,
    best: bool,
}

impl Serialize for Race<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arenas = &self.0.arenas;
        serializer.collect_seq(arenas.all().map(|arena: &Arena| {
            let figures = Figures::of_arena(arenas, arena);
            Racer {
                strategy: figures.name,
                start: Hex(arena.start.as_u64()),
                bytes: arena.bytes,
                allocated_bytes: arena.allocated,
                requested_bytes: arena.requested,
                internal_fragmentation_thousandths: figures.internal_fragmentation.0,
                external_thousandths: figures.free.external().0,
                largest_free_bytes: figures.free.largest,
                served: arena.counts.served,
                refused: arena.counts.refused,
                splits: arena.counts.splits,
                merges: arena.counts.merges,
                best: is_best(arenas, arena),
            }
        }))
    }
}

/// The graphs: the minimum, the maximum, and the end of the axis.
pub struct Graphs<'d>(pub Window<'d>);

#[derive(Serialize)]
struct Axis {
    least: u64,
    most: u64,
    top: u64,
}

impl Serialize for Graphs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Graph::ALL.into_iter().map(|graph| {
            let range = Range::of(self.0, graph);
            let axis = range.map(|Range { least, most, top }| Axis { least, most, top });
            (graph.words(), axis)
        }))
    }
}
