//! The bars: memory to scale, its first and its last regions enlarged, and the regions beyond.
//!
//! ```text
//! first 7.1 MiB
//! [ usable ][.][kernel 6.1 MiB            ]     to scale in itself
//!  ╲_____________________________________╱
//! [█|           usable 248.6 MiB         |█] // [screen] // [reserved] // [reserved]
//!                                        ╱╲____
//!                      [kernel 148 KiB][ ][reserved 128 KiB]
//! 0                                        last 308 KiB
//! ```

use super::plan::{Plan, parts};
use super::region::draw_region;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::FirmwareRegion;
use crate::widgets;
use crate::widgets::shapes::{edged_box, rectangle, slash};
use core::ops::Range;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::memory_map::FRAME_BYTES;
use mm::units::Bytes;

/// The most regions beyond the bar that have a box.
const BEYOND: usize = 4;

/// The bars in a rectangle.
#[derive(Clone, Debug)]
pub struct Bars {
    plan: Plan,
    /// The bar of the first regions, of all memory, and of the last regions. Bars that do not fit,
    /// or that show nothing more, are empty.
    first: Rectangle,
    memory: Rectangle,
    last: Rectangle,
    /// The boxes of the regions beyond, and the number of the first.
    beyond: Vec<Rectangle, BEYOND>,
    /// The bottom of the last line of text.
    pub bottom: i32,
}

impl Bars {
    /// Lays out the bars for these regions: three if the rectangle is high enough.
    pub fn new(styles: &Styles, area: Rectangle, bar: u32, regions: &[FirmwareRegion]) -> Bars {
        let plan = Plan::new(regions);
        let line = styles.words(Role::Axis, styles.theme.dim, styles.theme.panel);
        let line = line.face.line_height() + styles.scale.length(2);
        let length = |pixels| styles.scale.length(pixels);
        let count = 1 + u32::from(plan.first.is_some()) + u32::from(plan.last.is_some());
        let least = count * bar + 2 * line + (count - 1) * length(8);
        let is_high = area.size.height >= least;
        let between = match (is_high, count) {
            (true, 2..) => {
                let spare = area.size.height - count * bar - 2 * line;
                (spare / (count - 1)).min(length(28))
            }
            _ => 0,
        };
        let wide = area.size.width;
        let left = area.top_left.x;
        let mut top = area.top_left.y;
        let mut next = |is_there: bool, above: u32, below: u32| {
            let height = if is_there { bar } else { 0 };
            let at = rectangle(left, top + above as i32, wide, height);
            if is_there {
                top += (above + bar + below) as i32;
            }
            at
        };
        let has_first = is_high && plan.first.is_some();
        let has_last = is_high && plan.last.is_some();
        let first = next(has_first, line, between);
        let above = if is_high && !has_first { line } else { 0 };
        let memory = next(true, above, if has_last { between } else { 0 });
        let last = next(has_last, 0, 0);
        let (memory, beyond) = split(styles, memory, regions.len() - plan.beyond);
        Bars {
            plan,
            first,
            memory,
            last,
            beyond,
            bottom: top + line as i32,
        }
    }

    /// Draws all bars. Outlines the selected region.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        regions: &[FirmwareRegion],
        selected: Option<usize>,
    ) -> Result<(), S::Error> {
        let shown = &regions[..self.plan.beyond];
        self.draw_lenses(surface, styles)?;
        for (bar, frames) in self.bars() {
            edged_box(surface, bar, 0, 1, styles.theme.outline, styles.theme.panel)?;
            for (number, area) in parts(bar, frames, shown) {
                draw_region(surface, styles, area, &regions[number])?;
                if selected == Some(number) {
                    self.mark(surface, styles, area)?;
                }
            }
        }
        for (number, &area) in (self.plan.beyond..).zip(&self.beyond) {
            self.draw_break(surface, styles, area)?;
            draw_region(surface, styles, area, &regions[number])?;
            if selected == Some(number) {
                self.mark(surface, styles, area)?;
            }
        }
        self.draw_words(surface, styles, regions)
    }

    /// The region at a point of the screen.
    pub fn number_at(&self, regions: &[FirmwareRegion], point: Point) -> Option<usize> {
        let shown = &regions[..self.plan.beyond.min(regions.len())];
        let mut beyond = (self.plan.beyond..).zip(&self.beyond);
        let in_bars = self.bars().find_map(|(bar, frames)| {
            parts(bar, frames, shown)
                .find(|(_, area)| area.contains(point))
                .map(|(number, _)| number)
        });
        in_bars.or_else(|| {
            let found = beyond.find(|(_, area)| area.contains(point));
            found.map(|(number, _)| number)
        })
    }

    /// The visible bars to scale, and their frames.
    fn bars(&self) -> impl Iterator<Item = (Rectangle, Range<u64>)> {
        let bar = |area: Rectangle, frames: &Option<Range<u64>>| {
            let frames = frames.clone()?;
            (area.size.height > 0).then_some((area, frames))
        };
        let memory = Some(self.plan.memory.clone());
        let bars = [
            bar(self.first, &self.plan.first),
            bar(self.memory, &memory),
            bar(self.last, &self.plan.last),
        ];
        bars.into_iter().flatten()
    }

    /// Joins each enlarged bar to its part of memory.
    fn draw_lenses<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let memory = self.plan.memory.end.max(1);
        let x = |frame: u64| {
            let wide = u64::from(self.memory.size.width);
            self.memory.top_left.x + (frame * wide / memory) as i32
        };
        let bottom = |bar: Rectangle| bar.top_left.y + bar.size.height as i32;
        let lenses = [
            (
                self.first,
                &self.plan.first,
                bottom(self.first),
                self.memory.top_left.y,
                true,
            ),
            (
                self.last,
                &self.plan.last,
                bottom(self.memory),
                self.last.top_left.y,
                false,
            ),
        ];
        for (bar, frames, top, end, is_above) in lenses {
            let Some(frames) = frames.as_ref().filter(|_| bar.size.height > 0) else {
                continue;
            };
            let wide = (bar.top_left.x, bar.top_left.x + bar.size.width as i32);
            let narrow = (x(frames.start), x(frames.end).max(x(frames.start) + 1));
            let height = (end - top).max(1);
            for row in 0..height {
                let part = if is_above { row } else { height - row };
                let between = |from: i32, to: i32| from + (to - from) * part / height;
                let (left, right) = (between(wide.0, narrow.0), between(wide.1, narrow.1));
                let line = rectangle(left, top + row, (right - left).max(1) as u32, 1);
                surface.fill_solid(&line, styles.theme.cell)?;
            }
        }
        Ok(())
    }

    /// Draws the two slashes before a region beyond.
    fn draw_break<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let height = area.size.height;
        let step = styles.scale.length(4) as i32;
        let left = area.top_left.x - step - (height / 4) as i32 - 2;
        for x in [left - step, left] {
            slash(
                surface,
                Point::new(x, area.top_left.y),
                height,
                styles.theme.rule,
            )?;
        }
        Ok(())
    }

    /// Names the enlarged bars, and the scale.
    fn draw_words<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        regions: &[FirmwareRegion],
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let words = styles.words(Role::Axis, theme.dim, theme.panel);
        let line = words.face.line_height() as i32;
        let left = self.memory.top_left.x;
        let size = |frames: &Range<u64>| Bytes((frames.end - frames.start) * FRAME_BYTES);
        if let Some(first) = self
            .plan
            .first
            .as_ref()
            .filter(|_| self.first.size.height > 0)
        {
            let top = self.first.top_left.y - line - 1;
            words.left(
                surface,
                Point::new(left, top),
                format_args!("first {}", size(first)),
            )?;
        }
        let top = self.bottom - line;
        let mut x = left;
        match self
            .plan
            .last
            .as_ref()
            .filter(|_| self.last.size.height > 0)
        {
            Some(last) => {
                let at = Point::new(left, top);
                let drawn = words.left(surface, at, format_args!("last {}", size(last)))?;
                x += drawn.size.width as i32;
            }
            None => {
                let memory = &self.plan.memory;
                let at = Point::new(left, top);
                let drawn = words.left(
                    surface,
                    at,
                    format_args!("memory {}, to scale", size(memory)),
                )?;
                x += drawn.size.width as i32;
            }
        }
        self.draw_note(surface, styles, regions, x)
    }

    /// Says that the boxes beyond are not to scale, if there is room after `x`.
    fn draw_note<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        regions: &[FirmwareRegion],
        x: i32,
    ) -> Result<(), S::Error> {
        let words = styles.words(Role::Axis, styles.theme.dim, styles.theme.panel);
        let top = self.bottom - words.face.line_height() as i32;
        let count = regions.len() - self.plan.beyond;
        if count > 0 {
            let right = self.last.top_left.x + self.last.size.width as i32;
            let hidden = count - self.beyond.len();
            let end = Point::new(right, top);
            let note = |f: &mut core::fmt::Formatter<'_>| match hidden {
                0 => write!(f, "// not to scale: beyond"),
                _ => write!(f, "// beyond; {hidden} more"),
            };
            let note = core::fmt::from_fn(note);
            if right - (words.width(&note) as i32) > x + styles.scale.length(8) as i32 {
                words.right(surface, end, note)?;
            }
        }
        Ok(())
    }

    /// Outlines the selected region.
    fn mark<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let thickness = styles.scale.length(2);
        widgets::outline(surface, area, thickness, styles.theme.accent)
    }
}

/// Splits the bar of memory into the part to scale and boxes of the regions beyond.
fn split(styles: &Styles, bar: Rectangle, beyond: usize) -> (Rectangle, Vec<Rectangle, BEYOND>) {
    let length = |pixels| styles.scale.length(pixels);
    let count = beyond.min(BEYOND) as u32;
    let gap = length(12) + bar.size.height / 4;
    // An eleventh of the bar has room for a name and a size if the bar has the screen.
    let wide = (bar.size.width / 11).max(length(18));
    let rest = bar.size.width.saturating_sub(count * (wide + gap));
    let memory = rectangle(bar.top_left.x, bar.top_left.y, rest, bar.size.height);
    let boxes = (0..count).map(|number| {
        let left = rest + number * (wide + gap) + gap;
        rectangle(
            bar.top_left.x + left as i32,
            bar.top_left.y,
            wide,
            bar.size.height,
        )
    });
    (memory, boxes.collect())
}
