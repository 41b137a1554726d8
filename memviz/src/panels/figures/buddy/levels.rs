//! The levels from a chunk down to one block, with the buddy at each level.

use crate::model::heap::{GRANULE_BYTES, block_bytes};
use crate::model::{Block, Model, ORDERS};
use crate::view::selection::Selection;
use crate::view::step::StepChanges;
use heapless::Vec;
use x86_64::VirtAddr;

/// The order of a chunk.
pub const CHUNK: u8 = ORDERS as u8 - 1;

/// The state of a block of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was halved.
    Split,
    /// Nothing owns it.
    Free,
    /// It is allocated: the number of the owner's bit, and the requested bytes.
    Live { owner: usize, requested: u32 },
}

/// A level on the way to the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    pub order: u8,
    /// The first address of the block that contains the selected one.
    pub start: VirtAddr,
    pub state: State,
    /// The state of the other half; the chunk has none.
    pub buddy: Option<State>,
}

impl Level {
    /// The address of the other half.
    pub fn buddy_start(&self) -> VirtAddr {
        VirtAddr::new_truncate(self.start.as_u64() ^ block_bytes(self.order))
    }
}

/// The contents of the figure: levels from the chunk down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// From the chunk down.
    pub levels: Vec<Level, ORDERS>,
    /// The granules of the chunk.
    pub chunk: core::ops::Range<usize>,
    balance: [i64; 6],
    pub is_question: bool,
    pub is_concealed: bool,
}

impl Levels {
    /// The levels down to the selected block, or to the first one of the heap.
    pub fn new(model: &Model, step: &StepChanges, selection: Option<Selection>) -> Levels {
        let mut levels = Levels {
            balance: step.balance(),
            is_question: step.is_question,
            is_concealed: step.is_concealed,
            ..Levels::default()
        };
        let heap = &model.heap;
        let Some(start) = heap.start() else {
            return levels;
        };
        let address = match selection {
            Some(Selection::Block(block)) => block,
            Some(Selection::Split { start, .. }) => start,
            _ => start,
        };
        let Some(block) = heap.block_of(address) else {
            return levels;
        };
        let first = block.granule >> CHUNK << CHUNK;
        levels.chunk = first..first + (1 << CHUNK);
        for order in (block.order..=CHUNK).rev() {
            let granule = block.granule >> order << order;
            let at = |granule| heap.block_at(granule).map(|block| state_of(&block, order));
            let buddy = (order < CHUNK).then(|| at(granule ^ (1 << order)));
            let level = Level {
                order,
                start: start + (granule * GRANULE_BYTES) as u64,
                state: at(granule).unwrap_or(State::Free),
                buddy: buddy.flatten(),
            };
            // There are as many levels as orders.
            let _ = levels.levels.push(level);
        }
        levels
    }

    /// The level of the block itself.
    pub fn last(&self) -> Option<&Level> {
        self.levels.last()
    }
}

/// The state of the block of this order at a granule.
fn state_of(block: &Block, order: u8) -> State {
    match block.owner {
        _ if block.order < order => State::Split,
        Some(owner) => State::Live {
            owner,
            requested: block.requested,
        },
        None => State::Free,
    }
}
