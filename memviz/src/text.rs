//! One line of text in a fixed place.
//!
//! ```text
//! Slot::right(at, 10)          at
//!                              ▼
//!                              │   4,096 B│      ten cells, every pixel of them painted;
//!                              │a very lo…│      what does not fit ends in an ellipsis
//! ```
//! Because the whole slot is painted, a changed number overwrites the old one without clearing first.

use crate::charset;
use crate::font::Font;
use crate::surface::{Ramp, Surface};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// A font, and the colours from background to ink.
#[derive(Clone, Copy)]
pub struct TextStyle {
    /// The glyphs.
    pub font: &'static Font,
    /// The colours.
    pub ramp: Ramp,
}

impl TextStyle {
    /// Text in `ink` on `ground`.
    pub fn new(font: &'static Font, ink: Rgb888, ground: Rgb888) -> TextStyle {
        TextStyle {
            font,
            ramp: Ramp::new(ink, ground),
        }
    }

    /// Draws `text`, a string, a number or `format_args!`, and fills the rest of the slot with the ground.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        slot: Slot,
        text: impl fmt::Display,
    ) -> Result<(), S::Error> {
        self.draw_line(surface, slot, &mut Line::new(format_args!("{text}")))
    }

    fn draw_line<S: Surface>(
        &self,
        surface: &mut S,
        slot: Slot,
        line: &mut Line,
    ) -> Result<(), S::Error> {
        let cells = line.fit(slot.cells);
        let spare = slot.cells - cells.len();
        let before = match slot.align {
            Align::Left => 0,
            Align::Centre => spare / 2,
            Align::Right => spare,
        };
        let cell = self.font.cell();
        let at = |index: usize| slot.at + Point::new((index * cell.width as usize) as i32, 0);
        let blank = |index, count: usize| {
            Rectangle::new(at(index), Size::new(count as u32 * cell.width, cell.height))
        };
        surface.fill_solid(&blank(0, before), self.ramp.background())?;
        surface.draw_cells(at(before), self.font, cells, &self.ramp)?;
        let end = before + cells.len();
        surface.fill_solid(&blank(end, slot.cells - end), self.ramp.background())
    }
}

/// Where a line of text goes: so many cells from `at`, the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Top left corner.
    pub at: Point,
    /// Width in cells of the font.
    pub cells: usize,
    /// To which side a shorter text goes.
    pub align: Align,
}

impl Slot {
    /// Text begins at the left end.
    pub const fn left(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Left,
        }
    }

    /// Text ends at the right end: for numbers.
    pub const fn right(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Right,
        }
    }

    /// Text stands in the middle.
    pub const fn centre(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Centre,
        }
    }
}

/// To which side of its slot a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// To the left end.
    Left,
    /// To the middle.
    Centre,
    /// To the right end.
    Right,
}

/// How many cells a text takes.
pub fn width(text: impl fmt::Display) -> usize {
    Line::new(format_args!("{text}")).length
}

/// A line of text as atlas cells.
struct Line {
    cells: [u8; Line::CAPACITY],
    /// Cells in use.
    length: usize,
    /// Whether there was more than fitted.
    cut: bool,
}

impl Line {
    /// The longest line: a screen of 3840 pixels in cells of 16.
    const CAPACITY: usize = 240;

    fn new(text: fmt::Arguments) -> Line {
        let mut line = Line {
            cells: [0; Line::CAPACITY],
            length: 0,
            cut: false,
        };
        // An error only says that the line is full, which `cut` has noted.
        let _ = fmt::write(&mut line, text);
        line
    }

    /// The first cells of the line, at most `limit`, the last one an ellipsis if there is more.
    fn fit(&mut self, limit: usize) -> &[u8] {
        let limit = limit.min(Line::CAPACITY);
        if self.length > limit || self.cut {
            self.length = limit;
            if let Some(last) = self.cells[..limit].last_mut() {
                *last = charset::cell('…') as u8;
            }
        }
        &self.cells[..self.length]
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let Some(cell) = self.cells.get_mut(self.length) else {
                self.cut = true;
                return Err(fmt::Error);
            };
            *cell = charset::cell(character) as u8;
            self.length += 1;
        }
        Ok(())
    }
}
