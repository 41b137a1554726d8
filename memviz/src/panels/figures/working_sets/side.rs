//! Draws what stands beside the plots: the last interval in numbers.

use super::log::{Interval, Member};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::Swap;
use crate::view::names::Names;
use crate::widgets::shapes::rectangle;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The columns of numbers.
const HEADS: [&str; 4] = ["used", "resident", "in swap", "faults"];

/// See the module.
pub struct Side<'d, 'm> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub swap: &'d Swap<'m>,
    pub interval: &'d Interval,
    pub number: u64,
}

impl Side<'_, '_> {
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = styles.names(Role::Body, theme.text, theme.panel);
        let head = format_args!("Interval {}", self.number);
        title.left(surface, area.top_left, head)?;
        let below = self.draw_table(surface, area)?;
        self.draw_sums(surface, area, below + self.length(16))
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// The right end of a column.
    fn end(area: Rectangle, column: usize) -> i32 {
        // The first column has the names.
        let names = area.size.width as i32 * 22 / 100;
        let rest = area.size.width as i32 - names;
        area.top_left.x + names + rest * (column as i32 + 1) / HEADS.len() as i32
    }

    /// Draws a row for each process, and their sums. Returns the level below.
    fn draw_table<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<i32, S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Axis, theme.dim, theme.panel);
        let left = area.top_left.x;
        let pitch = self.length(22);
        let mut y = area.top_left.y + self.length(30);
        small.left(surface, Point::new(left, y), "process")?;
        for (column, head) in HEADS.into_iter().enumerate() {
            small.right(surface, Point::new(Self::end(area, column), y), head)?;
        }
        y += pitch;
        let rule = rectangle(left, y - self.length(3), area.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        for member in &self.interval.members {
            let numbers = [
                member.used.into(),
                member.resident.into(),
                self.in_swap(member),
                member.faults.count(),
            ];
            self.draw_row(surface, area, y, &Count(member.process.into()), numbers)?;
            y += pitch;
            if member.limit > 0 {
                let words = format_args!("at most {} resident", member.limit);
                small.left(surface, Point::new(left + self.length(12), y), words)?;
                y += pitch;
            }
        }
        let rule = rectangle(left, y - self.length(3), area.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let interval = self.interval;
        let sums = [
            interval.sum(|member| member.used.into()),
            interval.sum(|member| member.resident.into()),
            interval.sum(|member| self.in_swap(member)),
            interval.sum(|member| member.faults.count()),
        ];
        self.draw_row(surface, area, y, &"sum", sums)?;
        Ok(y + pitch)
    }

    /// The pages of a process that are in swap now.
    fn in_swap(&self, member: &Member) -> u64 {
        let pages = self.swap.all_pages();
        pages.filter(|page| page.0 == member.process).count() as u64
    }

    fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        y: i32,
        name: &dyn Display,
        numbers: [u64; HEADS.len()],
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let bold = self.styles.names(Role::Small, theme.text, theme.panel);
        bold.left(surface, Point::new(area.top_left.x, y), name)?;
        for (column, number) in numbers.into_iter().enumerate() {
            let ink = if number == 0 { theme.dim } else { theme.text };
            self.draw_right(surface, Self::end(area, column), y, &Count(number), ink)?;
        }
        Ok(())
    }

    /// Draws the frames, the faults and the time of the interval.
    fn draw_sums<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        top: i32,
    ) -> Result<(), S::Error> {
        let (theme, interval) = (self.styles.theme, self.interval);
        let (ran, own) = interval.time();
        let used = interval.sum(|member| member.used.into());
        let hard = interval.sum(|member| member.faults.hard.into());
        let soft = interval.sum(|member| member.faults.soft.into());
        let (unit, time) = match self.names.counts_instructions {
            true => ("instructions", 1),
            false => ("microseconds", 1000),
        };
        let ink = match used > interval.frames {
            true => theme.accent,
            false => theme.text,
        };
        let bottom = area.top_left.y + area.size.height as i32;
        let rows: [(&str, u64, Rgb888); 7] = [
            ("pages used", used, ink),
            ("frames for them", interval.frames, theme.text),
            ("faults that read from swap", hard, theme.text),
            ("other faults", soft, theme.text),
            ("", 0, theme.text),
            ("own work", own / time, theme.text),
            ("page faults", (ran - own) / time, theme.text),
        ];
        let words = self.styles.words(Role::Small, theme.dim, theme.panel);
        let pitch = self.length(22);
        let right = area.top_left.x + area.size.width as i32;
        for ((name, value, ink), y) in rows.into_iter().zip((top..).step_by(pitch as usize)) {
            if y + pitch > bottom {
                break;
            }
            if name.is_empty() {
                let bold = self.styles.names(Role::Small, theme.text, theme.panel);
                let at = Point::new(area.top_left.x, y);
                bold.left(surface, at, format_args!("Time of the processes, {unit}"))?;
                continue;
            }
            words.left(surface, Point::new(area.top_left.x, y), name)?;
            self.draw_right(surface, right, y, &Count(value), ink)?;
        }
        Ok(())
    }

    /// Draws a number with its right end here.
    fn draw_right<S: Surface>(
        &self,
        surface: &mut S,
        right: i32,
        y: i32,
        number: &Count,
        ink: Rgb888,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self
            .styles
            .digits(Role::Small, Weight::Bold, ink, theme.panel);
        let cells = width(number);
        let wide = cells as i32 * style.font.cell().width as i32;
        style.draw(
            surface,
            Slot::left(Point::new(right - wide, y), cells),
            number,
        )
    }
}
