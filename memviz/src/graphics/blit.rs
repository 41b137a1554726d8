//! Operations on rows of pixels that are fast without vector registers.
//!
//! Text takes two pixels at a time: a byte of the atlas is an index into [`Pairs`]. Copies take 64
//! bytes at a time.

use crate::graphics::charset;
use crate::graphics::face::Glyph;
use crate::graphics::font::Font;
use crate::graphics::surface::Ramp;
use core::hint::black_box;
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};

/// The two pixels for each byte of an atlas, in the colours of the ramps that were used last:
/// computing them costs as much as drawing some words.
pub(crate) struct Pairs {
    known: [(Ramp, PairColors); RAMPS],
    /// The entry that the next unknown ramp replaces.
    next: usize,
}

/// The number of ramps that are kept: a table with numbers and changes has as many.
const RAMPS: usize = 4;

/// The left and the right pixel by byte.
type PairColors = [[u32; 2]; 256];

impl Pairs {
    pub(crate) fn new() -> Pairs {
        let black = Rgb888::new(0, 0, 0);
        Pairs {
            known: [(Ramp::new(black, black), [[0; 2]; 256]); RAMPS],
            next: 0,
        }
    }

    /// Returns the pixels in the colours of `ramp`.
    #[inline]
    pub(crate) fn of(&mut self, ramp: &Ramp) -> &PairColors {
        let at = match self.known.iter().position(|(known, _)| known == ramp) {
            Some(at) => at,
            None => self.replace(ramp),
        };
        &self.known[at].1
    }

    /// Computes the pixels of another ramp. Returns its entry.
    fn replace(&mut self, ramp: &Ramp) -> usize {
        let at = self.next;
        self.next = (at + 1) % RAMPS;
        let (known, colors) = &mut self.known[at];
        *known = *ramp;
        let levels = ramp.levels().map(IntoStorage::into_storage);
        let (rows, _) = colors.as_chunks_mut::<16>();
        for (row, left) in rows.iter_mut().zip(levels) {
            *row = levels.map(|right| [left, right]);
        }
        at
    }
}

/// Draws text into `lines`, whose number is the height of the font and whose length is the width of
/// all cells.
pub(crate) fn text<'p>(
    lines: impl Iterator<Item = &'p mut [u32]>,
    font: &'static Font,
    cells: &[u8],
    colors: &PairColors,
) {
    const { assert!(charset::HEIGHTS.len() == 8, "a new size needs a line below") };
    match font.cell().height {
        12 => text_of_pairs::<3>(lines, font, cells, colors),
        16 => text_of_pairs::<4>(lines, font, cells, colors),
        20 => text_of_pairs::<5>(lines, font, cells, colors),
        24 => text_of_pairs::<6>(lines, font, cells, colors),
        32 => text_of_pairs::<8>(lines, font, cells, colors),
        36 => text_of_pairs::<9>(lines, font, cells, colors),
        48 => text_of_pairs::<12>(lines, font, cells, colors),
        72 => text_of_pairs::<18>(lines, font, cells, colors),
        height => unreachable!("no atlas has cells {height} pixels high"),
    }
}

/// Draws cells that are `N` pairs wide.
fn text_of_pairs<'p, const N: usize>(
    lines: impl Iterator<Item = &'p mut [u32]>,
    font: &'static Font,
    cells: &[u8],
    colors: &PairColors,
) {
    for (y, line) in lines.enumerate() {
        let (pairs, _) = line.as_chunks_mut();
        let (glyphs, _) = pairs.as_chunks_mut::<N>();
        for (pixels, &cell) in glyphs.iter_mut().zip(cells) {
            *pixels = font.row(cell, y).map(|pair| colors[usize::from(pair)]);
        }
    }
}

/// Draws a glyph of a proportional face into `lines`, which begin at its first row with ink and are
/// as long as its advance.
pub(crate) fn glyph<'p>(
    lines: impl Iterator<Item = &'p mut [u32]>,
    glyph: &Glyph,
    colors: &PairColors,
) {
    for (line, row) in lines.zip(glyph.rows.chunks_exact(glyph.row_bytes())) {
        let (pairs, last) = line.as_chunks_mut();
        for (pixels, &byte) in pairs.iter_mut().zip(row) {
            *pixels = colors[usize::from(byte)];
        }
        if let ([last], Some(&byte)) = (last, row.last()) {
            *last = colors[usize::from(byte)][0];
        }
    }
}

/// Returns two pixels of one colour as one word.
///
/// The barrier hides from the compiler that both are equal: it would store them one by one.
#[inline(always)]
pub(crate) fn pair(color: u32) -> [u32; 2] {
    let both = black_box(u64::from(color) << 32 | u64::from(color));
    [both as u32, (both >> 32) as u32]
}

/// Fills a row with one colour, in blocks that may overlap: a short row takes a few stores and no
/// loop.
#[inline(always)]
pub(crate) fn fill(row: &mut [u32], pair: [u32; 2]) {
    match row.len() {
        0..4 => row.iter_mut().for_each(|pixel| *pixel = pair[0]),
        4..8 => fill_ends(row, block::<4>(pair)),
        8..16 => fill_ends(row, block::<8>(pair)),
        _ => {
            let block = block::<16>(pair);
            row.as_chunks_mut().0.fill(block);
            fill_ends(row, block);
        }
    }
}

/// Returns a block of pixels of one colour.
#[inline(always)]
fn block<const N: usize>(pair: [u32; 2]) -> [u32; N] {
    core::array::from_fn(|at| pair[at % 2])
}

/// Writes a block to the start and to the end of a row that is at least as long.
#[inline(always)]
fn fill_ends<const N: usize>(row: &mut [u32], block: [u32; N]) {
    if let Some(start) = row.first_chunk_mut() {
        *start = block;
    }
    if let Some(end) = row.last_chunk_mut() {
        *end = block;
    }
}

/// Copies a row of pixels to one of the same length.
///
/// The barrier after each chunk keeps the compiler from using `memcpy` for the whole row. On the
/// bare machine, `memcpy` is `rep movsb`, which software emulation executes byte by byte.
#[inline]
pub(crate) fn copy(to: &mut [u32], from: &[u32]) {
    let (to_chunks, to_rest) = to.as_chunks_mut::<16>();
    let (from_chunks, from_rest) = from.as_chunks::<16>();
    for (to, from) in to_chunks.iter_mut().zip(from_chunks) {
        *to = *from;
        black_box(());
    }
    for (to, from) in to_rest.iter_mut().zip(from_rest) {
        *to = *from;
        black_box(());
    }
}
