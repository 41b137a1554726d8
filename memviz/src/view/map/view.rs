//! The frames that the cells of the map show.

use core::ops::Range;

/// The frames that the cells show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The number of the first frame, a multiple of the cell's size.
    pub first: usize,
    /// The binary logarithm of the frames in a cell.
    pub shift: u32,
    /// The number of cells.
    pub cells: usize,
}

impl View {
    /// Returns the number of frames in a cell.
    pub fn frames_per_cell(&self) -> usize {
        1 << self.shift
    }

    /// Returns the numbers of the frames in a cell.
    pub fn frames_of(&self, cell: usize) -> Range<usize> {
        let first = self.first + (cell << self.shift);
        first..first + self.frames_per_cell()
    }

    /// Returns the cell of a frame, if it is in view.
    pub fn cell_of(&self, frame: usize) -> Option<usize> {
        let cell = frame.checked_sub(self.first)? >> self.shift;
        (cell < self.cells).then_some(cell)
    }

    /// Returns the cells in view that show any of these frames.
    pub fn cells_of(&self, frames: Range<usize>) -> Range<usize> {
        let cell = |frame: usize| (frame.saturating_sub(self.first) >> self.shift).min(self.cells);
        let end = frames.end.saturating_add(self.frames_per_cell() - 1);
        let end = if frames.is_empty() { 0 } else { cell(end) };
        cell(frames.start).min(end)..end
    }
}
