//! Draws a page of an address space: its number, its address, and its access rights.

use super::drawing::Drawing;
use super::rows::{Page, Row};
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::widgets::badges;
use crate::widgets::shapes::{self, edged_box, rectangle};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::Access;

impl Drawing<'_> {
    /// Draws a page of a space.
    pub fn draw_page<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        row: &Row,
        page: Page,
        is_selected: bool,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let scale = &styles.scale;
        let (name, ground) = match page.is_past {
            true => (
                styles.words(Role::Body, theme.dim, theme.panel),
                theme.panel,
            ),
            false => (styles.names(Role::Body, theme.text, theme.cell), theme.cell),
        };
        match page.is_past {
            true => shapes::dashed_box(surface, area, scale.length(4), theme.rule)?,
            false => edged_box(surface, area, scale.length(4), 1, theme.edge, ground)?,
        }
        let padding = scale.length(10) as i32;
        let middle = area.top_left.y + area.size.height as i32 / 2;
        let line = name.face.line_height() as i32;
        let at = Point::new(area.top_left.x + padding, middle - line / 2);
        let drawn = name.left(surface, at, format_args!("page {}", row.page))?;
        let mut x = at.x + drawn.size.width as i32 + padding;
        let rights = badges::rights_width(styles) as i32;
        let mut end = area.top_left.x + area.size.width as i32 - padding - rights;
        let is_granted = page.is_changed && !page.is_past && page.access.contains(Access::WRITE);
        let writable = badges::rights(surface, styles, end, middle, page.access, ground)?;
        if is_granted && !self.shared.is_question {
            shapes::ring(surface, writable, 0, 2, theme.accent)?;
        }
        let small = styles.words(Role::Axis, theme.dim, ground);
        let is_cow = page.access.contains(Access::COPY_ON_WRITE) || page.is_past;
        let address = styles.digits(Role::Small, Weight::Regular, theme.dim, ground);
        let cells = width(format_args!("{:#x}", row.address));
        let wide = cells as i32 * address.font.cell().width as i32;
        let cow = small.width("cow") as i32 + padding;
        end -= padding / 2;
        if x + wide < end {
            let top = middle - address.font.cell().height as i32 / 2;
            let slot = Slot::left(Point::new(x, top), cells);
            address.draw(surface, slot, format_args!("{:#x}", row.address))?;
            x += wide + padding / 2;
        }
        if is_cow && x + cow <= end + padding / 2 {
            let line = small.face.line_height();
            let pill = rectangle(end - cow, middle - line as i32 / 2, cow as u32, line);
            shapes::dashed_box(surface, pill, 2, theme.rule)?;
            let at = pill.top_left + Size::new(padding as u32 / 2, 0);
            small.left(surface, at, "cow")?;
        }
        if is_selected {
            self.select(surface, area)?;
        }
        Ok(())
    }

    /// Draws the ring around the selected page. While a question stands it is dashed.
    fn select<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let accent = self.styles.theme.accent;
        match self.shared.is_question {
            true => {
                let around = shapes::grown(area, 4);
                shapes::dashed_box(surface, around, 6, accent)?;
                shapes::dashed_box(surface, shapes::shrunk(around, 1), 6, accent)
            }
            false => shapes::ring(surface, area, 2, 2, accent),
        }
    }
}
