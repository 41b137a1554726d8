//! Frames in numbers: how many there are, whose they are, what was refused, what is mapped.
//!
//! ```text
//! ┌ FRAMES ────────────────────────────────────────┐
//! │ ▓▓▓▓▓▓▓▓▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ │  owners, then free
//! │ usable          62,301 frames    243 MiB 100 % │
//! │ K kernel         1,204   P page table       37 │
//! │ mapped pages     1,312   guard windows       4 │
//! └────────────────────────────────────────────────┘
//! ```

use super::Extent;
use super::memo::Memo;
use crate::model::regions::FRAME_BYTES;
use crate::model::{Model, OWNERS};
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::theme::Swatch;
use crate::units::{Bytes, Count, Percent};
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Kind;
use mm::paging::WindowPolicy;

/// Numbers in the panel: three sums, the owners, four counts; and what the percentages are of.
const NUMBERS: usize = WHOLE + 1;
const WHOLE: usize = 3 + OWNERS + 4;

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
        extent: Extent,
    ) -> Result<(), S::Error> {
        let all = extent == Extent::All;
        if all {
            self.memo.forget();
            widgets::panel(
                surface,
                styles,
                self.area,
                "FRAMES",
                "of 4 KiB, by owner",
                "",
            )?;
        }
        let content = widgets::content(styles, self.area);
        let unit = styles.unit();
        let frames = &model.frames;
        let (usable, used) = (model.regions.usable_frames(), frames.used());
        if all || model.changed.frames {
            let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 2 * unit));
            let owners = (0..OWNERS).map(|owner| {
                let color = styles.theme.owner(owner).color;
                (frames.by_owner(owner), color)
            });
            widgets::bar(surface, bar, usable, owners, styles.theme.free)?;
        }

        let mut table = Table {
            surface,
            styles,
            whole_is_new: self.memo.is_new(WHOLE, usable),
            memo: &mut self.memo,
            at: content.top_left + Point::new(0, 3 * unit as i32),
            cells: (content.size.width / unit) as usize,
            place: 0,
            all,
        };
        table.sum("usable", usable, usable)?;
        table.sum("used", used, usable)?;
        table.sum("free", model.free_frames(), usable)?;
        for owner in 0..OWNERS {
            let swatch = styles.theme.owner(owner);
            table.half(Label::Swatch(swatch), frames.by_owner(owner))?;
        }
        let refused = model.totals[Kind::FrameRefuse as usize];
        table.half(Label::Words("refused requests"), refused)?;
        table.half(Label::Words("shared frames"), frames.shared())?;
        table.half(Label::Words("mapped pages"), model.mappings.total())?;
        let guards = model.mappings.windows(WindowPolicy::Guard);
        table.half(Label::Words("guard windows"), guards)
    }
}

/// What stands before a number.
enum Label {
    Words(&'static str),
    Swatch(Swatch),
}

/// Lines of numbers, from the top down.
struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    memo: &'s mut Memo<NUMBERS>,
    at: Point,
    cells: usize,
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
        self.at.y += self.styles.line() as i32;
    }

    /// A line of its own: label, frames, bytes, percent of the usable.
    fn sum(&mut self, label: &str, frames: u64, usable: u64) -> Result<(), S::Error> {
        const COUNT: usize = 19;
        const BYTES: usize = 12;
        const PERCENT: usize = 9;
        let label_cells = self.cells.saturating_sub(COUNT + BYTES + PERCENT);
        let (text, dim) = (&self.styles.text, &self.styles.dim);
        if self.all {
            let slot = Slot::left(self.at, label_cells);
            dim.draw(self.surface, slot, label)?;
        }
        if self.is_new(frames) | self.whole_is_new {
            let slot = Slot::right(self.cell(label_cells), COUNT);
            let count = format_args!("{} frames", Count(frames));
            text.draw(self.surface, slot, count)?;
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
    fn half(&mut self, label: Label, count: u64) -> Result<(), S::Error> {
        const COUNT: usize = 10;
        let is_right = (self.place - 3) % 2 == 1;
        let cells = self.cells / 2 - 1;
        let at = self.cell(usize::from(is_right) * (self.cells - cells));
        let number = at + Size::new((cells - COUNT) as u32 * self.styles.unit(), 0);
        if self.all {
            match label {
                Label::Words(words) => {
                    let slot = Slot::left(at, cells);
                    self.styles.dim.draw(self.surface, slot, words)?;
                }
                Label::Swatch(swatch) => {
                    widgets::legend_entry(self.surface, self.styles, at, cells, swatch, "")?;
                }
            }
        }
        if self.is_new(count) {
            let taken = match label {
                Label::Words(words) => words.len(),
                Label::Swatch(swatch) => 3 + swatch.words.len(),
            };
            // What the label leaves of the slot.
            let cut = (taken + COUNT).saturating_sub(cells);
            let slot = Slot::right(
                number + Size::new(cut as u32 * self.styles.unit(), 0),
                COUNT - cut,
            );
            self.styles.text.draw(self.surface, slot, Count(count))?;
        }
        if is_right {
            self.next_line();
        }
        Ok(())
    }
}
