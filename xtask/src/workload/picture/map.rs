//! The map of one strategy, with the line of its name above and the point of failure below.
//!
//! A block is as high as it is long, and as wide as it lives. The blocks of a long workload are
//! drawn as a grid of cells: a cell is the darker, the more of its part of the arena is in live
//! blocks.

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;
use memviz::graphics::surface::Surface;
use memviz::widgets::shapes::rectangle;

use super::data::HeapMap;
use super::style::{LINE, THEME, names, used, warnings, words};
use crate::numbers::grouped;

/// More blocks than this number are drawn as cells.
const MOST_BLOCKS: usize = 4000;
/// The pixels of a cell.
const CELL: u32 = 2;
const SHADES: u64 = 8;
/// The distance of the name from the utilisation.
const GAP: u32 = 8;
/// Neighbours differ.
const BLOCK_SHADES: [u64; 3] = [8, 6, 4];

/// A map and its place.
pub struct Map<'m> {
    pub map: &'m HeapMap,
    /// The requests across.
    pub requests: usize,
    /// The addresses up.
    pub bytes: u64,
    pub cell: Rectangle,
}

impl Map<'_> {
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let Rectangle { top_left, size } = self.cell;
        let right = top_left + Point::new(size.width as i32, 0);
        let utilisation = words().right(surface, right, &self.map.utilisation)?;
        let room = size.width.saturating_sub(utilisation.size.width);
        names().left(surface, top_left, self.name(room))?;
        let blocks = self.blocks();
        surface.fill_solid(&blocks, THEME.free)?;
        match self.map.spans.len() <= MOST_BLOCKS {
            true => self.draw_blocks(surface, blocks)?,
            false => self.draw_cells(surface, blocks)?,
        }
        let below = Point::new(
            top_left.x,
            blocks.top_left.y + blocks.size.height as i32 + 2,
        );
        match self.map.first_failure {
            0 => words().left(surface, below, "no request refused")?,
            number => {
                let x = self.x(number - 1);
                let line = rectangle(
                    blocks.top_left.x + x - 1,
                    blocks.top_left.y,
                    3,
                    blocks.size.height,
                );
                surface.fill_solid(&line, THEME.warning)?;
                let words = format!("request {} refused", grouped(number as u64));
                warnings().left(surface, below, words)?
            }
        };
        Ok(())
    }

    /// Returns the name of the strategy: in text, or as on command lines if the room is too small.
    fn name(&self, room: u32) -> &'static str {
        let strategy = self.map.strategy;
        let words = short(strategy.words());
        let is_short = names().width(words) + GAP < room;
        if is_short { words } else { strategy.key() }
    }

    /// Returns the rectangle of the blocks.
    fn blocks(&self) -> Rectangle {
        let Rectangle { top_left, size } = self.cell;
        let height = size.height.saturating_sub(2 * LINE as u32 + 10);
        Rectangle::new(
            top_left + Point::new(0, LINE),
            Size::new(size.width, height),
        )
    }

    /// Returns where a request stands across the map.
    fn x(&self, request: usize) -> i32 {
        let width = self.cell.size.width as usize;
        (request * width / self.requests.max(1)) as i32
    }

    fn draw_blocks<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let bottom = area.top_left.y + area.size.height as i32;
        let height = u64::from(area.size.height);
        let up = |bytes: u64| (bytes * height / self.bytes.max(1)) as i32;
        for span in &self.map.spans {
            let (left, right) = (self.x(span.begin), self.x(span.end));
            let (low, high) = (up(span.offset), up(span.offset + span.bytes));
            // A line of the ground between neighbours, if there is room for it.
            let line = |from: i32, to: i32| if to - from > 4 { 1 } else { 0 };
            let width = (right - left - line(left, right)).max(1) as u32;
            let high = high.max(low + 1);
            let top = bottom - high + line(low, high);
            let block = rectangle(
                area.top_left.x + left,
                top,
                width,
                (bottom - low - top) as u32,
            );
            let shade = BLOCK_SHADES[span.block % BLOCK_SHADES.len()];
            surface.fill_solid(&block.intersection(&area), shaded(shade))?;
        }
        Ok(())
    }

    fn draw_cells<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (columns, rows) = (area.size.width / CELL, area.size.height / CELL);
        let grid = self.grid(columns as usize, rows as usize);
        for (row, cells) in (0..).zip(grid.chunks(columns as usize)) {
            let mut column = 0;
            for run in cells.chunk_by(|one, other| one == other) {
                let width = run.len() as u32;
                if run[0] > 0 {
                    let at = Point::new((column * CELL) as i32, ((rows - 1 - row) * CELL) as i32);
                    let size = Size::new(width * CELL, CELL);
                    let cells = Rectangle::new(area.top_left + at, size);
                    surface.fill_solid(&cells, shaded(run[0]))?;
                }
                column += width;
            }
        }
        Ok(())
    }

    /// Returns the shade of each cell, by rows from address 0 on: the share of its bytes in live
    /// blocks at the request in the middle of its column.
    fn grid(&self, columns: usize, rows: usize) -> Vec<u64> {
        let row_bytes = self.bytes.div_ceil(rows as u64).max(1);
        // The first column whose request is not before this one.
        let column = |request: usize| {
            let columns_before = (2 * request * columns).div_ceil(self.requests.max(1));
            (columns_before / 2).min(columns)
        };
        let mut live = vec![0; rows * columns];
        for span in &self.map.spans {
            let (begin, end) = (column(span.begin), column(span.end));
            let block_end = (span.offset + span.bytes).min(row_bytes * rows as u64);
            let mut at = span.offset;
            while at < block_end && begin < end {
                let row = at / row_bytes;
                let next = ((row + 1) * row_bytes).min(block_end);
                for cell in &mut live[row as usize * columns..][begin..end] {
                    *cell += next - at;
                }
                at = next;
            }
        }
        let shade = |bytes: u64| (bytes * SHADES).div_ceil(row_bytes);
        live.into_iter().map(shade).collect()
    }
}

/// Returns the name of a strategy without its family.
pub fn short(words: &'static str) -> &'static str {
    words.strip_prefix("free list, ").unwrap_or(words)
}

/// Returns the colour of a cell of which this many parts in [`SHADES`] are in live blocks.
fn shaded(shade: u64) -> Rgb888 {
    let mix = |from: u8, to: u8| {
        let (from, to) = (u64::from(from), u64::from(to));
        ((from * (SHADES - shade) + to * shade) / SHADES) as u8
    };
    let (free, used) = (THEME.free, used());
    Rgb888::new(
        mix(free.r(), used.r()),
        mix(free.g(), used.g()),
        mix(free.b(), used.b()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::spans::Span;
    use mm::heap::strategy::Strategy;

    #[test]
    fn the_name_of_a_strategy_fits_beside_its_utilisation_in_four_columns() {
        for &strategy in Strategy::SHIPPED {
            let map = HeapMap {
                strategy,
                utilisation: "99.9 %".into(),
                spans: vec![],
                first_failure: 0,
                difference: None,
            };
            let map = Map {
                map: &map,
                requests: 1,
                bytes: 1,
                cell: Rectangle::zero(),
            };
            let room = 332 - words().width("99.9 %");
            let name = map.name(room);
            assert!(names().width(name) <= room, "{name}: {room}");
        }
    }

    #[test]
    fn a_cell_shows_the_share_of_its_bytes() {
        let span = |offset, bytes, begin, end| Span {
            block: 0,
            offset,
            bytes,
            begin,
            end,
        };
        let map = HeapMap {
            strategy: Strategy::FirstFit,
            utilisation: String::new(),
            spans: vec![span(50, 100, 0, 120), span(150, 50, 120, 240)],
            first_failure: 0,
            difference: None,
        };
        let map = Map {
            map: &map,
            requests: 240,
            bytes: 12_000,
            cell: Rectangle::zero(),
        };
        let grid = map.grid(240, 120);
        // Half of the first row of 100 B at first; half of the second one at all times.
        assert_eq!([grid[0], grid[119], grid[120]], [4, 4, 0]);
        assert_eq!([grid[240], grid[240 + 239]], [4, 4]);
        assert_eq!(grid[2 * 240..].iter().sum::<u64>(), 0);
    }
}
