//! The back buffer: pixels in memory that the caller supplies, and what of them changed.
//!
//! ```text
//! panels ──draw──► Canvas { pixels, damage } ──take_damage──► spans ──► framebuffer | PNG
//! ```
//! A pixel is `0x00RRGGBB`, row after row without gaps. Drawing outside is cut off. Whatever is drawn
//! marks its bounding rectangle as damaged, and nothing else does.

use crate::damage::Damage;
use crate::font::Font;
use crate::surface::{Ramp, Surface, draw_cells_contiguous};
use core::convert::Infallible;
use core::ops::Range;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};
use embedded_graphics::primitives::Rectangle;

/// A picture in memory that implements `DrawTarget` without drawing pixel by pixel.
pub struct Canvas<'a> {
    pixels: &'a mut [u32],
    damage: Damage<'a>,
    width: usize,
    height: usize,
}

/// Why no canvas could be made of the given memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanvasError {
    /// There must be width × height pixels, this many.
    Pixels(usize),
    /// There must be one damage mark a row, this many.
    Marks(usize),
}

impl<'a> Canvas<'a> {
    /// A canvas over `pixels`, whose content stays, with one damage mark a row. Longer slices are
    /// used from their start.
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
            width,
            height,
        })
    }

    /// The pixels of a row, `0x00RRGGBB` each.
    ///
    /// # Panics
    /// When `y` is not below the height.
    pub fn row(&self, y: usize) -> &[u32] {
        &self.pixels[y * self.width..][..self.width]
    }

    /// Forgets what is damaged, handing every damaged span to `span`: its row, its first column, its pixels.
    pub fn take_damage(&mut self, mut span: impl FnMut(usize, usize, &[u32])) {
        let (pixels, width) = (&*self.pixels, self.width);
        self.damage.take(|y, columns| {
            span(y, columns.start, &pixels[y * width..][columns]);
        });
    }

    /// Declares everything damaged, as after something else wrote to the framebuffer.
    pub fn damage_all(&mut self) {
        self.damage.mark(0..self.width, 0..self.height);
    }

    /// The columns and rows of the canvas that a rectangle covers.
    #[inline(always)]
    fn clip(&self, at: Point, size: Size) -> (Range<usize>, Range<usize>) {
        (
            clip_axis(at.x, size.width, self.width),
            clip_axis(at.y, size.height, self.height),
        )
    }
}

/// The part of `start..start + length` that lies in `0..limit`.
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

    // Inlined always: as a call, a cell of 4×4 pixels costs six times as much.
    #[inline(always)]
    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let (columns, rows) = self.clip(area.top_left, area.size);
        if !columns.is_empty() {
            let color = color.into_storage();
            let span = rows.start * self.width..rows.end * self.width;
            for row in self.pixels[span].chunks_exact_mut(self.width) {
                row[columns.clone()].fill(color);
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
        self.damage.mark(columns.clone(), rows.clone());
        let mut colors = colors.into_iter();
        for y in 0..area.size.height {
            let y = i64::from(area.top_left.y) + i64::from(y);
            for x in 0..area.size.width {
                let Some(color) = colors.next() else {
                    return Ok(());
                };
                let x = i64::from(area.top_left.x) + i64::from(x);
                if (x >= 0 && columns.contains(&(x as usize)))
                    && (y >= 0 && rows.contains(&(y as usize)))
                {
                    self.pixels[y as usize * self.width + x as usize] = color.into_storage();
                }
            }
        }
        Ok(())
    }

    fn clear(&mut self, color: Rgb888) -> Result<(), Infallible> {
        self.pixels.fill(color.into_storage());
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
        let ramp = ramp.levels().map(IntoStorage::into_storage);
        for (index, &glyph) in cells.iter().enumerate() {
            let left = columns.start + index * cell.width as usize;
            let lines = self.pixels[rows.start * self.width..].chunks_exact_mut(self.width);
            for (line, coverage) in lines.zip(font.rows(glyph.into())) {
                let (pairs, _) = line[left..][..2 * coverage.len()].as_chunks_mut();
                for ([first, second], &pair) in pairs.iter_mut().zip(coverage) {
                    *first = ramp[usize::from(pair >> 4)];
                    *second = ramp[usize::from(pair & 15)];
                }
            }
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
        for y in rows.clone() {
            let line = &mut self.pixels[y * self.width..][columns.clone()];
            for (pixel, color) in line.iter_mut().zip(row) {
                *pixel = color.into_storage();
            }
        }
        self.damage.mark(columns, rows);
        Ok(())
    }
}
