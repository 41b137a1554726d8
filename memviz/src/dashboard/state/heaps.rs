//! Heaps, graphs and the story of a fault, for scripts.

use super::{Hex, Worded};
use crate::model::{Arena, Model};
use crate::panels::graphs::{Graph, Range};
use crate::panels::heap::race::{Figures, is_ahead};
use crate::panels::heap::story::Operation;
use crate::panels::storyboard::Story;
use crate::samples::Samples;
use crate::timeline::Timeline;
use serde::{Serialize, Serializer};

/// What the heap did last, as the tree tells it.
#[derive(Serialize)]
pub struct LastOperation {
    event: u64,
    block: Hex,
    block_bytes: u64,
    /// Blocks that were halved, or merged.
    steps: u64,
    words: Worded<Operation>,
}

impl LastOperation {
    pub fn of(timeline: &Timeline, model: &Model) -> Option<LastOperation> {
        let operation = Operation::last(timeline, &model.heap)?;
        Some(LastOperation {
            event: operation.number,
            block: Hex(model.heap.address(operation.node.granule).as_u64()),
            block_bytes: operation.node.bytes(),
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
    taken_bytes: u64,
    requested_bytes: u64,
    waste_thousandths: u32,
    external_thousandths: u32,
    largest_free_bytes: u64,
    served: u16,
    refused: u16,
    splits: u16,
    merges: u16,
    ahead: bool,
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
                taken_bytes: arena.taken,
                requested_bytes: arena.requested,
                waste_thousandths: figures.waste.0,
                external_thousandths: figures.free.external().0,
                largest_free_bytes: figures.free.largest,
                served: arena.counts.served,
                refused: arena.counts.refused,
                splits: arena.counts.splits,
                merges: arena.counts.merges,
                ahead: is_ahead(arenas, arena),
            }
        }))
    }
}

/// The graphs: the least and the most, and where the axis ends.
pub struct Graphs<'d>(pub &'d Samples<'d>);

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

/// The fault that the storyboard tells.
#[derive(Serialize)]
pub struct FaultStory {
    number: u64,
    address: Hex,
    space: u32,
    cause: &'static str,
    /// Where the walk ended: 1 is the PML4's entry, 4 that of the page table.
    last_level: usize,
    /// Whether that entry was present.
    present: bool,
    /// The tables were still known as the fault found them.
    known: bool,
    window: Option<&'static str>,
    past_end_bytes: Option<u64>,
    nearest_guard: Option<Hex>,
    inside_fault: Option<u64>,
    outcome: Option<&'static str>,
}

impl From<Story> for FaultStory {
    fn from(story: Story) -> FaultStory {
        let last = story.last_level();
        FaultStory {
            number: story.number,
            address: Hex(story.fault.address.as_u64()),
            space: story.fault.space,
            cause: story.fault.cause.words(),
            last_level: last,
            present: story.then.entries[last].is_some(),
            known: story.then.event.is_some(),
            window: story.window.map(|window| window.policy.words()),
            past_end_bytes: story.past_end.map(|(bytes, _)| bytes),
            nearest_guard: story.guard.map(|(guard, _)| Hex(guard.as_u64())),
            inside_fault: story.nested.0,
            outcome: story.fault.end.map(|end| end.outcome.words()),
        }
    }
}
