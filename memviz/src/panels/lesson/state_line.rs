//! The line below a caption: the state and the time of the picture, and whether it agrees with the
//! machine.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::panels::header::Header;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Moment};

/// The values that the line shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateLine {
    is_paused: bool,
    is_past: bool,
    /// In tenths of a second.
    time: u64,
    disagreements: u64,
    lost: u64,
}

impl StateLine {
    /// The values of the header.
    pub fn of(header: &Header) -> StateLine {
        StateLine {
            is_paused: header.paused,
            is_past: header.behind > 0,
            time: header.time / 100_000_000,
            disagreements: header.disagreements,
            lost: header.lost,
        }
    }

    /// Draws the line.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        surface.fill_solid(&area, theme.ground)?;
        let small = styles.words(Role::Small, theme.dim, theme.ground);
        let bold = styles.names(Role::Small, theme.text, theme.ground);
        let warning = styles.names(Role::Small, theme.warning, theme.ground);
        let line = small.face.line_height();
        let top = area.top_left.y + (area.size.height.saturating_sub(line) / 2) as i32;
        let margin = area.size.width as i32 / 80;
        let left = area.top_left.x + margin;
        let state = match (self.is_past, self.is_paused) {
            (true, _) => "◀ REPLAY",
            (false, true) => "■ HELD",
            (false, false) => "▶ LIVE",
        };
        let drawn = bold.left(surface, Point::new(left, top), state)?;
        let digits = styles.digits(Role::Small, Weight::Regular, theme.text, theme.ground);
        let time = Moment(self.time * 100_000_000);
        let time = format_args!("{time:.1}");
        let behind = drawn.size.width + styles.scale.length(10);
        let cell = digits.font.cell().height;
        let middle = area.top_left.y + (area.size.height.saturating_sub(cell) / 2) as i32;
        let at = Point::new(left, middle) + Size::new(behind, 0);
        digits.draw(surface, Slot::left(at, width(time)), time)?;
        let right = Point::new(area.top_left.x + area.size.width as i32 - margin, top);
        match *self {
            StateLine { lost: 1.., .. } => {
                let words = format_args!("▲ {} events lost", Count(self.lost));
                warning.right(surface, right, words)?
            }
            StateLine { is_past: true, .. } => small.right(surface, right, "the past")?,
            StateLine {
                disagreements: 1.., ..
            } => {
                let words = format_args!("▲ differs in {} places", Count(self.disagreements));
                warning.right(surface, right, words)?
            }
            _ => small.right(surface, right, "✓ same as the machine")?,
        };
        Ok(())
    }
}
