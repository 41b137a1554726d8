//! Draws how the address of the buddy follows from that of the block: one bit differs.

use super::drawing::Drawing;
use super::geometry::Geometry;
use super::levels::Level;
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::heap::block_bytes;
use crate::panels::figures::parts;
use crate::widgets::shapes::{rectangle, ring, round_box};
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count};

/// The bits of an address that can differ between buddies.
const BITS: u32 = 20;

impl Drawing<'_, '_> {
    /// Draws how the buddy's address follows from the block's: in hexadecimal and in bits.
    pub fn draw_xor<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        block: &Level,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let bytes = block_bytes(block.order);
        let bit = bytes.trailing_zeros();
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let left = geometry.content.top_left.x;
        let rule = rectangle(
            left,
            geometry.below - self.length(8),
            geometry.content.size.width,
            1,
        );
        surface.fill_solid(&rule, theme.outline)?;
        let pitch = self.length(28);
        let top = geometry.below + self.length(12);
        let size = Bytes(bytes);
        let (start, buddy) = (block.start.as_u64(), block.buddy_start().as_u64());
        let rows: [(&dyn Display, u64); 3] = [
            (&"block", start),
            (&format_args!("XOR {size}"), bytes),
            (&"buddy", buddy),
        ];
        let digits = styles.digits(Role::Title, Weight::Regular, theme.text, theme.panel);
        let cell = digits.font.cell();
        let cells = width(format_args!("{start:#x}"));
        let bits_left = geometry.left + ((cells as u32 + 3) * cell.width) as i32;
        for (row, (name, value)) in (0..).zip(rows) {
            let y = top + row * pitch;
            let line = small.face.line_height() as i32;
            let end = Point::new(
                geometry.left - self.length(12),
                y + (cell.height as i32 - line) / 2,
            );
            small.right(surface, end, name)?;
            let slot = Slot::right(Point::new(geometry.left, y), cells);
            match row {
                1 => digits.draw(surface, slot, format_args!("{value:x}"))?,
                _ => digits.draw(surface, slot, format_args!("{value:#x}"))?,
            }
            self.draw_bits(surface, Point::new(bits_left, y), value, bit, row > 0)?;
        }
        self.draw_mark(surface, Point::new(bits_left, top), bit, pitch)?;
        self.draw_words(surface, geometry, Point::new(bits_left, top), bit, pitch)
    }

    /// Draws what the bit is worth, at the right of the bits if there is room.
    fn draw_words<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        at: Point,
        bit: u32,
        pitch: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        let x = at.x + self.bit_step(0) + self.length(36);
        let room = geometry.content.top_left.x + geometry.content.size.width as i32 - x;
        let value = Count(1 << bit);
        let rows = [
            parts::text::<80>(format_args!(
                "Bit {bit} is worth {value}: it flips, and no other."
            )),
            parts::text::<80>("The same operation leads back."),
        ];
        for (row, words) in (0..).zip(rows) {
            if small.width(&words) as i32 <= room {
                small.left(surface, Point::new(x, at.y + row * pitch), &words)?;
            }
        }
        Ok(())
    }

    /// Draws a ring around a bit in all three rows, and its number above.
    fn draw_mark<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        bit: u32,
        pitch: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let Point {
            x: bits_left,
            y: top,
        } = at;
        let small_cell = self.bit_size();
        let column = self.bit_left(bits_left, bit);
        let around = rectangle(
            column,
            top,
            small_cell.width,
            (2 * pitch) as u32 + small_cell.height,
        );
        ring(surface, around, 1, 2, theme.accent)?;
        let words = styles.names(Role::Small, theme.accent, theme.panel);
        let above = Point::new(
            column + small_cell.width as i32 / 2,
            top - words.face.line_height() as i32 - 4,
        );
        words.centre(surface, above, format_args!("bit {bit}"))?;
        Ok(())
    }

    /// The box of a bit.
    fn bit_size(&self) -> Size {
        Size::new(self.length(16) as u32, self.length(21) as u32)
    }

    /// The distance of a bit from the left end: groups of four have a gap.
    fn bit_step(&self, bit: u32) -> i32 {
        let before = (BITS - 1 - bit) as i32;
        before * self.length(19) + before / 4 * self.length(6)
    }

    /// The left edge of a bit.
    fn bit_left(&self, left: i32, bit: u32) -> i32 {
        left + self.bit_step(bit.min(BITS - 1))
    }

    /// Draws the low bits of an address; the one of the block's size has the accent if it is 1.
    fn draw_bits<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        value: u64,
        marked: u32,
        has_accent: bool,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let size = self.bit_size();
        for bit in 0..BITS {
            let is_one = value >> bit & 1 == 1;
            let (ink, fill): (Rgb888, Rgb888) = match (bit == marked, is_one) {
                (true, true) if has_accent => (theme.on_accent, theme.accent),
                (true, _) => (theme.text, theme.cell),
                (false, _) => (theme.dim, theme.cell),
            };
            let area = Rectangle::new(Point::new(self.bit_left(at.x, bit), at.y), size);
            round_box(surface, area, 2, fill)?;
            let style = self.styles.digits(Role::Small, Weight::Regular, ink, fill);
            let cell = style.font.cell();
            let inside = area.top_left + size.saturating_sub(cell) / 2;
            style.draw(surface, Slot::left(inside, 1), u8::from(is_one))?;
        }
        Ok(())
    }
}
