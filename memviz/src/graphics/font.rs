//! The glyph atlases, and the coverage of each glyph.
//!
//! The atlases are read at compile time: an atlas that is damaged, or does not match [`charset`],
//! fails the build.

use crate::graphics::{atlas, charset};
use embedded_graphics::geometry::Size;

/// The weight of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// For text.
    Regular,
    /// For titles.
    Bold,
}

/// A monospaced font in one size: cells of equal size, half as wide as high.
pub struct Font {
    /// Coverage, two pixels a byte, the left one in the high half; rows of 16 cells, top-down,
    /// without padding.
    coverage: &'static [u8],
    cell: Size,
}

impl Font {
    /// Returns the weight.
    pub fn weight(&self) -> Weight {
        let is_bold = BOLD.iter().any(|font| core::ptr::eq(font, self));
        if is_bold {
            Weight::Bold
        } else {
            Weight::Regular
        }
    }

    /// Returns all sizes of a weight, ascending.
    pub fn sizes(weight: Weight) -> &'static [Font] {
        match weight {
            Weight::Regular => &REGULAR,
            Weight::Bold => &BOLD,
        }
    }

    /// Returns the largest size whose cells are at most `height` pixels high, or the smallest size.
    pub fn fitting(weight: Weight, height: u32) -> &'static Font {
        let sizes = Font::sizes(weight);
        sizes
            .iter()
            .rfind(|font| font.cell.height <= height)
            .unwrap_or(&sizes[0])
    }

    /// Returns the smallest size whose cells are at least `height` pixels high, or the largest
    /// size.
    pub fn covering(weight: Weight, height: u32) -> &'static Font {
        let sizes = Font::sizes(weight);
        let covers = sizes.iter().find(|font| font.cell.height >= height);
        covers.unwrap_or(&sizes[sizes.len() - 1])
    }

    /// Returns the next size above that of `font`, or the largest size.
    pub fn next_larger(weight: Weight, font: &Font) -> &'static Font {
        let sizes = Font::sizes(weight);
        let larger = sizes
            .iter()
            .find(|size| size.cell.height > font.cell.height);
        larger.unwrap_or(&sizes[sizes.len() - 1])
    }

    /// Returns the size of a cell in pixels. The width is even.
    #[inline]
    pub fn cell(&self) -> Size {
        self.cell
    }

    /// Returns row `y` of a cell: coverage 0 to 15, two pixels a byte, the left one in the high
    /// half.
    ///
    /// # Panics
    /// When `cell` is not below [`charset::CELLS`], or `N` is not half the cell's width.
    #[inline(always)]
    pub fn row<const N: usize>(&self, cell: u8, y: usize) -> &'static [u8; N] {
        let (rows, _) = self.coverage.as_chunks();
        &rows[self.row_index(cell, y)]
    }

    /// Returns the pixels of a cell, row after row: coverage 0 to 15.
    ///
    /// # Panics
    /// When `cell` is not below [`charset::CELLS`].
    pub fn pixels(&self, cell: u8) -> impl Iterator<Item = u8> {
        let row_bytes = self.cell.width as usize / 2;
        (0..self.cell.height as usize)
            .flat_map(move |y| &self.coverage[self.row_index(cell, y) * row_bytes..][..row_bytes])
            .flat_map(|pair| [pair >> 4, pair & 15])
    }

    /// Returns the index of row `y` of a cell among all rows of cells in the atlas.
    #[inline(always)]
    fn row_index(&self, cell: u8, y: usize) -> usize {
        let (above, beside) = (
            usize::from(cell) / charset::COLUMNS,
            usize::from(cell) % charset::COLUMNS,
        );
        (above * self.cell.height as usize + y) * charset::COLUMNS + beside
    }

    const fn from_bmp(bytes: &'static [u8], height: u32) -> Font {
        let Ok(coverage) = atlas::coverage(bytes, height) else {
            panic!("the atlas is damaged, or its cells have another height");
        };
        Font {
            coverage,
            cell: Size::new(height / 2, height),
        }
    }
}

macro_rules! atlases {
    ($weight:literal: $($height:literal)*) => {
        [$(Font::from_bmp(
            include_bytes!(concat!("../../../fonts/", $weight, "-", $height, ".bmp")),
            $height,
        )),*]
    };
}

static REGULAR: [Font; charset::HEIGHTS.len()] = atlases!("regular": 12 16 20 24 32 36 48 72);
static BOLD: [Font; charset::HEIGHTS.len()] = atlases!("bold": 12 16 20 24 32 36 48 72);

#[cfg(test)]
mod tests {
    use super::*;

    fn fonts() -> impl Iterator<Item = &'static Font> {
        [Weight::Regular, Weight::Bold]
            .into_iter()
            .flat_map(Font::sizes)
    }

    fn pixels(font: &Font, character: char) -> Vec<u8> {
        font.pixels(charset::cell(character) as u8).collect()
    }

    #[test]
    fn every_character_has_its_own_glyph() {
        for font in fonts() {
            let height = font.cell().height;
            assert!(pixels(font, ' ').iter().all(|&level| level == 0));
            let mut seen = std::collections::HashMap::new();
            for character in charset::characters() {
                let glyph = pixels(font, character);
                assert_eq!(glyph.len(), (height * height / 2) as usize);
                // In the smallest size, some differ by less than a pixel.
                if height > 12
                    && let Some(other) = seen.insert(glyph, character)
                {
                    panic!("{other} and {character} look the same at {height}");
                }
            }
        }
    }

    #[test]
    fn box_lines_reach_the_edges_so_that_they_join() {
        for font in fonts() {
            let (width, height) = (font.cell().width as usize, font.cell().height as usize);
            let (level, upright) = (pixels(font, '─'), pixels(font, '│'));
            assert!(pixels(font, '█').iter().all(|&level| level > 8));
            assert!((0..height).any(|y| (0..width).all(|x| level[y * width + x] > 4)));
            assert!((0..height).all(|y| (0..width).any(|x| upright[y * width + x] > 4)));
        }
    }

    #[test]
    fn rows_are_the_pixels_in_pairs() {
        let font = &Font::sizes(Weight::Regular)[1];
        let cell = charset::cell('g') as u8;
        let rows: Vec<u8> = (0..16)
            .flat_map(|y| font.row::<4>(cell, y))
            .flat_map(|pair| [pair >> 4, pair & 15])
            .collect();
        assert_eq!(rows, pixels(font, 'g'));
    }

    #[test]
    fn the_fitting_size_is_the_largest_that_fits() {
        for (height, fitting) in [(0, 12), (12, 12), (19, 16), (32, 32), (999, 72)] {
            assert_eq!(Font::fitting(Weight::Bold, height).cell().height, fitting);
        }
        for (height, covering) in [(0, 12), (12, 12), (33, 36), (999, 72)] {
            assert_eq!(Font::covering(Weight::Bold, height).cell().height, covering);
        }
        let largest = Font::fitting(Weight::Bold, 72);
        assert_eq!(
            Font::next_larger(Weight::Regular, largest).cell().height,
            72
        );
        let smallest = Font::fitting(Weight::Bold, 12);
        assert_eq!(
            Font::next_larger(Weight::Regular, smallest).cell().height,
            16
        );
    }
}
