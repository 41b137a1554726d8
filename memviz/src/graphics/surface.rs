//! The drawing surface of the panels: any `DrawTarget` of `Rgb888`, with additional operations
//! for text, words and repeated rows.
//!
//! All have defaults that use `fill_contiguous`, so a plain target needs only an empty
//! `impl Surface for Target {}`. [`Canvas`](crate::graphics::canvas::Canvas) overrides them.

use crate::graphics::face::Face;
use crate::graphics::font::Font;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::RgbColor;
use embedded_graphics::primitives::Rectangle;

/// A draw target with operations for text cells, words and repeated rows.
pub trait Surface: DrawTarget<Color = Rgb888> {
    /// Draws atlas cells side by side, the first one's top left corner at `at`. Every pixel
    /// of the cells is painted, background as well.
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Self::Error> {
        draw_cells_contiguous(self, at, font, cells, ramp)
    }

    /// Draws glyphs of a proportional face side by side, the top left corner of their line at `at`.
    /// Every pixel of the line is painted, background as well.
    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Self::Error> {
        draw_glyphs_contiguous(self, at, face, glyphs, ramp)
    }

    /// Fills a rectangle with rounded corners.
    fn fill_round(
        &mut self,
        area: &Rectangle,
        radius: u32,
        color: Rgb888,
    ) -> Result<(), Self::Error> {
        fill_round_by_rows(self, area, radius, color)
    }

    /// Draws `height` copies of a row of pixels, one below the other, the first one's left end at
    /// `at`.
    fn repeat_row(&mut self, at: Point, height: u32, row: &[Rgb888]) -> Result<(), Self::Error> {
        let area = Rectangle::new(at, Size::new(row.len() as u32, height));
        self.fill_contiguous(&area, row.iter().copied().cycle())
    }
}

/// Fills a rectangle with rounded corners with `fill_solid` only.
fn fill_round_by_rows<T: DrawTarget<Color = Rgb888> + ?Sized>(
    target: &mut T,
    area: &Rectangle,
    radius: u32,
    color: Rgb888,
) -> Result<(), T::Error> {
    let Size { width, height } = area.size;
    let radius = radius.min(width / 2).min(height / 2);
    let corner = area.top_left;
    let row = |left: u32, top: u32, height: u32| {
        let size = Size::new(width - 2 * left, height);
        Rectangle::new(corner + Size::new(left, top), size)
    };
    for top in 0..radius {
        let left = inset(radius, top);
        target.fill_solid(&row(left, top, 1), color)?;
        target.fill_solid(&row(left, height - 1 - top, 1), color)?;
    }
    target.fill_solid(&row(0, radius, height - 2 * radius), color)
}

/// Returns the pixels that a row of a rounded corner begins later.
pub(crate) fn inset(radius: u32, row: u32) -> u32 {
    // In halves of pixels, so that the circle goes through the centres.
    let (two, down) = (2 * radius, 2 * (radius - row) - 1);
    let across = (two * two - down * down).isqrt();
    (two - across) / 2
}

/// Draws atlas cells with `fill_contiguous` only.
pub(crate) fn draw_cells_contiguous<T: DrawTarget<Color = Rgb888> + ?Sized>(
    target: &mut T,
    at: Point,
    font: &'static Font,
    cells: &[u8],
    ramp: &Ramp,
) -> Result<(), T::Error> {
    let (cell, colors) = (font.cell(), ramp.levels());
    for (index, &glyph) in cells.iter().enumerate() {
        let left = at + Point::new(index as i32 * cell.width as i32, 0);
        let pixels = font
            .pixels(glyph)
            .map(|level| colors[usize::from(level & 15)]);
        target.fill_contiguous(&Rectangle::new(left, cell), pixels)?;
    }
    Ok(())
}

/// Draws glyphs of a proportional face with `fill_solid` and `fill_contiguous` only.
pub(crate) fn draw_glyphs_contiguous<T: DrawTarget<Color = Rgb888> + ?Sized>(
    target: &mut T,
    at: Point,
    face: &'static Face,
    glyphs: &[u8],
    ramp: &Ramp,
) -> Result<(), T::Error> {
    let width: usize = glyphs.iter().map(|&cell| face.glyph(cell).advance).sum();
    let line = Rectangle::new(at, Size::new(width as u32, face.line_height()));
    target.fill_solid(&line, ramp.background())?;
    let (mut pen, colors) = (at.x, ramp.levels());
    for glyph in glyphs.iter().map(|&cell| face.glyph(cell)) {
        let corner = Point::new(pen, at.y + glyph.top as i32);
        let size = Size::new(glyph.advance as u32, glyph.height() as u32);
        let pixels = glyph.pixels().map(|level| colors[usize::from(level & 15)]);
        target.fill_contiguous(&Rectangle::new(corner, size), pixels)?;
        pen += glyph.advance as i32;
    }
    Ok(())
}

/// The 16 colours between a background and a foreground, by coverage. They are computed when text
/// is drawn: a style that only measures words needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    background: Rgb888,
    foreground: Rgb888,
}

impl Ramp {
    /// Returns the steps from `background` to `foreground`.
    pub fn new(foreground: Rgb888, background: Rgb888) -> Ramp {
        Ramp {
            background,
            foreground,
        }
    }

    /// Returns all colours, from the background to the foreground.
    pub fn levels(&self) -> [Rgb888; 16] {
        let [from, to] = self.ends();
        core::array::from_fn(|level| {
            let mix = |from: u8, to: u8| {
                let (from, to, level) = (u32::from(from), u32::from(to), level as u32);
                ((from * (15 - level) + to * level + 7) / 15) as u8
            };
            Rgb888::new(
                mix(from.r(), to.r()),
                mix(from.g(), to.g()),
                mix(from.b(), to.b()),
            )
        })
    }

    /// Returns the first and the last colour, which determine the others.
    #[inline]
    pub fn ends(&self) -> [Rgb888; 2] {
        [self.background, self.foreground]
    }

    /// Returns the colour of the background.
    #[inline]
    pub fn background(&self) -> Rgb888 {
        self.background
    }
}
