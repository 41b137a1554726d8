//! A surface that keeps a number instead of a picture: two pictures with the same number consist of
//! the same drawing operations.
//!
//! It shows whether an event changes the content of a panel, at a fraction of the cost of drawing.

use crate::graphics::face::Face;
use crate::graphics::font::Font;
use crate::graphics::surface::{Ramp, Surface};
use core::convert::Infallible;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};
use embedded_graphics::primitives::Rectangle;

/// The surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    screen: Rectangle,
    sum: u64,
}

impl Fingerprint {
    /// Creates a surface of this size, without any drawing operation.
    pub fn new(size: Size) -> Fingerprint {
        Fingerprint {
            screen: Rectangle::new(Point::zero(), size),
            sum: 0xcbf2_9ce4_8422_2325,
        }
    }

    /// Adds a word to the hash, by FNV-1a.
    fn add(&mut self, word: u64) {
        self.sum = (self.sum ^ word).wrapping_mul(0x100_0000_01b3);
    }

    fn add_point(&mut self, Point { x, y }: Point) {
        self.add(u64::from(x as u32) << 32 | u64::from(y as u32));
    }

    fn add_area(&mut self, area: &Rectangle) {
        self.add_point(area.top_left);
        let Size { width, height } = area.size;
        self.add(u64::from(width) << 32 | u64::from(height));
    }

    fn add_color(&mut self, color: Rgb888) {
        self.add(color.into_storage().into());
    }

    fn add_text(&mut self, at: Point, height: u32, cells: &[u8], ramp: &Ramp) {
        self.add_point(at);
        self.add(height.into());
        ramp.ends()
            .into_iter()
            .for_each(|color| self.add_color(color));
        cells.iter().for_each(|&cell| self.add(cell.into()));
    }
}

impl Dimensions for Fingerprint {
    fn bounding_box(&self) -> Rectangle {
        self.screen
    }
}

impl DrawTarget for Fingerprint {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(at, color) in pixels {
            self.add_point(at);
            self.add_color(color);
        }
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        self.add_area(area);
        let pixels = area.size.width as usize * area.size.height as usize;
        let colors = colors.into_iter().take(pixels);
        colors.for_each(|color| self.add_color(color));
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        self.add_area(area);
        self.add_color(color);
        Ok(())
    }
}

impl Surface for Fingerprint {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Infallible> {
        self.add_text(at, font.cell().height, cells, ramp);
        Ok(())
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        ramp: &Ramp,
    ) -> Result<(), Infallible> {
        self.add_text(at, face.line_height(), glyphs, ramp);
        Ok(())
    }

    fn repeat_row(&mut self, at: Point, height: u32, row: &[Rgb888]) -> Result<(), Infallible> {
        self.add_point(at);
        self.add(height.into());
        row.iter().for_each(|&color| self.add_color(color));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_operations_give_another_number() {
        let red = Rgb888::new(255, 0, 0);
        let area = |x| Rectangle::new(Point::new(x, 0), Size::new(4, 4));
        let drawn = |areas: &[i32]| {
            let mut surface = Fingerprint::new(Size::new(16, 16));
            for &x in areas {
                let Ok(()) = surface.fill_solid(&area(x), red);
            }
            surface
        };
        assert_eq!(drawn(&[1, 2]), drawn(&[1, 2]));
        assert_ne!(drawn(&[1, 2]), drawn(&[2, 1]));
        assert_ne!(drawn(&[1]), drawn(&[1, 1]));
    }
}
