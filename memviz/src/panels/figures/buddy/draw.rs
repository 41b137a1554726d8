//! Draws the chunk to scale, the levels, and the buddy's address.

use super::levels::{Level, Levels, State};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::Model;
use crate::model::heap::block_bytes;
use crate::panels::figures::parts;
use crate::view::step::StepChanges;
use crate::widgets::shapes::{dashed_box, edged_box, rectangle, ring, round_box};
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count};

/// The bits of an address that can differ between buddies.
const BITS: u32 = 20;

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub model: &'d Model<'m>,
    pub step: &'d StepChanges,
    pub levels: &'d Levels,
}

/// Where the parts of the figure stand.
struct Places {
    content: Rectangle,
    /// The left and right edge of the blocks.
    left: i32,
    right: i32,
    /// The left edges of the columns beside the blocks.
    address: i32,
    now: i32,
    /// The top of the first level, and the distance to the next.
    top: i32,
    pitch: i32,
    /// The top of the rows of the XOR.
    below: i32,
}

impl Drawing<'_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "One chunk of the heap, halved down to a block";
        let Some(chunk) = self.levels.levels.first() else {
            let content = parts::panel(surface, styles, area, title, "", self.step)?;
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            style.left(surface, content.top_left, "The heap has no block.")?;
            return Ok(());
        };
        let subtitle = format_args!("chunk at {:#x}", chunk.start);
        let content = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let places = self.places(content);
        self.draw_scale(surface, &places)?;
        self.draw_heads(surface, &places)?;
        let mut outer = (places.left, places.right);
        for (at, level) in self.levels.levels.iter().enumerate() {
            let top = places.top + at as i32 * places.pitch;
            outer = self.draw_level(surface, &places, level, top, outer)?;
        }
        match self.levels.last() {
            Some(block) if block.buddy.is_some() && !self.levels.is_concealed => {
                self.draw_xor(surface, &places, block)
            }
            _ => Ok(()),
        }
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn places(&self, content: Rectangle) -> Places {
        let wide = content.size.width as i32;
        let left = content.top_left.x;
        let top = content.top_left.y + self.length(48);
        let below = content.top_left.y + content.size.height as i32 - self.length(96);
        let levels = self.levels.levels.len().max(1) as i32;
        Places {
            content,
            left: left + self.length(78),
            right: left + wide * 62 / 100,
            address: left + wide * 66 / 100,
            now: left + wide * 80 / 100,
            top,
            pitch: ((below - top) / levels).min(self.length(36)),
            below,
        }
    }

    /// Draws the blocks of the chunk to scale.
    fn draw_scale<S: Surface>(&self, surface: &mut S, places: &Places) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let end = Point::new(places.left - self.length(12), places.content.top_left.y);
        small.right(surface, end, "to scale")?;
        let wide = (places.right - places.left) as usize;
        let top = places.content.top_left.y;
        let height = self.length(18) as u32;
        let all = rectangle(places.left, top, wide as u32, height);
        edged_box(surface, all, 2, 1, theme.dim, theme.cell)?;
        let chunk = &self.levels.chunk;
        let at = |granule: usize| {
            let part = (granule - chunk.start) * (wide - 2) / chunk.len();
            places.left + 1 + part as i32
        };
        for block in self.model.heap.blocks_in(chunk.clone()) {
            let (start, end) = (at(block.granules().start), at(block.granules().end));
            if let Some(owner) = block.owner {
                let color = theme.owner(owner).color;
                let width = (end - start).max(1) as u32;
                surface.fill_solid(&rectangle(start, top + 1, width, height - 2), color)?;
            }
            let edge = rectangle(end, top + 1, 1, height - 2);
            surface.fill_solid(&edge, theme.dim)?;
        }
        Ok(())
    }

    fn draw_heads<S: Surface>(&self, surface: &mut S, places: &Places) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let top = places.top - small.face.line_height() as i32 - self.length(6);
        let words = "one row for each size, wide enough to read";
        small.left(surface, Point::new(places.left, top), words)?;
        if self.levels.levels.len() > 1 && !self.levels.is_concealed {
            small.left(surface, Point::new(places.address, top), "its buddy at")?;
            small.left(surface, Point::new(places.now, top), "now")?;
        }
        Ok(())
    }

    /// Draws a level in the horizontal range of the level above. Returns the range of its block.
    fn draw_level<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        level: &Level,
        top: i32,
        (left, right): (i32, i32),
    ) -> Result<(i32, i32), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let height = (places.pitch - self.length(6)).max(6) as u32;
        let size = Bytes(block_bytes(level.order));
        let is_last = self.levels.last().map(|last| last.order) == Some(level.order);
        let label = match is_last {
            true => styles.names(Role::Small, theme.text, theme.panel),
            false => styles.words(Role::Small, theme.dim, theme.panel),
        };
        let middle = top + height as i32 / 2;
        let above = middle - label.face.line_height() as i32 / 2;
        label.right(
            surface,
            Point::new(places.left - self.length(12), above),
            size,
        )?;
        let gap = self.length(6);
        let beside = match is_last {
            true => (right - left - gap) / 2,
            // Down to the smallest blocks, each level has its share of the width.
            false => {
                let levels = self.levels.levels.len() as i32;
                let share = (places.right - places.left) / (levels + 1) - gap;
                self.length(62).min(share).max(4)
            }
        };
        let (mut own, mut other) = ((left, right), None);
        if let Some(buddy) = level.buddy {
            let is_lower = level.start < level.buddy_start();
            let (block, half) = match is_lower {
                true => ((left, right - beside - gap), (right - beside, right)),
                false => ((left + beside + gap, right), (left, left + beside)),
            };
            own = block;
            other = Some((half, buddy));
        }
        let area =
            |(left, right): (i32, i32)| rectangle(left, top, (right - left).max(4) as u32, height);
        self.draw_block(surface, area(own), level.state)?;
        if is_last {
            match self.levels.is_question {
                true => dashed_box(
                    surface,
                    crate::widgets::shapes::grown(area(own), 3),
                    6,
                    theme.accent,
                )?,
                false => ring(surface, area(own), 2, 2, theme.accent)?,
            }
        }
        let Some((half, buddy)) = other else {
            return Ok(own);
        };
        self.draw_block(surface, area(half), buddy)?;
        if self.levels.is_concealed {
            return Ok(own);
        }
        let digits = styles.digits(Role::Small, Weight::Regular, theme.dim, theme.panel);
        let address = format_args!("{:#x}", level.buddy_start());
        let cells = width(address);
        let above = middle - digits.font.cell().height as i32 / 2;
        digits.draw(
            surface,
            Slot::left(Point::new(places.address, above), cells),
            address,
        )?;
        let words = styles.words(Role::Small, theme.text, theme.panel);
        let above = middle - words.face.line_height() as i32 / 2;
        let at = Point::new(places.now, above);
        let long = match buddy {
            State::Free => parts::text::<40>("free"),
            State::Split => parts::text::<40>("split"),
            State::Live { owner, requested } => {
                let owner = theme.owner(owner).words;
                let requested = Bytes(requested.into());
                parts::text::<40>(format_args!("{owner}: {requested} of {size}"))
            }
        };
        let end = places.content.top_left.x + places.content.size.width as i32;
        match at.x + words.width(&long) as i32 <= end {
            true => words.left(surface, at, &long)?,
            false => words.left(surface, at, "in use")?,
        };
        Ok(own)
    }

    /// Draws a block.
    fn draw_block<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        state: State,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let radius = styles.scale.length(4);
        let (fill, ink) = match state {
            State::Split => {
                dashed_box(surface, area, styles.scale.length(4), theme.rule)?;
                (theme.panel, theme.dim)
            }
            State::Free => {
                edged_box(surface, area, radius, 1, theme.used, theme.cell)?;
                (theme.cell, theme.text)
            }
            State::Live { owner, .. } => {
                let color = theme.owner(owner).color;
                round_box(surface, area, radius, color)?;
                (color, theme.ink_on(color))
            }
        };
        let words = styles.words(Role::Small, ink, fill);
        let line = words.face.line_height();
        let above = area.size.height.saturating_sub(line) / 2;
        let at = area.top_left + Size::new(styles.scale.length(10), above);
        let room = area.size.width.saturating_sub(2 * styles.scale.length(6));
        let text = match state {
            State::Split => parts::text::<40>("split"),
            State::Free => parts::text::<40>("free"),
            State::Live { owner, requested } => {
                let owner = theme.owner(owner);
                let bytes = Bytes(requested.into());
                let long = format_args!("{}  {}, {bytes} requested", owner.letter, owner.words);
                let short = format_args!("{}  {}", owner.letter, owner.words);
                match words.width(long) <= room {
                    true => parts::text::<40>(long),
                    false => parts::text::<40>(short),
                }
            }
        };
        if line <= area.size.height && words.width(&text) <= room {
            words.left(surface, at, &text)?;
        }
        Ok(())
    }

    /// Draws how the buddy's address follows from the block's: in hexadecimal and in bits.
    fn draw_xor<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        block: &Level,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let bytes = block_bytes(block.order);
        let bit = bytes.trailing_zeros();
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let left = places.content.top_left.x;
        let rule = rectangle(
            left,
            places.below - self.length(8),
            places.content.size.width,
            1,
        );
        surface.fill_solid(&rule, theme.outline)?;
        let pitch = self.length(28);
        let top = places.below + self.length(12);
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
        let bits_left = places.left + ((cells as u32 + 3) * cell.width) as i32;
        for (row, (name, value)) in (0..).zip(rows) {
            let y = top + row * pitch;
            let line = small.face.line_height() as i32;
            let end = Point::new(
                places.left - self.length(12),
                y + (cell.height as i32 - line) / 2,
            );
            small.right(surface, end, name)?;
            let slot = Slot::right(Point::new(places.left, y), cells);
            match row {
                1 => digits.draw(surface, slot, format_args!("{value:x}"))?,
                _ => digits.draw(surface, slot, format_args!("{value:#x}"))?,
            }
            self.draw_bits(surface, Point::new(bits_left, y), value, bit, row > 0)?;
        }
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
        let x = bits_left + self.bit_step(0) + self.length(36);
        let room = places.content.top_left.x + places.content.size.width as i32 - x;
        for (row, words) in (0..).zip([
            parts::text::<80>(format_args!(
                "Bit {bit} is worth {}: it flips, and no other.",
                Count(bytes)
            )),
            parts::text::<80>("The same operation leads back."),
        ]) {
            if small.width(&words) as i32 <= room {
                small.left(surface, Point::new(x, top + row * pitch), &words)?;
            }
        }
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
