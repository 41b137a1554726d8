//! A surface that keeps the texts of a picture instead of its pixels.

use crate::graphics::charset;
use crate::graphics::face::Face;
use crate::graphics::font::Font;
use crate::graphics::surface::{Ramp, Surface};
use core::convert::Infallible;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// A text on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub area: Rectangle,
    pub words: String,
}

/// The visible texts of a picture, in the order of drawing.
pub struct Texts {
    screen: Rectangle,
    pub all: Vec<Text>,
}

impl Texts {
    /// A screen without texts.
    pub fn new(size: Size) -> Texts {
        Texts {
            screen: Rectangle::new(Point::zero(), size),
            all: Vec::new(),
        }
    }

    /// Pairs of texts in one line without a space between them.
    pub fn glued(&self) -> impl Iterator<Item = (&Text, &Text)> {
        let touches = |left: &Text, right: &Text| {
            let corner = left.area.top_left + Size::new(left.area.size.width, 0);
            corner == right.area.top_left
                && !left.words.ends_with(' ')
                && !right.words.starts_with(' ')
        };
        let pairs = self
            .all
            .iter()
            .flat_map(|left| self.all.iter().map(move |right| (left, right)));
        pairs.filter(move |(left, right)| touches(left, right))
    }

    /// Texts that end in an ellipsis, because they did not fit.
    pub fn cut(&self) -> impl Iterator<Item = &Text> {
        self.all.iter().filter(|text| text.words.ends_with('…'))
    }

    /// Removes the texts that this rectangle covers.
    fn cover(&mut self, area: &Rectangle) {
        self.all
            .retain(|text| area.intersection(&text.area).is_zero_sized());
    }
}

impl Dimensions for Texts {
    fn bounding_box(&self) -> Rectangle {
        self.screen
    }
}

impl DrawTarget for Texts {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, _: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, _: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        self.cover(area);
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, _: Rgb888) -> Result<(), Infallible> {
        self.cover(area);
        Ok(())
    }
}

impl Surface for Texts {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        _: &Ramp,
    ) -> Result<(), Infallible> {
        let character = |&cell: &u8| charset::characters().nth(cell.into()).unwrap_or('?');
        let size = Size::new(font.cell().width * cells.len() as u32, font.cell().height);
        let text = Text {
            area: Rectangle::new(at, size),
            words: cells.iter().map(character).collect(),
        };
        self.cover(&text.area);
        self.all.push(text);
        Ok(())
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        _: &Ramp,
    ) -> Result<(), Infallible> {
        let character = |&cell: &u8| charset::characters().nth(cell.into()).unwrap_or('?');
        let width: usize = glyphs.iter().map(|&cell| face.glyph(cell).advance).sum();
        let text = Text {
            area: Rectangle::new(at, Size::new(width as u32, face.line_height())),
            words: glyphs.iter().map(character).collect(),
        };
        self.cover(&text.area);
        self.all.push(text);
        Ok(())
    }
}
