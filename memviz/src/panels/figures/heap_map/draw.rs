//! Draws the figure: the maps with their lines, the legend, the side.

use super::lane::{Lane, Refusal};
use super::log::WorkloadLog;
use super::map::colors;
use super::places::Places;
use super::side::Side;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::panels::panel::Scene;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count};

/// What the figure says if it has no map.
const NO_WORKLOAD: [&str; 2] = [
    "The history has no workload.",
    "The kernel records one of at most 50,000 requests, 4,000 live blocks and 255 MiB.",
];

/// The picture of what the figure shows.
pub struct Drawing<'d, 's, 'm> {
    pub scene: &'d Scene<'s, 'm>,
    pub log: &'d WorkloadLog,
    pub area: Rectangle,
}

impl Drawing<'_, '_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let (styles, theme) = (self.scene.styles, self.scene.styles.theme);
        let title = "The heap over time";
        let subtitle = "addresses up, requests across";
        let step = self.scene.step;
        let content = parts::panel(surface, styles, self.area, title, subtitle, step)?;
        if self.log.lanes.is_empty() {
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let mut at = content.top_left;
            for line in NO_WORKLOAD {
                style.left(surface, at, line)?;
                at.y += style.face.line_height() as i32;
            }
            return Ok(());
        }
        let places = self.places();
        for (number, lane) in self.log.lanes.iter().enumerate() {
            surface.fill_solid(&places.outline(number), theme.outline)?;
            let map = places.map(self.log, lane, number);
            surface.fill_solid(&map.blocks, theme.free)?;
            map.draw(surface, self.scene, 0)?;
        }
        draw_legend(surface, styles, &places)?;
        self.draw_numbers(surface)
    }

    /// Draws the requests after those that each map shows, and all numbers.
    pub fn draw_new<S: Surface>(&self, surface: &mut S, shown: &[u32]) -> Result<(), S::Error> {
        let places = self.places();
        for (number, (lane, &from)) in self.log.lanes.iter().zip(shown).enumerate() {
            let is_partial = lane.begin < self.scene.timeline.first();
            let map = places.map(self.log, lane, number);
            match is_partial {
                true => {
                    let theme = self.scene.styles.theme;
                    surface.fill_solid(&map.blocks, theme.free)?;
                    surface.fill_solid(&map.marks, theme.panel)?;
                    map.draw(surface, self.scene, 0)?;
                }
                false => map.draw(surface, self.scene, from)?,
            }
        }
        self.draw_numbers(surface)
    }

    fn places(&self) -> Places {
        let content = parts::content(self.scene.styles, self.area);
        Places::new(self.scene.styles, content, self.log.lanes.len())
    }

    /// Draws the lines of the maps, the line of the first difference, and the side.
    fn draw_numbers<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let (styles, theme) = (self.scene.styles, self.scene.styles.theme);
        let places = self.places();
        for (number, lane) in self.log.lanes.iter().enumerate() {
            self.draw_head(surface, &places, number, lane)?;
            self.draw_foot(surface, &places, number, lane)?;
        }
        if let [first, second] = &self.log.lanes[..]
            && let Some(difference) = second.difference
        {
            for (number, lane) in [first, second].into_iter().enumerate() {
                let map = places.map(self.log, lane, number);
                map.draw_line(surface, difference.number, theme.text)?;
            }
        }
        let side = Side {
            styles,
            log: self.log,
        };
        side.draw(surface, places.side)
    }

    /// Draws the line above a map: strategy and utilisation.
    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        number: usize,
        lane: &Lane,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.scene.styles, self.scene.styles.theme);
        let cell = places.cell(number);
        let name = styles.names(Role::Small, theme.text, theme.panel);
        let line = Size::new(cell.size.width, name.face.line_height());
        surface.fill_solid(&Rectangle::new(cell.top_left, line), theme.panel)?;
        let drawn = name.left(surface, cell.top_left, lane.strategy.words())?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let room = (line.width - drawn.size.width.min(line.width)).saturating_sub(8);
        let size = Bytes(lane.bytes);
        let requests = Count(lane.counts.requests.into());
        let all = Count(self.log.requests().into());
        let right = cell.top_left + Point::new(line.width as i32, 0);
        let long = parts::text::<64>(format_args!("{size}, request {requests} of {all}"));
        let short = parts::text::<64>(format_args!("{requests} of {all}"));
        let fits = [long, short]
            .into_iter()
            .find(|words| small.width(words) <= room);
        if let Some(words) = fits {
            small.right(surface, right, &words)?;
        }
        Ok(())
    }

    /// Draws the line below a map: the point of failure, else the free blocks.
    fn draw_foot<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        number: usize,
        lane: &Lane,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.scene.styles, self.scene.styles.theme);
        let foot = places.foot(number);
        surface.fill_solid(&foot, theme.panel)?;
        let (ink, forms) = match lane.counts.first_refusal {
            Some(refusal) => (theme.warning, refusal_words(refusal)),
            None => (theme.dim, self.free_words(lane)),
        };
        let style = styles.words(Role::Small, ink, theme.panel);
        let width = foot.size.width;
        if let Some(words) = forms.iter().find(|words| style.width(words) <= width) {
            style.left(surface, foot.top_left, words)?;
        }
        Ok(())
    }

    /// Describes the free blocks of an open arena at the cursor, or the peaks of a closed one. The
    /// longest form comes first.
    fn free_words(&self, lane: &Lane) -> [heapless::String<96>; 3] {
        let arenas = &self.scene.model.arenas;
        let is_open = lane.end.is_none();
        let mut all = arenas.all();
        let found = all.find(|arena| is_open && arena.start.as_u64() == lane.start);
        let Some(arena) = found else {
            let (requested, heap) = (lane.counts.peak_requested, lane.counts.peak_heap);
            let (requested, heap) = (Bytes(requested), Bytes(heap));
            let internal = lane.counts.internal();
            return [
                parts::text(format_args!(
                    "Peak: {requested} requested, a heap of {heap}, \
                     fragmentation {internal} internal."
                )),
                parts::text(format_args!("Peak {requested} in {heap}")),
                parts::text(""),
            ];
        };
        let space = arenas.free_space(arena);
        let largest = Bytes(space.largest);
        let external = space.external();
        let internal = arena.internal_fragmentation();
        [
            parts::text(format_args!(
                "Now: largest free block {largest}, fragmentation {external} external, \
                 {internal} internal."
            )),
            parts::text(format_args!("Largest free {largest}, external {external}")),
            parts::text(format_args!("Largest free {largest}")),
        ]
    }
}

fn refusal_words(refusal: Refusal) -> [heapless::String<96>; 3] {
    let Refusal {
        number,
        requested,
        largest,
    } = refusal;
    let (number, bytes) = (Count(number.into()), Count(requested));
    let largest = Count(largest);
    [
        parts::text(format_args!(
            "Request {number} refused: {bytes} B, and the largest free block has {largest} B."
        )),
        parts::text(format_args!("Request {number} refused: {bytes} B")),
        parts::text(format_args!("Refused at {number}")),
    ]
}

/// An entry of the legend: a sample and its words.
struct Entry {
    sample: Sample,
    words: &'static str,
}

#[derive(Clone, Copy)]
enum Sample {
    Requested,
    Spare,
    Free,
    Refused,
    Corruption,
    Difference,
}

const LEGEND: [Entry; 6] = [
    Entry::new(Sample::Requested, "requested"),
    Entry::new(Sample::Spare, "not requested"),
    Entry::new(Sample::Free, "free"),
    Entry::new(Sample::Refused, "refused"),
    Entry::new(Sample::Corruption, "corruption"),
    Entry::new(Sample::Difference, "first difference"),
];

impl Entry {
    const fn new(sample: Sample, words: &'static str) -> Entry {
        Entry { sample, words }
    }
}

/// Draws the legend. Entries that do not fit are left out, the last ones first.
fn draw_legend<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    places: &Places,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let style = styles.words(Role::Small, theme.dim, theme.panel);
    let Rectangle { top_left, size } = places.legend;
    let (side, gap) = (styles.scale.length(12), styles.scale.length(18));
    let (requested, spare) = colors(styles);
    let (mut x, end) = (top_left.x, top_left.x + size.width as i32);
    let top = top_left.y + (size.height.saturating_sub(side) / 2) as i32;
    for entry in &LEGEND {
        let near = styles.scale.length(6) as i32;
        let next = x + side as i32 + near + style.width(entry.words) as i32;
        if next > end {
            break;
        }
        let half = side / 2;
        let (sample, color) = match entry.sample {
            Sample::Requested => (rectangle(x, top, side, side), requested),
            Sample::Spare => (rectangle(x, top, side, side), spare),
            Sample::Free => (rectangle(x, top, side, side), theme.free),
            Sample::Refused => (rectangle(x, top, side, half), theme.warning),
            Sample::Corruption => (rectangle(x, top + half as i32, side, half), theme.text),
            Sample::Difference => (rectangle(x + half as i32, top, 1, side), theme.text),
        };
        surface.fill_solid(&sample, color)?;
        let words = Point::new(x + side as i32 + near, top_left.y);
        style.left(surface, words, entry.words)?;
        x = next + gap as i32;
    }
    Ok(())
}
