//! The legend of the frame map: the colours, and the number of frames of each.

use super::look;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::theme::Swatch;
use crate::model::Model;
use crate::panels::memo::Memo;
use crate::view::extent::Extent;
use crate::view::map_mode::MapMode;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Kind;
use mm::memory_map::MemoryKind;
use mm::units::Count;

/// Text cells of an entry, including the space after it.
const ENTRY: usize = 23;
/// Text cells of the number.
const NUMBER: usize = 10;
/// Entries of the longest legend: the owners, free, not usable, differs.
const MOST_ENTRIES: usize = 11;

/// The maximum lines of the legend in a panel with this content. A low panel has no legend.
pub fn lines(styles: &Styles, content: Size) -> u32 {
    let lines = MOST_ENTRIES.div_ceil(columns(styles, content.width)) as u32;
    match 3 * lines * styles.line() <= 2 * content.height {
        true => lines,
        false => 0,
    }
}

fn columns(styles: &Styles, width: u32) -> usize {
    ((width / styles.unit()) as usize / ENTRY).max(1)
}

/// The legend and the numbers on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Legend {
    area: Rectangle,
    memo: Memo<MOST_ENTRIES>,
}

impl Legend {
    /// A legend in this rectangle.
    pub fn new(area: Rectangle) -> Legend {
        Legend {
            area,
            memo: Memo::default(),
        }
    }

    /// Draws the legend of a view, or the numbers that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        mode: MapMode,
        extent: Extent,
    ) -> Result<(), S::Error> {
        if self.area.size.height == 0 {
            return Ok(());
        }
        if extent == Extent::All {
            self.memo.forget();
        }
        let mut list = List {
            surface,
            styles,
            area: self.area,
            memo: &mut self.memo,
            next: 0,
            all: extent == Extent::All,
        };
        let theme = styles.theme;
        let frames = &model.frames;
        list.counts(model, mode)?;
        let warm: u64 = frames.by_heat().iter().sum();
        let rest = match mode {
            MapMode::Heat => model.firmware_map.usable_frames().saturating_sub(warm),
            _ => model.free_frames(),
        };
        list.entry(look::empty(mode, theme), Some(rest))?;
        list.entry(look::not_usable(mode, theme), Some(not_usable(model)))?;
        list.differing(frames.differing())?;
        list.note(model, mode)
    }
}

/// Frames on the map in regions that are never allocated.
fn not_usable(model: &Model) -> u64 {
    let all = model.frames.len() as u64;
    let regions = model.firmware_map.all().iter();
    regions
        .filter(|region| region.kind != MemoryKind::Usable)
        .map(|region| {
            let frames = crate::model::firmware_map::frames_of(region);
            frames.end.min(all) - frames.start.min(all)
        })
        .sum()
}

/// Entries in columns.
struct List<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    area: Rectangle,
    memo: &'s mut Memo<MOST_ENTRIES>,
    next: usize,
    all: bool,
}

impl<S: Surface> List<'_, S> {
    /// Draws the entries of a view with the number of frames of each.
    fn counts(&mut self, model: &Model, mode: MapMode) -> Result<(), S::Error> {
        let (theme, frames) = (self.styles.theme, &model.frames);
        match mode {
            MapMode::State => {
                let (used, pinned) = (frames.used(), frames.pinned());
                self.entry(look::used(theme), Some(used.saturating_sub(pinned)))?;
                self.entry(look::boot(theme), Some(pinned))?;
            }
            MapMode::Tags => {
                for (owner, swatch) in look::owners(theme).into_iter().enumerate() {
                    self.entry(swatch, Some(frames.by_owner(owner)))?;
                }
            }
            MapMode::References => {
                let counts = frames.by_references();
                for (swatch, count) in look::reference_swatches(theme).into_iter().zip(counts) {
                    self.entry(swatch, Some(count))?;
                }
            }
            MapMode::Heat => {
                for (swatch, count) in look::heat_swatches(theme).into_iter().zip(frames.by_heat())
                {
                    self.entry(swatch, Some(count))?;
                }
            }
        }
        Ok(())
    }

    /// Draws what the colours of a view mean, where they are not counts.
    fn note(&mut self, model: &Model, mode: MapMode) -> Result<(), S::Error> {
        match mode {
            MapMode::State | MapMode::Tags => Ok(()),
            MapMode::References => {
                self.sentence("Mean over the used frames of a cell, rounded up.")
            }
            MapMode::Heat => {
                let has_heat = model.totals[Kind::FrameHeat as usize] > 0;
                // The last swatch has no entry in this view.
                self.all |= self.memo.is_new(MOST_ENTRIES - 1, has_heat.into());
                self.sentence(match has_heat {
                    false => "No heat events yet. They need the use counters.",
                    true => "Use: allocation, page fault or CPU access. Heat halves every 0.5 s.",
                })
            }
        }
    }

    fn entry(&mut self, swatch: Swatch, frames: Option<u64>) -> Result<(), S::Error> {
        let at = self.place();
        let unit = self.styles.unit();
        let cells = ENTRY - 2;
        if self.all {
            widgets::legend_entry(self.surface, self.styles, at, cells, swatch, "")?;
        }
        if let Some(frames) = frames.filter(|&frames| self.memo.is_new(self.next, frames)) {
            let number = at + Size::new((cells - NUMBER) as u32 * unit, 0);
            // The remaining cells of the slot.
            let words = (3 + swatch.words.chars().count() + NUMBER).saturating_sub(cells);
            let slot = Slot::right(number + Size::new(words as u32 * unit, 0), NUMBER - words);
            self.styles.text.draw(self.surface, slot, Count(frames))?;
        }
        self.next += 1;
        Ok(())
    }

    /// Hatched cells have an entry only while they exist.
    fn differing(&mut self, frames: u64) -> Result<(), S::Error> {
        let (place, theme) = (self.next, self.styles.theme);
        if !self.memo.is_new(place, frames) {
            self.next += 1;
            return Ok(());
        }
        let at = self.place();
        let unit = self.styles.unit();
        let cells = (ENTRY - 2) as u32 * unit;
        let height = self.styles.text.font.cell().height;
        let area = Rectangle::new(at, Size::new(cells, height));
        self.surface.fill_solid(&area, theme.panel)?;
        if frames > 0 {
            let swatch = Rectangle::new(at, Size::new(2 * unit, height));
            widgets::hatch(self.surface, swatch, theme.warning, theme.panel)?;
            let words = at + Size::new(3 * unit, 0);
            let cells = ENTRY - 5;
            let count = Count(frames);
            widgets::labelled_value(self.surface, self.styles, words, cells, "differs", count)?;
        }
        self.next += 1;
        Ok(())
    }

    /// The slot of the next entry.
    fn place(&self) -> Point {
        let columns = columns(self.styles, self.area.size.width);
        let (line, column) = (self.next / columns, self.next % columns);
        let unit = self.styles.unit();
        let step = self.area.size.width / unit / columns as u32 * unit;
        self.area.top_left + Size::new(column as u32 * step, line as u32 * self.styles.line())
    }

    /// Draws a sentence in its own line, if it fits.
    fn sentence(&mut self, words: &str) -> Result<(), S::Error> {
        let columns = columns(self.styles, self.area.size.width);
        let line = self.next.div_ceil(columns) as u32;
        let cells = (self.area.size.width / self.styles.unit()) as usize;
        let has_line = (line + 1) * self.styles.line() <= self.area.size.height;
        if self.all && has_line {
            // A sentence that does not fit still clears the previous one.
            let words = if width(words) <= cells { words } else { "" };
            let at = self.area.top_left + Point::new(0, (line * self.styles.line()) as i32);
            self.styles
                .dim
                .draw(self.surface, Slot::left(at, cells), words)?;
        }
        Ok(())
    }
}
