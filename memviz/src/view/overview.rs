//! The rectangles of the overview: physical memory, and four panels in a row below it.
//!
//! ```text
//! +--------------------------------------------------+
//! | 0 physical memory                                |
//! |                                                  |
//! +------------+------------+---------------+--------+
//! | 1          | 2          | 3             | 4      |   23 % of the height
//! +------------+------------+---------------+--------+
//! | details of a selection  |               |        |   [`Details::Left`]
//! |            |            | details of a selection |   [`Details::Right`]
//! +------------+------------+---------------+--------+
//! ```
//! The details of a selection need more room than a panel of the row. They cover the half of the
//! row that the selection is not in.

use crate::view::board::{BELOW, CORNER, SLOTS};
use crate::view::edges::{GRID, bottom, left, right, snap, snap_down, span, top};
use core::ops::Range;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

/// The share of each panel in the width of the row.
const SHARES: [u32; SLOTS - 1] = [272, 272, 432, 236];
/// The gaps beside the panels.
const GAPS: usize = 6;

/// The place of the details of a selection in the row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Details {
    /// Nothing is selected.
    #[default]
    Hidden,
    /// In place of the first two panels, in slot 1.
    Left,
    /// In place of the last two panels, in the corner.
    Right,
}

/// Returns the slots between these edges. A covered panel has an empty rectangle.
pub fn slots(screen: Size, rows: Range<u32>, gap: u32, details: Details) -> [Rectangle; SLOTS] {
    let margin = snap_down(screen.width / 80).max(GRID);
    let (begin, end) = (margin, snap_down(screen.width - margin));
    let below = rows.end - snap(screen.height * 23 / 100);
    let mut slots = [Rectangle::zero(); SLOTS];
    slots[0] = span(begin, rows.start, end, below - gap);
    let room = end - begin - (SHARES.len() as u32 - 1) * gap;
    let all: u32 = SHARES.iter().sum();
    let (mut from, mut shares) = (begin, 0);
    for (number, slot) in (0..).zip(&mut slots[1..]) {
        shares += SHARES[number as usize];
        let to = begin + snap_down(room * shares / all) + number * gap;
        *slot = span(from, below, to, rows.end);
        from = to + gap;
    }
    match details {
        Details::Hidden => {}
        Details::Left => {
            slots[1] = span(begin, below, right(&slots[2]), rows.end);
            slots[2] = Rectangle::zero();
        }
        Details::Right => {
            slots[CORNER] = span(left(&slots[BELOW]), below, end, rows.end);
            slots[BELOW] = Rectangle::zero();
        }
    }
    slots
}

/// Returns the gaps beside and between the panels. `row` is the row below physical memory.
pub fn gaps(screen: Size, slots: &[Rectangle; SLOTS], row: Rectangle) -> [Rectangle; GAPS] {
    let main = &slots[0];
    let mut gaps = [Rectangle::zero(); GAPS];
    gaps[0] = span(0, top(main), left(main), bottom(&row));
    gaps[1] = span(right(main), top(main), screen.width, bottom(&row));
    gaps[2] = span(left(main), bottom(main), right(main), top(&row));
    let shown = slots[1..].iter().filter(|slot| !slot.is_zero_sized());
    for (gap, (before, after)) in gaps[3..].iter_mut().zip(shown.clone().zip(shown.skip(1))) {
        *gap = span(right(before), top(&row), left(after), bottom(&row));
    }
    gaps
}
