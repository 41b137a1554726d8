//! Draws a frame: its owner, its address and its reference count.

use super::drawing::Drawing;
use super::rows::{FrameBox, Row};
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::graphics::theme::Swatch;
use crate::graphics::type_scale::Role;
use crate::widgets::badges;
use crate::widgets::shapes::{self, edged_box, round_box};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

impl Drawing<'_> {
    /// Draws a frame: its owner, its address and its reference count.
    pub fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        row: &Row,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (scale, frame) = (&styles.scale, &row.frame);
        let owner = theme.tag(frame.tag);
        let middle = area.top_left.y + area.size.height as i32 / 2;
        let is_free = frame.references == 0;
        let (edge, fill) = match is_free {
            true => (theme.edge, theme.panel),
            false => (owner.color, theme.tint(owner.color)),
        };
        edged_box(surface, area, scale.length(4), 1, edge, fill)?;
        let field = Rectangle::new(area.top_left, Size::new(scale.length(28), area.size.height));
        if !is_free {
            round_box(surface, field, scale.length(4), owner.color)?;
            self.draw_letter(surface, field, owner)?;
        }
        let words = format_args!("{:#x}", frame.frame);
        let cells = width(words) as u32;
        let left = field.size.width + scale.length(10);
        // At the right is the count, with that before this step.
        let right = scale.length(34) + 3 * self.change_style(fill).font.cell().width;
        let room = area.size.width.saturating_sub(left + right);
        let style = |role| styles.digits(role, Weight::Regular, theme.text, fill);
        let roles = [Role::Title, Role::Body, Role::Small];
        let mut fitting = roles.map(style).into_iter();
        let digits = fitting.find(|digits| cells * digits.font.cell().width <= room);
        let digits = digits.unwrap_or(style(Role::Axis));
        let cell = digits.font.cell();
        let at = Point::new(
            field.top_left.x + left as i32,
            middle - cell.height as i32 / 2,
        );
        digits.draw(surface, Slot::left(at, width(words)), words)?;
        self.draw_count(surface, area, frame, fill)?;
        if frame.is_copy {
            shapes::ring(surface, area, 2, 2, theme.accent)?;
        }
        Ok(())
    }

    /// The style of the count before this step.
    fn change_style(&self, fill: Rgb888) -> TextStyle {
        let accent = self.styles.theme.accent;
        self.styles.digits(Role::Small, Weight::Bold, accent, fill)
    }

    /// Draws the letter of an owner in the middle of a field of its colour.
    fn draw_letter<S: Surface>(
        &self,
        surface: &mut S,
        field: Rectangle,
        owner: Swatch,
    ) -> Result<(), S::Error> {
        let ink = self.styles.theme.ink_on(owner.color);
        let letter = self
            .styles
            .digits(Role::Body, Weight::Bold, ink, owner.color);
        let at = field.top_left + (field.size.saturating_sub(letter.font.cell())) / 2;
        letter.draw(surface, Slot::left(at, 1), owner.letter)
    }

    /// Draws the reference count at the right end, and the count before this step.
    fn draw_count<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        frame: &FrameBox,
        fill: Rgb888,
    ) -> Result<(), S::Error> {
        let (styles, theme, scale) = (self.styles, self.styles.theme, &self.styles.scale);
        let middle = area.top_left.y + area.size.height as i32 / 2;
        let radius = scale.length(12) as i32;
        let centre = Point::new(
            area.top_left.x + area.size.width as i32 - radius - scale.length(8) as i32,
            middle,
        );
        if frame.references == 0 {
            let small = styles.words(Role::Small, theme.dim, fill);
            let line = small.face.line_height() as i32;
            small.right(surface, centre + Point::new(radius, -line / 2), "free")?;
            return Ok(());
        }
        badges::references(surface, styles, centre, frame.references.into())?;
        let Some(before) = frame.before else {
            return Ok(());
        };
        let accent = self.change_style(fill);
        let cell = accent.font.cell();
        let words = format_args!("{before} →");
        let cells = width(words);
        let wide = (cells as u32 * cell.width) as i32;
        let at = centre - Point::new(radius + wide + 4, cell.height as i32 / 2);
        accent.draw(surface, Slot::left(at, cells), words)
    }
}
