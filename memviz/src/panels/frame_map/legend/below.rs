//! The legend below the cells: colour, name and number of frames, in columns.

use super::entries::{LegendEntry, MOST_ENTRIES, entries, note};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::panels::memo::Memo;
use crate::panels::panel::Scene;
use crate::view::extent::Extent;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// Text cells of an entry, including the space after it.
const ENTRY: usize = 23;
/// Text cells of the number.
const NUMBER: usize = 10;
/// Numbers on the screen: those of the entries, of the frames that differ, and the note.
const NUMBERS: usize = MOST_ENTRIES + 2;

/// Returns the maximum lines of the legend in a panel with this content. A low panel has no legend.
pub fn lines(styles: &Styles, content: Size) -> u32 {
    let lines = (MOST_ENTRIES + 1).div_ceil(columns(styles, content.width)) as u32;
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
pub struct Below {
    area: Rectangle,
    memo: Memo<NUMBERS>,
}

impl Below {
    /// Returns a legend in this rectangle.
    pub fn new(area: Rectangle) -> Below {
        Below {
            area,
            memo: Memo::default(),
        }
    }

    /// Draws the legend of a view, or the numbers that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        if self.area.size.height == 0 {
            return Ok(());
        }
        if extent == Extent::All {
            self.memo.forget();
        }
        let Scene {
            styles,
            model,
            mode,
            ..
        } = *scene;
        let mut list = List {
            surface,
            styles,
            area: self.area,
            memo: &mut self.memo,
            next: 0,
            all: extent == Extent::All,
        };
        for entry in entries(model, scene.step, mode, styles.theme) {
            list.entry(entry)?;
        }
        list.differing(model.frames.differing())?;
        list.note(note(model, mode))
    }
}

/// Entries in columns.
struct List<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    area: Rectangle,
    memo: &'s mut Memo<NUMBERS>,
    next: usize,
    all: bool,
}

impl<S: Surface> List<'_, S> {
    /// Draws what the colours of a view mean, where they are not counts.
    fn note(&mut self, words: &str) -> Result<(), S::Error> {
        // The notes of a view differ in length.
        self.all |= self.memo.is_new(NUMBERS - 1, words.len() as u64);
        match words {
            "" => Ok(()),
            words => self.sentence(words),
        }
    }

    fn entry(&mut self, entry: LegendEntry) -> Result<(), S::Error> {
        let LegendEntry { swatch, frames, .. } = entry;
        let at = self.place();
        let unit = self.styles.unit();
        let cells = ENTRY - 2;
        if self.all {
            widgets::legend_entry(self.surface, self.styles, at, cells, swatch, "")?;
        }
        if self.memo.is_new(self.next, frames) {
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

    /// Returns the slot of the next entry.
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
