//! What the figure shows: the walk, and which entries of its tables are present.

use crate::model::tables::DEEPEST;
use crate::model::walk::{End, Walk};
use crate::model::{EntryPosition, Model};
use crate::panels::walk::WalkPanel;
use crate::view::selection::Selection;
use crate::view::step::StepChanges;
use mm::memory_map::FRAME_BYTES;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Entries of a table.
pub const ENTRIES: usize = 512;

/// Everything that determines the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub walk: Option<Walk>,
    /// Changes with every entry of every table.
    changes: u64,
    balance: [i64; 6],
    /// A question stands whose answer the walk would show.
    pub is_concealed: bool,
}

impl Shown {
    pub fn new(model: &Model, step: &StepChanges, selection: Option<Selection>) -> Shown {
        Shown {
            walk: WalkPanel::walk(model, selection),
            changes: model.processes.changes(),
            balance: step.balance(),
            is_concealed: step.is_concealed,
        }
    }
}

/// The contents of the figure: the walk, and the entries of its tables.
pub struct Content {
    pub walk: Option<Walk>,
    pub is_concealed: bool,
    /// For each table of the walk, a bit for each entry that is present.
    pub present: [[u64; ENTRIES / 64]; DEEPEST as usize],
    /// The owner of the frame at the end of the walk.
    pub owner: Tag,
}

impl Content {
    pub fn of(model: &Model, shown: &Shown) -> Content {
        let mut content = Content {
            walk: shown.walk,
            is_concealed: shown.is_concealed,
            present: Default::default(),
            owner: Tag::empty(),
        };
        let Some(walk) = &shown.walk else {
            return content;
        };
        for (step, present) in walk.steps().iter().zip(&mut content.present) {
            for entry in 0..ENTRIES {
                let position = neighbour(walk, step.position, entry);
                let is_present = model.tables.get(position).is_some();
                present[entry / 64] |= u64::from(is_present) << (entry % 64);
            }
        }
        if let End::Mapped { physical, .. } = walk.end {
            let frame = (physical.as_u64() / FRAME_BYTES) as usize;
            let frame = model.frames.get(frame);
            content.owner = frame.map_or(Tag::empty(), |frame| frame.tag());
        }
        content
    }

    /// The number of present entries of a table of the walk.
    pub fn count(&self, table: usize) -> u32 {
        self.present[table]
            .iter()
            .map(|word| word.count_ones())
            .sum()
    }
}

/// The position of another entry of the same table.
fn neighbour(walk: &Walk, position: EntryPosition, entry: usize) -> EntryPosition {
    let shift = 12 + 9 * u32::from(DEEPEST - position.depth);
    let others = walk.address.as_u64() & !(511 << shift);
    let address = VirtAddr::new_truncate(others | (entry as u64) << shift);
    EntryPosition::on_way(walk.space, address, position.depth)
}
