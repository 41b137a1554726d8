//! Draws the bits of the address above each column.

use super::drawing::Drawing;
use super::geometry::Geometry;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::walk::{End, Walk};
use crate::widgets::shapes::{ArrowStyle, down_arrow, rectangle, round_box};
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl Drawing<'_> {
    /// Draws the bits that select an entry, and their value.
    pub fn draw_bits<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        walk: &Walk,
        column: usize,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (high, low) = bit_range(column);
        let left = geometry.column(column);
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let top = geometry.content.top_left.y;
        let slot = Slot::left(Point::new(left, top), 2);
        axis.draw(surface, slot, high)?;
        let right = left + (geometry.width - 2 * cell.width) as i32;
        axis.draw(surface, Slot::right(Point::new(right, top), 2), low)?;
        let height = self.length(30);
        let area = rectangle(left, geometry.bits, geometry.width, height);
        round_box(surface, area, 3, theme.cell)?;
        let is_offset = column >= walk.steps().len() && is_mapped(walk);
        let color = match (is_offset, column) {
            (true, _) | (_, 4) => theme.text,
            (false, level) => theme.level(level),
        };
        let under = Size::new(geometry.width, self.length(4));
        let line = area.top_left + Size::new(0, height);
        surface.fill_solid(&Rectangle::new(line, under), color)?;
        let bits = Bits {
            bits: walk.address.as_u64(),
            high,
            low,
        };
        let style = self.digits(Role::Body, theme.text, theme.cell);
        let cell = style.font.cell();
        let cells = width(bits);
        let inside = area.center() - Size::new(cells as u32 * cell.width, cell.height) / 2;
        style.draw(surface, Slot::left(inside, cells), bits)?;
        let middle = left + geometry.width as i32 / 2;
        let below = Point::new(middle, line.y + self.length(8) as i32);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let value = walk.address.as_u64() >> low & ((1 << (high - low + 1)) - 1);
        match (column, is_offset) {
            (4, _) => small.centre(surface, below, format_args!("offset {value:#x}"))?,
            (_, true) => small.centre(surface, below, "part of the offset")?,
            (_, false) => small.centre(surface, below, format_args!("index {value}"))?,
        };
        let from = below.y + small.face.line_height() as i32 + 2;
        let style = ArrowStyle {
            color: theme.rule,
            thickness: 1,
            head: self.length(6),
            dashed: false,
        };
        match column < walk.steps().len() || column == 4 && is_mapped(walk) {
            true => down_arrow(surface, middle, from, geometry.heads - 3, style),
            false => Ok(()),
        }
    }
}

fn is_mapped(walk: &Walk) -> bool {
    matches!(walk.end, End::Mapped { .. })
}

/// The address bits of a column.
fn bit_range(column: usize) -> (u32, u32) {
    match column {
        0..4 => (47 - 9 * column as u32, 39 - 9 * column as u32),
        _ => (11, 0),
    }
}

/// Formats bits in groups of three, or of four for the offset.
#[derive(Clone, Copy)]
struct Bits {
    bits: u64,
    high: u32,
    low: u32,
}

impl Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.high - self.low + 1;
        let group = if count == 9 { 3 } else { 4 };
        for bit in (self.low..=self.high).rev() {
            write!(f, "{}", self.bits >> bit & 1)?;
            if bit > self.low && (bit - self.low).is_multiple_of(group) {
                f.write_str(" ")?;
            }
        }
        Ok(())
    }
}
