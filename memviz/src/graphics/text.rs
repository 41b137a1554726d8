//! A line of text in a slot of fixed width.
//!
//! ```text
//! Slot::right(at, 10)          at
//!                              ▼
//!                              │   4,096 B│      ten cells, every pixel of them painted;
//!                              │a very lo…│      text that does not fit ends in an ellipsis
//! ```
//! Drawing paints the whole slot, so a changed number overwrites the old one.

use crate::graphics::charset;
use crate::graphics::font::Font;
use crate::graphics::surface::{Ramp, Surface};
use core::fmt;
use core::ops::Range;
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
    /// Creates a style for text in `ink` on `ground`.
    pub fn new(font: &'static Font, ink: Rgb888, ground: Rgb888) -> TextStyle {
        TextStyle {
            font,
            ramp: Ramp::new(ink, ground),
        }
    }

    /// Draws `text`, a string, a number or `format_args!`, and fills the rest of the slot with the
    /// ground.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        slot: Slot,
        text: impl fmt::Display,
    ) -> Result<(), S::Error> {
        if slot.cells == 0 {
            return Ok(());
        }
        let line = Line::new(slot, format_args!("{text}"));
        self.draw_cells(surface, slot, &line, 0..slot.cells)
    }

    /// Draws the cells in which `text` differs from `before`, which the slot shows in this style.
    /// Text is the most expensive thing to draw, and a counter mostly changes its last digit.
    pub fn draw_change<S: Surface>(
        &self,
        surface: &mut S,
        slot: Slot,
        before: impl fmt::Display,
        text: impl fmt::Display,
    ) -> Result<(), S::Error> {
        let before = Line::new(slot, format_args!("{before}"));
        let now = Line::new(slot, format_args!("{text}"));
        let differs = |&cell: &usize| before.at(cell) != now.at(cell);
        let mut cells = 0..slot.cells;
        while let Some(start) = cells.find(differs) {
            let end = cells.find(|cell| !differs(cell)).unwrap_or(slot.cells);
            self.draw_cells(surface, slot, &now, start..end)?;
        }
        Ok(())
    }

    /// Draws `value` in a slot that shows `before` in this style. Draws the whole slot without
    /// `before`.
    pub fn update<S: Surface, T: fmt::Display + PartialEq>(
        &self,
        surface: &mut S,
        slot: Slot,
        before: Option<T>,
        value: T,
    ) -> Result<(), S::Error> {
        match before {
            _ if slot.cells == 0 => Ok(()),
            Some(before) if before == value => Ok(()),
            Some(before) => self.draw_change(surface, slot, before, value),
            None => self.draw(surface, slot, value),
        }
    }

    /// Draws a range of the cells of a slot.
    fn draw_cells<S: Surface>(
        &self,
        surface: &mut S,
        slot: Slot,
        line: &Line,
        range: Range<usize>,
    ) -> Result<(), S::Error> {
        let cell = self.font.cell();
        let at = |index: usize| slot.at + Point::new((index * cell.width as usize) as i32, 0);
        let clip = |part: Range<usize>| {
            let start = part.start.clamp(range.start, range.end);
            start..part.end.clamp(start, range.end)
        };
        let inked = clip(line.start..line.end());
        for blank in [clip(0..line.start), clip(line.end()..slot.cells)] {
            if !blank.is_empty() {
                let size = Size::new(blank.len() as u32 * cell.width, cell.height);
                let area = Rectangle::new(at(blank.start), size);
                surface.fill_solid(&area, self.ramp.background())?;
            }
        }
        if inked.is_empty() {
            return Ok(());
        }
        let cells = &line.cells[inked.start - line.start..][..inked.len()];
        surface.draw_cells(at(inked.start), self.font, cells, &self.ramp)
    }
}

/// The cells of a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Top left corner.
    pub at: Point,
    /// Width in cells of the font.
    pub cells: usize,
    /// The alignment of a shorter text.
    pub align: Align,
}

impl Slot {
    /// Returns a slot whose text starts at the left end.
    pub const fn left(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Left,
        }
    }

    /// Returns a slot whose text ends at the right end: for numbers.
    pub const fn right(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Right,
        }
    }

    /// Returns a slot whose text is centred.
    pub const fn centre(at: Point, cells: usize) -> Slot {
        Slot {
            at,
            cells,
            align: Align::Centre,
        }
    }
}

/// The alignment of a text in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// To the left end.
    Left,
    /// To the middle.
    Centre,
    /// To the right end.
    Right,
}

/// Returns the number of cells of a text.
pub fn width(text: impl fmt::Display) -> usize {
    let slot = Slot::left(Point::zero(), Line::CAPACITY);
    Line::new(slot, format_args!("{text}")).length
}

/// A line of text as atlas cells, fitted into a slot.
struct Line {
    cells: [u8; Line::CAPACITY],
    /// Cells in use.
    length: usize,
    /// True if the text was longer than the slot.
    cut: bool,
    /// The cell of the slot at which the text starts.
    start: usize,
}

impl Line {
    /// The longest line: a screen of 3840 pixels in cells of 16.
    const CAPACITY: usize = 240;

    fn new(slot: Slot, text: fmt::Arguments) -> Line {
        let mut line = Line {
            cells: [0; Line::CAPACITY],
            length: 0,
            cut: false,
            start: 0,
        };
        // An error means that the line is full, which `cut` records.
        let _ = fmt::write(&mut line, text);
        line.fit(slot);
        line
    }

    /// Cuts a text that is longer than the slot, with an ellipsis, and aligns a shorter one.
    fn fit(&mut self, slot: Slot) {
        let limit = slot.cells.min(Line::CAPACITY);
        if self.length > limit || self.cut {
            self.length = limit;
            if let Some(last) = self.cells[..limit].last_mut() {
                *last = charset::cell('…') as u8;
            }
        }
        let spare = slot.cells - self.length;
        self.start = match slot.align {
            Align::Left => 0,
            Align::Centre => spare / 2,
            Align::Right => spare,
        };
    }

    fn end(&self) -> usize {
        self.start + self.length
    }

    /// Returns the glyph in a cell of the slot.
    fn at(&self, cell: usize) -> u8 {
        match cell.checked_sub(self.start) {
            Some(index) if index < self.length => self.cells[index],
            _ => charset::cell(' ') as u8,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::canvas::Canvas;
    use crate::graphics::font::Weight;
    use embedded_graphics::draw_target::DrawTarget;
    use embedded_graphics::pixelcolor::IntoStorage;

    const INK: Rgb888 = Rgb888::new(250, 240, 230);
    const GROUND: Rgb888 = Rgb888::new(10, 20, 30);
    /// The colour that drawing the slot must overwrite.
    const OLD: Rgb888 = Rgb888::new(200, 0, 0);

    fn picture(draw: impl FnOnce(&mut Canvas, &TextStyle)) -> Vec<u32> {
        let (mut pixels, mut marks) = (vec![0; 2000 * 20], [0; 20]);
        let size = Size::new(2000, 20);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, size).unwrap();
        let Ok(()) = canvas.clear(OLD);
        draw(
            &mut canvas,
            &TextStyle::new(Font::fitting(Weight::Regular, 12), INK, GROUND),
        );
        pixels
    }

    /// Asserts that the slot, moved to the middle, shows exactly these characters.
    fn assert_shows(slot: fn(Point, usize) -> Slot, cells: usize, text: &str, shown: &str) {
        let at = Point::new(9, 3);
        let drawn = picture(|canvas, style| {
            let Ok(()) = style.draw(canvas, slot(at, cells), text);
        });
        let expected = picture(|canvas, style| {
            let cells: Vec<u8> = shown.chars().map(|c| charset::cell(c) as u8).collect();
            let Ok(()) = canvas.draw_cells(at, style.font, &cells, &style.ramp);
        });
        assert!(
            drawn == expected,
            "{text:?} in {cells} cells is not {shown:?}"
        );
    }

    #[test]
    fn text_goes_to_its_side_and_the_rest_is_ground() {
        assert_shows(Slot::left, 6, "abc", "abc   ");
        assert_shows(Slot::right, 6, "abc", "   abc");
        assert_shows(Slot::centre, 6, "abc", " abc  ");
        assert_shows(Slot::right, 3, "abc", "abc");
        assert_shows(Slot::left, 2, "", "  ");
        assert_shows(Slot::left, 0, "abc", "");
    }

    #[test]
    fn a_text_that_does_not_fit_ends_in_an_ellipsis() {
        assert_shows(Slot::left, 4, "abcde", "abc…");
        assert_shows(Slot::right, 4, "µ→✓×▶", "µ→✓…");
        assert_shows(Slot::left, 1, "ab", "…");
    }

    #[test]
    fn a_line_that_is_longer_than_any_screen_is_cut_as_well() {
        let long = "x".repeat(300);
        let shown = "x".repeat(239) + "…" + &" ".repeat(60);
        assert_shows(Slot::left, 300, &long, &shown);
        assert_eq!(width(long), 240);
    }

    #[test]
    fn drawing_a_change_paints_the_changed_cells_only() {
        let at = Point::new(9, 3);
        for slot in [
            Slot::left(at, 8),
            Slot::right(at, 8),
            Slot::centre(at, 8),
            Slot::left(at, 300),
        ] {
            let texts = ["12.3 s", "12.4 s", "9 s", "", "1,234,567,890", "12.4 s"];
            let changed = picture(|canvas, style| {
                let Ok(()) = style.draw(canvas, slot, texts[0]);
                for pair in texts.windows(2) {
                    let Ok(()) = style.draw_change(canvas, slot, pair[0], pair[1]);
                }
            });
            let anew = picture(|canvas, style| {
                let Ok(()) = style.draw(canvas, slot, texts[5]);
            });
            assert!(changed == anew, "{slot:?}");
        }
        let touched = picture(|canvas, style| {
            let Ok(()) = style.draw_change(canvas, Slot::left(at, 8), "12.3 s", "12.4 s");
        });
        let old = OLD.into_storage();
        assert_eq!(
            touched.iter().filter(|&&pixel| pixel != old).count(),
            6 * 12
        );
    }

    #[test]
    fn a_missing_character_is_a_box() {
        assert_eq!(charset::cell('Ж'), charset::MISSING);
        assert_eq!(width("Ж1é"), 3);
        let font = Font::fitting(Weight::Regular, 12);
        let ink: u32 = font.pixels(charset::MISSING as u8).map(u32::from).sum();
        assert!(ink >= 15 * 18);
    }
}
