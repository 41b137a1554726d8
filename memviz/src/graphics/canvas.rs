//! The back buffer: pixels in memory that the caller supplies, and their damage.
//!
//! ```text
//! panels ──draw──► Canvas { pixels, damage } ──take_damage──► spans ──► framebuffer | PNG
//! ```
//! A pixel is `0x00RRGGBB`, row after row without gaps. Drawing is clipped to the canvas, and marks
//! its bounding rectangle as damaged.

use crate::graphics::blit::{self, Pairs};
use crate::graphics::damage::Damage;
use crate::graphics::face::Face;
use crate::graphics::font::Font;
use crate::graphics::surface::{Ramp, Surface, draw_cells_contiguous, draw_glyphs_contiguous};
use core::convert::Infallible;
use core::ops::Range;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};
use embedded_graphics::primitives::{PointsIter, Rectangle};

/// A picture in memory that implements `DrawTarget` without drawing pixel by pixel.
pub struct Canvas<'a> {
    pixels: &'a mut [u32],
    damage: Damage<'a>,
    pairs: Pairs,
    width: usize,
    height: usize,
}

/// An error of [`Canvas::new`]: a buffer is too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanvasError {
    /// The number of pixels needed: width × height.
    Pixels(usize),
    /// The number of damage marks needed: one per row.
    Marks(usize),
}

impl<'a> Canvas<'a> {
    /// Creates a canvas over `pixels`, which keep their content, with one damage mark per row. Of
    /// longer slices, it uses the start.
    pub fn new(
        pixels: &'a mut [u32],
        marks: &'a mut [u64],
        size: Size,
    ) -> Result<Canvas<'a>, CanvasError> {
        let (width, height) = (size.width as usize, size.height as usize);
        let count = width.saturating_mul(height);
        let pixels = pixels.get_mut(..count).ok_or(CanvasError::Pixels(count))?;
        let marks = marks.get_mut(..height).ok_or(CanvasError::Marks(height))?;
        let damage = Damage::new(marks, width);
        Ok(Canvas {
            pixels,
            damage,
            pairs: Pairs::new(),
            width,
            height,
        })
    }

    /// Returns the pixels of a row, `0x00RRGGBB` each.
    ///
    /// # Panics
    /// When `y` is not below the height.
    pub fn row(&self, y: usize) -> &[u32] {
        &self.pixels[y * self.width..][..self.width]
    }

    /// Clears the damage, and calls `span` with row, first column and pixels of each damaged span.
    pub fn take_damage(&mut self, mut span: impl FnMut(usize, usize, &[u32])) {
        let (pixels, width) = (&*self.pixels, self.width);
        self.damage.take(|y, columns| {
            span(y, columns.start, &pixels[y * width..][columns]);
        });
    }

    /// Marks all pixels as damaged, for example after the framebuffer was overwritten.
    pub fn damage_all(&mut self) {
        self.damage.mark(0..self.width, 0..self.height);
    }

    /// Returns the columns and rows of the canvas that a rectangle covers.
    #[inline(always)]
    fn clip(&self, at: Point, size: Size) -> (Range<usize>, Range<usize>) {
        (
            clip_axis(at.x, size.width, self.width),
            clip_axis(at.y, size.height, self.height),
        )
    }
}

/// Returns the part of `start..start + length` that lies in `0..limit`.
#[inline(always)]
fn clip_axis(start: i32, length: u32, limit: usize) -> Range<usize> {
    let end = (i64::from(start) + i64::from(length)).clamp(0, limit as i64) as usize;
    (start.max(0) as usize).min(end)..end
}

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(point, color) in pixels {
            self.fill_solid(&Rectangle::new(point, Size::new(1, 1)), color)?;
        }
        Ok(())
    }

    // Always inlined: as a call, a cell of 4×4 pixels costs six times as much.
    #[inline(always)]
    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let (columns, rows) = self.clip(area.top_left, area.size);
        if !columns.is_empty() {
            let pair = blit::pair(color.into_storage());
            for y in rows.clone() {
                blit::fill(&mut self.pixels[y * self.width..][columns.clone()], pair);
            }
            self.damage.mark(columns, rows);
        }
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        let (columns, rows) = self.clip(area.top_left, area.size);
        if columns.len() < area.size.width as usize || rows.len() < area.size.height as usize {
            let pixels = area.points().zip(colors);
            return self.draw_iter(pixels.map(|(point, color)| Pixel(point, color)));
        }
        let mut colors = colors.into_iter();
        for y in rows.clone() {
            let line = &mut self.pixels[y * self.width..][columns.clone()];
            for (pixel, color) in line.iter_mut().zip(&mut colors) {
                *pixel = color.into_storage();
            }
        }
        self.damage.mark(columns, rows);
        Ok(())
    }

    fn clear(&mut self, color: Rgb888) -> Result<(), Infallible> {
        blit::fill(self.pixels, blit::pair(color.into_storage()));
        self.damage_all();
        Ok(())
    }
}

impl Surface for Canvas<'_> {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Infallible> {
        let cell = font.cell();
        let size = Size::new(cells.len() as u32 * cell.width, cell.height);
        let (columns, rows) = self.clip(at, size);
        if columns.len() < size.width as usize || rows.len() < size.height as usize {
            return draw_cells_contiguous(self, at, font, cells, ramp);
        }
        let lines = self.pixels[rows.start * self.width..].chunks_mut(self.width);
        let lines = lines
            .take(rows.len())
            .map(|line| &mut line[columns.clone()]);
        blit::text(lines, font, cells, self.pairs.of(ramp));
        self.damage.mark(columns, rows);
        Ok(())
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Infallible> {
        let width: usize = glyphs.iter().map(|&cell| face.glyph(cell).advance).sum();
        let size = Size::new(width as u32, face.line_height());
        let (columns, rows) = self.clip(at, size);
        if columns.len() < width || rows.len() < size.height as usize {
            return draw_glyphs_contiguous(self, at, face, glyphs, ramp);
        }
        let colors = self.pairs.of(ramp);
        let ground = blit::pair(ramp.background().into_storage());
        for y in rows.clone() {
            blit::fill(&mut self.pixels[y * self.width..][columns.clone()], ground);
        }
        let mut pen = columns.start;
        for glyph in glyphs.iter().map(|&cell| face.glyph(cell)) {
            let lines = self.pixels[(rows.start + glyph.top) * self.width..].chunks_mut(self.width);
            let lines = lines.map(|line| &mut line[pen..][..glyph.advance]);
            blit::glyph(lines, &glyph, colors);
            pen += glyph.advance;
        }
        self.damage.mark(columns, rows);
        Ok(())
    }

    fn repeat_row(&mut self, at: Point, height: u32, row: &[Rgb888]) -> Result<(), Infallible> {
        let (columns, rows) = self.clip(at, Size::new(row.len() as u32, height));
        if columns.is_empty() {
            return Ok(());
        }
        let row = &row[(columns.start as i64 - i64::from(at.x)) as usize..][..columns.len()];
        let mut lines = self.pixels[rows.start * self.width..].chunks_mut(self.width);
        let mut lines = lines
            .by_ref()
            .take(rows.len())
            .map(|line| &mut line[columns.clone()]);
        let Some(first) = lines.next() else {
            return Ok(());
        };
        for (pixel, color) in first.iter_mut().zip(row) {
            *pixel = color.into_storage();
        }
        for line in lines {
            blit::copy(line, first);
        }
        self.damage.mark(columns, rows);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::charset;
    use crate::graphics::face::FaceWeight;
    use crate::graphics::font::Weight;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// A target that stores single pixels, including those outside the picture.
    #[derive(Default)]
    struct Naive(HashMap<(i32, i32), u32>);

    impl embedded_graphics::geometry::Dimensions for Naive {
        fn bounding_box(&self) -> Rectangle {
            Rectangle::new(Point::new(-500, -500), Size::new(1500, 1500))
        }
    }

    impl DrawTarget for Naive {
        type Color = Rgb888;
        type Error = Infallible;

        fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
            &mut self,
            pixels: I,
        ) -> Result<(), Infallible> {
            for Pixel(point, color) in pixels {
                self.0.insert((point.x, point.y), color.into_storage());
            }
            Ok(())
        }
    }

    impl Surface for Naive {}

    #[derive(Clone, Debug)]
    enum Step {
        Solid(Rectangle, Rgb888),
        Contiguous(Rectangle, u32),
        Pixels(Vec<(i32, i32)>, Rgb888),
        Cells(Point, usize, Vec<u8>, Ramp),
        Words(Point, u32, Vec<u8>, Ramp),
        Row(Point, u32, u32),
    }

    impl Step {
        fn draw<S: Surface<Error = Infallible>>(&self, surface: &mut S) {
            let shades = |count| (0..count).map(|shade| Rgb888::new(1, 2, shade as u8));
            let Ok(()) = match self {
                Step::Solid(area, color) => surface.fill_solid(area, *color),
                Step::Contiguous(area, colors) => surface.fill_contiguous(area, shades(*colors)),
                Step::Pixels(points, color) => {
                    surface.draw_iter(points.iter().map(|&(x, y)| Pixel(Point::new(x, y), *color)))
                }
                Step::Cells(at, size, cells, ramp) => {
                    surface.draw_cells(*at, &Font::sizes(Weight::Bold)[*size], cells, ramp)
                }
                Step::Words(at, size, glyphs, ramp) => {
                    let face = Face::nearest(FaceWeight::SemiBold, *size);
                    surface.draw_glyphs(*at, face, glyphs, ramp)
                }
                Step::Row(at, height, width) => {
                    surface.repeat_row(*at, *height, &shades(*width).collect::<Vec<_>>())
                }
            };
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        let point = || (-30..160i32, -30..90i32).prop_map(|(x, y)| Point::new(x, y));
        // There are few colours, so that successive ramps share an end.
        let color = || (0..3u8).prop_map(|shade| Rgb888::new(shade * 100, 7, 255 - shade));
        let area = || {
            (point(), 0..90u32, 0..70u32).prop_map(|(at, w, h)| Rectangle::new(at, Size::new(w, h)))
        };
        prop_oneof![
            1 => (area(), color()).prop_map(|(area, color)| Step::Solid(area, color)),
            1 => (area(), 0..5000u32).prop_map(|(area, colors)| Step::Contiguous(area, colors)),
            1 => (
                prop::collection::vec((-9..160i32, -9..90i32), 0..9),
                color()
            )
                .prop_map(|(points, color)| Step::Pixels(points, color)),
            4 => (
                point(),
                0..charset::HEIGHTS.len(),
                prop::collection::vec(0..charset::CELLS as u8, 0..5),
                (color(), color()).prop_map(|(ink, ground)| Ramp::new(ink, ground)),
            )
                .prop_map(|(at, size, cells, ramp)| Step::Cells(at, size, cells, ramp)),
            4 => (
                point(),
                8..40u32,
                prop::collection::vec(0..charset::CELLS as u8, 0..5),
                (color(), color()).prop_map(|(ink, ground)| Ramp::new(ink, ground)),
            )
                .prop_map(|(at, size, cells, ramp)| Step::Words(at, size, cells, ramp)),
            1 => (point(), 0..50u32, 0..90u32)
                .prop_map(|(at, height, width)| Step::Row(at, height, width)),
        ]
    }

    proptest! {
        /// The canvas shows the same as a target that draws pixel by pixel, and copying the damage
        /// keeps a second picture equal.
        #[test]
        fn draws_like_pixel_by_pixel(
            width in 1..200usize,
            height in 1..100usize,
            steps in prop::collection::vec(step(), 1..20),
        ) {
            let (mut pixels, mut marks) = (vec![0; width * height], vec![0; height]);
            let size = Size::new(width as u32, height as u32);
            let mut canvas = Canvas::new(&mut pixels, &mut marks, size).unwrap();
            let mut naive = Naive::default();
            let mut copy = vec![0; width * height];
            for step in &steps {
                step.draw(&mut canvas);
                step.draw(&mut naive);
                canvas.take_damage(|y, x, span| {
                    copy[y * width + x..][..span.len()].copy_from_slice(span);
                });
                for y in 0..height {
                    let truth = |x| naive.0.get(&(x as i32, y as i32)).copied().unwrap_or(0);
                    let expected: Vec<u32> = (0..width).map(truth).collect();
                    prop_assert_eq!(canvas.row(y), &expected, "row {} after {:?}", y, step);
                    prop_assert_eq!(&copy[y * width..][..width], &expected, "copy of row {}", y);
                }
            }
        }
    }

    #[test]
    fn rectangles_at_the_ends_of_the_plane_are_cut() {
        let (mut pixels, mut marks) = ([0; 12], [0; 3]);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, Size::new(4, 3)).unwrap();
        let white = Rgb888::new(255, 255, 255);
        for (x, y) in [(i32::MIN, i32::MIN), (i32::MAX, 0), (4, 0), (0, 3)] {
            let Ok(()) =
                canvas.fill_solid(&Rectangle::new(Point::new(x, y), Size::new(9, 9)), white);
        }
        canvas.take_damage(|y, x, _| panic!("nothing was drawn, yet {x}, {y} is damaged"));
        let everything = Rectangle::new(Point::new(-5, -5), Size::new(u32::MAX, u32::MAX));
        let Ok(()) = canvas.fill_solid(&everything, white);
        assert!(pixels.iter().all(|&pixel| pixel == 0xffffff));
    }

    #[test]
    fn too_little_memory_is_refused() {
        let size = Size::new(4, 3);
        let error =
            |pixels, marks| Canvas::new(&mut vec![0; pixels], &mut vec![0; marks], size).err();
        assert_eq!(error(11, 3), Some(CanvasError::Pixels(12)));
        assert_eq!(error(12, 2), Some(CanvasError::Marks(3)));
        assert_eq!(error(13, 4), None);
    }
}
