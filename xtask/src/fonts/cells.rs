//! The atlases of JetBrains Mono, for numbers, addresses and tables: all glyphs in equal cells.
//!
//! There is one BMP for each weight and cell height: four bits of coverage a pixel, top-down, in
//! the order of `memviz/src/graphics/charset.rs`. The font's own instructions hint glyphs
//! vertically, so that stems begin and end at whole rows.

use std::path::Path;
use swash::FontRef;
use swash::zeno::Placement;

use super::source::{self, FontError, level, rasterise};

#[path = "../../../memviz/src/graphics/charset.rs"]
#[allow(dead_code, reason = "only the renderer looks up characters")]
pub mod charset;

/// The folder of the font in Debian's package `fonts-jetbrains-mono`.
const FONT_FOLDER: &str = "/usr/share/fonts/truetype/jetbrains-mono";
/// File name of the atlas, file name of the font.
const WEIGHTS: [(&str, &str); 2] = [
    ("regular", "JetBrainsMono-Regular.ttf"),
    ("bold", "JetBrainsMono-Bold.ttf"),
];

/// The pause sign. JetBrains Mono has the triangle of "play", but not this sign.
const PAUSE: char = '⏸';

/// Makes every atlas in `folder` (the workspace's `fonts/`).
pub fn make(folder: &Path) -> Result<(), FontError> {
    for (weight, file) in WEIGHTS {
        let path = Path::new(FONT_FOLDER).join(file);
        let bytes = source::read(&path)?;
        let font = source::parse(&bytes, &path)?;
        for height in charset::HEIGHTS {
            let atlas = draw_atlas(font, height)?;
            source::write(
                &folder.join(format!("{weight}-{height}.bmp")),
                &atlas.to_bmp(),
            )?;
        }
    }
    Ok(())
}

fn draw_atlas(font: FontRef, height: usize) -> Result<Atlas, FontError> {
    let mut atlas = Atlas::new(height);
    for (cell, character) in charset::characters().enumerate() {
        let glyph = match font.charmap().map(character) {
            0 if character == PAUSE => {
                atlas.put_pause(cell);
                continue;
            }
            0 => return Err(FontError::NoGlyph(character)),
            glyph => glyph,
        };
        let (placement, coverage) = rasterise(font, glyph, atlas.em());
        atlas.put(cell, placement, &coverage);
    }
    atlas.put_missing_box();
    Ok(atlas)
}

/// A picture with one byte of coverage a pixel, divided into cells.
struct Atlas {
    cell_width: usize,
    cell_height: usize,
    coverage: Vec<u8>,
}

impl Atlas {
    fn new(cell_height: usize) -> Atlas {
        let cell_width = cell_height / 2;
        let rows = charset::CELLS.div_ceil(charset::COLUMNS);
        let coverage = vec![0; charset::COLUMNS * cell_width * rows * cell_height];
        Atlas {
            cell_width,
            cell_height,
            coverage,
        }
    }

    /// Returns the em at which the font's advance of 0.6 em is exactly one cell.
    fn em(&self) -> f32 {
        self.cell_width as f32 / 0.6
    }

    /// Returns the rows between the top of a cell and the baseline, with equal room above and below
    /// the tallest ASCII bracket.
    fn baseline(&self) -> i32 {
        (self.cell_height as f32 * 0.79).round() as i32
    }

    fn width(&self) -> usize {
        charset::COLUMNS * self.cell_width
    }

    fn pixel(&mut self, cell: usize, x: usize, y: usize) -> &mut u8 {
        let left = cell % charset::COLUMNS * self.cell_width;
        let top = cell / charset::COLUMNS * self.cell_height;
        let width = self.width();
        &mut self.coverage[(top + y) * width + left + x]
    }

    /// Draws a glyph on its cell's baseline. Parts outside the cell are cut off, as in box-drawing
    /// lines.
    fn put(&mut self, cell: usize, placement: Placement, coverage: &[u8]) {
        let top = self.baseline() - placement.top;
        for (index, &value) in coverage.iter().enumerate() {
            let x = placement.left + (index % placement.width as usize) as i32;
            let y = top + (index / placement.width as usize) as i32;
            let inside = (0..self.cell_width as i32).contains(&x)
                && (0..self.cell_height as i32).contains(&y);
            if inside {
                *self.pixel(cell, x as usize, y as usize) = value;
            }
        }
    }

    fn put_missing_box(&mut self) {
        let (right, bottom) = (self.cell_width - 2, self.baseline() as usize - 1);
        let top = self.cell_height / 6;
        for y in top..=bottom {
            for x in 1..=right {
                if x == 1 || x == right || y == top || y == bottom {
                    *self.pixel(charset::MISSING, x, y) = 255;
                }
            }
        }
    }

    fn put_pause(&mut self, cell: usize) {
        let (bar, half_gap) = (self.cell_width / 4, (self.cell_width / 6).max(1));
        let (middle, bottom) = (self.cell_width / 2, self.baseline() as usize);
        for y in bottom - self.cell_width..bottom {
            for x in half_gap..half_gap + bar {
                *self.pixel(cell, middle + x, y) = 255;
                *self.pixel(cell, middle - 1 - x, y) = 255;
            }
        }
    }

    /// Returns a BMP of 16 grey levels: file header, info header, palette, rows padded to four
    /// bytes. A negative height means that the first row is the top one.
    fn to_bmp(&self) -> Vec<u8> {
        const FILE_HEADER: u32 = 14;
        const INFO_HEADER: u32 = 40;
        const LEVELS: u32 = 16;
        let width = self.width();
        let height = self.coverage.len() / width;
        let row_bytes = (width / 2).next_multiple_of(4);
        let data_start = FILE_HEADER + INFO_HEADER + 4 * LEVELS;
        let data_bytes = (row_bytes * height) as u32;

        let mut bmp = b"BM".to_vec();
        for word in [data_start + data_bytes, 0, data_start, INFO_HEADER] {
            bmp.extend(word.to_le_bytes());
        }
        bmp.extend((width as i32).to_le_bytes());
        bmp.extend((-(height as i32)).to_le_bytes());
        bmp.extend([1, 0, 4, 0]); // one plane, four bits a pixel
        let dots_per_metre = 3780; // 96 dots an inch
        for word in [0, data_bytes, dots_per_metre, dots_per_metre, LEVELS, 0] {
            bmp.extend(word.to_le_bytes());
        }
        for level in 0..LEVELS as u8 {
            bmp.extend([level * 17, level * 17, level * 17, 0]);
        }
        for row in self.coverage.chunks(width) {
            let packed = row
                .chunks(2)
                .map(|pair| level(pair[0]) << 4 | level(pair[1]));
            bmp.extend(packed.clone());
            bmp.extend(std::iter::repeat_n(0, row_bytes - packed.len()));
        }
        bmp
    }
}
