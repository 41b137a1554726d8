//! The atlases of Inter, for words: each glyph is as wide as its advance.
//!
//! ```text
//! header        height of a line, row of the baseline, number of glyphs (16 bits)
//! glyph, each   offset of its first row (24 bits), advance, first row, number of rows
//! rows          two pixels a byte, the left one in the high half; an odd advance ends in a half
//! ```
//! Glyphs are in the order of `charset.rs`. Inter lacks some of its characters, for example those
//! that draw boxes. They have no advance, and are drawn as the box for missing characters.

use std::path::Path;
use swash::FontRef;

use super::cells::charset;
use super::source::{self, FontError};

/// The folder of the font in Debian's package `fonts-inter`.
const FONT_FOLDER: &str = "/usr/share/fonts/opentype/inter";
/// File name of the atlas, file name of the font.
const FACES: [(&str, &str); 2] = [
    ("inter-regular", "Inter-Regular.otf"),
    ("inter-semibold", "Inter-SemiBold.otf"),
];

/// Bytes of the header, and of the entry of a glyph.
const HEADER: usize = 4;
const ENTRY: usize = 6;

/// Makes every atlas in `folder`.
pub fn make(folder: &Path) -> Result<(), FontError> {
    for (name, file) in FACES {
        let path = Path::new(FONT_FOLDER).join(file);
        let bytes = source::read(&path)?;
        let font = source::parse(&bytes, &path)?;
        for size in charset::FACE_SIZES {
            let atlas = atlas(font, size);
            source::write(&folder.join(format!("{name}-{size}.glyphs")), &atlas)?;
        }
    }
    Ok(())
}

/// Returns the atlas of one size: an em of this many pixels.
fn atlas(font: FontRef, size: usize) -> Vec<u8> {
    let em = size as f32;
    let (height, baseline) = (charset::line_height(size), charset::baseline(size));
    let mut entries = Vec::new();
    let mut rows = Vec::new();
    let first = HEADER + charset::CELLS * ENTRY;
    for character in charset::characters() {
        let glyph = match font.charmap().map(character) {
            0 => Glyph::default(),
            id => {
                let advance = font.glyph_metrics(&[]).scale(em).advance_width(id);
                Glyph::new(font, id, em, advance.round() as usize)
            }
        };
        put(&mut entries, &mut rows, first, &glyph);
    }
    put(&mut entries, &mut rows, first, &Glyph::missing(size));
    let mut bytes = vec![height as u8, baseline as u8];
    bytes.extend((charset::CELLS as u16).to_le_bytes());
    bytes.extend(entries);
    bytes.extend(rows);
    bytes
}

/// Adds a glyph to the atlas.
fn put(entries: &mut Vec<u8>, rows: &mut Vec<u8>, first: usize, glyph: &Glyph) {
    let offset = (first + rows.len()) as u32;
    entries.extend(&offset.to_le_bytes()[..3]);
    entries.extend([glyph.advance as u8, glyph.top as u8, glyph.rows.len() as u8]);
    for row in &glyph.rows {
        let pairs = row.chunks(2);
        rows.extend(pairs.map(|pair| {
            let right = pair.get(1).copied().unwrap_or_default();
            source::level(pair[0]) << 4 | source::level(right)
        }));
    }
}

/// A glyph as wide as its advance: its rows with ink.
#[derive(Default)]
struct Glyph {
    advance: usize,
    /// The first row, counted from the top of the line.
    top: usize,
    rows: Vec<Vec<u8>>,
}

impl Glyph {
    fn new(font: FontRef, id: swash::GlyphId, em: f32, advance: usize) -> Glyph {
        let size = em as usize;
        let (placement, coverage) = source::rasterise(font, id, em);
        let width = placement.width as usize;
        let mut picture = vec![vec![0; advance]; charset::line_height(size)];
        for (index, &value) in coverage.iter().enumerate() {
            let x = placement.left + (index % width) as i32;
            let y = charset::baseline(size) as i32 - placement.top + (index / width) as i32;
            // A pixel of ink beyond the advance is cut off.
            let row = usize::try_from(y).ok().and_then(|y| picture.get_mut(y));
            if let Some(row) = row
                && let Some(pixel) = usize::try_from(x).ok().and_then(|x| row.get_mut(x))
            {
                *pixel = value;
            }
        }
        Glyph::trimmed(advance, picture)
    }

    /// Returns the box for missing characters.
    fn missing(size: usize) -> Glyph {
        let advance = size * 2 / 3;
        let mut picture = vec![vec![0; advance]; charset::line_height(size)];
        let (top, bottom) = (
            charset::baseline(size) - size * 7 / 10,
            charset::baseline(size),
        );
        for (y, row) in picture.iter_mut().enumerate().take(bottom).skip(top) {
            let is_edge = y == top || y + 1 == bottom;
            for (x, pixel) in row.iter_mut().enumerate().take(advance - 1).skip(1) {
                if is_edge || x == 1 || x + 2 == advance {
                    *pixel = 255;
                }
            }
        }
        Glyph::trimmed(advance, picture)
    }

    /// Drops the empty rows at the top and at the bottom.
    fn trimmed(advance: usize, picture: Vec<Vec<u8>>) -> Glyph {
        let has_ink = |row: &Vec<u8>| row.iter().any(|&value| source::level(value) > 0);
        let top = picture.iter().position(has_ink).unwrap_or(0);
        let end = picture
            .iter()
            .rposition(has_ink)
            .map_or(top, |last| last + 1);
        let rows = picture[top..end].to_vec();
        Glyph { advance, top, rows }
    }
}
