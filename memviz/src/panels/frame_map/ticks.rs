//! The addresses beside the cells: of every 2^n-th row, so that each is a round number.
//!
//! ```text
//! 0x0000000 ─▓▓▓▓▓▓▓▓
//!            ▓▓▓▓▓▓▓▓       at least three lines of text from one to the next
//! 0x2000000 ─▓▓▓▓▓▓▓▓
//! ```

use super::grid::Grid;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use mm::memory_map::FRAME_BYTES;

/// The addresses of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    /// Hexadecimal digits of an address.
    digits: usize,
    /// A text cell, and the length of a tick with the gap before it.
    cell: Size,
    tick: u32,
}

impl Ticks {
    /// Returns the addresses of this many frames.
    pub fn new(styles: &Styles, frames: usize) -> Ticks {
        let last_address = (frames.max(1) as u64 * FRAME_BYTES - 1).max(0xfff_ffff);
        Ticks {
            digits: last_address.ilog2() as usize / 4 + 1,
            cell: style(styles).font.cell(),
            tick: styles.unit() / 2,
        }
    }

    /// Returns the height of a line.
    pub fn height(&self) -> u32 {
        self.cell.height
    }

    /// Returns the width of an address and its tick, up to the cells.
    pub fn width(&self) -> u32 {
        self.cells() as u32 * self.cell.width + 2 * self.tick + 1
    }

    fn cells(&self) -> usize {
        self.digits + 2
    }

    /// Draws the addresses at the left of the cells.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        grid: &Grid,
    ) -> Result<(), S::Error> {
        let (style, digits) = (style(styles), self.digits);
        let pitch = grid.pitch().height.max(1);
        let rows = (3 * self.cell.height).div_ceil(pitch).next_power_of_two() as usize;
        let corner = grid.area.top_left - Size::new(self.width(), 0);
        for row in (0..grid.rows).step_by(rows) {
            let y = corner.y + grid.top(row) as i32;
            let at = Point::new(corner.x, y - self.cell.height as i32 / 2);
            let address = grid.first_frame(row) as u64 * FRAME_BYTES;
            let slot = Slot::left(at, self.cells());
            style.draw(surface, slot, format_args!("0x{address:0digits$x}"))?;
            let end = grid.area.top_left.x - 1;
            let tick = rectangle(end - self.tick as i32, y, self.tick, 1);
            surface.fill_solid(&tick, styles.theme.edge)?;
        }
        Ok(())
    }
}

fn style(styles: &Styles) -> TextStyle {
    let theme = styles.theme;
    styles.digits(Role::Axis, Weight::Regular, theme.dim, theme.panel)
}
