//! The pixels of a canvas: four bytes each, red, green, blue and opacity.

use core::ops::Range;

/// A picture for a canvas, and the rows of it that changed.
pub struct Pixels {
    bytes: Vec<u8>,
    width: usize,
    changed: Range<usize>,
}

impl Pixels {
    /// Creates a black picture.
    pub fn new(width: usize, height: usize) -> Pixels {
        Pixels {
            bytes: vec![0; width * height * 4],
            width,
            changed: 0..0,
        }
    }

    /// Stores pixels, `0x00RRGGBB` each, in a row from a column on.
    pub fn store(&mut self, row: usize, column: usize, pixels: &[u32]) {
        let bytes = &mut self.bytes[(row * self.width + column) * 4..][..pixels.len() * 4];
        for (to, pixel) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
            let [blue, green, red, _] = pixel.to_le_bytes();
            *to = [red, green, blue, u8::MAX];
        }
        self.changed = match self.changed.is_empty() {
            true => row..row + 1,
            false => self.changed.start.min(row)..self.changed.end.max(row + 1),
        };
    }

    /// Returns the bytes, row after row.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the rows that changed since the last call.
    pub fn take_changed(&mut self) -> Range<usize> {
        core::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_bytes_and_rows_are_noted() {
        let mut pixels = Pixels::new(3, 4);
        pixels.store(2, 1, &[0x12_34_56, 0xff_00_07]);
        pixels.store(1, 0, &[1]);
        assert_eq!(pixels.take_changed(), 1..3);
        assert!(pixels.take_changed().is_empty());
        let row = &pixels.bytes()[2 * 3 * 4..][..12];
        assert_eq!(row, [0, 0, 0, 0, 0x12, 0x34, 0x56, 255, 255, 0, 7, 255]);
    }
}
