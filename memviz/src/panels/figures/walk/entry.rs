//! Draws the entry that the walk uses: its index, its frame, its bits, and what it allows.

use super::drawing::Drawing;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::Entry;
use crate::model::walk::WalkStep;
use crate::widgets::badges;
use crate::widgets::shapes::edged_box;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::Access;

impl Drawing<'_> {
    /// Draws an entry: index, frame, bits, and what it allows.
    pub fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        step: &WalkStep,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let warns = step.entry.is_none();
        let edge = if warns { theme.warning } else { theme.dim };
        edged_box(surface, area, self.length(4), 1, edge, theme.panel)?;
        let padding = self.length(8);
        let line = area.size.height / 3;
        let digits = self.digits(Role::Small, theme.text, theme.panel);
        let cell = digits.font.cell();
        let row = |number: u32| {
            let above = number * line + line.saturating_sub(cell.height) / 2;
            area.top_left + Size::new(padding, above)
        };
        let index = format_args!("[{}]", step.position.index());
        digits.draw(surface, Slot::left(row(0), width(index)), index)?;
        let Some(entry) = step.entry else {
            let style = styles.names(Role::Small, theme.warning, theme.panel);
            style.left(surface, row(1), "▲ not present")?;
            let style = self.digits(Role::Small, theme.dim, theme.panel);
            return style.draw(surface, Slot::left(row(2), 2), "P0");
        };
        let frame = format_args!("{:#x}", entry.frame);
        let cells = width(frame);
        let right = area
            .size
            .width
            .saturating_sub(padding + cells as u32 * cell.width);
        let at = Point::new(area.top_left.x + right as i32, row(0).y);
        digits.draw(surface, Slot::left(at, cells), frame)?;
        let flags = EntryBits(entry, step.position.depth);
        let room = (area.size.width.saturating_sub(2 * padding) / cell.width) as usize;
        let style = self.digits(Role::Small, theme.dim, theme.panel);
        style.draw(surface, Slot::left(row(1), width(flags).min(room)), flags)?;
        self.draw_allowed(
            surface,
            area,
            row(2).y + cell.height as i32 / 2,
            entry.access,
        )
    }

    /// Draws which rings an entry lets in, and its access rights, around the level `middle`.
    fn draw_allowed<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        middle: i32,
        access: Access,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let padding = self.length(8) as i32;
        let rights = badges::rights_width(styles) as i32;
        let end = area.top_left.x + area.size.width as i32 - padding - rights;
        badges::rights(surface, styles, end, middle, access, theme.panel)?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let left = area.top_left.x + padding;
        let ring = ring_words(access);
        if left + (small.width(ring) as i32) < end {
            let top = middle - small.face.line_height() as i32 / 2;
            small.left(surface, Point::new(left, top), ring)?;
        }
        Ok(())
    }
}

/// The rings that may use the page.
pub fn ring_words(access: Access) -> &'static str {
    match access.contains(Access::USER) {
        true => "rings 0 and 3",
        false => "ring 0 only",
    }
}

/// Formats the bits of an entry as the Intel manual names them.
#[derive(Clone, Copy)]
struct EntryBits(Entry, u8);

impl Display for EntryBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryBits(entry, depth) = self;
        let bit = |flag| u8::from(entry.access.contains(flag));
        let (write, user) = (bit(Access::WRITE), bit(Access::USER));
        let no_execute = 1 - bit(Access::EXECUTE);
        write!(f, "P1 W{write} U{user} NX{no_execute}")?;
        match !entry.is_table && *depth < 4 {
            true => f.write_str(" PS1"),
            false => Ok(()),
        }
    }
}
