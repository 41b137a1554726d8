//! Draws the whole map by lines of pixels.
//!
//! ```text
//! cells    [▓][▓][░][▒] …      up to BATCH of them side by side
//! line     ▓▓▓ ▓▓▓ ░░░ ▒▒▒     expanded once, copied down until a cell changes its colour
//! ```
//! The line keeps its contents from one line to the next, as long as the same columns follow: only
//! cells of another colour are filled.

use super::Grid;
use super::look::Look;
use crate::graphics::surface::Surface;
use crate::graphics::theme::Theme;
use crate::view::map::Cells;
use crate::view::map_mode::MapMode;
use core::ops::Range;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;

/// Cells that are expanded to a line of pixels at once.
const BATCH: usize = 256;
/// Pixels of such a line.
const LINE: usize = 3328;

/// A line of pixels, and the cells in it.
pub struct Lines<'a> {
    grid: &'a Grid,
    theme: &'a Theme,
    mode: MapMode,
    looks: [Look; BATCH],
    /// The colour of each cell in the line.
    shown: [Rgb888; BATCH],
    /// The first column in the line, once there is one, and the pixel at which each begins.
    column: Option<usize>,
    begins: [u16; BATCH + 1],
    line: [Rgb888; LINE],
}

impl<'a> Lines<'a> {
    /// A line with no cells.
    pub fn new(grid: &'a Grid, theme: &'a Theme, mode: MapMode) -> Lines<'a> {
        Lines {
            grid,
            theme,
            mode,
            looks: [Look::EMPTY; BATCH],
            shown: [theme.panel; BATCH],
            column: None,
            begins: [0; BATCH + 1],
            line: [theme.panel; LINE],
        }
    }

    /// Draws all cells, without the hatching of the cells that differ. Stores their indices in
    /// `differs`.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        cells: &Cells,
        mut differs: impl FnMut(&mut S, usize) -> Result<(), S::Error>,
    ) -> Result<(), S::Error> {
        let widest = self.grid.pitch().width as usize + 1;
        let batch = (LINE / widest).clamp(1, BATCH);
        let all = cells.all();
        for row in (0..all.len()).step_by(self.grid.columns) {
            let end = all.len().min(row + self.grid.columns);
            for first in (row..end).step_by(batch) {
                let range = first..end.min(first + batch);
                self.draw_batch(surface, cells, range.clone())?;
                for cell in range.filter(|&cell| all[cell].differing > 0) {
                    differs(surface, cell)?;
                }
            }
        }
        Ok(())
    }

    fn draw_batch<S: Surface>(
        &mut self,
        surface: &mut S,
        cells: &Cells,
        range: Range<usize>,
    ) -> Result<(), S::Error> {
        let first = self.grid.rectangle(range.start);
        let (start, height, gap) = (first.top_left, first.size.height, self.grid.gap as usize);
        let column = range.start % self.grid.columns;
        if self.column.replace(column) != Some(column) {
            self.line.fill(self.theme.panel);
            self.shown.fill(self.theme.panel);
            let from = self.grid.left(column);
            for (cell, begin) in self.begins.iter_mut().enumerate() {
                *begin = (self.grid.left(column + cell) - from) as u16;
            }
        }
        let begins = &self.begins[..=range.len()];
        let looks = &mut self.looks[..range.len()];
        let line = &mut self.line[..begins[range.len()].into()];
        for (look, cell) in looks.iter_mut().zip(&cells.all()[range.clone()]) {
            *look = Look::new(cell, self.mode, self.theme, height);
        }
        if cells.accents.is_any_fresh() && !cells.is_settled {
            for (look, cell) in looks.iter_mut().zip(range) {
                if let Some(age) = cells.fading(cell) {
                    look.age(age, self.mode, self.theme, height);
                }
            }
        }
        let mut top = 0;
        while top < height {
            let mut end = height;
            let places = begins.windows(2).zip(&mut self.shown);
            for ((ends, shown), look) in places.zip(&*looks) {
                let boundary = height - look.filled;
                let color = if top < boundary {
                    end = end.min(boundary);
                    look.ground
                } else {
                    look.ink
                };
                if *shown != color {
                    *shown = color;
                    line[ends[0].into()..usize::from(ends[1]) - gap].fill(color);
                }
            }
            surface.repeat_row(start + Point::new(0, top as i32), end - top, line)?;
            top = end;
        }
        Ok(())
    }
}
