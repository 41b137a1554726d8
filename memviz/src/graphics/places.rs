//! A surface that finds where the numbers of the [pointers](super::pointers) are drawn.
//!
//! ```text
//! figure ──► Places ──► the surface behind it
//!              └► boxes of all text, and the box of each number
//! ```
//! A number may be drawn in several pieces side by side, as an address with a bold digit is. Of
//! several places the one with the largest letters counts, and of equal ones the first.

use crate::graphics::face::Face;
use crate::graphics::font::Font;
use crate::graphics::pointers::{MARKS, Pointers, position};
use crate::graphics::surface::{Ramp, Surface};
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// The maximum number of lines of text whose boxes are kept. Beyond it, a pointer may cover text.
const LINES: usize = 400;
/// The maximum number of characters of a line that are searched.
const CHARACTERS: usize = 240;

/// The surface.
pub struct Places<'s, S> {
    surface: &'s mut S,
    pointers: &'s Pointers,
    found: FoundPlaces,
    line: Line,
}

/// What was drawn.
#[derive(Clone, Debug, Default)]
pub struct FoundPlaces {
    /// The box of each number of the pointers.
    pub numbers: [Option<Rectangle>; MARKS.len()],
    /// The boxes of the lines of text.
    pub lines: Vec<Rectangle, LINES>,
}

/// A line of text: pieces side by side.
struct Line {
    area: Rectangle,
    cells: Vec<u8, CHARACTERS>,
    /// The distance of each character from the left end.
    lefts: Vec<u16, CHARACTERS>,
}

impl Line {
    fn new(at: Point, height: u32) -> Line {
        Line {
            area: Rectangle::new(at, Size::new(0, height)),
            cells: Vec::new(),
            lefts: Vec::new(),
        }
    }

    fn end(&self) -> Point {
        self.area.top_left + Size::new(self.area.size.width, 0)
    }

    fn add(&mut self, cell: u8, width: u32) {
        // Characters that do not fit are not searched.
        if self.cells.push(cell).is_ok() {
            let _ = self.lefts.push(self.area.size.width as u16);
        }
        self.area.size.width += width;
    }

    /// Returns the box of a number.
    fn place(&self, number: &[u8]) -> Option<Rectangle> {
        let start = position(&self.cells, number)?;
        let left = self.lefts[start];
        let end = self.lefts.get(start + number.len());
        let end = end.map_or(self.area.size.width, |end| (*end).into());
        let at = self.area.top_left + Size::new(left.into(), 0);
        let size = Size::new(end - u32::from(left), self.area.size.height);
        Some(Rectangle::new(at, size))
    }
}

impl<'s, S: Surface> Places<'s, S> {
    /// Creates a surface that draws on another one.
    pub fn new(surface: &'s mut S, pointers: &'s Pointers) -> Places<'s, S> {
        Places {
            surface,
            pointers,
            found: FoundPlaces::default(),
            line: Line::new(Point::zero(), 0),
        }
    }

    /// Returns the places of what was drawn.
    pub fn found(mut self) -> FoundPlaces {
        self.end_line(Point::zero(), 0);
        self.found
    }

    /// Adds a piece of text, `cells` with the width of each.
    fn add(&mut self, at: Point, height: u32, cells: impl Iterator<Item = (u8, u32)>) {
        if self.pointers.is_empty() {
            return;
        }
        if at != self.line.end() || height != self.line.area.size.height {
            self.end_line(at, height);
        }
        cells.for_each(|(cell, width)| self.line.add(cell, width));
    }

    fn end_line(&mut self, at: Point, height: u32) {
        let line = core::mem::replace(&mut self.line, Line::new(at, height));
        if line.area.is_zero_sized() {
            return;
        }
        let _ = self.found.lines.push(line.area);
        for (index, number) in self.pointers.targets() {
            let Some(place) = line.place(number) else {
                continue;
            };
            let known = self.found.numbers[index].map_or(0, |known| known.size.height);
            if place.size.height > known {
                self.found.numbers[index] = Some(place);
            }
        }
    }
}

impl<S: Surface> Dimensions for Places<'_, S> {
    fn bounding_box(&self) -> Rectangle {
        self.surface.bounding_box()
    }
}

impl<S: Surface> DrawTarget for Places<'_, S> {
    type Color = Rgb888;
    type Error = S::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), S::Error> {
        self.surface.draw_iter(pixels)
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), S::Error>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        self.surface.fill_contiguous(area, colors)
    }

    #[inline(always)]
    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), S::Error> {
        self.surface.fill_solid(area, color)
    }
}

impl<S: Surface> Surface for Places<'_, S> {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        ramp: &Ramp,
    ) -> Result<(), S::Error> {
        let Size { width, height } = font.cell();
        self.add(at, height, cells.iter().map(|&cell| (cell, width)));
        self.surface.draw_cells(at, font, cells, ramp)
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        ramp: &Ramp,
    ) -> Result<(), S::Error> {
        let widths = glyphs
            .iter()
            .map(|&cell| (cell, face.glyph(cell).advance as u32));
        self.add(at, face.line_height(), widths);
        self.surface.draw_glyphs(at, face, glyphs, ramp)
    }

    fn fill_round(&mut self, area: &Rectangle, radius: u32, color: Rgb888) -> Result<(), S::Error> {
        self.surface.fill_round(area, radius, color)
    }

    fn repeat_row(&mut self, at: Point, height: u32, row: &[Rgb888]) -> Result<(), S::Error> {
        self.surface.repeat_row(at, height, row)
    }
}
