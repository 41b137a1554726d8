//! The cells of the frame map: sums over groups of 2^n frames, updated with each change.
//!
//! ```text
//! frames   0 1 2 3 | 4 5 6 7 | 8 9 …      view: first = 0, shift = 2
//! cells       0    |    1    |  2 …
//! ```
//! Invariant: a cell is the sum over its frames, and over the regions that they lie in. Each change
//! updates one cell, so the cost of a picture does not depend on the size of memory. Another view
//! is computed from the frames, or from [subtotals](super::subtotals) if its cells are large.

use super::accents::{Accent, Accents};
use super::cell::Cell;
use super::subtotals::{Subtotal, Subtotals};
use super::view::View;
use crate::model::firmware_map::frames_of;
use crate::model::{Direction, FirmwareMap, FirmwareRegion, Frame, Frames};
use crate::view::dirty::{self, DirtySet};
use core::ops::Range;

/// The buffers of [`Cells`]; the lengths are those of
/// [`ChangesNeeds`](crate::view::changes::ChangesNeeds).
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
    /// The accents of the cells.
    pub accents: Accents<'m>,
    /// The cells to redraw.
    pub dirty: DirtySet<'m>,
    /// True if time is paused, so that recent changes do not stand out.
    pub is_settled: bool,
    subtotals: Subtotals<'m>,
}

impl<'m> Cells<'m> {
    /// Creates an empty view of a machine with `frames` frames.
    pub fn new(storage: CellStorage<'m>, frames: usize) -> Self {
        Cells {
            cells: storage.cells,
            view: View::default(),
            accents: Accents::new(storage.accents),
            dirty: DirtySet::new(storage.dirty),
            is_settled: false,
            subtotals: Subtotals::new(storage.subtotals, frames),
        }
    }

    /// Returns the periods since the last change of a cell, while that stands out.
    #[inline]
    pub fn fading(&self, cell: usize) -> Option<u32> {
        match self.is_settled {
            true => None,
            false => self.accents.age(cell),
        }
    }

    /// Returns the frames that the cells show.
    pub fn view(&self) -> View {
        self.view
    }

    /// Returns all cells in view.
    #[inline]
    pub fn all(&self) -> &[Cell] {
        &self.cells[..self.view.cells]
    }

    /// Returns the number of cells that the buffers hold.
    pub fn capacity(&self) -> usize {
        self.cells.len().min(dirty::CAPACITY)
    }

    /// Shows other frames, and computes their sums.
    pub fn set_view(&mut self, view: View, frames: &Frames, firmware_map: &FirmwareMap) {
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

    /// Updates the cell of a frame that changed.
    pub fn change(&mut self, number: usize, before: &Frame, after: &Frame) {
        if let Some(at) = self.view.cell_of(number) {
            self.cells[at].replace(before, after);
            self.dirty.insert(at);
            self.accents.change(at);
        }
        self.subtotals.change(number);
    }

    /// Keeps the following changes invisible: an event is reverted, or the machine was compared.
    #[inline]
    pub fn ignore(&mut self) {
        self.accents.ignore();
    }

    /// Starts an event; `is_seen` says whether its changes of frames are visible.
    #[inline]
    pub fn happen(&mut self, time: u64, is_seen: bool) {
        self.accents.happen(time, is_seen, &mut self.dirty);
    }

    /// Forgets the times of all changes, and sets the time of the picture: see
    /// [`Cells::remember`].
    pub fn forget(&mut self, time: u64) {
        self.accents.forget(time, &mut self.dirty);
    }

    /// Records that some frames changed at `time`.
    pub fn remember(&mut self, frames: Range<usize>, time: u64) {
        let cells = self.view.cells_of(frames);
        self.accents.remember(cells, time, &mut self.dirty);
    }

    /// Returns whether a time is in the period of the picture: see [`accents`](super::accents).
    pub fn is_of_period(&self, time: u64) -> bool {
        self.accents.is_of_period(time)
    }

    /// Forgets the last change of some frames, which was reverted.
    pub fn undo(&mut self, frames: Range<usize>) {
        let cells = self.view.cells_of(frames);
        self.accents.undo(cells, &mut self.dirty);
    }

    /// Records that some frames changed at `time`, for those cells that have no later change.
    #[inline]
    pub fn recall(&mut self, frames: Range<usize>, time: u64, of: &Range<usize>) {
        let cells = self.view.cells_of(frames);
        let cells = cells.start.max(of.start)..cells.end.min(of.end);
        self.accents.recall(cells, time, &mut self.dirty);
    }

    /// Returns the sum over the frames with these numbers, without their regions.
    pub fn sum(&mut self, frames: &[Frame], range: Range<usize>) -> Cell {
        let mut sum = Cell::default();
        self.subtotals.add(&mut sum, frames, range);
        sum
    }

    /// Updates the stale subtotals of frames that the caller has just read, so that another view
    /// need not.
    pub fn sum_up(&mut self, frames: &[Frame], range: Range<usize>) {
        self.sum(frames, range);
    }

    /// Adds or removes a memory region.
    pub fn region(&mut self, region: &FirmwareRegion, direction: Direction) {
        for cell in self.count_region(region, direction) {
            self.dirty.insert(cell);
        }
    }

    /// Adds or removes a memory region in some of the cells that it covers.
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
