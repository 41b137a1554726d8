//! Draws the chunk to scale, the levels, and the buddy's address.

use super::drawing::Drawing;
use super::geometry::Geometry;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::widgets::shapes::{edged_box, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

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
        let geometry = Geometry::new(self, content);
        self.draw_scale(surface, &geometry)?;
        self.draw_heads(surface, &geometry)?;
        let mut outer = (geometry.left, geometry.right);
        for (at, level) in self.levels.levels.iter().enumerate() {
            let top = geometry.top + at as i32 * geometry.pitch;
            outer = self.draw_level(surface, &geometry, level, top, outer)?;
        }
        match self.levels.last() {
            Some(block) if block.buddy.is_some() && !self.levels.is_concealed => {
                self.draw_xor(surface, &geometry, block)
            }
            _ => Ok(()),
        }
    }

    /// Draws the blocks of the chunk to scale.
    fn draw_scale<S: Surface>(&self, surface: &mut S, geometry: &Geometry) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let end = Point::new(geometry.left - self.length(12), geometry.content.top_left.y);
        small.right(surface, end, "to scale")?;
        let wide = (geometry.right - geometry.left) as usize;
        let top = geometry.content.top_left.y;
        let height = self.length(18) as u32;
        let all = rectangle(geometry.left, top, wide as u32, height);
        edged_box(surface, all, 2, 1, theme.dim, theme.cell)?;
        let chunk = &self.levels.chunk;
        let at = |granule: usize| {
            let part = (granule - chunk.start) * (wide - 2) / chunk.len();
            geometry.left + 1 + part as i32
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

    /// Draws the words above the columns.
    fn draw_heads<S: Surface>(&self, surface: &mut S, geometry: &Geometry) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let top = geometry.top - small.face.line_height() as i32 - self.length(6);
        let words = "one row for each size, wide enough to read";
        small.left(surface, Point::new(geometry.left, top), words)?;
        if self.levels.levels.len() > 1 && !self.levels.is_concealed {
            small.left(surface, Point::new(geometry.address, top), "its buddy at")?;
            small.left(surface, Point::new(geometry.now, top), "now")?;
        }
        Ok(())
    }
}
