//! The top line: live or replay, time, event rate, and the cost of drawing.
//!
//! Only figures whose text changed are drawn again, so an unchanged picture costs almost nothing.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::view::extent::Extent;
use crate::view::meter::Figures;
use crate::widgets;
use core::fmt::{self, Display};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count, Moment, Nanoseconds, Rate, Short};

/// Text cells of all fields except the memory size.
const FULL: usize = 119;

/// The values that the header shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The workload or the replay is paused.
    pub paused: bool,
    /// Events between the picture and the present.
    pub behind: u64,
    /// The time of the picture, in nanoseconds since boot; shown to the tenth of a second.
    pub time: u64,
    /// Events applied.
    pub events: u64,
    /// Events that the ring lost.
    pub lost: u64,
    /// Entries in which the picture and the machine disagree.
    pub disagreements: u64,
    /// Rates and costs.
    pub figures: Figures,
    /// Live processes.
    pub processes: u64,
    /// Bytes of memory.
    pub memory: u64,
}

impl Header {
    /// Draws the fields that differ from `before`, or all.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
        before: &Header,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let all = extent == Extent::All;
        let unit = styles.unit() as i32;
        // The memory size stands at the right edge, past the last field.
        let memory = Bytes(self.memory);
        let memory_cells = width(memory);
        let right = area.top_left.x + area.size.width as i32 - 2 * unit;
        let end = right - memory_cells as i32 * unit;
        let above = (area.size.height.saturating_sub(2 * styles.unit()) / 2) as i32;
        let mut line = Line {
            surface,
            at: area.top_left + Point::new(2 * unit, above),
            end: end - unit,
            unit,
        };
        // With large text, only the most important fields are drawn.
        let is_full = (line.end - line.at.x) / unit >= FULL as i32;
        if all {
            line.surface.fill_solid(&area, styles.theme.panel)?;
            widgets::outline(line.surface, area, 1, styles.theme.outline)?;
        }
        line.field(all, 8, &styles.title, "memviz")?;
        let (mode, style) = match (self.paused, self.is_past()) {
            (true, false) => ("⏸ PAUSED", &styles.warning),
            (false, false) => ("▶ LIVE", &styles.accent),
            (true, true) => ("⏸ REPLAY", &styles.warning),
            (false, true) => ("▶ REPLAY", &styles.warning),
        };
        let turned = self.is_past() != before.is_past();
        line.field(
            all || turned || self.paused != before.paused,
            10,
            style,
            mode,
        )?;

        let tenth = |header: &Header| header.time / 100_000_000;
        let time = format_args!("{:.1}", Moment(self.time));
        line.field(all || tenth(self) != tenth(before), 10, &styles.text, time)?;
        let (now, then) = (&self.figures, &before.figures);
        let (sign, events, style) = match self.is_past() {
            true => ("–", self.behind, &styles.warning),
            false => ("", self.events, &styles.text),
        };
        if is_full || self.is_past() {
            let changed = (self.events, self.behind) != (before.events, before.behind);
            let cells = if is_full { 17 } else { 15 };
            let events = format_args!("{sign}{} events", Count(events));
            line.field(all || changed, cells, style, events)?;
        }
        if is_full {
            // The meter counts events of the present only.
            let changed = turned || !self.is_past() && now.event_rate != then.event_rate;
            let rate = (!self.is_past()).then_some(Rate(now.event_rate));
            line.field(all || changed, 10, &styles.dim, Known(rate))?;
        }
        if is_full || !self.is_past() {
            let changed = turned || self.processes != before.processes;
            let noun = if self.processes == 1 {
                "process"
            } else {
                "processes"
            };
            let processes = format_args!("{} {noun}", Short(self.processes));
            line.field(all || changed, 15, &styles.text, processes)?;
        }
        let changed = self.lost != before.lost;
        let lost = format_args!("lost {}", Short(self.lost));
        line.field(all || changed, 11, alarm(styles, self.lost), lost)?;
        // The past cannot be compared with the present machine.
        if self.is_past() {
            line.field(all || turned, 15, &styles.dim, "unchecked")?;
        } else {
            let changed = turned || self.disagreements != before.disagreements;
            let mismatches = format_args!("mismatches {}", Short(self.disagreements));
            let style = alarm(styles, self.disagreements);
            line.field(all || changed, 15, style, mismatches)?;
        }
        if is_full {
            let changed = now.frame_rate != then.frame_rate;
            let frames = format_args!("{} fps", now.frame_rate);
            line.field(all || changed, 9, &styles.dim, frames)?;
            let changed = now.frame_nanoseconds != then.frame_nanoseconds;
            let cost = format_args!("{}/frame", Nanoseconds(now.frame_nanoseconds));
            line.field(all || changed, 14, &styles.dim, cost)?;
        }
        if all {
            let slot = Slot::left(Point::new(end, line.at.y), memory_cells);
            styles.title.draw(line.surface, slot, memory)?;
        }
        Ok(())
    }
}

impl Header {
    /// Whether the picture shows the past.
    fn is_past(&self) -> bool {
        self.behind > 0
    }
}

/// Formats a value, or says that it is not kept.
struct Known<T>(Option<T>);

impl<T: Display> Display for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("not kept"),
        }
    }
}

/// A number that should be zero.
fn alarm(styles: &Styles, number: u64) -> &TextStyle {
    match number {
        0 => &styles.dim,
        _ => &styles.warning,
    }
}

/// Fields from left to right.
struct Line<'s, S> {
    surface: &'s mut S,
    at: Point,
    end: i32,
    unit: i32,
}

impl<S: Surface> Line<'_, S> {
    /// Draws a field of this many text cells, including the space after it.
    fn field(
        &mut self,
        draw: bool,
        cells: usize,
        style: &TextStyle,
        text: impl Display,
    ) -> Result<(), S::Error> {
        let room = (self.end - self.at.x).max(0) / self.unit;
        if draw {
            let slot = Slot::left(self.at, cells.min(room as usize));
            style.draw(self.surface, slot, text)?;
        }
        self.at.x += cells as i32 * self.unit;
        Ok(())
    }
}
