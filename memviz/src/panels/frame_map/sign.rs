//! Letters and numbers in large cells: colour is never the only information.
//!
//! | view | in a cell of one frame |
//! |---|---|
//! | state, tags | the letter of the legend, and the reference count from 2 |
//! | heat | the level, from 1 to 127 |
//! | references | the count |

use super::grid::Grid;
use super::look::{self, Look};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::view::map::Cell;
use crate::view::map_mode::MapMode;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::RgbColor;
use embedded_graphics::primitives::Rectangle;

/// Writes into cells.
pub struct Signs<'s>(pub &'s Styles);

impl Signs<'_> {
    /// Returns whether the cells are single frames, and large enough.
    pub fn fit(grid: &Grid, styles: &Styles) -> bool {
        let text = styles.title.font.cell();
        let cell = grid.rectangle(0).size;
        grid.view.shift == 0 && cell.width >= 2 * text.width && cell.height >= text.height
    }

    /// Writes the letter or number of the view into the cell in this rectangle.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        look: &Look,
        cell: &Cell,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        let sign = Sign { cell, mode };
        let text = width(&sign);
        if text == 0 || look.differs {
            return Ok(());
        }
        let ground = if look.filled > 0 {
            look.ink
        } else {
            look.ground
        };
        let theme = self.0.theme;
        let ink = if is_dark(ground) {
            theme.text
        } else {
            theme.ground
        };
        let style = TextStyle::new(self.0.title.font, ink, ground);
        let glyph = style.font.cell();
        let cells = (area.size.width / glyph.width) as usize;
        let text = text.min(cells);
        let free = area.size - Size::new(text as u32 * glyph.width, glyph.height);
        let at = area.top_left + Point::new(free.width as i32 / 2, free.height as i32 / 2);
        style.draw(surface, Slot::left(at, text), sign)
    }
}

/// Returns whether light text is easier to read on this colour than dark text.
fn is_dark(color: Rgb888) -> bool {
    const HALF_WAY: u32 = 115;
    let [red, green, blue] = [color.r(), color.g(), color.b()].map(u32::from);
    (2 * red + 5 * green + blue) / 8 < HALF_WAY
}

/// Formats the text in the cell of one frame.
struct Sign<'c> {
    cell: &'c Cell,
    mode: MapMode,
}

impl fmt::Display for Sign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Sign { cell, mode } = self;
        let letter = match (mode, cell.main_owner()) {
            (MapMode::Heat, _) if cell.warm == 0 => return Ok(()),
            (MapMode::Heat, _) => return write!(f, "{}", cell.heat),
            (_, None) => return Ok(()),
            (MapMode::References, Some(_)) => return write!(f, "{}", cell.references),
            (MapMode::State, Some(_)) if cell.pinned > 0 => look::BOOT,
            (MapMode::State, Some(_)) => look::USED,
            (MapMode::Tags, Some(owner)) => crate::graphics::theme::owner_letter(owner),
        };
        match cell.references {
            ..2 => write!(f, "{letter}"),
            count => write!(f, "{letter}{count}"),
        }
    }
}
