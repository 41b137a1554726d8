//! The buddy heap in a narrow panel: the blocks, and the number of live blocks of each size.
//!
//! ```text
//! ┌ Buddy heap  529 blocks in 4 of 7 MiB ┐
//! │ ▓▓▓░▓▓▓▓░░░░░░░░▓▓▓▓▓▓▓▓░░░░░░░░▓▓▓▓ │  see [`map`](super::map)
//! │ live blocks by size        □ has free │
//! │ ▇ ▅ ▇ ▇ ▅ ▃ ▁ ▁ _ _ _ _ _ _ _         │  a doubling of the number adds the same height
//! │ □ □   □                   □   □       │
//! │ 64 B         4 KiB             1 MiB  │
//! └───────────────────────────────────────┘
//! ```

use super::map::HeapMap;
use super::orders::ShortBytes;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::heap::block_bytes;
use crate::model::{Heap, HeapTotals, ORDERS};
use crate::panels::memo::Memo;
use crate::panels::panel::Scene;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets::shapes::rectangle;
use crate::widgets::{self, outline};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count};

const TITLE: &str = "Buddy heap";
/// Numbers on the screen: live and free blocks of each size, the scale, and all blocks.
const NUMBERS: usize = 2 * ORDERS + 2;

/// What is on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    map: HeapMap,
    memo: Memo<NUMBERS>,
    /// The size of the heap.
    bytes: Option<u64>,
}

impl Summary {
    /// Draws everything, or what changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        area: Rectangle,
        changes: &Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let (styles, heap) = (scene.styles, &scene.model.heap);
        let totals = heap.totals();
        let places = Places::new(styles, widgets::content(styles, area));
        let is_same = self.bytes.replace(totals.bytes) == Some(totals.bytes);
        if extent == Extent::Changed && is_same {
            self.map
                .draw_changed(surface, styles.theme, heap, &changes.heap_frames)?;
        } else {
            widgets::panel_anew(surface, styles, area, TITLE, "", "", extent)?;
            self.memo.forget();
            self.map = HeapMap::of_blocks(places.map, styles.unit(), heap.frames().len());
            self.map.draw_all(surface, styles.theme, heap)?;
            places.draw_words(surface, styles)?;
        }
        if self.memo.is_new(NUMBERS - 1, totals.live_blocks()) {
            draw_detail(surface, styles, area, heap)?;
        }
        let doublings = doublings(totals);
        let is_rescaled = self.memo.is_new(NUMBERS - 2, doublings);
        for order in 0..ORDERS {
            let is_new = self.memo.is_new(2 * order, totals.live[order]);
            if self.memo.is_new(2 * order + 1, totals.free[order]) || is_new || is_rescaled {
                places.draw_bar(surface, styles, order, totals, doublings)?;
            }
        }
        Ok(())
    }

    /// Returns the block at a point of the screen.
    pub fn block_at(&self, heap: &Heap, point: Point) -> Option<Selection> {
        self.map.block_at(heap, point)
    }
}

/// Draws the number of blocks beside the title, over the previous one.
fn draw_detail<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    heap: &Heap,
) -> Result<(), S::Error> {
    let left = widgets::title_end(styles, area, TITLE);
    let right = area.top_left.x + (area.size.width - styles.unit()) as i32;
    let words = words(styles);
    let height = words.face.line_height();
    let top = widgets::line_middle(styles, area) - height as i32 / 2;
    let rest = rectangle(left, top, (right - left).max(0) as u32, height);
    surface.fill_solid(&rest, styles.theme.panel)?;
    let detail = Detail {
        totals: *heap.totals(),
        maximum: heap.maximum_bytes(),
    };
    if !widgets::detail(surface, styles, area, TITLE, right, detail)? {
        let blocks = format_args!("{} blocks", Count(detail.totals.live_blocks()));
        widgets::detail(surface, styles, area, TITLE, right, blocks)?;
    }
    Ok(())
}

/// Formats the number of live blocks and the size of the heap.
#[derive(Clone, Copy)]
struct Detail {
    totals: HeapTotals,
    maximum: u64,
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (blocks, bytes) = (Count(self.totals.live_blocks()), self.totals.bytes);
        let (size, maximum) = (Bytes(bytes), Bytes(self.maximum));
        write!(f, "{blocks} blocks in {size} of {maximum}")
    }
}

fn words(styles: &Styles) -> LabelStyle {
    styles.words(Role::Axis, styles.theme.dim, styles.theme.panel)
}

/// The places of the parts.
struct Places {
    content: Rectangle,
    map: Rectangle,
    /// The tops of the words above the bars, of the bars, of the marks and of the sizes.
    words: i32,
    bars: i32,
    marks: i32,
    sizes: i32,
    /// The side of a mark.
    mark: u32,
}

impl Places {
    fn new(styles: &Styles, content: Rectangle) -> Places {
        let Size { width, height } = content.size;
        let line = words(styles).face.line_height();
        let (gap, mark) = (styles.scale.length(4), styles.scale.length(6));
        let fixed = 2 * line + 4 * gap + mark;
        let map = height.saturating_sub(fixed) / 2;
        let top = content.top_left.y;
        let end = top + height as i32;
        let sizes = end - line as i32;
        let marks = sizes - (mark + gap / 2) as i32;
        let words = top + (map + gap) as i32;
        Places {
            content,
            map: Rectangle::new(content.top_left, Size::new(width, map)),
            words,
            bars: words + (line + gap / 2) as i32,
            marks,
            sizes,
            mark,
        }
    }

    /// Returns the left end of the column of an order, and its width.
    fn column(&self, order: usize) -> (i32, u32) {
        let width = self.content.size.width;
        let left = |order: usize| order as u32 * width / ORDERS as u32;
        let at = self.content.top_left.x + left(order) as i32;
        (at, left(order + 1) - left(order))
    }

    /// Draws what the bars mean, and the sizes below them.
    fn draw_words<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let (style, theme) = (words(styles), styles.theme);
        let left = self.content.top_left.x;
        let right = left + self.content.size.width as i32;
        let drawn = style.left(surface, Point::new(left, self.words), "live blocks by size")?;
        let free = "has free";
        let begin = right - style.width(free) as i32;
        let mark = begin - (self.mark + styles.scale.length(4)) as i32;
        if mark > left + drawn.size.width as i32 + styles.unit() as i32 {
            style.left(surface, Point::new(begin, self.words), free)?;
            let line = style.face.line_height() as i32;
            let top = self.words + (line - self.mark as i32) / 2;
            outline(
                surface,
                rectangle(mark, top, self.mark, self.mark),
                1,
                theme.edge,
            )?;
        }
        for order in [0, ORDERS / 2 - 1, ORDERS - 1] {
            let (at, width) = self.column(order);
            let size = ShortBytes(block_bytes(order as u8));
            match order {
                0 => style.left(surface, Point::new(left, self.sizes), size)?,
                order if order + 1 == ORDERS => {
                    style.right(surface, Point::new(right, self.sizes), size)?
                }
                _ => style.centre(surface, Point::new(at + width as i32 / 2, self.sizes), size)?,
            };
        }
        Ok(())
    }

    /// Draws the bar of an order and its mark over the previous ones.
    fn draw_bar<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        order: usize,
        totals: &HeapTotals,
        doublings: u64,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let (left, width) = self.column(order);
        let high = (self.sizes - self.bars).max(0) as u32;
        surface.fill_solid(&rectangle(left, self.bars, width, high), theme.panel)?;
        let gap = (width / 5).max(1);
        let base = self.marks - styles.scale.length(3) as i32;
        surface.fill_solid(&rectangle(left, base, width, 1), theme.edge)?;
        let (live, free) = (totals.live[order], totals.free[order]);
        let style = words(styles);
        let line = style.face.line_height() as i32;
        let room = (base - self.bars - line).max(1) as u32;
        let height = bar_height(live, doublings, room);
        let bar = rectangle(
            left + gap as i32 / 2,
            base - height as i32,
            width - gap,
            height,
        );
        surface.fill_solid(&bar, theme.used)?;
        // Words of the whole width: a column erases nothing outside of it.
        if live > 0 && style.width(Count(live)) < width {
            let at = Point::new(left + width as i32 / 2, base - height as i32 - line);
            style.centre(surface, at, Count(live))?;
        }
        if free > 0 {
            let side = self.mark.min(width - gap);
            let spare = (width - side) / 2;
            let mark = rectangle(left + spare as i32, self.marks, side, self.mark);
            outline(surface, mark, 1, theme.edge)?;
        }
        Ok(())
    }
}

/// Returns the doublings from one block to the highest bar, at least three.
fn doublings(totals: &HeapTotals) -> u64 {
    let most = totals.live.iter().max().copied().unwrap_or(0);
    u64::from((most + 1).next_power_of_two().ilog2()).max(3)
}

/// Returns the pixels for a number of blocks, if so many doublings fill the room.
fn bar_height(blocks: u64, doublings: u64, room: u32) -> u32 {
    const PARTS: u64 = 1 << 8;
    let blocks = blocks + 1;
    let power = blocks.ilog2();
    // Between two powers of two the logarithm is a straight line.
    let rest = ((blocks - (1 << power)) * PARTS) >> power;
    let parts = u64::from(power) * PARTS + rest;
    let height = parts * u64::from(room) / (doublings * PARTS);
    (height as u32).min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubling_adds_the_same_height() {
        let heights = [0, 1, 3, 7, 1023, 5000].map(|blocks| bar_height(blocks, 10, 100));
        assert_eq!(heights, [0, 10, 20, 30, 100, 100]);
        let heights = (0..2000).map(|blocks| bar_height(blocks, 11, 100));
        assert!(heights.is_sorted());
    }

    #[test]
    fn the_highest_bar_fits() {
        for most in [0, 1, 7, 8, 100, 5000] {
            let mut totals = HeapTotals::default();
            totals.live[3] = most;
            let doublings = doublings(&totals);
            assert!(
                most < 1 << doublings,
                "{most} blocks, {doublings} doublings"
            );
        }
    }
}
