//! Draws a level: the block that contains the selected one, and its buddy.

use super::drawing::Drawing;
use super::geometry::Geometry;
use super::levels::{Level, State};
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::heap::block_bytes;
use crate::panels::figures::parts;
use crate::widgets::shapes::{dashed_box, edged_box, grown, rectangle, ring, round_box};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// The left and the right edge of a block.
type Range = (i32, i32);

impl Drawing<'_, '_> {
    /// Draws a level in the horizontal range of the level above. Returns the range of its block.
    pub fn draw_level<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        level: &Level,
        top: i32,
        (left, right): Range,
    ) -> Result<Range, S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let height = (geometry.pitch - self.length(6)).max(6) as u32;
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
            Point::new(geometry.left - self.length(12), above),
            size,
        )?;
        let (own, other) = self.halves(geometry, level, (left, right));
        let area =
            |(left, right): Range| rectangle(left, top, (right - left).max(4) as u32, height);
        self.draw_block(surface, area(own), level.state)?;
        if is_last {
            match self.levels.is_question {
                true => dashed_box(surface, grown(area(own), 3), 6, theme.accent)?,
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
        self.draw_buddy_words(surface, geometry, level, buddy, middle)?;
        Ok(own)
    }

    /// The horizontal ranges of the block that contains the selected one, and of its buddy.
    fn halves(
        &self,
        geometry: &Geometry,
        level: &Level,
        (left, right): Range,
    ) -> (Range, Option<(Range, State)>) {
        let Some(buddy) = level.buddy else {
            return ((left, right), None);
        };
        let gap = self.length(6);
        let is_last = self.levels.last().map(|last| last.order) == Some(level.order);
        let beside = match is_last {
            true => (right - left - gap) / 2,
            // Down to the smallest blocks, each level has its share of the width.
            false => {
                let levels = self.levels.levels.len() as i32;
                let share = (geometry.right - geometry.left) / (levels + 1) - gap;
                self.length(62).min(share).max(4)
            }
        };
        let is_lower = level.start < level.buddy_start();
        match is_lower {
            true => (
                (left, right - beside - gap),
                Some(((right - beside, right), buddy)),
            ),
            false => (
                (left + beside + gap, right),
                Some(((left, left + beside), buddy)),
            ),
        }
    }

    /// Draws the address and the state of the buddy, in their columns.
    fn draw_buddy_words<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        level: &Level,
        buddy: State,
        middle: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let digits = styles.digits(Role::Small, Weight::Regular, theme.dim, theme.panel);
        let address = format_args!("{:#x}", level.buddy_start());
        let cells = width(address);
        let above = middle - digits.font.cell().height as i32 / 2;
        digits.draw(
            surface,
            Slot::left(Point::new(geometry.address, above), cells),
            address,
        )?;
        let words = styles.words(Role::Small, theme.text, theme.panel);
        let size = Bytes(block_bytes(level.order));
        let above = middle - words.face.line_height() as i32 / 2;
        let at = Point::new(geometry.now, above);
        let long = match buddy {
            State::Free => parts::text::<40>("free"),
            State::Split => parts::text::<40>("split"),
            State::Live { owner, requested } => {
                let owner = theme.owner(owner).words;
                let requested = Bytes(requested.into());
                parts::text::<40>(format_args!("{owner}: {requested} of {size}"))
            }
        };
        let end = geometry.content.top_left.x + geometry.content.size.width as i32;
        match at.x + words.width(&long) as i32 <= end {
            true => words.left(surface, at, &long)?,
            false => words.left(surface, at, "in use")?,
        };
        Ok(())
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
        let role = match area.size.height > styles.scale.length(60) {
            true => Role::Caption,
            false => Role::Small,
        };
        let words = styles.words(role, ink, fill);
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
}
