//! Draws a graph: name and numbers, and a column for each sample.
//!
//! ```text
//! used frames             now 25,266    the last sample
//! 131 to 25,300, top 50,000             of the visible samples
//! ┌────────────▂▃▅▇▇▇▇▇▇▇▇│────────┐    a column is as wide as the time since the previous
//! └────────────────────────────────┘    sample, minus a gap
//! ```
//! A narrow graph has its value in the second line, and shows no minimum and maximum. The end of
//! the axis is omitted if it does not fit.

use super::axis::{SPAN, STEP};
use super::graph::Graph;
use super::shown::Shown;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot};
use crate::model::samples::{PERIOD, Sample, Window};
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The minimum text cells of a graph with its value beside its name.
const WIDE: usize = 38;

/// The text at times without samples.
const NOT_KEPT: &str = "not kept";

/// A graph with its rectangle and axes.
pub struct Plot<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    graph: Graph,
    at: Point,
    cells: usize,
    plot: Rectangle,
    start: u64,
    scale: u64,
}

impl<'s, S: Surface> Plot<'s, S> {
    /// Lays out the graph in `area`. Its time axis begins at `start`, its other axis ends at `top`.
    pub fn new(
        surface: &'s mut S,
        styles: &'s Styles,
        graph: Graph,
        area: Rectangle,
        start: u64,
        top: u64,
    ) -> Self {
        let unit = styles.unit();
        let head = 4 * unit + unit / 2;
        let height = area.size.height.saturating_sub(head + unit);
        Plot {
            surface,
            styles,
            graph,
            at: area.top_left,
            cells: (area.size.width / unit) as usize,
            plot: Rectangle::new(
                area.top_left + Size::new(0, head),
                Size::new(area.size.width, height),
            ),
            start,
            scale: top.max(1),
        }
    }

    /// Draws name and numbers, over the previous ones.
    pub fn head(&mut self, before: Option<Shown>, now: Shown) -> Result<(), S::Error> {
        let (graph, styles) = (self.graph, self.styles);
        let name = graph.words();
        if before.is_none() {
            let slot = Slot::left(self.at, name.len());
            styles.title.draw(self.surface, slot, name)?;
        }
        let words = |shown: Shown| Value(shown.value.map(|value| graph.with_unit(value)));
        let second = self.at + Size::new(0, 2 * styles.unit());
        if self.cells < WIDE {
            let words = |shown: Shown| Scaled {
                value: words(shown),
                top: graph.with_unit(shown.top()),
                cells: self.cells,
            };
            let slot = Slot::left(second, self.cells);
            let old = before.map(words);
            return styles.text.update(self.surface, slot, old, words(now));
        }
        let left = name.len() as u32 * styles.unit();
        let slot = Slot::right(self.at + Size::new(left, 0), self.cells - name.len());
        let old = before.map(words);
        styles.text.update(self.surface, slot, old, words(now))?;
        let slot = Slot::left(second, self.cells);
        let words = |shown: Shown| Extremes { graph, shown };
        let old = before.map(words);
        styles.dim.update(self.surface, slot, old, words(now))
    }

    /// Draws the samples from number `first`, or the background and all samples.
    pub fn draw(&mut self, samples: Window<'_>, first: Option<u64>) -> Result<(), S::Error> {
        if first.is_none() {
            self.draw_ground(samples.kept_since())?;
        }
        let theme = self.styles.theme;
        let color = self.graph.color(theme);
        for (sample, before) in samples.since(first.unwrap_or(0)) {
            let Some(value) = self.graph.value(&sample, before.as_ref()) else {
                continue;
            };
            let Some(from) = self.begin(&sample, before.as_ref()) else {
                continue;
            };
            let (left, right) = (self.x(from), self.x(sample.time).max(self.x(from) + 1));
            match self.graph {
                Graph::Heap => {
                    self.column(left, right, value, theme.used)?;
                    self.column(left, right, sample.heap_requested, color)?;
                }
                _ => self.column(left, right, value, color)?,
            }
        }
        Ok(())
    }

    /// Returns the start of the column of a sample: the time of the sample before, minus a gap. If
    /// no event happened since then, there is no gap.
    fn begin(&self, sample: &Sample, before: Option<&Sample>) -> Option<u64> {
        let from = before.map_or(sample.time, |before| before.time);
        if before.is_some_and(|before| before.events == sample.events) {
            return (sample.time > self.start).then_some(from.max(self.start));
        }
        let from = from.max(sample.time.saturating_sub(2 * PERIOD));
        (from >= self.start).then_some(from)
    }

    /// Draws the background: the grid, and the time whose samples are not kept.
    fn draw_ground(&mut self, kept_since: u64) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        self.surface.fill_solid(&self.plot, theme.ground)?;
        for step in 0..SPAN / STEP {
            let left = self.x(self.start + step * STEP);
            let size = Size::new(1, self.plot.size.height);
            let area = Rectangle::new(self.plot.top_left + Size::new(left, 0), size);
            self.surface.fill_solid(&area, theme.outline)?;
        }
        let width = self.x(kept_since).min(self.plot.size.width);
        let size = Size::new(width, self.plot.size.height);
        let dropped = Rectangle::new(self.plot.top_left, size);
        widgets::hatch(self.surface, dropped, theme.outline, theme.ground)?;
        let cells = (width / self.styles.unit()) as usize;
        if cells > NOT_KEPT.len() && size.height > 2 * self.styles.unit() {
            let slot = Slot::left(
                self.plot.top_left + Size::new_equal(self.styles.unit() / 2),
                NOT_KEPT.len(),
            );
            self.styles.dim.draw(self.surface, slot, NOT_KEPT)?;
        }
        Ok(())
    }

    /// Draws a column as high as the value: at least a pixel unless the value is 0.
    fn column(&mut self, left: u32, right: u32, value: u64, color: Rgb888) -> Result<(), S::Error> {
        let Size { width, height } = self.plot.size;
        let filled = u128::from(value) * u128::from(height);
        let filled = (filled.div_ceil(u128::from(self.scale)) as u32).min(height);
        let right = right.min(width);
        let at = self.plot.top_left + Size::new(left, height - filled);
        let size = Size::new(right.saturating_sub(left), filled);
        self.surface.fill_solid(&Rectangle::new(at, size), color)?;
        if value <= self.scale {
            return Ok(());
        }
        let cut = Size::new(size.width, (self.styles.unit() / 2).min(filled));
        let warning = self.styles.theme.warning;
        self.surface.fill_solid(&Rectangle::new(at, cut), warning)
    }

    /// Returns the pixel of a moment.
    fn x(&self, time: u64) -> u32 {
        let passed = time.saturating_sub(self.start).min(SPAN);
        (u128::from(passed) * u128::from(self.plot.size.width) / u128::from(SPAN)) as u32
    }
}

/// Formats the last value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Value<F>(Option<F>);

impl<F: fmt::Display> fmt::Display for Value<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(figure) => write!(f, "now {figure}"),
            None => f.write_str(NOT_KEPT),
        }
    }
}

/// Formats a value, and the end of the axis.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Scaled<F> {
    value: Value<F>,
    top: F,
    cells: usize,
}

impl<F: fmt::Display> fmt::Display for Scaled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match text::width(format_args!("{}, top {}", self.value, self.top)) <= self.cells {
            true => write!(f, "{}, top {}", self.value, self.top),
            false => self.value.fmt(f),
        }
    }
}

/// Formats the minimum, the maximum, and the end of the axis.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Extremes {
    graph: Graph,
    shown: Shown,
}

impl fmt::Display for Extremes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = |value| self.graph.with_unit(value);
        match self.shown.range {
            Some(range) => {
                let (least, most) = (unit(range.least), unit(range.most));
                write!(f, "{least} to {most}, top {}", unit(range.top))
            }
            None => Ok(()),
        }
    }
}
