//! Draws the arrows: from a page to its frame, and from a frame to its copy.

use super::drawing::Drawing;
use super::geometry::Geometry;
use super::rows::Page;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::{ArrowStyle, down_arrow, level_arrow};
use embedded_graphics::geometry::Point;
use mm::memory_map::FRAME_BYTES;
use mm::units::Count;

impl Drawing<'_> {
    /// Draws the arrow from a page to its frame.
    pub fn draw_arrow<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        at: usize,
        column: usize,
        page: Page,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let scale = &self.styles.scale;
        let is_new = page.is_new && !page.is_past;
        let style = ArrowStyle {
            color: if is_new { theme.accent } else { theme.rule },
            thickness: if is_new { 2 } else { 1 },
            head: scale.length(9),
            dashed: page.is_past,
        };
        let (left, width) = geometry.columns[column];
        let (frame, frame_width) = geometry.columns[1];
        let gap = 6;
        let (from, to) = match column {
            0 => (left + width as i32 + gap, frame - gap),
            _ => (left - gap, frame + frame_width as i32 + gap),
        };
        level_arrow(surface, from, to, geometry.middle(at), style)?;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        if page.is_past && small.width("until now") <= from.abs_diff(to) {
            let line = small.face.line_height() as i32;
            let above = Point::new(i32::midpoint(from, to), geometry.middle(at) - line - 2);
            small.centre(surface, above, "until now")?;
        }
        Ok(())
    }

    /// Draws an arrow from a frame to the copy below it.
    pub fn draw_copies<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for (at, pair) in self.shared.rows.windows(2).enumerate() {
            let [old, new] = pair else {
                continue;
            };
            let is_copied = new.frame.is_copy && old.page == new.page;
            let (above, below) = (geometry.area(1, at), geometry.area(1, at + 1));
            if !is_copied {
                continue;
            }
            let style = ArrowStyle {
                color: theme.accent,
                thickness: 2,
                head: self.styles.scale.length(7),
                dashed: false,
            };
            let x = above.top_left.x + self.styles.scale.length(14) as i32;
            let from = above.top_left.y + above.size.height as i32;
            down_arrow(surface, x, from, below.top_left.y - 4, style)?;
        }
        // The words stand beside the copy, in the free field of its row.
        let copy = self.shared.rows.iter().position(|row| row.frame.is_copy);
        if let Some((at, row)) = copy.map(|at| (at, &self.shared.rows[at]))
            && at > 0
            && self.shared.rows[at - 1].page == row.page
        {
            let words = self.styles.names(Role::Small, theme.accent, theme.panel);
            let line = words.face.line_height() as i32;
            let (frame, width) = geometry.columns[1];
            let top = Point::new(0, geometry.middle(at) - line / 2);
            let bytes = format_args!("{} bytes copied", Count(FRAME_BYTES));
            let gap = self.styles.scale.length(12) as i32;
            match row.left.is_none() {
                true => words.right(surface, top + Point::new(frame - gap, 0), bytes)?,
                false => {
                    let x = frame + width as i32 + gap;
                    words.left(surface, top + Point::new(x, 0), bytes)?
                }
            };
        }
        Ok(())
    }
}
