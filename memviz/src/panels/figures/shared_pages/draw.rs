//! Draws the two spaces and the frames between them.

use super::drawing::Drawing;
use super::geometry::Geometry;
use super::rows::{Row, Shared};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::{fault_line, parts};
use crate::view::selection::Selection;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::units::Count;

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, shared) = (self.styles, self.shared);
        let count = Count(shared.pages as u64);
        let (title, subtitle) = match shared.spaces {
            [_, Some(_)] => ("Two address spaces, one set of frames", "region of"),
            _ => ("An address space and its frames", "region of"),
        };
        let noun = if shared.pages == 1 { "page" } else { "pages" };
        let subtitle = format_args!("{subtitle} {count} {noun}");
        let content = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        if shared.rows.is_empty() {
            let style = styles.words(Role::Body, styles.theme.dim, styles.theme.panel);
            let nothing = match shared.spaces[0] {
                Some(_) => "No page of this region has a frame yet.",
                None => "Nothing selected: select a page, or wait for a fault of a process.",
            };
            style.left(surface, content.top_left, nothing)?;
            return Ok(());
        }
        let geometry = Geometry::new(styles, shared, content);
        self.draw_heads(surface, &geometry)?;
        for (at, row) in shared.rows.iter().enumerate() {
            self.draw_row(surface, &geometry, at, row)?;
        }
        self.draw_copies(surface, &geometry)?;
        if shared.hidden > 0 {
            let style = styles.words(Role::Small, styles.theme.dim, styles.theme.panel);
            let end = geometry.middle(shared.rows.len()) - geometry.pitch / 4;
            let words = format_args!("{} more pages", Count(shared.hidden as u64));
            style.left(surface, Point::new(content.top_left.x, end), words)?;
        }
        match &shared.fault {
            Some(story) => fault_line::draw(surface, styles, content, story, self.names),
            None => Ok(()),
        }
    }

    /// Draws the heads of the columns.
    fn draw_heads<S: Surface>(&self, surface: &mut S, geometry: &Geometry) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let bold = styles.names(Role::Title, theme.text, theme.panel);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let top = geometry.content.top_left.y;
        let behind = styles.scale.length(8);
        let lower = (bold.face.baseline() - dim.face.baseline()) as i32;
        let head = |surface: &mut S, column: usize, name: &str, more: &str| {
            let (left, width) = geometry.columns[column];
            let drawn = bold.left(surface, Point::new(left, top), name)?;
            let rest = width.saturating_sub(drawn.size.width + behind);
            if dim.width(more) <= rest {
                let at = drawn.top_left + Size::new(drawn.size.width + behind, 0);
                dim.left(surface, at + Point::new(0, lower), more)?;
            }
            Ok(())
        };
        let [left, right] = self.shared.spaces;
        let running = |space: u32| self.shared.running == space;
        let has_both = right.is_some();
        for (column, space) in [(0, left), (2, right)] {
            let Some(space) = space else {
                continue;
            };
            let mut name = heapless::String::<32>::new();
            // A number of a process has at most ten digits.
            let _ = core::fmt::write(&mut name, format_args!("Process {space}"));
            let more = match (column, has_both, running(space)) {
                (0, true, true) => "parent, ran last",
                (0, true, false) => "parent",
                (2, _, true) => "child, ran last",
                (2, _, false) => "child",
                _ => "",
            };
            head(surface, column, &name, more)?;
        }
        head(surface, 1, "Physical frames", "references")
    }

    /// Draws a row: its frame, and the pages that lead to it.
    fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        at: usize,
        row: &Row,
    ) -> Result<(), S::Error> {
        self.draw_frame(surface, geometry.area(1, at), row)?;
        let [left, right] = self.shared.spaces;
        for (column, space, page) in [(0, left, row.left), (2, right, row.right)] {
            let (Some(space), Some(page)) = (space, page) else {
                continue;
            };
            let is_selected = self.shared.selected == Some((space, row.address));
            let area = geometry.area(column, at);
            self.draw_page(surface, area, row, page, is_selected && !page.is_past)?;
            self.draw_arrow(surface, geometry, at, column, page)?;
        }
        Ok(())
    }
}

/// The page or the frame at a point of the screen.
pub fn selection_at(
    styles: &Styles,
    shared: &Shared,
    area: Rectangle,
    point: Point,
) -> Option<Selection> {
    let geometry = Geometry::new(styles, shared, parts::content(styles, area));
    for (at, row) in shared.rows.iter().enumerate() {
        for (column, space) in [(0, shared.spaces[0]), (2, shared.spaces[1])] {
            if geometry.area(column, at).contains(point) {
                let address = row.address;
                return space.map(|space| Selection::Page { space, address });
            }
        }
        if geometry.area(1, at).contains(point) {
            let first = (row.frame.frame.as_u64() / FRAME_BYTES) as usize;
            return Some(Selection::Frames { first, count: 1 });
        }
    }
    None
}
