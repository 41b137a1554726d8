//! Draws the columns of each plot, and the line of the frames.

use super::draw::Drawing;
use super::log::Member;
use super::plot::{Fill, Plot};
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::{edged_box, rectangle};
use embedded_graphics::geometry::Point;

impl Drawing<'_, '_> {
    /// Draws a box for each process, the line of the frames, and the part above it.
    pub(super) fn draw_stacks<S: Surface>(
        &self,
        surface: &mut S,
        plot: &Plot<'_>,
        of: impl Fn(&Member) -> u64,
        right: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let intervals = &self.log.intervals;
        let mut above = None;
        for (column, interval) in intervals.iter().enumerate() {
            let before = column.checked_sub(1).map(|before| &intervals[before]);
            let mut sum = 0;
            for member in &interval.members {
                let value = of(member);
                plot.draw_part(surface, column, (sum, sum + value), Fill::Solid)?;
                let had = before.is_some_and(|before| {
                    let mut members = before.members.iter();
                    members.any(|other| other.process == member.process && of(other) > 0)
                });
                if !had {
                    let part = plot.part(column, sum, sum + value);
                    plot.draw_inside(surface, part, member.process)?;
                }
                sum += value;
            }
            let is_more = sum > interval.frames;
            if is_more {
                let more = plot.part(column, interval.frames, sum);
                surface.fill_solid(&more, theme.accent)?;
            }
            let line = plot.level(interval.frames);
            let digit = self.length(18);
            let top = plot.level(sum);
            // The number does not cross the line.
            let level = if top > line && top - line < digit {
                line - 1
            } else {
                top
            };
            let ink = if is_more { theme.accent } else { theme.dim };
            plot.draw_above(surface, column, level, (above.replace(sum), sum), ink)?;
        }
        self.draw_frames(surface, plot, right)
    }

    /// Draws the line of the frames that pages can have, if it is in the plot.
    fn draw_frames<S: Surface>(
        &self,
        surface: &mut S,
        plot: &Plot<'_>,
        right: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        for (column, interval) in self.log.intervals.iter().enumerate() {
            if interval.frames <= plot.most {
                let left = plot.columns.left_of(column) - 2;
                let level = plot.level(interval.frames);
                let line = rectangle(left, level, plot.columns.pitch as u32, 2);
                surface.fill_solid(&line, theme.text)?;
            }
        }
        let Some(last) = self.log.intervals.last() else {
            return Ok(());
        };
        if last.frames > plot.most {
            return Ok(());
        }
        let end = plot.columns.left_of(self.log.intervals.len()) - 2;
        let level = plot.level(last.frames);
        let rest = rectangle(end, level, (right - end).max(0) as u32, 1);
        surface.fill_solid(&rest, theme.edge)?;
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        let at = Point::new(
            right + self.length(6),
            level - bold.face.line_height() as i32 / 2,
        );
        bold.left(surface, at, format_args!("{} frames", last.frames))?;
        Ok(())
    }

    /// Draws the faults: those that read a page from swap, and above them the others.
    pub(super) fn draw_faults<S: Surface>(
        &self,
        surface: &mut S,
        plot: &Plot<'_>,
        right: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let mut above = None;
        for (column, interval) in self.log.intervals.iter().enumerate() {
            let hard = interval.sum(|member| member.faults.hard.into());
            let all = interval.sum(|member| member.faults.count());
            plot.draw_part(surface, column, (0, hard), Fill::Solid)?;
            if all > hard {
                plot.draw_part(surface, column, (hard, all), Fill::Hollow)?;
            }
            let numbers = (above.replace(all), all);
            plot.draw_above(surface, column, plot.level(all), numbers, theme.dim)?;
        }
        let words = styles.words(Role::Small, theme.dim, theme.panel);
        let line = words.face.line_height() as i32;
        let side = self.length(10) as u32;
        let left = right + self.length(6);
        let mut y = plot.area.top_left.y;
        for (name, fill) in [("from swap", theme.used), ("other", theme.cell)] {
            let sample = rectangle(left, y + (line - side as i32) / 2, side, side);
            edged_box(surface, sample, 0, 1, theme.used, fill)?;
            let x = left + side as i32 + self.length(5);
            words.left(surface, Point::new(x, y), name)?;
            y += line + self.length(3);
        }
        Ok(())
    }

    /// Draws the share of the processes' own work in the time that they ran.
    pub(super) fn draw_work<S: Surface>(
        &self,
        surface: &mut S,
        plot: &Plot<'_>,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let mut above = None;
        for (column, interval) in self.log.intervals.iter().enumerate() {
            if let Some(share) = interval.share() {
                plot.draw_part(surface, column, (0, share), Fill::Solid)?;
                let numbers = (above.replace(share), share);
                plot.draw_above(surface, column, plot.level(share), numbers, theme.dim)?;
            }
        }
        Ok(())
    }
}
