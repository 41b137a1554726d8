//! Proportional faces for words: their atlases, and the glyphs in them.
//!
//! ```text
//! header        height of a line, row of the baseline, number of glyphs (16 bits)
//! glyph, each   offset of its first row (24 bits), advance, first row, number of rows
//! rows          two pixels a byte, the left one in the high half; an odd advance ends in a half
//! ```
//! `cargo xtask fonts` makes the atlases. An atlas that does not match [`charset`] fails the build.

use crate::graphics::charset;

/// The weight of a proportional face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceWeight {
    /// For words.
    Regular,
    /// For titles and names.
    SemiBold,
}

/// A proportional face in one size.
pub struct Face {
    atlas: &'static [u8],
    size: usize,
}

/// A glyph of a face.
#[derive(Clone, Copy)]
pub struct Glyph {
    /// The distance to the next glyph, which is also the width of a row.
    pub advance: usize,
    /// The first row with ink, counted from the top of the line.
    pub top: usize,
    /// The rows with ink, two pixels a byte.
    pub rows: &'static [u8],
}

impl Glyph {
    /// Returns the bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.advance.div_ceil(2).max(1)
    }

    /// Returns the number of rows with ink.
    pub fn height(&self) -> usize {
        self.rows.len() / self.row_bytes()
    }

    /// Returns the pixels of the rows with ink, row after row: coverage 0 to 15.
    pub fn pixels(&self) -> impl Iterator<Item = u8> {
        let advance = self.advance;
        self.rows.chunks(self.row_bytes()).flat_map(move |row| {
            let pairs = row.iter().flat_map(|pair| [pair >> 4, pair & 15]);
            pairs.take(advance)
        })
    }
}

impl Face {
    /// Returns the size nearest to an em of this many pixels, the smaller one of two.
    pub fn nearest(weight: FaceWeight, size: u32) -> &'static Face {
        let sizes = match weight {
            FaceWeight::Regular => &REGULAR,
            FaceWeight::SemiBold => &SEMIBOLD,
        };
        let distance = |face: &&Face| face.size.abs_diff(size as usize);
        sizes.iter().min_by_key(distance).unwrap_or(&sizes[0])
    }

    /// Returns the em in pixels.
    pub fn size(&self) -> u32 {
        self.size as u32
    }

    /// Returns the weight.
    pub fn weight(&self) -> FaceWeight {
        let is_bold = SEMIBOLD.iter().any(|face| core::ptr::eq(face, self));
        if is_bold {
            FaceWeight::SemiBold
        } else {
            FaceWeight::Regular
        }
    }

    /// Returns the height of a line in pixels.
    pub fn line_height(&self) -> u32 {
        u32::from(self.atlas[0])
    }

    /// Returns the row of the baseline, counted from the top of a line.
    pub fn baseline(&self) -> u32 {
        u32::from(self.atlas[1])
    }

    /// Returns a glyph. A character that the face lacks has the box for missing characters.
    ///
    /// # Panics
    /// If `cell` is not below [`charset::CELLS`].
    #[inline]
    pub fn glyph(&self, cell: u8) -> Glyph {
        let entry = self.entry(usize::from(cell));
        let [low, middle, high, advance, top, height] = match entry {
            [_, _, _, 0, _, _] => self.entry(charset::MISSING),
            entry => entry,
        };
        let start = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
        let advance = usize::from(*advance);
        Glyph {
            advance,
            top: usize::from(*top),
            rows: &self.atlas[start..][..usize::from(*height) * advance.div_ceil(2)],
        }
    }

    /// Returns the entry of a glyph.
    fn entry(&self, cell: usize) -> &'static [u8; ENTRY] {
        let (entries, _) = self.atlas[HEADER..].as_chunks();
        &entries[..charset::CELLS][cell]
    }

    const fn from_atlas(atlas: &'static [u8], size: usize) -> Face {
        assert!(atlas[0] as usize == charset::line_height(size));
        assert!(atlas[1] as usize == charset::baseline(size));
        assert!(atlas[2] as usize | (atlas[3] as usize) << 8 == charset::CELLS);
        Face { atlas, size }
    }
}

/// Bytes of the header, and of the entry of a glyph.
const HEADER: usize = 4;
const ENTRY: usize = 6;

macro_rules! faces {
    ($face:literal: $($size:literal)*) => {
        [$(Face::from_atlas(
            include_bytes!(concat!("../../../fonts/inter-", $face, "-", $size, ".glyphs")),
            $size,
        )),*]
    };
}

static REGULAR: [Face; charset::FACE_SIZES.len()] =
    faces!("regular": 11 12 13 14 15 17 20 22 24 26 30 35 38 46 52 60);
static SEMIBOLD: [Face; charset::FACE_SIZES.len()] =
    faces!("semibold": 11 12 13 14 15 17 20 22 24 26 30 35 38 46 52 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_glyph_lies_in_its_line_and_letters_differ() {
        for face in REGULAR.iter().chain(&SEMIBOLD) {
            let mut seen = std::collections::HashMap::new();
            for character in charset::characters() {
                let cell = charset::cell(character);
                let glyph = face.glyph(cell as u8);
                assert!(glyph.advance > 0, "{character:?}");
                assert!(glyph.top + glyph.height() <= face.line_height() as usize);
                let is_known = face.entry(cell)[3] > 0;
                let pixels: Vec<u8> = glyph.pixels().collect();
                assert_eq!(pixels.len(), glyph.height() * glyph.advance);
                if is_known && face.size >= 14 {
                    let look = (glyph.advance, glyph.top, pixels);
                    if let Some(other) = seen.insert(look, character) {
                        panic!("{other} and {character} look the same at {}", face.size);
                    }
                }
            }
        }
    }

    #[test]
    fn the_nearest_size_is_chosen() {
        for (size, nearest) in [(0, 11), (14, 14), (16, 15), (19, 20), (104, 60)] {
            assert_eq!(Face::nearest(FaceWeight::Regular, size).size(), nearest);
        }
    }
}
