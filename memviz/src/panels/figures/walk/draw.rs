//! Draws the walk: five columns under five bit fields.

use super::drawing::Drawing;
use super::geometry::{COLUMNS, Geometry};
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::walk::Walk;
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::widgets::shapes::{ArrowStyle, dashed_box, level_arrow};
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "The walk of one address";
        let Some(walk) = self.content.walk else {
            let content = parts::panel(surface, styles, area, title, "", self.step)?;
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let nothing = "Nothing selected: select a page or a frame, or wait for a fault.";
            style.left(surface, content.top_left, nothing)?;
            return Ok(());
        };
        let owner = Owner(&walk, self.names);
        let content = parts::panel(surface, styles, area, title, owner, self.step)?;
        let geometry = Geometry::new(styles, content);
        self.draw_address(surface, &geometry, &walk)?;
        if self.content.is_concealed {
            return self.draw_concealed(surface, &geometry);
        }
        for column in 0..COLUMNS {
            self.draw_bits(surface, &geometry, &walk, column)?;
            self.draw_column(surface, &geometry, &walk, column)?;
        }
        self.draw_result(surface, &geometry, &walk)
    }

    /// Draws the whole address and CR3 at the left.
    fn draw_address<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
        walk: &Walk,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let left = geometry.content.top_left.x;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        small.left(
            surface,
            Point::new(left, geometry.content.top_left.y),
            "virtual address",
        )?;
        let digits = self.digits(Role::Small, theme.text, theme.panel);
        let cell = digits.font.cell();
        let room = (geometry.left - left) as u32 / cell.width;
        let words = format_args!("{:#x}", walk.address);
        // A long address has two lines.
        let fits = (width(words) as u32) < room;
        let text = parts::text::<24>(words);
        let (first, second) = text.split_at(if fits { text.len() } else { 2 + 8 });
        for (line, part) in (0..).zip([first, second]) {
            let at = Point::new(left, geometry.bits + line * cell.height as i32);
            digits.draw(surface, Slot::left(at, part.len()), part)?;
        }
        if self.content.is_concealed {
            return Ok(());
        }
        let cr3 = walk.steps().first().map(|step| step.table);
        let line = bold.face.line_height() as i32;
        let middle = geometry.heads + self.length(11) as i32;
        let drawn = bold.left(surface, Point::new(left, middle - line / 2), "CR3")?;
        if let Some(table) = cr3 {
            let at = Point::new(left, middle + line / 2 + 2);
            let words = format_args!("{table:#x}");
            digits.draw(surface, Slot::left(at, width(words)), words)?;
        }
        let style = ArrowStyle {
            color: theme.text,
            thickness: 1,
            head: self.length(8),
            dashed: false,
        };
        let from = left + drawn.size.width as i32 + self.length(8) as i32;
        level_arrow(surface, from, geometry.left - 3, middle, style)
    }

    /// Draws empty columns: the question asks for what they show.
    fn draw_concealed<S: Surface>(
        &self,
        surface: &mut S,
        geometry: &Geometry,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for column in 0..COLUMNS {
            let body = geometry.body(column);
            dashed_box(surface, body, self.length(6), theme.edge)?;
            let style = self.styles.names(Role::Caption, theme.edge, theme.panel);
            let centre = body.center() - Size::new(0, style.face.line_height() / 2);
            style.centre(surface, centre, "?")?;
        }
        Ok(())
    }
}

/// Formats whose address it is.
struct Owner<'w>(&'w Walk, &'w Names);

impl Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Owner(walk, names) = self;
        match walk.space {
            0 => f.write_str("kernel")?,
            number => write!(f, "process {number}")?,
        }
        match (names.area)(walk.address.as_u64()) {
            "" => Ok(()),
            area => write!(f, ", {area}"),
        }
    }
}
