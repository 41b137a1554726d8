//! The curve of the frames in use over the last ten seconds.
//!
//! ```text
//! │last 10 s          ▁▁▁▁▁▁▁▁▁▁▁▁│   the maximum of these seconds
//! │          ▁▁▁▁▁▁▁▁▁            │
//! │▁▁▁▁▁▁▁▁▁▁                     │   the minimum
//! ```
//! The curve ends with the last change, so it stands still while the number stays the same.
//!
//! The same events give the same curve. It has the samples that were taken before the last event
//! that the picture shows: a later sample of the same moment may or may not exist. If the number
//! has changed since the last of these samples, the curve ends with that event.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::samples::{Sample, Window};
use crate::panels::panel::Scene;
use crate::view::extent::Extent;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

/// The time that the curve shows, in nanoseconds.
const SPAN: u64 = 10_000_000_000;

/// The samples that are known: their number, the frames in use in the last one, and the time of the
/// first sample of the same number of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    total: u64,
    used: u64,
    last: Option<u64>,
    /// The end of the curve on the screen.
    drawn: Option<End>,
}

/// The right end of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    /// Nanoseconds since boot.
    time: u64,
    used: u64,
}

impl Curve {
    /// Draws the curve, if it ends elsewhere.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        area: Rectangle,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let cursor = scene.timeline.cursor();
        let samples = scene.samples.until(cursor.saturating_sub(1));
        let end = self.end(scene, samples);
        let is_same = core::mem::replace(&mut self.drawn, end) == end;
        let styles = scene.styles;
        let least = 2 * styles.line();
        if area.size.height < least || is_same && extent == Extent::Changed {
            return Ok(());
        }
        surface.fill_solid(&area, styles.theme.cell)?;
        if let Some(end) = end {
            let range = Range::of(samples, end);
            Plot { area, range, end }.draw(surface, styles, samples)?;
        }
        draw_words(surface, styles, area, end.is_none())
    }

    /// Returns the end of the curve.
    fn end(&mut self, scene: &Scene<'_, '_>, samples: Window<'_>) -> Option<End> {
        let last = self.follow(samples)?;
        let (used, newest) = (scene.model.frames.used(), samples.last()?);
        let time = match used == newest.used_frames {
            true => last,
            false => {
                let event = scene.timeline.current();
                event.map_or(newest.time, |event| event.time.max(newest.time))
            }
        };
        Some(End { time, used })
    }

    /// Returns the time of the last change of the samples. Reads only the samples that are new.
    fn follow(&mut self, samples: Window<'_>) -> Option<u64> {
        let (total, newest) = (samples.total(), samples.last());
        // Before the first event, nothing is known.
        let Some(newest) = newest.filter(|sample| sample.events > 0) else {
            *self = Curve {
                drawn: self.drawn,
                ..Curve::default()
            };
            return None;
        };
        let used = newest.used_frames;
        let mut new = samples.since(self.total);
        let is_same = self.used == used
            && self.total <= total
            && new.all(|(sample, _)| sample.used_frames == used);
        (self.total, self.used) = (total, used);
        self.last = match self.last.filter(|_| is_same) {
            Some(last) => Some(last),
            None => last_change(samples, used),
        };
        self.last
    }
}

/// Returns the time of the first of the last samples with this number of frames.
fn last_change(samples: Window<'_>, used: u64) -> Option<u64> {
    let newest = samples.since(0).rev().map(|(sample, _)| sample);
    let same = newest.take_while(|sample| sample.used_frames == used);
    same.last().map(|sample| sample.time)
}

/// The minimum and the maximum of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    least: u64,
    most: u64,
}

impl Range {
    fn of(samples: Window<'_>, end: End) -> Range {
        let values = shown(samples, end.time).map(|sample| sample.used_frames);
        let range = Range {
            least: end.used,
            most: end.used,
        };
        values.fold(range, |range, value| Range {
            least: range.least.min(value),
            most: range.most.max(value),
        })
    }
}

/// Returns the samples of the last seconds, the newest first.
fn shown(samples: Window<'_>, end: u64) -> impl Iterator<Item = Sample> {
    let newest = samples.since(0).rev().map(|(sample, _)| sample);
    newest
        .skip_while(move |sample| sample.time > end)
        .take_while(move |sample| sample.time + SPAN >= end)
}

/// The places of values and times.
struct Plot {
    area: Rectangle,
    range: Range,
    end: End,
}

impl Plot {
    /// Draws a level line up to each sample from the one before it, and fills the area below it.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        samples: Window<'_>,
    ) -> Result<(), S::Error> {
        // Closer samples share a column.
        let step = styles.scale.length(6) as i32;
        let thickness = styles.scale.length(2);
        let bottom = self.area.top_left.y + self.area.size.height as i32;
        let mut end = self.area.top_left.x + self.area.size.width as i32;
        let mut value = self.end.used;
        for sample in shown(samples, self.end.time) {
            let (left, top) = (self.x(sample.time), self.y(value, styles));
            if left > end - step {
                continue;
            }
            let (wide, high) = ((end - left) as u32, (bottom - top).max(0) as u32);
            surface.fill_solid(&rectangle(left, top, wide, high), styles.theme.outline)?;
            surface.fill_solid(&rectangle(left, top, wide, thickness), styles.theme.text)?;
            (end, value) = (left, sample.used_frames);
        }
        Ok(())
    }

    fn x(&self, time: u64) -> i32 {
        let since = time.saturating_add(SPAN).saturating_sub(self.end.time);
        let across = u128::from(since) * u128::from(self.area.size.width) / u128::from(SPAN);
        self.area.top_left.x + across as i32
    }

    /// Most values are in the lower part: the words have the upper one.
    fn y(&self, value: u64, styles: &Styles) -> i32 {
        let Range { least, most } = self.range;
        let height = self.area.size.height;
        let base = height / 4;
        let room = height.saturating_sub(base + styles.scale.length(4));
        let above = match most - least {
            0 => room / 2,
            range => (u128::from(value - least) * u128::from(room) / u128::from(range)) as u32,
        };
        self.area.top_left.y + (height - base - above) as i32
    }
}

/// Draws the time that the curve shows.
fn draw_words<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    is_empty: bool,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let padding = styles.scale.length(4);
    let words = styles.words(Role::Axis, theme.dim, theme.cell);
    let text = match is_empty {
        true => "No sample yet.",
        false => "last 10 s",
    };
    let at = area.top_left + Size::new(padding, padding / 2);
    words.left(surface, at, text).map(|_| ())
}
