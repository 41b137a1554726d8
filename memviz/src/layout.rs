//! Where the panels stand, from 800×600 to 3840×2160, on a grid of 8 pixels.
//!
//! ```text
//! +-------------------------------------------------+   header: 2 lines of text
//! | header                                          |
//! +------------------------------+------------------+
//! | frame map                    | regions          |   right column: 49 characters or more
//! |                              +------------------+
//! |                              | heap             |
//! +------------------------------+------------------+
//! | faults                       | statistics       |   bottom row: 15 lines
//! +------------------------------+------------------+
//! | caption                                         |   2 to 3 lines
//! +-------------------------------------------------+
//! ```
//! Text grows with the screen, at least 45 lines and 128 characters of it always fit, so the picture is
//! the same at every resolution. Invariants: panels lie inside the screen, do not touch each other, and their edges
//! are multiples of 8.

use crate::font::{Font, Weight};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The smallest screen that the dashboard can be drawn on.
pub const SMALLEST: Size = Size::new(800, 600);
/// Text cells beside the cells of the frame map: an address of up to 64 GiB and a space.
pub const MAP_LABEL: u32 = 10;
/// Text cells of the right column, at least.
const RIGHT_COLUMN: u32 = 49;
/// Edges of panels are multiples of this.
const GRID: u32 = 8;

/// The rectangles of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the picture")]
pub struct Layout {
    pub header: Rectangle,
    pub frame_map: Rectangle,
    pub regions: Rectangle,
    pub heap: Rectangle,
    pub faults: Rectangle,
    pub statistics: Rectangle,
    pub caption: Rectangle,
    /// The text height that suits the screen, in pixels: see [`Font::fitting`].
    pub text: u32,
}

impl Layout {
    /// For a screen of this size; nothing for one that is smaller than [`SMALLEST`].
    pub fn new(screen: Size) -> Option<Layout> {
        if screen.width < SMALLEST.width || screen.height < SMALLEST.height {
            return None;
        }
        let limit = (screen.height / 45).min(screen.width / 64);
        let cell = Font::fitting(Weight::Regular, limit).cell();
        let lines = |count: u32| snap(count * cell.height / 2);

        let unit = cell.width;
        let gap = snap_down(unit).max(GRID);
        let left = gap;
        let right = snap_down(screen.width - gap);
        // Rows of the map have a power of two of cells: 128 of them, or 256 where each can have three pixels. The rest goes to
        // the right column.
        let beside_cells = (MAP_LABEL + 2) * unit;
        let room = right - left - gap - RIGHT_COLUMN * unit - beside_cells;
        let columns = if room >= 3 * 256 { 256 } else { 128 };
        let split = right.min(snap(left + gap + beside_cells + room / columns * columns));
        let header_end = lines(4);
        let caption_start = snap_down(screen.height - lines(5));
        let bottom_start = caption_start - gap - lines(31);
        let top_start = header_end + gap;
        let top_end = bottom_start - gap;
        let regions_end = top_start + lines(23);

        Some(Layout {
            header: span(0, 0, screen.width, header_end),
            frame_map: span(left, top_start, split - gap, top_end),
            regions: span(split, top_start, right, regions_end),
            heap: span(split, regions_end + gap, right, top_end),
            faults: span(left, bottom_start, split - gap, caption_start - gap),
            statistics: span(split, bottom_start, right, caption_start - gap),
            caption: span(0, caption_start, screen.width, screen.height),
            text: cell.height,
        })
    }

    /// What is between the panels, on a screen of this size: bands from the left to the right edge, and the columns
    /// between them.
    pub fn gaps(&self, screen: Size) -> impl Iterator<Item = Rectangle> {
        let left = |panel: &Rectangle| panel.top_left.x as u32;
        let top = |panel: &Rectangle| panel.top_left.y as u32;
        let right = |panel: &Rectangle| left(panel) + panel.size.width;
        let bottom = |panel: &Rectangle| top(panel) + panel.size.height;
        let band =
            |above: &Rectangle, below: &Rectangle| span(0, bottom(above), screen.width, top(below));
        let column = |from, to| span(from, top(&self.frame_map), to, bottom(&self.faults));
        [
            band(&self.header, &self.frame_map),
            band(&self.frame_map, &self.faults),
            band(&self.faults, &self.caption),
            column(0, left(&self.frame_map)),
            column(right(&self.frame_map), left(&self.regions)),
            column(right(&self.regions), screen.width),
            span(
                left(&self.regions),
                bottom(&self.regions),
                right(&self.regions),
                top(&self.heap),
            ),
        ]
        .into_iter()
    }

    /// Everything but the header.
    pub fn below_header(&self) -> Rectangle {
        let top = self.header.size.height;
        let end = self.caption.top_left + self.caption.size;
        span(0, top, end.x as u32, end.y as u32)
    }

    /// All panels.
    pub fn panels(&self) -> [Rectangle; 7] {
        [
            self.header,
            self.frame_map,
            self.regions,
            self.heap,
            self.faults,
            self.statistics,
            self.caption,
        ]
    }
}

/// From the left and upper edge up to the right and lower one.
fn span(left: u32, top: u32, right: u32, bottom: u32) -> Rectangle {
    Rectangle::new(
        Point::new(left as i32, top as i32),
        Size::new(right - left, bottom - top),
    )
}

/// The next multiple of the grid.
fn snap(pixels: u32) -> u32 {
    pixels.next_multiple_of(GRID)
}

fn snap_down(pixels: u32) -> u32 {
    pixels / GRID * GRID
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn panels_keep_apart_and_on_the_grid(width in 800u32..=3840, height in 600u32..=2160) {
            let layout = Layout::new(Size::new(width, height)).unwrap();
            let screen = Rectangle::new(Point::zero(), Size::new(width, height));
            for (at, panel) in layout.panels().iter().enumerate() {
                prop_assert!(panel.size.width >= 100 && panel.size.height >= 24, "{panel:?}");
                prop_assert_eq!(screen.intersection(panel), *panel);
                prop_assert_eq!((panel.top_left.x % 8, panel.top_left.y % 8), (0, 0));
                for other in layout.panels()[at + 1..].iter().copied().chain(layout.gaps(screen.size)) {
                    prop_assert!(panel.intersection(&other).is_zero_sized());
                }
            }
        }
    }

    #[test]
    fn a_small_screen_is_refused() {
        assert_eq!(Layout::new(Size::new(799, 600)), None);
        assert_eq!(Layout::new(Size::new(640, 480)), None);
    }

    #[test]
    fn text_grows_with_the_screen() {
        let sizes = [(800, 600), (1280, 800), (1920, 1080), (3840, 2160)];
        let text = sizes.map(|(width, height)| Layout::new(Size::new(width, height)).unwrap().text);
        assert_eq!(text, [12, 16, 24, 48]);
    }
}
