//! Outlines of the highlighted cells, drawn over the cells beside them.
//!
//! ```text
//! ░░░░░░░░░░░░░░░░
//! ░░┏━━━━━━━━━━━┓░   a bright line with a dark line inside: visible on cells of any colour;
//! ░░┃▓▓▓▓▓▓▓▓▓▓▓┃░   neighbours that are highlighted for the same reason have one outline
//! ░░┗━━━━━━━━━━━┛░
//! ```
//! Both lines together are never wider than a cell. Clearing them uncovers only the eight cells
//! around a highlighted cell.

use super::grid::{Grid, smallest_cell};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::theme::Theme;
use crate::view::map::{Cells, Marks};
use crate::widgets::shapes::grown;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Draws outlines around cells of a grid.
pub struct Outlines<'g> {
    grid: &'g Grid,
    /// Width of both lines, in pixels.
    width: u32,
    /// Width of the bright line.
    bright: u32,
}

/// The style of the outlines of one reason.
struct Pen {
    marks: Marks,
    bright: Rgb888,
    dark: Rgb888,
}

impl<'g> Outlines<'g> {
    /// The line widths for the text size and the cell size.
    pub fn new(grid: &'g Grid, styles: &Styles) -> Outlines<'g> {
        let smallest = smallest_cell(styles);
        let pitch = grid.pitch();
        let large = (pitch.width.min(pitch.height) / 2).min(styles.unit());
        // Large cells have broad lines, half bright and half dark. Beside bright cells the dark
        // line is visible.
        let (width, bright) = match large > smallest {
            true => (large, large - large / 2),
            false => (smallest, smallest - (smallest / 3).max(1)),
        };
        Outlines {
            grid,
            width,
            bright,
        }
    }

    /// Draws all outlines. The selection is last, on top.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        cells: &Cells,
    ) -> Result<(), S::Error> {
        if !cells.accents.is_any_highlighted() {
            return Ok(());
        }
        let colors = [
            (Marks::HAPPENING, theme.accent),
            (Marks::IN_THE_WAY, theme.warning),
            (Marks::SELECTED, theme.text),
        ];
        for (marks, bright) in colors {
            let dark = theme.ground;
            let pen = Pen {
                marks,
                bright,
                dark,
            };
            for cell in 0..cells.all().len() {
                if cells.accents.marks(cell).contains(marks) {
                    self.draw_around(surface, cells, cell, &pen)?;
                }
            }
        }
        Ok(())
    }

    /// Clears all outlines: the cells below them must be drawn again.
    pub fn erase<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        cells: &mut Cells,
    ) -> Result<(), S::Error> {
        if !cells.accents.is_any_highlighted() {
            return Ok(());
        }
        let all = cells.all().len();
        for cell in 0..all {
            if cells.accents.marks(cell).is_empty() {
                continue;
            }
            surface.fill_solid(&self.around(cell, self.width), theme.panel)?;
            let (row, column) = (cell / self.grid.columns, cell % self.grid.columns);
            for row in row.saturating_sub(1)..=row + 1 {
                for column in column.saturating_sub(1)..=(column + 1).min(self.grid.columns - 1) {
                    let beside = row * self.grid.columns + column;
                    if beside < all {
                        cells.dirty.insert(beside);
                    }
                }
            }
        }
        cells.accents.clear_marks();
        Ok(())
    }

    /// A cell with the gap after it, and this many pixels around it.
    fn around(&self, cell: usize, pixels: u32) -> Rectangle {
        grown(self.grid.place(cell), pixels)
    }

    /// Draws the lines on the sides where the next cell is not highlighted for the same reason.
    fn draw_around<S: Surface>(
        &self,
        surface: &mut S,
        cells: &Cells,
        cell: usize,
        pen: &Pen,
    ) -> Result<(), S::Error> {
        let columns = self.grid.columns;
        let column = cell % columns;
        let is_highlighted =
            |cell: usize| cell < cells.all().len() && cells.accents.marks(cell).contains(pen.marks);
        let open = Sides {
            left: column == 0 || !is_highlighted(cell - 1),
            right: column + 1 == columns || !is_highlighted(cell + 1),
            above: cell < columns || !is_highlighted(cell - columns),
            below: !is_highlighted(cell + columns),
        };
        let (area, place) = (self.grid.rectangle(cell), self.grid.place(cell));
        // With the gap after it on sides without a line.
        let of = |is_open, rectangle: u32, place: u32| if is_open { rectangle } else { place };
        let size = Size::new(
            of(open.right, area.size.width, place.size.width),
            of(open.below, area.size.height, place.size.height),
        );
        let area = Rectangle::new(area.top_left, size);
        let dark = self.width - self.bright;
        open.draw(surface, area, dark, self.bright, pen.bright)?;
        open.draw(surface, area, 0, dark, pen.dark)
    }
}

/// The sides of a cell that have a line.
struct Sides {
    left: bool,
    right: bool,
    above: bool,
    below: bool,
}

impl Sides {
    /// Draws a line `width` pixels wide on these sides, `from` pixels outside of a rectangle.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        from: u32,
        width: u32,
        color: Rgb888,
    ) -> Result<(), S::Error> {
        // The extension of the ends of a line past the corners.
        let far = (from + width) as i32;
        let beyond = |side: bool| if side { far } else { 0 };
        let Size {
            width: w,
            height: h,
        } = area.size;
        let (w, h) = (w as i32, h as i32);
        let (left, right) = (-beyond(self.left), w + beyond(self.right));
        let (top, bottom) = (-beyond(self.above), h + beyond(self.below));
        let (from, width) = (from as i32, width as i32);
        let lines = [
            (self.above, left, -far, right - left, width),
            (self.below, left, h + from, right - left, width),
            (self.left, -far, top, width, bottom - top),
            (self.right, w + from, top, width, bottom - top),
        ];
        for (_, x, y, width, height) in lines.into_iter().filter(|line| line.0) {
            let at = area.top_left + Point::new(x, y);
            let line = Rectangle::new(at, Size::new(width as u32, height as u32));
            surface.fill_solid(&line, color)?;
        }
        Ok(())
    }
}
