//! Draws a row for each call site.

use super::report::{Group, Report};
use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::panels::figures::change::Change;
use crate::panels::figures::parts;
use crate::view::names::{CODE, Names, fit_path};
use crate::view::step::StepChanges;
use crate::widgets::badges;
use crate::widgets::shapes::{rectangle, round_box};
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count, Moment};

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub step: &'d StepChanges,
    pub report: &'d Report,
}

/// The left edges of the columns.
struct Columns {
    by: i32,
    owner: i32,
    live: i32,
    quarantined: i32,
    freed: i32,
    end: i32,
}

/// The marks of live allocations: the same scale in all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    /// The distance of two marks in pixels.
    pitch: i32,
    /// The allocations that a mark stands for.
    each: u32,
}

impl Marks {
    /// Returns the marks for up to `most` allocations in a row of this width.
    fn new(room: i32, most: u32, widest: i32) -> Marks {
        // The scale is the same for up to 64 marks, so that twice as many are twice as wide.
        let most = most.max(64).next_power_of_two();
        // A mark and its gap need two pixels.
        let each = most.div_ceil((room / 2).max(1) as u32).next_power_of_two();
        let pitch = (room / (most / each) as i32).clamp(2, widest);
        Marks { pitch, each }
    }

    /// The width of a mark. Two marks never touch.
    fn width(self) -> u32 {
        (self.pitch - (self.pitch / 4).max(1)) as u32
    }
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "Allocations since the mark, by call site";
        let (live, bytes) = self.report.live();
        let subtitle = match self.report.since {
            _ if self.step.is_concealed => parts::text::<96>(""),
            Some(time) => parts::text::<96>(format_args!(
                "marked at {}; live: {}, {} requested",
                Moment(time),
                Count(live),
                Bytes(bytes)
            )),
            None => parts::text::<96>(""),
        };
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        if self.step.is_concealed {
            let mark = styles.names(Role::Caption, theme.edge, theme.panel);
            mark.centre(surface, inside.center(), "?")?;
            return Ok(());
        }
        let dim = styles.words(Role::Body, theme.dim, theme.panel);
        if self.report.since.is_none() || self.report.groups.is_empty() {
            let words = match self.report.since {
                None => "No mark yet: “leaks mark” in the shell sets one.",
                Some(_) => "Nothing was allocated since the mark.",
            };
            dim.left(surface, inside.top_left, words)?;
            return Ok(());
        }
        let columns = self.columns(inside);
        let most = self.report.groups.iter().map(Group::all).max();
        let room = (columns.quarantined - columns.live) * 60 / 100;
        let marks = Marks::new(room, most.unwrap_or(1), self.length(12));
        let mut y = inside.top_left.y;
        self.draw_heads(surface, &columns, marks, y)?;
        y += self.length(34);
        for group in &self.report.groups {
            if y + self.length(44) > inside.top_left.y + inside.size.height as i32 {
                break;
            }
            self.draw_group(surface, group, &columns, marks, y)?;
            y += self.length(54);
        }
        if self.report.missing > 0 {
            let missing = Count(self.report.missing.into());
            let words = format_args!("{missing} allocations are not in this report");
            dim.left(surface, Point::new(columns.by, y), words)?;
        }
        Ok(())
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn columns(&self, inside: Rectangle) -> Columns {
        let (left, wide) = (inside.top_left.x, inside.size.width as i32);
        Columns {
            by: left,
            owner: left + wide * 22 / 100,
            live: left + wide * 34 / 100,
            quarantined: left + wide * 78 / 100,
            freed: left + wide * 91 / 100,
            end: left + wide,
        }
    }

    fn small(&self) -> LabelStyle {
        let theme = self.styles.theme;
        self.styles.words(Role::Small, theme.dim, theme.panel)
    }

    fn draw_heads<S: Surface>(
        &self,
        surface: &mut S,
        columns: &Columns,
        marks: Marks,
        top: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.small();
        let live = match marks.each {
            1 => parts::text::<32>("live: a mark for each"),
            each => parts::text::<32>(format_args!("live: a mark for {each}")),
        };
        for (x, words) in [
            (columns.by, "allocated by"),
            (columns.owner, "owner"),
            (columns.live, live.as_str()),
            (columns.quarantined, "in quarantine"),
            (columns.freed, "freed"),
        ] {
            small.left(surface, Point::new(x, top), words)?;
        }
        let below = top + small.face.line_height() as i32 + self.length(4);
        let wide = (columns.end - columns.by) as u32;
        surface.fill_solid(&rectangle(columns.by, below, wide, 1), theme.outline)
    }

    fn draw_group<S: Surface>(
        &self,
        surface: &mut S,
        group: &Group,
        columns: &Columns,
        marks: Marks,
        top: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let middle = top + self.length(18);
        let known = (self.names.function)(CODE | u64::from(group.site));
        let name = fit_path(known.unwrap_or("unknown code"), 0);
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let room = (columns.owner - columns.by) as u32;
        let line = bold.face.line_height() as i32;
        if bold.width(name) <= room {
            let at = Point::new(columns.by, middle - line / 2);
            bold.left(surface, at, name)?;
        }
        let owner = theme.tag(group.owner);
        let side = styles.scale.length(16);
        let square = rectangle(columns.owner, middle - side as i32 / 2, side, side);
        round_box(surface, square, 2, owner.color)?;
        let small = self.small();
        let beside = columns.owner + side as i32 + self.length(6);
        let at = Point::new(beside, middle - small.face.line_height() as i32 / 2);
        small.left(surface, at, owner.words)?;
        self.draw_live(surface, group, columns, marks, middle)?;
        for (x, count) in [
            (columns.quarantined, group.quarantined),
            (columns.freed, group.freed),
        ] {
            self.draw_number(surface, Point::new(x, middle), Count(count.into()))?;
        }
        Ok(())
    }

    /// Draws a mark for each live allocation, then their number and bytes.
    fn draw_live<S: Surface>(
        &self,
        surface: &mut S,
        group: &Group,
        columns: &Columns,
        marks: Marks,
        middle: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let color = theme.tag(group.owner).color;
        let height = self.styles.scale.length(26);
        let count = group.live.div_ceil(marks.each) as i32;
        for at in 0..count {
            let x = columns.live + at * marks.pitch;
            let mark = rectangle(x, middle - height as i32 / 2, marks.width(), height);
            surface.fill_solid(&mark, color)?;
        }
        let x = columns.live + count * marks.pitch + self.length(8);
        let end = self.draw_number(surface, Point::new(x, middle), Count(group.live.into()))?;
        let small = self.small();
        let line = small.face.line_height() as i32;
        let at = Point::new(end + self.length(8), middle - line / 2);
        let drawn = small.left(surface, at, Bytes(group.requested))?;
        let change = i64::from(group.live) - i64::from(group.live_before);
        let after = drawn.top_left.x + drawn.size.width as i32 + self.length(10);
        let wide = badges::delta_width(self.styles, Change(change)) as i32;
        if change != 0 && !self.report.is_question && after + wide < columns.quarantined {
            badges::delta(surface, self.styles, after, middle, Change(change))?;
        }
        Ok(())
    }

    /// Draws a number whose left end is at a point. Returns its right end.
    fn draw_number<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        number: impl Display,
    ) -> Result<i32, S::Error> {
        let theme = self.styles.theme;
        let digits = self
            .styles
            .digits(Role::Body, Weight::Bold, theme.text, theme.panel);
        let cell = digits.font.cell();
        let cells = width(&number);
        let slot = Slot::left(at - Point::new(0, cell.height as i32 / 2), cells);
        digits.draw(surface, slot, number)?;
        Ok(at.x + (cells as u32 * cell.width) as i32)
    }
}

impl Group {
    /// The most allocations of this call site that can be live at a time.
    fn all(&self) -> u32 {
        self.live.max(self.live_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_gaps_and_fit_their_row() {
        assert_eq!(Marks::new(320, 30, 12), Marks { pitch: 5, each: 1 });
        assert_eq!(Marks::new(320, 256, 12), Marks { pitch: 2, each: 2 });
        for most in [1, 64, 65, 1000, 100_000] {
            let marks = Marks::new(320, most, 12);
            assert!((marks.width() as i32) < marks.pitch, "{marks:?}");
            let wide = most.div_ceil(marks.each) as i32 * marks.pitch;
            assert!(wide <= 320, "{most} need {wide} pixels");
        }
    }
}
