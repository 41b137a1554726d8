//! Figures over the last half minute.
//!
//! ```text
//! ┌ OVER TIME  a sample each 0.1 s ──────────────────────────────────────────┐
//! │ used frames             now 25,266     heap              now 3.4 MiB     │
//! │ min 131  max 25,300  top 50,000        min 0 B  max 3.5 MiB  top 4 MiB   │
//! │          ▂▃▅▇▇▇▇▇▇▇▇│                        ▂▂▃▃▅▅▇▇▇▇▇▇▇│               │
//! │ 0 s     8 s    16 s    24 s                                              │
//! └──────────────────────────────────────────────────────────────────────────┘
//! ```
//! The time axis stands still: it shows [`SPAN`], and moves on by a quarter of that when it is full. A new sample is a new column;
//! only when the scale of a graph changes is it drawn anew. A few samples that are much higher than all others are cut off at the
//! top, where they warn. In the past a line marks the moment that the other panels show, and
//! the number is the one of then.

use super::Extent;
use crate::samples::{PERIOD, Sample, Samples};
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::theme::Theme;
use crate::units::{Bytes, Count, Rate};
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The time that a graph shows, in nanoseconds.
pub const SPAN: u64 = 32_000_000_000;
/// The axis moves on by this much.
const STEP: u64 = SPAN / 4;
const GRAPHS: usize = 6;
const SECOND: u64 = 1_000_000_000;
/// So many samples may be cut off at the top.
const CUT_OFF: usize = 3;

/// A figure over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// Frames with an owner.
    UsedFrames,
    /// Bytes of the heap: taken, and of these asked for.
    Heap,
    /// Events a second.
    Events,
    /// Page faults a second.
    Faults,
    /// Pages that are mapped.
    Pages,
    /// Processes that live.
    Processes,
}

impl Graph {
    /// All, in the order of the panel.
    pub const ALL: [Graph; GRAPHS] = [
        Graph::UsedFrames,
        Graph::Heap,
        Graph::Events,
        Graph::Faults,
        Graph::Pages,
        Graph::Processes,
    ];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Graph::UsedFrames => "used frames",
            Graph::Heap => "heap, asked and taken",
            Graph::Events => "events",
            Graph::Faults => "page faults",
            Graph::Pages => "mapped pages",
            Graph::Processes => "processes",
        }
    }

    /// The value of a sample; nothing for a rate of which there is no sample before.
    pub fn value(self, sample: &Sample, before: Option<&Sample>) -> Option<u64> {
        let rate = |count: fn(&Sample) -> u64| {
            let before = before?;
            let events = count(sample).saturating_sub(count(before));
            let passed = sample.time.saturating_sub(before.time).max(1);
            Some((u128::from(events) * u128::from(SECOND) / u128::from(passed)) as u64)
        };
        match self {
            Graph::UsedFrames => Some(sample.used_frames),
            Graph::Heap => Some(sample.heap_taken),
            Graph::Events => rate(|sample| sample.events),
            Graph::Faults => rate(|sample| sample.faults),
            Graph::Pages => Some(sample.pages),
            Graph::Processes => Some(sample.processes),
        }
    }

    fn color(self, theme: &Theme) -> Rgb888 {
        match self {
            Graph::UsedFrames | Graph::Events => theme.used,
            Graph::Heap => theme.owner(3).color,
            Graph::Faults => theme.fault(mm::paging::FaultCause::DemandZero).color,
            Graph::Pages => theme.owner(1).color,
            Graph::Processes => theme.owner(4).color,
        }
    }

    /// The value with its unit.
    pub fn with_unit(self, value: u64) -> impl fmt::Display + PartialEq + Copy {
        Figure { graph: self, value }
    }

    /// The least round number that is not below this one.
    fn scale(self, most: u64) -> u64 {
        match self {
            Graph::Heap => most.max(4096).next_power_of_two(),
            Graph::Processes => round(most.max(5)),
            _ => round(most.max(10)),
        }
    }
}

/// The least 1, 2 or 5 times a power of ten that is not below this number.
fn round(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [1, 2, 5] {
            if step * power >= most {
                return step * power;
            }
        }
        power *= 10;
    }
}

/// A value of a graph.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Figure {
    graph: Graph,
    value: u64,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.graph {
            Graph::Heap => Bytes(self.value).fmt(f),
            Graph::Events | Graph::Faults => Rate(self.value).fmt(f),
            Graph::UsedFrames | Graph::Pages | Graph::Processes => Count(self.value).fmt(f),
        }
    }
}

/// The least and the most of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// Where the axis of the graph ends.
    pub top: u64,
}

impl Range {
    /// Over the samples of the window that ends with the newest.
    pub fn of(samples: &Samples, graph: Graph) -> Option<Range> {
        let start = window(samples);
        let shown = samples.since(0).filter(|(sample, _)| sample.time >= start);
        let values = shown.filter_map(|(sample, before)| graph.value(&sample, before.as_ref()));
        let mut range: Option<Range> = None;
        // The highest few, the least of them last.
        let mut highest = [0; CUT_OFF + 1];
        for value in values {
            let known = range.get_or_insert(Range {
                least: value,
                most: value,
                top: 0,
            });
            known.least = known.least.min(value);
            known.most = known.most.max(value);
            let place = highest.iter().position(|&other| other < value);
            if let Some(place) = place {
                highest[place..].rotate_right(1);
                highest[place] = value;
            }
        }
        let fitting = highest[CUT_OFF];
        range.map(|range| Range {
            top: match graph {
                Graph::Events | Graph::Faults if fitting > 0 => graph.scale(fitting),
                _ => graph.scale(range.most),
            },
            ..range
        })
    }
}

/// Where the time axis begins, in nanoseconds since boot.
fn window(samples: &Samples) -> u64 {
    let newest = samples.last().map_or(0, |sample| sample.time);
    (newest / STEP * STEP + STEP).saturating_sub(SPAN)
}

/// The panel and what of it is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct GraphsPanel {
    area: Rectangle,
    /// Where the axis begins, the samples that are drawn, and the moment that is marked.
    start: u64,
    drawn: u64,
    mark: Option<u64>,
    graphs: [Shown; GRAPHS],
}

/// What of a graph is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    range: Range,
    value: u64,
}

impl GraphsPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> GraphsPanel {
        GraphsPanel {
            area,
            start: 0,
            drawn: 0,
            mark: None,
            graphs: [Shown::default(); GRAPHS],
        }
    }

    /// Draws the panel, or what is new in it. In the past, `mark` is the time of the picture.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        samples: &Samples,
        mark: Option<u64>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let (start, total) = (window(samples), samples.total());
        if extent == Extent::Changed && (self.drawn, self.mark) == (total, mark) {
            return Ok(());
        }
        let all = extent == Extent::All || (self.start, self.mark) != (start, mark);
        if extent == Extent::All {
            let detail = "the last half minute, a sample each 0.1 s";
            widgets::panel(surface, styles, self.area, "OVER TIME", detail, "")?;
        }
        let content = widgets::content(styles, self.area);
        let columns = if content.size.width < 60 * styles.unit() {
            1
        } else {
            2
        };
        let rows = (GRAPHS / columns) as u32;
        let axis = styles.line();
        let gap = 2 * styles.unit();
        let size = Size::new(
            (content.size.width - (columns as u32 - 1) * gap) / columns as u32,
            content.size.height.saturating_sub(axis) / rows,
        );
        for (number, &graph) in Graph::ALL.iter().enumerate() {
            let (column, row) = ((number % columns) as u32, (number / columns) as u32);
            let left = column * (size.width + gap);
            let at = content.top_left + Size::new(left, row * size.height);
            let range = Range::of(samples, graph).unwrap_or_default();
            let value = samples
                .since(0)
                .rfind(|(sample, _)| mark.is_none_or(|mark| sample.time <= mark))
                .and_then(|(sample, before)| graph.value(&sample, before.as_ref()));
            let now = Shown {
                range,
                value: value.unwrap_or(0),
            };
            let before = core::mem::replace(&mut self.graphs[number], now);
            let same_scale = before.range.top == range.top;
            let mut plot = Plot::new(
                surface,
                styles,
                graph,
                Rectangle::new(at, size),
                start,
                range,
            );
            plot.head((!all).then_some(before), now, mark.is_some())?;
            let first = if all || !same_scale { 0 } else { self.drawn };
            plot.draw(samples, first, mark)?;
        }
        if all {
            for column in 0..columns as u32 {
                let at =
                    content.top_left + Size::new(column * (size.width + gap), rows * size.height);
                axis_labels(
                    surface,
                    styles,
                    Rectangle::new(at, Size::new(size.width, axis)),
                    start,
                )?;
            }
        }
        (self.start, self.drawn, self.mark) = (start, total, mark);
        Ok(())
    }
}

/// The times below the lowest graphs.
fn axis_labels<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    start: u64,
) -> Result<(), S::Error> {
    let cells = (area.size.width / styles.unit() / 4) as usize;
    for step in 0..SPAN / STEP {
        let left = (step * u64::from(area.size.width) / (SPAN / STEP)) as u32;
        let seconds = (start + step * STEP) / SECOND;
        let slot = Slot::left(area.top_left + Size::new(left, 0), cells);
        styles
            .dim
            .draw(surface, slot, format_args!("{seconds} s"))?;
    }
    Ok(())
}

/// A graph, being drawn.
struct Plot<'s, S> {
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
    fn new(
        surface: &'s mut S,
        styles: &'s Styles,
        graph: Graph,
        area: Rectangle,
        start: u64,
        range: Range,
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
            scale: range.top.max(1),
        }
    }

    /// Name and numbers.
    fn head(&mut self, before: Option<Shown>, now: Shown, past: bool) -> Result<(), S::Error> {
        let (graph, styles) = (self.graph, self.styles);
        let name = graph.words();
        if before.is_none() {
            let slot = Slot::left(self.at, name.len());
            styles.title.draw(self.surface, slot, name)?;
        }
        let words = |shown: Shown| Told {
            figure: graph.with_unit(shown.value),
            past,
        };
        let left = name.len() as u32 * styles.unit();
        let slot = Slot::right(self.at + Size::new(left, 0), self.cells - name.len());
        let old = before.map(words);
        styles.text.update(self.surface, slot, old, words(now))?;
        let slot = Slot::left(self.at + Size::new(0, 2 * styles.unit()), self.cells);
        let words = |shown: Shown| Extremes {
            graph,
            range: shown.range,
        };
        let old = before.map(words);
        styles.dim.update(self.surface, slot, old, words(now))
    }

    /// The pixel of a moment.
    fn x(&self, time: u64) -> u32 {
        let passed = time.saturating_sub(self.start).min(SPAN);
        (u128::from(passed) * u128::from(self.plot.size.width) / u128::from(SPAN)) as u32
    }

    /// The samples from number `first` on; all of the ground too if that is the first of all.
    fn draw(&mut self, samples: &Samples, first: u64, mark: Option<u64>) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        if first == 0 {
            self.surface.fill_solid(&self.plot, theme.ground)?;
            for step in 0..SPAN / STEP {
                let left = self.x(self.start + step * STEP);
                let size = Size::new(1, self.plot.size.height);
                let area = Rectangle::new(self.plot.top_left + Size::new(left, 0), size);
                self.surface.fill_solid(&area, theme.outline)?;
            }
        }
        let color = self.graph.color(theme);
        for (sample, before) in samples.since(first) {
            let Some(value) = self.graph.value(&sample, before.as_ref()) else {
                continue;
            };
            // As wide as the time that it stands for, but for a gap.
            let from = before.map_or(sample.time, |before| before.time);
            let from = from.max(sample.time.saturating_sub(2 * PERIOD));
            if from < self.start {
                continue;
            }
            let (left, right) = (self.x(from), self.x(sample.time).max(self.x(from) + 1));
            match self.graph {
                Graph::Heap => {
                    self.column(left, right, value, theme.used)?;
                    self.column(left, right, sample.heap_asked, color)?;
                }
                _ => self.column(left, right, value, color)?,
            }
        }
        match mark {
            Some(time) if time >= self.start => {
                let width = (self.styles.unit() / 4).max(2);
                let left = self.x(time).min(self.plot.size.width.saturating_sub(width));
                let size = Size::new(width, self.plot.size.height);
                let area = Rectangle::new(self.plot.top_left + Size::new(left, 0), size);
                self.surface.fill_solid(&area, theme.accent)
            }
            _ => Ok(()),
        }
    }

    /// A column as high as the value, and a pixel if there is any.
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
}

/// The value of now, or of then.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told<F> {
    figure: F,
    past: bool,
}

impl<F: fmt::Display> fmt::Display for Told<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.past { "then" } else { "now" };
        write!(f, "{word} {}", self.figure)
    }
}

/// The least, the most, and where the axis ends.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Extremes {
    graph: Graph,
    range: Range,
}

impl fmt::Display for Extremes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = |value| self.graph.with_unit(value);
        let (least, most) = (unit(self.range.least), unit(self.range.most));
        write!(f, "{least} to {most}, top {}", unit(self.range.top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_never_too_small() {
        assert_eq!(
            [0, 1, 10, 11, 20, 21, 50, 51, 4999].map(round),
            [1, 1, 10, 20, 20, 50, 50, 100, 5000]
        );
        for graph in Graph::ALL {
            for most in [0, 1, 4096, 4097, 1_000_001] {
                assert!(
                    graph.scale(most) >= most && graph.scale(most) > 0,
                    "{graph:?}"
                );
            }
        }
    }

    #[test]
    fn rates_are_by_the_second() {
        let before = Sample {
            time: SECOND,
            events: 100,
            faults: 7,
            ..Sample::default()
        };
        let sample = Sample {
            time: SECOND + SECOND / 4,
            events: 150,
            faults: 8,
            ..before
        };
        let rate = |graph: Graph| graph.value(&sample, Some(&before));
        assert_eq!(
            (rate(Graph::Events), rate(Graph::Faults)),
            (Some(200), Some(4))
        );
        assert_eq!(Graph::Events.value(&sample, None), None);
    }
}
