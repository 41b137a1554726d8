//! Draws the plots one below the other, and what stands beside them.

use super::log::{Interval, WorkingSetLog};
use super::plot::{Columns, Plot};
use super::side::Side;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::Swap;
use crate::panels::figures::marks::centred;
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The fewest columns, so that the columns of the first measurements stay where they are.
const FEWEST: usize = 20;
/// The shares of the plots in the height, in percent.
const SHARES: [i32; 4] = [36, 24, 24, 16];
/// Names of the plots, and what they show.
const HEADS: [(&str, &str); 4] = [
    (
        "Working sets",
        "pages that each process used in the interval",
    ),
    ("Resident sets", "pages in frames at its end"),
    ("Page faults", "in the interval"),
    (
        "Own work",
        "percent of the time that processes ran; the rest is page faults",
    ),
];

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub swap: &'d Swap<'m>,
    pub step: &'d StepChanges,
    pub log: &'d WorkingSetLog,
}

impl Drawing<'_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "Working sets and memory";
        let subtitle = "a column is the time between two measurements";
        let content = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let Some(last) = self.log.intervals.last() else {
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let words = "No working set was measured yet.";
            return style.left(surface, content.top_left, words).map(|_| ());
        };
        let wide = self.length(300).min(content.size.width as i32 / 3);
        let gap = self.length(36);
        let plots = Size::new(
            (content.size.width as i32 - wide - gap) as u32,
            content.size.height,
        );
        self.draw_plots(surface, Rectangle::new(content.top_left, plots))?;
        let right = content.top_left.x + content.size.width as i32;
        let at = Point::new(right - wide, content.top_left.y);
        let side = Side {
            styles,
            names: self.names,
            swap: self.swap,
            interval: last,
            number: self.log.total,
        };
        let size = Size::new(wide as u32, content.size.height);
        side.draw(surface, Rectangle::new(at, size))
    }

    pub(super) fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn draw_plots<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let margin = self.length(92);
        let right = area.top_left.x + area.size.width as i32 - margin;
        let count = self.log.intervals.len().max(FEWEST) as i32;
        let pitch = (right - area.top_left.x) / count;
        let columns = Columns {
            left: area.top_left.x + 2,
            pitch,
            wide: (pitch - self.length(5)).max(2) as u32,
        };
        let head = styles
            .names(Role::Small, theme.text, theme.panel)
            .face
            .line_height() as i32;
        let digit = styles
            .digits(Role::Axis, Weight::Regular, theme.dim, theme.panel)
            .font
            .cell()
            .height as i32;
        let fixed = 4 * (head + digit + self.length(6)) + digit;
        let rest = area.size.height as i32 - fixed;
        let mut top = area.top_left.y;
        for (number, share) in SHARES.into_iter().enumerate() {
            self.draw_head(surface, Point::new(area.top_left.x, top), right, number)?;
            let height = rest * share / 100;
            let plot = Plot {
                styles,
                columns,
                area: rectangle(
                    area.top_left.x,
                    top + head + digit + 2,
                    (right - area.top_left.x) as u32,
                    height as u32,
                ),
                most: self.most(number),
            };
            plot.draw_axis(surface, right)?;
            match number {
                0 => self.draw_stacks(surface, &plot, |member| member.used.into(), right)?,
                1 => self.draw_stacks(surface, &plot, |member| member.resident.into(), right)?,
                2 => self.draw_faults(surface, &plot, right)?,
                _ => self.draw_work(surface, &plot)?,
            }
            top += head + digit + height + self.length(6);
        }
        self.draw_numbers(surface, columns, top - self.length(2))
    }

    /// The value at the top of a plot.
    fn most(&self, number: usize) -> u64 {
        let of = |interval: &Interval| match number {
            0 => interval
                .sum(|member| member.used.into())
                .max(interval.frames),
            1 => interval
                .sum(|member| member.resident.into())
                .max(interval.frames),
            2 => interval.sum(|member| member.faults.count()),
            _ => 100,
        };
        // More frames than all pages need would make the columns flat.
        let needed = self.log.intervals.iter().map(|interval| match number {
            0 | 1 => 2 * interval.sum(|member| member.used.max(member.resident).into()),
            _ => u64::MAX,
        });
        let highest = self.log.intervals.iter().map(of).max().unwrap_or(0);
        highest.min(needed.max().unwrap_or(0)).max(1)
    }

    /// Draws the name of a plot, and what it shows if that fits.
    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        right: i32,
        number: usize,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (name, words) = HEADS[number];
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        let drawn = bold.left(surface, at, name)?;
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let x = at.x + drawn.size.width as i32 + self.length(8);
        if x + (dim.width(words) as i32) < right {
            dim.left(surface, Point::new(x, at.y), words)?;
        }
        Ok(())
    }

    /// Draws the numbers of the intervals. Those of this step have the accent.
    fn draw_numbers<S: Surface>(
        &self,
        surface: &mut S,
        columns: Columns,
        top: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let first = self.log.total - self.log.intervals.len() as u64;
        for (column, interval) in self.log.intervals.iter().enumerate() {
            let is_new = interval.position >= self.step.start();
            let (weight, ink) = match is_new {
                true => (Weight::Bold, theme.accent),
                false => (Weight::Regular, theme.dim),
            };
            let style = styles.digits(Role::Axis, weight, ink, theme.panel);
            let number = first + column as u64 + 1;
            let at = Point::new(columns.middle_of(column), top);
            centred(surface, &style, at, number)?;
        }
        Ok(())
    }
}
