//! Draws the four boxes, with the sums of their rows and columns.

use super::counts::Rights;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::widgets::badges;
use crate::widgets::shapes::{dashed_box, edged_box, rectangle};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::Access;
use mm::units::{Count, Percent};

/// The picture of the access rights.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub rights: &'d Rights,
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (rights, theme) = (self.rights, self.styles.theme);
        let title = "Pages by access right";
        let subtitle = parts::text::<64>(format_args!(
            "{} mapped pages, {} of them for ring 3",
            Count(rights.total),
            Count(rights.user)
        ));
        let step = &rights.step;
        let inside = parts::panel(surface, self.styles, area, title, subtitle, step)?;
        let (head, gap) = (self.length(30), self.length(16));
        let words = self.styles.names(Role::Title, theme.text, theme.panel);
        let side = words.width("not writable") as i32 + 2 * gap;
        let (wide, high) = (inside.size.width as i32, inside.size.height as i32);
        let width = (wide - side - gap) / 2;
        let height = (high - head - gap) / 2;
        for (column, executable) in [false, true].into_iter().enumerate() {
            let x = inside.top_left.x + side + column as i32 * (width + gap);
            let (name, sum) = match executable {
                true => ("executable", rights.executable),
                false => (
                    "not executable",
                    rights.total.saturating_sub(rights.executable),
                ),
            };
            self.draw_head(surface, Point::new(x, inside.top_left.y), name, sum, false)?;
            for (row, writable) in [true, false].into_iter().enumerate() {
                let y = inside.top_left.y + head + row as i32 * (height + gap);
                let place = rectangle(x, y, width as u32, height as u32);
                self.draw_box(surface, place, writable, executable)?;
            }
        }
        for (row, writable) in [true, false].into_iter().enumerate() {
            let y = inside.top_left.y + head + row as i32 * (height + gap);
            let (name, sum) = match writable {
                true => ("writable", rights.writable),
                false => ("not writable", rights.total.saturating_sub(rights.writable)),
            };
            let line = words.face.line_height() as i32;
            let at = Point::new(inside.top_left.x, y + height / 2 - line);
            self.draw_head(surface, at, name, sum, true)?;
        }
        Ok(())
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// Draws the name of a row or column, and its sum beside or below it.
    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        name: &str,
        sum: u64,
        below: bool,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let names = self.styles.names(Role::Title, theme.text, theme.panel);
        let words = self.styles.words(Role::Title, theme.dim, theme.panel);
        let drawn = names.left(surface, at, name)?;
        if self.rights.step.is_concealed {
            return Ok(());
        }
        let at = match below {
            true => at + Size::new(0, names.face.line_height()),
            false => at + Size::new(drawn.size.width + self.styles.scale.length(12), 0),
        };
        words.left(surface, at, Count(sum))?;
        Ok(())
    }

    /// Draws a box with the number of its pages, their rights and their share.
    fn draw_box<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        writable: bool,
        executable: bool,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let pages = self.rights.pages(writable, executable);
        let is_forbidden = writable && executable;
        let radius = self.styles.scale.length(6);
        if self.rights.step.is_concealed {
            edged_box(surface, area, radius, 1, theme.edge, theme.panel)?;
            let mark = self.styles.names(Role::Caption, theme.edge, theme.panel);
            mark.centre(surface, area.center(), "?")?;
            return Ok(());
        }
        match (is_forbidden, pages) {
            (true, 0) => dashed_box(surface, area, self.styles.scale.length(6), theme.edge)?,
            (true, _) => edged_box(surface, area, radius, 3, theme.warning, theme.panel)?,
            (false, _) => edged_box(surface, area, radius, 1, theme.edge, theme.panel)?,
        }
        let mut access = Access::empty();
        access.set(Access::WRITE, writable);
        access.set(Access::EXECUTE, executable);
        let padding = self.length(18);
        let large = self.styles.names(Role::Caption, theme.text, theme.panel);
        let line = large.face.line_height() as i32;
        let left = area.top_left.x + padding;
        let top = area.top_left.y + padding;
        badges::rights(
            surface,
            self.styles,
            left,
            top + line / 2,
            access,
            theme.panel,
        )?;
        let beside = left + badges::rights_width(self.styles) as i32 + padding;
        let drawn = large.left(surface, Point::new(beside, top), Count(pages))?;
        let words = self.styles.words(Role::Title, theme.dim, theme.panel);
        let lower = line - words.face.line_height() as i32;
        let at = Point::new(
            beside + drawn.size.width as i32 + self.length(12),
            top + lower - self.length(2),
        );
        words.left(surface, at, content_of(writable, executable, pages))?;
        let at = Point::new(left, top + line + self.length(14));
        let width = area.size.width as i32 - 2 * padding;
        if at.y + self.length(14) + line > area.top_left.y + area.size.height as i32 {
            return Ok(());
        }
        self.draw_share(surface, at, width as u32, pages, is_forbidden)
    }

    /// Draws the share of these pages as a bar, and as a number below it.
    fn draw_share<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        width: u32,
        pages: u64,
        is_forbidden: bool,
    ) -> Result<(), S::Error> {
        let (theme, total) = (self.styles.theme, self.rights.total);
        let track = Rectangle::new(at, Size::new(width, self.length(14) as u32));
        surface.fill_solid(&track, theme.blank)?;
        let filled = (u64::from(width) * pages).div_ceil(total.max(1));
        let bar = Size::new(filled.min(width.into()) as u32, track.size.height);
        let color = if is_forbidden {
            theme.warning
        } else {
            theme.used
        };
        surface.fill_solid(&Rectangle::new(at, bar), color)?;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        let share = Percent {
            part: pages,
            whole: total,
        };
        small.left(surface, at + Point::new(0, self.length(20)), share)?;
        Ok(())
    }
}

/// Returns the usual content of the pages of a box.
fn content_of(writable: bool, executable: bool, pages: u64) -> &'static str {
    match (writable, executable) {
        (true, true) if pages == 0 => "none: W^X",
        (true, true) => "against W^X",
        (true, false) => "data, stacks, page tables",
        (false, true) => "code",
        (false, false) => "constants, shared pages",
    }
}
