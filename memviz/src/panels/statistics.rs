//! Memory in numbers: how many frames are used, what was refused, what is mapped, who lives.
//!
//! ```text
//! ┌ FRAMES ────────────────────────────────────────┐
//! │ ▓▓▓▓▓▓▓▓▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ │  at boot, used, free
//! │   usable         62,301    243 MiB     100.0 % │
//! │ U used           12,004     47 MiB      19.3 % │
//! │ …                                              │
//! │ processes            2   shared frames      81 │
//! │ mapped pages     1,312   guard regions       4 │
//! └────────────────────────────────────────────────┘
//! ```
//! Whose the frames are says the legend of the frame map.

use super::memo::Memo;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::theme::Swatch;
use crate::model::Model;
use crate::panels::frame_map::look;
use crate::view::changed::Changed;
use crate::view::extent::Extent;
use crate::view::map_mode::MapMode;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Kind;
use mm::memory_map::FRAME_BYTES;
use mm::paging::RegionPolicy;
use mm::units::{Bytes, Count, Percent};

/// Numbers in the panel: the sums, the counts; and what the percentages are of.
const NUMBERS: usize = WHOLE + 1;
const WHOLE: usize = SUMS + COUNTS;
const SUMS: usize = 4;
const COUNTS: usize = 10;
/// Lines of text.
const LINES: u32 = (SUMS + COUNTS / 2) as u32;

/// Text cells of a line, at most: a longer one would part numbers from their labels.
const WIDEST: usize = 64;

/// The panel and the numbers that it shows.
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    area: Rectangle,
    memo: Memo<NUMBERS>,
}

impl Statistics {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> Statistics {
        Statistics {
            area,
            memo: Memo::default(),
        }
    }

    /// Draws the panel, or the numbers that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        changed: Changed,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let all = extent == Extent::All;
        if all {
            self.memo.forget();
            widgets::panel(surface, styles, self.area, "FRAMES", "of 4 KiB", "")?;
        }
        let content = widgets::content(styles, self.area);
        let unit = styles.unit();
        let frames = &model.frames;
        let (usable, used) = (model.firmware_map.usable_frames(), frames.used());
        let theme = styles.theme;
        let pinned = frames.pinned();
        let taken = used.saturating_sub(pinned);
        if all || changed.frames {
            let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 2 * unit));
            let parts = [
                (pinned, look::boot(theme).color),
                (taken, look::used(theme).color),
            ];
            widgets::bar(surface, bar, usable, parts, theme.free)?;
        }
        let above = 3 * unit;
        let mut table = Table {
            surface,
            styles,
            whole_is_new: self.memo.is_new(WHOLE, usable),
            memo: &mut self.memo,
            at: content.top_left + Size::new(0, above),
            cells: ((content.size.width / unit) as usize).min(WIDEST),
            pitch: match content.size.height >= above + LINES * styles.line() {
                true => styles.line(),
                false => 2 * unit,
            },
            place: 0,
            all,
        };
        let free = look::empty(MapMode::State, theme);
        table.sum(None, "usable", usable, usable)?;
        table.sum(Some(look::boot(theme)), "at boot", pinned, usable)?;
        table.sum(Some(look::used(theme)), "since then", taken, usable)?;
        table.sum(Some(free), "free", model.free_frames(), usable)?;
        let mappings = &model.mappings;
        let [_, large, huge] = mappings.pages;
        table.half("processes", model.processes.live())?;
        table.half("refused", model.totals[Kind::FrameRefuse as usize])?;
        table.half("shared frames", frames.shared())?;
        table.half("guard regions", mappings.regions(RegionPolicy::Guard))?;
        table.half("mapped pages", mappings.total())?;
        table.half("of 2 MiB, 1 GiB", large + huge)?;
        table.half("writable", mappings.writable)?;
        table.half("executable", mappings.executable)?;
        table.half("of ring 3", mappings.user)?;
        table.half("both W and X", mappings.writable_executable)
    }
}

/// Lines of numbers, from the top down.
struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    memo: &'s mut Memo<NUMBERS>,
    at: Point,
    cells: usize,
    /// From one line to the next: closer where the panel is low.
    pitch: u32,
    place: usize,
    all: bool,
    whole_is_new: bool,
}

impl<S: Surface> Table<'_, S> {
    /// Whether this number is to be drawn, and on to the next.
    fn is_new(&mut self, number: u64) -> bool {
        self.place += 1;
        self.memo.is_new(self.place - 1, number)
    }

    fn cell(&self, number: usize) -> Point {
        self.at + Size::new(number as u32 * self.styles.unit(), 0)
    }

    fn next_line(&mut self) {
        self.at.y += self.pitch as i32;
    }

    /// A line of its own: label, frames, bytes, percent of the usable.
    fn sum(
        &mut self,
        swatch: Option<Swatch>,
        label: &str,
        frames: u64,
        usable: u64,
    ) -> Result<(), S::Error> {
        const COUNT: usize = 11;
        const BYTES: usize = 12;
        const PERCENT: usize = 9;
        let label_cells = self.cells.saturating_sub(COUNT + BYTES + PERCENT);
        let (text, dim) = (&self.styles.text, &self.styles.dim);
        if self.all {
            let slot = Slot::left(self.cell(3), label_cells.saturating_sub(3));
            dim.draw(self.surface, slot, label)?;
            if let Some(swatch) = swatch {
                widgets::swatch(self.surface, self.styles, self.at, swatch)?;
            }
        }
        if self.is_new(frames) | self.whole_is_new {
            let slot = Slot::right(self.cell(label_cells), COUNT);
            text.draw(self.surface, slot, Count(frames))?;
            let slot = Slot::right(self.cell(label_cells + COUNT), BYTES);
            text.draw(self.surface, slot, Bytes(frames * FRAME_BYTES))?;
            let slot = Slot::right(self.cell(label_cells + COUNT + BYTES), PERCENT);
            let percent = Percent {
                part: frames,
                whole: usable,
            };
            dim.draw(self.surface, slot, percent)?;
        }
        self.next_line();
        Ok(())
    }

    /// Half a line: a label and a count; the second half ends the line.
    fn half(&mut self, label: &str, count: u64) -> Result<(), S::Error> {
        const COUNT: usize = 7;
        let is_right = (self.place - SUMS) % 2 == 1;
        let cells = self.cells / 2 - 1;
        let at = self.cell(usize::from(is_right) * (self.cells - cells));
        let label_cells = cells - COUNT;
        if self.all {
            let slot = Slot::left(at, label_cells);
            self.styles.dim.draw(self.surface, slot, label)?;
        }
        if self.is_new(count) {
            let at = at + Size::new(label_cells as u32 * self.styles.unit(), 0);
            let slot = Slot::right(at, COUNT);
            self.styles.text.draw(self.surface, slot, Count(count))?;
        }
        if is_right {
            self.next_line();
        }
        Ok(())
    }
}
