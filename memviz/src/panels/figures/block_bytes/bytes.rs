//! Draws the bytes in rows of 16, and what they are.

use super::content::{Byte, Content, ROW};
use super::digits::{column_left, draw_digits};
use super::life::Life;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::{edged_box, rectangle, ring, round_box, shrunk};
use crate::widgets::{hatch, outline};
use core::ops::Range;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The rows of bytes between these edges.
pub struct Grid<'d> {
    pub styles: &'d Styles,
    pub content: &'d Content,
    pub life: &'d Life,
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Grid<'_> {
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        self.draw_heads(surface)?;
        let rows = self.content.bytes.chunks(ROW);
        for (row, bytes) in rows.enumerate() {
            self.draw_address(surface, row)?;
            for (column, &byte) in bytes.iter().enumerate() {
                self.draw_byte(surface, self.area(row, column), byte)?;
            }
        }
        self.draw_border(surface)?;
        self.draw_rings(surface)?;
        self.draw_ranges(surface)
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// The wider gap in the middle of a row.
    fn gap(&self) -> i32 {
        self.length(12)
    }

    fn column_pitch(&self) -> i32 {
        (self.right - self.left - self.gap()) / ROW as i32
    }

    fn row_top(&self) -> i32 {
        self.top + self.length(22)
    }

    fn row_pitch(&self) -> i32 {
        let rows = self.content.bytes.len().div_ceil(ROW).max(1) as i32;
        ((self.bottom - self.row_top()) / rows).min(self.length(48))
    }

    /// The box of a byte.
    fn area(&self, row: usize, column: usize) -> Rectangle {
        let pitch = self.column_pitch();
        let x = column_left(self.left, pitch, self.gap(), column);
        let y = self.row_top() + row as i32 * self.row_pitch();
        let gap = self.length(3);
        rectangle(x, y, (pitch - gap) as u32, (self.row_pitch() - gap) as u32)
    }

    /// The size of the digits: as large as the boxes allow.
    fn role(&self) -> Role {
        let area = self.area(0, 0);
        let fits = |role: &Role| {
            let theme = self.styles.theme;
            let style = self
                .styles
                .digits(*role, Weight::Regular, theme.text, theme.cell);
            let cell = style.font.cell();
            2 * cell.width + 4 <= area.size.width && cell.height < area.size.height
        };
        let roles = [Role::Title, Role::Body, Role::Small];
        roles.into_iter().find(fits).unwrap_or(Role::Axis)
    }

    fn draw_heads<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for column in 0..ROW {
            let area = self.area(0, column);
            let style = self
                .styles
                .digits(Role::Axis, Weight::Regular, theme.dim, theme.panel);
            let cell = style.font.cell();
            let x = area.top_left.x + (area.size.width as i32 - 2 * cell.width as i32) / 2;
            let slot = Slot::left(Point::new(x, self.top), 2);
            style.draw(surface, slot, format_args!("+{column:x}"))?;
        }
        Ok(())
    }

    fn draw_address<S: Surface>(&self, surface: &mut S, row: usize) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self
            .styles
            .digits(Role::Small, Weight::Regular, theme.dim, theme.panel);
        let cell = style.font.cell();
        let area = self.area(row, 0);
        let cells = 5;
        let at = Point::new(
            self.left - self.length(10) - cells * cell.width as i32,
            area.center().y - cell.height as i32 / 2,
        );
        let address = (self.life.start + self.content.first).as_u64() + (row * ROW) as u64;
        let slot = Slot::left(at, cells as usize);
        style.draw(surface, slot, format_args!("…{:04x}", address & 0xffff))
    }

    fn draw_byte<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        byte: Byte,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let tint = theme.tint(theme.tag(self.life.owner).color);
        let (ink, fill, weight) = match byte {
            _ if byte.is_wrong() => (theme.ground, theme.warning, Weight::Bold),
            Byte {
                pattern: Some(_), ..
            } => (theme.dim, theme.panel, Weight::Regular),
            Byte { value: 0, .. } => (theme.dim, tint, Weight::Regular),
            _ => (theme.text, tint, Weight::Regular),
        };
        let radius = self.styles.scale.length(2);
        match byte.pattern {
            Some(_) if !byte.is_wrong() => {
                edged_box(surface, area, radius, 1, theme.edge, theme.panel)?;
                hatch(surface, shrunk(area, 2), theme.outline, theme.panel)?;
            }
            _ => round_box(surface, area, radius, fill)?,
        }
        let role = self.role();
        let text = format_args!("{:02x}", byte.value);
        draw_digits(surface, self.styles, area, role, weight, (ink, fill), text)
    }

    /// Draws the line between the requested bytes and the redzone.
    fn draw_border<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let Some(end) = self.life.requested.checked_sub(self.content.first) else {
            return Ok(());
        };
        let end = end as usize;
        if self.content.is_freed || end == 0 || end >= self.content.bytes.len() {
            return Ok(());
        }
        let color = self.styles.theme.text;
        let (row, column) = (end / ROW, end % ROW);
        let first = self.area(row, 0);
        let here = self.area(row, column);
        let last = self.area(row, ROW - 1);
        let thick = self.styles.scale.length(2);
        let above = first.top_left.y - thick as i32;
        let below = first.top_left.y + first.size.height as i32;
        let right = last.top_left.x + last.size.width as i32;
        let x = here.top_left.x - thick as i32;
        let upper = rectangle(x, above, (right - x) as u32, thick);
        surface.fill_solid(&upper, color)?;
        if column > 0 {
            let side = rectangle(x, above, thick, (below - above) as u32);
            surface.fill_solid(&side, color)?;
            let left = first.top_left.x;
            let lower = rectangle(left, below, (x + thick as i32 - left) as u32, thick);
            surface.fill_solid(&lower, color)?;
        }
        Ok(())
    }

    /// Draws a ring around each wrong byte.
    fn draw_rings<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for (at, byte) in self.content.bytes.iter().enumerate() {
            if byte.is_wrong() && !self.content.is_question {
                let area = self.area(at / ROW, at % ROW);
                ring(surface, area, 1, self.styles.scale.length(2), theme.accent)?;
            }
        }
        Ok(())
    }

    /// Draws the brackets at the right: what the bytes of these rows are.
    fn draw_ranges<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let bytes = self.content.bytes.len();
        let owner = self.styles.theme.tag(self.life.owner).words;
        if self.content.is_freed {
            return self.draw_pattern(surface, 0..bytes, "poison", "6b");
        }
        let end = self.life.requested.saturating_sub(self.content.first) as usize;
        let end = end.min(bytes);
        if end > 0 {
            self.draw_range(surface, 0..end, format_args!("of the {owner}"))?;
        }
        if end < bytes {
            self.draw_pattern(surface, end..bytes, "redzone", "bb")?;
        }
        Ok(())
    }

    /// Draws the bracket of bytes that shall have one value, and says how many of them have it.
    fn draw_pattern<S: Surface>(
        &self,
        surface: &mut S,
        range: Range<usize>,
        name: &str,
        value: &str,
    ) -> Result<(), S::Error> {
        let is_wrong = |byte: &&Byte| byte.is_wrong();
        let wrong = self.content.bytes[range.clone()]
            .iter()
            .filter(is_wrong)
            .count();
        match (wrong, range.len()) {
            (0, _) => self.draw_range(surface, range, format_args!("{name}: all {value}")),
            _ if self.content.is_question => self.draw_range(surface, range, name),
            (_, all) => {
                let right = all - wrong;
                self.draw_range(surface, range, format_args!("{name}: {right} × {value}"))
            }
        }
    }

    fn draw_range<S: Surface>(
        &self,
        surface: &mut S,
        range: Range<usize>,
        words: impl core::fmt::Display,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        // A row that both ranges share belongs to the later one.
        let first = range.start / ROW;
        let last = match range.end {
            end if end == self.content.bytes.len() => (end - 1) / ROW,
            end => (end / ROW).saturating_sub(1).max(first),
        };
        let top = self.area(first, 0).top_left.y;
        let lowest = self.area(last, 0);
        let bottom = lowest.top_left.y + lowest.size.height as i32;
        let x = self.right + self.length(6);
        let arm = self.length(8) as u32;
        let height = (bottom - top) as u32;
        outline(surface, rectangle(x, top, arm, height), 1, theme.rule)?;
        let open = rectangle(x, top + 1, arm - 1, height.saturating_sub(2));
        surface.fill_solid(&open, theme.panel)?;
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let line = bold.face.line_height() as i32;
        let at = Point::new(x + arm as i32 + self.length(8), (top + bottom) / 2 - line);
        let count = Count(range.len() as u64);
        bold.left(surface, at, format_args!("{count} bytes"))?;
        dim.left(surface, at + Point::new(0, line), words)?;
        Ok(())
    }
}
