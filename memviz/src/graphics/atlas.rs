//! A glyph atlas in a BMP file: checks it, and finds its rows of coverage.
//!
//! ```text
//! bytes of a BMP ──coverage──► 16 cells a row, top-down, 4 bits a pixel, no padding
//! ```
//! Invariant: the coverage has exactly the rows of all cells, so no cell is out of its bounds.

use crate::graphics::charset;
use tinybmp::{Bpp, CompressionMethod, RawBmp, RowOrder};

/// The reason why bytes are not an atlas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtlasError {
    /// They are not a BMP that tinybmp reads.
    NotBmp,
    /// The pixels do not have 4 bits, are compressed, or are stored bottom-up.
    Format,
    /// The picture does not have the size of all cells.
    Size,
}

/// Returns the coverage in an atlas whose cells have this height: two pixels a byte, the left one
/// in the high half.
///
/// # Errors
/// The bytes are not an atlas of this height.
pub const fn coverage(bytes: &[u8], height: u32) -> Result<&[u8], AtlasError> {
    let Ok(bmp) = RawBmp::from_slice(bytes) else {
        return Err(AtlasError::NotBmp);
    };
    let header = bmp.header();
    let is_plain = matches!(header.bpp, Bpp::Bits4)
        && matches!(header.compression_method, CompressionMethod::Rgb)
        && matches!(header.row_order, RowOrder::TopDown);
    if !is_plain {
        return Err(AtlasError::Format);
    }
    // A row of 16 cells is a multiple of four bytes long, so no row is padded.
    let width = height / 2 * charset::COLUMNS as u32;
    let rows = height * charset::CELLS.div_ceil(charset::COLUMNS) as u32;
    if header.image_size.width != width || header.image_size.height != rows {
        return Err(AtlasError::Size);
    }
    Ok(bmp.image_data())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATLAS: &[u8] = include_bytes!("../../../fonts/regular-12.bmp");

    /// Returns the atlas with one byte changed.
    fn changed(at: usize, byte: u8) -> Vec<u8> {
        let mut bytes = ATLAS.to_vec();
        bytes[at] = byte;
        bytes
    }

    #[test]
    fn an_atlas_has_the_rows_of_all_cells() {
        let rows = 12 * charset::CELLS.div_ceil(charset::COLUMNS);
        let bytes = coverage(ATLAS, 12).map(<[u8]>::len);
        assert_eq!(bytes, Ok(rows * 6 * charset::COLUMNS / 2));
    }

    #[test]
    fn damaged_atlases_are_refused() {
        assert_eq!(coverage(ATLAS, 16), Err(AtlasError::Size));
        assert_eq!(
            coverage(&ATLAS[..ATLAS.len() - 1], 12),
            Err(AtlasError::NotBmp)
        );
        assert_eq!(coverage(&[], 12), Err(AtlasError::NotBmp));
        // Offsets of the header: 28 bits a pixel, 30 compression.
        assert_eq!(coverage(&changed(28, 1), 12), Err(AtlasError::Format));
        assert_eq!(coverage(&changed(30, 2), 12), Err(AtlasError::Format));
    }
}
