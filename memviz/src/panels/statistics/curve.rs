//! The curve of the frames in use over the last ten seconds.
//!
//! ```text
//! │last 10 s          ▁▁▁▁▁▁▁▁▁▁▁▁│   the maximum of these seconds
//! │          ▁▁▁▁▁▁▁▁▁            │
//! │▁▁▁▁▁▁▁▁▁▁                     │   the minimum
//! ```
//! The curve ends with the last sample in whose time an event happened, so it stands still while
//! nothing happens. In the past, it ends at the moment that the other panels show.

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

/// The samples on the screen: the time of the last one with an event, and their events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    last: u64,
    events: u64,
}

impl Curve {
    /// Draws the curve, if there are other samples.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        area: Rectangle,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let samples = scene.samples.until(scene.timeline.cursor());
        let events = samples.last().map_or(0, |sample| sample.events);
        let last = last_event(samples, events);
        let before = core::mem::replace(self, Curve { last, events });
        let styles = scene.styles;
        let least = 2 * styles.line();
        if area.size.height < least || before == *self && extent == Extent::Changed {
            return Ok(());
        }
        surface.fill_solid(&area, styles.theme.cell)?;
        // Before the first event, nothing is known.
        let range = Range::of(samples, last).filter(|_| events > 0);
        if let Some(range) = range {
            Plot { area, range, last }.draw(surface, styles, samples)?;
        }
        draw_words(surface, styles, area, range.is_none())
    }
}

/// Returns the time of the first sample that has all events. A second one moves on while no event
/// happens.
fn last_event(samples: Window<'_>, events: u64) -> u64 {
    if events == 0 {
        return 0;
    }
    let newest = samples.since(0).rev().map(|(sample, _)| sample);
    let same = newest.take_while(|sample| sample.events == events);
    same.last().map_or(0, |sample| sample.time)
}

/// The minimum and the maximum of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    least: u64,
    most: u64,
}

impl Range {
    fn of(samples: Window<'_>, last: u64) -> Option<Range> {
        let mut values = shown(samples, last).map(|sample| sample.used_frames);
        let first = values.next()?;
        let range = Range {
            least: first,
            most: first,
        };
        Some(values.fold(range, |range, value| Range {
            least: range.least.min(value),
            most: range.most.max(value),
        }))
    }
}

/// Returns the samples of the last seconds, the newest first.
fn shown(samples: Window<'_>, last: u64) -> impl Iterator<Item = Sample> {
    let newest = samples.since(0).rev().map(|(sample, _)| sample);
    newest
        .skip_while(move |sample| sample.time > last)
        .take_while(move |sample| sample.time + SPAN >= last)
}

/// The places of values and times.
struct Plot {
    area: Rectangle,
    range: Range,
    last: u64,
}

impl Plot {
    /// Draws a level line from each sample to the next, and what is below it.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        samples: Window<'_>,
    ) -> Result<(), S::Error> {
        let thickness = styles.scale.length(2);
        let bottom = self.area.top_left.y + self.area.size.height as i32;
        let mut end = self.area.top_left.x + self.area.size.width as i32;
        for sample in shown(samples, self.last) {
            let left = self.x(sample.time).min(end - 1).max(self.area.top_left.x);
            let top = self.y(sample.used_frames, styles);
            let (wide, high) = ((end - left).max(0) as u32, (bottom - top).max(0) as u32);
            if wide > 0 {
                surface.fill_solid(&rectangle(left, top, wide, high), styles.theme.outline)?;
                surface.fill_solid(&rectangle(left, top, wide, thickness), styles.theme.text)?;
            }
            end = left;
            if end <= self.area.top_left.x {
                break;
            }
        }
        Ok(())
    }

    fn x(&self, time: u64) -> i32 {
        let since = time.saturating_add(SPAN).saturating_sub(self.last);
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
