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
use std::collections::{HashMap, HashSet};

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
    /// The texts of which a later text or fill covers only a part.
    pub damaged: Vec<Text>,
    /// Tiles of the screen that had a text. Most fills are elsewhere.
    used: HashSet<(i32, i32)>,
}

/// The size of a tile in pixels.
const TILE: i32 = 16;

impl Texts {
    /// Creates a screen without texts.
    pub fn new(size: Size) -> Texts {
        Texts {
            screen: Rectangle::new(Point::zero(), size),
            all: Vec::new(),
            damaged: Vec::new(),
            used: HashSet::new(),
        }
    }

    /// Returns pairs of texts in one line without a space between them.
    pub fn glued(&self) -> impl Iterator<Item = (&Text, &Text)> {
        let place = |at: Point| (at.x, at.y);
        let starts = self
            .all
            .iter()
            .map(|text| (place(text.area.top_left), text));
        let starts: HashMap<_, _> = starts.collect();
        let pairs = self.all.iter().filter_map(move |left| {
            let end = left.area.top_left + Size::new(left.area.size.width, 0);
            starts.get(&place(end)).map(|&right| (left, right))
        });
        pairs.filter(|(left, right)| !left.words.ends_with(' ') && !right.words.starts_with(' '))
    }

    /// Returns the texts that end in an ellipsis because they did not fit.
    pub fn cut(&self) -> impl Iterator<Item = &Text> {
        self.all.iter().filter(|text| text.words.ends_with('…'))
    }

    /// Removes the texts that this rectangle covers.
    fn cover(&mut self, area: &Rectangle) {
        if tiles(area).any(|tile| self.used.contains(&tile)) {
            let covered = self
                .all
                .extract_if(.., |text| !area.intersection(&text.area).is_zero_sized());
            let damaged = covered.filter(|text| is_damaged(text, area));
            self.damaged.extend(damaged);
        }
    }

    fn add(&mut self, text: Text) {
        self.cover(&text.area);
        self.used.extend(tiles(&text.area));
        self.all.push(text);
    }
}

/// Returns whether a part of the letters is covered, and another part is not. The first and the
/// last quarter of the height of a line are mostly empty.
fn is_damaged(text: &Text, area: &Rectangle) -> bool {
    let common = area.intersection(&text.area);
    let is_whole = common == text.area;
    !is_whole && common.size.width >= 2 && 2 * common.size.height > text.area.size.height
}

/// Returns the tiles of a rectangle.
fn tiles(area: &Rectangle) -> impl Iterator<Item = (i32, i32)> + use<> {
    let (from, size) = (area.top_left, area.size);
    let end = from + size - Size::new(size.width.min(1), size.height.min(1));
    let rows = from.y / TILE..=end.y / TILE;
    rows.flat_map(move |y| (from.x / TILE..=end.x / TILE).map(move |x| (x, y)))
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
        self.add(text);
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
        self.add(text);
        Ok(())
    }
}
