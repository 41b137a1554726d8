//! Draws the columns: each table of the walk with its 512 entries, and the frame at its end.

use super::content::ENTRIES;
use super::drawing::Drawing;
use super::geometry::{COLUMNS, Geometry};
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::walk::{End, Walk, WalkStep};
use crate::widgets::shapes::{
    ArrowStyle, dashed_box, edged_box, level_arrow, rectangle, round_box,
};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The names of the columns.
const NAMES: [&str; COLUMNS] = ["PML4", "PDPT", "PD", "PT", "frame"];

impl Drawing<'_> {
    /// Draws a table with its entry, the frame, or an empty box for a table that is not reached.
    pub fn draw_column<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        walk: &Walk,
        column: usize,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        if let Some(step) = walk.steps().get(column) {
            return self.draw_table(surface, geometry, column, step);
        }
        match walk.end {
            End::Mapped { physical, size, .. } if column + 1 == COLUMNS => self.draw_frame(
                surface,
                geometry,
                physical.align_down(size.bytes()).as_u64(),
            ),
            End::Mapped { .. } => Ok(()),
            End::NotPresent | End::NoRoot => {
                let body = geometry.body(column);
                dashed_box(surface, body, self.length(6), theme.edge)?;
                let words = match column + 1 < COLUMNS {
                    true => "not reached",
                    false => "no frame",
                };
                let style = self.styles.words(Role::Small, theme.dim, theme.panel);
                let at = body.center() - Size::new(0, style.face.line_height() / 2);
                style.centre(surface, at, words)?;
                Ok(())
            }
        }
    }

    /// Draws a table: all its entries in a bar, and the one that the walk uses.
    fn draw_table<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        column: usize,
        step: &WalkStep,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let color = theme.level(column);
        self.draw_head(surface, geometry, column, color, step.table.as_u64())?;
        let body = geometry.body(column);
        edged_box(surface, body, self.length(4), 1, theme.edge, theme.panel)?;
        let padding = self.length(10);
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let scale = self.draw_entries(surface, body, column, step)?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let count = format_args!("{} of {ENTRIES} present", self.content.count(column));
        let corner = body.top_left + body.size;
        let end = Point::new(
            corner.x - padding as i32,
            corner.y - (small.face.line_height() + 4) as i32,
        );
        small.right(surface, end, count)?;
        let left = scale.top_left.x + (scale.size.width + self.length(14)) as i32;
        let entry_width = (corner.x - padding as i32 / 2 - left).max(0) as u32;
        let top = body.top_left.y + (cell.height + self.length(22)) as i32;
        let area = rectangle(left, top, entry_width, self.length(104));
        self.draw_entry(surface, area, step)?;
        self.draw_lines(surface, geometry, column, step, (scale, area))
    }

    /// Draws the lines from the index in the bar to the entry, and on to the next column.
    fn draw_lines<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        column: usize,
        step: &WalkStep,
        (bar, area): (Rectangle, Rectangle),
    ) -> Result<(), S::Error> {
        let color = self.styles.theme.text;
        let mut line = |x: i32, y: i32, width: i32, height: i32| {
            let area = rectangle(x, y, width.max(0) as u32, height.max(0) as u32);
            surface.fill_solid(&area, color)
        };
        let index = i32::from(step.position.index());
        let at = bar.top_left.y + index * bar.size.height as i32 / ENTRIES as i32;
        let left = area.top_left.x;
        let middle = area.top_left.y + self.length(16) as i32;
        let (from, bend) = (bar.top_left.x + bar.size.width as i32, left - 6);
        let (high, low) = (at.min(middle), at.max(middle));
        line(from, at, bend - from, 1)?;
        line(bend, high, 1, low - high + 1)?;
        line(bend, middle, left - bend, 1)?;
        let Some(entry) = step.entry else {
            return Ok(());
        };
        // The arrow ends at the head of the next column.
        let body = geometry.body(column);
        let edge = area.top_left.x + area.size.width as i32;
        let end = body.top_left.x + body.size.width as i32;
        let x = end + (geometry.step - geometry.width as i32) / 2;
        let to = geometry.heads + self.length(11) as i32;
        line(edge, middle, x - edge, 1)?;
        line(x, to, 1, middle - to + 1)?;
        let next = match entry.is_table {
            true => column + 1,
            false => COLUMNS - 1,
        };
        let style = ArrowStyle {
            color,
            thickness: 1,
            head: self.length(6),
            dashed: false,
        };
        level_arrow(surface, x, geometry.column(next) - 1, to, style)
    }

    /// Draws all entries of a table to scale. Returns the bar.
    fn draw_entries<S: Surface>(
        &self,
        surface: &mut S,
        body: Rectangle,
        column: usize,
        step: &WalkStep,
    ) -> Result<Rectangle, S::Error> {
        let theme = self.styles.theme;
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let at = body.top_left + Size::new(self.length(8), self.length(4));
        axis.draw(surface, Slot::left(at, 1), 0)?;
        let margin = cell.height + self.length(6);
        let height = body.size.height.saturating_sub(2 * margin);
        let bar = Rectangle::new(
            body.top_left + Size::new(self.length(10), margin),
            Size::new(self.length(8), height),
        );
        surface.fill_solid(&bar, theme.cell)?;
        let below = Point::new(at.x, bar.top_left.y + (height + 2) as i32);
        axis.draw(surface, Slot::left(below, 3), ENTRIES - 1)?;
        let line = |index: usize| {
            let y = bar.top_left.y + (index * height as usize / ENTRIES) as i32;
            rectangle(bar.top_left.x, y, bar.size.width, 1)
        };
        for index in 0..ENTRIES {
            if self.content.present[column][index / 64] >> (index % 64) & 1 != 0 {
                surface.fill_solid(&line(index), theme.dim)?;
            }
        }
        let own = line(usize::from(step.position.index()));
        let own = Rectangle::new(own.top_left, Size::new(own.size.width, 2));
        surface.fill_solid(&own, theme.text)?;
        Ok(bar)
    }

    /// Draws the name of a column and an address, on a bar.
    pub fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        column: usize,
        fill: Rgb888,
        address: u64,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let area = rectangle(
            geometry.column(column),
            geometry.heads,
            geometry.width,
            self.length(22),
        );
        round_box(surface, area, 3, fill)?;
        let ink = theme.ink_on(fill);
        let bold = self.styles.names(Role::Body, ink, fill);
        let padding = self.length(8);
        let line = bold.face.line_height();
        let above = area.size.height.saturating_sub(line) / 2;
        bold.left(
            surface,
            area.top_left + Size::new(padding, above),
            NAMES[column],
        )?;
        let digits = self.digits(Role::Small, ink, fill);
        let words = format_args!("{address:#x}");
        let cell = digits.font.cell();
        let size = Size::new(width(words) as u32 * cell.width, cell.height);
        let right = area.size.width.saturating_sub(size.width + padding);
        let above = area.size.height.saturating_sub(cell.height) / 2;
        let at = area.top_left + Size::new(right, above);
        digits.draw(surface, Slot::left(at, width(words)), words)
    }
}
