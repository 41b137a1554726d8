//! The timeline at the bottom: the steps of the lesson, and the position of the picture in them.
//!
//! ```text
//! boot // 1 ▂▅▇▃▁   2 ▃▇▅▂▁   3 ▁▃▇│       4         5
//!      │            │ bars: events in a slice of time, logarithmic   └ steps to come
//!      │            └ every step has the same width; its time is to scale in itself
//!      └ everything before the lesson: not to scale
//! ```
//! Outside of lessons, the whole bar is the time since boot, to scale. The bar is drawn only when a
//! pixel of it changes.

mod matches;
mod places;
mod steps;

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::timeline::Timeline;
use crate::view::caption::Caption;
use crate::view::extent::Extent;
use crate::view::search::hits::Hits;
use crate::widgets;
use crate::widgets::shapes::{rectangle, slash};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use places::{Places, Section};
use steps::Steps;

/// The bar.
#[derive(Debug)]
pub struct TimelineBar {
    area: Rectangle,
    steps: Steps,
    /// The captions for which the steps were found.
    captions: Option<(u32, u64)>,
    seen: Option<Seen>,
}

/// What the bar shows.
#[derive(Clone, Copy, Debug)]
pub struct Content<'c> {
    /// The history.
    pub timeline: &'c Timeline<'c>,
    /// The matches of the search.
    pub hits: &'c Hits<'c>,
    /// The number of the picture's caption.
    pub number: u32,
}

/// Everything that determines the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    captions: Option<(u32, u64)>,
    cursor: i32,
    /// The position up to which the bars count events.
    counted: u64,
    bookmarks: u64,
    /// The evicted part, in pixels.
    evicted: i32,
    /// The pixels with a match of the search.
    matches: u64,
}

impl TimelineBar {
    /// Creates a bar with nothing on the screen.
    pub fn new(area: Rectangle) -> TimelineBar {
        TimelineBar {
            area,
            steps: Steps::default(),
            captions: None,
            seen: None,
        }
    }

    /// Draws the changes, or all.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        content: Content<'_>,
        caption: impl Fn(u32) -> Option<Caption>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Content {
            timeline,
            hits,
            number,
        } = content;
        let captions = Some((number, timeline.steps().last().unwrap_or(0)));
        if self.captions != captions {
            self.steps = Steps::new(timeline, caption);
            self.captions = captions;
        }
        let places = Places::new(styles, self.area, &self.steps, timeline);
        let seen = Seen {
            captions,
            cursor: places.pixel(timeline.cursor()),
            counted: places.counted(),
            bookmarks: bookmarks(timeline, &places),
            evicted: places.pixel(timeline.first()),
            matches: places.matches(hits).fold(0, |sum, pixel| {
                sum.wrapping_mul(31).wrapping_add(pixel as u64 + 1)
            }),
        };
        if self.seen.replace(seen) == Some(seen) && extent == Extent::Changed {
            return Ok(());
        }
        surface.fill_solid(&self.area, styles.theme.ground)?;
        let drawing = Drawing {
            styles,
            timeline,
            hits,
            places: &places,
            area: self.area,
        };
        drawing.draw(surface, seen)
    }

    /// Returns the index in the history at a point of the screen.
    pub fn place_at(&self, styles: &Styles, timeline: &Timeline, point: Point) -> Option<u64> {
        let is_bar = self.area.contains(point) && self.seen.is_some();
        let places = || Places::new(styles, self.area, &self.steps, timeline);
        is_bar.then(|| places().position(point.x))
    }
}

/// Returns a number for the positions and the names of the bookmarks on the screen.
fn bookmarks(timeline: &Timeline, places: &Places) -> u64 {
    let add = |sum: u64, value: u64| sum.wrapping_mul(31).wrapping_add(value + 1);
    timeline.named_bookmarks().fold(0, |sum, (position, name)| {
        let sum = add(sum, places.pixel(position) as u64);
        name.bytes().fold(sum, |sum, byte| add(sum, byte.into()))
    })
}

/// The maximum number of bars of a section: on a screen 3840 pixels wide, one each 3 pixels.
const BARS: usize = 1280;

/// The arguments of a drawing of the bar.
struct Drawing<'d> {
    styles: &'d Styles,
    timeline: &'d Timeline<'d>,
    hits: &'d Hits<'d>,
    places: &'d Places<'d>,
    area: Rectangle,
}

impl Drawing<'_> {
    fn draw<S: Surface>(&self, surface: &mut S, seen: Seen) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for section in self.places.sections() {
            self.draw_section(surface, section)?;
        }
        if let Some(stub) = self.places.stub() {
            let small = self.styles.words(Role::Axis, theme.dim, theme.cell);
            let area = self.track(stub.start, stub.end);
            surface.fill_solid(&area, theme.cell)?;
            let words = self.places.stub_words();
            if small.width(words) < area.size.width {
                let above = area.size.height.saturating_sub(small.face.line_height()) / 2;
                let left = (area.size.width - small.width(words)) / 2;
                small.left(surface, area.top_left + Size::new(left, above), words)?;
            }
            let gap = self.styles.scale.length(4) as i32;
            for x in [stub.end + gap / 2, stub.end + gap / 2 + gap] {
                slash(
                    surface,
                    Point::new(x, area.top_left.y),
                    area.size.height,
                    theme.rule,
                )?;
            }
        }
        self.draw_matches(surface)?;
        let unit = self.styles.scale.length(2);
        for (position, name) in self.timeline.named_bookmarks() {
            let x = self.places.pixel(position);
            self.draw_bookmark_name(surface, position, name)?;
            let flag = rectangle(x, self.area.top_left.y, 3 * unit, 2 * unit);
            surface.fill_solid(&flag, theme.text)?;
            let pole = rectangle(x, self.area.top_left.y, unit / 2 + 1, self.area.size.height);
            surface.fill_solid(&pole, theme.text)?;
        }
        self.draw_cursor(surface, seen.cursor)
    }

    /// Draws the name of a bookmark beside its flag, if it fits before the next flag.
    fn draw_bookmark_name<S: Surface>(
        &self,
        surface: &mut S,
        position: u64,
        name: &str,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self.styles.words(Role::Axis, theme.text, theme.ground);
        let gap = self.styles.scale.length(4) as i32;
        let left = self.places.pixel(position) + self.styles.scale.length(6) as i32 + gap;
        let bookmarks = self.timeline.bookmarks().iter();
        let next = bookmarks.copied().find(|&other| other > position);
        let right = self.area.top_left.x + self.area.size.width as i32;
        let end = next.map_or(right, |next| self.places.pixel(next)) - gap;
        let (wide, tall) = (style.width(name), style.face.line_height());
        if name.is_empty() || left + wide as i32 > end || tall > self.area.size.height {
            return Ok(());
        }
        let top = self.area.top_left.y + (self.area.size.height - tall) as i32 / 2;
        let ground = rectangle(left - gap / 2, top, wide + gap as u32, tall);
        surface.fill_solid(&ground, theme.ground)?;
        style.left(surface, Point::new(left, top), name).map(drop)
    }

    /// Draws a tick at the lower edge for the matches of the search at a pixel.
    fn draw_matches<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let (wide, tall) = (self.styles.scale.length(2), self.styles.scale.length(7));
        let end = self.area.top_left.y + self.area.size.height as i32;
        for x in self.places.matches(self.hits) {
            let tick = rectangle(x, end - tall as i32, wide, tall);
            surface.fill_solid(&tick, self.styles.theme.accent)?;
        }
        Ok(())
    }

    /// Returns the rectangle of the bar between two pixels: below the head of the cursor.
    fn track(&self, left: i32, right: i32) -> Rectangle {
        let head = self.styles.scale.length(4);
        let height = self.area.size.height.saturating_sub(head + 1);
        let top = self.area.top_left.y + head as i32;
        rectangle(left, top, (right - left).max(0) as u32, height)
    }

    fn draw_section<S: Surface>(&self, surface: &mut S, section: Section) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let area = self.track(section.pixels.start, section.pixels.end);
        let Some(known) = &section.known else {
            return match section.is_evicted {
                true => {
                    widgets::hatch(surface, area, theme.outline, theme.ground)?;
                    self.draw_number(surface, area, &section, theme.ground)
                }
                false => {
                    widgets::outline(surface, area, 1, theme.outline)?;
                    self.draw_number(
                        surface,
                        widgets::shapes::shrunk(area, 1),
                        &section,
                        theme.ground,
                    )
                }
            };
        };
        surface.fill_solid(&area, theme.cell)?;
        self.draw_number(surface, area, &section, theme.cell)?;
        let color = if section.is_current {
            theme.used
        } else {
            theme.rule
        };
        let bar = self.places.bar_width();
        // Each count needs a search in the history, so it is made only once.
        let mut counts = Vec::<u64, BARS>::new();
        counts.extend(self.places.counts(known).take(BARS));
        let most = counts.iter().copied().max().unwrap_or(0);
        let height = |count: u64| {
            let levels = u64::from(area.size.height.saturating_sub(2));
            let whole = logarithm(most + 1).max(1);
            (logarithm(count + 1) * levels).div_ceil(whole) as u32
        };
        let mut x = known.pixels.start;
        for &count in &counts {
            if count > 0 {
                let tall = height(count).min(area.size.height);
                let top = area.top_left.y + (area.size.height - tall) as i32;
                surface.fill_solid(&rectangle(x, top, bar, tall), color)?;
            }
            x += self.places.bar_pitch() as i32;
        }
        Ok(())
    }

    /// Draws the number of the step at the left end of its section.
    fn draw_number<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        section: &Section,
        ground: Rgb888,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (weight, ink) = match section.is_current {
            true => (Weight::Bold, theme.text),
            false => (Weight::Regular, theme.dim),
        };
        let style = styles.digits(Role::Axis, weight, ink, ground);
        let cell = style.font.cell();
        let cells = width(section.number);
        let is_room = area.size.height >= cell.height
            && area.size.width >= cells as u32 * cell.width + styles.scale.length(4);
        if section.number == 0 || !is_room {
            return Ok(());
        }
        let above = (area.size.height - cell.height) / 2;
        let at = area.top_left + Size::new(styles.scale.length(4), above);
        style.draw(surface, Slot::left(at, cells), section.number)
    }

    /// Draws the cursor of time: a line with a head.
    fn draw_cursor<S: Surface>(&self, surface: &mut S, x: i32) -> Result<(), S::Error> {
        let accent = self.styles.theme.accent;
        let thick = self.styles.scale.length(3);
        let top = self.area.top_left.y;
        let end = self.area.top_left.x + self.area.size.width as i32;
        let left = (x - thick as i32 / 2).clamp(self.area.top_left.x, end - thick as i32);
        let line = rectangle(left, top, thick, self.area.size.height);
        surface.fill_solid(&line, accent)?;
        let head = self.styles.scale.length(4);
        for row in 0..head {
            let half = head - row;
            let row = rectangle(left - half as i32, top + row as i32, 2 * half + thick, 1);
            surface.fill_solid(&row.intersection(&self.area), accent)?;
        }
        Ok(())
    }
}

/// Returns the logarithm to base 2, in eighths, linear between powers of two.
fn logarithm(count: u64) -> u64 {
    let power = 1 << count.ilog2();
    u64::from(count.ilog2()) * 8 + (count - power) * 8 / power
}
