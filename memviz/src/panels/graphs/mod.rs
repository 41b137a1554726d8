//! Graphs of the last half minute.
//!
//! ```text
//! ┌ OVER TIME  a sample each 0.1 s ──────────────────────────────────────────┐
//! │ used frames             now 25,266     heap              now 3.4 MiB     │
//! │ 131 to 25,300, top 50,000              0 B to 3.5 MiB, top 4 MiB         │
//! │          ▂▃▅▇▇▇▇▇▇▇▇│                        ▂▂▃▃▅▅▇▇▇▇▇▇▇│               │
//! │ 0 s     8 s    16 s    24 s                                              │
//! └──────────────────────────────────────────────────────────────────────────┘
//! ```
//! The time axis stays in place: it shows [`SPAN`](axis::SPAN), and scrolls by a quarter of that
//! when it is full. A new sample adds a column. A graph is drawn again only when its scale changes.
//! A few samples that are much higher than all others are cut off at the top and drawn in the
//! warning colour. In the past, the graphs end at the moment that the other panels show. Samples
//! that were dropped meanwhile are hatched, and called "not kept".

mod axis;
mod graph;
mod plot;
mod shown;

pub use graph::{Graph, Range};

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use graph::GRAPHS;
use plot::Plot;
use shown::Shown;

/// The minimum height of three rows of graphs, in units.
const LOWEST_ROWS: u32 = 3 * 9;

/// The panel and the part of it that is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct GraphsPanel {
    area: Rectangle,
    /// The start of the axis, the number of drawn samples, and the time of the last one.
    start: u64,
    drawn: u64,
    last: u64,
    graphs: [Shown; GRAPHS],
}

impl Panel for GraphsPanel {
    const NAME: &'static str = "over time";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: OVER TIME"),
        Word(
            "now",
            "the last sample; in the past, the last one before that moment",
        ),
        Word(
            "not kept",
            "the time is too long ago: its samples were dropped",
        ),
        Word("… to …", "minimum and maximum in the visible half minute"),
        Word(
            "top",
            "end of the axis; higher samples are cut off and highlighted",
        ),
        Word("heap", "green: requested; above it: internal fragmentation"),
    ];

    fn new(setup: &Setup<'_>) -> GraphsPanel {
        let area = setup.area;
        GraphsPanel {
            area,
            start: 0,
            drawn: 0,
            last: 0,
            graphs: [Shown::default(); GRAPHS],
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let styles = scene.styles;
        let samples = scene.samples.until(scene.timeline.cursor());
        let (start, total) = (axis::start(samples), samples.total());
        let last = samples.last().map_or(0, |sample| sample.time);
        if extent == Extent::Changed && (self.drawn, self.last) == (total, last) {
            return Ok(());
        }
        let is_earlier = (total, last) < (self.drawn, self.last);
        let all = extent == Extent::All || self.start != start || is_earlier;
        if extent == Extent::All {
            let detail = "the last half minute, a sample each 0.1 s";
            widgets::panel(surface, styles, self.area, "Over time", detail, "")?;
        }
        let places = Geometry::new(styles, widgets::content(styles, self.area));
        for (number, &graph) in Graph::ALL.iter().enumerate() {
            let now = Shown::of(samples, graph);
            let before = core::mem::replace(&mut self.graphs[number], now);
            let same_scale = before.top() == now.top();
            let area = places.graph(number);
            let mut plot = Plot::new(surface, styles, graph, area, start, now.top());
            plot.head((!all).then_some(before), now)?;
            // While no event happens, the last sample moves on: its column is drawn again.
            let first = match all || !same_scale {
                true => None,
                false => Some(self.drawn.saturating_sub(1)),
            };
            plot.draw(samples, first)?;
        }
        if all {
            for column in 0..places.columns {
                axis::draw_labels(surface, styles, places.axis(column), start)?;
            }
        }
        (self.start, self.drawn, self.last) = (start, total, last);
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

/// The layout of the graphs: two columns, one if the panel is narrow, three if it is low. Each
/// column has a time axis below it.
struct Geometry {
    at: Point,
    columns: u32,
    /// The size of a graph.
    size: Size,
    /// The gap between two columns.
    gap: u32,
    /// The height of an axis.
    axis: u32,
}

impl Geometry {
    fn new(styles: &Styles, content: Rectangle) -> Geometry {
        let Size { width, height } = content.size;
        let (gap, axis) = (2 * styles.unit(), styles.line());
        let columns = match width < 60 * styles.unit() {
            true => 1,
            false if height.saturating_sub(axis) < LOWEST_ROWS * styles.unit() => 3,
            false => 2,
        };
        let size = Size::new(
            (width - (columns - 1) * gap) / columns,
            height.saturating_sub(axis) / (GRAPHS as u32 / columns),
        );
        Geometry {
            at: content.top_left,
            columns,
            size,
            gap,
            axis,
        }
    }

    fn graph(&self, number: usize) -> Rectangle {
        let number = number as u32;
        let at = self.at(number % self.columns, number / self.columns);
        Rectangle::new(at, self.size)
    }

    fn axis(&self, column: u32) -> Rectangle {
        let below = self.at(column, GRAPHS as u32 / self.columns);
        Rectangle::new(below, Size::new(self.size.width, self.axis))
    }

    fn at(&self, column: u32, row: u32) -> Point {
        let left = column * (self.size.width + self.gap);
        self.at + Size::new(left, row * self.size.height)
    }
}
