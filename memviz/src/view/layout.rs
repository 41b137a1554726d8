//! The rectangles of the panels on screens from 800×600 to 3840×2160, on a grid of 8 pixels.
//!
//! ```text
//! +-------------------------------------------------+
//! | header                                          |   5 % of the height
//! +------------------------------+------------------+
//! | 0 main                       | 1                |   right column: 49 characters or more
//! |                              +------------------+
//! |                              | 2                |
//! +------------------------------+------------------+
//! | 3 below                      | 4 corner         |   bottom row: 12 lines, 15 on a tall screen
//! +------------------------------+------------------+
//! | caption                                         |   10 % of the height
//! | state                                           |   3 %
//! | timeline                                        |   3 %
//! +-------------------------------------------------+
//! ```
//! The overview has one row of panels below the main one: see [`overview`]. Instead of five panels,
//! the screen can show two, one above the other, or one. A projector shows at most two, and the
//! caption is at the bottom. Its text is at least 3 % of the picture's height.
//!
//! Text grows with the screen: without a projector, 45 lines and 128 characters always fit, so the
//! picture is the same at every resolution. Invariants: panels lie inside the screen, they do not
//! touch each other, and their edges are multiples of 8.

use crate::graphics::font::{Font, Weight};
use crate::view::board::{BELOW, CORNER, SLOTS};
use crate::view::edges::{GRID, bottom, left, right, snap, snap_down, span, top};
use crate::view::overview::{self, Details};
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

/// The minimum size of the screen.
pub const SMALLEST: Size = Size::new(800, 600);
/// Text cells beside the cells of the frame map: an address of up to 64 GiB and a space.
pub const MAP_LABEL: u32 = 10;
/// The minimum width of the right column in text cells.
const RIGHT_COLUMN: u32 = 49;
/// The maximum number of gaps between the panels.
const GAPS: usize = 9;

/// The number of panels on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// All panels of a board.
    #[default]
    Five,
    /// Physical memory above a row of panels: see [`overview`].
    Overview(Details),
    /// Two panels, one above the other.
    Two,
    /// One panel.
    One,
    /// One figure above a tall caption.
    Figure,
}

/// The rectangles of a screen. A hidden panel has an empty rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the picture")]
pub struct Layout {
    pub header: Rectangle,
    /// The slots of a [board](crate::view::board). Two panels have the first slot and [`BELOW`]; a
    /// single panel has the first.
    pub slots: [Rectangle; SLOTS],
    pub timeline: Rectangle,
    pub caption: Rectangle,
    /// The line of the state of the picture.
    pub state: Rectangle,
    /// The text height that suits the screen, in pixels: see [`Font::fitting`].
    pub text: u32,
    pub arrangement: Arrangement,
}

impl Layout {
    /// Lays out a screen, for a projector or not. Returns `None` for a screen smaller than
    /// [`SMALLEST`]. A projector shows at most two panels.
    pub fn new(screen: Size, arrangement: Arrangement, projector: bool) -> Option<Layout> {
        if screen.width < SMALLEST.width || screen.height < SMALLEST.height {
            return None;
        }
        if arrangement == Arrangement::Figure {
            return Some(Layout::around_figure(screen, projector));
        }
        let arrangement = match arrangement {
            Arrangement::Five | Arrangement::Overview(_) if projector => Arrangement::Two,
            other => other,
        };
        let edges = match projector {
            true => Edges::projector(screen),
            false => Edges::new(screen),
        };
        let Edges {
            text,
            gap,
            left,
            right,
            top,
            end,
            ..
        } = edges;
        let slots = match arrangement {
            Arrangement::Five => edges.five(screen),
            Arrangement::Overview(details) => overview::slots(screen, top..end, gap, details),
            Arrangement::Two => {
                // On a projector: a title, the header of a table, three rows.
                let half_lines = if projector { 15 } else { 27 };
                let below = snap_down(end - half_lines * text / 2);
                let mut slots = [Rectangle::zero(); SLOTS];
                slots[0] = span(left, top, right, below - gap);
                slots[BELOW] = span(left, below, right, end);
                slots
            }
            Arrangement::One | Arrangement::Figure => {
                let mut slots = [Rectangle::zero(); SLOTS];
                slots[0] = span(left, top, right, end);
                slots
            }
        };
        Some(Layout {
            header: span(0, 0, screen.width, top - gap),
            slots,
            timeline: edges.timeline,
            caption: edges.caption,
            state: edges.state,
            text,
            arrangement,
        })
    }

    /// Lays out a figure: at least 65 % of the screen, on a projector at least 55 %.
    fn around_figure(screen: Size, projector: bool) -> Layout {
        let Size { width, height } = screen;
        let at = |thousandths: u32| snap_down(height * thousandths / 1000);
        let limit = (height / 45).min(width / 64);
        let text = match projector {
            true => (height * 3).div_ceil(100),
            false => limit,
        };
        let text = match projector {
            true => Font::covering(Weight::Regular, text).cell().height,
            false => Font::fitting(Weight::Regular, text).cell().height,
        };
        let margin = snap_down(width / 80).max(GRID);
        let (top, end, below, state, timeline) = match projector {
            true => (GRID, at(630), at(645), height - GRID, height - GRID),
            false => (at(52).max(32), at(772), at(782), at(942), at(970)),
        };
        let mut slots = [Rectangle::zero(); SLOTS];
        slots[0] = span(margin, top, width - margin, end);
        Layout {
            header: span(0, 0, width, top - GRID),
            slots,
            timeline: span(0, timeline, width, height),
            caption: span(0, below - GRID / 2, width, state - GRID / 2),
            state: span(0, state, width, timeline),
            text,
            arrangement: Arrangement::Figure,
        }
    }

    /// Returns the gaps between the panels: bands from the left to the right edge of the screen,
    /// and the columns between them.
    pub fn gaps(&self, screen: Size) -> [Rectangle; GAPS] {
        let mut gaps = [Rectangle::zero(); GAPS];
        match self.arrangement {
            // The bars paint themselves.
            Arrangement::Figure => gaps[0] = span(0, 0, screen.width, screen.height),
            Arrangement::Overview(_) => {
                let row = self.bottom_row();
                gaps[0] = span(0, bottom(&self.header), screen.width, top(&self.slots[0]));
                gaps[1] = span(0, bottom(&row), screen.width, top(&self.caption));
                gaps[2] = span(0, bottom(&self.caption), screen.width, top(&self.state));
                gaps[3..].copy_from_slice(&overview::gaps(screen, &self.slots, row));
            }
            _ => self.gaps_of_board(screen, &mut gaps),
        }
        gaps
    }

    fn gaps_of_board(&self, screen: Size, gaps: &mut [Rectangle; GAPS]) {
        let [main, second, third, below, _] = &self.slots;
        let band =
            |above: &Rectangle, below: &Rectangle| span(0, bottom(above), screen.width, top(below));
        let last = match self.arrangement {
            Arrangement::One => main,
            _ => below,
        };
        let column = |from, to| span(from, top(main), to, bottom(last));
        gaps[0] = band(&self.header, main);
        if top(&self.caption) < top(&self.timeline) {
            gaps[1] = band(last, &self.caption);
            gaps[7] = band(&self.caption, &self.state);
        } else {
            gaps[1] = band(last, &self.timeline);
        }
        gaps[2] = column(0, left(main));
        if self.arrangement != Arrangement::One {
            gaps[3] = band(main, below);
        }
        if self.arrangement == Arrangement::Five {
            gaps[4] = column(right(main), left(second));
            gaps[5] = column(right(second), screen.width);
            gaps[6] = span(left(second), bottom(second), right(second), top(third));
        } else {
            gaps[4] = column(right(main), screen.width);
        }
    }

    /// Returns the bottom row of panels.
    pub fn bottom_row(&self) -> Rectangle {
        let (first, last) = match self.arrangement {
            Arrangement::Five => (&self.slots[BELOW], &self.slots[CORNER]),
            Arrangement::Overview(_) => (&self.slots[1], &self.slots[CORNER]),
            Arrangement::One | Arrangement::Two | Arrangement::Figure => {
                (&self.slots[BELOW], &self.slots[BELOW])
            }
        };
        span(left(first), top(first), right(last), bottom(last))
    }

    /// Returns the screen without the header.
    pub fn below_header(&self) -> Rectangle {
        let top = self.header.size.height;
        let end = bottom(&self.timeline).max(bottom(&self.caption));
        span(0, top, self.header.size.width, end)
    }

    /// Returns the rectangles of all panels, header, timeline, caption and state; empty for a
    /// hidden panel.
    pub fn panels(&self) -> [Rectangle; SLOTS + 4] {
        let [main, second, third, below, corner] = self.slots;
        let (header, timeline, caption) = (self.header, self.timeline, self.caption);
        [
            header, main, second, third, below, corner, timeline, caption, self.state,
        ]
    }
}

/// The edges that the panels share, in pixels.
struct Edges {
    text: u32,
    unit: u32,
    gap: u32,
    left: u32,
    right: u32,
    /// The top of the panels, below the header and a gap.
    top: u32,
    /// The bottom of the panels.
    end: u32,
    caption: Rectangle,
    state: Rectangle,
    timeline: Rectangle,
}

impl Edges {
    fn new(screen: Size) -> Edges {
        let Size { width, height } = screen;
        let limit = (height / 45).min(width / 64);
        let cell = Font::fitting(Weight::Regular, limit).cell();
        let gap = snap_down(cell.width).max(GRID);
        let at = |thousandths: u32| snap_down(height * thousandths / 1000);
        let (caption, state, timeline) = (at(850), at(942), at(970));
        Edges {
            text: cell.height,
            unit: cell.width,
            gap,
            left: gap,
            right: snap_down(width - gap),
            top: at(52).max(snap(2 * cell.height) + gap),
            end: caption - gap,
            caption: span(0, caption, width, state - GRID),
            state: span(0, state, width, timeline),
            timeline: span(0, timeline, width, height),
        }
    }

    fn projector(screen: Size) -> Edges {
        let Size { width, height } = screen;
        let cell = Font::covering(Weight::Regular, (height * 3).div_ceil(100)).cell();
        let gap = snap_down(cell.width).max(GRID);
        let caption = snap_down(height - 9 * cell.width);
        let bottom = caption - snap(cell.height * 3 / 2);
        let middle = snap(width / 2);
        Edges {
            text: cell.height,
            unit: cell.width,
            gap,
            left: gap,
            right: snap_down(width - gap),
            top: snap(2 * cell.height) + gap,
            end: bottom - gap,
            caption: span(0, caption, width, height),
            state: span(0, bottom, middle, caption),
            timeline: span(middle, bottom, width, caption),
        }
    }

    /// Returns the five slots of a board.
    fn five(&self, screen: Size) -> [Rectangle; SLOTS] {
        let (left, right, top, gap) = (self.left, self.right, self.top, self.gap);
        let lines = |count: u32| snap(count * self.text / 2);
        // Measured in lines of text, most screens are low, and so are their panels.
        let is_low = screen.height < 52 * self.text;
        let (below, second) = if is_low { (25, 22) } else { (31, 23) };
        // A row of the map has 128 cells, or 256 if each gets three pixels. The right column gets
        // the rest.
        let beside_cells = (MAP_LABEL + 2) * self.unit;
        let room = right - left - gap - RIGHT_COLUMN * self.unit - beside_cells;
        let columns = if room >= 3 * 256 { 256 } else { 128 };
        let split = right.min(snap(left + gap + beside_cells + room / columns * columns));
        let end = self.end;
        let below = end - lines(below);
        let middle = top + lines(second);
        [
            span(left, top, split - gap, below - gap),
            span(split, top, right, middle),
            span(split, middle + gap, right, below - gap),
            span(left, below, split - gap, end),
            span(split, below, right, end),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::geometry::Point;
    use proptest::prelude::*;

    const ARRANGEMENTS: [Arrangement; 6] = [
        Arrangement::Five,
        Arrangement::Two,
        Arrangement::One,
        Arrangement::Overview(Details::Hidden),
        Arrangement::Overview(Details::Left),
        Arrangement::Overview(Details::Right),
    ];

    proptest! {
        #[test]
        fn panels_keep_apart_and_on_the_grid(width in 800u32..=3840, height in 600u32..=2160, turns in 0usize..12) {
            let screen = Rectangle::new(Point::zero(), Size::new(width, height));
            let arrangement = ARRANGEMENTS[turns % 6];
            let projector = turns >= 6;
            let layout = Layout::new(screen.size, arrangement, projector).unwrap();
            let mut painted = 0;
            let area = |panel: &Rectangle| u64::from(panel.size.width) * u64::from(panel.size.height);
            for panel in layout.panels().iter().copied().chain(layout.gaps(screen.size)) {
                painted += area(&panel);
            }
            prop_assert!(painted >= area(&screen), "a part of the screen is never painted");
            for (at, panel) in layout.panels().iter().enumerate() {
                if panel.is_zero_sized() {
                    continue;
                }
                prop_assert!(panel.size.width >= 100 && panel.size.height >= 16, "{panel:?}");
                prop_assert_eq!(screen.intersection(panel), *panel);
                prop_assert_eq!((panel.top_left.x % 8, panel.top_left.y % 8), (0, 0));
                for other in layout.panels()[at + 1..].iter().copied().chain(layout.gaps(screen.size)) {
                    prop_assert!(panel.intersection(&other).is_zero_sized());
                }
            }
        }
    }

    #[test]
    fn a_projector_s_text_is_three_hundredths_of_the_height() {
        for height in 600..=2160 {
            let layout = Layout::new(Size::new(3840, height), Arrangement::Two, true).unwrap();
            assert!(layout.text * 100 >= 3 * height, "{height}: {}", layout.text);
        }
    }

    #[test]
    fn a_small_screen_is_refused() {
        let layout =
            |width, height| Layout::new(Size::new(width, height), Arrangement::Five, false);
        assert_eq!((layout(799, 600), layout(640, 480)), (None, None));
    }

    #[test]
    fn text_grows_with_the_screen() {
        let sizes = [(800, 600), (1280, 800), (1920, 1080), (3840, 2160)];
        let text = sizes.map(|(width, height)| {
            let layout = Layout::new(Size::new(width, height), Arrangement::Five, false);
            layout.unwrap().text
        });
        assert_eq!(text, [12, 16, 24, 48]);
    }
}
