//! The parts of a picture that changed.
//!
//! ```text
//!            column of 2^shift pixels
//!            0 1 2 3 …                 63
//! row 0      . . . . . . . . . . . . . .      one u64 a row, one bit a column;
//! row 1      . . # # . . . . . # . . . .      `rows` brackets the rows that have any bit set
//! ```
//! Marking a rectangle takes one OR for each row. Rectangles need not be merged.

use core::ops::Range;

/// The damage of a picture of a fixed width.
pub struct Damage<'a> {
    marks: &'a mut [u64],
    rows: Range<usize>,
    width: usize,
    shift: u32,
}

impl<'a> Damage<'a> {
    /// Creates an empty record of a picture, with a mark for each row of `width` pixels.
    pub fn new(marks: &'a mut [u64], width: usize) -> Damage<'a> {
        marks.fill(0);
        let shift = width.div_ceil(64).next_power_of_two().trailing_zeros();
        Damage {
            marks,
            rows: 0..0,
            width,
            shift,
        }
    }

    /// Marks a rectangle, which must lie inside the picture.
    #[inline]
    pub fn mark(&mut self, columns: Range<usize>, rows: Range<usize>) {
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        let first = columns.start >> self.shift;
        let last = (columns.end - 1) >> self.shift;
        let bits = u64::MAX >> (63 - (last - first)) << first;
        if self.rows.is_empty() {
            self.rows = rows.clone();
        } else {
            self.rows.start = self.rows.start.min(rows.start);
            self.rows.end = self.rows.end.max(rows.end);
        }
        for mark in &mut self.marks[rows] {
            *mark |= bits;
        }
    }

    /// Returns whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Clears the marks, and calls `span` with row and columns of each run of damaged pixels, from
    /// the top down and from left to right.
    pub fn take(&mut self, mut span: impl FnMut(usize, Range<usize>)) {
        for y in core::mem::take(&mut self.rows) {
            let mut mark = core::mem::take(&mut self.marks[y]);
            while mark != 0 {
                let first = mark.trailing_zeros();
                let count = (mark >> first).trailing_ones();
                mark &= !(u64::MAX >> (64 - count) << first);
                let start = (first as usize) << self.shift;
                let end = ((first + count) as usize) << self.shift;
                span(y, start..end.min(self.width));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(damage: &mut Damage) -> Vec<(usize, Range<usize>)> {
        let mut spans = Vec::new();
        damage.take(|y, columns| spans.push((y, columns)));
        spans
    }

    #[test]
    fn scattered_marks_stay_apart_and_touching_ones_become_one_span() {
        let mut marks = [u64::MAX; 9];
        let mut damage = Damage::new(&mut marks, 1280);
        damage.mark(100..104, 5..6);
        damage.mark(700..704, 5..6);
        damage.mark(128..129, 5..6);
        damage.mark(1279..1280, 2..4);
        assert_eq!(
            spans(&mut damage),
            [
                (2, 1248..1280),
                (3, 1248..1280),
                (5, 96..160),
                (5, 672..704)
            ]
        );
        assert!(damage.is_empty());
        assert_eq!(spans(&mut damage), []);
    }

    #[test]
    fn every_width_is_covered_to_its_last_pixel() {
        for width in [1, 63, 64, 65, 800, 1920, 3840, 5000] {
            let mut marks = [0];
            let mut damage = Damage::new(&mut marks, width);
            damage.mark(0..width, 0..1);
            assert_eq!(spans(&mut damage), [(0, 0..width)]);
            damage.mark(width - 1..width, 0..1);
            let (_, last) = &spans(&mut damage)[0];
            assert!(
                last.end == width && last.len() <= width.div_ceil(32),
                "{last:?}"
            );
        }
    }

    #[test]
    fn nothing_marks_nothing() {
        let mut marks = [0; 4];
        let mut damage = Damage::new(&mut marks, 100);
        damage.mark(5..5, 0..4);
        damage.mark(0..9, 2..2);
        assert!(damage.is_empty());
    }
}
