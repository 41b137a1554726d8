//! A plot: columns of stacked boxes, to one scale, with a number above each column.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::width;
use crate::graphics::type_scale::Role;
use crate::panels::figures::marks::centred;
use crate::widgets::shapes::{edged_box, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The columns that all plots share.
#[derive(Clone, Copy)]
pub struct Columns {
    /// The left end of the first column.
    pub left: i32,
    /// The distance to the next one.
    pub pitch: i32,
    /// The width of a box.
    pub wide: u32,
}

impl Columns {
    /// Returns the left end of a column.
    pub fn left_of(&self, column: usize) -> i32 {
        self.left + column as i32 * self.pitch
    }

    /// Returns the middle of a column.
    pub fn middle_of(&self, column: usize) -> i32 {
        self.left_of(column) + self.wide as i32 / 2
    }
}

/// The look of a box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Solid,
    Hollow,
}

/// A plot in a rectangle: the value `most` reaches its top.
pub struct Plot<'p> {
    pub styles: &'p Styles,
    pub columns: Columns,
    pub area: Rectangle,
    pub most: u64,
}

impl Plot<'_> {
    /// Returns the level of a value.
    pub fn level(&self, value: u64) -> i32 {
        let height = u64::from(self.area.size.height);
        let above = value.min(self.most) * height / self.most.max(1);
        self.area.top_left.y + (height - above) as i32
    }

    /// Returns the box of the values between two in a column.
    pub fn part(&self, column: usize, from: u64, to: u64) -> Rectangle {
        let (bottom, top) = (self.level(from), self.level(to));
        let left = self.columns.left_of(column);
        rectangle(left, top, self.columns.wide, (bottom - top).max(0) as u32)
    }

    /// Draws the line at the bottom.
    pub fn draw_axis<S: Surface>(&self, surface: &mut S, right: i32) -> Result<(), S::Error> {
        let left = self.area.top_left.x;
        let axis = rectangle(left, self.level(0), (right - left) as u32, 1);
        surface.fill_solid(&axis, self.styles.theme.rule)
    }

    /// Draws the box of the values between two. A value above 0 has at least two pixels.
    pub fn draw_part<S: Surface>(
        &self,
        surface: &mut S,
        column: usize,
        (from, to): (u64, u64),
        fill: Fill,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let mut part = self.part(column, from, to);
        if to > from && part.size.height < 2 {
            let missing = 2 - part.size.height;
            part.top_left.y -= missing as i32;
            part.size.height = 2;
        }
        // The gap between two boxes.
        if part.size.height > 4 {
            part.top_left.y += 1;
            part.size.height -= 1;
        }
        match fill {
            Fill::Solid => surface.fill_solid(&part, theme.used),
            Fill::Hollow => edged_box(surface, part, 0, 1, theme.used, theme.cell),
        }
    }

    /// Draws a number in the middle of a box, if it fits.
    pub fn draw_inside<S: Surface>(
        &self,
        surface: &mut S,
        part: Rectangle,
        number: u32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let ink = theme.ink_on(theme.used);
        let style = self
            .styles
            .digits(Role::Axis, Weight::Bold, ink, theme.used);
        let cell = style.font.cell();
        let fits = part.size.height > cell.height + 3
            && part.size.width > cell.width * width(number) as u32;
        if !fits {
            return Ok(());
        }
        let top = part.center().y - cell.height as i32 / 2;
        centred(surface, &style, Point::new(part.center().x, top), number)
    }

    /// Draws a number above a level of a column. In narrow columns, a number that follows the same
    /// one is left out.
    pub fn draw_above<S: Surface>(
        &self,
        surface: &mut S,
        column: usize,
        level: i32,
        (before, number): (Option<u64>, u64),
        ink: Rgb888,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self
            .styles
            .digits(Role::Axis, Weight::Regular, ink, theme.panel);
        let cell = style.font.cell();
        let wide = cell.width as i32 * (width(number) as i32 + 1);
        if wide > self.columns.pitch && before == Some(number) {
            return Ok(());
        }
        let at = Point::new(
            self.columns.middle_of(column),
            level - cell.height as i32 - 1,
        );
        centred(surface, &style, at, number)
    }
}
