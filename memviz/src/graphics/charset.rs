//! The characters of the glyph atlases, their order, and the sizes.
//!
//! The picture is that of a monospaced font. A proportional face has the same order of characters.
//!
//! ```text
//! cell   0   1   2  …  15      16 cells a row, top-down;
//!        ␣   !   "  …  /       printable ASCII first, then EXTRAS in order,
//!        0   1   2  …  ?       then a box for missing characters
//! ```
//! `cargo xtask fonts`, which makes the atlases, reads this file, so the two cannot differ.

/// Cell heights in pixels. Every cell is half as wide as it is high.
pub const HEIGHTS: [usize; 8] = [12, 16, 20, 24, 32, 36, 48, 72];

/// Em sizes of the proportional faces in pixels.
pub const FACE_SIZES: [usize; 16] = [
    11, 12, 13, 14, 15, 17, 20, 22, 24, 26, 30, 35, 38, 46, 52, 60,
];

/// Returns the rows of a line of a proportional face: room for accents above and descenders below.
pub const fn line_height(size: usize) -> usize {
    (size * 5).div_ceil(4)
}

/// Returns the rows above the baseline of a line of a proportional face.
pub const fn baseline(size: usize) -> usize {
    size
}

/// Cells in one row of an atlas.
pub const COLUMNS: usize = 16;

/// The characters of an atlas beyond printable ASCII, ascending.
pub const EXTRAS: [char; 73] = [
    '§', '°', '±', '²', '³', 'µ', '·', '×', '÷', 'Δ', 'Σ', '–', '—', '‘', '’', '“', '”', '•', '…',
    '←', '↑', '→', '↓', '↔', '↕', '⇒', '⇔', '∅', '∞', '≈', '≠', '≤', '≥', '⌘', '⏸', '─', '━', '│',
    '┃', '┌', '┐', '└', '┘', '├', '┤', '┬', '┴', '┼', '═', '║', '╭', '╮', '╯', '╰', '█', '▌', '▐',
    '░', '▒', '▓', '■', '□', '▪', '▫', '▲', '▶', '▼', '◀', '◆', '◇', '●', '✓', '✗',
];

/// The cell of the box for a missing character.
pub const MISSING: usize = ASCII_END - ASCII_START + EXTRAS.len();

/// The number of cells of an atlas.
pub const CELLS: usize = MISSING + 1;

const ASCII_START: usize = 0x20;
const ASCII_END: usize = 0x7f;

/// Returns the cell of a character, [`MISSING`] if no atlas holds it.
#[inline]
pub fn cell(character: char) -> usize {
    match character as usize {
        code @ ASCII_START..ASCII_END => code - ASCII_START,
        _ => match EXTRAS.binary_search(&character) {
            Ok(index) => ASCII_END - ASCII_START + index,
            Err(_) => MISSING,
        },
    }
}

/// Returns the characters of all cells in order, without the box for the missing one.
pub fn characters() -> impl Iterator<Item = char> {
    (ASCII_START as u8..ASCII_END as u8)
        .map(char::from)
        .chain(EXTRAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_the_cell_of_its_index() {
        for (index, character) in characters().enumerate() {
            assert_eq!(
                cell(character),
                index,
                "{character:?}; the extras must ascend"
            );
        }
        assert_eq!(characters().count(), MISSING);
        const { assert!(CELLS <= 256, "a cell must fit a byte") };
        assert_eq!(cell('\n'), MISSING);
    }
}
