//! The strip above the caption: the position of the picture in the history, and the last event in
//! words.
//!
//! ```text
//!  ▒▒ ██████████┃████████┃███ █ ░░░░░░┃░░░░░░                  36,412  frame free 0x1f3000 user
//!  evicted      lesson step   cursor       end of the history
//! ```
//! The bar shows a power of two of events, so its scale changes rarely. It is drawn only when a
//! pixel changes.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot};
use crate::timeline::Timeline;
use crate::view::extent::Extent;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The keys to show in the present.
const HINT: &str = "← back   [ ] lesson step   b bookmark";
/// The short form for large text.
const SHORT_HINT: &str = "← back   b bookmark";
/// The shortest form.
const SHORTEST_HINT: &str = "← back";
/// Text cells of the number of an event.
const NUMBER: usize = 10;
/// The bar scrolls by this fraction of its span.
const SCROLL: u64 = 32;

/// The strip.
#[derive(Debug)]
pub struct TimelineBar {
    area: Rectangle,
    seen: Option<Seen>,
    bar: Option<Bar>,
}

/// The numbers that determine the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    first: u64,
    cursor: u64,
    end: u64,
    bookmarks: usize,
    paused: bool,
}

/// Pixels of the bar, from its left end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    window: Window,
    first: u32,
    cursor: u32,
    end: u32,
    /// A hash of the indices of all marks.
    checksum: u64,
}

/// The events that the bar shows: a power of two, from `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    start: u64,
    span: u64,
    width: u32,
}

impl Window {
    /// Covers at least the range from the first retained event to the end.
    fn new(first: u64, end: u64, width: u32) -> Window {
        let mut span = (end - first).max(width.into()).next_power_of_two();
        let start = |span: u64| first - first % (span / SCROLL).max(1);
        if end - start(span) > span {
            span *= 2;
        }
        Window {
            start: start(span),
            span,
            width,
        }
    }

    /// The index at a pixel.
    fn place(&self, pixel: u32) -> u64 {
        self.start + (u128::from(pixel) * u128::from(self.span) / u128::from(self.width)) as u64
    }

    /// The pixel after the events before this index.
    fn pixel(&self, place: u64) -> u32 {
        let events = place.saturating_sub(self.start);
        (u128::from(events) * u128::from(self.width) / u128::from(self.span)) as u32
    }
}

impl TimelineBar {
    /// A strip with nothing on the screen.
    pub fn new(area: Rectangle) -> TimelineBar {
        TimelineBar {
            area,
            seen: None,
            bar: None,
        }
    }

    /// Draws the changes, or all.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        timeline: &Timeline,
        paused: bool,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let seen = Seen {
            first: timeline.first(),
            cursor: timeline.cursor(),
            end: timeline.end(),
            bookmarks: timeline.bookmarks().len(),
            paused,
        };
        let before = match extent {
            Extent::Changed => self.seen.replace(seen),
            Extent::All => {
                self.seen = Some(seen);
                self.bar = None;
                surface.fill_solid(&self.area, styles.theme.panel)?;
                widgets::outline(surface, self.area, 1, styles.theme.outline)?;
                None
            }
        };
        if before == Some(seen) {
            return Ok(());
        }

        let unit = styles.unit();
        let cells = self.area.size.width / unit;
        let text_cells = cells / 2 - 2;
        let inside = Rectangle::new(
            self.area.top_left + Size::new(2 * unit, 1),
            Size::new((cells - text_cells - 6) * unit, self.area.size.height - 2),
        );
        self.draw_bar(surface, styles, timeline, inside)?;

        let shows_event = |seen: &Seen| seen.paused || seen.cursor < seen.end;
        let cell = styles.text.font.cell();
        let left = (cells - text_cells - 2) * unit;
        let top = self.area.size.height.saturating_sub(cell.height) / 2;
        let at = self.area.top_left + Size::new(left, top);
        match (shows_event(&seen), before.as_ref().is_some_and(shows_event)) {
            (false, false) if before.is_some() => Ok(()),
            (false, _) => {
                let hints = [HINT, SHORT_HINT, SHORTEST_HINT];
                let fits = |hint: &&str| text_cells as usize >= text::width(hint);
                let hint = hints.into_iter().find(fits).unwrap_or_default();
                let slot = Slot::right(at, text_cells as usize);
                styles.dim.draw(surface, slot, hint)
            }
            (true, true) if before.is_some_and(|before| before.cursor == seen.cursor) => Ok(()),
            (true, _) => draw_current_event(surface, styles, timeline, at, text_cells as usize),
        }
    }

    /// The index in the history at a point of the screen.
    pub fn place_at(&self, styles: &Styles, point: Point) -> Option<u64> {
        let bar = self.bar.as_ref()?;
        let left = self.area.top_left.x + 2 * styles.unit() as i32;
        let pixel = u32::try_from(point.x - left).ok()?;
        let is_bar = self.area.contains(point) && pixel < bar.window.width;
        is_bar.then(|| bar.window.place(pixel))
    }

    /// Draws the bar, if a pixel of it moved.
    fn draw_bar<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        timeline: &Timeline,
        inside: Rectangle,
    ) -> Result<(), S::Error> {
        let (theme, unit) = (styles.theme, styles.unit());
        let window = Window::new(timeline.first(), timeline.end(), inside.size.width);
        let marks = timeline.steps().chain(timeline.bookmarks().iter().copied());
        let bar = Bar {
            window,
            first: window.pixel(timeline.first()),
            cursor: window.pixel(timeline.cursor()),
            end: window.pixel(timeline.end()),
            checksum: marks.fold(0, |sum: u64, place| {
                sum.wrapping_mul(31)
                    .wrapping_add(window.pixel(place).into())
            }),
        };
        if self.bar.replace(bar) == Some(bar) {
            return Ok(());
        }
        let mut fill = |left: u32, right: u32, top: u32, height: u32, color: Rgb888| {
            let right = right.min(inside.size.width);
            let size = Size::new(right.saturating_sub(left), height);
            surface.fill_solid(
                &Rectangle::new(inside.top_left + Size::new(left, top), size),
                color,
            )
        };
        let height = inside.size.height;
        let (top, track) = ((height - unit) / 2, unit);
        fill(0, inside.size.width, 0, height, theme.panel)?;
        fill(bar.first, bar.cursor, top, track, theme.accent)?;
        fill(bar.cursor, bar.end, top, track, theme.dim)?;
        fill(bar.end, inside.size.width, top, track, theme.outline)?;
        // Evicted events are hatched.
        for left in (0..bar.first).step_by(unit as usize / 2) {
            fill(
                left,
                (left + unit / 4).min(bar.first),
                top,
                track,
                theme.outline,
            )?;
        }
        let thin = unit / 4;
        for place in timeline.steps() {
            let left = window.pixel(place);
            fill(left, left + thin, top - thin, track + 2 * thin, theme.text)?;
        }
        for &place in timeline.bookmarks() {
            let left = window.pixel(place);
            fill(left, left + unit, 1, unit / 2, theme.warning)?;
            fill(left, left + thin, 1, top + track, theme.warning)?;
        }
        let left = bar.cursor.min(inside.size.width - unit / 2);
        fill(left, left + unit / 2, 1, height - 2, theme.text)
    }
}

/// Draws the last event of the picture.
fn draw_current_event<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    timeline: &Timeline,
    at: Point,
    cells: usize,
) -> Result<(), S::Error> {
    let number = Slot::right(at, NUMBER);
    let rest = at + Size::new((NUMBER as u32 + 1) * styles.unit(), 0);
    let gap = Rectangle::new(
        at + Size::new(NUMBER as u32 * styles.unit(), 0),
        Size::new(styles.unit(), styles.text.font.cell().height),
    );
    surface.fill_solid(&gap, styles.theme.panel)?;
    let words = Slot::left(rest, cells - NUMBER - 1);
    styles.dim.draw(surface, number, Count(timeline.cursor()))?;
    match timeline.current() {
        Some(event) => styles.text.draw(surface, words, event.payload),
        None => {
            let before = match timeline.cursor() {
                0 => "start: no events yet",
                _ => "earlier events are evicted",
            };
            styles.dim.draw(surface, words, before)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_whole_history_is_in_the_window(first in 0u64..1 << 40, kept in 0u64..300_000, width in 100u32..2000) {
            let end = first + kept;
            let window = Window::new(first, end, width);
            prop_assert!(window.start <= first && end <= window.start + window.span);
            prop_assert!(window.pixel(end) <= width);
            // At least a quarter of the bar is used, unless there are fewer events than pixels.
            prop_assert!(kept * 4 + u64::from(width) * 2 >= window.span, "{:?}", window);
        }
    }
}
