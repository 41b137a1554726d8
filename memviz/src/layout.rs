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
//! | faults                       | statistics       |   bottom row: 13 lines, 15 on a tall screen
//! +------------------------------+------------------+
//! | timeline                                        |   1 to 2 lines
//! | caption                                         |   2 to 3 lines
//! +-------------------------------------------------+
//! ```
//! For a projector there is less, and it is larger: text is at least 3 % of the picture's height. Everything is as wide as the
//! screen: the header, the frame map with the faults below it or one of the other panels alone, and a caption of several lines.
//!
//! Text grows with the screen, at least 45 lines and 128 characters of it always fit but for a projector, so the picture is
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

/// What a projector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Companion {
    /// The frame map, and the page faults below it.
    #[default]
    Faults,
    /// The buddy heap.
    Heap,
    /// Frames in numbers.
    Statistics,
    /// The memory map.
    Regions,
}

impl Companion {
    /// The next one, and after the last one the first.
    pub fn next(self) -> Companion {
        match self {
            Companion::Faults => Companion::Heap,
            Companion::Heap => Companion::Statistics,
            Companion::Statistics => Companion::Regions,
            Companion::Regions => Companion::Faults,
        }
    }
}

/// The rectangles of a screen. A panel that is not shown has an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the picture")]
pub struct Layout {
    pub header: Rectangle,
    pub frame_map: Rectangle,
    pub regions: Rectangle,
    pub heap: Rectangle,
    pub faults: Rectangle,
    pub statistics: Rectangle,
    pub timeline: Rectangle,
    pub caption: Rectangle,
    /// The text height that suits the screen, in pixels: see [`Font::fitting`].
    pub text: u32,
    /// What stands below the frame map for a projector; nothing on any other screen.
    pub companion: Option<Companion>,
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

        // Most screens are low, measured in lines of text: their panels are, too.
        let is_low = screen.height < 52 * cell.height;
        let (bottom, regions) = if is_low { (27, 22) } else { (31, 23) };

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
        let timeline_start = caption_start - lines(3);
        let bottom_start = timeline_start - gap - lines(bottom);
        let top_start = header_end + gap;
        let top_end = bottom_start - gap;
        let regions_end = top_start + lines(regions);

        Some(Layout {
            header: span(0, 0, screen.width, header_end),
            frame_map: span(left, top_start, split - gap, top_end),
            regions: span(split, top_start, right, regions_end),
            heap: span(split, regions_end + gap, right, top_end),
            faults: span(left, bottom_start, split - gap, timeline_start - gap),
            statistics: span(split, bottom_start, right, timeline_start - gap),
            timeline: span(0, timeline_start, screen.width, caption_start),
            caption: span(0, caption_start, screen.width, screen.height),
            text: cell.height,
            companion: None,
        })
    }

    /// The same for a projector.
    pub fn projector(screen: Size, companion: Companion) -> Option<Layout> {
        if screen.width < SMALLEST.width || screen.height < SMALLEST.height {
            return None;
        }
        let cell = Font::covering(Weight::Regular, (screen.height * 3).div_ceil(100)).cell();
        let gap = snap_down(cell.width).max(GRID);
        let (left, right) = (gap, snap_down(screen.width - gap));
        let header_end = snap(2 * cell.height);
        let caption_start = snap_down(screen.height - 9 * cell.width);
        let start = header_end + gap;
        let timeline_start = caption_start - snap(cell.height * 3 / 2);
        let end = timeline_start - gap;
        let faults_start = snap(end - 8 * cell.height);
        let all = span(left, start, right, end);
        let place = |panel| match panel == companion {
            true => all,
            false => Rectangle::zero(),
        };
        let (frame_map, faults) = match companion {
            Companion::Faults => (
                span(left, start, right, faults_start - gap),
                span(left, faults_start, right, end),
            ),
            _ => (Rectangle::zero(), Rectangle::zero()),
        };
        Some(Layout {
            header: span(0, 0, screen.width, header_end),
            frame_map,
            regions: place(Companion::Regions),
            heap: place(Companion::Heap),
            faults,
            statistics: place(Companion::Statistics),
            timeline: span(0, timeline_start, screen.width, caption_start),
            caption: span(0, caption_start, screen.width, screen.height),
            text: cell.height,
            companion: Some(companion),
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
        if self.companion.is_some() {
            let panels = [self.regions, self.heap, self.statistics, self.faults];
            let shown = panels.iter().find(|panel| !panel.is_zero_sized());
            let below = shown.unwrap_or(&self.frame_map);
            let above = match self.frame_map.is_zero_sized() {
                true => below,
                false => &self.frame_map,
            };
            let between = match above == below {
                true => Rectangle::zero(),
                false => band(above, below),
            };
            let column = |from, to| span(from, top(above), to, bottom(below));
            let nothing = Rectangle::zero();
            return [
                band(&self.header, above),
                between,
                band(below, &self.timeline),
                column(0, left(below)),
                column(right(below), screen.width),
                nothing,
                nothing,
            ]
            .into_iter();
        }
        let column = |from, to| span(from, top(&self.frame_map), to, bottom(&self.faults));
        [
            band(&self.header, &self.frame_map),
            band(&self.frame_map, &self.faults),
            band(&self.faults, &self.timeline),
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
    pub fn panels(&self) -> [Rectangle; 8] {
        [
            self.header,
            self.frame_map,
            self.regions,
            self.heap,
            self.faults,
            self.statistics,
            self.timeline,
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
        fn panels_keep_apart_and_on_the_grid(width in 800u32..=3840, height in 600u32..=2160, turns in 0usize..5) {
            let screen = Rectangle::new(Point::zero(), Size::new(width, height));
            let layout = match turns {
                0 => Layout::new(screen.size).unwrap(),
                _ => Layout::projector(screen.size, companion(turns)).unwrap(),
            };
            let mut painted = 0;
            let area = |panel: &Rectangle| u64::from(panel.size.width) * u64::from(panel.size.height);
            for panel in layout.panels().iter().copied().chain(layout.gaps(screen.size)) {
                painted += area(&panel);
            }
            prop_assert!(painted >= area(&screen), "something is never painted");
            for (at, panel) in layout.panels().iter().enumerate() {
                if panel.is_zero_sized() {
                    continue;
                }
                prop_assert!(panel.size.width >= 100 && panel.size.height >= 24, "{panel:?}");
                prop_assert_eq!(screen.intersection(panel), *panel);
                prop_assert_eq!((panel.top_left.x % 8, panel.top_left.y % 8), (0, 0));
                for other in layout.panels()[at + 1..].iter().copied().chain(layout.gaps(screen.size)) {
                    prop_assert!(panel.intersection(&other).is_zero_sized());
                }
            }
        }
    }

    /// The one after so many turns.
    fn companion(turns: usize) -> Companion {
        (0..turns).fold(Companion::default(), |companion, _| companion.next())
    }

    #[test]
    fn a_projector_s_text_is_three_hundredths_of_the_height() {
        for height in 600..=2160 {
            let layout = Layout::projector(Size::new(3840, height), Companion::Heap).unwrap();
            assert!(layout.text * 100 >= 3 * height, "{height}: {}", layout.text);
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
