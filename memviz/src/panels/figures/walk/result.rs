//! Draws the result of the walk: what all tables allow together, and the physical address.

use super::drawing::Drawing;
use super::entry::ring_words;
use super::geometry::{COLUMNS, Geometry};
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::model::walk::{End, Walk};
use crate::panels::figures::parts;
use crate::widgets::badges;
use crate::widgets::shapes::{ArrowStyle, level_arrow, rectangle};
use embedded_graphics::geometry::Point;
use mm::paging::PageSize;

impl Drawing<'_> {
    /// Draws what all tables allow together, and the physical address.
    pub fn draw_result<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        walk: &Walk,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let left = geometry.content.top_left.x;
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let top = geometry.end + self.length(16) as i32;
        let line = bold.face.line_height() as i32;
        let End::Mapped {
            physical,
            size,
            access,
        } = walk.end
        else {
            let style = styles.names(Role::Body, theme.warning, theme.panel);
            let words = "▲ The walk ends here: an access causes a page fault.";
            style.left(surface, Point::new(left, top), words)?;
            return Ok(());
        };
        bold.left(surface, Point::new(left, top), "All tables together")?;
        let last = geometry.column(COLUMNS - 1);
        let middle = top + line / 2;
        badges::rights(surface, styles, last, middle, access, theme.panel)?;
        let behind = last + badges::rights_width(styles) as i32 + self.length(10) as i32;
        small.left(surface, Point::new(behind, top + 1), ring_words(access))?;
        let style = ArrowStyle {
            color: theme.rule,
            thickness: 1,
            head: self.length(8),
            dashed: false,
        };
        let from = left + bold.width("All tables together") as i32 + self.length(12) as i32;
        level_arrow(surface, from, last - 6, middle, style)?;

        let next = middle + self.length(18) as i32;
        let rule = rectangle(left, next, geometry.content.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let top = next + self.length(14) as i32;
        bold.left(surface, Point::new(left, top), "Physical address")?;
        self.draw_physical(
            surface,
            Point::new(geometry.left, top - 2),
            physical.as_u64(),
            size,
        )
    }

    /// Draws the physical address, divided into frame and offset if the division is between two
    /// hexadecimal digits.
    fn draw_physical<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        physical: u64,
        size: PageSize,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        let digits = self.digits(Role::Title, theme.text, theme.panel);
        let cell = digits.font.cell();
        let offset_digits = (size.bytes().trailing_zeros() / 4) as usize;
        let offset = physical & (size.bytes() - 1);
        let parts = match size {
            PageSize::Size4KiB => [
                (
                    parts::text::<24>(format_args!("{:#x}", physical >> 12)),
                    "frame",
                ),
                (
                    parts::text::<24>(format_args!("{offset:0offset_digits$x}")),
                    "offset",
                ),
            ],
            _ => [
                (
                    parts::text::<24>(format_args!("{physical:#x}")),
                    "page + offset",
                ),
                (heapless::String::new(), ""),
            ],
        };
        let mut x = at.x;
        for (words, name) in parts.iter().filter(|(words, _)| !words.is_empty()) {
            let wide = words.len() as u32 * cell.width;
            digits.draw(surface, Slot::left(Point::new(x, at.y), words.len()), words)?;
            let under = at.y + cell.height as i32;
            surface.fill_solid(&rectangle(x, under, wide, 1), theme.rule)?;
            small.centre(surface, Point::new(x + wide as i32 / 2, under + 3), name)?;
            x += (wide + self.length(8)) as i32;
        }
        let words = "The offset passes through unchanged.";
        let at = Point::new(x + self.length(40) as i32, at.y + 4);
        small.left(surface, at, words)?;
        Ok(())
    }
}
