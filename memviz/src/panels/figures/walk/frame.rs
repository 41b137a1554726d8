//! Draws the frame at the end of the walk.

use super::drawing::Drawing;
use super::geometry::{COLUMNS, Geometry};
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::walk::{End, Walk};
use crate::widgets::shapes::{edged_box, ring};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl Drawing<'_> {
    /// Draws the frame at the end of the walk, and the offset in it.
    pub fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        frame: u64,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let Some(Walk {
            address,
            end: End::Mapped { size, .. },
            ..
        }) = self.content.walk
        else {
            return Ok(());
        };
        let column = COLUMNS - 1;
        let owner = theme.tag(self.content.owner);
        self.draw_head(surface, geometry, column, owner.color, frame)?;
        let body = geometry.body(column);
        let fill = theme.tint(owner.color);
        edged_box(surface, body, self.length(4), 1, owner.color, fill)?;
        let offset = address.as_u64() & (size.bytes() - 1);
        let part = offset * u64::from(body.size.height) / size.bytes();
        let at = body.top_left + Size::new(0, part as u32);
        surface.fill_solid(
            &Rectangle::new(at, Size::new(body.size.width, 2)),
            theme.text,
        )?;
        let digits = self.digits(Role::Small, theme.text, fill);
        let cell = digits.font.cell();
        let padding = self.length(8);
        let is_low = part as u32 + cell.height + 8 < body.size.height;
        let below = match is_low {
            true => at + Size::new(padding, 4),
            false => at + Point::new(padding as i32, -(cell.height as i32) - 4),
        };
        let words = format_args!("{offset:#x}");
        let cells = width(words);
        digits.draw(surface, Slot::left(below, cells), words)?;
        let text = Rectangle::new(below, Size::new(cells as u32 * cell.width, cell.height));
        ring(surface, text, 2, 2, theme.accent)?;
        let small = styles.words(Role::Small, theme.dim, fill);
        let line = small.face.line_height();
        let corner = body.top_left + body.size;
        let end = Point::new(corner.x - padding as i32, corner.y - line as i32 - 4);
        if (part as u32) + 3 * line < body.size.height {
            let size = mm::units::Bytes(size.bytes());
            small.right(surface, end, format_args!("{}, {size}", owner.words))?;
        }
        Ok(())
    }
}
