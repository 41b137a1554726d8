//! A map of the blocks of the heap, and the reference counter of each frame.
//!
//! ```text
//!       blocks, four cells a frame          references, one cell a frame
//! row 0 |▓▓▓▓▓▓▓|░░░|░░░|▓|▓|▓▓ …           ▒▒▓▓░░▒▒ …        16 frames a row
//! row 1 …                                   …
//! ```
//! The same row shows the same frames in both halves. A cell of blocks has the colour of the owner
//! with most bytes in it. It is bright up to the requested bytes, dark for internal fragmentation,
//! dark grey for cached bytes, and grey above, for free bytes. A dark line marks the start of a
//! block. A cell of references is hotter the more live blocks touch its frame. If the rows do not
//! fit, a cell stands for 2^n times as much, and shows the frame with most references.

use super::mixture::Mixture;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::theme::Theme;
use crate::model::Heap;
use crate::model::heap::{GRANULE_BYTES, GRANULES_PER_FRAME};
use crate::view::dirty::DirtySet;
use crate::view::selection::Selection;
use crate::widgets;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// Frames, or groups of frames, in a row.
const GROUPS: usize = 16;
/// Cells of blocks in a group.
const CELLS: usize = 4;
/// The maximum live blocks of a frame.
const MOST_REFERENCES: u16 = GRANULES_PER_FRAME as u16;

/// The layout of the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapMap {
    at: Point,
    /// A cell of blocks, without the gap below it.
    cell: Size,
    /// A cell of references, without the gaps below and beside it.
    reference: Size,
    references_left: u32,
    /// The number of groups.
    groups: usize,
    /// A group is 2^shift frames.
    shift: u32,
}

impl HeapMap {
    /// Fits this many frames of heap into `area`.
    pub fn new(area: Rectangle, unit: u32, frames: usize) -> HeapMap {
        let gap = 2 * unit;
        let width = area.size.width.saturating_sub(gap) / (GROUPS * (CELLS + 2)) as u32;
        let cells_width = width.max(2) * (GROUPS * CELLS) as u32;
        let reference = area.size.width.saturating_sub(cells_width + gap) / GROUPS as u32;
        let reference = reference.max(2);
        // The last column has no gap after it.
        let references_left = (area.size.width + 1).saturating_sub(reference * GROUPS as u32);
        let least = (unit / 2).max(4);
        let most_rows = (area.size.height / least).max(1) as usize;
        let rows = |shift: u32| frames.div_ceil(GROUPS << shift);
        let shift = (0..).find(|&shift| rows(shift) <= most_rows).unwrap_or(0);
        let height = area.size.height / rows(shift).max(1) as u32;
        let height = height.clamp(2, 2 * unit) - 1;
        HeapMap {
            at: area.top_left,
            cell: Size::new(width.max(2), height),
            reference: Size::new(reference - 1, height),
            references_left,
            groups: frames.div_ceil(1 << shift),
            shift,
        }
    }

    /// Fits the blocks of this many frames into `area`, without references.
    pub fn of_blocks(area: Rectangle, unit: u32, frames: usize) -> HeapMap {
        let width = (area.size.width / (GROUPS * CELLS) as u32).max(2);
        let map = HeapMap::new(area, unit, frames);
        HeapMap {
            cell: Size::new(width, map.cell.height),
            reference: Size::zero(),
            ..map
        }
    }

    /// Draws the scale of a cell, and the scale of references.
    pub fn draw_legend<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let unit = styles.unit();
        let cells = (self.references_left / unit).saturating_sub(2) as usize;
        let slot = Slot::left(area.top_left, cells);
        let bytes = Bytes((self.granules_per_cell() * GRANULE_BYTES) as u64);
        let meaning = match cells {
            0..30 => "",
            30..47 => ", colour = owner",
            _ => ", colour = owner, dark = cached",
        };
        styles
            .dim
            .draw(surface, slot, format_args!("1 cell = {bytes}{meaning}"))?;

        let left = area.top_left + Size::new(self.references_left, 0);
        styles.dim.draw(surface, Slot::left(left, 7), "refs 1 ")?;
        let steps = 1 + MOST_REFERENCES.ilog2();
        let step = Size::new((unit / 2).max(2), styles.text.font.cell().height / 2);
        let mut at = left + Size::new(7 * unit, step.height / 2);
        for power in 0..steps {
            surface.fill_solid(&Rectangle::new(at, step), heat(styles.theme, 1 << power))?;
            at.x += step.width as i32;
        }
        let right = Point::new(at.x + unit as i32, area.top_left.y);
        styles
            .dim
            .draw(surface, Slot::left(right, 2), MOST_REFERENCES)
    }

    /// Returns the block at a point of the screen: the first block of its cell.
    pub fn block_at(&self, heap: &Heap, point: Point) -> Option<Selection> {
        let block = heap.block_at(self.granule_at(point)?)?;
        let offset = (block.granule * GRANULE_BYTES) as u64;
        Some(Selection::Block(heap.start()? + offset))
    }

    /// Returns the first granule of the cell of blocks at a point of the screen.
    fn granule_at(&self, point: Point) -> Option<usize> {
        let offset = point - self.at;
        let columns = (GROUPS * CELLS) as u32;
        let size = Size::new(
            columns * self.cell.width,
            self.rows() * (self.cell.height + 1),
        );
        if !Rectangle::new(self.at, size).contains(point) {
            return None;
        }
        let column = offset.x as usize / self.cell.width as usize;
        let row = offset.y as usize / (self.cell.height as usize + 1);
        let cell = row * columns as usize + column;
        (cell < self.groups * CELLS).then(|| cell * self.granules_per_cell())
    }

    fn rows(&self) -> u32 {
        self.groups.div_ceil(GROUPS) as u32
    }

    /// Draws every cell.
    pub fn draw_all<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        heap: &Heap,
    ) -> Result<(), S::Error> {
        (0..self.groups).try_for_each(|group| self.draw_group(surface, theme, heap, group))
    }

    /// Draws the cells of the frames that changed.
    pub fn draw_changed<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        heap: &Heap,
        changed: &DirtySet,
    ) -> Result<(), S::Error> {
        let mut last = None;
        for frame in changed.iter() {
            let group = frame >> self.shift;
            if last != Some(group) && group < self.groups {
                self.draw_group(surface, theme, heap, group)?;
            }
            last = Some(group);
        }
        Ok(())
    }

    /// Outlines the cells of these granules.
    pub fn draw_selection<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        granules: Range<usize>,
    ) -> Result<(), S::Error> {
        let per_cell = self.granules_per_cell();
        let (first, end) = (granules.start / per_cell, granules.end.div_ceil(per_cell));
        let columns = GROUPS * CELLS;
        for row in first / columns..end.div_ceil(columns) {
            let from = first.max(row * columns) - row * columns;
            let to = end.min((row + 1) * columns) - row * columns;
            let (x, y) = (
                from as u32 * self.cell.width,
                row as u32 * (self.cell.height + 1),
            );
            let width = (to - from) as u32 * self.cell.width;
            let area = Rectangle::new(
                self.at + Size::new(x, y),
                Size::new(width, self.cell.height),
            );
            let thickness = (self.cell.height / 4).clamp(1, 4);
            widgets::outline(surface, area, thickness, theme.accent)?;
        }
        Ok(())
    }

    fn granules_per_cell(&self) -> usize {
        (GRANULES_PER_FRAME / CELLS) << self.shift
    }

    fn draw_group<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        heap: &Heap,
        group: usize,
    ) -> Result<(), S::Error> {
        let (row, column) = ((group / GROUPS) as u32, (group % GROUPS) as u32);
        let y = row * (self.cell.height + 1);
        let granules = self.granules_per_cell();
        for quarter in 0..CELLS {
            let first = (group * CELLS + quarter) * granules;
            let x = (column * CELLS as u32 + quarter as u32) * self.cell.width;
            let at = self.at + Size::new(x, y);
            self.draw_cell(
                surface,
                theme,
                at,
                &Mixture::of(heap, first..first + granules),
            )?;
        }
        if self.reference.width == 0 {
            return Ok(());
        }
        let frames = group << self.shift..(group + 1) << self.shift;
        let shown = frames.start..frames.end.min(heap.frames().len());
        let references = heap.frames()[shown]
            .iter()
            .map(|frame| frame.live)
            .max()
            .unwrap_or(0);
        let x = self.references_left + column * (self.reference.width + 1);
        let area = Rectangle::new(self.at + Size::new(x, y), self.reference);
        surface.fill_solid(&area, heat(theme, references))
    }

    fn draw_cell<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        at: Point,
        mixture: &Mixture,
    ) -> Result<(), S::Error> {
        let Size { mut width, height } = self.cell;
        let mut left = at;
        if mixture.begins_block {
            surface.fill_solid(&Rectangle::new(at, Size::new(1, height)), theme.panel)?;
            left.x += 1;
            width -= 1;
        }
        let live = mixture.live_height(height);
        let free = if mixture.granules == 0 {
            theme.panel
        } else {
            theme.free
        };
        if live < height {
            let upper = Rectangle::new(left, Size::new(width, height - live));
            surface.fill_solid(&upper, free)?;
        }
        let cached = mixture.cached_height(height);
        if cached > 0 {
            let at = left + Size::new(0, height - live - cached);
            let middle = Rectangle::new(at, Size::new(width, cached));
            surface.fill_solid(&middle, theme.outline)?;
        }
        let color = theme.owner(mixture.owner).color;
        if live > 0 {
            let padding = mixture.padding_height(live);
            let at = left + Size::new(0, height - live);
            let middle = Rectangle::new(at, Size::new(width, padding));
            surface.fill_solid(&middle, theme.panel)?;
            let at = at + Size::new(0, padding);
            let lower = Rectangle::new(at, Size::new(width, live - padding));
            surface.fill_solid(&lower, color)?;
        }
        Ok(())
    }
}

/// Returns the colour of a reference counter, by powers of two. The colour of 0 is on no scale.
fn heat(theme: &Theme, references: u16) -> Rgb888 {
    match references.checked_ilog2() {
        None => theme.blank,
        Some(power) => theme.heat((power * 255 / MOST_REFERENCES.ilog2()).min(255) as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_frame_has_its_place_inside(
            width in 288..1300u32,
            height in 20..300u32,
            unit in prop::sample::select(&[6u32, 8, 10, 12, 16, 24][..]),
            chunks in 1..64usize,
        ) {
            let frames = chunks * 256;
            let map = HeapMap::new(Rectangle::new(Point::zero(), Size::new(width, height)), unit, frames);
            prop_assert!(map.groups << map.shift >= frames);
            let rows = map.groups.div_ceil(GROUPS) as u32;
            prop_assert!(rows * (map.cell.height + 1) <= height, "{map:?}");
            prop_assert!(map.cell.width * (GROUPS * CELLS) as u32 <= map.references_left);
            prop_assert!(map.references_left + GROUPS as u32 * (map.reference.width + 1) <= width + 1);
        }
    }
    #[test]
    fn references_get_hotter_by_powers_of_two() {
        let theme = Theme::ALL[0];
        assert_eq!(heat(theme, 0), theme.blank);
        assert_eq!(heat(theme, 1), theme.heat(0));
        assert_eq!(heat(theme, 8), theme.heat(127));
        assert_eq!(heat(theme, 64), theme.heat(255));
    }
}
