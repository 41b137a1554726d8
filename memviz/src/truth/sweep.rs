//! A comparison of all state, in slices.
//!
//! ```text
//! Start ─► Frames ─► Entries ─► Slots ─► heap, counts, regions, swap, …  ──┐
//!   ▲     a slice    a slice    a slice         all at once                │
//!   └──────────────────────────────────────────────────────────────────────┘
//! ```
//! Page tables are compared in both directions: first each entry of the machine, then each slot of
//! the model's table, which finds entries that the machine does not have.

use super::ground::GroundTruth;
use super::mismatch::Mismatch;
use crate::model::{EntryPosition, Model, Observer};

/// The number of frames that cost as much to compare as one page-table entry.
const FRAMES_PER_ENTRY: usize = 4;

/// The progress of a comparison of all state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sweep {
    /// At the start.
    #[default]
    Start,
    /// At the frame with this number.
    Frames(usize),
    /// At this entry of the machine's page tables, with the number of differences so far.
    Entries(EntryPosition, u64),
    /// At this slot of the model's table of entries, with the number of differences so far.
    Slots(usize, u64),
}

impl Sweep {
    /// Compares the next slice: `frames` frames, or as much of the other state. Returns true at the
    /// end; the next call starts again.
    pub fn advance(
        &mut self,
        model: &mut Model,
        observer: &mut impl Observer,
        truth: &impl GroundTruth,
        frames: usize,
        mut report: impl FnMut(&Mismatch),
    ) -> bool {
        let entries = (frames / FRAMES_PER_ENTRY).max(1);
        *self = match *self {
            Sweep::Start => Sweep::Frames(0),
            other => other,
        };
        *self = match *self {
            Sweep::Start => Sweep::Start,
            Sweep::Frames(first) => {
                let end = first.saturating_add(frames);
                model.verify_frames(truth, first..end, observer, report);
                match end >= model.frames.len() {
                    true => Sweep::Entries(EntryPosition::default(), 0),
                    false => Sweep::Frames(end),
                }
            }
            Sweep::Entries(from, mut differing) => {
                let next = model.verify_entries(truth, from, entries, &mut differing, report);
                match next {
                    Some(position) => Sweep::Entries(position, differing),
                    None => Sweep::Slots(0, differing),
                }
            }
            Sweep::Slots(first, mut differing) => {
                let end = first + entries;
                model.verify_slots(truth, first..end, &mut differing, &mut report);
                if end < model.tables.slots_in_use() {
                    Sweep::Slots(end, differing)
                } else {
                    model.tables.differing = differing;
                    model.verify_heap(truth, &mut report);
                    model.verify_firmware_map(truth, &mut report);
                    model.verify_mappings(truth, &mut report);
                    model.verify_regions(truth, &mut report);
                    model.verify_processes(truth, &mut report);
                    model.verify_bytes(truth, &mut report);
                    model.verify_swap(truth, &mut report);
                    Sweep::Start
                }
            }
        };
        *self == Sweep::Start
    }
}
