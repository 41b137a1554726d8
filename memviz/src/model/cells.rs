//! What the frame map shows: groups of 2^n frames, each summed up as it changes.
//!
//! ```text
//! frames   0 1 2 3 | 4 5 6 7 | 8 9 …      view: first = 0, shift = 2
//! cells       0    |    1    |  2 …
//! ```
//! Invariant: a cell is the sum over its frames, and over the regions that they lie in. It is kept
//! by adding what changed, so a picture costs what changed at any size of memory; another view is
//! summed up anew, from [subtotals](super::subtotals) where cells are large.

use super::accents::{Accent, Accents};
use super::firmware_map::{FirmwareMap, FirmwareRegion, frames_of};
use super::subtotals::{Subtotal, Subtotals};
use super::{Direction, Frame, Frames, OWNERS};
use crate::model::dirty::DirtySet;
use core::ops::Range;
use mm::memory_map::MemoryKind;

/// Which frames the cells show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Number of the first frame; a multiple of the cell's size.
    pub first: usize,
    /// A cell is 2^shift frames.
    pub shift: u32,
    /// How many cells.
    pub cells: usize,
}

impl View {
    /// Frames of one cell.
    pub fn frames_per_cell(&self) -> usize {
        1 << self.shift
    }

    /// The numbers of the frames in this cell.
    pub fn frames_of(&self, cell: usize) -> Range<usize> {
        let first = self.first + (cell << self.shift);
        first..first + self.frames_per_cell()
    }

    /// The cell of a frame, if it is in view.
    pub fn cell_of(&self, frame: usize) -> Option<usize> {
        let cell = frame.checked_sub(self.first)? >> self.shift;
        (cell < self.cells).then_some(cell)
    }

    /// The cells in view that show any of these frames.
    pub fn cells_of(&self, frames: Range<usize>) -> Range<usize> {
        let cell = |frame: usize| (frame.saturating_sub(self.first) >> self.shift).min(self.cells);
        let end = frames.end.saturating_add(self.frames_per_cell() - 1);
        let end = if frames.is_empty() { 0 } else { cell(end) };
        cell(frames.start).min(end)..end
    }
}

/// A group of frames in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Frames by owner.
    pub owners: [u32; OWNERS],
    /// Frames by kind of region; the ones that no region covers are in none.
    pub kinds: [u32; MemoryKind::ALL.len()],
    /// Frames with an owner.
    pub used: u32,
    /// Frames taken at boot for good.
    pub pinned: u32,
    /// Frames with more than one reference.
    pub shared: u32,
    /// Frames that the machine says are otherwise.
    pub differing: u32,
    /// References to all its frames.
    pub references: u64,
    /// Frames that are not cold.
    pub warm: u32,
    /// Heat of all its frames, each from 0 to 127.
    pub heat: u64,
}

impl Cell {
    /// Frames that the allocator may hand out, used or not.
    pub fn usable(&self) -> u32 {
        self.kinds[MemoryKind::Usable as usize]
    }

    /// The owner of most of its used frames; of two with as many, the first.
    pub fn main_owner(&self) -> Option<usize> {
        let (mut main, mut most, mut rest) = (None, 0, self.used);
        for (owner, &count) in self.owners.iter().enumerate() {
            if count > most {
                (main, most) = (Some(owner), count);
            }
            rest -= count;
            if most >= rest {
                break;
            }
        }
        main
    }

    /// Some region covers some of its frames.
    pub fn is_covered(&self) -> bool {
        self.kinds.iter().any(|&count| count > 0)
    }

    /// One of its frames was replaced.
    #[inline(always)]
    pub(super) fn replace(&mut self, before: &Frame, after: &Frame) {
        if before.tag() != after.tag() {
            let (old, new) = (before.owner(), after.owner());
            if let Some(owner) = old {
                self.owners[owner] -= 1;
                self.used -= 1;
            }
            if let Some(owner) = new {
                self.owners[owner] += 1;
                self.used += 1;
            }
            adjust(&mut self.pinned, before.is_pinned(), after.is_pinned());
        }
        if before.references() != after.references() {
            adjust(&mut self.shared, before.is_shared(), after.is_shared());
            let (gone, come) = (before.references().into(), u64::from(after.references()));
            self.references = self.references.wrapping_add(come).wrapping_sub(gone);
        }
        if !before.same_marks(after) {
            adjust(&mut self.differing, before.differs(), after.differs());
            let (old, new) = (before.heat(), after.heat());
            adjust(&mut self.warm, old.is_warm(), new.is_warm());
            self.heat = self.heat + u64::from(new.number()) - u64::from(old.number());
        }
    }
}

/// Counts something that a frame was or is now.
#[inline]
fn adjust(counter: &mut u32, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *counter += 1,
        (true, false) => *counter -= 1,
        _ => {}
    }
}

/// The buffers of [`Cells`]; the lengths are those of [`ModelNeeds`](super::ModelNeeds).
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct CellStorage<'m> {
    pub cells: &'m mut [Cell],
    pub accents: &'m mut [Accent],
    pub dirty: &'m mut [u64],
    pub subtotals: &'m mut [Subtotal],
}

/// The cells in view, and which of them changed.
#[derive(Debug)]
pub struct Cells<'m> {
    cells: &'m mut [Cell],
    view: View,
    /// What makes cells stand out.
    pub accents: Accents<'m>,
    /// Cells to draw again.
    pub dirty: DirtySet<'m>,
    subtotals: Subtotals<'m>,
}

impl<'m> Cells<'m> {
    pub(super) fn new(storage: CellStorage<'m>, frames: usize) -> Self {
        Cells {
            cells: storage.cells,
            view: View::default(),
            accents: Accents::new(storage.accents),
            dirty: DirtySet::new(storage.dirty),
            subtotals: Subtotals::new(storage.subtotals, frames),
        }
    }

    /// Which frames they show.
    pub fn view(&self) -> View {
        self.view
    }

    /// All cells in view.
    #[inline]
    pub fn all(&self) -> &[Cell] {
        &self.cells[..self.view.cells]
    }

    /// How many cells the buffers hold.
    pub fn capacity(&self) -> usize {
        self.cells.len().min(crate::model::dirty::CAPACITY)
    }

    pub(super) fn set_view(&mut self, view: View, frames: &Frames, firmware_map: &FirmwareMap) {
        let cells = view.cells.min(self.capacity());
        self.view = View { cells, ..view };
        self.dirty.resize(cells);
        self.accents.resize(cells);
        self.cells[..cells].fill(Cell::default());
        let shown = &mut self.cells[..cells];
        self.subtotals.add_view(shown, frames.all(), self.view);
        for region in firmware_map.all() {
            self.count_region(region, Direction::Forward);
        }
    }

    /// A frame was replaced.
    pub(super) fn change(&mut self, number: usize, before: &Frame, after: &Frame) {
        if let Some(at) = self.view.cell_of(number) {
            self.cells[at].replace(before, after);
            self.dirty.insert(at);
            self.accents.change(at);
        }
        self.subtotals.change(number);
    }

    /// An event happens: what it does to frames is to be seen, or not.
    #[inline]
    pub(super) fn happen(&mut self, time: u64, is_seen: bool) {
        self.accents.happen(time, is_seen, &mut self.dirty);
    }

    /// Forgets what changed when. The picture is that of `time` from now on: see
    /// [`Cells::remember`].
    pub fn forget(&mut self, time: u64) {
        self.accents.forget(time, &mut self.dirty);
    }

    /// These frames changed at `time`.
    pub fn remember(&mut self, frames: Range<usize>, time: u64) {
        let cells = self.view.cells_of(frames);
        self.accents.remember(cells, time, &mut self.dirty);
    }

    /// Whether the map is as old as a picture of this time: see [`accents`](super::accents).
    pub fn is_of_period(&self, time: u64) -> bool {
        self.accents.is_of_period(time)
    }

    /// What changed these frames is undone: nobody knows when they changed before.
    pub fn undo(&mut self, frames: Range<usize>) {
        let cells = self.view.cells_of(frames);
        self.accents.undo(cells, &mut self.dirty);
    }

    /// These frames changed at `time`: as [`Cells::remember`], for those of these cells of which
    /// nothing later is known.
    #[inline]
    pub fn recall(&mut self, frames: Range<usize>, time: u64, of: &Range<usize>) {
        let cells = self.view.cells_of(frames);
        let cells = cells.start.max(of.start)..cells.end.min(of.end);
        self.accents.recall(cells, time, &mut self.dirty);
    }

    /// The sum over frames with these numbers, of which the regions are not counted.
    pub(super) fn sum(&mut self, frames: &Frames, range: Range<usize>) -> Cell {
        let mut sum = Cell::default();
        self.subtotals.add(&mut sum, frames.all(), range);
        sum
    }

    /// Sums up what changed among these frames, so that another view need not: for whoever has just
    /// read them all.
    pub(crate) fn sum_up(&mut self, frames: &Frames, range: Range<usize>) {
        self.sum(frames, range);
    }

    /// A region was told, or taken back.
    pub(super) fn region(&mut self, region: &FirmwareRegion, direction: Direction) {
        for cell in self.count_region(region, direction) {
            self.dirty.insert(cell);
        }
    }

    /// Counts a region in the cells that it covers: these.
    fn count_region(&mut self, region: &FirmwareRegion, direction: Direction) -> Range<usize> {
        let view = self.view;
        let (begin, end) = (view.first, view.frames_of(view.cells).start);
        let frames = frames_of(region);
        let from = frames.start.clamp(begin as u64, end as u64) as usize;
        let to = frames.end.clamp(begin as u64, end as u64) as usize;
        let covered = view.cells_of(from..to);
        for (number, cell) in covered.clone().zip(&mut self.cells[covered.clone()]) {
            let frames = view.frames_of(number);
            let count = (frames.end.min(to) - frames.start.max(from)) as u32;
            let counter = &mut cell.kinds[region.kind as usize];
            *counter = match direction {
                Direction::Forward => counter.wrapping_add(count),
                Direction::Back => counter.wrapping_sub(count),
            };
        }
        covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_are_those_of_the_frames(first in 0usize..4, shift in 0u32..5, cells in 0usize..20, start in 0usize..200, count in prop_oneof![Just(0), 1usize..50]) {
            let view = View { first: first << shift, shift, cells };
            let frames = start..start + count;
            let shows = |&cell: &usize| frames.clone().any(|frame| view.cell_of(frame) == Some(cell));
            let expected: Vec<_> = (0..cells).filter(shows).collect();
            prop_assert_eq!(view.cells_of(frames.clone()).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn the_main_owner_has_the_most(counts in prop::array::uniform8(0u32..5)) {
            let cell = Cell { owners: counts, used: counts.iter().sum(), ..Cell::default() };
            let most = counts.iter().copied().max().filter(|&most| most > 0);
            let expected = most.and_then(|most| counts.iter().position(|&count| count == most));
            prop_assert_eq!(cell.main_owner(), expected);
        }
    }
}
